package postgres

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

// faq makes a publication of one chunk for each text.
func faq(siteID, key, title, locale string, texts ...string) retrieval.Publication {
	hash := sha256.Sum256(fmt.Append(nil, title, locale, texts))
	p := retrieval.Publication{SiteID: siteID, Source: "faq", Hash: hash[:],
		Document: retrieval.Document{Key: key, Title: title, Locale: locale, Markdown: title, Tags: []string{"a", "b"}, URL: "/" + key}}
	for i, text := range texts {
		p.Chunks = append(p.Chunks, retrieval.Chunk{Ordinal: i, Heading: []string{"H"}, Text: text,
			Lexical: retrieval.LexicalWeights(title, nil, text, locale)})
	}
	return p
}

func publish(t testing.TB, db *DB, ps ...retrieval.Publication) []retrieval.State {
	t.Helper()
	return must(db.Publish(t.Context(), ps))(t)
}

// wantCounts compares the stored counts with the chunks that there are.
func wantCounts(t testing.TB, db *DB) {
	t.Helper()
	if n := count(t, db, `select count(*) from (
		select site_id, locale, term, count(*) from chunks, unnest(terms) term group by 1, 2, 3
		except select site_id, locale, term, chunks from corpus_terms) missing`); n != 0 {
		t.Errorf("%d terms are counted wrong", n)
	}
	if n := count(t, db, `select count(*) from (
		select site_id, locale, term, chunks from corpus_terms
		except select site_id, locale, term, count(*) from chunks, unnest(terms) term group by 1, 2, 3) extra`); n != 0 {
		t.Errorf("%d counts have no chunk", n)
	}
	if n := count(t, db, `select count(*) from corpora c
		where chunks <> (select count(*) from chunks x where x.site_id = c.site_id and x.locale = c.locale)`); n != 0 {
		t.Errorf("%d corpora are counted wrong", n)
	}
}

func TestPublish(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	site := s.site.ID
	returns, sizes := faq(site, "1", "How to return", "en", "Send it back.", "Within 30 days."), faq(site, "2", "Sizes", "", "They run small.")

	if got := publish(t, s.DB, returns, sizes); !slices.Equal(got, []retrieval.State{retrieval.Created, retrieval.Created}) {
		t.Errorf("states are %v", got)
	}
	wantCounts(t, s.DB)
	if hashes := must(s.Hashes(ctx, site, "faq"))(t); len(hashes) != 2 || string(hashes["1"]) != string(returns.Hash) {
		t.Errorf("hashes are %v", hashes)
	}
	returns2 := faq(site, "1", "How to return", "en", "Send it back to us.")
	if got := publish(t, s.DB, returns2, sizes); !slices.Equal(got, []retrieval.State{retrieval.Updated, retrieval.Unchanged}) {
		t.Errorf("states are %v", got)
	}
	wantCounts(t, s.DB)
	if n := count(t, s.DB, "select count(*) from chunks"); n != 2 {
		t.Errorf("%d chunks", n)
	}
	a, ok, err := s.ArticleBySlug(ctx, site, "en", "how-to-return")
	if err != nil || !ok || a.Version != 2 || a.Title != "How to return" || a.URL != "/1" || len(a.Tags) != 2 {
		t.Errorf("the article is %+v, %v, %v", a, ok, err)
	}
	if n := count(t, s.DB, "select count(*) from article_versions"); n != 3 {
		t.Errorf("%d versions are kept", n)
	}

	if n := must(s.Retire(ctx, site, "faq", []string{"1", "none"}))(t); n != 1 {
		t.Errorf("%d were retired", n)
	}
	if n := must(s.Retire(ctx, site, "faq", []string{"1"}))(t); n != 0 {
		t.Errorf("%d were retired again", n)
	}
	wantCounts(t, s.DB)
	if hashes := must(s.Hashes(ctx, site, "faq"))(t); len(hashes) != 1 {
		t.Errorf("hashes are %v", hashes)
	}
	if _, ok, _ := s.ArticleBySlug(ctx, site, "en", "how-to-return"); ok {
		t.Error("a retired article can be read")
	}
	if got := publish(t, s.DB, returns2); got[0] != retrieval.Updated {
		t.Errorf("a retired article was %v", got)
	}
	if a, _, _ := s.ArticleBySlug(ctx, site, "en", "how-to-return"); a.Version != 3 {
		t.Errorf("its version is %d", a.Version)
	}
	wantCounts(t, s.DB)
}

func TestPublishRefuses(t *testing.T) {
	s := newShop(t)
	other := must(s.EnsureSite(t.Context(), assist.Site{Key: "other"}))(t)
	broken := faq(s.site.ID, "1", "T", "en", "text")
	broken.Chunks[0].Lexical.Weights = nil
	for name, ps := range map[string][]retrieval.Publication{
		"no such site":  {faq("0199aaaa-0000-7000-8000-000000000000", "1", "T", "en", "text")},
		"two sites":     {faq(s.site.ID, "1", "T", "en", "text"), faq(other.ID, "1", "T", "en", "text")},
		"broken weight": {faq(s.site.ID, "2", "U", "en", "text"), broken},
	} {
		if _, err := s.Publish(t.Context(), ps); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if n := count(t, s.DB, "select count(*) from articles"); n != 0 {
		t.Errorf("%d articles are left", n)
	}
}

func TestSameKeyTwiceInOneCall(t *testing.T) {
	s := newShop(t)
	got := publish(t, s.DB, faq(s.site.ID, "1", "A", "en", "one"), faq(s.site.ID, "1", "A", "en", "two"), faq(s.site.ID, "1", "A", "en", "two"))
	if !slices.Equal(got, []retrieval.State{retrieval.Created, retrieval.Updated, retrieval.Unchanged}) {
		t.Errorf("states are %v", got)
	}
	wantCounts(t, s.DB)
}

func TestSlugs(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	slugs := func() map[string]string {
		rows, err := s.pool.Query(ctx, "select key, slug from articles")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		of := map[string]string{}
		for rows.Next() {
			var key, slug string
			if err := rows.Scan(&key, &slug); err != nil {
				t.Fatal(err)
			}
			of[key] = slug
		}
		return of
	}
	named := faq(s.site.ID, "named", "Anything", "en", "x")
	named.Slug = "is-there-wi-fi"
	publish(t, s.DB, faq(s.site.ID, "a", "Is there Wi-Fi?", "en", "x"), faq(s.site.ID, "b", "Is there Wi-Fi?", "en", "y"),
		faq(s.site.ID, "c", "Is there Wi-Fi?", "de", "z"), named, faq(s.site.ID, "d", "Größe & Maß: „Ärmel“", "de", "x"),
		faq(s.site.ID, "e", "返品について", "ja", "x"), faq(s.site.ID, "f", "???", "en", "x"))
	publish(t, s.DB, faq(s.site.ID, "g", "Is there Wi-Fi?", "en", "z"))
	want := map[string]string{"a": "is-there-wi-fi", "b": "is-there-wi-fi-2", "c": "is-there-wi-fi", "named": "is-there-wi-fi-3",
		"d": "groesse-and-mass-aermel", "e": "返品について", "f": "article", "g": "is-there-wi-fi-4"}
	if got := slugs(); !maps.Equal(got, want) {
		t.Errorf("slugs are %v", got)
	}
	// A new text keeps the slug, a new title changes it.
	publish(t, s.DB, faq(s.site.ID, "b", "Is there Wi-Fi?", "en", "other"), faq(s.site.ID, "a", "Is there a pool?", "en", "x"))
	want["a"] = "is-there-a-pool"
	if got := slugs(); !maps.Equal(got, want) {
		t.Errorf("slugs became %v", got)
	}
}

func TestArticlesOfOtherLocales(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	publish(t, s.DB, faq(s.site.ID, "1", "Same", "de", "x"), faq(s.site.ID, "2", "Same", "en", "x"), faq(s.site.ID, "3", "Nur", "de", "x"))
	for _, c := range []struct{ locale, slug, want string }{
		{"de", "same", "de"}, {"en", "same", "en"}, {"de-AT", "same", "de"}, {"fr", "same", "en"}, {"en", "nur", "de"}, {"", "same", "en"},
	} {
		a, ok, err := s.ArticleBySlug(ctx, s.site.ID, c.locale, c.slug)
		if err != nil || !ok || a.Locale != c.want {
			t.Errorf("%s in %q: %+v, %v, %v", c.slug, c.locale, a.Article, ok, err)
		}
	}
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	if _, ok, err := s.ArticleBySlug(ctx, other.ID, "en", "same"); ok || err != nil {
		t.Errorf("another site reads it: %v", err)
	}
	list, total, err := s.ArticleList(ctx, s.site.ID, help.Filter{Locale: "de"}, 1, 1)
	if err != nil || total != 2 || len(list) != 1 || list[0].Title != "Same" {
		t.Errorf("the list is %+v of %d, %v", list, total, err)
	}
	if _, total, _ := s.ArticleList(ctx, s.site.ID, help.Filter{}, 9, 0); total != 3 {
		t.Errorf("there are %d", total)
	}
}

func TestImportsAtOnceKeepTheCounts(t *testing.T) {
	s := newShop(t)
	together(8, func(i int) {
		for round := range 3 {
			var ps []retrieval.Publication
			for k := range 20 {
				// Half of the keys are everybody's, in opposite orders.
				key := fmt.Sprint("shared", (k*(1+i%2*18))%19)
				if k%2 == 0 {
					key = fmt.Sprint("own", i, k)
				}
				ps = append(ps, faq(s.site.ID, key, "Title "+key, []string{"en", "de"}[k%2], fmt.Sprint("text ", round, i), "second chunk"))
			}
			if _, err := s.Publish(t.Context(), ps); err != nil {
				t.Error(err)
			}
			if _, err := s.Retire(t.Context(), s.site.ID, "faq", []string{"shared1", "shared2", fmt.Sprint("own", i, 2)}); err != nil {
				t.Error(err)
			}
		}
	})
	wantCounts(t, s.DB)
}

func TestEmbeddingIsQueuedOnce(t *testing.T) {
	db := open(t, Options{Embeds: true})
	site := must(db.EnsureSite(t.Context(), assist.Site{Key: "demo"}))(t)
	jobs := func() int {
		return count(t, db, "select count(*) from river_job where kind = 'embed_site' and queue = 'embedding' and args->>'site_id' = $1", site.ID)
	}
	publish(t, db, faq(site.ID, "1", "A", "en", "one"))
	publish(t, db, faq(site.ID, "2", "B", "en", "one"))
	if n := jobs(); n != 1 {
		t.Errorf("%d jobs wait", n)
	}
	if _, err := db.pool.Exec(t.Context(), "update river_job set state = 'running'"); err != nil {
		t.Fatal(err)
	}
	publish(t, db, faq(site.ID, "1", "A", "en", "one"))
	if n := jobs(); n != 1 {
		t.Errorf("nothing changed, and %d jobs", n)
	}
	publish(t, db, faq(site.ID, "3", "C", "en", "one"))
	if n := jobs(); n != 2 {
		t.Errorf("beside the one that runs, %d jobs", n-1)
	}
	without := newShop(t)
	publish(t, without.DB, faq(without.site.ID, "1", "A", "en", "one"))
	if n := count(t, without.DB, "select count(*) from river_job"); n != 0 {
		t.Errorf("without an embedder, %d jobs", n)
	}
}
