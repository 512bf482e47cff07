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
	"unicode/utf8"
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
	// foreignPenalty is what a passage in another language than the question's
	// loses: of two that say the same, the shopper's own language comes first.
	foreignPenalty = 1.5
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
	f, err := s.gather(ctx, q)
	if err != nil {
		return Result{}, features{}, err
	}
	result := Result{Passages: f.passages(s.order(f)), Took: f.took}
	features := featuresOf(f)
	result.Took.Total = time.Since(start)
	return result, features, nil
}

// finding is what a search has found and not yet put in order.
type finding struct {
	q                 Query
	languages         []string
	query             *lexicalQuery
	lexical, semantic []Hit
	candidates        []*candidate
	foreign           bool // the embedder knows the question's language badly
	took              Timing
}

// gather asks both rankings and reads what they found.
func (s *Search) gather(ctx context.Context, q Query) (*finding, error) {
	start := time.Now()
	q.Text = shorten(q.Text)
	f := &finding{q: q, languages: searchedLanguages(q)}
	f.foreign = s.foreign(f.languages[0])
	locales := localesOf(q, f.languages)
	var vector []float32
	var wait sync.WaitGroup
	if s.embedder != nil {
		wait.Go(func() {
			var err error
			if vector, f.semantic, err = s.semantic(ctx, q, contextOf(q, f.languages), locales, &f.took); err != nil {
				vector, f.semantic = nil, nil
				s.log.WarnContext(ctx, "semantic search failed, lexical search goes on alone", "error", err)
			}
		})
	}
	f.query = questionOf(q, f.languages)
	var err error
	f.lexical, err = s.lexical(ctx, q, locales, f.query)
	f.took.Lexical = time.Since(start)
	wait.Wait()
	if err != nil {
		return nil, err
	}
	share := shareOf(f.query)
	if f.foreign {
		share = max(share, foreignLexical)
	}
	f.candidates = fuse(f.lexical, f.semantic, share)
	f.candidates = f.candidates[:min(len(f.candidates), maxLoaded)]
	return f, s.read(ctx, f, vector)
}

// foreignLexical is what the lexical ranking counts at least where the embedder
// knows the question's language badly: its vectors are half a guess there.
const foreignLexical = 0.7

// foreign says that the embedder knows a language less well than English, or not
// at all, as the one that comes with Careloop knows all others: German, French and
// Spanish words it was taught by way of English ones, others fall to bits.
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
func shorten(text string) string { return cutBytes(text, maxQueryRunes*4) }

// cutBytes cuts a text behind a whole character.
func cutBytes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

func (s *Search) lexical(ctx context.Context, q Query, locales []string, query *lexicalQuery) ([]Hit, error) {
	terms := query.terms()
	if len(terms) == 0 {
		return nil, nil
	}
	corpus, err := s.index.Corpus(ctx, q.SiteID, locales, terms)
	if err != nil {
		return nil, fmt.Errorf("read the corpus: %w", err)
	}
	query.learn(corpus)
	if err := s.respell(ctx, q.SiteID, locales, query); err != nil {
		s.log.WarnContext(ctx, "misspelt words are left as they are", "error", err)
	}
	hits, err := s.index.Lexical(ctx, q.SiteID, locales, q.Audience, query.weights(), query.required(), perRanking)
	if err != nil {
		return nil, fmt.Errorf("search the lexical index: %w", err)
	}
	return hits, nil
}

// semantic ranks by the vector that it returns too.
func (s *Search) semantic(ctx context.Context, q Query, earlier []earlierText, locales []string, took *Timing) ([]float32, []Hit, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	start := time.Now()
	// What was said before is part of what the question means.
	texts := []string{q.Text}
	for _, e := range earlier {
		texts = append(texts, shorten(e.text))
	}
	vectors, err := s.embedder.Embed(ctx, texts, true)
	took.Embed = time.Since(start)
	if err != nil {
		return nil, nil, fmt.Errorf("embed the question: %w", err)
	}
	if len(vectors) != len(texts) {
		return nil, nil, fmt.Errorf("embed %d texts: got %d vectors", len(texts), len(vectors))
	}
	for i, e := range earlier {
		for j, x := range vectors[i+1] {
			vectors[0][j] += float32(e.weight) * x
		}
	}
	toLengthOne(vectors[0])
	start = time.Now()
	hits, err := s.index.Semantic(ctx, q.SiteID, locales, q.Audience, s.embedder.Name(), vectors[0], perRanking)
	took.Semantic = time.Since(start)
	return vectors[0], hits, err
}

// read loads the passages of the candidates and reads them: first what the
// store knows, both at once, then their texts.
func (s *Search) read(ctx context.Context, f *finding, vector []float32) error {
	if len(f.candidates) == 0 {
		return nil
	}
	ids := make([]int64, len(f.candidates))
	of := make(map[int64]*candidate, len(f.candidates))
	var afar []int64 // found by words alone
	for i, c := range f.candidates {
		ids[i], of[c.id] = c.id, c
		if c.semantic == 0 {
			afar = append(afar, c.id)
		}
	}
	var wait sync.WaitGroup
	if vector != nil && len(afar) > 0 {
		wait.Go(func() {
			hits, err := s.index.Cosines(ctx, f.q.SiteID, s.embedder.Name(), vector, afar)
			if err != nil {
				s.log.WarnContext(ctx, "cosines of what words found are unknown", "error", err)
			}
			for _, h := range hits {
				of[h.ChunkID].semantic = h.Score
			}
		})
	}
	loaded, err := s.index.Passages(ctx, f.q.SiteID, ids)
	wait.Wait()
	if err != nil {
		return fmt.Errorf("load passages: %w", err)
	}
	kin := func(string) float64 { return 0 }
	if m, ok := s.embedder.(Matcher); ok {
		kin = m.Matcher(f.q.Text)
	}
	reader := newReader(f.query, f.languages)
	f.candidates = f.candidates[:0]
	for _, p := range loaded {
		c := of[p.ChunkID]
		c.Passage = p
		c.reading = reader.read(p)
		c.kin = kin(p.Article.Title)
		f.candidates = append(f.candidates, c)
	}
	return s.compareFresh(ctx, f, vector)
}

// compareFresh gives candidates that have no vector yet, since they were imported a
// moment ago, the cosine that they will have: beside others that have theirs they
// would stand last. An embedder that is asked over a network is not waited for.
func (s *Search) compareFresh(ctx context.Context, f *finding, vector []float32) error {
	if _, here := s.embedder.(Matcher); !here || vector == nil {
		return nil
	}
	var fresh []*candidate
	var texts []string
	for _, c := range f.candidates {
		if c.semantic == 0 {
			fresh = append(fresh, c)
			texts = append(texts, embedText(ChunkText{Title: c.Article.Title, Heading: c.Heading, Text: c.Text}))
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	vectors, err := s.embedder.Embed(ctx, texts, false)
	if err != nil || len(vectors) != len(fresh) {
		return fmt.Errorf("embed %d passages, got %d vectors: %w", len(fresh), len(vectors), err)
	}
	for i, c := range fresh {
		c.semantic = float64(Dot(vector, vectors[i]))
	}
	return nil
}

// passages lists the candidates, best first by their scores, at most perArticle
// of one article. What is in another language than the question's counts less.
func (f *finding) passages(score []float64) []Passage {
	language := languageOf(f.q.Locale)
	for i, c := range f.candidates {
		c.Lexical, c.Semantic, c.Fused = c.lexical, c.semantic, score[i]
		if language != "" && languageOf(c.Article.Locale) != language {
			c.Fused -= foreignPenalty
		}
	}
	slices.SortFunc(f.candidates, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.Fused, a.Fused), cmp.Compare(b.lexical, a.lexical), cmp.Compare(a.id, b.id))
	})
	limit := cmp.Or(f.q.Limit, defaultLimit)
	var passages []Passage
	times := map[string]int{}
	for _, c := range f.candidates {
		if len(passages) == limit {
			break
		}
		if times[c.Article.ID]++; times[c.Article.ID] <= perArticle {
			passages = append(passages, c.Passage)
		}
	}
	return passages
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
