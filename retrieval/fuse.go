package retrieval

import (
	"cmp"
	"slices"
)

// lexicalShare is what the lexical ranking counts in the sum of both: the best
// of 0.3 to 0.7 in the mean of the development sets, and of each set left out,
// too; see docs/evaluation.md.
const lexicalShare = 0.6

// A vector blurs over a long text. From so many content words on, the lexical
// ranking counts more, and at twice as many it alone decides.
const longWords = 30

// blur is how much a question's vector has blurred, 0 to 1.
func blur(q *lexicalQuery) float64 {
	n := 0.0
	for _, w := range q.words {
		if w.content && !w.carried {
			n++
		}
	}
	return max(0, min(1, (n-longWords)/longWords))
}

// shareOf is what the lexical ranking counts for a question.
func shareOf(q *lexicalQuery) float64 { return lexicalShare + (1-lexicalShare)*blur(q) }

// candidate is a chunk that one ranking or both have found, and what was read of
// it.
type candidate struct {
	id                       int64
	lexical, semantic, fused float64
	Passage
	reading
	kin float64 // how well its title matches the question, by the embedder
}

// fuse joins two rankings into one, best first; share is what the lexical one
// counts. Each score is measured against
// its own ranking: the lexical one from nothing to its best, the semantic one,
// whose cosines lie in a narrow band that differs by embedder, from its worst to
// its best. One ranking alone keeps its order.
func fuse(lexical, semantic []Hit, share float64) []*candidate {
	byID := map[int64]*candidate{}
	get := func(id int64) *candidate {
		c := byID[id]
		if c == nil {
			c = &candidate{id: id}
			byID[id] = c
		}
		return c
	}
	if len(semantic) == 0 {
		share = 1
	} else if len(lexical) == 0 {
		share = 0
	}
	add := func(hits []Hit, floor, share float64, note func(*candidate, float64)) {
		if len(hits) == 0 {
			return
		}
		span := hits[0].Score - floor
		for _, h := range hits {
			c := get(h.ChunkID)
			note(c, h.Score)
			if span > 0 {
				c.fused += share * (h.Score - floor) / span
			} else {
				c.fused += share
			}
		}
	}
	add(lexical, 0, share, func(c *candidate, s float64) { c.lexical = s })
	floor := 0.0
	if len(semantic) > 1 {
		floor = semantic[len(semantic)-1].Score
	}
	add(semantic, floor, 1-share, func(c *candidate, s float64) { c.semantic = s })

	list := make([]*candidate, 0, len(byID))
	for _, c := range byID {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.fused, a.fused), cmp.Compare(b.lexical, a.lexical), cmp.Compare(a.id, b.id))
	})
	return list
}
