package help

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"pgregory.net/rapid"
)

func TestPath(t *testing.T) {
	for _, c := range []struct{ site, slug, locale, want string }{
		{"demo", "returns", "en", "/help/returns?lang=en&site=demo"}, {"", "a b/c?d#e", "", "/help/a%20b%2Fc%3Fd%23e"}, {"x", "返品", "ja", "/help/%E8%BF%94%E5%93%81?lang=ja&site=x"},
	} {
		if got := Path(c.site, c.slug, c.locale); got != c.want {
			t.Errorf("%s", got)
		}
	}
}

func TestAtLeadsToThePassage(t *testing.T) {
	for _, c := range []struct {
		name, address string
		heading       []string
		text, want    string
	}{
		{"short", "/help/x", nil, "Within **30 days**.", "/help/x#:~:text=Within%2030%20days."},
		{"below a heading", "/help/x", []string{"A", "How long?"}, "Within 30 days.", "/help/x#how-long:~:text=Within%2030%20days."},
		{"long", "/help/x", nil, "One two three four five six seven eight nine ten eleven twelve thirteen.\n\nThe end of it is here.",
			"/help/x#:~:text=One%20two%20three%20four%20five%20six,The%20end%20of%20it%20is%20here."},
		{"signs that mean something", "/help/x", nil, "A, b & c-d", "/help/x#:~:text=A%2C%20b%20%26%20c%2Dd"},
		{"a table", "/help/x", nil, "| Country | Price |\n|---|---|\n| All of Europe and more | 5 |\n", "/help/x#:~:text=All%20of%20Europe%20and%20more"},
		{"headings in it are none of its words", "/help/x", nil, "## Costs\n\nIt is free.", "/help/x#:~:text=It%20is%20free."},
		{"a page of the shop's", "https://shop.example/faq#sizes", []string{"H"}, "It is free.", "https://shop.example/faq#sizes:~:text=It%20is%20free."},
		{"a page with a passage", "https://shop.example/faq#:~:text=x", nil, "It is free.", "https://shop.example/faq#:~:text=x"},
		{"no address", "", []string{"H"}, "It is free.", ""},
		{"no text", "/help/x", nil, "![](a.png)", "/help/x"},
	} {
		if got := At(c.address, c.heading, c.text); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

func TestAtIsAnAddressWhateverThePassage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := At("/help/x?lang=en", []string{rapid.String().Draw(t, "heading")}, rapid.String().Draw(t, "text"))
		u, err := url.Parse(at)
		if err != nil || u.Path != "/help/x" || u.RawQuery != "lang=en" {
			t.Fatalf("%q: %v", at, err)
		}
		if strings.ContainsFunc(at, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
			t.Fatalf("%q has signs that the widget refuses", at)
		}
	})
}

func TestRender(t *testing.T) {
	got, err := Render("# One\n\n## Two *of* `them`\n\n## Two of them\n\n## ???\n\n[a](/help/b) <b>raw</b>\n", func(to string) string { return to + "?x" })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<h2 id="one">`, `<h3 id="two-of-them">`, `<h3 id="two-of-them-2">`, `<h3 id="section">`, `href="/help/b?x"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
	if strings.Contains(got, "<h1") || strings.Contains(got, "<b>") {
		t.Error(got)
	}
	outline := Outline(got, 3)
	if len(outline) != 4 || outline[1] != (Heading{ID: "two-of-them", Text: "Two of them", Level: 3}) {
		t.Errorf("outline %+v", outline)
	}
	if blocks := Text(got); !slices.Equal(blocks, []string{"a raw"}) {
		t.Errorf("blocks %q", blocks)
	}
}

// FuzzRender sees to it that nothing that an article holds runs or breaks out.
func FuzzRender(f *testing.F) {
	for _, s := range []string{"# a\n# a\n# a-2", "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](x onerror=y)", "## <img src=x onerror=y>", "&lt;script&gt;", "\x00", "# \u202e", "[a]: javascript:x\n[a]", "|a|\n|-|\n|<svg onload=x>|"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, markdown string) {
		if len(markdown) > 20_000 || !utf8.ValidString(markdown) {
			t.Skip()
		}
		rendered, err := Render(markdown, nil)
		if err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(strings.NewReader(rendered))
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for n := range root.Descendants() {
			switch n.Data {
			case "script", "style", "iframe", "object", "form", "svg", "base", "meta", "link":
				if n.Type == html.ElementNode {
					t.Fatalf("%s is in %q", n.Data, rendered)
				}
			}
			for _, a := range n.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || (a.Key == "href" || a.Key == "src") && strings.HasPrefix(value, "javascript:") {
					t.Fatalf("%s=%q is in %q", a.Key, a.Val, rendered)
				}
				if a.Key == "id" {
					if ids[a.Val] {
						t.Fatalf("the id %q is there twice in %q", a.Val, rendered)
					}
					ids[a.Val] = true
				}
			}
		}
		for _, h := range Outline(rendered, 6) {
			if !ids[h.ID] {
				t.Fatalf("%+v leads nowhere", h)
			}
		}
	})
}
