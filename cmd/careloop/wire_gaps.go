package main

import (
	"context"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/retrieval"
)

// newGaps puts together where admins see what was not answered, and close it.
func newGaps(inst *instance, answerer *assist.Answerer, embedder retrieval.Embedder, editor *article.Editor) *gap.Desk {
	store := inst.db.Gaps()
	return gap.New(gap.Options{
		Store: store, Articles: gapArticles{editor}, Budget: store, Index: inst.db, Embedder: embedder,
		Embedders: inst.embedding.embedder, Current: retrieval.NewCurrent(inst.db, inst.embedding.embedder, inst.log),
		Answerer: answerer, DailyBudget: inst.cfg.DailyBudget, Log: inst.log,
	})
}

// gapArticles makes articles of gaps with the editor that admins have.
type gapArticles struct{ editor *article.Editor }

// Create makes one that is not published.
func (g gapArticles) Create(ctx context.Context, site assist.Site, t gap.Text, gapID string, by gap.Actor) (string, error) {
	a, err := g.editor.Create(ctx, site, article.Text{Title: t.Title, Markdown: t.Markdown, Locale: t.Locale}, gapID, article.Actor(by))
	return a.ID, err
}
