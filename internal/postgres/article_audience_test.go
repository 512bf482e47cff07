package postgres

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/retrieval"
)

// withVectors lets the editor make vectors itself, as it does with the embedder
// inside the process.
func (e *editing) withVectors(t testing.TB, name string) points {
	t.Helper()
	adopt(t, e.DB, name)
	embedder := points{name, 8}
	e.Editor.Embed = func(ctx context.Context, p retrieval.Publication) retrieval.Publication {
		return must(p.Embedded(ctx, embedder))(t)
	}
	return embedder
}

// Each reader finds what is for them, by words and by meaning, in a search and in
// every ranking, and nothing else.
func TestAudiences(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	embedder := e.withVectors(t, "m")
	ids := map[retrieval.Audience]string{}
	for _, audience := range []retrieval.Audience{retrieval.Everyone, retrieval.SignedIn, retrieval.Agents} {
		a := must(e.Create(ctx, e.site, article.Text{Title: "Goodwill", Markdown: "Goodwill for " + audience.String() + ".", Audience: audience}, "", e.ada))(t)
		a = must(e.Publish(ctx, e.site.ID, a.ID, 1, nil, "", e.ada))(t)
		ids[audience] = a.ID
		if a.Audience != audience || a.Draft.Audience != audience {
			t.Errorf("%v is for %v", audience, a.Audience)
		}
	}
	for reader, want := range map[retrieval.Audience]int{retrieval.Everyone: 1, retrieval.SignedIn: 2, retrieval.Agents: 3} {
		sees := func(how string, passages []retrieval.Passage) {
			t.Helper()
			if len(passages) != want {
				t.Errorf("%v finds %d %s", reader, len(passages), how)
			}
			for _, p := range passages {
				if p.Article.Audience > reader || ids[p.Article.Audience] != p.Article.ID {
					t.Errorf("%v finds %+v %s", reader, p.Article, how)
				}
			}
		}
		search := retrieval.NewSearch(e.DB, embedder, retrieval.SearchOptions{})
		q := retrieval.Query{SiteID: e.site.ID, Text: "Goodwill", Locale: "en", SiteLocale: "en", Audience: reader}
		sees("together", must(search.Search(ctx, q))(t).Passages)
		sees("by words", must(search.RankByWords(ctx, q))(t))
		sees("by meaning", must(search.RankByMeaning(ctx, q))(t))
		q.Text = "nothing in common"
		sees("by meaning alone", must(search.Search(ctx, q))(t).Passages)
	}
	// From one audience to another, and back with the version that was for more.
	a := e.get(t, ids[retrieval.Everyone])
	text := a.Draft.Text
	text.Audience = retrieval.Agents
	d := must(e.Save(ctx, e.site.ID, a.ID, 0, 1, text, e.ada))(t)
	if found := e.finds(t, "goodwill", retrieval.Everyone); len(found) != 1 {
		t.Errorf("a draft hides: %v", found)
	}
	must(e.Publish(ctx, e.site.ID, a.ID, d.Revision, nil, "", e.ada))(t)
	must(e.Rollback(ctx, e.site.ID, a.ID, 1, e.ada))(t)
	if found := e.finds(t, "goodwill", retrieval.Everyone); len(found) != 0 {
		t.Errorf("going back shows: %v", found)
	}
	// An import leaves who may read an article as it is.
	publish(t, e.DB, faq(e.site.ID, "1", "Goodwill", "en", "Goodwill for all."))
	imported := must(e.List(ctx, e.site.ID, article.Filter{Source: "faq", Limit: 1}))(t).Items[0]
	a = e.get(t, imported.ID)
	text = a.Draft.Text
	text.Audience = retrieval.Agents
	d = must(e.Save(ctx, e.site.ID, a.ID, 0, 1, text, e.ada))(t)
	must(e.Publish(ctx, e.site.ID, a.ID, d.Revision, nil, "", e.ada))(t)
	publish(t, e.DB, faq(e.site.ID, "1", "Goodwill", "en", "Goodwill for all, changed."))
	if found := e.finds(t, "goodwill", retrieval.Everyone); len(found) != 0 {
		t.Errorf("an import shows: %v", found)
	}
}

// Whom the shop vouches for, turns search for as signed in.
func TestTurnsKnowTheirReader(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	did := s.opened(t, "r")
	if in := must(s.TurnInput(ctx, did.Turn.ID, 10))(t); in.Audience != retrieval.Everyone {
		t.Errorf("a shopper whom nobody knows reads as %v", in.Audience)
	}
	must(s.IdentifyShopper(ctx, s.shopper.ID, assist.Shopper{SiteID: s.site.ID, ExternalID: "ada"}))(t)
	if in := must(s.TurnInput(ctx, did.Turn.ID, 10))(t); in.Audience != retrieval.SignedIn {
		t.Errorf("a shopper whom the shop vouches for reads as %v", in.Audience)
	}
}

// What an agent attaches is cited if the shopper may read it.
func TestCitationsOfInternalArticles(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	var list []inbox.Attachment
	for i, audience := range []retrieval.Audience{retrieval.Everyone, retrieval.SignedIn, retrieval.Agents} {
		a := must(e.Create(ctx, e.site, article.Text{Title: fmt.Sprint(audience), Markdown: "Text.", Audience: audience}, "", e.ada))(t)
		must(e.Publish(ctx, e.site.ID, a.ID, 1, nil, "", e.ada))(t)
		list = append(list, inbox.Attachment{N: i + 1, ArticleID: a.ID})
	}
	conversation := e.opened(t, "r").Conversation.ID
	hidden := func() (of []bool) {
		for _, c := range must(e.Inbox().Cite(ctx, e.site.ID, conversation, "", list))(t) {
			of = append(of, c.Hidden)
		}
		return of
	}
	if got := hidden(); !slices.Equal(got, []bool{false, true, true}) {
		t.Errorf("from a shopper whom nobody knows are hidden %v", got)
	}
	must(e.IdentifyShopper(ctx, e.shopper.ID, assist.Shopper{SiteID: e.site.ID, ExternalID: "ada"}))(t)
	if got := hidden(); !slices.Equal(got, []bool{false, false, true}) {
		t.Errorf("from one whom the shop vouches for are hidden %v", got)
	}
}
