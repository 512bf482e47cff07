package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/net/html/charset"

	"github.com/careloop/careloop/retrieval"
)

// folder reads the Markdown and HTML files below a directory, or one of them.
type folder struct {
	dir   string
	only  string // the one file to read, if any
	html  bool   // whether that is HTML, whatever its name
	total atomic.Int64
}

func newArticle(path string, html bool) *folder {
	f := &folder{dir: filepath.Dir(path), only: filepath.Base(path), html: html}
	f.total.Store(1)
	return f
}

func newFolder(dir string) (*folder, error) {
	f := &folder{dir: dir}
	n := 0
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // Items reports it
		}
		if skip, into := f.skips(p, d); skip {
			return into
		}
		if isArticle(d.Name()) {
			n++
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", dir, err)
	}
	if n == 0 {
		return nil, fmt.Errorf("%s holds no Markdown (.md) or HTML files", dir)
	}
	f.total.Store(int64(n))
	return f, nil
}

// skips tells whether an entry is passed over: directories themselves, and all
// that is hidden.
func (f *folder) skips(p string, d fs.DirEntry) (bool, error) {
	hidden := strings.HasPrefix(d.Name(), ".") && p != "." && p != f.dir
	if !d.IsDir() {
		return hidden, nil
	}
	if hidden || d.Name() == "node_modules" {
		return true, fs.SkipDir
	}
	return true, nil
}

func (f *folder) Name() string { return filepath.ToSlash(filepath.Join(f.dir, f.only)) }
func (f *folder) Whole() bool  { return true }
func (f *folder) Total() int   { return int(f.total.Load()) }

// Items reads the files in the order of their paths.
func (f *folder) Items(ctx context.Context) iter.Seq[retrieval.Item] {
	return func(yield func(retrieval.Item) bool) {
		// A Root follows no link that leads out of the folder.
		root, err := os.OpenRoot(f.dir)
		if err != nil {
			yield(problem("", f.dir, 0, "the folder cannot be opened: %s", reason(err)))
			return
		}
		defer root.Close()
		if f.only != "" {
			yield(readArticle(root, f.only, f.html))
			return
		}
		_ = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return fs.SkipAll
			}
			if err != nil {
				if !yield(problem("", p, 0, "the folder cannot be read: %s", reason(err))) {
					return fs.SkipAll
				}
				return nil
			}
			if skip, into := f.skips(p, d); skip {
				return into
			}
			if isArticle(d.Name()) && !yield(readArticle(root, p, isHTML(p))) {
				return fs.SkipAll
			}
			return nil
		})
	}
}

func readArticle(root *os.Root, p string, html bool) retrieval.Item {
	b, err := readFile(root, p)
	if err != nil {
		return problem(p, p, 0, "%s", reason(err))
	}
	if html {
		return readHTML(p, b)
	}
	return readMarkdown(p, b)
}

var errTooLarge = fmt.Errorf("the file is larger than %d MB", maxFile>>20)

func readFile(root *os.Root, p string) ([]byte, error) {
	info, err := root.Stat(filepath.FromSlash(p))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("this is not a regular file")
	}
	f, err := root.Open(filepath.FromSlash(p))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = errTooLarge
	}
	return b, err
}

// reason is an error of the file system without the path, which is told
// already.
func reason(err error) string {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "the file is not there, or is a link to nowhere"
	case errors.Is(err, fs.ErrPermission):
		return "reading it is not permitted"
	case errors.As(err, &pe) && strings.Contains(pe.Err.Error(), "escapes"):
		return "it is a link that leads out of the folder"
	case errors.As(err, &pe):
		return pe.Err.Error()
	}
	return err.Error()
}

// readHTML reads an HTML file as an article.
func readHTML(p string, b []byte) retrieval.Item {
	encoding, _, _ := charset.DetermineEncoding(b, "text/html")
	utf8, err := encoding.NewDecoder().Bytes(b)
	if err != nil {
		return problem(p, p, 0, "its character encoding cannot be read")
	}
	page, err := retrieval.CleanHTML(utf8, "")
	if err != nil {
		return problem(p, p, 0, "%s", err)
	}
	doc := retrieval.Document{Key: p, Title: page.Title, Markdown: page.Markdown, URL: page.Canonical}
	if locale, err := checkLocale(page.Locale); err == nil {
		doc.Locale = locale
	}
	withPath(&doc, p)
	return retrieval.Item{Doc: doc}
}

// withPath fills in what the file's path tells where the file did not.
func withPath(doc *retrieval.Document, p string) {
	if doc.Title == "" {
		name := strings.TrimSuffix(path.Base(p), path.Ext(p))
		if strings.EqualFold(name, "index") && path.Dir(p) != "." {
			name = path.Base(path.Dir(p))
		}
		doc.Title = strings.TrimSpace(strings.Map(func(r rune) rune {
			if r == '-' || r == '_' {
				return ' '
			}
			return r
		}, name))
	}
	if first, _, nested := strings.Cut(p, "/"); nested && doc.Locale == "" {
		doc.Locale, _ = localeFolder(first)
	}
}
