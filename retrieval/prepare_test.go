package retrieval

import (
	"errors"
	"strings"
	"testing"
)

func TestPrepareSaysWhyNot(t *testing.T) {
	for want, d := range map[Why]Document{
		BadKey:    {Title: "T", Markdown: "x"},
		NoTitle:   {Key: "k"},
		LongTitle: {Key: "k", Title: strings.Repeat("x", 301), Markdown: "x"},
		LargeText: {Key: "k", Title: "T", Markdown: strings.Repeat("x", maxMarkdown+1)},
		Intricate: {Key: "k", Title: "T", Markdown: strings.Repeat("> ", 500) + "x"},
		NoText:    {Key: "k", Title: "T", Markdown: "<script>x</script>"},
		BadURL:    {Key: "k", Title: "T", Markdown: "x", URL: "javascript:x"},
		LongTag:   {Key: "k", Title: "T", Markdown: "x", Tags: []string{strings.Repeat("x", 101)}},
	} {
		_, err := Prepare(Site{}, "s", d)
		var u *Unfit
		if !errors.As(err, &u) || u.Why != want || u.Error() == "" {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// What is prepared and prepared again is the same, as going back to a version does.
func TestPrepareTwiceIsOnce(t *testing.T) {
	d := Document{Key: "k", Title: "Sending back", Markdown: "# Sending back\n\nA *text* with <b>HTML</b>, [a link](https://a.example) and ![alt](x.png).\n\n- one\n- two", Tags: []string{"a"}}
	once, err := Prepare(Site{ID: "s", Locale: "en"}, "s", d)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := Prepare(Site{ID: "s", Locale: "en"}, "s", once.Document)
	if err != nil || twice.Markdown != once.Markdown || string(twice.Hash) != string(once.Hash) {
		t.Errorf("%q became %q, %v", once.Markdown, twice.Markdown, err)
	}
}

func TestAudienceNames(t *testing.T) {
	for _, a := range []Audience{Everyone, SignedIn, Agents} {
		if got, ok := ParseAudience(a.String()); !ok || got != a {
			t.Errorf("%v is read as %v, %v", a, got, ok)
		}
	}
	if a, ok := ParseAudience("admins"); ok || a != Everyone {
		t.Errorf("an unknown audience is %v", a)
	}
	if (Query{}).Audience != Everyone {
		t.Error("who forgets the audience sees more than everyone")
	}
}

// A draft for the shop's people is not seen by shoppers, as it would not be if it
// were published.
func TestOverlayKeepsAudiences(t *testing.T) {
	p := drafted("internal", "Goodwill for wool", "Give ten euros for a shrunken sweater.")
	p.Edit = &Edit{Audience: Agents}
	s := NewSearch(NewOverlay(aShop(), nil, []Publication{p}), nil, SearchOptions{Log: quiet})
	for audience, want := range map[Audience]bool{Everyone: false, SignedIn: false, Agents: true} {
		r := search(t, s, Query{Text: "goodwill for a shrunken sweater", Locale: "en", Audience: audience})
		if got := top(r) == "internal"; got != want {
			t.Errorf("%v finds %q", audience, top(r))
		}
	}
}
