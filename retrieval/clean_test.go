package retrieval

import (
	"strings"
	"testing"
)

func TestCleanMarkdown(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"untouched", "# A *b*\n\n- c\n* d\n\n[x](/y) <https://z.example>", "# A *b*\n\n- c\n* d\n\n[x](/y) <https://z.example>"},
		{"line ends and blanks", "a\r\nb  \r\n\r\n\r\n\r\n\r\nc\t \n\n", "a\nb\n\n\nc"},
		{"hard break kept", "street 1   \ntown  ", "street 1  \ntown"},
		{"NFC", "Gru\u0308\u00dfe\u00a0Sie", "Grüße Sie"},
		{"control, bidi and tag characters", "a\x00b\x1b[0m\u202ec\U000E0041", "ab[0mc"},
		{"comparison signs", "less than <3 days, 5 > 4, <3", "less than <3 days, 5 > 4, <3"},
		{"code is text", "`<b>` and\n\n```html\n<script>x</script>\n```", "`<b>` and\n\n```html\n<script>x</script>\n```"},
		{"script block", "before\n\n<script>alert(1)</script>\n\nafter", "before\n\nafter"},
		{"inline script", "before <script>alert(1)</script> after", "before after"},
		{"bold by HTML", "a <b>bold</b> word<br>next", "a **bold** word  \nnext"},
		{"handler", `<a href="https://x.example" onclick="evil()">link</a>`, "[link](https://x.example)"},
		{"iframe and comment", "a <!-- secret --> b <iframe src=//x></iframe> c", "a b c"},
		{"javascript link", "[click](javascript:alert(1)) me", "click me"},
		{"javascript link in disguise", "[click](java&#115;cript:alert(1)) me", "click me"},
		{"data link by reference", "[click][a]\n\n[a]: data:text/html,x", "click"},
		{"autolink", "<javascript:alert(1)>", "javascript:alert(1)"},
		{"image", "see ![the size guide](https://x.example/i.png \"t\") here", "see the size guide here"},
		{"placeholder", "Type <ordernumber> here", "Type \\<ordernumber> here"},
		{"table stays a table", "<table><tr><th>Size</th><th>cm</th></tr><tr><td>S</td><td>3|4</td></tr></table>", "| Size | cm |\n|---|---|\n| S | 3\\|4 |"},
		{"details", "<details><summary>How?</summary><p>Like this.</p></details>", "#### How?\n\nLike this."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := CleanMarkdown(c.in)
			if err != nil || got != c.want {
				t.Errorf("got %q, %v\nwant %q", got, err, c.want)
			}
			if isActive(got) {
				t.Errorf("%q is active", got)
			}
			if again, _ := CleanMarkdown(got); again != normalise(got) {
				t.Errorf("cleaned again it becomes %q", again)
			}
		})
	}
}

const helpPage = `<!doctype html><html lang="de-AT"><head>
<title>Rückgabe von Schuhen | Dunnock Hilfe</title>
<meta property="og:title" content="Rückgabe von Schuhen - Dunnock"><meta property="og:site_name" content="Dunnock">
<link rel="canonical" href="/hilfe/rueckgabe"><style>.x{}</style></head>
<body><header><a href="/">Dunnock</a></header><nav>Menü</nav>
<main><nav>Start › Hilfe</nav><h1>Rückgabe von Schuhen</h1>
<p>Schuhe nehmen wir <em>30 Tage</em> zurück, <a href="../kontakt?a=1#x">schreiben Sie uns</a>.
<img src="track.gif" alt=""><img src="box.png" alt="ein Karton"></p>
<div hidden>geheim</div><div style="display: none">auch</div>
<h3><button aria-expanded="false" aria-controls="p1">Was kostet das?</button></h3><div id="p1" hidden>Nichts.</div>
<table><thead><tr><th>Land</th><th>Tage</th></tr></thead><tbody><tr><td>AT</td><td>30<br>Tage</td></tr></tbody></table>
<ul><li>eins<ul><li>zwei</li></ul></li></ul>
<a href="javascript:void(0)" onclick="x()">Drucken</a>
<form><input name=q><button>War das hilfreich?</button></form><script>evil()</script>
</main><aside>Werbung</aside><footer>Impressum</footer></body></html>`

func TestCleanHTML(t *testing.T) {
	page, err := CleanHTML([]byte(helpPage), "https://dunnock.example/hilfe/artikel/7")
	if err != nil {
		t.Fatal(err)
	}
	want := "Schuhe nehmen wir *30 Tage* zurück, [schreiben Sie uns](https://dunnock.example/hilfe/kontakt?a=1#x). ein Karton\n\n" +
		"### Was kostet das?\n\nNichts.\n\n| Land | Tage |\n|---|---|\n| AT | 30 Tage |\n\n- eins\n\n  - zwei\n\nDrucken"
	if page.Markdown != want {
		t.Errorf("got\n%s\nwant\n%s", page.Markdown, want)
	}
	if page.Title != "Rückgabe von Schuhen" || page.Locale != "de-AT" || page.Canonical != "https://dunnock.example/hilfe/rueckgabe" || page.NoIndex {
		t.Errorf("%+v", page)
	}
}

func TestCleanHTMLFindsTheContent(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"main", "<body>x<main>yes</main>x", "yes"},
		{"role", "<body>x<div role=main>yes</div>x", "yes"},
		{"article", "<body>x<article>the long answer</article><article>teaser</article>", "the long answer"},
		{"many articles", "<body><article>one</article><article>two</article>", "one\n\ntwo"},
		{"body", "<header>no</header><div>yes</div><nav>no</nav><footer>no</footer><aside>no</aside>", "yes"},
		{"a page in a form", "<body><form><p>The whole page stands in here.</p><input></form>", "The whole page stands in here."},
		{"template and noscript", "<template>no</template><noscript>no</noscript><svg><text>no</text></svg>yes", "yes"},
		{"base", `<base href="https://b.example/c/"><a href="d">yes</a>`, "[yes](https://b.example/c/d)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			page, err := CleanHTML([]byte(c.in), "https://a.example/")
			if err != nil || page.Markdown != c.want {
				t.Errorf("got %q, %v", page.Markdown, err)
			}
		})
	}
}

func TestCleanHTMLTitle(t *testing.T) {
	cases := []struct{ in, want string }{
		{"<title>Returns | Shop</title>", "Returns"},
		{"<title>Mail-in returns - how</title>", "Mail-in returns - how"},
		{"<title>Returns - Shop</title><h1>Returns</h1>", "Returns"},
		{"<meta property=og:title content='Returns – Shop'><h1>Returns</h1>", "Returns"},
		{"<meta property=og:title content='A · B'><meta property=og:site_name content=B>", "A"},
		{"<title>x</title><h1> Two\n lines <b>here</b></h1>", "Two lines here"},
		{"<title>&lt;script&gt;</title>", "<script>"},
		{"<p>none</p>", ""},
	}
	for _, c := range cases {
		if page, err := CleanHTML([]byte(c.in), ""); err != nil || page.Title != c.want {
			t.Errorf("%s: %q, %v; want %q", c.in, page.Title, err, c.want)
		}
	}
}

func TestCleanHTMLRefusesDeepNesting(t *testing.T) {
	if _, err := CleanHTML([]byte(strings.Repeat("<div>", 100_000)), ""); err == nil {
		t.Error("no error")
	}
}

func TestCleanHTMLNoIndex(t *testing.T) {
	for content, want := range map[string]bool{"noindex": true, "follow, NOINDEX": true, "none": true, "index, follow": false, "nofollow": false} {
		page, err := CleanHTML([]byte(`<meta name="robots" content="`+content+`">x`), "")
		if err != nil || page.NoIndex != want {
			t.Errorf("%q: %v, %v", content, page.NoIndex, err)
		}
	}
}

func TestWithoutTitle(t *testing.T) {
	cases := []struct{ in, want string }{
		{"# Returns\n\ntext", "text"},
		{"Returns\n=======\n\ntext", "text"},
		{"Returns\ntext", "text"},
		{"# *Returns*\n\n## More\n\ntext", "## More\n\ntext"},
		{"# Other\n\ntext", "# Other\n\ntext"},
		{"# Returns", "# Returns"},
	}
	for _, c := range cases {
		if got := WithoutTitle(c.in, "Returns"); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzCleanHTML(f *testing.F) {
	f.Add([]byte(helpPage))
	f.Add([]byte("<p>&lt;script&gt;alert(1)&lt;/script&gt; ![x](y) <a href=java&#10;script:x>z</a>"))
	f.Add([]byte("<table><tr><td><pre><code>```\n<b>"))
	f.Fuzz(func(t *testing.T, page []byte) {
		if len(page) > 50_000 {
			return
		}
		p, err := CleanHTML(page, "https://a.example/b")
		if err == nil && isActive(p.Markdown) {
			t.Fatalf("%q is active", p.Markdown)
		}
	})
}

func FuzzCleanMarkdown(f *testing.F) {
	f.Add("a <b>c</b> [d](javascript:e) ![f](g)\n\n<div>\n\n<x_y> <!-- z\n")
	f.Add("[a]: data:x\n[a]\n<a\nhref='javascript:x'>")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 50_000 {
			return
		}
		got, err := CleanMarkdown(s)
		if err == nil && isActive(got) {
			t.Fatalf("%q is active", got)
		}
	})
}
