package source

import (
	"bytes"
	"io"
	"os"
	"strings"
)

// Layout says which column of a table is what.
type Layout struct {
	// Columns holds a column's number, from 0, by what it is: question and answer,
	// and if there are such url, tags, locale, id and slug.
	Columns map[string]int
	// Heading says that the first row names the columns.
	Heading bool
}

// A Glance is the beginning of a table, to be shown to whoever knows what is in
// it.
type Glance struct {
	Headings []string   // the first row
	Rows     [][]string // the rows behind it that can be read, three at most
	// Columns are those that the first row names in words that are known.
	Columns map[string]int
}

// Known tells whether the first row names all that is needed.
func (g Glance) Known() bool {
	_, question := g.Columns["question"]
	_, answer := g.Columns["answer"]
	return question && answer
}

const (
	glanceRows = 3
	glanceCell = 200 // characters
)

// LookInto looks at the beginning of a CSV file. ok is false where it is no table
// that could be laid out: nothing can be read, or there is one column only.
func LookInto(path string) (g Glance, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return Glance{}, false
	}
	defer f.Close()
	head := make([]byte, 2*maxRow)
	n, _ := io.ReadFull(f, head)        // a shorter file is read whole
	if head = head[:n]; n == 2*maxRow { // the last line may be cut, even in a letter
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	text, err := decodeText(head)
	if err != nil {
		return Glance{}, false
	}
	t, first, err := cutTable(text)
	if err != nil || len(first.fields) < 2 {
		return Glance{}, false
	}
	g = Glance{Headings: clipped(first.fields), Columns: headerOf(first.fields)}
	for len(g.Rows) < glanceRows {
		r := t.next()
		if r.err != nil && t.at >= len(t.text) {
			break
		}
		if r.err == nil && !r.isBlank() {
			g.Rows = append(g.Rows, clipped(r.fields))
		}
	}
	return g, true
}

func clipped(fields []string) []string {
	out := make([]string, 0, min(len(fields), 50))
	for _, f := range fields[:min(len(fields), 50)] {
		f = strings.Join(strings.Fields(f[:min(len(f), 8*glanceCell)]), " ")
		if r := []rune(strings.ToValidUTF8(f, "")); len(r) > glanceCell {
			f = string(r[:glanceCell]) + "…"
		}
		out = append(out, strings.ToValidUTF8(f, ""))
	}
	return out
}
