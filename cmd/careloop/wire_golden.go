package main

import (
	"context"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/golden"
	"github.com/careloop/careloop/retrieval"
)

// newGolden puts together where admins ask and replay, with the answerer that
// shoppers have.
func newGolden(inst *instance, answerer *assist.Answerer) *golden.Desk {
	return golden.New(golden.Options{
		Store: inst.db, Answerer: answerer, DailyBudget: inst.cfg.DailyBudget, Redact: draft.Redact, Prompts: promptHash(), Version: version, Log: inst.log,
		Embedder: func(ctx context.Context) string {
			searched, _, err := inst.db.Embedders(ctx)
			if err != nil {
				return "" // it is told with the replay, and nothing hangs on it
			}
			return searched
		},
		Overlaid: func(drafts []retrieval.Publication) retrieval.Searcher {
			return retrieval.NewSearch(retrieval.NewOverlay(inst.db, inst.embedding.embedder, drafts), nil, retrieval.SearchOptions{
				Log: inst.log, Current: retrieval.NewCurrent(inst.db, inst.embedding.embedder, inst.log),
			})
		},
	})
}
