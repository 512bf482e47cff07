package web

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

// doc is a page as its reader's program sees it.
type doc struct {
	t    testing.TB
	root *html.Node
}

func parse(t testing.TB, body string) doc {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc{t, root}
}

func (d doc) all(tag string, attrs ...string) []*html.Node {
	var found []*html.Node
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && hasAttrs(n, attrs) {
			found = append(found, n)
		}
	}
	return found
}

func hasAttrs(n *html.Node, pairs []string) bool {
	for i := 0; i+1 < len(pairs); i += 2 {
		if attr(n, pairs[i]) != pairs[i+1] {
			return false
		}
	}
	return true
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (d doc) one(tag string, attrs ...string) *html.Node {
	d.t.Helper()
	found := d.all(tag, attrs...)
	if len(found) != 1 {
		d.t.Fatalf("%d elements %s %v", len(found), tag, attrs)
	}
	return found[0]
}

func (d doc) links() map[string]string {
	of := map[string]string{}
	for _, a := range d.all("a") {
		of[text(a)] = attr(a, "href")
	}
	return of
}

// valid holds of every page: one title, one h1, ids that are there once, labels
// that name something, images and buttons with names.
func (d doc) valid(where string) {
	d.t.Helper()
	ids := map[string]int{}
	for n := range d.root.Descendants() {
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
	}
	for id, n := range ids {
		if n > 1 {
			d.t.Errorf("%s: the id %q is there %d times", where, id, n)
		}
	}
	for n := range d.root.Descendants() {
		for _, key := range []string{"aria-labelledby", "aria-describedby"} {
			if to := attr(n, key); to != "" && ids[to] == 0 {
				d.t.Errorf("%s: %s names %q, which is not there", where, key, to)
			}
		}
		if to, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && n.Data == "a" && ids[to] == 0 {
			d.t.Errorf("%s: a link leads to #%s, which is not there", where, to)
		}
	}
	if len(d.all("h1")) != 1 || len(d.all("title")) != 1 || len(d.all("main")) != 1 {
		d.t.Errorf("%s: %d h1, %d titles, %d main", where, len(d.all("h1")), len(d.all("title")), len(d.all("main")))
	}
	if attr(d.one("html"), "lang") == "" {
		d.t.Errorf("%s: no language", where)
	}
	for _, s := range d.all("script") {
		if kind := attr(s, "type"); attr(s, "src") == "" && kind != "application/ld+json" {
			d.t.Errorf("%s: a script stands in the page", where)
		}
	}
}

func (d doc) data() map[string]any {
	d.t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(d.one("script", "type", "application/ld+json").FirstChild.Data), &v); err != nil {
		d.t.Fatal(err)
	}
	return v
}

func (d doc) canonical() string { return attr(d.one("link", "rel", "canonical"), "href") }

func (w *world) add(articles ...help.Article) {
	w.set(func(w *world) { w.library.articles = append(w.library.articles, articles...) })
}

func many(n int, locale string, tags ...string) []help.Article {
	var list []help.Article
	for i := range n {
		id := fmt.Sprintf("m%03d", i)
		list = append(list, help.Article{Article: retrieval.Article{ID: id, Version: 1, Slug: id, Title: "Article " + id, Locale: locale}, Tags: tags, Markdown: "Text."})
	}
	return list
}

func page1(t *testing.T, address string, header ...string) doc {
	t.Helper()
	response, body := get(t, address, header...)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d", address, response.StatusCode)
	}
	d := parse(t, body)
	d.valid(address)
	return d
}

func TestHelpHome(t *testing.T) {
	w := newWorld()
	w.add(many(30, "en", "sizes")...)
	w.set(func(w *world) { w.library.read = []string{"a3", "secret", "a1"} })
	_, address := serve(t, w, withFiles)
	d := page1(t, address+"/help/")
	links := d.links()
	for name, to := range map[string]string{
		"Sizes 31 articles": "/help/?lang=en&site=demo&topic=sizes", "Policy 1 article": "/help/?lang=en&site=demo&topic=policy",
		"More 1 article": "/help/?lang=en&list=more&site=demo", "All articles": "/help/?lang=en&list=all&site=demo",
		"Imprint": "/help/imprint?lang=en&site=demo", "Deutsch": "/help/?lang=de&site=demo",
	} {
		if links[name] != to {
			t.Errorf("%s leads to %q, want %q", name, links[name], to)
		}
	}
	if got := d.canonical(); got != address+"/help/?lang=en&site=demo" {
		t.Errorf("canonical is %s", got)
	}
	for _, l := range []struct{ lang, to string }{{"en", "/help/?lang=en&site=demo"}, {"de", "/help/?lang=de&site=demo"}, {"x-default", "/help/?site=demo"}} {
		if got := attr(d.one("link", "hreflang", l.lang), "href"); got != address+l.to {
			t.Errorf("%s: %s", l.lang, got)
		}
	}
	if v := d.data(); v["@type"] != "WebSite" || !strings.Contains(fmt.Sprint(v["potentialAction"]), address+"/help/?lang=en&site=demo&q={question}") {
		t.Errorf("data %v", v)
	}
	if attr(d.one("meta", "name", "description"), "content") == "" || attr(d.one("meta", "property", "og:url"), "content") != d.canonical() {
		t.Error("no description, or no address")
	}
	if attr(d.one("script", "src", "/widget.js"), "data-site-key") != "demo" || len(d.all("button", "data-chat", "open")) == 0 {
		t.Error("there is no way to the chat")
	}
}

func TestHelpSpeaksTheReadersLanguage(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	for _, c := range []struct{ path, accept, want string }{
		{"/help/", "", "en"}, {"/help/", "de-AT,de;q=0.9,en;q=0.5", "de"}, {"/help/", "ja,fr;q=0.5", "en"}, {"/help/", strings.Repeat("de,", 900), "en"},
		{"/help/?lang=de", "en", "de"}, {"/help/?lang=de-CH", "en", "de"}, {"/help/?lang=xx-nonsense-", "de", "de"}, {"/help/?lang=%00", "", "en"},
		{"/help/returns", "de", "de"}, {"/help/imprint", "de", "en"},
	} {
		d := page1(t, address+c.path, "Accept-Language", c.accept)
		if got := attr(d.one("html"), "lang"); got != c.want {
			t.Errorf("%s for %.20q: %s", c.path, c.accept, got)
		}
	}
	// Where nothing is written yet, the page speaks as the browser asks.
	if got := attr(page1(t, address+"/help/?site=other", "Accept-Language", "ar").one("html"), "dir"); got != "rtl" {
		t.Errorf("direction %q", got)
	}
}

func TestHelpLists(t *testing.T) {
	w := newWorld()
	w.add(many(120, "en", "sizes")...)
	_, address := serve(t, w, nil)
	d := page1(t, address+"/help/?list=all&lang=en&page=2")
	links := d.links()
	if links["Back"] != "/help/?lang=en&list=all&site=demo" || links["Next"] != "/help/?lang=en&list=all&page=3&site=demo" || links["3"] != links["Next"] {
		t.Errorf("links %v", links)
	}
	if links["Article m050"] == "" || links["Article m099"] == "" || links["Article m049"] != "" || links["Article m100"] != "" {
		t.Error("the second page does not begin where the first ends")
	}
	if got := d.canonical(); got != address+"/help/?lang=en&list=all&page=2&site=demo" {
		t.Errorf("canonical %s", got)
	}
	if d := page1(t, address+"/help/?topic=returns"); text(d.one("h1")) != "Returns" || d.links()["What we earn"] != "" {
		t.Error("the topic shows another page, or an internal article")
	}
	if d := page1(t, address+"/help/?list=more"); d.links()["Imprint"] == "" || len(d.all("ul", "class", "articles")) != 1 {
		t.Error("articles without a tag are not under More")
	}
	for _, path := range []string{"?list=all&page=99", "?topic=nothing", "?topic=" + strings.Repeat("x", 500), "?topic=a%00b"} {
		if response, body := get(t, address+"/help/"+path); response.StatusCode != 404 || !strings.Contains(body, `content="noindex"`) {
			t.Errorf("%.30s: %d", path, response.StatusCode)
		}
	}
	for _, n := range []string{"0", "-1", "x", "1e9", "99999999999999999999"} {
		if got := page1(t, address+"/help/?list=all&page="+n).canonical(); strings.Contains(got, "page=") {
			t.Errorf("page %s is %s", n, got)
		}
	}
}

func TestPagesOfALongList(t *testing.T) {
	r := reader{locale: "en"}
	for _, c := range []struct {
		n, last int
		want    string
	}{
		{1, 1, ""}, {1, 3, "[1] 2 3"}, {1, 9, "[1] 2 … 9"}, {5, 9, "1 … 4 [5] 6 … 9"}, {9, 9, "1 … 8 [9]"}, {3, 9, "1 2 [3] 4 … 9"}, {2000, 4000, "1 … 1999 [2000] 2001 … 4000"},
	} {
		var got []string
		for _, p := range r.pagesOf(help.Filter{}, c.n, c.last) {
			switch {
			case p.Address == "":
				got = append(got, "…")
			case p.Current:
				got = append(got, "["+p.Number+"]")
			default:
				got = append(got, p.Number)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%d of %d: %s, want %s", c.n, c.last, s, c.want)
		}
	}
}

func TestHelpArticle(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	d := page1(t, address+"/help/sizes?lang=en&site=demo")
	v := fmt.Sprint(d.data())
	for _, want := range []string{"FAQPage", "BreadcrumbList", "Measure your foot.", "dateModified:2026-01-02T00:00:00Z"} {
		if !strings.Contains(v, want) {
			t.Errorf("%q is not in %s", want, v)
		}
	}
	if strings.Contains(v, "<script>") {
		t.Errorf("the script is in %s", v)
	}
	if got := attr(d.one("meta", "name", "description"), "content"); got != "Measure your foot. alert(2) Then look at the chart." {
		t.Errorf("description %q", got)
	}
	if l := d.links(); l["Sizes"] != "/help/?lang=en&site=demo&topic=sizes" || l["What we earn"] != "" || l["Imprint"] == "" || l["Rückgabe"] != "" {
		t.Errorf("links %v", l)
	}
	if len(d.all("link", "hreflang", "en")) != 0 {
		t.Error("alternates of an article that has none")
	}
	d = page1(t, address+"/help/returns?lang=de")
	if attr(d.one("link", "hreflang", "en"), "href") != address+"/help/returns?lang=en&site=demo" || d.links()["English"] != "/help/returns?lang=en&site=demo" {
		t.Errorf("the other language is not linked: %v", d.links())
	}
	if !strings.Contains(text(d.one("main")), "2. Januar 2026") {
		t.Error("the day is not written in German")
	}
}

func TestHelpTitlesCannotBreakOut(t *testing.T) {
	w := newWorld()
	nasty := `</script><script>alert("x")</script><!--`
	w.add(help.Article{Article: retrieval.Article{ID: "n", Slug: "n", Title: nasty + "?", Locale: "en"}, Tags: []string{nasty}, Markdown: nasty + "\n\n## " + nasty + "\n\n```\n</script>\n```\n"})
	w.set(func(w *world) { s := w.sites["demo"]; s.Name = nasty; w.sites["demo"] = s })
	_, address := serve(t, w, withFiles)
	for _, path := range []string{"/help/n?site=demo", "/help/?site=demo", "/help/?site=demo&list=all", "/help/?site=demo&q=" + url.QueryEscape(nasty), "/help/?site=demo&topic=" + url.QueryEscape(nasty)} {
		_, body := get(t, address+path)
		d := parse(t, body)
		d.valid(path)
		for _, s := range d.all("script") {
			if strings.Contains(text(s), "alert") && attr(s, "type") != "application/ld+json" {
				t.Errorf("%s: a script of the article's is in the page", path)
			}
		}
		if n := len(d.all("script", "type", "application/ld+json")); n > 0 {
			d.data()
		}
	}
}

func TestMovedArticles(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	for _, c := range []struct {
		path   string
		status int
		to     string
	}{
		{"/help/send-it-back?lang=en", 301, "/help/returns?lang=en&site=demo"},
		{"/help/our-margin", 404, ""}, {"/help/margin", 404, ""},
		{"/help/Returns", 301, "/help/returns?lang=en&site=demo"},
		{"/help/imprint?lang=de", 302, "/help/imprint?lang=en&site=demo"},
		{"/help/nothing", 404, ""}, {"/help/%ff%fe", 404, ""}, {"/help/a%00b", 404, ""}, {"/help/" + strings.Repeat("a", 900), 404, ""},
	} {
		response, body := get(t, address+c.path)
		if response.StatusCode != c.status || response.Header.Get("Location") != c.to {
			t.Errorf("%.40s: %d to %q", c.path, response.StatusCode, response.Header.Get("Location"))
		}
		if c.status == 404 && strings.Contains(body, "What we earn") {
			t.Errorf("%.40s names an internal article", c.path)
		}
	}
	// What may have been meant is offered.
	_, body := get(t, address+"/help/retrun-shoes")
	if d := parse(t, body); d.links()["Which size do I need?"] == "" {
		t.Error("nothing is offered in place of a page that is not there")
	}
}

func TestHelpSearchIsHonest(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, withFiles)
	d := page1(t, address+"/help/?q=returning+shoes")
	var marked []string
	for _, m := range d.all("mark") {
		marked = append(marked, text(m))
	}
	if !slices.Contains(marked, "return") || !slices.Contains(marked, "shoes") || slices.Contains(marked, "for") {
		t.Errorf("marked %v", marked)
	}
	if l := d.links(); l["What we earn"] != "" || !strings.HasPrefix(l["Imprint"], "/help/imprint?lang=en&site=demo#how-long:~:text=You%20have") {
		t.Errorf("links %v", l)
	}
	if len(d.all("meta", "name", "robots")) != 1 || len(d.all("link", "rel", "canonical")) != 0 {
		t.Error("a search may be indexed")
	}
	for q, want := range map[string]string{"nothing": "Nothing was found.", "elephants": "Nothing was found.", "perhaps": "Nothing answers this for certain."} {
		d := page1(t, address+"/help/?q="+q)
		if !strings.Contains(text(d.one("main")), want) || len(d.all("button", "data-chat", "open")) != 1 {
			t.Errorf("%s: %s", q, text(d.one("main")))
		}
		if attr(d.one("input", "name", "q"), "value") != q {
			t.Error("the question is gone from its field")
		}
	}
	if response, body := get(t, address+"/help/?q=broken"); response.StatusCode != 503 || strings.Contains(body, "fire") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	// An internal article is not in the REST interface, either.
	if _, body := get(t, address+"/v1/help/search?q=margin"); strings.Contains(body, "What we earn") {
		t.Error("an internal article is found")
	}
}

func TestHelpPagesAreKeptUntilSomethingChanges(t *testing.T) {
	w := newWorld()
	srv, address := serve(t, w, nil)
	at := address + "/help/imprint?lang=en&site=demo"
	first, body := get(t, at)
	tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	if tag == "" || modified == "" || first.Header.Get("Cache-Control") != "no-cache" || !slices.Contains(first.Header.Values("Vary"), "Accept-Language") {
		t.Fatalf("headers %v", first.Header)
	}
	searches := w.library.searches
	for _, header := range [][]string{{"If-None-Match", tag}, {"If-None-Match", "W/" + tag}, {"If-Modified-Since", modified}} {
		if response, body := get(t, at, header...); response.StatusCode != 304 || body != "" {
			t.Errorf("%v: %d", header, response.StatusCode)
		}
	}
	if w.library.searches != searches {
		t.Error("a page that is kept was made again")
	}
	zipped, _ := get(t, at, "Accept-Encoding", "gzip")
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("ETag") == tag {
		t.Errorf("headers %v", zipped.Header)
	}
	w.set(func(w *world) {
		for i := range w.library.articles {
			if a := &w.library.articles[i]; a.ID == "a3" {
				a.Version, a.Markdown, a.UpdatedAt = 2, "We are another shop.", time.Now().Add(time.Hour)
			}
		}
	})
	for _, header := range [][]string{{"If-None-Match", tag}, {"If-Modified-Since", modified}} {
		response, changed := get(t, at, header...)
		if response.StatusCode != 200 || changed == body || !strings.Contains(changed, "We are another shop.") {
			t.Errorf("%v: %d", header, response.StatusCode)
		}
	}
	w.set(func(w *world) { w.library.hidden["a3"] = true })
	if response, _ := get(t, at, "If-None-Match", tag); response.StatusCode != 404 {
		t.Errorf("an article that is hidden now: %d", response.StatusCode)
	}
	for i := range 3 * keptPages {
		get(t, fmt.Sprintf("%s/help/?list=all&page=1&lang=en&site=demo&x=%d", address, i%2)) // one key
		srv.pages.Add(fmt.Sprint(i), keptPage{})
	}
	if srv.pages.Len() > keptPages {
		t.Errorf("%d pages are kept", srv.pages.Len())
	}
}

func TestRelatedArticlesAreDoneWithout(t *testing.T) {
	w := newWorld()
	w.add(help.Article{Article: retrieval.Article{ID: "b", Version: 1, Slug: "b", Title: "broken", Locale: "en"}, Markdown: "Text."})
	srv, address := serve(t, w, nil)
	d := page1(t, address+"/help/b?lang=en")
	if len(d.all("section")) != 0 || !strings.Contains(text(d.one("main")), "Text.") {
		t.Error("the page waits for what goes with it")
	}
	if srv.pages.Len() != 0 {
		t.Error("a page that is not whole is kept")
	}
}

type sitemapDoc struct {
	XMLName xml.Name
	URLs    []struct {
		Loc     string `xml:"loc"`
		Lastmod string `xml:"lastmod"`
		Links   []struct {
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"url"`
	Parts []struct {
		Loc string `xml:"loc"`
	} `xml:"sitemap"`
}

func sitemap(t *testing.T, address string) sitemapDoc {
	t.Helper()
	response, body := get(t, address)
	if response.StatusCode != 200 || !strings.HasPrefix(response.Header.Get("Content-Type"), "application/xml") {
		t.Fatalf("%d %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
	var d sitemapDoc
	if err := xml.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSitemap(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	d := sitemap(t, address+"/help/sitemap.xml?site=demo")
	at := map[string]int{}
	for i, u := range d.URLs {
		at[strings.TrimPrefix(u.Loc, address)] = i
		if u.Lastmod != "2026-01-02T00:00:00Z" {
			t.Errorf("%s changed at %q", u.Loc, u.Lastmod)
		}
		// What it names is there, under that very name.
		if got := page1(t, u.Loc).canonical(); got != u.Loc {
			t.Errorf("%s calls itself %s", u.Loc, got)
		}
	}
	if len(d.URLs) != 6 || d.URLs[at["/help/returns?lang=de&site=demo"]].Links[1].Href != address+"/help/returns?lang=en&site=demo" || len(d.URLs[at["/help/imprint?lang=en&site=demo"]].Links) != 0 {
		t.Errorf("the sitemap is %+v", d)
	}
	first, _ := get(t, address+"/help/sitemap.xml")
	if again, _ := get(t, address+"/help/sitemap.xml", "If-None-Match", first.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("asked again: %d", again.StatusCode)
	}

	w.set(func(w *world) { w.library.extra = 120_000 })
	d = sitemap(t, address+"/help/sitemap.xml?site=demo")
	if d.XMLName.Local != "sitemapindex" || len(d.Parts) != 3 || d.Parts[2].Loc != address+"/help/sitemap.xml?part=3&site=demo" {
		t.Errorf("the index is %+v", d)
	}
	if d := sitemap(t, d.Parts[0].Loc); len(d.URLs) != 6 {
		t.Errorf("the first part has %d", len(d.URLs))
	}
	for _, part := range []string{"4", "-1", "x"} {
		if response, _ := get(t, address+"/help/sitemap.xml?part="+part); response.StatusCode != 404 {
			t.Errorf("part %s: %d", part, response.StatusCode)
		}
	}
}

func TestRobots(t *testing.T) {
	_, address := serve(t, newWorld(), withFiles)
	if _, body := get(t, address+"/robots.txt"); !strings.Contains(body, "Sitemap: "+address+"/help/sitemap.xml?site=demo\n") || !strings.Contains(body, "Disallow: /console/") {
		t.Error(body)
	}
}

func FuzzHelpAddresses(f *testing.F) {
	for _, s := range []string{"returns", "</script>", "%00", "a/b", "?x", strings.Repeat("é", 200), "\xff", "..", "returns#x", "\u202e", "nothing"} {
		f.Add(s, s, s, s)
	}
	w := newWorld()
	srv, _ := serve(f, w, func(o *Options) {
		withFiles(o)
		o.Limits.RequestsPerSecond, o.Limits.RequestBurst = 1_000_000_000, 1_000_000_000
	})
	f.Fuzz(func(t *testing.T, slug, q, topic, lang string) {
		for _, address := range []string{
			"/help/" + url.PathEscape(slug) + "?" + url.Values{"lang": {lang}}.Encode(),
			"/help/?" + url.Values{"q": {q}, "lang": {lang}}.Encode(), "/help/?" + url.Values{"topic": {topic}, "page": {q}}.Encode(),
		} {
			request := httptest.NewRequest(http.MethodGet, address, nil)
			out := httptest.NewRecorder()
			srv.Handler().ServeHTTP(out, request)
			if out.Code >= 500 && q != "broken" && slug != "broken" || out.Code == http.StatusTooManyRequests {
				t.Fatalf("%q: %d", address, out.Code)
			}
			if out.Code == 200 {
				parse(t, out.Body.String()).valid(address)
			}
			if strings.Contains(out.Body.String(), "What we earn") {
				t.Fatalf("%q shows an internal article", address)
			}
		}
	})
}
