package postgres

import (
	"slices"
	"testing"
	"time"

	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

func tagged(p retrieval.Publication, tags ...string) retrieval.Publication {
	p.Tags = tags
	return p
}

func titles(list []retrieval.Article) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.Title)
	}
	return out
}

func TestTheShelfTellsOfEveryChange(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	site := s.site.ID
	stamp := func() string { return must(s.Shelf(ctx, site))(t).Stamp }
	before := stamp()
	changed := func(what string) {
		t.Helper()
		now := stamp()
		if now == before {
			t.Errorf("%s: the stamp is what it was", what)
		}
		before = now
	}
	publish(t, s.DB, faq(site, "1", "Returns", "en", "x"), faq(site, "2", "Rückgabe", "de", "x"))
	changed("new articles")
	publish(t, s.DB, faq(site, "1", "Returns", "en", "y"))
	changed("a new version")
	must(s.Retire(ctx, site, "faq", []string{"2"}))(t)
	changed("a retired article")
	s.exec(t, `update articles set audience = 2 where key = '1'`)
	changed("an article for agents alone")
	shelf := must(s.Shelf(ctx, site))(t)
	if shelf.Articles != 0 || len(shelf.Locales) != 0 {
		t.Errorf("the shelf holds %+v", shelf)
	}
	publish(t, s.DB, faq(site, "3", "A", "de", "x"), faq(site, "4", "B", "de", "x"), faq(site, "5", "C", "en", "x"))
	if shelf := must(s.Shelf(ctx, site))(t); !slices.Equal(shelf.Locales, []string{"de", "en"}) || shelf.Articles != 3 || time.Since(shelf.ChangedAt) > time.Hour {
		t.Errorf("the shelf holds %+v", shelf)
	}
}

func TestInternalArticlesAreNowhere(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	site := s.site.ID
	publish(t, s.DB, tagged(faq(site, "1", "Secret", "en", "x"), "t"), tagged(faq(site, "2", "For members", "en", "x"), "t"), tagged(faq(site, "3", "Open", "en", "x"), "t"))
	s.exec(t, `update articles set audience = 2 where key = '1'`)
	s.exec(t, `update articles set audience = 1 where key = '2'`)
	// The two were read most, and had other slugs before.
	a := s.opened(t, "me")
	s.exec(t, `insert into cited_articles (turn_id, article_id, site_id, version, at) select $1, id, site_id, 1, now() from articles`, a.Turn.ID)
	s.exec(t, `insert into article_slugs (site_id, locale, slug, article_id) select site_id, locale, 'old-' || slug, id from articles`)
	var ids []string
	for _, slug := range []string{"secret", "for-members", "open"} {
		shown := slug == "open"
		if _, ok, err := s.ArticleBySlug(ctx, site, "en", slug); ok != shown || err != nil {
			t.Errorf("%s: %v, %v", slug, ok, err)
		}
		if _, ok, err := s.FormerSlug(ctx, site, "en", "old-"+slug); ok != shown || err != nil {
			t.Errorf("old-%s: %v, %v", slug, ok, err)
		}
	}
	rows, err := s.pool.Query(ctx, `select id::text from articles`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	list, total, err := s.ArticleList(ctx, site, help.Filter{Locale: "en", Tag: "t"}, 9, 0)
	if err != nil || total != 1 {
		t.Errorf("the list is of %d, %v", total, err)
	}
	for what, got := range map[string][]retrieval.Article{
		"the list": list, "most read": must(s.MostRead(ctx, site, "en", time.Now().Add(-time.Hour), 9))(t), "by id": must(s.Shown(ctx, site, ids))(t),
	} {
		if !slices.Equal(titles(got), []string{"Open"}) {
			t.Errorf("%s: %v", what, titles(got))
		}
	}
	if topics := must(s.Topics(ctx, site, "en", 9))(t); !slices.Equal(topics, []help.Topic{{Tag: "t", Articles: 1}}) {
		t.Errorf("topics are %v", topics)
	}
	if places := must(s.Places(ctx, site, 9, 0))(t); len(places) != 1 || places[0].Slug != "open" {
		t.Errorf("the sitemap has %+v", places)
	}
	s.exec(t, `update articles set audience = 2`)
	if keys := must(s.SitesWithHelp(ctx, 9))(t); len(keys) != 0 {
		t.Errorf("sites are %v", keys)
	}
}

func TestListsAndTopics(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	site := s.site.ID
	publish(t, s.DB, tagged(faq(site, "1", "Ärmel", "de", "x"), "maße", "ärmel"), tagged(faq(site, "2", "Beine", "de", "x"), "maße", "maße"),
		tagged(faq(site, "3", "Zoll", "de", "x")), tagged(faq(site, "4", "Customs", "en", "x"), "maße"))
	if got := must(s.Topics(ctx, site, "de", 9))(t); !slices.Equal(got, []help.Topic{{Tag: "maße", Articles: 2}, {Tag: "ärmel", Articles: 1}, {Articles: 1}}) {
		t.Errorf("topics are %v", got)
	}
	for _, c := range []struct {
		filter help.Filter
		want   []string
	}{
		{help.Filter{Locale: "de"}, []string{"Ärmel", "Beine", "Zoll"}},
		{help.Filter{Locale: "de", Tag: "maße"}, []string{"Ärmel", "Beine"}},
		{help.Filter{Locale: "de", Untagged: true}, []string{"Zoll"}},
		{help.Filter{Tag: "maße"}, []string{"Ärmel", "Beine", "Customs"}},
		{help.Filter{Tag: "none"}, []string{}},
	} {
		list, total, err := s.ArticleList(ctx, site, c.filter, 9, 0)
		if err != nil || total != len(c.want) || !slices.Equal(titles(list), c.want) {
			t.Errorf("%+v: %v of %d, %v", c.filter, titles(list), total, err)
		}
	}
}

func TestOldSlugsAreRemembered(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	site := s.site.ID
	publish(t, s.DB, faq(site, "1", "Is there Wi-Fi?", "en", "x"))
	publish(t, s.DB, faq(site, "1", "Is there a pool?", "en", "x"))
	publish(t, s.DB, faq(site, "1", "Is there a sauna?", "en", "x"))
	for _, old := range []string{"is-there-wi-fi", "is-there-a-pool"} {
		a, ok, err := s.FormerSlug(ctx, site, "de", old)
		if err != nil || !ok || a.Slug != "is-there-a-sauna" {
			t.Errorf("%s leads to %+v, %v, %v", old, a, ok, err)
		}
	}
	// Another one takes the slug: now it is that one's, and stays so.
	publish(t, s.DB, faq(site, "2", "Is there Wi-Fi?", "en", "x"))
	publish(t, s.DB, faq(site, "2", "Where is the Wi-Fi?", "en", "x"))
	if a, ok, err := s.FormerSlug(ctx, site, "en", "is-there-wi-fi"); err != nil || !ok || a.Slug != "where-is-the-wi-fi" {
		t.Errorf("it leads to %+v, %v, %v", a, ok, err)
	}
	must(s.Retire(ctx, site, "faq", []string{"2"}))(t)
	if _, ok, err := s.FormerSlug(ctx, site, "en", "is-there-wi-fi"); ok || err != nil {
		t.Errorf("it leads to a retired article, %v", err)
	}
}

// exec changes the database behind the store's back.
func (s shop) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}
