package source

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/careloop/careloop/retrieval"
)

// jsonlFile reads a file with one JSON object a line.
type jsonlFile struct {
	path  string
	shown string // how the file is called to people; empty: its path
	total int
}

func newJSONL(path string) (*jsonlFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %s", path, reason(err))
	}
	defer f.Close()
	total := 0
	for line := range lines(f) {
		if line.err != nil && !errors.Is(line.err, errRowTooLarge) {
			return nil, fmt.Errorf("%s cannot be read: %s", path, reason(line.err))
		}
		if line.err != nil || len(line.text) > 0 {
			total++
		}
	}
	return &jsonlFile{path: path, total: total}, nil
}

func (f *jsonlFile) Name() string { return f.path }

func (f *jsonlFile) file() string { return cmp.Or(f.shown, f.path) }

func (f *jsonlFile) Whole() bool { return true }
func (f *jsonlFile) Total() int  { return f.total }

// Items yields a document for each line that is not blank.
func (f *jsonlFile) Items(ctx context.Context) iter.Seq[retrieval.Item] {
	return func(yield func(retrieval.Item) bool) {
		file, err := os.Open(f.path)
		if err != nil {
			yield(problem("", f.file(), 0, "the file cannot be opened: %s", reason(err)))
			return
		}
		defer file.Close()
		for line := range lines(file) {
			switch {
			case ctx.Err() != nil:
				return
			case line.err != nil:
				if !yield(problem("", f.file(), line.n, "%s", line.err)) {
					return
				}
			case len(line.text) > 0:
				if !yield(readRecord(f.file(), line.n, line.text)) {
					return
				}
			}
		}
	}
}

type line struct {
	n    int
	text []byte // without white space around it; valid until the next
	err  error
}

// lines reads lines of at most maxRow bytes; a longer one is passed over with an
// error. At most maxRows bytes are read.
func lines(r io.Reader) iter.Seq[line] {
	return func(yield func(line) bool) {
		limited := &io.LimitedReader{R: r, N: maxRows + 1}
		in := bufio.NewReaderSize(limited, 64<<10)
		var buf []byte
		for n := 1; ; n++ {
			buf = buf[:0]
			size := 0
			var err error
			for {
				var part []byte
				part, err = in.ReadSlice('\n')
				if size += len(part); size <= maxRow {
					buf = append(buf, part...)
				}
				if err != bufio.ErrBufferFull {
					break
				}
			}
			l := line{n: n, text: bytes.TrimSpace(bytes.TrimPrefix(buf, []byte("\ufeff")))}
			switch {
			case limited.N <= 0:
				yield(line{n: n, err: fmt.Errorf("the file is larger than %d MB", maxRows>>20)})
				return
			case err != nil && err != io.EOF:
				yield(line{n: n, err: err})
				return
			case size > maxRow:
				l = line{n: n, err: errRowTooLarge}
			}
			if size > 0 && !yield(l) || err == io.EOF {
				return
			}
		}
	}
}

// record is a line as it stands in the file.
type record struct {
	ID       word     `json:"id"`
	Title    string   `json:"title"`
	Question string   `json:"question"`
	Text     string   `json:"text"`
	Markdown string   `json:"markdown"`
	Answer   string   `json:"answer"`
	Source   any      `json:"source"`
	Slug     string   `json:"slug"`
	Tags     wordList `json:"tags"`
	Locale   string   `json:"locale"`
	Lang     string   `json:"lang"`
	URL      string   `json:"url"`
}

// word is a JSON string or number.
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*w = word(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return errors.New("neither a text nor a number")
	}
	*w = word(n)
	return nil
}

// wordList is a list of texts, or one text with commas.
type wordList []string

func (l *wordList) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*l = splitTags(s)
		return nil
	}
	var list []word
	if err := json.Unmarshal(b, &list); err != nil {
		return errors.New("not a list of texts")
	}
	for _, w := range list {
		*l = append(*l, string(w))
	}
	return nil
}

func readRecord(file string, n int, text []byte) retrieval.Item {
	if !utf8.Valid(text) {
		return problem("", file, n, "the line is not valid UTF-8")
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return problem("", file, n, "%s", jsonReason(err))
	}
	title, body := first(r.Title, r.Question), first(r.Text, r.Markdown, r.Answer)
	key := first(string(r.ID), title)
	doc := retrieval.Document{Key: key, Title: title, Markdown: body, Slug: r.Slug, Tags: cleanTags(r.Tags), URL: r.URL}
	if s, ok := r.Source.(string); ok && r.URL == "" && isWebURL(s) {
		doc.URL = s
	}
	var err error
	if doc.Locale, err = checkLocale(first(r.Locale, r.Lang)); err == nil {
		doc.URL, err = checkURL(doc.URL)
	}
	switch {
	case err != nil:
		return problem(key, file, n, "%s", err)
	case key == "":
		return problem("", file, n, "the line has neither an id nor a title")
	case strings.TrimSpace(body) == "":
		return problem(key, file, n, "the line has no text")
	}
	return retrieval.Item{File: file, Line: n, Doc: doc}
}

func first(texts ...string) string {
	for _, s := range texts {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

func jsonReason(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("this is not JSON: %s at byte %d", syntax.Error(), syntax.Offset)
	case errors.As(err, &kind) && kind.Field == "":
		return "the line is not a JSON object"
	case errors.As(err, &kind):
		return fmt.Sprintf("the field %s is not of the right kind: a %s", kind.Field, kind.Value)
	}
	return "a field is not of the right kind: " + err.Error()
}
