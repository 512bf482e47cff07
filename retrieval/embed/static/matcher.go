package static

import (
	"cmp"
	"slices"
)

// maxMatched bounds the question's tokens that are compared, the weightiest, so
// that a very long question costs no more than a long one.
const maxMatched = 24

// Matcher prepares a question for being compared with dozens of short texts, and
// returns what MaxSim gives for each, exactly: from 0 to 1, and 0 where one of
// the two has no known token. The function keeps what it computes for the next
// text, so it is for one question and one goroutine.
func (e *Embedder) Matcher(question string) func(text string) float64 {
	asked := e.Tokens(question)
	slices.SortStableFunc(asked, func(a, b Token) int { return cmp.Compare(b.Weight, a.Weight) })
	asked = asked[:min(maxMatched, len(asked))]
	total := float32(0)
	for _, a := range asked {
		total += a.Weight
	}
	g := sharedGeometry()
	known := map[int][]float32{} // cosines with the question's tokens, by token
	best := make([]float32, len(asked))
	return func(text string) float64 {
		if total <= 0 {
			return 0
		}
		clear(best)
		e.table.tokens(text, func(id int) {
			cosines := known[id]
			if cosines == nil {
				cosines = make([]float32, len(asked))
				token := Token{ID: uint16(id), Weight: g.lengths[id]}
				for i, a := range asked {
					cosines[i] = e.Cosine(a, token)
				}
				known[id] = cosines
			}
			for i, c := range cosines {
				best[i] = max(best[i], c)
			}
		})
		sum := float32(0)
		for i, b := range best {
			sum += asked[i].Weight * b
		}
		return float64(min(1, sum/total))
	}
}
