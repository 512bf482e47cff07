package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

const (
	// keptPages bounds the pages that are kept in memory, keptBytes each of them.
	// Of larger ones, which take long to make, largePages are kept.
	keptPages  = 512
	keptBytes  = 128 << 10
	largePages = 8
	// keptFor is how long the most read articles may be old ones. What was
	// published or withdrawn shows at once: the shelf's stamp is in the key.
	keptFor = 5 * time.Minute
)

type keptPage struct {
	*asset
	made time.Time
}

func newPageCache(size int) *lru.Cache[string, keptPage] {
	c, err := lru.New[string, keptPage](size)
	if err != nil {
		panic(err) // the size is above 0
	}
	return c
}

// cached answers with a page that depends on nothing but the shelf, the reader's
// language and the key; it is made where it is not kept. fill reports whether
// the page may be kept; where it gives errNoFile, there is no such page.
func (s *Server) cached(c echo.Context, r reader, key, name string, fill func(context.Context) (page, bool, error)) error {
	if kept, ok := s.kept(r, key); ok {
		return s.servePage(c, r, kept)
	}
	p, whole, err := fill(c.Request().Context())
	if errors.Is(err, errNoFile) {
		return s.helpNotFound(c, r, "")
	}
	if err != nil {
		return s.pageError(c, err)
	}
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, p); err != nil {
		return err
	}
	made := newAsset(name, out.Bytes())
	switch {
	case !whole:
	case out.Len() <= keptBytes:
		s.pages.Add(r.keepAs(key), keptPage{made, time.Now()})
	default:
		s.largePages.Add(r.keepAs(key), keptPage{made, time.Now()})
	}
	return s.servePage(c, r, made)
}

// keepAs names a page by all that it depends on.
func (r reader) keepAs(key string) string {
	return strings.Join([]string{key, r.origin, r.site.ID, r.site.Name, r.site.Locale, r.locale, r.shelf.Stamp}, "\x00")
}

func (s *Server) kept(r reader, key string) (*asset, bool) {
	kept, ok := s.pages.Get(r.keepAs(key))
	if !ok {
		kept, ok = s.largePages.Get(r.keepAs(key))
	}
	return kept.asset, ok && time.Since(kept.made) <= keptFor
}

// servePage answers with a page, or with "not modified".
func (s *Server) servePage(c echo.Context, r reader, a *asset) error {
	h := c.Response().Header()
	h.Add("Vary", "Accept-Language")
	changed := r.shelf.ChangedAt
	if changed.Before(s.began) {
		changed = s.began // this release may word it otherwise
	}
	h.Set("Last-Modified", changed.UTC().Format(http.TimeFormat))
	if c.Request().Header.Get("If-None-Match") == "" && notSince(c.Request(), changed) {
		h.Set("Cache-Control", "no-cache")
		return c.NoContent(http.StatusNotModified)
	}
	return a.serve(c, "no-cache")
}

// notSince tells whether a page is no younger than the reader's.
func notSince(r *http.Request, changed time.Time) bool {
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !changed.Truncate(time.Second).After(since)
}

func (s *Server) render(c echo.Context, status int, name string, p page) error {
	var out bytes.Buffer
	if p.Style == "" {
		p.Style = "/help/assets/help.css?v=" + version(s.assets.help)
	}
	if err := pages.ExecuteTemplate(&out, name, p); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Language")
	return c.HTMLBlob(status, out.Bytes())
}
