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
	chunks []ChunkText
	saved  map[int64][]float32
	err    error
}

func (m *memoryVectors) Unembedded(_ context.Context, _, _ string, after int64, limit int) ([]ChunkText, error) {
	var list []ChunkText
	for _, c := range m.chunks {
		if c.ID > after && m.saved[c.ID] == nil && len(list) < limit {
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
