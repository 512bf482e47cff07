package source

import (
	"bytes"
	"context"
	"net/url"
	"path"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"github.com/careloop/careloop/retrieval"
)

const (
	maxFollowed = 5000 // pages of one crawl
	maxDepth    = 12   // links from the first page
)

// follow reads a page and those below its folder that it leads to, step by step.
func (w *web) follow(ctx context.Context, c *crawler, yield func(retrieval.Item) bool) {
	start := w.root.String()
	w.total.Store(1)
	if err := c.readRobots(ctx, w.root); err != nil {
		yield(problem("", start, 0, "%s", err))
		return
	}
	w.whole.Store(true)
	limit := min(w.maxPages(), maxFollowed)
	t := &trail{host: w.root.Host, below: w.root.Path[:strings.LastIndexByte(w.root.Path, '/')+1], known: map[string]bool{start: true}}
	c.links = t.add
	pages, read := []string{start}, 0
	for depth := 0; len(pages) > 0 && depth < maxDepth && ctx.Err() == nil; depth++ {
		left := limit - read
		full := len(pages) > left
		if full {
			w.whole.Store(false)
			if !yield(problem("", start, 0, "these pages lead to more than %s, and the first %s of them were read; to have others, crawl a part of the site, such as %s",
				thousands(limit), thousands(limit), pages[left])) {
				return
			}
			pages = pages[:left]
		}
		read += len(pages)
		w.total.Store(int64(read))
		going := true
		crawl(ctx, c, pages, func(item retrieval.Item) bool {
			if item.Err != nil && !item.Gone {
				w.whole.Store(false) // what that page leads to is not known
			}
			going = yield(item)
			return going
		})
		if !going || full {
			return
		}
		pages = t.next()
	}
}

// trail collects the links of pages.
type trail struct {
	host, below string

	mu    sync.Mutex
	known map[string]bool
	found []string
}

// next gives what was found since it was last asked.
func (t *trail) next() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.found
	t.found = nil
	return found
}

// add takes the links of a page that lead to others of the same host and folder.
func (t *trail) add(at *url.URL, page []byte) {
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			if token := z.Token(); token.Data == "a" {
				t.link(at, token.Attr)
			}
		}
	}
}

func (t *trail) link(at *url.URL, attributes []html.Attribute) {
	href := ""
	for _, a := range attributes {
		switch {
		case a.Key == "href":
			href = strings.TrimSpace(a.Val)
		case a.Key == "rel" && strings.Contains(strings.ToLower(a.Val), "nofollow"):
			return
		}
	}
	u, err := at.Parse(href)
	if href == "" || err != nil || !isWebURL(u.String()) || !strings.EqualFold(u.Host, t.host) || !strings.HasPrefix(u.Path, t.below) || isAttachment(u.Path) {
		return
	}
	u.Fragment, u.RawFragment = "", ""
	address := u.String()
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.known[address] && len(t.known) < 20*maxFollowed {
		t.known[address] = true
		t.found = append(t.found, address)
	}
}

// isAttachment tells by its name what is certainly no page.
func isAttachment(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case "", ".htm", ".html", ".xhtml", ".php", ".asp", ".aspx", ".jsp":
		return false
	case ".pdf", ".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".ico", ".css", ".js", ".json", ".xml", ".zip", ".gz", ".mp4", ".mp3", ".doc", ".docx", ".xls", ".xlsx", ".csv", ".txt":
		return true
	}
	return false
}
