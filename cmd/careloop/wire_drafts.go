package main

import (
	"context"

	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/internal/web"
)

// draftDesk gives the console the writer of drafts and what is kept of them.
type draftDesk struct {
	writer *draft.Writer
	db     *postgres.DB
}

var _ web.Drafts = draftDesk{}

// Write begins another draft.
func (d draftDesk) Write(ctx context.Context, siteID, conversationID, agentID string, w web.DraftWish) (inbox.Draft, error) {
	b, err := d.writer.Request(ctx, siteID, agentID, conversationID, draft.Tone(w.Tone), w.Language, w.Text)
	if err != nil {
		return inbox.Draft{}, err
	}
	return inbox.Draft{ID: b.ID, ForSeq: b.ForSeq, State: string(b.State), Tone: string(b.Tone), Text: b.Text, Citations: b.Citations,
		Unsupported: factsOf(b.Unsupported), Model: b.Model, Note: string(b.Note), CreatedAt: b.CreatedAt}, nil
}

// Opened notes that an agent sees a draft.
func (d draftDesk) Opened(ctx context.Context, siteID, conversationID, draftID, _ string) error {
	return d.db.OpenDraft(ctx, siteID, conversationID, draftID)
}

// Discard notes that an agent does not want a draft.
func (d draftDesk) Discard(ctx context.Context, siteID, conversationID, draftID, agentID string) error {
	return d.db.DiscardDraft(ctx, siteID, conversationID, draftID, agentID)
}

// Suggest finds texts and articles that suit the shopper's newest message.
func (d draftDesk) Suggest(ctx context.Context, siteID, conversationID string) ([]inbox.Macro, []inbox.Article, error) {
	s, err := d.writer.Suggest(ctx, siteID, conversationID)
	var macros []inbox.Macro
	for _, m := range s.Macros {
		macros = append(macros, inbox.Macro(m))
	}
	var articles []inbox.Article
	for _, a := range s.Articles {
		articles = append(articles, inbox.Article(a))
	}
	return macros, articles, err
}

// Judge finds what of a reply nothing supports, before it is sent.
func (d draftDesk) Judge(ctx context.Context, siteID, conversationID, text string, articleIDs []string) ([]inbox.Fact, error) {
	list, err := d.writer.Check(ctx, siteID, conversationID, text, articleIDs)
	return factsOf(list), err
}

func factsOf(list []draft.Unsupported) []inbox.Fact {
	out := []inbox.Fact{}
	for _, u := range list {
		out = append(out, inbox.Fact(u))
	}
	return out
}
