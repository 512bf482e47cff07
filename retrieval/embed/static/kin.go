package static

import (
	"cmp"
	"math"
	"slices"
)

// Matcher prepares a question and returns how well a text speaks of it word by
// word: the mean, over the question's tokens, of the greatest cosine with any
// token of the text, each weighed by the length of its vector, which is short for
// words that mean little (the "late interaction" of ColBERT, with vectors that do
// not know their sentence). It is between 0 and 1, and 0 where one of the two
// has no known token. The function keeps what it computes for the next text, so
// it is for one question and one goroutine.
func (e *Embedder) Matcher(question string) func(text string) float64 {
	t := e.table
	d := t.dimensions
	asked := map[int]bool{}
	var tokens []askedToken
	t.tokens(question, func(id int) {
		if asked[id] || len(asked) == maxRead {
			return
		}
		asked[id] = true
		v := make([]float32, d)
		t.add(id, v)
		if length := lengthOf(v); length > 0 {
			unit(v)
			tokens = append(tokens, askedToken{v, length})
		}
	})
	slices.SortStableFunc(tokens, func(a, b askedToken) int { return cmp.Compare(b.weight, a.weight) })
	tokens = tokens[:min(maxMatched, len(tokens))]
	total := 0.0
	for _, a := range tokens {
		total += a.weight
	}
	known := map[int][]float32{} // cosines with the question's tokens, by token
	row := make([]float32, d)
	best := make([]float32, len(tokens))
	return func(text string) float64 {
		if len(tokens) == 0 {
			return 0
		}
		clear(best)
		t.tokens(text, func(id int) {
			cosines := known[id]
			if cosines == nil {
				clear(row)
				t.add(id, row)
				unit(row)
				cosines = make([]float32, len(tokens))
				for i, a := range tokens {
					cosines[i] = product(a.vector, row)
				}
				known[id] = cosines
			}
			for i, c := range cosines {
				best[i] = max(best[i], c)
			}
		})
		sum := 0.0
		for i, b := range best {
			sum += tokens[i].weight * float64(b)
		}
		return min(1, sum/total)
	}
}

// askedToken is a token of the question.
type askedToken struct {
	vector []float32 // of length 1
	weight float64   // the length that it had
}

const (
	// maxRead bounds the different tokens of a question that are looked at, and
	// maxMatched those that are compared, the weightiest.
	maxRead    = 200
	maxMatched = 24
)

func lengthOf(v []float32) float64 { return math.Sqrt(float64(product(v, v))) }

// product is the inner product; four sums let the processor go on while it adds.
func product(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
