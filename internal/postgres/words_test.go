package postgres

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/retrieval/embed/static"
)

func TestWordsComeAndGoWithTheirTerms(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	publish(t, s.DB, faq(s.site.ID, "1", "Parcels", "en", "Every parcel is insured"), faq(s.site.ID, "2", "Parcel", "en", "zip pocket"))
	publish(t, s.DB, faq(other.ID, "1", "Pockets", "en", "pants"))
	words := func(siteID string) []string {
		var forms []string
		for _, w := range must(s.Words(ctx, siteID, []string{"p", "i"}, 4, 8, 100))(t) {
			forms = append(forms, w.Form)
		}
		slices.Sort(forms)
		return forms
	}
	if got, want := words(s.site.ID), []string{"insured", "parcel", "pocket"}; !slices.Equal(slices.Compact(got), want) {
		t.Errorf("the words are %v", got)
	}
	if got := words(other.ID); !slices.Equal(got, []string{"pants", "pockets"}) {
		t.Errorf("the other shop's words are %v", got)
	}
	if few := must(s.Words(ctx, s.site.ID, []string{"p"}, 4, 8, 1))(t); len(few) != 1 {
		t.Errorf("of at most one: %v", few)
	}
	must(s.Retire(ctx, s.site.ID, "faq", []string{"1"}))(t)
	if got := words(s.site.ID); slices.Contains(got, "insured") || !slices.Contains(got, "parcel") {
		t.Errorf("after an article went the words are %v", got)
	}
	must(s.Retire(ctx, s.site.ID, "faq", []string{"2"}))(t)
	if got := words(s.site.ID); len(got) != 0 {
		t.Errorf("of no articles the words are %v", got)
	}
	if got := words(other.ID); len(got) != 2 {
		t.Errorf("the other shop's words are now %v", got)
	}
	wantCounts(t, s.DB)
}

// A published article is found by its own title, also misspelt, and not any more
// from the moment at which it is retired.
func TestAnArticleIsFoundByItsTitleUntilItIsRetired(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	e := must(static.New())(t)
	search := retrieval.NewSearch(s.DB, e, retrieval.SearchOptions{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	things := strings.Fields("parcel shoes jacket voucher invoice warranty password delivery refund sweater umbrella backpack")
	verbs := strings.Fields("return exchange wash repair order cancel track pay reset store")
	dice := rand.New(rand.NewPCG(1, 2))
	titles := map[string]bool{}
	var ps []retrieval.Publication
	for len(titles) < 40 {
		title := fmt.Sprintf("How to %s the %s %d", verbs[dice.IntN(len(verbs))], things[dice.IntN(len(things))], dice.IntN(5))
		if !titles[title] {
			titles[title] = true
			ps = append(ps, faq(s.site.ID, title, title, "en", "We tell you all about it here."))
		}
	}
	publish(t, s.DB, ps...)
	if _, err := retrieval.EmbedPending(ctx, s.DB, e, s.site.ID, nil); err != nil {
		t.Fatal(err)
	}
	finds := func(question, title string) bool {
		r := must(search.Search(ctx, retrieval.Query{SiteID: s.site.ID, Text: question, Locale: "en", SiteLocale: "en"}))(t)
		return slices.ContainsFunc(r.Passages, func(p retrieval.Passage) bool { return p.Article.Title == title })
	}
	left := 0
	for title := range titles {
		if !finds(title, title) {
			t.Errorf("%q is not found by its title", title)
		}
		if left++; left > 15 {
			continue
		}
		must(s.Retire(ctx, s.site.ID, "faq", []string{title}))(t)
		if finds(title, title) {
			t.Errorf("%q is found although it is retired", title)
		}
	}
	found := 0
	for title := range titles {
		words := strings.Fields(title)
		w := words[4] // the thing, two of its letters swapped
		words[4] = w[:1] + w[2:3] + w[1:2] + w[3:]
		if finds(strings.Join(words, " "), title) {
			found++
		}
	}
	if want := len(titles) - 15; found != want {
		t.Errorf("%d titles are found misspelt, want %d", found, want)
	}
}
