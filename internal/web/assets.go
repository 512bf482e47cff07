package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed help.css
var helpCSS []byte

//go:embed help.js
var helpJS []byte

// How long browsers keep files. The loader's name never changes, so it is asked
// for again soon; files whose address carries their version are kept.
const (
	cacheLoader = "public, max-age=300, stale-while-revalidate=86400"
	cacheVersed = "public, max-age=31536000, immutable"
	cacheFile   = "public, max-age=3600"
)

// asset is a file in memory, compressed once where that is worth it.
type asset struct {
	body    []byte
	gzipped []byte // nil: not smaller
	kind    string
	etag    string
}

type assets struct {
	widget, console, shop map[string]*asset
	help, helpScript      *asset
}

func newAssets(widget, console, shop fs.FS) (*assets, error) {
	a := &assets{help: newAsset("help.css", helpCSS), helpScript: newAsset("help.js", helpJS)}
	var err error
	if a.widget, err = loadAssets(widget); err != nil {
		return nil, fmt.Errorf("web: widget: %w", err)
	}
	if a.console, err = loadAssets(console); err != nil {
		return nil, fmt.Errorf("web: console: %w", err)
	}
	if a.shop, err = loadAssets(shop); err != nil {
		return nil, fmt.Errorf("web: storefront: %w", err)
	}
	return a, nil
}

func loadAssets(tree fs.FS) (map[string]*asset, error) {
	if tree == nil {
		return nil, nil
	}
	files := map[string]*asset{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		files[name] = newAsset(name, body)
		return nil
	})
	return files, err
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	a := &asset{body: body, kind: contentType(name), etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
	if isText(a.kind) {
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // a valid level
		_, _ = w.Write(body)                                       // to memory
		_ = w.Close()
		if packed.Len() < len(body) {
			a.gzipped = packed.Bytes()
		}
	}
	return a
}

// contentType does not ask the machine's MIME tables, which differ.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".webp":
		return "image/webp"
	case ".woff2":
		return "font/woff2"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

func isText(kind string) bool {
	return strings.HasPrefix(kind, "text/") || kind == "image/svg+xml" || kind == "application/json"
}

// serve answers with a file, or with "not modified".
func (a *asset) serve(c echo.Context, cache string) error {
	h := c.Response().Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", cache)
	// The compressed form is another representation, so it has its own tag.
	etag, body := a.etag, a.body
	if a.gzipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(c.Request()) {
			h.Set("Content-Encoding", "gzip")
			etag, body = strings.TrimSuffix(a.etag, `"`)+`-gz"`, a.gzipped
		}
	}
	h.Set("ETag", etag)
	if matches(c.Request().Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, a.kind, body)
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			return strings.ReplaceAll(quality, " ", "") != "q=0"
		}
	}
	return false
}

func matches(header, etag string) bool {
	for _, tag := range strings.Split(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

var errNoFile = echo.NewHTTPError(http.StatusNotFound)

// serveLoader serves the script that a shop's page includes.
func (s *Server) serveLoader(c echo.Context) error {
	a, ok := s.assets.widget["widget.js"]
	if !ok {
		return errNoFile
	}
	c.Response().Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	return a.serve(c, cacheLoader)
}

// serveWidgetFile serves what the frame loads.
func (s *Server) serveWidgetFile(c echo.Context) error {
	name := c.Param("*")
	a, ok := s.assets.widget[name]
	if !ok || path.Ext(name) == ".html" {
		return errNoFile
	}
	cache := cacheFile
	if c.QueryParam("v") != "" {
		cache = cacheVersed
	}
	return a.serve(c, cache)
}

// serveFrame serves the widget's app with a policy that names who may embed
// it: the pages of the site and our own.
func (s *Server) serveFrame(c echo.Context) error {
	a, ok := s.assets.widget["frame.html"]
	if !ok {
		return errNoFile
	}
	site, err := s.site(c.Request().Context(), c.QueryParam("site"))
	if err != nil {
		p := problemFor(err)
		if p.Code == codeUnknownSite {
			return s.renderUnknownSite(c)
		}
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", framePolicy(site.AllowedOrigins, s.socketSource(c.Request())))
	return a.serve(c, "no-cache")
}

// framePolicy is the frame's policy. Origins come from an admin; what is not an
// origin is left out, so that it cannot add to the policy.
func framePolicy(allowed []string, socket string) string {
	ancestors := "'self'"
	for _, o := range allowed {
		if n := normalOrigin(o); n != "" && !strings.ContainsAny(n, " ;,'\"") {
			ancestors += " " + n
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' " + socket +
		"; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors " + ancestors
}

// ownOrigin is where shoppers reach this server, scheme://host[:port]; empty
// where neither the public URL nor the request tells.
func (s *Server) ownOrigin(r *http.Request) string {
	if own := normalOrigin(s.PublicURL); own != "" {
		return own
	}
	scheme := "http"
	if r.TLS != nil || fromTrustedProxy(r, s.TrustedProxies) && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return normalOrigin(scheme + "://" + r.Host)
}

// socketSource is our own origin as a socket's address; not every browser takes
// 'self' for it.
func (s *Server) socketSource(r *http.Request) string {
	own := s.ownOrigin(r)
	if own == "" || strings.ContainsAny(own, " ;,'\"") {
		return "'self'"
	}
	return "ws" + strings.TrimPrefix(own, "http")
}

// serveStorefront serves the demo shop's pages.
func (s *Server) serveStorefront(c echo.Context) error {
	name := strings.TrimPrefix(path.Clean("/"+c.Param("*")), "/")
	if name == "" {
		name = "index.html"
	}
	a, ok := s.assets.shop[name]
	if !ok {
		return errNoFile
	}
	return a.serve(c, "no-cache")
}
