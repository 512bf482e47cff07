package postgres

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/internal/account"
	"github.com/careloop/careloop/retrieval"
)

// editing is a shop with two admins and what they write articles with.
type editing struct {
	shop
	*article.Editor
	ada, bo article.Actor
}

func newEditing(t testing.TB) *editing {
	t.Helper()
	return newEditingOn(t, open(t, Options{}))
}

func newEditingOn(t testing.TB, db *DB) *editing {
	t.Helper()
	site := must(db.EnsureSite(t.Context(), assist.Site{Key: "demo", Locale: "en"}))(t)
	e := &editing{shop: shop{db, site, newShopper(t, db, site)}}
	e.Editor = &article.Editor{Store: db.Articles()}
	e.ada, e.bo = e.admin(t, "Ada"), e.admin(t, "Bo")
	return e
}

func (e *editing) admin(t testing.TB, name string) article.Actor {
	t.Helper()
	id := must(newID())(t)
	if _, err := e.pool.Exec(t.Context(), `insert into agents (id, email, name, role) values ($1, $2, $3, 'admin')`, id, id+"@shop.example", name); err != nil {
		t.Fatal(err)
	}
	return article.Actor{ID: id, Name: name, Address: "192.0.2.1"}
}

// written makes an article that is not published.
func (e *editing) written(t testing.TB, title, markdown string) article.Article {
	t.Helper()
	return must(e.Create(t.Context(), e.site, article.Text{Title: title, Markdown: markdown}, "", e.ada))(t)
}

// live makes one that is.
func (e *editing) live(t testing.TB, title, markdown string) article.Article {
	t.Helper()
	a := e.written(t, title, markdown)
	return must(e.Publish(t.Context(), e.site.ID, a.ID, a.Draft.Revision, nil, "", e.ada))(t)
}

// save saves a text over the draft that an article has.
func (e *editing) save(t testing.TB, a article.Article, markdown string) article.Draft {
	t.Helper()
	text := a.Draft.Text
	text.Markdown = markdown
	return must(e.Save(t.Context(), e.site.ID, a.ID, a.Draft.Revision, a.Draft.BaseVersion, text, e.ada))(t)
}

func (e *editing) get(t testing.TB, id string) article.Article {
	t.Helper()
	return must(e.Article(t.Context(), e.site.ID, id))(t)
}

// finds lists the texts that a search by words finds.
func (e *editing) finds(t testing.TB, words string, audience retrieval.Audience) []string {
	t.Helper()
	search := retrieval.NewSearch(e.DB, nil, retrieval.SearchOptions{})
	r := must(search.Search(t.Context(), retrieval.Query{SiteID: e.site.ID, Text: words, Locale: "en", SiteLocale: "en", Audience: audience}))(t)
	texts := []string{}
	for _, p := range r.Passages {
		texts = append(texts, p.Text)
	}
	slices.Sort(texts)
	return texts
}

// audited lists what was written down, the oldest first.
func (e *editing) audited(t testing.TB) []account.Entry {
	t.Helper()
	list := must(e.AuditLog(t.Context(), 0, 500))(t)
	slices.Reverse(list)
	return list
}

func wantMeanwhile(t testing.TB, err error) article.Draft {
	t.Helper()
	wantCode(t, err, article.CodeChanged)
	var m *article.Meanwhile
	if !errors.As(err, &m) {
		t.Fatalf("%v does not say what came between", err)
	}
	return m.Theirs
}

func TestArticleFromDraftToVersions(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	site := e.site.ID
	a := must(e.Create(ctx, e.site, article.Text{Title: "  Sending\nback ", Markdown: "Within 30 days.", Tags: []string{"returns", "returns"}}, "", e.ada))(t)
	if a.State != article.NeverPublished || a.Title != "Sending back" || a.Slug != "sending-back" || a.Locale != "en" || a.Source != article.Source ||
		a.Key != a.ID || a.Version != 0 || a.Published != nil || a.Draft.Revision != 1 || a.Draft.By != "Ada" || len(a.Tags) != 1 || a.EditedAt != nil {
		t.Fatalf("made %+v", a)
	}
	if found := e.finds(t, "within 30 days", retrieval.Agents); len(found) != 0 {
		t.Errorf("a draft is found: %v", found)
	}
	d := e.save(t, a, "# Sending back\n\nWithin 45 days. <script>alert(1)</script>")
	if d.Revision != 2 || d.BaseVersion != 0 {
		t.Errorf("saved %+v", d)
	}
	wantMeanwhile(t, second(e.Publish(ctx, site, a.ID, 1, nil, "", e.ada)))
	a = must(e.Publish(ctx, site, a.ID, 2, nil, "first\nversion", e.bo))(t)
	if a.State != article.Published || a.Version != 1 || a.Published == nil || a.Published.By != "Bo" || a.Published.Note != "first version" || a.EditedAt == nil ||
		a.Draft.Revision != 0 || a.Draft.BaseVersion != 1 || a.UpdatedBy != "Bo" || a.Published.Markdown != "Within 45 days." {
		t.Fatalf("published %+v %+v", a, a.Published)
	}
	if found := e.finds(t, "sending back within days", retrieval.Everyone); !slices.Equal(found, []string{"Within 45 days."}) {
		t.Errorf("found %v", found)
	}
	// A draft over it is not found, and is let go again.
	d = e.save(t, a, "Within 60 days.")
	if d.Revision != 3 || d.BaseVersion != 1 {
		t.Errorf("revisions begin again: %+v", d)
	}
	a = e.get(t, a.ID)
	if a.State != article.Changed || a.Title != "Sending back" {
		t.Errorf("%+v", a.Row)
	}
	if found := e.finds(t, "sending back within days", retrieval.Everyone); !slices.Equal(found, []string{"Within 45 days."}) {
		t.Errorf("found %v", found)
	}
	wantMeanwhile(t, second(e.Discard(ctx, site, a.ID, 2, e.ada)))
	if a = must(e.Discard(ctx, site, a.ID, 3, e.ada))(t); a.State != article.Published || a.Draft.Markdown != "Within 45 days." {
		t.Errorf("after letting go %+v", a)
	}
	// The second version, back to the first, and out.
	e.save(t, a, "Within 60 days.")
	a = must(e.Publish(ctx, site, a.ID, 4, nil, "", e.ada))(t)
	e.save(t, a, "Something else")
	a = must(e.Rollback(ctx, site, a.ID, 1, e.bo))(t)
	if a.Version != 3 || a.State != article.Changed || a.Published.Markdown != "Within 45 days." || a.Draft.Markdown != "Something else" || a.Draft.BaseVersion != 2 {
		t.Errorf("rolled back %+v", a)
	}
	if found := e.finds(t, "sending back within days", retrieval.Everyone); !slices.Equal(found, []string{"Within 45 days."}) {
		t.Errorf("found %v", found)
	}
	versions := must(e.Versions(ctx, site, a.ID))(t)
	if len(versions) != 3 || versions[0].Version != 3 || !versions[0].Published || versions[1].Published || versions[2].Note != "first version" || versions[0].By != "Bo" {
		t.Errorf("versions %+v", versions)
	}
	if v := must(e.Version(ctx, site, a.ID, 2))(t); v.Markdown != "Within 60 days." || v.By != "Ada" {
		t.Errorf("the second %+v", v)
	}
	wantCode(t, second(e.Version(ctx, site, a.ID, 9)), article.CodeUnknownVersion)
	wantCode(t, second(e.Rollback(ctx, site, a.ID, 9, e.ada)), article.CodeUnknownVersion)
	wantCode(t, e.Delete(ctx, site, a.ID, e.ada), article.CodePublished)
	if a = must(e.Unpublish(ctx, site, a.ID, e.ada))(t); a.State != article.Unpublished || a.Version != 0 || a.Published != nil {
		t.Errorf("taken back %+v", a)
	}
	must(e.Unpublish(ctx, site, a.ID, e.ada))(t)
	if found := e.finds(t, "sending back within days", retrieval.Agents); len(found) != 0 {
		t.Errorf("found %v", found)
	}
	wantCounts(t, e.DB)
	// Published again as it was, by letting go of the draft first.
	must(e.Discard(ctx, site, a.ID, a.Draft.Revision, e.ada))(t)
	if a = must(e.Publish(ctx, site, a.ID, 0, nil, "", e.ada))(t); a.Version != 4 || a.Published.Markdown != "Within 45 days." {
		t.Errorf("again %+v", a)
	}
	if again := must(e.Publish(ctx, site, a.ID, 0, nil, "", e.ada))(t); again.Version != 4 {
		t.Errorf("nothing was written, and it was published: %+v", again)
	}
	must(e.Unpublish(ctx, site, a.ID, e.ada))(t)
	if err := e.Delete(ctx, site, a.ID, e.ada); err != nil {
		t.Error(err)
	}
	wantCode(t, second(e.Article(ctx, site, a.ID)), article.CodeUnknown)
	wantCounts(t, e.DB)

	var actions []string
	for _, l := range e.audited(t) {
		if l.Details["article"] != a.ID || l.SiteKey != "demo" || l.Address != "192.0.2.1" {
			t.Errorf("written down %+v", l)
		}
		actions = append(actions, l.Actor+" "+l.Action)
	}
	want := []string{"Ada article.made", "Bo article.published", "Ada article.drafted", "Ada article.draft_discarded", "Ada article.drafted", "Ada article.published",
		"Ada article.drafted", "Bo article.rolled_back", "Ada article.unpublished", "Ada article.draft_discarded", "Ada article.published", "Ada article.unpublished", "Ada article.deleted"}
	if !slices.Equal(actions, want) {
		t.Errorf("written down are %v", actions)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhatCannotBeAnArticle(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	a := e.written(t, "Title", "")
	why := func(err error) retrieval.Why {
		t.Helper()
		wantCode(t, err, article.CodeBad)
		var u *retrieval.Unfit
		if !errors.As(err, &u) {
			t.Fatalf("%v says not why", err)
		}
		return u.Why
	}
	for want, text := range map[retrieval.Why]article.Text{
		retrieval.LongTitle: {Title: fmt.Sprintf("%0301d", 1), Locale: "en"},
		retrieval.LargeText: {Title: "T", Markdown: strings.Repeat("x", article.MaxMarkdown+1), Locale: "en"},
		article.BadLocale:   {Title: "T", Locale: "no such language"},
		retrieval.ManyTags:  {Title: "T", Locale: "en", Tags: manyTags()},
	} {
		if got := why(second(e.Save(ctx, e.site.ID, a.ID, 1, 0, text, e.ada))); got != want {
			t.Errorf("%s: %s", want, got)
		}
	}
	if got := why(second(e.Publish(ctx, e.site.ID, a.ID, 1, nil, "", e.ada))); got != retrieval.NoText {
		t.Errorf("published without a text: %s", got)
	}
	if got := why(second(e.Create(ctx, e.site, article.Text{}, "", e.ada))); got != retrieval.NoTitle {
		t.Errorf("made of nothing: %s", got)
	}
	if got := why(second(e.Keep(ctx, e.site.ID, a.ID, nil, new("31.1.2027"), e.ada))); got != article.BadDay {
		t.Errorf("a day: %s", got)
	}
	// What PostgreSQL cannot store is no failure.
	text := article.Text{Title: "A\x00B", Markdown: "x\x00y\xff", Locale: "de-at", URL: " https://a.example "}
	if d := must(e.Save(ctx, e.site.ID, a.ID, 1, 0, text, e.ada))(t); d.Markdown != "xy\uFFFD" || d.Locale != "de-AT" || d.URL != "https://a.example" {
		t.Errorf("saved %+v", d)
	}
}

func manyTags() (tags []string) {
	for i := range 51 {
		tags = append(tags, fmt.Sprint("tag", i))
	}
	return tags
}

func TestArticlesOfOtherSites(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	other := must(e.EnsureSite(ctx, assist.Site{Key: "other"}))(t).ID
	a := e.live(t, "Title", "Some text.")
	for name, err := range map[string]error{
		"read":       second(e.Article(ctx, other, a.ID)),
		"save":       second(e.Save(ctx, other, a.ID, 0, 0, article.Text{Title: "T", Locale: "en"}, e.ada)),
		"discard":    second(e.Discard(ctx, other, a.ID, 1, e.ada)),
		"publish":    second(e.Publish(ctx, other, a.ID, 0, nil, "", e.ada)),
		"unschedule": second(e.Unschedule(ctx, other, a.ID, e.ada)),
		"unpublish":  second(e.Unpublish(ctx, other, a.ID, e.ada)),
		"rollback":   second(e.Rollback(ctx, other, a.ID, 1, e.ada)),
		"versions":   second(e.Versions(ctx, other, a.ID)),
		"keep":       second(e.Keep(ctx, other, a.ID, nil, nil, e.ada)),
		"delete":     e.Delete(ctx, other, a.ID, e.ada),
		"no id":      second(e.Article(ctx, e.site.ID, "nonsense")),
	} {
		if assist.CodeOf(err) != article.CodeUnknown {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantCode(t, second(e.Version(ctx, other, a.ID, 1)), article.CodeUnknownVersion)
	if page := must(e.List(ctx, other, article.Filter{Limit: 10}))(t); page.Total != 0 || page.Counts.All != 0 {
		t.Errorf("another site lists %+v", page)
	}
	if now := e.get(t, a.ID); now.State != article.Published || now.Version != 1 {
		t.Errorf("it became %+v", now)
	}
}

func TestOwnersAndReviews(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	a := e.written(t, "Title", "Text")
	a = must(e.Keep(ctx, e.site.ID, a.ID, &e.bo.ID, new("2020-02-29"), e.ada))(t)
	if a.Owner != "Bo" || a.OwnerID != e.bo.ID || a.ReviewOn != "2020-02-29" || !a.Due {
		t.Errorf("kept %+v", a.Row)
	}
	if a = must(e.Keep(ctx, e.site.ID, a.ID, nil, new("2999-01-01"), e.ada))(t); a.Owner != "Bo" || a.Due {
		t.Errorf("kept %+v", a.Row)
	}
	if a = must(e.Keep(ctx, e.site.ID, a.ID, new(""), new(""), e.ada))(t); a.Owner != "" || a.ReviewOn != "" {
		t.Errorf("kept %+v", a.Row)
	}
	for _, id := range []string{"nobody", must(newID())(t)} {
		wantCode(t, second(e.Keep(ctx, e.site.ID, a.ID, &id, nil, e.ada)), article.CodeUnknownOwner)
	}
}

// A gap is tied to the article that is to close it, in its own shop alone.
func TestArticleForAGap(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	other := must(e.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	gap := func(siteID string) string {
		id := must(newID())(t)
		if _, err := e.pool.Exec(ctx, `insert into gaps (id, site_id, locale, title)
			values ($1, $2, 'en', 'Can I pay by invoice?')`, id, siteID); err != nil {
			t.Fatal(err)
		}
		return id
	}
	own, foreign := gap(e.site.ID), gap(other.ID)
	text := article.Text{Title: "Invoices", Markdown: "Yes."}
	a := must(e.Create(ctx, e.site, text, own, e.ada))(t)
	if a.Gap == nil || a.Gap.ID != own || a.Gap.Title != "Can I pay by invoice?" {
		t.Errorf("the gap is %+v", a.Gap)
	}
	for _, id := range []string{own, foreign, "nonsense"} {
		if b := must(e.Create(ctx, e.site, text, id, e.ada))(t); b.Gap != nil {
			t.Errorf("%s: %+v", id, b.Gap)
		}
	}
}
