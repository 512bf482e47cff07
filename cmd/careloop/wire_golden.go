package main

import (
	"context"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/golden"
	"github.com/careloop/careloop/retrieval"
)

// newGolden puts together where admins ask and replay, with the answerer that
// shoppers have.
func newGolden(inst *instance, answerer *assist.Answerer, editor *article.Editor) *golden.Desk {
	return golden.New(golden.Options{
		Store: inst.db, Answerer: answerer, DailyBudget: inst.cfg.DailyBudget, Redact: draft.Redact, Prompts: promptHash(), Version: version, Log: inst.log,
		Embedder: func(ctx context.Context) string {
			searched, _, err := inst.db.Embedders(ctx)
			if err != nil {
				return "" // it is told with the replay, and nothing hangs on it
			}
			return searched
		},
		Drafts: func(ctx context.Context, siteID string, ids []string) ([]retrieval.Publication, error) {
			return draftsOf(ctx, editor, siteID, ids)
		},
		Overlaid: func(drafts []retrieval.Publication) retrieval.Searcher {
			return retrieval.NewSearch(retrieval.NewOverlay(inst.db, inst.embedding.embedder, drafts), nil, retrieval.SearchOptions{
				Log: inst.log, Current: retrieval.NewCurrent(inst.db, inst.embedding.embedder, inst.log),
			})
		},
	})
}

// draftsOf are articles' drafts as they would be published, each under its
// article's id. Errors: golden.CodeUnknownArticle where one has none.
func draftsOf(ctx context.Context, editor *article.Editor, siteID string, ids []string) ([]retrieval.Publication, error) {
	var out []retrieval.Publication
	for _, id := range ids {
		a, err := editor.Article(ctx, siteID, id)
		if err != nil && assist.CodeOf(err) == assist.CodeUnavailable {
			return nil, err
		}
		d := a.Draft
		if err != nil || d.Revision == 0 {
			return nil, &assist.Error{Code: golden.CodeUnknownArticle, Err: err}
		}
		p, err := retrieval.Prepare(retrieval.Site{ID: siteID, Locale: d.Locale}, a.Source, retrieval.Document{
			Key: id, Slug: d.Slug, Title: d.Title, Locale: d.Locale, Tags: d.Tags, URL: d.URL, Markdown: d.Markdown})
		if err != nil {
			return nil, &assist.Error{Code: golden.CodeUnknownArticle, Err: err}
		}
		p.Edit = &retrieval.Edit{Audience: d.Audience}
		out = append(out, p.Cut())
	}
	return out, nil
}
