package retrieval

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Current is the embedder whose vectors are searched, as the store names it: it
// changes under a running process when a switch is complete. It is safe for
// concurrent use.
type Current struct {
	store interface {
		Embedders(ctx context.Context) (searched, coming string, err error)
	}
	make func(name string) (Embedder, error)
	log  *slog.Logger

	mu       sync.Mutex
	looked   time.Time
	name     string
	embedder Embedder // nil: there is none, or it cannot be made
}

// lookEvery is how long a process may be behind the store. Vectors that were
// searched stay for longer than that.
const lookEvery = time.Second

// NewCurrent makes a Current; make makes embedders by name.
func NewCurrent(store interface {
	Embedders(ctx context.Context) (searched, coming string, err error)
}, make func(name string) (Embedder, error), log *slog.Logger) *Current {
	return &Current{store: store, make: make, log: log}
}

// Embedder is the one whose vectors are searched; nil where there is none, or
// where it cannot be made: search goes by words alone then.
func (c *Current) Embedder(ctx context.Context) Embedder {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookEvery {
		return c.embedder
	}
	name, _, err := c.store.Embedders(ctx)
	if err != nil {
		if ctx.Err() == nil {
			c.log.WarnContext(ctx, "the store does not say which vectors are searched", "error", err)
		}
		return c.embedder
	}
	c.looked = time.Now()
	if name == c.name {
		return c.embedder
	}
	c.name, c.embedder = name, nil
	if name == "" {
		return nil
	}
	embedder, err := c.make(name)
	if err != nil {
		c.log.WarnContext(ctx, "the vectors that are searched cannot be asked: search goes by words alone", "embedder", name, "error", err)
		return nil
	}
	c.embedder = embedder
	return embedder
}

// pinned is the search with the embedder of this moment, so that one search does
// not ask two.
func (s *Search) pinned(ctx context.Context) *Search {
	if s.current == nil {
		return s
	}
	one := *s
	one.embedder = s.current.Embedder(ctx)
	return &one
}
