package retrieval

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// SearchOptions adjust a Search. The zero value will do.
type SearchOptions struct {
	// EmbedTimeout is how long a search waits for the semantic ranking before
	// it does without; 0 means 300 ms.
	EmbedTimeout time.Duration
	Log          *slog.Logger // nil: the default
	// Current, if set, says before every search which embedder's vectors are
	// searched.
	Current *Current
}

// Search finds passages by a lexical and a semantic ranking. It is safe for
// concurrent use.
type Search struct {
	index    Index
	embedder Embedder
	current  *Current
	timeout  time.Duration
	log      *slog.Logger
}

// NewSearch makes a Search. Without an embedder (nil) it is lexical alone.
func NewSearch(index Index, embedder Embedder, o SearchOptions) *Search {
	return &Search{index: index, embedder: embedder, current: o.Current, timeout: cmp.Or(o.EmbedTimeout, 300*time.Millisecond),
		log: cmp.Or(o.Log, slog.Default())}
}

const (
	defaultLimit  = 6
	perArticle    = 3  // passages of one article in a result
	perRanking    = 50 // chunks taken from each ranking
	maxLoaded     = 40 // chunks loaded to choose from
	maxQueryRunes = 2000
	// foreignShare is what a passage in another language than the question's
	// counts: of two that say the same, the shopper's own language comes first.
	foreignShare = 0.85
)

// Search finds the passages that answer a question.
func (s *Search) Search(ctx context.Context, q Query) (Result, error) {
	s = s.pinned(ctx)
	result, f, err := s.find(ctx, q)
	if err != nil {
		return Result{}, err
	}
	result.Confidence = s.confidence(f)
	return result, nil
}

// find gives the result but for its confidence, and what that is made of.
func (s *Search) find(ctx context.Context, q Query) (Result, features, error) {
	start := time.Now()
	q.Text = shorten(q.Text)
	languages := searchedLanguages(q)
	locales := []string{}
	if q.SiteLocale != "" {
		locales = languages
	}
	earlier := contextOf(q, languages)

	var result Result
	var semantic []Hit
	var wait sync.WaitGroup
	if s.embedder != nil {
		wait.Go(func() {
			var err error
			if semantic, err = s.semantic(ctx, q, earlier, locales, &result.Took); err != nil {
				semantic = nil
				s.log.WarnContext(ctx, "semantic search failed, lexical search goes on alone", "error", err)
			}
		})
	}
	query := &lexicalQuery{}
	query.ask(q.Text, languages)
	for _, e := range earlier {
		query.carry(shorten(e.text), e.weight, languages)
	}
	lexical, err := s.lexical(ctx, q.SiteID, locales, query)
	result.Took.Lexical = time.Since(start)
	wait.Wait()
	if err != nil {
		return Result{}, features{}, err
	}

	foreign := s.foreign(languages[0])
	share := shareOf(query)
	if foreign {
		share = max(share, foreignLexical)
	}
	candidates := fuse(lexical, semantic, share)
	result.Passages, err = s.load(ctx, q, candidates[:min(len(candidates), maxLoaded)])
	if err != nil {
		return Result{}, features{}, err
	}
	f := featuresOf(query, result.Passages, lexical, semantic, languages)
	f.foreign = foreign
	result.Took.Total = time.Since(start)
	return result, f, nil
}

// foreignLexical is what the lexical ranking counts at least where the embedder
// does not know the question's language: its vectors are half a guess there.
const foreignLexical = 0.7

// foreign says that the embedder does not know a language: the one that comes
// with Careloop was taught English alone.
func (s *Search) foreign(language string) bool {
	return s.embedder != nil && strings.HasPrefix(s.embedder.Name(), fittedEmbedder) && language != "en"
}

// searchedLanguages is the question's language and the site's own.
func searchedLanguages(q Query) []string {
	var list []string
	for _, locale := range []string{q.Locale, q.SiteLocale} {
		if l := languageOf(locale); l != "" && !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	if len(list) == 0 {
		return []string{"en"}
	}
	return list
}

// shorten bounds what is searched of a message.
func shorten(text string) string {
	for i := range text {
		if maxQueryRunes*4 < i {
			return text[:i]
		}
	}
	return text
}

func (s *Search) lexical(ctx context.Context, siteID string, locales []string, query *lexicalQuery) ([]Hit, error) {
	terms := query.terms()
	if len(terms) == 0 {
		return nil, nil
	}
	corpus, err := s.index.Corpus(ctx, siteID, locales, terms)
	if err != nil {
		return nil, fmt.Errorf("read the corpus: %w", err)
	}
	query.learn(corpus)
	hits, err := s.index.Lexical(ctx, siteID, locales, query.weights(), query.required(), perRanking)
	if err != nil {
		return nil, fmt.Errorf("search the lexical index: %w", err)
	}
	return hits, nil
}

func (s *Search) semantic(ctx context.Context, q Query, earlier []earlierText, locales []string, took *Timing) ([]Hit, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	start := time.Now()
	// What was said before stands before the question, oldest first.
	// What was said before is part of what the question means.
	texts := []string{q.Text}
	for _, e := range earlier {
		texts = append(texts, shorten(e.text))
	}
	vectors, err := s.embedder.Embed(ctx, texts, true)
	took.Embed = time.Since(start)
	if err != nil {
		return nil, fmt.Errorf("embed the question: %w", err)
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("embed %d texts: got %d vectors", len(texts), len(vectors))
	}
	for i, e := range earlier {
		for j, x := range vectors[i+1] {
			vectors[0][j] += float32(e.weight) * x
		}
	}
	toLengthOne(vectors[0])
	start = time.Now()
	hits, err := s.index.Semantic(ctx, q.SiteID, locales, s.embedder.Name(), vectors[0], perRanking)
	took.Semantic = time.Since(start)
	return hits, err
}

// load turns candidates into passages, best first, the question's language
// before others, at most perArticle of one article.
func (s *Search) load(ctx context.Context, q Query, candidates []candidate) ([]Passage, error) {
	if len(candidates) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(candidates))
	of := make(map[int64]candidate, len(candidates))
	for i, c := range candidates {
		ids[i], of[c.id] = c.id, c
	}
	loaded, err := s.index.Passages(ctx, q.SiteID, ids)
	if err != nil {
		return nil, fmt.Errorf("load passages: %w", err)
	}
	language := languageOf(q.Locale)
	for i := range loaded {
		p := &loaded[i]
		c := of[p.ChunkID]
		p.Lexical, p.Semantic, p.Fused = c.lexical, c.semantic, c.fused
		if language != "" && languageOf(p.Article.Locale) != language {
			p.Fused *= foreignShare
		}
	}
	slices.SortFunc(loaded, func(a, b Passage) int {
		return cmp.Or(cmp.Compare(b.Fused, a.Fused), cmp.Compare(b.Lexical, a.Lexical), cmp.Compare(a.ChunkID, b.ChunkID))
	})
	limit := cmp.Or(q.Limit, defaultLimit)
	var passages []Passage
	times := map[string]int{}
	for _, p := range loaded {
		if len(passages) == limit {
			break
		}
		if times[p.Article.ID]++; times[p.Article.ID] <= perArticle {
			passages = append(passages, p)
		}
	}
	return passages, nil
}

func toLengthOne(v []float32) {
	square := 0.0
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	if square == 0 {
		return
	}
	scale := float32(1 / math.Sqrt(square))
	for i := range v {
		v[i] *= scale
	}
}
