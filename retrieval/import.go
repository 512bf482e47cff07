package retrieval

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"strings"
	"unicode/utf8"
)

// Limits of a document.
const (
	maxTitle    = 300     // characters
	maxMarkdown = 5 << 20 // bytes
	maxKey      = 2000    // bytes
	maxTags     = 50
	maxTag      = 100 // characters
)

// Importer reads a source into a shop's knowledge base.
type Importer struct {
	Articles Articles
	// Terms gives what the lexical index keeps of a chunk: LexicalWeights.
	Terms func(title string, heading []string, text, locale string) TermWeights
	Log   *slog.Logger
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
	p.Chunks = Cut(p.Markdown)
	for i, c := range p.Chunks {
		p.Chunks[i].Lexical = r.Terms(p.Title, c.Heading, c.Text, p.Locale)
	}
	r.batch = append(r.batch, p)
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

// titleWords is how many words of its text name an article that has no title.
const titleWords = 9

// titleFrom names an article by its first heading or its first words, so that
// passages of a corpus without titles can be imported and cited.
func titleFrom(markdown string) string {
	if heading := CleanTitle(FirstHeading(markdown)); heading != "" {
		return heading
	}
	words := strings.Fields(markdown[:min(len(markdown), 8*maxTitle)])
	if len(words) <= titleWords {
		return cutRunes(strings.Join(words, " "), maxTitle)
	}
	return cutRunes(strings.Join(words[:titleWords], " "), maxTitle-2) + " …"
}

func cutRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// Prepare cleans and checks a document of a source. What it returns has no chunks
// yet; see Cut. The error is a sentence for people.
func Prepare(site Site, source string, d Document) (Publication, error) {
	if d.Key == "" || len(d.Key) > maxKey || !utf8.ValidString(d.Key) || strings.ContainsRune(d.Key, 0) {
		return Publication{}, fmt.Errorf("its key is empty, longer than %d bytes or not text", maxKey)
	}
	if d.Title = CleanTitle(d.Title); d.Title == "" {
		d.Title = titleFrom(d.Markdown)
	}
	if d.Title == "" {
		return Publication{}, errors.New("it has neither a title nor a text to make one of")
	}
	if n := utf8.RuneCountInString(d.Title); n > maxTitle {
		return Publication{}, fmt.Errorf("its title has %d characters; %d are allowed", n, maxTitle)
	}
	if len(d.Markdown) > maxMarkdown {
		return Publication{}, fmt.Errorf("its text is larger than %d MB", maxMarkdown>>20)
	}
	markdown, err := CleanMarkdown(d.Markdown)
	if err != nil {
		return Publication{}, err
	}
	d.Markdown = WithoutTitle(markdown, d.Title)
	if wordCount(d.Markdown) == 0 {
		return Publication{}, errors.New("it has no text")
	}
	if d.URL != "" && (!isHarmlessLink(d.URL) || strings.HasPrefix(strings.ToLower(d.URL), "mailto:") || strings.HasPrefix(strings.ToLower(d.URL), "tel:")) {
		return Publication{}, errors.New("its url is not the address of a web page")
	}
	if d.Slug == "" {
		d.Slug = d.Title
	}
	if d.Slug = Slug(d.Slug); d.Slug == "" {
		d.Slug = "article"
	}
	if d.Locale == "" {
		d.Locale = site.Locale
	}
	if d.Tags, err = cleanTags(d.Tags); err != nil {
		return Publication{}, err
	}
	return Publication{SiteID: site.ID, Source: source, Document: d, Hash: contentHash(d)}, nil
}

// cleanTags returns the tags as text, each once, in order.
func cleanTags(tags []string) ([]string, error) {
	seen := map[string]bool{}
	out := []string{}
	for _, t := range tags {
		t = CleanTitle(t)
		if utf8.RuneCountInString(t) > maxTag {
			return nil, fmt.Errorf("a tag is longer than %d characters", maxTag)
		}
		if t != "" && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	if len(out) > maxTags {
		return nil, fmt.Errorf("it has %d tags; %d are allowed", len(out), maxTags)
	}
	return out, nil
}

// contentHash is of all that matters in a document, and of how it is cut.
func contentHash(d Document) []byte {
	h := sha256.New()
	part := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	part(fmt.Sprint(ChunkerVersion))
	for _, s := range []string{d.Title, d.Slug, d.Locale, d.URL, d.Markdown} {
		part(s)
	}
	for _, t := range d.Tags {
		part(t)
	}
	return h.Sum(nil)
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
