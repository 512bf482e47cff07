// Package static is the embedder that Careloop brings along: a table of token
// vectors inside the binary. The vector of a text is the sum of its tokens'
// vectors, brought to length 1, so it knows words and what they mean, not their
// order. How the table was made, and what it is worth, is told in
// train/README.md.
package static

import (
	"context"
	"math"
	"strings"
	"sync"
)

// Name identifies the table; another table gets another name, so that vectors
// of the two are never compared.
const Name = "careloop-static-2"

// Family begins the names of all tables that ever came with Careloop.
const Family = "careloop-static-"

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

// titleWeight is what a passage's title counts against the rest of it. The sum
// of a long text would drown the few words that say what it is about.
const titleWeight = 0.6

// Embed returns one vector of length 1 for each text, in order. The first line
// of a passage of several lines is its title and weighs more than its length
// would tell; a question is one text. A text without any known token (empty, or
// signs only that the vocabulary lacks) gets the vector whose components are all
// equal: no text means it, so nothing is found by it. The error is the
// context's.
func (e *Embedder) Embed(ctx context.Context, texts []string, asQuery bool) ([][]float32, error) {
	d := e.table.dimensions
	all := make([]float32, len(texts)*d)
	out := make([][]float32, len(texts))
	var body []float32
	for i, text := range texts {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		out[i] = all[i*d : (i+1)*d : (i+1)*d]
		title, rest, several := strings.Cut(text, "\n")
		if asQuery || !several {
			e.add(text, out[i])
		} else {
			if body == nil {
				body = make([]float32, d)
			}
			clear(body)
			e.add(title, out[i])
			e.add(rest, body)
			join(out[i], body)
		}
		if !unit(out[i]) {
			equal := float32(1 / math.Sqrt(float64(d)))
			for j := range out[i] {
				out[i][j] = equal
			}
		}
	}
	return out, nil
}

// add adds the text's token vectors to sum.
func (e *Embedder) add(text string, sum []float32) {
	e.table.tokens(text, func(id int) { e.table.add(id, sum) })
}

// join makes of the sums of a title and of the rest the passage's vector, in
// title.
func join(title, rest []float32) {
	unit(title)
	unit(rest)
	for i := range title {
		title[i] = titleWeight*title[i] + rest[i]
	}
}

// unit brings v to length 1 and reports whether it has a direction at all.
func unit(v []float32) bool {
	square := 0.0
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	if square < 1e-12 {
		return false
	}
	scale := float32(1 / math.Sqrt(square))
	for i := range v {
		v[i] *= scale
	}
	return true
}
