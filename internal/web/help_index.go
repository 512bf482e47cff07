package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/careloop/careloop/assist/help"
)

// A sitemap may hold 50,000 addresses (sitemaps.org); some are left for the home
// pages.
const (
	articlesPerSitemap = 49_500
	maxHomes           = 500
	// sitesInRobots bounds the sitemaps that robots.txt names.
	sitesInRobots = 1000
)

const (
	sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"
	xhtmlSpace   = "http://www.w3.org/1999/xhtml"
)

type sitemapURL struct {
	XMLName    xml.Name           `xml:"url"`
	Address    string             `xml:"loc"`
	ChangedAt  string             `xml:"lastmod,omitempty"`
	Alternates []sitemapAlternate `xml:"xhtml:link"`
}

type sitemapAlternate struct {
	Rel      string `xml:"rel,attr"`
	Language string `xml:"hreflang,attr"`
	Address  string `xml:"href,attr"`
}

type sitemapPart struct {
	XMLName   xml.Name `xml:"sitemap"`
	Address   string   `xml:"loc"`
	ChangedAt string   `xml:"lastmod,omitempty"`
}

// helpSitemap lists what there is to read for those who index it. A large site's
// is a list of parts.
func (s *Server) helpSitemap(c echo.Context) error {
	r, err := s.reader(c)
	if err != nil {
		return s.pageError(c, err)
	}
	parts := max(1, (r.shelf.Articles+articlesPerSitemap-1)/articlesPerSitemap)
	part, err := strconv.Atoi(c.QueryParam("part"))
	if c.QueryParam("part") == "" {
		part, err = 0, nil
	}
	if err != nil || part < 0 || part > parts {
		return errNoFile
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{r.origin, r.site.Key, r.shelf.Stamp, strconv.Itoa(part)}, "\x00")))
	etag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	h := c.Response().Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", etag)
	if matches(c.Request().Header.Get("If-None-Match"), strings.TrimPrefix(etag, "W/")) {
		return c.NoContent(http.StatusNotModified)
	}
	if part == 0 && parts > 1 {
		return writeXML(c, "sitemapindex", func(add func(any) error) error {
			for i := range parts {
				q := url.Values{"site": {r.site.Key}, "part": {strconv.Itoa(i + 1)}}
				if err := add(sitemapPart{Address: r.origin + "/help/sitemap.xml?" + q.Encode(), ChangedAt: moment(r.shelf.ChangedAt)}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	places, err := s.Articles.Places(c.Request().Context(), r.site.ID, articlesPerSitemap, max(0, part-1)*articlesPerSitemap)
	if err != nil {
		return s.pageError(c, err)
	}
	return writeXML(c, "urlset", func(add func(any) error) error {
		if part <= 1 {
			for _, u := range r.homesInSitemap() {
				if err := add(u); err != nil {
					return err
				}
			}
		}
		for _, p := range places {
			if err := add(r.inSitemap(p)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r reader) homesInSitemap() []sitemapURL {
	var list []sitemapURL
	locales := r.shelf.Locales[:min(len(r.shelf.Locales), maxHomes)]
	for _, l := range locales {
		list = append(list, sitemapURL{Address: r.origin + homePath(r.site.Key, l, nil), ChangedAt: moment(r.shelf.ChangedAt),
			Alternates: alternates(locales, func(l string) string { return r.origin + homePath(r.site.Key, l, nil) })})
	}
	return list
}

func (r reader) inSitemap(p help.Place) sitemapURL {
	return sitemapURL{Address: r.origin + help.Path(r.site.Key, p.Slug, p.Locale), ChangedAt: moment(p.UpdatedAt),
		Alternates: alternates(p.Locales, func(l string) string { return r.origin + help.Path(r.site.Key, p.Slug, l) })}
}

func alternates(locales []string, address func(string) string) []sitemapAlternate {
	if len(locales) < 2 {
		return nil
	}
	var list []sitemapAlternate
	for _, l := range locales {
		list = append(list, sitemapAlternate{"alternate", l, address(l)})
	}
	return list
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// writeXML writes a sitemap as its entries come: a large one takes no memory.
func writeXML(c echo.Context, name string, fill func(add func(any) error) error) error {
	c.Response().Header().Set("Content-Type", "application/xml; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	w := c.Response()
	if _, err := fmt.Fprintf(w, "%s<%s xmlns=%q xmlns:xhtml=%q>\n", xml.Header, name, sitemapSpace, xhtmlSpace); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	if err := fill(func(v any) error {
		if err := e.Encode(v); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "</%s>\n", name)
	return err
}

// serveRobots tells those who index what there is; the demo shop's own word goes
// first.
func (s *Server) serveRobots(c echo.Context) error {
	if a, ok := s.assets.shop["robots.txt"]; ok {
		return a.serve(c, "no-cache")
	}
	var b strings.Builder
	b.WriteString("User-agent: *\nDisallow: /console/\nDisallow: /v1/\n")
	if s.Articles != nil {
		keys, err := s.Articles.SitesWithHelp(c.Request().Context(), sitesInRobots)
		if err != nil {
			return s.pageError(c, err)
		}
		for _, key := range keys {
			fmt.Fprintf(&b, "Sitemap: %s/help/sitemap.xml?%s\n", s.ownOrigin(c.Request()), url.Values{"site": {key}}.Encode())
		}
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.String(http.StatusOK, b.String())
}
