package retrieval

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"
)

// memoryIndex is an Index of one site without a database.
type memoryIndex struct {
	chunks  []memoryChunk
	vectors map[int64][]float32
	posts   map[int32][]int32 // chunks by term
	words   map[string][]Word // by their first letter
	spelt   map[Word]bool
	err     error           // what every call fails with, if set
	hidden  map[string]bool // articles that are as good as not there
}

type memoryChunk struct {
	Passage
	terms TermWeights
}

// add cuts an article into chunks and indexes them.
func (m *memoryIndex) add(id, title, text, locale string) {
	for _, c := range Cut(text) {
		m.addChunk(id, title, c.Heading, c.Text, locale)
	}
}

func (m *memoryIndex) addChunk(id, title string, heading []string, text, locale string) int64 {
	p := Passage{ChunkID: int64(len(m.chunks) + 1), Article: Article{ID: id, Title: title, Locale: locale, Version: 1}, Heading: heading, Text: text}
	chunk := memoryChunk{p, LexicalWeights(title, heading, text, locale)}
	if m.posts == nil {
		m.posts = map[int32][]int32{}
	}
	for _, term := range chunk.terms.Terms {
		m.posts[term] = append(m.posts[term], int32(len(m.chunks)))
	}
	for i, form := range chunk.terms.Words {
		if form == "" {
			continue
		}
		first, _ := utf8.DecodeRuneInString(form)
		if w := (Word{form, chunk.terms.Terms[i]}); !m.spelt[w] {
			if m.spelt == nil {
				m.spelt, m.words = map[Word]bool{}, map[string][]Word{}
			}
			m.spelt[w] = true
			m.words[string(first)] = append(m.words[string(first)], w)
		}
	}
	m.chunks = append(m.chunks, chunk)
	return p.ChunkID
}

func (m *memoryIndex) in(c *memoryChunk, locales []string) bool {
	return !m.hidden[c.Article.ID] && (len(locales) == 0 || slices.ContainsFunc(locales, func(l string) bool { return languageOf(l) == languageOf(c.Article.Locale) }))
}

func (m *memoryIndex) Corpus(_ context.Context, _ string, locales []string, terms []int32) (Corpus, error) {
	c := Corpus{DocumentFrequency: map[int32]int64{}}
	for i := range m.chunks {
		if m.in(&m.chunks[i], locales) {
			c.Chunks++
		}
	}
	for _, term := range terms {
		for _, i := range m.posts[term] {
			if m.in(&m.chunks[i], locales) {
				c.DocumentFrequency[term]++
			}
		}
	}
	return c, m.err
}

func (m *memoryIndex) Lexical(_ context.Context, _ string, locales []string, audience Audience, query TermWeights, required []int32, limit int) ([]Hit, error) {
	seen := map[int32]bool{}
	var hits []Hit
	for _, term := range required {
		for _, i := range m.posts[term] {
			c := &m.chunks[i]
			if seen[i] || !m.in(c, locales) || c.Article.Audience > audience {
				continue
			}
			seen[i] = true
			score := 0.0
			for j, term := range query.Terms {
				if at, ok := slices.BinarySearch(c.terms.Terms, term); ok {
					score += float64(query.Weights[j]) * float64(c.terms.Weights[at])
				}
			}
			hits = append(hits, Hit{c.ChunkID, score})
		}
	}
	return best(hits, limit), m.err
}

func (m *memoryIndex) Semantic(_ context.Context, _ string, locales []string, audience Audience, _ string, vector []float32, limit int) ([]Hit, error) {
	var hits []Hit
	for i := range m.chunks {
		c := &m.chunks[i]
		if v := m.vectors[c.ChunkID]; v != nil && m.in(c, locales) && c.Article.Audience <= audience {
			score := 0.0
			for j := range v {
				score += float64(v[j]) * float64(vector[j])
			}
			hits = append(hits, Hit{c.ChunkID, score})
		}
	}
	return best(hits, limit), m.err
}

func (m *memoryIndex) Words(_ context.Context, _ string, letters []string, least, most, limit int) ([]Word, error) {
	var list []Word
	for _, letter := range letters {
		for _, w := range m.words[letter] {
			if n := utf8.RuneCountInString(w.Form); n >= least && n <= most && len(list) < limit {
				list = append(list, w)
			}
		}
	}
	return list, m.err
}

func (m *memoryIndex) Cosines(_ context.Context, _, _ string, vector []float32, ids []int64) ([]Hit, error) {
	var hits []Hit
	for _, id := range ids {
		if v := m.vectors[id]; v != nil {
			score := 0.0
			for j := range v {
				score += float64(v[j]) * float64(vector[j])
			}
			hits = append(hits, Hit{id, score})
		}
	}
	return hits, m.err
}

func best(hits []Hit, limit int) []Hit {
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ChunkID, b.ChunkID))
	})
	return hits[:min(limit, len(hits))]
}

func (m *memoryIndex) Passages(_ context.Context, _ string, ids []int64) ([]Passage, error) {
	var list []Passage
	for _, id := range ids {
		if id > 0 && int(id) <= len(m.chunks) {
			list = append(list, m.chunks[id-1].Passage)
		}
	}
	return list, m.err
}
