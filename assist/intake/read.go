package intake

import (
	"bytes"
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/retrieval/source"
)

// itemsAtOnce is how many items are stored in a transaction, bytesAtOnce how much
// text.
const (
	itemsAtOnce = 500
	bytesAtOnce = 8 << 20
	// storeEvery is how long an item waits for others at most, while more come:
	// pages come a few in a second.
	storeEvery = time.Second
)

// reading is a preview on its way.
type reading struct {
	*worker
	site   retrieval.Site
	known  map[string]Known
	seen   map[string]bool
	n      int
	found  int // items that are no refusals
	batch  []Item
	bytes  int
	stored time.Time
	hidden bool // a problem may hide any article
	differ bool // there is something to decide
}

// read reads what a run is about and stores what each item would change.
func (w *worker) read(ctx context.Context) error {
	dir, remove, err := w.scratch()
	if err != nil {
		return err
	}
	defer remove()
	if err := held(w.Store.ClearItems(ctx, w.job.ID, w.owner)); err != nil {
		return err
	}
	var files []source.File
	if w.job.Kind == KindFiles {
		uploads, err := w.Store.Files(ctx, w.job.ID, dir)
		if err != nil {
			return err
		}
		for _, u := range uploads {
			files = append(files, source.File(u))
		}
	}
	src, err := w.open(ctx, w.job, files)
	if err != nil {
		w.Log.InfoContext(ctx, "import cannot be read", "run", w.job.ID, "error", err)
		return held(w.Store.FinishReading(ctx, w.job.ID, w.owner, Failed, messageUnreadable, "", false))
	}
	known, err := w.Store.Known(ctx, w.job.SiteID, w.job.Name)
	if err != nil {
		return err
	}
	r := &reading{worker: w, site: retrieval.Site{ID: w.job.SiteID, Locale: w.job.Locale}, known: known, seen: map[string]bool{}, stored: time.Now()}
	tooMany := false
	for item := range src.Items(ctx) {
		if r.n == maxItems {
			tooMany = true
			break
		}
		if err := r.take(ctx, item); err != nil {
			return err
		}
		w.done.Add(1)
		w.total.Store(int64(src.Total()))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if tooMany {
		return held(w.Store.FinishReading(ctx, w.job.ID, w.owner, Failed, messageTooMany, "", false))
	}
	heldBack, err := r.gone(ctx, src.Whole())
	if err != nil {
		return err
	}
	if err := r.store(ctx); err != nil {
		return err
	}
	switch {
	case r.found == 0 && !r.differ:
		return held(w.Store.FinishReading(ctx, w.job.ID, w.owner, Failed, messageEmpty, heldBack, false))
	case !r.differ:
		return held(w.Store.FinishReading(ctx, w.job.ID, w.owner, Done, "", heldBack, false))
	}
	return held(w.Store.FinishReading(ctx, w.job.ID, w.owner, Ready, "", heldBack, w.job.Auto))
}

// take judges what the source gave.
func (r *reading) take(ctx context.Context, given retrieval.Item) error {
	key := given.Doc.Key
	it := Item{Key: key, Title: clip(given.Doc.Title, 300), State: ItemRefused, File: given.File, Line: given.Line}
	if it.File == "" {
		it.File = key
	}
	if given.Err != nil {
		it.File, it.Line, it.Reason = given.Err.File, given.Err.Line, given.Err.Reason
		switch {
		case given.Gone:
		case key != "":
			r.seen[key] = true
		default:
			r.hidden = true
		}
		return r.add(ctx, it)
	}
	if r.seen[key] && key != "" {
		it.Reason = fmt.Sprintf("its key %q stood in this import before; give one of the two another key, or delete it", clip(key, 80))
		return r.add(ctx, it)
	}
	r.seen[key] = true
	warnings := warningsOf(given.Doc)
	p, err := retrieval.Prepare(r.site, r.job.Name, given.Doc)
	if err != nil {
		it.Reason = err.Error()
		return r.add(ctx, it)
	}
	r.found++
	it.Key, it.Title, it.Warnings = p.Key, p.Title, warnings
	old, known := r.known[p.Key]
	it.ArticleID, it.LastVersion, it.Published = old.ID, old.LastVersion, old.Published
	it.State = judge(old, known, p.Hash)
	if it.State != ItemUnchanged {
		it.Document = &p.Document
		r.differ = true
	}
	it.Chosen = it.State == ItemNew || it.State == ItemChanged
	return r.add(ctx, it)
}

// judge says what a document would change of what is known of its key.
func judge(old Known, known bool, hash []byte) ItemState {
	switch {
	case !known:
		return ItemNew
	case old.Published == 0:
		return ItemEdited // it was unpublished here
	case bytes.Equal(hash, old.Hash):
		return ItemUnchanged
	case old.EditedHere:
		return ItemEdited
	}
	return ItemChanged
}

// add puts an item into the batch.
func (r *reading) add(ctx context.Context, it Item) error {
	it.N = r.n
	r.n++
	if it.Document != nil {
		r.bytes += len(it.Document.Markdown)
	}
	if r.batch = append(r.batch, it); len(r.batch) >= itemsAtOnce || r.bytes >= bytesAtOnce || time.Since(r.stored) > storeEvery {
		return r.store(ctx)
	}
	return nil
}

func (r *reading) store(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	err := held(r.Store.AddItems(ctx, r.job.ID, r.owner, r.batch))
	r.batch, r.bytes, r.stored = r.batch[:0], 0, time.Now()
	return err
}

// gone adds the articles that the source does not have any more, where it is sure
// that it lists them all; otherwise it says why not.
func (r *reading) gone(ctx context.Context, whole bool) (heldBack string, err error) {
	var keys []string
	for key, k := range r.known {
		if !r.seen[key] && k.Published > 0 {
			keys = append(keys, key)
		}
	}
	switch {
	case len(keys) == 0:
		return "", nil
	case r.hidden:
		return heldHidden, nil
	case !whole:
		return heldPartial, nil
	case r.found == 0 && len(r.seen) == 0 && r.job.Kind != KindPage:
		return heldEmpty, nil
	}
	sort.Strings(keys)
	for _, key := range keys {
		k := r.known[key]
		r.differ = true
		it := Item{Key: key, Title: k.Title, State: ItemGone, File: key, ArticleID: k.ID, LastVersion: k.LastVersion, Published: k.Published}
		if err := r.add(ctx, it); err != nil {
			return "", err
		}
	}
	return "", nil
}

// warningsOf says what is worth a look before an article is published.
func warningsOf(d retrieval.Document) []string {
	list := []string{}
	for _, w := range article.Watch(d.Title, d.Markdown) {
		if w == article.Instructs || w == article.Script {
			list = append(list, string(w))
		}
	}
	return list
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
