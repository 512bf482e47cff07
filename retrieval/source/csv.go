package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"sync/atomic"

	"github.com/careloop/careloop/retrieval"
)

// csvFile reads a table of questions and answers.
type csvFile struct {
	path   string
	shown  string  // how the file is called to people; empty: its path
	layout *Layout // which column is what; nil: as the first row says
	total  atomic.Int64
}

func (f *csvFile) Name() string { return f.path }

func (f *csvFile) file() string { return cmp.Or(f.shown, f.path) }
func (f *csvFile) Whole() bool  { return true }
func (f *csvFile) Total() int   { return int(f.total.Load()) }

// Items yields a document for each row. Columns are found by the names in the
// first row; without names the first is the question and the second the answer.
func (f *csvFile) Items(ctx context.Context) iter.Seq[retrieval.Item] {
	return func(yield func(retrieval.Item) bool) {
		text, err := readTable(f.path)
		if err != nil {
			yield(problem("", f.file(), 0, "%s", reason(err)))
			return
		}
		t, err := openTable(text, f.layout)
		if err != nil {
			yield(problem("", f.file(), 1, "%s", err))
			return
		}
		f.total.Store(int64(strings.Count(text, "\n") + 1))
		n := 0
		for {
			r := t.next()
			if r.err == io.EOF || ctx.Err() != nil {
				break
			}
			if r.err == nil && r.isBlank() {
				continue
			}
			n++
			if !yield(f.item(t, r)) {
				return
			}
		}
		f.total.Store(int64(n))
	}
}

func (f *csvFile) item(t *table, r row) retrieval.Item {
	if r.err != nil {
		return problem("", f.file(), r.line, "%s", r.err)
	}
	question, answer := r.field(t.columns["question"]), r.field(t.columns["answer"])
	key := r.optional(t, "id")
	if key == "" {
		key = question
	}
	locale, localeErr := checkLocale(r.optional(t, "locale"))
	if locale != "" {
		key += "@" + locale // one id for all translations is common
	}
	address, urlErr := checkURL(r.optional(t, "url"))
	switch {
	case question == "" && answer == "":
		return problem(key, f.file(), r.line, "the row has no question and no answer; fill them in or delete the row")
	case question == "":
		return problem(key, f.file(), r.line, "the row has no question; fill it in or delete the row")
	case answer == "":
		return problem(key, f.file(), r.line, "the row has no answer; fill it in or delete the row")
	case localeErr != nil:
		return problem("", f.file(), r.line, "%s", localeErr)
	case urlErr != nil:
		return problem(key, f.file(), r.line, "%s", urlErr)
	}
	return retrieval.Item{File: f.file(), Line: r.line, Doc: retrieval.Document{
		Key: key, Title: question, Markdown: answer, Locale: locale, URL: address,
		Slug: r.optional(t, "slug"), Tags: splitTags(r.optional(t, "tags")),
	}}
}

func readTable(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > maxRows {
		return "", fmt.Errorf("the file is larger than %d MB", maxRows>>20)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return decodeText(b)
}

// table cuts a CSV text into rows.
type table struct {
	text    string
	comma   byte
	at      int
	line    int
	columns map[string]int
}

type row struct {
	line   int // where it begins
	fields []string
	err    error // io.EOF after the last
}

func (r row) isBlank() bool {
	return strings.TrimSpace(strings.Join(r.fields, "")) == ""
}

func (r row) field(i int) string {
	if i < len(r.fields) {
		return strings.TrimSpace(r.fields[i])
	}
	return ""
}

func (r row) optional(t *table, column string) string {
	if i, there := t.columns[column]; there {
		return r.field(i)
	}
	return ""
}

// columnNames are the names by which a first row is known, in lower case.
var columnNames = map[string]string{
	"question": "question", "questions": "question", "title": "question", "frage": "question", "titel": "question",
	"titre": "question", "pregunta": "question", "q": "question",
	"answer": "answer", "answers": "answer", "text": "answer", "body": "answer", "content": "answer", "markdown": "answer",
	"antwort": "answer", "réponse": "answer", "reponse": "answer", "respuesta": "answer", "a": "answer",
	"id": "id", "key": "id", "slug": "slug",
	"locale": "locale", "lang": "locale", "language": "locale", "sprache": "locale", "langue": "locale", "idioma": "locale",
	"tags": "tags", "tag": "tags", "category": "tags", "kategorie": "tags", "catégorie": "tags", "categoría": "tags",
	"url": "url", "link": "url",
}

// openTable finds the delimiter and the columns, unless a layout says which is
// what.
func openTable(text string, l *Layout) (*table, error) {
	t, first, err := cutTable(text)
	if err != nil {
		return nil, err
	}
	if l != nil {
		t.columns = l.Columns
		if !l.Heading {
			t.at, t.line = 0, 1
		}
		return t, nil
	}
	header := headerOf(first.fields)
	_, question := header["question"]
	_, answer := header["answer"]
	switch {
	case question && answer:
		t.columns = header
	case len(header) >= 2 || len(first.fields) == 1 && len(header) == 1:
		return nil, errors.New("the first row names columns, but not both question and answer")
	case len(first.fields) < 2:
		return nil, errors.New("the rows have one column; a question and an answer are needed, divided by comma, semicolon or tab")
	default:
		t.columns = map[string]int{"question": 0, "answer": 1}
		t.at, t.line = 0, 1
	}
	return t, nil
}

// cutTable finds the delimiter: the one by which the first row that is not blank
// names most columns, or else has most. The table goes on behind that row.
func cutTable(text string) (*table, row, error) {
	t := &table{text: text, line: 1}
	var first row
	best := -1
	for _, comma := range []byte{',', ';', '\t'} {
		try := &table{text: text, comma: comma, line: 1}
		r := try.next()
		for r.err == nil && r.isBlank() {
			r = try.next()
		}
		known := len(headerOf(r.fields))
		if score := known*1000 + min(len(r.fields), 999); r.err == nil && score > best {
			best, first = score, r
			t.comma = comma
			t.at, t.line = try.at, try.line
		}
	}
	if best < 0 {
		return nil, row{}, errors.New("the file has no row that can be read")
	}
	return t, first, nil
}

func headerOf(fields []string) map[string]int {
	header := map[string]int{}
	for i, f := range fields {
		name, known := columnNames[strings.ToLower(strings.TrimSpace(f))]
		if _, taken := header[name]; known && !taken {
			header[name] = i
		}
	}
	return header
}

// next reads the next row. After a row that cannot be read it goes on with the
// line that follows the row's first, so that one stray quote costs one row and
// not the rest of the file.
func (t *table) next() row {
	if t.at >= len(t.text) {
		return row{line: t.line, err: io.EOF}
	}
	r := row{line: t.line}
	start := t.at
	fields, end, err := t.fields(start)
	r.fields, r.err = fields, err
	if err != nil {
		end = start + lineLength(t.text[start:])
	}
	t.line += countLines(t.text[start:end])
	t.at = end
	return r
}

// fields reads the fields of the row at from and returns the offset behind it.
func (t *table) fields(from int) (fields []string, end int, err error) {
	at := from
	for {
		var field string
		if at < len(t.text) && t.text[at] == '"' {
			if field, at, err = t.quoted(at, from); err != nil {
				return nil, 0, err
			}
		} else {
			rest := t.text[at:]
			n := strings.IndexAny(rest, "\r\n"+string(t.comma))
			if n < 0 {
				n = len(rest)
			}
			field, at = rest[:n], at+n
		}
		fields = append(fields, field)
		if at-from > maxRow {
			return nil, 0, errRowTooLarge
		}
		if len(fields) > 1000 {
			return nil, 0, errors.New("the row has more than 1,000 columns")
		}
		switch {
		case at >= len(t.text):
			return fields, at, nil
		case t.text[at] == t.comma:
			at++
		default:
			return fields, at + lineLength(t.text[at:]), nil
		}
	}
}

var errRowTooLarge = fmt.Errorf("the row is larger than %d MB", maxRow>>20)

// quoted reads a field in quotes, in which a quote is written twice.
func (t *table) quoted(at, rowStart int) (field string, end int, err error) {
	var out strings.Builder
	at++
	for {
		n := strings.IndexByte(t.text[at:], '"')
		if n < 0 {
			return "", 0, errors.New("a quote is opened and not closed; close it, or write a quote that belongs to the text twice")
		}
		if at+n-rowStart > maxRow {
			return "", 0, fmt.Errorf("the row is larger than %d MB, or a quote is not closed", maxRow>>20)
		}
		out.WriteString(t.text[at : at+n])
		at += n + 1
		if at >= len(t.text) || strings.IndexByte("\r\n"+string(t.comma), t.text[at]) >= 0 {
			return out.String(), at, nil
		}
		if t.text[at] != '"' {
			return "", 0, errors.New("text follows a closing quote; write a quote that belongs to the text twice")
		}
		out.WriteByte('"')
		at++
	}
}

// lineLength is the length of the first line of s with its end.
func lineLength(s string) int {
	n := strings.IndexAny(s, "\r\n")
	switch {
	case n < 0:
		return len(s)
	case strings.HasPrefix(s[n:], "\r\n"):
		return n + 2
	}
	return n + 1
}

func countLines(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}
