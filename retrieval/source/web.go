package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/careloop/careloop/retrieval"
)

// web reads a page, or all pages that a sitemap lists.
type web struct {
	options Options
	root    *url.URL // of the page or sitemap; nil where the sitemap is a file
	file    string
	total   atomic.Int64
	whole   atomic.Bool
}

func newWeb(u *url.URL, o Options) *web { return &web{options: o, root: u} }

func newSitemapFile(path string, o Options) *web { return &web{options: o, file: path} }

// Name is the address of a sitemap and the host of a page: pages of one host
// belong together, unless somebody said how the address is read.
func (w *web) Name() string {
	switch {
	case w.root == nil:
		return w.file
	case w.options.Kind != "" || isSitemap(w.root):
		return w.root.String()
	}
	return strings.ToLower(w.root.Host)
}

func (w *web) Whole() bool { return w.whole.Load() }
func (w *web) Total() int  { return int(w.total.Load()) }

// isSitemap tells by an address.
func isSitemap(u *url.URL) bool {
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".xml", ".gz":
		return true
	case "":
		return strings.Contains(strings.ToLower(path.Base(u.Path)), "sitemap")
	}
	return false
}

// Items fetches the pages, a few at once; they come in the order in which they
// arrive.
func (w *web) Items(ctx context.Context) iter.Seq[retrieval.Item] {
	return func(yield func(retrieval.Item) bool) {
		if w.root == nil {
			w.fromFile(ctx, yield)
			return
		}
		c := newCrawler(w.options, w.root.Host)
		switch kind := w.options.Kind; {
		case kind == Crawl:
			w.follow(ctx, c, yield)
			return
		case kind == Page || kind == "" && !isSitemap(w.root):
			w.onePage(ctx, c, yield)
			return
		}
		a, err := c.getPatiently(ctx, w.root.String(), maxSitemap)
		if errors.Is(err, errPageTooLarge) {
			err = nil // what came of it is read
		}
		if err == nil && a.status != http.StatusOK {
			err = fmt.Errorf("the host answers %d %s", a.status, http.StatusText(a.status))
		}
		if err != nil {
			yield(problem("", w.root.String(), 0, "%s", err))
			return
		}
		c.host = a.url.Host // where a redirect led: www.shop.example, say
		w.fromSitemap(ctx, c, a.url, a.body, yield)
	}
}

// onePage reads a single page.
func (w *web) onePage(ctx context.Context, c *crawler, yield func(retrieval.Item) bool) {
	w.total.Store(1)
	w.whole.Store(w.options.Kind == Page)
	if err := c.readRobots(ctx, w.root); err != nil {
		yield(problem("", w.root.String(), 0, "%s", err))
		return
	}
	if item, ok := c.page(ctx, w.root.String()); ok {
		yield(item)
	}
}

func (w *web) fromFile(ctx context.Context, yield func(retrieval.Item) bool) {
	f, err := os.Open(w.file)
	if err != nil {
		yield(problem("", w.file, 0, "%s", reason(err)))
		return
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxSitemap+1))
	if err == nil && len(body) > maxSitemap {
		err = errPageTooLarge
	}
	if err != nil {
		yield(problem("", w.file, 0, "%s", reason(err)))
		return
	}
	m, _ := parseSitemap(bytes.NewReader(body), 1)
	var at *url.URL
	for _, address := range append(m.pages, m.sitemaps...) {
		if u, err := url.Parse(address); err == nil && u.Host != "" && isWebURL(address) {
			at = u
			break
		}
	}
	if at == nil {
		yield(problem("", w.file, 0, "the sitemap lists no pages"))
		return
	}
	w.fromSitemap(ctx, newCrawler(w.options, at.Host), at, body, yield)
}

func (w *web) fromSitemap(ctx context.Context, c *crawler, at *url.URL, body []byte, yield func(retrieval.Item) bool) {
	w.whole.Store(true)
	if err := c.readRobots(ctx, at); err != nil {
		yield(problem("", at.String(), 0, "%s", err))
		return
	}
	name := at.String()
	if w.file != "" {
		name = w.file
	}
	l := &listing{crawler: c, pages: map[string]bool{name: true}, limit: w.maxPages()}
	l.read(ctx, name, body, 0)
	if l.count > len(l.order) && len(l.order) == l.limit {
		l.fail(name, fmt.Errorf("the sitemap lists %s pages, and the first %s of them were taken; to have others, give the address of a smaller sitemap, or crawl the part of the site that you need",
			l.counted(), thousands(l.limit)))
	}
	for _, p := range l.problems {
		if !yield(p) {
			return
		}
	}
	w.total.Store(int64(len(l.order)))
	crawl(ctx, c, l.order, yield)
}

// listing collects the pages of a sitemap and of those that it lists.
type listing struct {
	crawler  *crawler
	pages    map[string]bool
	order    []string
	limit    int
	count    int  // of pages that are listed, be they taken or not
	more     bool // a list was too long to be read whole
	files    int
	problems []retrieval.Item
}

// counted is how many pages are listed, in words.
func (l *listing) counted() string {
	if l.more {
		return "more than " + thousands(l.count)
	}
	return thousands(l.count)
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (w *web) maxPages() int { return cmp.Or(w.options.MaxPages, maxPages) }

func (l *listing) fail(file string, err error) {
	l.problems = append(l.problems, problem("", file, 0, "%s", err))
}

func (l *listing) read(ctx context.Context, name string, body []byte, depth int) {
	m, err := parseSitemap(bytes.NewReader(body), l.limit)
	cut := len(body) > maxSitemap || errors.Is(err, errSitemapTooLarge)
	l.more = l.more || cut
	l.count += m.count
	for _, p := range m.pages {
		if l.pages[p] {
			l.count--
			continue
		}
		if len(l.order) == l.limit {
			break
		}
		l.pages[p] = true
		l.order = append(l.order, p)
	}
	if cut && len(l.order) < l.limit {
		l.fail(name, errSitemapTooLarge)
	} else if err != nil && !cut {
		l.fail(name, err)
	}
	sitemaps := m.sitemaps
	if len(sitemaps) > 0 && depth+1 >= maxSitemapDepth {
		l.fail(name, errors.New("sitemaps within sitemaps are nested too deeply"))
		return
	}
	for _, s := range sitemaps {
		u, err := url.Parse(s)
		switch {
		case ctx.Err() != nil:
			return
		case l.pages[s]:
			continue
		case err != nil || !isWebURL(s) || !strings.EqualFold(u.Host, l.crawler.host):
			l.fail(s, errors.New("the sitemap is on another host and is left out"))
			continue
		case l.files == maxSitemaps:
			l.fail(name, fmt.Errorf("the index lists more than %d sitemaps; the rest is left out", maxSitemaps))
			return
		}
		l.pages[s] = true
		l.files++
		a, err := l.crawler.getPatiently(ctx, s, maxSitemap)
		if errors.Is(err, errPageTooLarge) {
			err = nil // what came of it is read
		}
		if err == nil && a.status != http.StatusOK {
			err = fmt.Errorf("the host answers %d %s", a.status, http.StatusText(a.status))
		}
		if err != nil {
			l.fail(s, err)
			continue
		}
		l.read(ctx, s, a.body, depth+1)
	}
}

// crawl fetches the pages with a few workers and yields what they bring. It
// returns when all of them have ended.
func crawl(ctx context.Context, c *crawler, pages []string, yield func(retrieval.Item) bool) {
	ctx, cancel := context.WithCancel(ctx)
	jobs, results := make(chan string), make(chan retrieval.Item)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for address := range jobs {
				item, ok := c.page(ctx, address)
				if !ok || ctx.Err() != nil {
					continue
				}
				select {
				case results <- item:
				case <-ctx.Done():
				}
			}
		})
	}
	workers.Go(func() {
		defer close(jobs)
		for _, address := range pages {
			select {
			case jobs <- address:
			case <-ctx.Done():
				return
			}
		}
	})
	ended := make(chan struct{})
	go func() {
		workers.Wait()
		close(results)
		close(ended)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	for item := range results {
		if !yield(item) {
			return
		}
	}
}
