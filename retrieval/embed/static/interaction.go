package static

import (
	"math"
	"math/bits"
	"sync"
)

// Token is a token of the table that stands in a text.
type Token struct {
	ID uint16
	// Weight is the length of the token's vector: what it counts in the sums that
	// Embed makes. Rare words that tell texts apart weigh up to about 3, words like
	// "the" next to nothing.
	Weight float32
}

// geometry is what comparing single tokens needs beside the table.
type geometry struct {
	lengths []float32
	signs   []signs
}

// signs are the signs of a vector's first 256 components, as bits. The share of
// signs in which two vectors differ grows with the angle between them (Charikar,
// "Similarity estimation techniques from rounding algorithms", 2002), so that a
// few instructions tell which tokens are worth an exact look.
type signs [4]uint64

func (s *signs) differing(o *signs) int {
	return bits.OnesCount64(s[0]^o[0]) + bits.OnesCount64(s[1]^o[1]) + bits.OnesCount64(s[2]^o[2]) + bits.OnesCount64(s[3]^o[3])
}

var sharedGeometry = sync.OnceValue(func() *geometry {
	t, err := shared()
	if err != nil {
		return nil // there is no embedder then
	}
	return newGeometry(t)
})

func newGeometry(t *table) *geometry {
	g := &geometry{lengths: make([]float32, len(t.scales)), signs: make([]signs, len(t.scales))}
	for id, scale := range t.scales {
		square, row, s := 0, t.rows[id*t.dimensions:(id+1)*t.dimensions], &g.signs[id]
		for i := range len(row) {
			x := int(int8(row[i]))
			square += x * x
			if i < 64*len(s) {
				s[i/64] |= uint64(row[i]>>7) << (i % 64)
			}
		}
		g.lengths[id] = scale * float32(math.Sqrt(float64(square)))
	}
	return g
}

// Tokens gives the known tokens of a text, each once, in the order of their
// first appearance: pieces of words and single signs as the table has them. The
// first call takes some milliseconds more, to look through the table.
func (e *Embedder) Tokens(text string) []Token {
	g := sharedGeometry()
	list := make([]Token, 0, min(len(text)/4+4, 256))
	var seen [(maxTokens + 63) / 64]uint64
	e.table.tokens(text, func(id int) {
		if bit := uint64(1) << (id % 64); seen[id/64]&bit == 0 {
			seen[id/64] |= bit
			list = append(list, Token{ID: uint16(id), Weight: g.lengths[id]})
		}
	})
	return list
}

// Cosine is the cosine of the angle between two tokens' vectors, 0 where one of
// them has no direction.
func (e *Embedder) Cosine(a, b Token) float32 {
	t := e.table
	lengths := a.Weight * b.Weight
	if lengths == 0 {
		return 0
	}
	left := t.rows[int(a.ID)*t.dimensions:][:t.dimensions]
	right := t.rows[int(b.ID)*t.dimensions:][:t.dimensions]
	product := int32(0)
	for i := range len(left) {
		product += int32(int8(left[i])) * int32(int8(right[i]))
	}
	return float32(product) * t.scales[a.ID] * t.scales[b.ID] / lengths
}

// MaxSim tells how well a passage covers a question, token by token: the mean of
// each question token's highest cosine with any of the passage's tokens, weighed
// by the question tokens' weights (late interaction as in Khattab and Zaharia,
// "ColBERT", 2020, over vectors that know no context). It is 1 where the passage
// holds all of the question's tokens, 0 where either is empty. Other weights than
// the table's may be set in question. Which token is nearest is told by the
// vectors' signs, so that the result may lie a little below the exact one.
func (e *Embedder) MaxSim(question, passage []Token) float32 {
	if len(passage) == 0 {
		return 0
	}
	g := sharedGeometry()
	sum, weights := float32(0), float32(0)
	for _, q := range question {
		weights += q.Weight
		sum += q.Weight * max(0, e.Cosine(Token{q.ID, g.lengths[q.ID]}, g.nearest(q, passage)))
	}
	if weights <= 0 {
		return 0
	}
	return sum / weights
}

// nearest is the token of the passage whose vector's signs differ least from
// that of q.
func (g *geometry) nearest(q Token, passage []Token) Token {
	s := g.signs[q.ID]
	least, at := math.MaxInt, 0
	for i, p := range passage {
		if p.ID == q.ID {
			return p
		}
		if n := s.differing(&g.signs[p.ID]); n < least {
			least, at = n, i
		}
	}
	return passage[at]
}
