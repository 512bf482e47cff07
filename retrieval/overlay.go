package retrieval

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Overlay is a store's index as it would be with drafts published, without
// publishing them. What a draft replaces is left out of what is found, but still
// counts among the corpus's chunks and words; its share of those is small. It is
// safe for concurrent use, and keeps nothing of the index that it lies over.
type Overlay struct {
	Index
	siteID   string
	chunks   []draftChunk
	replaced map[string]bool // articles
	embed    func(name string) (Embedder, error)

	mu      sync.Mutex
	vectors map[string][][]float32 // by embedder, in the order of chunks; nil: they cannot be made
}

type draftChunk struct {
	Passage
	terms TermWeights
}

// replacedChunks is how many chunks of the articles that are replaced an overlay
// expects in a ranking: as many more are asked for.
const replacedChunks = 8

// NewOverlay lays drafts, all of one site, over an index. Each Document.Key is the
// id of the article that the draft replaces, or of one that is not there yet; the
// draft's passages carry it as their article's id, and version 0. embed makes
// embedders by name, of which the drafts get the vectors that a search asks for;
// where it fails, or nil, drafts are found by words alone.
func NewOverlay(base Index, embed func(name string) (Embedder, error), drafts []Publication) *Overlay {
	o := &Overlay{Index: base, replaced: map[string]bool{}, embed: embed, vectors: map[string][][]float32{}}
	for _, d := range drafts {
		o.siteID = d.SiteID
		o.replaced[d.Key] = true
		article := Article{ID: d.Key, Slug: d.Slug, Title: d.Title, Locale: d.Locale, URL: d.URL}
		if d.Edit != nil {
			article.Audience = d.Edit.Audience
		}
		for _, c := range d.Chunks {
			// The store's own ids are above 0.
			id := -int64(len(o.chunks) + 1)
			o.chunks = append(o.chunks, draftChunk{Passage{ChunkID: id, Article: article, Heading: c.Heading, Text: c.Text}, c.Lexical})
		}
	}
	return o
}

// seen yields the drafts' chunks that a call is about.
func (o *Overlay) seen(siteID string, locales []string) []draftChunk {
	if siteID != o.siteID {
		return nil
	}
	if len(locales) == 0 {
		return o.chunks
	}
	var list []draftChunk
	for _, c := range o.chunks {
		if slices.ContainsFunc(locales, func(l string) bool { return languageOf(l) == languageOf(c.Article.Locale) }) {
			list = append(list, c)
		}
	}
	return list
}

// readableBy leaves out what an audience may not read.
func readableBy(audience Audience, chunks []draftChunk) []draftChunk {
	return slices.DeleteFunc(slices.Clone(chunks), func(c draftChunk) bool { return c.Article.Audience > audience })
}

// Corpus counts the drafts' chunks with the index's.
func (o *Overlay) Corpus(ctx context.Context, siteID string, locales []string, terms []int32) (Corpus, error) {
	corpus, err := o.Index.Corpus(ctx, siteID, locales, terms)
	if err != nil {
		return Corpus{}, err
	}
	for _, c := range o.seen(siteID, locales) {
		corpus.Chunks++
		for _, term := range terms {
			if _, there := slices.BinarySearch(c.terms.Terms, term); there {
				corpus.DocumentFrequency[term]++
			}
		}
	}
	return corpus, nil
}

// Lexical ranks the drafts' chunks with the index's.
func (o *Overlay) Lexical(ctx context.Context, siteID string, locales []string, audience Audience, query TermWeights, required []int32, limit int) ([]Hit, error) {
	hits, err := o.Index.Lexical(ctx, siteID, locales, audience, query, required, limit+replacedChunks)
	if err != nil {
		return nil, err
	}
	for _, c := range readableBy(audience, o.seen(siteID, locales)) {
		wanted := slices.ContainsFunc(required, func(term int32) bool {
			_, there := slices.BinarySearch(c.terms.Terms, term)
			return there
		})
		if wanted {
			hits = append(hits, Hit{c.ChunkID, innerProduct(query, c.terms)})
		}
	}
	return o.ranked(ctx, siteID, hits, limit)
}

func innerProduct(query, chunk TermWeights) float64 {
	score := 0.0
	for i, term := range query.Terms {
		if at, there := slices.BinarySearch(chunk.Terms, term); there {
			score += float64(query.Weights[i]) * float64(chunk.Weights[at])
		}
	}
	return score
}

// Semantic ranks the drafts' chunks with the index's.
func (o *Overlay) Semantic(ctx context.Context, siteID string, locales []string, audience Audience, embedder string, vector []float32, limit int) ([]Hit, error) {
	hits, err := o.Index.Semantic(ctx, siteID, locales, audience, embedder, vector, limit+replacedChunks)
	if err != nil {
		return nil, err
	}
	return o.ranked(ctx, siteID, append(hits, o.cosines(ctx, readableBy(audience, o.seen(siteID, locales)), embedder, vector)...), limit)
}

// ranked leaves out what is replaced and gives the best.
func (o *Overlay) ranked(ctx context.Context, siteID string, hits []Hit, limit int) ([]Hit, error) {
	ids := make([]int64, 0, len(hits))
	for _, h := range hits {
		if h.ChunkID > 0 {
			ids = append(ids, h.ChunkID)
		}
	}
	passages, err := o.Index.Passages(ctx, siteID, ids)
	if err != nil {
		return nil, err
	}
	hidden := map[int64]bool{}
	for _, p := range passages {
		hidden[p.ChunkID] = o.replaced[p.Article.ID]
	}
	hits = slices.DeleteFunc(hits, func(h Hit) bool { return hidden[h.ChunkID] })
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(len(hits), limit)], nil
}

// Cosines gives those of the drafts' chunks, too.
func (o *Overlay) Cosines(ctx context.Context, siteID, embedder string, vector []float32, chunkIDs []int64) ([]Hit, error) {
	stored, own := o.apart(siteID, chunkIDs)
	hits, err := o.Index.Cosines(ctx, siteID, embedder, vector, stored)
	if err != nil {
		return nil, err
	}
	return append(hits, o.cosines(ctx, own, embedder, vector)...), nil
}

// apart tells the index's ids from the drafts' chunks.
func (o *Overlay) apart(siteID string, ids []int64) (stored []int64, own []draftChunk) {
	for _, id := range ids {
		switch at := int(-id) - 1; {
		case id > 0:
			stored = append(stored, id)
		case siteID == o.siteID && at >= 0 && at < len(o.chunks):
			own = append(own, o.chunks[at])
		}
	}
	return stored, own
}

func (o *Overlay) cosines(ctx context.Context, chunks []draftChunk, embedder string, vector []float32) []Hit {
	if len(chunks) == 0 {
		return nil
	}
	vectors := o.vectorsOf(ctx, embedder)
	if vectors == nil {
		return nil
	}
	hits := make([]Hit, 0, len(chunks))
	for _, c := range chunks {
		score := 0.0
		for i, x := range vectors[-c.ChunkID-1] {
			score += float64(x) * float64(vector[i])
		}
		hits = append(hits, Hit{c.ChunkID, score})
	}
	return hits
}

// vectorsOf embeds the drafts' chunks, once for each embedder.
func (o *Overlay) vectorsOf(ctx context.Context, name string) [][]float32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if vectors, known := o.vectors[name]; known {
		return vectors
	}
	if o.embed == nil {
		return nil
	}
	embedder, err := o.embed(name)
	if err != nil {
		o.vectors[name] = nil
		return nil
	}
	texts := make([]string, len(o.chunks))
	for i, c := range o.chunks {
		texts[i] = embedText(ChunkText{Title: c.Article.Title, Heading: c.Heading, Text: c.Text})
	}
	vectors, err := embedder.Embed(ctx, texts, false)
	if ctx.Err() != nil {
		return nil // another search has more time
	}
	if err != nil || len(vectors) != len(texts) {
		vectors = nil
	}
	o.vectors[name] = vectors
	return vectors
}

// Words gives the drafts' words, too.
func (o *Overlay) Words(ctx context.Context, siteID string, letters []string, least, most, limit int) ([]Word, error) {
	list, err := o.Index.Words(ctx, siteID, letters, least, most, limit)
	if err != nil {
		return nil, err
	}
	known := map[Word]bool{}
	for _, w := range list {
		known[w] = true
	}
	for _, c := range o.seen(siteID, nil) {
		for i, form := range c.terms.Words {
			w := Word{form, c.terms.Terms[i]}
			n := utf8.RuneCountInString(form)
			begins := slices.ContainsFunc(letters, func(l string) bool { return l != "" && strings.HasPrefix(form, l) })
			if begins && n >= least && n <= most && !known[w] && len(list) < limit {
				known[w] = true
				list = append(list, w)
			}
		}
	}
	return list, nil
}

// Passages loads the drafts' chunks, too, and none that is replaced.
func (o *Overlay) Passages(ctx context.Context, siteID string, chunkIDs []int64) ([]Passage, error) {
	stored, own := o.apart(siteID, chunkIDs)
	list, err := o.Index.Passages(ctx, siteID, stored)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(p Passage) bool { return o.replaced[p.Article.ID] })
	for _, c := range own {
		list = append(list, c.Passage)
	}
	return list, nil
}
