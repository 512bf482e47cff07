package retrieval

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sort"
)

// Importer reads a source into a shop's knowledge base.
type Importer struct {
	Articles Articles
	Log      *slog.Logger
}

// Site is the shop that an import is for.
type Site struct {
	ID     string
	Locale string // of documents that name none
}

// ImportOptions of Importer.Run.
type ImportOptions struct {
	// Source names the source; empty means its own name.
	Source string
	// Remove retires articles of the source that it does not list any more.
	Remove bool
	// DryRun tells what would be done and stores nothing.
	DryRun bool
	// BatchSize is how many articles are stored at once; 0 means 50.
	BatchSize int
	// Progress, if set, is called after every document; total is an estimate, 0
	// while unknown.
	Progress func(done, total int, report Report)
}

// Report counts what an import did.
type Report struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Removed   int `json:"removed"`
	Skipped   int `json:"skipped"`
	Chunks    int `json:"chunks"` // of the articles created and updated
	// Problems are the first 100 reasons for skipping.
	Problems []Problem `json:"problems,omitempty"`
	// RemovalHeld says why nothing was removed although that was asked for.
	RemovalHeld string `json:"removal_held,omitempty"`
	// Interrupted is set where the import did not come to its end. What was done
	// stays; the next import goes on from there.
	Interrupted bool `json:"interrupted,omitempty"`
}

const maxProblems = 100

// ErrInterrupted says that an import was stopped by its context.
var ErrInterrupted = errors.New("the import was interrupted; importing again continues it")

// Run imports a source. Documents that cannot be used are skipped and named in
// the report; documents that have not changed since the last import are not
// touched. It returns what was done also beside an error: ErrInterrupted, or
// that of the store.
func (im *Importer) Run(ctx context.Context, site Site, src Source, o ImportOptions) (Report, error) {
	r := &run{Importer: im, site: site, src: src, o: o, seen: map[string]bool{}}
	if r.o.Source == "" {
		r.o.Source = src.Name()
	}
	if r.o.BatchSize <= 0 {
		r.o.BatchSize = 50
	}
	err := r.all(ctx)
	switch {
	case ctx.Err() != nil:
		r.report.Interrupted = true
		err = ErrInterrupted
	case err != nil:
		r.report.Interrupted = true
	}
	if r.report.Interrupted && o.Remove {
		r.report.RemovalHeld = "the import did not come to its end"
	}
	return r.report, err
}

// run is one import under way.
type run struct {
	*Importer
	site   Site
	src    Source
	o      ImportOptions
	report Report
	stored map[string][]byte // hashes by key
	seen   map[string]bool
	batch  []Publication
	done   int
	hidden string // the first problem that may hide any document
}

func (r *run) all(ctx context.Context) error {
	var err error
	if r.stored, err = r.Articles.Hashes(ctx, r.site.ID, r.o.Source); err != nil {
		return fmt.Errorf("read what was imported before: %w", err)
	}
	for item := range r.src.Items(ctx) {
		r.take(item)
		if len(r.batch) >= r.o.BatchSize {
			if err := r.publish(ctx); err != nil {
				return err
			}
		}
		if r.done++; r.o.Progress != nil {
			r.o.Progress(r.done, r.src.Total(), r.report)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err := r.publish(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.remove(ctx)
}

// take counts an item, and puts a document that changed into the batch.
func (r *run) take(item Item) {
	key := item.Doc.Key
	if item.Err != nil {
		r.skip(*item.Err)
		switch {
		case item.Gone:
		case key != "":
			r.seen[key] = true
		case r.hidden == "":
			r.hidden = item.Err.String()
		}
		return
	}
	file := item.File
	if file == "" {
		file = key
	}
	if r.seen[key] && key != "" {
		r.skip(Problem{File: file, Line: item.Line, Reason: fmt.Sprintf("its key %q stood in this import before", clip(key))})
		return
	}
	r.seen[key] = true
	p, err := Prepare(r.site, r.o.Source, item.Doc)
	if err != nil {
		r.skip(Problem{File: file, Line: item.Line, Reason: err.Error()})
		return
	}
	if bytes.Equal(r.stored[key], p.Hash) {
		r.report.Unchanged++
		return
	}
	r.batch = append(r.batch, p.Cut())
}

// clip shortens a key for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

func (r *run) skip(p Problem) {
	r.report.Skipped++
	if len(r.report.Problems) < maxProblems {
		r.report.Problems = append(r.report.Problems, p)
	}
}

// publish stores the batch.
func (r *run) publish(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	batch := r.batch
	r.batch = nil
	var states []State
	if r.o.DryRun {
		for _, p := range batch {
			state := Created
			if _, there := r.stored[p.Key]; there {
				state = Updated
			}
			states = append(states, state)
		}
	} else {
		var err error
		if states, err = r.Articles.Publish(ctx, batch); err != nil {
			return fmt.Errorf("store %d articles: %w", len(batch), err)
		}
		if len(states) != len(batch) {
			return fmt.Errorf("the store answered for %d articles of %d", len(states), len(batch))
		}
	}
	for i, s := range states {
		switch s {
		case Created:
			r.report.Created++
		case Updated:
			r.report.Updated++
		default:
			r.report.Unchanged++
		}
		r.report.Chunks += len(batch[i].Chunks)
	}
	if r.Log != nil {
		r.Log.Debug("articles stored", "source", r.o.Source, "count", len(batch))
	}
	return nil
}

// remove retires the articles that the source does not list any more, where it
// is sure that it lists them all.
func (r *run) remove(ctx context.Context) error {
	if !r.o.Remove {
		return nil
	}
	switch {
	case !r.src.Whole():
		r.report.RemovalHeld = "the source does not list all of its articles"
		return nil
	case len(r.seen) == 0:
		r.report.RemovalHeld = "the source is empty"
		return nil
	case r.hidden != "":
		r.report.RemovalHeld = "it is not known what the source holds: " + r.hidden
		return nil
	}
	var keys []string
	for key := range r.stored {
		if !r.seen[key] {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	sort.Strings(keys)
	if r.o.DryRun {
		r.report.Removed = len(keys)
		return nil
	}
	n, err := r.Articles.Retire(ctx, r.site.ID, r.o.Source, keys)
	if err != nil {
		return fmt.Errorf("remove %d articles: %w", len(keys), err)
	}
	r.report.Removed = n
	return nil
}
