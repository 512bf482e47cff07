package intake

import (
	"context"

	"github.com/careloop/careloop/retrieval"
)

// apply stores what was chosen, batch by batch. What a batch stumbles over is
// tried alone, so that one article that cannot be stored costs that one.
func (w *worker) apply(ctx context.Context) error {
	w.done.Store(int64(w.job.Counts.Applied + w.job.Counts.Failed))
	w.total.Store(int64(w.job.Counts.Chosen))
	for {
		items, err := w.Store.Next(ctx, w.job.ID, w.owner, w.Batch)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return held(w.Store.FinishApplying(ctx, w.job.ID, w.owner))
		}
		err = w.eachOrAll(ctx, items, w.Store.Apply)
		if err != nil {
			return err
		}
	}
}

// undo takes back what was applied.
func (w *worker) undo(ctx context.Context) error {
	w.done.Store(int64(w.job.Counts.Undone + w.job.Counts.Kept))
	w.total.Store(int64(w.job.Counts.Applied + w.job.Counts.Undone + w.job.Counts.Kept))
	for {
		items, err := w.Store.NextUndo(ctx, w.job.ID, w.owner, w.Batch)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return held(w.Store.FinishUndoing(ctx, w.job.ID, w.owner))
		}
		if err := w.eachOrAll(ctx, items, w.Store.Undo); err != nil {
			return err
		}
	}
}

type storing func(ctx context.Context, id, owner string, items []Item, pubs map[int]retrieval.Publication) (bool, error)

// eachOrAll stores items together or, where that fails, each by itself. An error
// means that the store cannot be reached, or that the run is lost.
func (w *worker) eachOrAll(ctx context.Context, items []Item, store storing) error {
	pubs := make(map[int]retrieval.Publication, len(items))
	var usable []Item
	for _, it := range items {
		if it.Document != nil {
			p, err := w.publication(*it.Document)
			if err != nil {
				if err := held(w.Store.FailItem(ctx, w.job.ID, w.owner, it.N, err.Error())); err != nil {
					return err
				}
				w.done.Add(1)
				continue
			}
			pubs[it.N] = p
		}
		usable = append(usable, it)
	}
	if len(usable) == 0 {
		return nil
	}
	err := held(store(ctx, w.job.ID, w.owner, usable, pubs))
	if err == nil {
		w.done.Add(int64(len(usable)))
		return nil
	}
	if err == errLost || ctx.Err() != nil {
		return err
	}
	w.Log.WarnContext(ctx, "a batch of an import cannot be stored; its articles are tried one by one", "run", w.job.ID, "error", err)
	for _, it := range usable {
		one := held(store(ctx, w.job.ID, w.owner, []Item{it}, pubs))
		if one == errLost || ctx.Err() != nil {
			return one
		}
		if one != nil {
			w.Log.WarnContext(ctx, "an article of an import cannot be stored", "run", w.job.ID, "item", it.N, "error", one)
			if err := held(w.Store.FailItem(ctx, w.job.ID, w.owner, it.N, WhyNotStored)); err != nil {
				return err
			}
		}
		w.done.Add(1)
	}
	return nil
}

// publication makes a document ready to be stored.
func (w *worker) publication(d retrieval.Document) (retrieval.Publication, error) {
	p, err := retrieval.Prepare(retrieval.Site{ID: w.job.SiteID, Locale: w.job.Locale}, w.job.Name, d)
	if err != nil {
		return p, err
	}
	return p.Cut(), nil
}
