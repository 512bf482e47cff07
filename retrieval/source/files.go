package source

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/careloop/careloop/retrieval"
)

// File is a file that somebody handed in: how it is called, which tells what it
// is, and where it lies.
type File struct {
	Name, Path string
}

// Files reads files that were handed in, archives among them, as one source of a
// name. layout says which column is what in tables; nil: their first rows do.
// What is unpacked lies in a folder below scratch while it is read.
func Files(name string, files []File, layout *Layout, scratch string) retrieval.Source {
	return &bundle{name: name, files: files, layout: layout, scratch: scratch}
}

// CanRead tells by its name whether a file can be imported: Markdown, HTML, CSV,
// TSV, JSONL or ZIP.
func CanRead(name string) bool { return uploadKind(name) != "" }

// IsTable tells by its name whether a file has columns.
func IsTable(name string) bool { return uploadKind(name) == "csv" }

func uploadKind(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv":
		return "csv"
	case ".jsonl", ".ndjson":
		return "jsonl"
	case ".zip":
		return "zip"
	}
	switch {
	case isHTML(name):
		return "html"
	case isArticle(name):
		return "markdown"
	}
	return ""
}

const unknownKind = "files of this kind cannot be imported; Markdown (.md), HTML, CSV, JSONL and ZIP can"

// bundle reads files one after the other.
type bundle struct {
	name    string
	files   []File
	layout  *Layout
	scratch string
	total   atomic.Int64
}

func (b *bundle) Name() string { return b.name }
func (b *bundle) Whole() bool  { return true }
func (b *bundle) Total() int   { return int(b.total.Load()) }

// Items reads the files in their order.
func (b *bundle) Items(ctx context.Context) iter.Seq[retrieval.Item] {
	return func(yield func(retrieval.Item) bool) {
		b.total.Store(int64(len(b.files)))
		for _, f := range b.files {
			if ctx.Err() != nil || !b.read(ctx, f, yield) {
				return
			}
		}
	}
}

// read gives the items of one file, and false where nobody wants more.
func (b *bundle) read(ctx context.Context, f File, yield func(retrieval.Item) bool) bool {
	switch kind := uploadKind(f.Name); kind {
	case "markdown", "html":
		return yield(b.article(f, kind == "html"))
	case "csv":
		return b.rows(ctx, &csvFile{path: f.Path, shown: f.Name, layout: b.layout}, yield)
	case "jsonl":
		table, err := newJSONL(f.Path)
		if err != nil {
			return yield(problem("", f.Name, 0, "the file cannot be read: %s", reason(err)))
		}
		table.shown = f.Name
		return b.rows(ctx, table, yield)
	case "zip":
		return b.archive(ctx, f, yield)
	}
	return yield(gone(f.Name, unknownKind))
}

func (b *bundle) article(f File, html bool) retrieval.Item {
	root, err := os.OpenRoot(filepath.Dir(f.Path))
	if err != nil {
		return problem(f.Name, f.Name, 0, "%s", reason(err))
	}
	defer root.Close()
	text, err := readFile(root, filepath.Base(f.Path))
	if err != nil {
		return problem(f.Name, f.Name, 0, "%s", reason(err))
	}
	return readArticleText(f.Name, text, html)
}

func readArticleText(name string, text []byte, html bool) retrieval.Item {
	if html {
		return readHTML(name, text)
	}
	return readMarkdown(name, text)
}

// rows gives the items of a table, and counts them in the place of the one file
// that it was counted as.
func (b *bundle) rows(ctx context.Context, table retrieval.Source, yield func(retrieval.Item) bool) bool {
	counted := int64(1)
	recount := func() {
		now := int64(table.Total())
		b.total.Add(now - counted)
		counted = now
	}
	for item := range table.Items(ctx) {
		recount()
		if !yield(item) {
			return false
		}
	}
	recount()
	return true
}

// tooLarge says how large something may be.
func tooLarge(what string, limit int64) error {
	return fmt.Errorf("%s is larger than %d MB", what, limit>>20)
}
