// Package static is the embedder that Careloop brings along: a table of token
// vectors inside the binary. The vector of a text is the sum of its tokens'
// vectors, brought to length 1, so it knows words and what they mean, not their
// order. How the table was made, and what it is worth, is told in
// train/README.md.
package static

import (
	"context"
	"math"
	"sync"
)

// Name identifies the table; another table gets another name, so that vectors
// of the two are never compared.
const Name = "careloop-static-1"

// Embedder embeds texts with the table. It is safe for concurrent use.
type Embedder struct{ table *table }

var shared = sync.OnceValues(func() (*table, error) { return readTable(tableFile) })

// New returns the embedder. All embedders share one table, which is read at the
// first call; an error means that the binary was built with a damaged table.
func New() (*Embedder, error) {
	t, err := shared()
	if err != nil {
		return nil, err
	}
	return &Embedder{table: t}, nil
}

// Name identifies the table.
func (e *Embedder) Name() string { return Name }

// Dimensions is the length of each vector.
func (e *Embedder) Dimensions() int { return e.table.dimensions }

// cancelEvery is after how many texts Embed looks whether its caller gave up;
// that many take some milliseconds.
const cancelEvery = 64

// Embed returns one vector of length 1 for each text, in order. Questions and
// passages are embedded alike. A text without any known token (empty, or signs
// only that the vocabulary lacks) gets the vector whose components are all
// equal: no text means it, so nothing is found by it. The error is the
// context's.
func (e *Embedder) Embed(ctx context.Context, texts []string, asQuery bool) ([][]float32, error) {
	d := e.table.dimensions
	all := make([]float32, len(texts)*d)
	out := make([][]float32, len(texts))
	for i, text := range texts {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		out[i] = all[i*d : (i+1)*d : (i+1)*d]
		e.embed(text, out[i])
	}
	return out, nil
}

// embed adds the text's token vectors up in sum, which is zero, and brings it
// to length 1.
func (e *Embedder) embed(text string, sum []float32) {
	e.table.tokens(text, func(id int) { e.table.add(id, sum) })
	square := 0.0
	for _, x := range sum {
		square += float64(x) * float64(x)
	}
	if square < 1e-12 {
		equal := float32(1 / math.Sqrt(float64(len(sum))))
		for i := range sum {
			sum[i] = equal
		}
		return
	}
	scale := float32(1 / math.Sqrt(square))
	for i := range sum {
		sum[i] *= scale
	}
}
