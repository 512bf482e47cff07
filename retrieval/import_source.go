package retrieval

import (
	"context"
	"fmt"
	"iter"
)

// Source gives the documents of an import.
type Source interface {
	// Name identifies the source at every later import: a folder, a file, a host.
	Name() string
	// Whole tells whether the source lists all documents of its name. Of one that
	// does not, nothing is ever removed.
	Whole() bool
	// Total estimates how many items there are; 0 while that is not known. It may
	// be called while Items runs.
	Total() int
	// Items yields each document, or what is wrong with it. It ends early when ctx
	// is cancelled.
	Items(ctx context.Context) iter.Seq[Item]
}

// Item is a document, or the problem with one.
type Item struct {
	// Doc holds, beside a problem, at most the key: the document is there but
	// could not be read this time.
	Doc Document
	// File and Line tell where the document stands; empty means: at its key.
	File string
	Line int
	Err  *Problem
	// Gone says, beside a problem, that the key's document is not there any more or
	// must not be imported, and may be removed. A problem with neither Gone nor a
	// key may hide any document.
	Gone bool
}

// Problem names a file, row or page that was skipped, and why.
type Problem struct {
	File   string `json:"file"` // path or URL
	Line   int    `json:"line,omitempty"`
	Reason string `json:"reason"` // for people
}

// String gives "file:line: reason".
func (p Problem) String() string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason)
	}
	return fmt.Sprintf("%s: %s", p.File, p.Reason)
}
