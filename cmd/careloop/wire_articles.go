package main

import (
	"context"
	"strings"

	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/retrieval/embed/static"
)

// newEditor puts together what admins write articles with.
func newEditor(inst *instance) *article.Editor {
	return &article.Editor{Store: inst.db.Articles(), Embed: inst.embedding.atOnce}
}

// atOnce adds vectors by those embedders in use that are inside the process. What
// fails here is left to the embedding job, which follows every publication.
func (e *embedding) atOnce(ctx context.Context, p retrieval.Publication) retrieval.Publication {
	searched, coming, err := e.db.Embedders(ctx)
	if err != nil {
		return p
	}
	for _, name := range []string{searched, coming} {
		if !strings.HasPrefix(name, static.Family) {
			continue
		}
		embedder, err := e.embedder(name)
		if err != nil {
			continue
		}
		if with, err := p.Embedded(ctx, embedder); err == nil {
			p = with
		}
	}
	return p
}
