package assist

import (
	"testing"

	"github.com/careloop/careloop/retrieval"
)

func TestQuotable(t *testing.T) {
	for in, want := range map[string]string{
		"Plain | text\nstays.": "Plain | text\nstays.",
		"Before\n\n| Land | Cost | Days |\n|---|:-:|---|\n| Austria | 6.90 € | 3 |\n| Spain | | 6 |\n\nAfter": "Before\n\n- Austria: Cost 6.90 €; Days 3\n- Spain: Days 6\n\nAfter",
		"| only a head |":                       "| only a head |",
		"| no ruler |\n| below |":               "| no ruler |\n| below |",
		"| a \\| b | c |\n|---|---|\n| 1 | 2 |": "- 1: c 2",
		"|":                                     "|",
		"":                                      "",
	} {
		if got := quotable(in); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
}

func FuzzQuotable(f *testing.F) {
	f.Add("| a | b |\n|---|---|\n| 1 |")
	f.Fuzz(func(_ *testing.T, s string) { quotable(s) })
}

func TestWhatTheHelpCentreDoesNotShowIsNotLinked(t *testing.T) {
	turn := &answering{a: &Answerer{HelpURL: func(_ Site, a retrieval.Article) string { return "/help/" + a.Slug }}}
	for _, c := range []struct {
		article retrieval.Article
		want    string
	}{
		{retrieval.Article{Slug: "x"}, "/help/x"},
		{retrieval.Article{Slug: "x", Audience: retrieval.SignedIn}, ""},
		{retrieval.Article{Slug: "x", Audience: retrieval.SignedIn, URL: "https://shop.example/x"}, "https://shop.example/x"},
	} {
		if got := turn.url(c.article); got != c.want {
			t.Errorf("%+v is at %q", c.article, got)
		}
	}
}
