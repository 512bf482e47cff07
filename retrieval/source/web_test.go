package source

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/careloop/careloop/internal/safehttp"
	"github.com/careloop/careloop/retrieval"
)

// site is a help centre on a local port.
type site struct {
	*httptest.Server
	options Options

	mu     sync.Mutex
	asked  map[string]int
	sleeps []time.Duration
}

// newSite serves pages by path; "{base}" in them stands for the site's address.
func newSite(t *testing.T, pages map[string]string, h http.HandlerFunc) *site {
	t.Helper()
	s := &site{asked: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked[r.URL.Path]++
		s.mu.Unlock()
		if r.UserAgent() != userAgent {
			t.Errorf("user agent %q", r.UserAgent())
		}
		page, there := pages[r.URL.Path]
		switch {
		case there:
			w.Header().Set("Content-Type", "text/html")
			if strings.HasSuffix(r.URL.Path, ".xml") {
				w.Header().Set("Content-Type", "application/xml")
			}
			fmt.Fprint(w, strings.ReplaceAll(page, "{base}", s.URL))
		case h != nil:
			h(w, r)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	u, _ := url.Parse(s.URL)
	port, _ := strconv.Atoi(u.Port())
	s.options = Options{
		Client: safehttp.New(safehttp.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ports: []int{port, 80}}),
		sleep: func(ctx context.Context, d time.Duration) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sleeps = append(s.sleeps, d)
			return ctx.Err()
		},
	}
	t.Cleanup(s.options.Client.CloseIdleConnections)
	return s
}

func (s *site) source(t *testing.T, path string) retrieval.Source {
	t.Helper()
	src, err := Open(t.Context(), s.URL+path, s.options)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// read collects what a source gives, sorted, with the site's address as {base}.
func (s *site) read(t *testing.T, src retrieval.Source) (docs map[string]retrieval.Document, problems []string) {
	t.Helper()
	docs = map[string]retrieval.Document{}
	for item := range src.Items(t.Context()) {
		if item.Err != nil {
			kind := "? "
			if item.Gone {
				kind = "- "
			}
			problems = append(problems, kind+strings.ReplaceAll(item.Err.String(), s.URL, "{base}"))
			continue
		}
		docs[strings.TrimPrefix(item.Doc.Key, s.URL)] = item.Doc
	}
	sort.Strings(problems)
	return docs, problems
}

func article(title string) string {
	return "<html lang=en><title>" + title + "</title><main><p>About " + title + ".</p></main>"
}

func urlset(paths ...string) string {
	var out strings.Builder
	out.WriteString(`<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:i="http://x">`)
	for _, p := range paths {
		if strings.HasPrefix(p, "/") {
			p = "{base}" + p
		}
		out.WriteString("\n<url><loc>\n " + p + " </loc><lastmod>2026-01-01</lastmod><i:image><i:loc>{base}/image.png</i:loc></i:image></url>")
	}
	return out.String() + "</urlset>"
}

func TestSinglePage(t *testing.T) {
	s := newSite(t, map[string]string{"/help": "<html lang=de-AT><h1>Hilfe</h1><p>Mehr <a href=b>dort</a>."}, nil)
	src := s.source(t, "/help#part")
	docs, problems := s.read(t, src)
	equal(t, "problems", problems, []string(nil))
	equal(t, "page", docs["/help"], retrieval.Document{Key: s.URL + "/help", URL: s.URL + "/help", Title: "Hilfe", Locale: "de-AT", Markdown: "Mehr [dort](" + s.URL + "/b)."})
	if src.Whole() || src.Name() != strings.TrimPrefix(s.URL, "http://") {
		t.Errorf("%v %s", src.Whole(), src.Name())
	}
}

func TestSitemap(t *testing.T) {
	s := newSite(t, map[string]string{
		"/sitemap.xml": urlset("/good", "/good", "/missing", "/error", "/private/x", "/pdf", "/noindex", "/tagged", "/canonical?x=1", "/canonical?x=2",
			"/moved", "/out", "/deep", "https://other.example/x", "not a url", "/latin1", "/empty"),
		"/robots.txt": "User-agent: careloop\nDisallow: /private\n",
		"/good":       article("Good"),
		"/noindex":    "<meta name=robots content=noindex>x",
		"/canonical":  "<link rel=canonical href='{base}/canonical'>" + article("Canonical"),
		"/new":        article("New"),
		"/deep":       strings.Repeat("<div>", 1000),
		"/empty":      "<title>Empty</title>",
	}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/error":
			w.WriteHeader(http.StatusInternalServerError)
		case "/pdf":
			w.Header().Set("Content-Type", "application/pdf")
			fmt.Fprint(w, "%PDF")
		case "/tagged":
			w.Header().Set("X-Robots-Tag", "noindex, nofollow")
			fmt.Fprint(w, article("Tagged"))
		case "/moved":
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
		case "/out":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/latin1":
			w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
			fmt.Fprint(w, "<h1>Gr\xfc\xdfe</h1>x")
		default:
			http.NotFound(w, r)
		}
	})
	src := s.source(t, "/sitemap.xml")
	docs, problems := s.read(t, src)
	var keys []string
	for k := range docs {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	equal(t, "pages", keys, []string{"/canonical", "/empty", "/good", "/latin1", "/new"})
	equal(t, "encoding", docs["/latin1"].Title, "Grüße")
	equal(t, "problems", problems, []string{
		"- https://other.example/x: it is on another host than " + strings.TrimPrefix(s.URL, "http://"),
		"- not a url: this is not the address of a web page",
		"- {base}/deep: the HTML cannot be read: html: open stack of elements exceeds 512 nodes",
		"- {base}/missing: there is no such page (404)",
		"- {base}/noindex: the page asks not to be indexed",
		"- {base}/pdf: it is application/pdf, not an HTML page",
		"- {base}/private/x: robots.txt does not permit reading it",
		"- {base}/tagged: the page asks not to be indexed",
		"? {base}/error: the host answers 500 Internal Server Error",
		"? {base}/out: this page led to an internal address, so it was not read",
	})
	if s.asked["/private/x"] != 0 || s.asked["/good"] != 1 || !src.Whole() || src.Total() != 16 || src.Name() != s.URL+"/sitemap.xml" {
		t.Errorf("%v, %d, %s", s.asked, src.Total(), src.Name())
	}
	waits := 0
	for _, d := range s.sleeps {
		if d > 20*defaultDelay {
			t.Errorf("waited %s", d)
		}
		if d > 0 {
			waits++
		}
	}
	if waits < 10 {
		t.Errorf("%d waits between %d requests", waits, len(s.sleeps))
	}
}

func TestSitemapIndex(t *testing.T) {
	index := func(paths ...string) string {
		return strings.NewReplacer("urlset", "sitemapindex", "<url>", "<sitemap>", "</url>", "</sitemap>").Replace(urlset(paths...))
	}
	var s *site
	s = newSite(t, map[string]string{
		"/sitemap.xml": index("/a.xml", "/b.xml.gz", "/broken.xml", "/missing.xml", "/nested.xml", "/sitemap.xml", "https://other.example/s.xml"),
		"/a.xml":       urlset("/1", "/2"),
		"/broken.xml":  strings.TrimSuffix(urlset("/4"), "</urlset>"),
		"/nested.xml":  index("/deeper.xml"),
		"/deeper.xml":  index("/deepest.xml"),
		"/deepest.xml": urlset("/5"),
		"/1":           article("One"),
		"/2":           article("Two"),
		"/3":           article("Three"),
		"/4":           article("Four"),
	}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/b.xml.gz" {
			fmt.Fprint(w, packed(strings.ReplaceAll(urlset("/3"), "{base}", s.URL)))
			return
		}
		http.NotFound(w, r)
	})
	docs, problems := s.read(t, s.source(t, "/sitemap.xml"))
	equal(t, "pages", len(docs), 4)
	equal(t, "problems", problems, []string{
		"? https://other.example/s.xml: the sitemap is on another host and is left out",
		"? {base}/broken.xml: the sitemap ends in the middle",
		"? {base}/deeper.xml: sitemaps within sitemaps are nested too deeply",
		"? {base}/missing.xml: the host answers 404 Not Found",
	})
}

func TestSitemapFile(t *testing.T) {
	s := newSite(t, map[string]string{"/1": article("One")}, nil)
	path := filepath.Join(tree(t, map[string]string{"map.xml": strings.ReplaceAll(urlset("/1"), "{base}", s.URL)}), "map.xml")
	src, err := Open(t.Context(), path, s.options)
	if err != nil {
		t.Fatal(err)
	}
	docs, problems := s.read(t, src)
	if len(docs) != 1 || problems != nil || src.Name() != path || !src.Whole() {
		t.Errorf("%v %v", docs, problems)
	}
}

func TestSitemapOfAMillionPages(t *testing.T) {
	var s *site
	s = newSite(t, map[string]string{"/robots.txt": ""}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/sitemap.xml" {
			fmt.Fprint(w, article(r.URL.Path))
			return
		}
		fmt.Fprint(w, "<urlset>")
		for i := range 1_000_000 {
			fmt.Fprintf(w, "<url><loc>%s/%d</loc></url>", s.URL, i)
		}
		fmt.Fprint(w, "</urlset>")
	})
	s.options.Kind, s.options.MaxPages = Sitemap, 3
	src := s.source(t, "/sitemap.xml")
	docs, problems := s.read(t, src)
	if len(docs) != 3 || len(problems) != 1 || !strings.Contains(problems[0], "the sitemap lists 1,000,000 pages, and the first 3 of them were taken; to have others, give the address of a smaller sitemap") {
		t.Errorf("%d pages, %.300q", len(docs), problems)
	}
}

func TestCrawlFollowsLinks(t *testing.T) {
	linked := func(title, links string) string { return article(title) + links }
	pages := map[string]string{
		"/robots.txt":  "",
		"/help/":       linked("Start", `<a href="a">a</a> <a href="/help/a#part">a</a> <a href="b.html?x=1">b</a> <a href="/shop">out</a> <a href="https://other.example/help/">other</a> <a href="x.pdf">pdf</a> <a rel=nofollow href=c>c</a> <a href="mailto:x@y.z">m</a>`),
		"/help/a":      linked("A", `<a href="deep/d">d</a><a href="/help/">start</a>`),
		"/help/b.html": article("B"),
		"/help/deep/d": linked("D", `<a href="missing">m</a>`),
		"/shop":        article("Shop"),
	}
	s := newSite(t, pages, nil)
	s.options.Kind = Crawl
	src := s.source(t, "/help/")
	docs, problems := s.read(t, src)
	var titles []string
	for _, d := range docs {
		titles = append(titles, d.Title)
	}
	slices.Sort(titles)
	equal(t, "pages", titles, []string{"A", "B", "D", "Start"})
	equal(t, "problems", problems, []string{"- {base}/help/deep/missing: there is no such page (404)"})
	if !src.Whole() || src.Name() != s.URL+"/help/" || s.asked["/shop"] != 0 {
		t.Errorf("%v %s %v", src.Whole(), src.Name(), s.asked)
	}
	s.options.MaxPages = 2
	src = s.source(t, "/help/")
	docs, problems = s.read(t, src)
	if len(docs) != 2 || src.Whole() || len(problems) != 1 || !strings.Contains(problems[0], "more than 2, and the first 2 of them were read") {
		t.Errorf("%d %v %q", len(docs), src.Whole(), problems)
	}
}

func TestPageThatLeadsToAnInternalAddress(t *testing.T) {
	s := newSite(t, map[string]string{"/robots.txt": ""}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	})
	s.options.Kind = Page
	_, problems := s.read(t, s.source(t, "/x"))
	equal(t, "problems", problems, []string{"? {base}/x: this page led to an internal address, so it was not read"})
	src, err := Open(t.Context(), "http://169.254.169.254/latest/", s.options)
	if err != nil {
		t.Fatal(err)
	}
	_, problems = s.read(t, src)
	if len(problems) != 1 || !strings.Contains(problems[0], "this is an internal address, so it was not read") {
		t.Errorf("%q", problems)
	}
}

func TestRobotsThatCannotBeReadForbids(t *testing.T) {
	s := newSite(t, map[string]string{"/sitemap.xml": urlset("/1"), "/1": article("One")}, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
	})
	for _, path := range []string{"/sitemap.xml", "/1"} {
		docs, problems := s.read(t, s.source(t, path))
		if len(docs) != 0 || len(problems) != 1 || !strings.HasPrefix(problems[0], "? ") || !strings.Contains(problems[0], "answers 502") {
			t.Errorf("%v %q", docs, problems)
		}
	}
}

func TestBusyHostIsGivenTime(t *testing.T) {
	var tries atomic.Int32
	s := newSite(t, nil, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt":
			fmt.Fprint(w, "User-agent: *\nCrawl-delay: 3600\n")
		case r.URL.Path == "/always":
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusServiceUnavailable)
		case tries.Add(1) == 1:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			fmt.Fprint(w, article("Late"))
		}
	})
	docs, problems := s.read(t, s.source(t, "/late"))
	if len(docs) != 1 || problems != nil {
		t.Fatalf("%v %v", docs, problems)
	}
	// robots.txt at once; the page; then again after what was asked for. The
	// delay of an hour counts as ten seconds.
	if last := s.sleeps[len(s.sleeps)-1]; last < 6*time.Second || last > 11*time.Second {
		t.Errorf("waits %v", s.sleeps)
	}
	s.sleeps = nil
	_, problems = s.read(t, s.source(t, "/always"))
	equal(t, "problems", problems, []string{"? {base}/always: the host answers 503 Service Unavailable"})
	equal(t, "tries", s.asked["/always"], attempts)
	for _, d := range s.sleeps {
		if d > 3*maxRetryAfter {
			t.Errorf("waited %s", d)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	if d := retryAfter("7", 1); d != 7*time.Second {
		t.Error(d)
	}
	if d := retryAfter(time.Now().Add(30*time.Second).UTC().Format(http.TimeFormat), 1); d < 25*time.Second || d > 30*time.Second {
		t.Error(d)
	}
	for _, h := range []string{"99999999999999999999", "86400", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)} {
		if d := retryAfter(h, 1); d > maxRetryAfter || d <= 0 {
			t.Errorf("%s: %s", h, d)
		}
	}
	if d := retryAfter("", 2); d != 2*busyWait {
		t.Error(d)
	}
}

func TestAtMostTwoRequestsAtOnce(t *testing.T) {
	var now, most atomic.Int32
	both := make(chan struct{})
	var paths []string
	for i := range 20 {
		paths = append(paths, fmt.Sprintf("/p%d", i))
	}
	s := newSite(t, map[string]string{"/sitemap.xml": urlset(paths...), "/robots.txt": ""}, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		if n > most.Load() {
			most.Store(n)
		}
		if n == atOnce {
			select {
			case <-both:
			default:
				close(both)
			}
		}
		<-both // the first waits for a second beside it
		fmt.Fprint(w, article(r.URL.Path))
	})
	docs, problems := s.read(t, s.source(t, "/sitemap.xml"))
	if len(docs) != 20 || problems != nil || most.Load() != atOnce {
		t.Errorf("%d pages, %v, %d at once", len(docs), problems, most.Load())
	}
}

func TestCrawlEndsWithItsContext(t *testing.T) {
	var paths []string
	for i := range 50 {
		paths = append(paths, fmt.Sprintf("/p%d", i))
	}
	s := newSite(t, map[string]string{"/sitemap.xml": urlset(paths...), "/robots.txt": ""}, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, article(r.URL.Path))
	})
	for _, stop := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		for range s.source(t, "/sitemap.xml").Items(ctx) {
			if n++; n == 3 {
				if stop {
					break
				}
				cancel()
			}
		}
		cancel()
		if n < 3 || n > 3+2*atOnce {
			t.Errorf("%d items", n)
		}
	}
}

func TestPageTimeout(t *testing.T) {
	release := make(chan struct{})
	s := newSite(t, map[string]string{"/robots.txt": ""}, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	s.options.PageTimeout = 50 * time.Millisecond
	_, problems := s.read(t, s.source(t, "/slow"))
	equal(t, "problems", problems, []string{"? {base}/slow: it did not answer in time"})
}

func TestLargePage(t *testing.T) {
	s := newSite(t, map[string]string{"/robots.txt": "", "/large": "<p>" + strings.Repeat("x", maxFile)}, nil)
	_, problems := s.read(t, s.source(t, "/large"))
	equal(t, "problems", problems, []string{"- {base}/large: the page is larger than 5 MB"})
}

func TestUnknownHost(t *testing.T) {
	s := newSite(t, nil, nil)
	s.options.Client = safehttp.New(safehttp.Options{})
	src, err := Open(t.Context(), s.URL, s.options)
	if err != nil {
		t.Fatal(err)
	}
	_, problems := s.read(t, src)
	if len(problems) != 1 || !strings.Contains(problems[0], "refused: port") {
		t.Errorf("%q", problems)
	}
}
