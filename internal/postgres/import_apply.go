package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/intake"
	"github.com/careloop/careloop/retrieval"
)

const sqlNextImportItems = `
select ` + importItemColumns + `, i.document from import_items i
join import_runs r on r.id = i.run_id
where i.run_id = $1 and r.owner = $2 and r.state = 'applying' and i.chosen and i.outcome = ''
order by i.n limit $3`

// Next implements intake.Store.
func (db imports) Next(ctx context.Context, id, owner string, n int) ([]intake.Item, error) {
	rows, err := db.pool.Query(ctx, sqlNextImportItems, id, owner, n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (it intake.Item, err error) {
		return it, row.Scan(append(importItemTargets(&it), &it.Document)...)
	})
}

const sqlImportOf = `select site_id, name from import_runs where id = $1`

const sqlArticlesNow = `
select key, id, last_version, coalesce(published_version, 0) from articles
where site_id = $1 and source = $2 and key = any($3)`

// articleNow is where an article of a source stands.
type articleNow struct {
	id              string
	last, published int
}

func articlesNow(ctx context.Context, tx pgx.Tx, siteID, source string, keys []string) (map[string]articleNow, error) {
	rows, err := tx.Query(ctx, sqlArticlesNow, siteID, source, keys)
	if err != nil {
		return nil, err
	}
	out := map[string]articleNow{}
	var key string
	var a articleNow
	_, err = pgx.ForEachRow(rows, []any{&key, &a.id, &a.last, &a.published}, func() error {
		out[key] = a
		return nil
	})
	return out, err
}

const sqlImportOutcomes = `
update import_items i set outcome = o.outcome, why = o.why, made = o.made, article_id = coalesce(nullif(o.article, '')::uuid, i.article_id)
from unnest($2::integer[], $3::text[], $4::text[], $5::integer[], $6::text[]) as o (n, outcome, why, made, article)
where i.run_id = $1 and i.n = o.n`

// outcome of an item.
type outcome struct {
	n                  int
	what, why, article string
	made               int
}

func writeOutcomes(ctx context.Context, tx pgx.Tx, id string, list []outcome) error {
	b := &pgx.Batch{}
	b.Queue(sqlImportOutcomes, id, column(list, func(o outcome) int { return o.n }), column(list, func(o outcome) string { return o.what }),
		column(list, func(o outcome) string { return o.why }), column(list, func(o outcome) int { return o.made }), column(list, func(o outcome) string { return o.article }))
	b.Queue(sqlCountImport, id)
	return runBatch(ctx, tx, b)
}

// importStep is one transaction of an application or of its undoing: the site is
// locked before the run.
type importStep struct {
	tx           pgx.Tx
	siteID, name string
	locale       string // the site's own
	now          map[string]articleNow
}

func (db imports) step(ctx context.Context, id, owner string, state intake.State, items []intake.Item, f func(importStep) (chunks int, err error)) (ours bool, err error) {
	chunks := 0
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		s := importStep{tx: tx}
		if err := tx.QueryRow(ctx, sqlImportOf, id).Scan(&s.siteID, &s.name); err != nil {
			return err
		}
		var err error
		if s.locale, err = lockSite(ctx, tx, s.siteID); err != nil {
			return err
		}
		var siteID, name string
		err = tx.QueryRow(ctx, sqlHoldImport, id, owner, state).Scan(&siteID, &name)
		if err == pgx.ErrNoRows {
			return nil
		}
		if err != nil {
			return err
		}
		ours = true
		if s.now, err = articlesNow(ctx, tx, s.siteID, s.name, column(items, func(it intake.Item) string { return it.Key })); err != nil {
			return err
		}
		chunks, err = f(s)
		return err
	})
	if err == nil {
		db.analyze(ctx, chunks)
	}
	return ours, err
}

// Apply implements intake.Store.
func (db imports) Apply(ctx context.Context, id, owner string, items []intake.Item, pubs map[int]retrieval.Publication) (bool, error) {
	return db.step(ctx, id, owner, intake.Applying, items, func(s importStep) (int, error) {
		var outcomes []outcome
		var publish []retrieval.Publication
		var changed []intake.Item
		var retire, keys []string
		for _, it := range items {
			now := s.now[it.Key]
			p, text := pubs[it.N]
			switch {
			case now.last != it.LastVersion || now.published != it.Published:
				outcomes = append(outcomes, outcome{n: it.N, what: "failed", why: intake.WhyChangedHere, article: now.id})
			case text:
				publish, changed, keys = append(publish, p), append(changed, it), append(keys, it.Key)
			case it.State == intake.ItemGone:
				retire = append(retire, it.Key)
				outcomes = append(outcomes, outcome{n: it.N, what: "applied", article: now.id})
			default:
				outcomes = append(outcomes, outcome{n: it.N, what: "failed", why: intake.WhyNotStored})
			}
		}
		chunks := 0
		if len(publish) > 0 {
			var err error
			if _, chunks, err = db.publishIn(ctx, s.tx, s.locale, publish); err != nil {
				return 0, err
			}
			after, err := articlesNow(ctx, s.tx, s.siteID, s.name, keys)
			if err != nil {
				return 0, err
			}
			for _, it := range changed {
				outcomes = append(outcomes, outcome{n: it.N, what: "applied", made: after[it.Key].published, article: after[it.Key].id})
			}
		}
		if len(retire) > 0 {
			if _, err := retireIn(ctx, s.tx, s.siteID, s.name, retire); err != nil {
				return 0, err
			}
		}
		return chunks, writeOutcomes(ctx, s.tx, id, outcomes)
	})
}

// FailItem implements intake.Store.
func (db imports) FailItem(ctx context.Context, id, owner string, n int, why string) (bool, error) {
	failed := []outcome{{n: n, what: "failed", why: cleanText(why)}}
	ours, err := db.underLease(ctx, id, owner, intake.Applying, func(tx pgx.Tx) error { return writeOutcomes(ctx, tx, id, failed) })
	if ours || err != nil {
		return ours, err
	}
	failed[0].what = "kept"
	return db.underLease(ctx, id, owner, intake.Undoing, func(tx pgx.Tx) error { return writeOutcomes(ctx, tx, id, failed) })
}

// An application that began by itself leaves what a person has to decide.
const sqlFinishApplying = `
update import_runs r set owner = '', leased_to = null, auto = false,
	state = case when w.waits then 'ready' else 'done' end, finished_at = case when not w.waits then now() end
from (select exists (select from import_items i join import_runs r on r.id = i.run_id
	where i.run_id = $1 and r.auto and i.outcome = '' and i.state in ('edited', 'gone')) as waits) w
where r.id = $1`

// FinishApplying implements intake.Store.
func (db imports) FinishApplying(ctx context.Context, id, owner string) (bool, error) {
	return db.underLease(ctx, id, owner, intake.Applying, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlFinishApplying, id)
		return err
	})
}

const sqlNextUndo = `
select ` + importItemColumns + `, case when v.version is not null then
	jsonb_build_object('Key', a.key, 'Slug', a.slug, 'Title', v.title, 'Locale', a.locale, 'Tags', to_jsonb(v.tags), 'URL', v.url, 'Markdown', v.markdown) end
from import_items i
join import_runs r on r.id = i.run_id
left join articles a on a.id = i.article_id and a.site_id = r.site_id
left join article_versions v on v.article_id = a.id and v.version = nullif(i.published, 0)
where i.run_id = $1 and r.owner = $2 and r.state = 'undoing' and i.outcome = 'applied'
order by i.n limit $3`

// NextUndo implements intake.Store.
func (db imports) NextUndo(ctx context.Context, id, owner string, n int) ([]intake.Item, error) {
	rows, err := db.pool.Query(ctx, sqlNextUndo, id, owner, n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (it intake.Item, err error) {
		return it, row.Scan(append(importItemTargets(&it), &it.Document)...)
	})
}

// What was edited here before the import is an edit again.
const sqlMarkUndone = `update articles set edited_at = now() where site_id = $1 and source = $2 and key = any($3)`

// Undo implements intake.Store.
func (db imports) Undo(ctx context.Context, id, owner string, items []intake.Item, pubs map[int]retrieval.Publication) (bool, error) {
	return db.step(ctx, id, owner, intake.Undoing, items, func(s importStep) (int, error) {
		var outcomes []outcome
		var publish []retrieval.Publication
		var retire, edited []string
		for _, it := range items {
			now := s.now[it.Key]
			p, text := pubs[it.N]
			untouched := now.published == it.Made && (it.Made > 0 && now.last == it.Made || it.Made == 0 && now.last == it.LastVersion)
			switch {
			case !untouched:
				outcomes = append(outcomes, outcome{n: it.N, what: "kept", why: intake.WhyChangedHere, made: it.Made})
				continue
			case text:
				publish = append(publish, p)
			default:
				retire = append(retire, it.Key)
			}
			if it.State == intake.ItemEdited {
				edited = append(edited, it.Key)
			}
			outcomes = append(outcomes, outcome{n: it.N, what: "undone", made: it.Made})
		}
		chunks := 0
		if len(publish) > 0 {
			var err error
			if _, chunks, err = db.publishIn(ctx, s.tx, s.locale, publish); err != nil {
				return 0, err
			}
		}
		if len(retire) > 0 {
			if _, err := retireIn(ctx, s.tx, s.siteID, s.name, retire); err != nil {
				return 0, err
			}
		}
		if _, err := s.tx.Exec(ctx, sqlMarkUndone, s.siteID, s.name, edited); err != nil {
			return 0, err
		}
		return chunks, writeOutcomes(ctx, s.tx, id, outcomes)
	})
}

const sqlFinishUndoing = `update import_runs set state = 'undone', owner = '', leased_to = null, finished_at = now() where id = $1`

// FinishUndoing implements intake.Store.
func (db imports) FinishUndoing(ctx context.Context, id, owner string) (bool, error) {
	return db.underLease(ctx, id, owner, intake.Undoing, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlFinishUndoing, id)
		return err
	})
}
