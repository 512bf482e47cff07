// Package source reads articles from where shops keep them: Markdown and HTML
// files, CSV, JSONL, sitemaps and single pages.
package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/careloop/careloop/retrieval"
)

// Limits of what is read.
const (
	maxFile = 5 << 20   // bytes of a file or page that is one article
	maxRow  = 2 << 20   // bytes of a row
	maxRows = 200 << 20 // bytes of a CSV or JSONL file
)

// Options of Open.
type Options struct {
	// Client fetches pages; it must refuse private addresses. Needed for URLs and
	// sitemaps only.
	Client *http.Client
	// Delay is the least time between two requests to a host; 0 means 250 ms. A
	// longer Crawl-delay in robots.txt (up to 10 s) prevails.
	Delay time.Duration
	// PageTimeout bounds a request; 0 means 20 s.
	PageTimeout time.Duration
	// Kind says how an address is read; empty: as a sitemap where it looks like
	// one, and as a page otherwise. With a kind, the source's name is the address.
	Kind Kind
	// MaxPages bounds how many pages are read; 0 means 50,000.
	MaxPages int

	sleep func(context.Context, time.Duration) error // for tests
}

// Kind is how an address is read.
type Kind string

// How an address is read.
const (
	Page    Kind = "page"    // that page alone
	Sitemap Kind = "sitemap" // the pages that it lists
	Crawl   Kind = "crawl"   // that page, and those below its folder that it leads to
)

// Open finds out what a path or URL is and returns its reader. It returns an
// error, a sentence for people, where there is nothing that it can read.
func Open(ctx context.Context, pathOrURL string, o Options) (retrieval.Source, error) {
	if isWebURL(pathOrURL) {
		if o.Client == nil {
			return nil, errors.New("a URL needs a client to fetch it")
		}
		u, err := url.Parse(pathOrURL)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("%q is not a complete URL", pathOrURL)
		}
		u.Fragment = ""
		return newWeb(u, o), nil
	}
	if i := strings.Index(pathOrURL, "://"); i > 0 {
		return nil, fmt.Errorf("%q cannot be imported: only http and https URLs can", pathOrURL)
	}
	abs, err := filepath.Abs(pathOrURL)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no file or folder %s", pathOrURL)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", pathOrURL, err)
	}
	if info.IsDir() {
		return newFolder(abs)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is neither a file nor a folder", pathOrURL)
	}
	return openFile(abs, o)
}

func openFile(path string, o Options) (retrieval.Source, error) {
	kind, err := kindOf(path)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "markdown", "html":
		return newArticle(path, kind == "html"), nil
	case "csv":
		return &csvFile{path: path}, nil
	case "jsonl":
		return newJSONL(path)
	case "sitemap":
		if o.Client == nil {
			return nil, errors.New("a sitemap needs a client to fetch its pages")
		}
		return newSitemapFile(path, o), nil
	}
	return nil, fmt.Errorf("%s is of no kind that can be imported: Markdown (.md), HTML, CSV, JSONL or a sitemap (.xml)", path)
}

// kindOf tells by the file's name, and failing that by its beginning, how it is
// read; "" means not at all.
func kindOf(path string) (string, error) {
	name := strings.ToLower(filepath.Base(path))
	switch {
	case isArticle(name):
		if strings.HasSuffix(name, "l") || strings.HasSuffix(name, "htm") {
			return "html", nil
		}
		return "markdown", nil
	case strings.HasSuffix(name, ".csv"), strings.HasSuffix(name, ".tsv"):
		return "csv", nil
	case strings.HasSuffix(name, ".jsonl"), strings.HasSuffix(name, ".ndjson"):
		return "jsonl", nil
	case strings.HasSuffix(name, ".xml"), strings.HasSuffix(name, ".xml.gz"):
		return "sitemap", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s cannot be opened: %w", path, err)
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", path, err)
	}
	head = bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff"))))
	switch {
	case bytes.HasPrefix(head, []byte("{")):
		return "jsonl", nil
	case looksLikeSitemap(head):
		return "sitemap", nil
	case bytes.HasPrefix(head, []byte("<!doctype html")), bytes.HasPrefix(head, []byte("<html")):
		return "html", nil
	}
	return "", nil
}

// isArticle tells whether a file of this name in a folder is one article.
func isArticle(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown", ".html", ".htm", ".xhtml":
		return true
	}
	return false
}

func isHTML(name string) bool {
	return isArticle(name) && strings.Contains(strings.ToLower(filepath.Ext(name)), "htm")
}

func isWebURL(s string) bool {
	s = strings.ToLower(s)
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// problem is an item that says why a document of a known key was not read; the
// key is empty where it is not known either.
func problem(key, file string, line int, format string, args ...any) retrieval.Item {
	return retrieval.Item{
		Doc: retrieval.Document{Key: key},
		Err: &retrieval.Problem{File: file, Line: line, Reason: fmt.Sprintf(format, args...)},
	}
}
