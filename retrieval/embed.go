package retrieval

import (
	"context"
	"fmt"
	"strings"
)

// EmbedSite asks for vectors of all chunks of a site that have none.
type EmbedSite struct {
	SiteID string `json:"site_id"`
}

// Kind names the job in the queue.
func (EmbedSite) Kind() string { return "embed_site" }

// EmbedQueue is the queue in which EmbedSite jobs wait. One worker is enough for
// it: two that embed the same site would pay for the same chunks twice.
const EmbedQueue = "embedding"

// embedBatch is how many chunks are read, embedded and stored in one step; what
// is stored stays where a later step fails.
const embedBatch = 256

// EmbedPending embeds all chunks of a site that have no vector of the embedder
// and returns how many it stored. progress, if set, is called after each step
// with the number so far. It can be interrupted and called again.
func EmbedPending(ctx context.Context, vectors Vectors, embedder Embedder, siteID string, progress func(done int)) (int, error) {
	done, after := 0, int64(0)
	for {
		chunks, err := vectors.Unembedded(ctx, siteID, embedder.Name(), after, embedBatch)
		if err != nil {
			return done, fmt.Errorf("read chunks to embed: %w", err)
		}
		if len(chunks) == 0 {
			return done, nil
		}
		ids, texts := make([]int64, len(chunks)), make([]string, len(chunks))
		for i, c := range chunks {
			ids[i], texts[i] = c.ID, embedText(c)
		}
		list, err := embedder.Embed(ctx, texts, false)
		if err != nil {
			return done, fmt.Errorf("embed %d chunks: %w", len(chunks), err)
		}
		if len(list) != len(chunks) {
			return done, fmt.Errorf("embed %d chunks: got %d vectors", len(chunks), len(list))
		}
		if err := vectors.SaveVectors(ctx, siteID, embedder.Name(), ids, list); err != nil {
			return done, fmt.Errorf("store vectors: %w", err)
		}
		done, after = done+len(chunks), ids[len(ids)-1]
		if progress != nil {
			progress(done)
		}
	}
}

// embedText is what a chunk means: its text under its title and headings.
func embedText(c ChunkText) string {
	parts := append([]string{c.Title}, c.Heading...)
	return strings.Join(parts, " / ") + "\n" + c.Text
}
