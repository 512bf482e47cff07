package postgres

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
)

func TestEnsureSite(t *testing.T) {
	db, ctx := open(t, Options{}), t.Context()
	budget := int64(5)
	first := must(db.EnsureSite(ctx, assist.Site{Key: "demo", Name: "Demo", Locale: "de",
		AllowedOrigins: []string{"https://a.example", "https://b.example"}, IdentitySecret: "s",
		Greeting: map[string]string{"en": "Hi"}, Suggestions: map[string][]string{"en": {"Where?"}}, DailyBudget: &budget}))(t)
	second := must(db.EnsureSite(ctx, assist.Site{Key: "other", AllowedOrigins: []string{"https://b.example"}}))(t)
	if second.Name != "other" || second.Locale != "en" || second.DailyBudget != nil {
		t.Errorf("the defaults of a site are %+v", second)
	}

	kept := must(db.EnsureSite(ctx, assist.Site{Key: "demo", Name: "New"}))(t)
	if kept.ID != first.ID || kept.Name != "New" || kept.Locale != "de" || len(kept.AllowedOrigins) != 2 ||
		kept.IdentitySecret != "s" || kept.Greeting["en"] != "Hi" || kept.Suggestions["en"][0] != "Where?" || *kept.DailyBudget != 5 {
		t.Errorf("what was left empty did not stay: %+v", kept)
	}
	if got := must(db.SiteByKey(ctx, ""))(t); got.ID != first.ID {
		t.Errorf("the default site is %q", got.Key)
	}
	if got := must(db.SiteByKey(ctx, "other"))(t); got.ID != second.ID {
		t.Errorf("other is %q", got.Key)
	}
	_, err := db.SiteByKey(ctx, "none")
	wantCode(t, err, assist.CodeUnknownSite)
	if sites := must(db.Sites(ctx))(t); len(sites) != 2 || sites[0].ID != first.ID {
		t.Errorf("sites are %+v", sites)
	}
	if origins := must(db.AllOrigins(ctx))(t); !slices.Equal(origins, []string{"https://a.example", "https://b.example"}) {
		t.Errorf("origins are %v", origins)
	}
}

func TestFirstSitesAtOnceGiveOneDefault(t *testing.T) {
	db := open(t, Options{})
	errs := make([]error, 8)
	together(8, func(i int) {
		_, errs[i] = db.EnsureSite(t.Context(), assist.Site{Key: fmt.Sprint("s", i%4)})
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if n := count(t, db, "select count(*) from sites where is_default"); n != 1 {
		t.Errorf("%d default sites", n)
	}
}

func TestTokens(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	month := 30 * 24 * time.Hour
	made := must(s.CreateShopper(ctx, assist.Shopper{SiteID: s.site.ID, ExternalID: "c1", Name: "Ada", Email: "a@example.org"}, tokenHash("one")))(t)

	if got := must(s.ShopperByToken(ctx, s.site.ID, tokenHash("one"), month))(t); got != made {
		t.Errorf("got %+v, want %+v", got, made)
	}
	_, err := s.ShopperByToken(ctx, other.ID, tokenHash("one"), month)
	wantCode(t, err, assist.CodeBadToken)
	_, err = s.ShopperByToken(ctx, s.site.ID, tokenHash("none"), month)
	wantCode(t, err, assist.CodeBadToken)

	again := must(s.CreateShopper(ctx, assist.Shopper{SiteID: s.site.ID, ExternalID: "c1", Email: "new@example.org"}, tokenHash("two")))(t)
	if again.ID != made.ID || again.Name != "Ada" || again.Email != "new@example.org" {
		t.Errorf("a known external id gave %+v", again)
	}
	if elsewhere := must(s.CreateShopper(ctx, assist.Shopper{SiteID: other.ID, ExternalID: "c1"}, tokenHash("three")))(t); elsewhere.ID == made.ID {
		t.Error("an external id crossed sites")
	}

	age := func(token string, days int) {
		t.Helper()
		if _, err := s.pool.Exec(ctx, "update visitor_tokens set last_seen_at = now() - make_interval(days => $2) where token_hash = $1", tokenHash(token), days); err != nil {
			t.Fatal(err)
		}
	}
	age("one", 29)
	must(s.ShopperByToken(ctx, s.site.ID, tokenHash("one"), month))(t)
	if n := count(t, s.DB, "select count(*) from visitor_tokens where token_hash = $1 and last_seen_at > now() - interval '1 minute'", tokenHash("one")); n != 1 {
		t.Error("the visit was not noted")
	}
	age("one", 31)
	_, err = s.ShopperByToken(ctx, s.site.ID, tokenHash("one"), month)
	wantCode(t, err, assist.CodeBadToken)
	if n := count(t, s.DB, "select count(*) from visitor_tokens where token_hash = $1 and last_seen_at > now() - interval '1 day'", tokenHash("one")); n != 0 {
		t.Error("an expired token was brought back to life")
	}
}
