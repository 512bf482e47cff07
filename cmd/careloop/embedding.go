package main

import (
	"context"
	"strings"
	"sync"

	"github.com/careloop/careloop/internal/config"
	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/retrieval/embed/static"
)

// embedding makes vectors for an instance, by whichever embedders its store
// names. Each embedder is made once: it remembers what its server asked for.
type embedding struct {
	cfg config.Config
	db  *postgres.DB

	mu   sync.Mutex
	made map[string]retrieval.Embedder
}

func newEmbedding(cfg config.Config, db *postgres.DB) *embedding {
	return &embedding{cfg: cfg, db: db, made: map[string]retrieval.Embedder{}}
}

func (e *embedding) embedder(name string) (retrieval.Embedder, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if made := e.made[name]; made != nil {
		return made, nil
	}
	embedder, err := embedderNamed(e.cfg, name)
	if err == nil {
		e.made[name] = embedder
	}
	return embedder, err
}

// embedderName is how the store names an embedder that people name.
func embedderName(name string) string {
	if name == "" || name == builtIn {
		return static.Name
	}
	return name
}

// adopt tells the store which embedder is configured. One that is set there takes
// the place of whichever is searched; without one it is only a new table of
// Careloop's own that takes the place of an old one, since that cannot be asked
// any more.
func (e *embedding) adopt(ctx context.Context) error {
	return e.db.Adopt(ctx, embedderName(e.cfg.Embedding.Model), func(searched string) bool {
		return e.cfg.Embedding.Model != "" || strings.HasPrefix(searched, static.Family)
	})
}

// now embeds what a site lacks, and returns how many vectors it stored.
func (e *embedding) now(ctx context.Context, siteID string, progress func(done int)) (n int, err error) {
	err = e.db.Embedding(ctx, func() error {
		n, err = retrieval.EmbedNow(ctx, e.db, e.embedder, siteID, progress)
		return err
	})
	return n, err
}

// EmbedSite is what the embedding job does.
func (e *embedding) EmbedSite(ctx context.Context, siteID string) error {
	_, err := e.now(ctx, siteID, nil)
	return err
}

// DropVectors is what the job after a switch does.
func (e *embedding) DropVectors(ctx context.Context, embedder string) error {
	return e.db.DropVectors(ctx, embedder)
}
