package retrieval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// RankByWords and RankByMeaning give what each ranking finds by itself, best
// first, with nothing done to its order: for those who measure what Search makes
// of the two. They return up to as many passages as Search takes of a ranking.

// RankByWords ranks lexically.
func (s *Search) RankByWords(ctx context.Context, q Query) ([]Passage, error) {
	q.Text = shorten(q.Text)
	languages := searchedLanguages(q)
	hits, err := s.lexical(ctx, q, localesOf(q, languages), questionOf(q, languages))
	if err != nil {
		return nil, err
	}
	return s.inOrder(ctx, q, hits, func(p *Passage, score float64) { p.Lexical = score })
}

// RankByMeaning ranks semantically. Unlike Search it fails where the embedder
// does.
func (s *Search) RankByMeaning(ctx context.Context, q Query) ([]Passage, error) {
	s = s.pinned(ctx)
	if s.embedder == nil {
		return nil, errors.New("there is no embedder")
	}
	q.Text = shorten(q.Text)
	languages := searchedLanguages(q)
	var took Timing
	_, hits, err := s.semantic(ctx, q, contextOf(q, languages), localesOf(q, languages), &took)
	if err != nil {
		return nil, err
	}
	return s.inOrder(ctx, q, hits, func(p *Passage, score float64) { p.Semantic = score })
}

// localesOf is what a query is restricted to: nothing where the site's own
// language is not known.
func localesOf(q Query, languages []string) []string {
	if q.SiteLocale == "" {
		return []string{}
	}
	return languages
}

// inOrder loads the passages of a ranking in its order.
func (s *Search) inOrder(ctx context.Context, q Query, hits []Hit, note func(*Passage, float64)) ([]Passage, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(hits))
	place := make(map[int64]int, len(hits))
	for i, h := range hits {
		ids[i], place[h.ChunkID] = h.ChunkID, i
	}
	passages, err := s.index.Passages(ctx, q.SiteID, ids)
	if err != nil {
		return nil, fmt.Errorf("load passages: %w", err)
	}
	for i := range passages {
		note(&passages[i], hits[place[passages[i].ChunkID]].Score)
	}
	slices.SortFunc(passages, func(a, b Passage) int { return cmp.Compare(place[a.ChunkID], place[b.ChunkID]) })
	return passages, nil
}
