package retrieval

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// memoryVectors is a Vectors of one site without a database.
type memoryVectors struct {
	chunks  []ChunkText
	saved   map[int64][]float32
	refused map[int64]string
	indexed int
	err     error
}

func (m *memoryVectors) SaveRefusal(_ context.Context, _ string, id int64, reason string) error {
	if m.refused == nil {
		m.refused = map[int64]string{}
	}
	m.refused[id] = reason
	return nil
}

func (m *memoryVectors) IndexVectors(context.Context, string, string) error {
	m.indexed++
	return nil
}

func (m *memoryVectors) Unembedded(_ context.Context, _, _ string, after int64, limit int) ([]ChunkText, error) {
	var list []ChunkText
	for _, c := range m.chunks {
		if c.ID > after && m.saved[c.ID] == nil && m.refused[c.ID] == "" && len(list) < limit {
			list = append(list, c)
		}
	}
	return list, nil
}

func (m *memoryVectors) SaveVectors(_ context.Context, _, _ string, ids []int64, vectors [][]float32) error {
	if m.err != nil {
		return m.err
	}
	for i, id := range ids {
		m.saved[id] = vectors[i]
	}
	return nil
}

func TestEmbedPending(t *testing.T) {
	m := &memoryVectors{saved: map[int64][]float32{2: {1, 0}}}
	for i := range 600 {
		m.chunks = append(m.chunks, ChunkText{ID: int64(i + 1), Title: "Wool", Heading: []string{"Care"}, Text: "Wash it by hand."})
	}
	embedder := &fakeEmbedder{vectors: map[string][]float32{"Wool / Care\nWash": {1, 0}}}
	var steps []int
	done, err := EmbedPending(t.Context(), m, embedder, "site", func(n int) { steps = append(steps, n) })
	if err != nil || done != 599 || len(m.saved) != 600 || !slices.Equal(steps, []int{256, 512, 599}) {
		t.Errorf("done %d, saved %d, steps %v, %v", done, len(m.saved), steps, err)
	}
	if m.indexed != 1 {
		t.Errorf("the index was seen to %d times", m.indexed)
	}
	if m.saved[1][0] != 1 {
		t.Error("title and headings are not part of what is embedded")
	}
	if again, err := EmbedPending(t.Context(), m, embedder, "site", nil); again != 0 || err != nil {
		t.Errorf("again: %d, %v", again, err)
	}
}

func TestEmbedPendingTellsWhatFailed(t *testing.T) {
	chunks := []ChunkText{{ID: 1, Text: "x"}}
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		vectors  *memoryVectors
		embedder Embedder
	}{
		"embed 1 chunks": {&memoryVectors{chunks: chunks, saved: map[int64][]float32{}}, &fakeEmbedder{err: refused}},
		"store vectors":  {&memoryVectors{chunks: chunks, saved: map[int64][]float32{}, err: refused}, &fakeEmbedder{}},
	} {
		if _, err := EmbedPending(t.Context(), c.vectors, c.embedder, "site", nil); !errors.Is(err, refused) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// picky refuses texts with a word in them.
type picky struct {
	fakeEmbedder
	name, refuses string
}

func (p *picky) Name() string { return p.name }

func (p *picky) Embed(ctx context.Context, texts []string, asQuery bool) ([][]float32, error) {
	for _, text := range texts {
		if strings.Contains(text, p.refuses) {
			return nil, &RefusedError{errors.New("too odd")}
		}
	}
	return p.fakeEmbedder.Embed(ctx, texts, asQuery)
}

func TestARefusedChunkIsPassedOver(t *testing.T) {
	m := &memoryVectors{saved: map[int64][]float32{}}
	for i := range 300 {
		text := "plain"
		if i == 7 || i == 280 {
			text = "odd"
		}
		m.chunks = append(m.chunks, ChunkText{ID: int64(i + 1), Text: text})
	}
	done, err := EmbedPending(t.Context(), m, &picky{refuses: "odd"}, "site", nil)
	if err != nil || done != 298 || len(m.saved) != 298 || len(m.refused) != 2 || m.refused[8] != "too odd" || m.refused[281] == "" {
		t.Errorf("%d done, refused are %v, %v", done, m.refused, err)
	}
	all := &memoryVectors{chunks: m.chunks, saved: map[int64][]float32{}}
	if _, err := EmbedPending(t.Context(), all, &picky{refuses: ""}, "site", nil); err == nil || len(all.refused) != 0 {
		t.Errorf("an embedder that refuses all gives %v and refusals %v", err, all.refused)
	}
	few := &memoryVectors{chunks: m.chunks[:2], saved: map[int64][]float32{}}
	if _, err := EmbedPending(t.Context(), few, &picky{refuses: ""}, "site", nil); err != nil || len(few.refused) != 2 {
		t.Errorf("the last two chunks are refused: %v, %v", few.refused, err)
	}
}

// memorySwitch is a Switcher without a database.
type memorySwitch struct {
	searched, coming string
	of               map[string]*memoryVectors
	err              error
}

func (m *memorySwitch) vectors(name string) *memoryVectors { return m.of[name] }

func (m *memorySwitch) Embedders(context.Context) (string, string, error) {
	return m.searched, m.coming, m.err
}

func (m *memorySwitch) Unembedded(ctx context.Context, site, name string, after int64, limit int) ([]ChunkText, error) {
	return m.vectors(name).Unembedded(ctx, site, name, after, limit)
}

func (m *memorySwitch) SaveVectors(ctx context.Context, site, name string, ids []int64, vectors [][]float32) error {
	return m.vectors(name).SaveVectors(ctx, site, name, ids, vectors)
}

func (m *memorySwitch) SaveRefusal(ctx context.Context, name string, id int64, reason string) error {
	return m.vectors(name).SaveRefusal(ctx, name, id, reason)
}

func (m *memorySwitch) IndexVectors(context.Context, string, string) error { return nil }

func (m *memorySwitch) Flip(_ context.Context, coming string) (bool, error) {
	if v := m.vectors(coming); len(v.saved) < len(v.chunks) {
		return false, nil
	}
	m.searched, m.coming = coming, ""
	return true, nil
}

func TestEmbedNow(t *testing.T) {
	gone := errors.New("gone")
	chunks := []ChunkText{{ID: 1, Text: "x"}, {ID: 2, Text: "y"}}
	fresh := func() *memorySwitch {
		return &memorySwitch{searched: "old", coming: "new", of: map[string]*memoryVectors{
			"old": {chunks: chunks, saved: map[int64][]float32{1: {1}}}, "new": {chunks: chunks, saved: map[int64][]float32{}}}}
	}
	m := fresh()
	var steps []int
	n, err := EmbedNow(t.Context(), m, func(name string) (Embedder, error) { return &picky{name: name, refuses: "z"}, nil }, "site", func(done int) { steps = append(steps, done) })
	if err != nil || n != 3 || m.searched != "new" || m.coming != "" || !slices.Equal(steps, []int{1, 3}) {
		t.Errorf("%d stored, %v, progress %v, now %+v", n, err, steps, m)
	}
	m = fresh()
	n, err = EmbedNow(t.Context(), m, func(name string) (Embedder, error) {
		if name == "old" {
			return nil, gone
		}
		return &picky{name: name, refuses: "z"}, nil
	}, "site", nil)
	if err != nil || n != 2 || m.searched != "new" {
		t.Errorf("an embedder that is gone holds up its successor: %d stored, %v, now %+v", n, err, m)
	}
	m = fresh()
	_, err = EmbedNow(t.Context(), m, func(name string) (Embedder, error) {
		if name == "new" {
			return nil, gone
		}
		return &picky{name: name, refuses: "z"}, nil
	}, "site", nil)
	if !errors.Is(err, gone) || m.searched != "old" || len(m.of["old"].saved) != 2 {
		t.Errorf("a successor that cannot be had: %v, now %+v", err, m)
	}
	m.err = gone
	if _, err := EmbedNow(t.Context(), m, nil, "site", nil); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

func TestCurrentFollowsTheStore(t *testing.T) {
	m := &memorySwitch{searched: "old"}
	made := map[string]int{}
	c := NewCurrent(m, func(name string) (Embedder, error) {
		made[name]++
		if name == "lost" {
			return nil, errors.New("lost")
		}
		return &picky{name: name}, nil
	}, quiet)
	name := func() string {
		if e := c.Embedder(t.Context()); e != nil {
			return e.Name()
		}
		return ""
	}
	if name() != "old" {
		t.Errorf("it is %q", name())
	}
	m.searched = "new"
	if name() != "old" {
		t.Error("the store is asked at every search")
	}
	c.looked = c.looked.Add(-lookEvery)
	for range 2 {
		if name() != "new" || made["new"] != 1 {
			t.Errorf("it is %q, made %v", name(), made)
		}
	}
	c.looked = c.looked.Add(-lookEvery)
	m.err = errors.New("gone")
	if name() != "new" {
		t.Error("a store that does not answer takes the embedder away")
	}
	m.err, m.searched = nil, "lost"
	if name() != "" {
		t.Errorf("it is %q", name())
	}

	shop := aShop()
	m.searched = "old"
	c.looked = c.looked.Add(-lookEvery)
	s := NewSearch(shop, nil, SearchOptions{Log: quiet, Current: c})
	if top(search(t, s, Query{Text: "What does delivery cost?", Locale: "en"})) != "Delivery costs" || made["old"] != 2 {
		t.Errorf("the search did not ask who is current: %v", made)
	}
}
