package main

import (
	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/retrieval"
)

// newGaps puts together where admins see what was not answered, and close it.
func newGaps(inst *instance, answerer *assist.Answerer, embedder retrieval.Embedder) *gap.Desk {
	store := inst.db.Gaps()
	return gap.New(gap.Options{
		Store: store, Articles: store, Budget: store, Index: inst.db, Embedder: embedder,
		Embedders: inst.embedding.embedder, Current: retrieval.NewCurrent(inst.db, inst.embedding.embedder, inst.log),
		Answerer: answerer, DailyBudget: inst.cfg.DailyBudget, Log: inst.log,
	})
}
