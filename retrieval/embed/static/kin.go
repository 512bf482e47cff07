package static

import "math"

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
	var vectors [][]float32
	var weights []float64
	total := 0.0
	t.tokens(question, func(id int) {
		if asked[id] || len(asked) == maxMatched {
			return
		}
		asked[id] = true
		v := make([]float32, d)
		t.add(id, v)
		if length := lengthOf(v); length > 0 {
			unit(v)
			vectors, weights, total = append(vectors, v), append(weights, length), total+length
		}
	})
	known := map[int][]float32{} // cosines with the question's tokens, by token
	row := make([]float32, d)
	best := make([]float32, len(vectors))
	return func(text string) float64 {
		if len(vectors) == 0 {
			return 0
		}
		clear(best)
		t.tokens(text, func(id int) {
			cosines := known[id]
			if cosines == nil {
				clear(row)
				t.add(id, row)
				unit(row)
				cosines = make([]float32, len(vectors))
				for i, v := range vectors {
					cosines[i] = product(v, row)
				}
				known[id] = cosines
			}
			for i, c := range cosines {
				best[i] = max(best[i], c)
			}
		})
		sum := 0.0
		for i, b := range best {
			sum += weights[i] * float64(b)
		}
		return min(1, sum/total)
	}
}

// maxMatched bounds the question's tokens, so that a very long question costs no
// more than a long one.
const maxMatched = 48

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
