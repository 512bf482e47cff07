package retrieval

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// EmbedSite asks for vectors of all chunks of a site that have none.
type EmbedSite struct {
	SiteID string `json:"site_id"`
}

// Kind names the job in the queue.
func (EmbedSite) Kind() string { return "embed_site" }

// EmbedQueue is the queue in which EmbedSite and DropVectors jobs wait. One
// worker is enough for it: two that embed the same site would pay for the same
// chunks twice.
const EmbedQueue = "embedding"

// embedBatch is how many chunks are read, embedded and stored in one step; what
// is stored stays where a later step fails.
const embedBatch = 256

// RefusedError says that an embedder will not take one of the texts, whenever it
// is asked.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }
func (e *RefusedError) Unwrap() error { return e.Err }

// LaterError says that an embedder does not want to be asked for a while.
type LaterError struct {
	After time.Duration
	Err   error
}

func (e *LaterError) Error() string { return e.Err.Error() }
func (e *LaterError) Unwrap() error { return e.Err }

// EmbedPending embeds all chunks of a site that have no vector of the embedder
// and returns how many it stored. progress, if set, is called after each step
// with the number so far. It can be interrupted and called again. A chunk that
// the embedder refuses is noted and passed over, unless it refuses nearly all.
func EmbedPending(ctx context.Context, vectors Vectors, embedder Embedder, siteID string, progress func(done int)) (int, error) {
	p := pending{vectors: vectors, embedder: embedder, siteID: siteID}
	for after := int64(0); ; {
		chunks, err := vectors.Unembedded(ctx, siteID, embedder.Name(), after, embedBatch)
		if err != nil {
			return p.done, fmt.Errorf("read chunks to embed: %w", err)
		}
		if len(chunks) == 0 {
			break
		}
		if err := p.embed(ctx, chunks); err != nil {
			return p.done, err
		}
		after = chunks[len(chunks)-1].ID
		if progress != nil {
			progress(p.done)
		}
	}
	if err := p.note(ctx); err != nil {
		return p.done, err
	}
	if err := vectors.IndexVectors(ctx, siteID, embedder.Name()); err != nil {
		return p.done, fmt.Errorf("index vectors: %w", err)
	}
	return p.done, nil
}

// pending is the embedding of a site under way.
type pending struct {
	vectors  Vectors
	embedder Embedder
	siteID   string
	done     int
	refusals []refusal // that are not noted yet
}

type refusal struct {
	chunkID int64
	reason  string
}

// mostRefusals is how many chunks may be refused before any is taken: an embedder
// that refuses more refuses all, and something else is wrong.
const mostRefusals = 5

// embed embeds and stores chunks. Where one of them is refused, each half is
// tried by itself.
func (p *pending) embed(ctx context.Context, chunks []ChunkText) error {
	ids, texts := make([]int64, len(chunks)), make([]string, len(chunks))
	for i, c := range chunks {
		ids[i], texts[i] = c.ID, embedText(c)
	}
	list, err := p.embedder.Embed(ctx, texts, false)
	var refused *RefusedError
	switch {
	case errors.As(err, &refused) && len(chunks) > 1:
		half := len(chunks) / 2
		if err := p.embed(ctx, chunks[:half]); err != nil {
			return err
		}
		return p.embed(ctx, chunks[half:])
	case errors.As(err, &refused) && (p.done > 0 || len(p.refusals) < mostRefusals):
		p.refusals = append(p.refusals, refusal{ids[0], err.Error()})
		return nil
	case err != nil:
		return fmt.Errorf("embed %d chunks: %w", len(chunks), err)
	case len(list) != len(chunks):
		return fmt.Errorf("embed %d chunks: got %d vectors", len(chunks), len(list))
	}
	if err := p.vectors.SaveVectors(ctx, p.siteID, p.embedder.Name(), ids, list); err != nil {
		return fmt.Errorf("store vectors: %w", err)
	}
	p.done += len(chunks)
	return p.note(ctx)
}

// note notes the refusals.
func (p *pending) note(ctx context.Context) error {
	for _, r := range p.refusals {
		if err := p.vectors.SaveRefusal(ctx, p.embedder.Name(), r.chunkID, r.reason); err != nil {
			return fmt.Errorf("note a refusal: %w", err)
		}
	}
	p.refusals = nil
	return nil
}

// embedText is what a chunk means: its text under its title and headings.
func embedText(c ChunkText) string {
	parts := append([]string{c.Title}, c.Heading...)
	return strings.Join(parts, " / ") + "\n" + c.Text
}
