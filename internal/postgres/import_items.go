package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/intake"
	"github.com/careloop/careloop/retrieval"
)

const importItemColumns = `i.n, i.key, i.title, i.state, i.file, i.line, i.reason, i.warnings, i.chosen, i.outcome, i.why,
	coalesce(i.article_id::text, ''), i.last_version, i.published, i.made`

func importItemTargets(it *intake.Item) []any {
	return []any{&it.N, &it.Key, &it.Title, &it.State, &it.File, &it.Line, &it.Reason, &it.Warnings, &it.Chosen, &it.Outcome, &it.Why,
		&it.ArticleID, &it.LastVersion, &it.Published, &it.Made}
}

// warned is a filter for what there are warnings of, beside the states.
const importItemFits = `
	i.run_id = $1 and ($2 = '' or i.state = $2 or $2 = 'warned' and i.warnings <> '{}')
	and ($3 = '' or i.outcome = $3)
	and ($4 = '' or strpos(lower(i.title || ' ' || i.key || ' ' || i.file || ' ' || i.reason), lower($4)) > 0)
	and (cardinality($5::integer[]) = 0 or i.n = any($5))`

const sqlImportItems = `
select ` + importItemColumns + ` from import_items i
where ` + importItemFits + `
order by i.n limit $6 offset $7`

const sqlCountImportItems = `select count(*) from import_items i where ` + importItemFits

// Items implements intake.Store.
func (db imports) Items(ctx context.Context, siteID, id string, f intake.Filter) (list []intake.Item, total int, err error) {
	if _, err := db.Run(ctx, siteID, id); err != nil {
		return nil, 0, err
	}
	b := &pgx.Batch{}
	b.Queue(sqlImportItems, id, f.State, f.Outcome, f.Q, orEmpty(f.Items), f.Limit, f.Offset).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (it intake.Item, err error) {
			return it, row.Scan(importItemTargets(&it)...)
		})
		return err
	})
	b.Queue(sqlCountImportItems, id, f.State, f.Outcome, f.Q, orEmpty(f.Items)).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	err = db.pool.SendBatch(ctx, b).Close()
	return list, total, err
}

const sqlImportItem = `
select ` + importItemColumns + `, i.document, a.locale, a.slug, v.title, v.markdown, v.url, v.tags
from import_items i
left join articles a on a.id = i.article_id and a.site_id = $1
left join article_versions v on v.article_id = a.id and v.version = case when i.outcome = '' then a.published_version else nullif(i.published, 0) end
where i.run_id = $2 and i.n = $3`

// Item implements intake.Store.
func (db imports) Item(ctx context.Context, siteID, id string, n int) (it intake.Item, before, after *intake.Text, err error) {
	if _, err := db.Run(ctx, siteID, id); err != nil {
		return it, nil, nil, err
	}
	var locale, slug, title, markdown, url *string
	var tags []string
	err = db.pool.QueryRow(ctx, sqlImportItem, siteID, id, n).
		Scan(append(importItemTargets(&it), &it.Document, &locale, &slug, &title, &markdown, &url, &tags)...)
	if err != nil {
		return it, nil, nil, orRefuse(err, intake.CodeUnknownImport)
	}
	if title != nil {
		before = &intake.Text{Title: *title, Markdown: *markdown, URL: *url, Tags: orEmpty(tags), Locale: *locale, Slug: *slug}
	}
	if d := it.Document; d != nil {
		after = &intake.Text{Title: d.Title, Markdown: d.Markdown, URL: d.URL, Tags: orEmpty(d.Tags), Locale: d.Locale, Slug: d.Slug}
	}
	return it, before, after, nil
}

const sqlChooseImportItems = `
update import_items i set chosen = $6
where ` + importItemFits + ` and i.outcome = '' and i.state in ('new', 'changed', 'edited', 'gone') and i.chosen <> $6`

// Choose implements intake.Store.
func (db imports) Choose(ctx context.Context, siteID, id string, f intake.Filter, chosen bool) error {
	return db.inTx(ctx, func(tx pgx.Tx) error {
		// Into the state that it is in: the row is held, and nothing begins meanwhile.
		err := db.begin(ctx, tx, siteID, id, []intake.State{intake.Ready}, intake.Ready)
		if codeOf(err) == intake.CodeNotReady {
			err = db.begin(ctx, tx, siteID, id, []intake.State{intake.Stopped}, intake.Stopped)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlChooseImportItems, id, f.State, f.Outcome, f.Q, orEmpty(f.Items), chosen); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlCountImport, id)
		return err
	})
}

const sqlCountImport = `
update import_runs set counts = (select jsonb_build_object(
	'new', count(*) filter (where state = 'new'), 'changed', count(*) filter (where state = 'changed'),
	'edited', count(*) filter (where state = 'edited'), 'gone', count(*) filter (where state = 'gone'),
	'unchanged', count(*) filter (where state = 'unchanged'), 'refused', count(*) filter (where state = 'refused'),
	'warned', count(*) filter (where warnings <> '{}'), 'chosen', count(*) filter (where chosen),
	'applied', count(*) filter (where outcome = 'applied'), 'failed', count(*) filter (where outcome = 'failed'),
	'undone', count(*) filter (where outcome = 'undone'), 'kept', count(*) filter (where outcome = 'kept'))
	from import_items where run_id = $1)
where id = $1`

const sqlKnownArticles = `
select a.key, a.id, coalesce(v.title, ''), a.content_hash, a.last_version, coalesce(a.published_version, 0), a.edited_at is not null
from articles a
left join article_versions v on v.article_id = a.id and v.version = a.published_version
where a.site_id = $1 and a.source = $2`

// Known implements intake.Store.
func (db imports) Known(ctx context.Context, siteID, name string) (map[string]intake.Known, error) {
	rows, err := db.pool.Query(ctx, sqlKnownArticles, siteID, name)
	if err != nil {
		return nil, err
	}
	out := map[string]intake.Known{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var key string
		var k intake.Known
		err := row.Scan(&key, &k.ID, &k.Title, &k.Hash, &k.LastVersion, &k.Published, &k.EditedHere)
		out[key] = k
		return struct{}{}, err
	})
	return out, err
}

const sqlClearImportItems = `delete from import_items where run_id = $1`

// ClearItems implements intake.Store.
func (db imports) ClearItems(ctx context.Context, id, owner string) (bool, error) {
	return db.underLease(ctx, id, owner, intake.Reading, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlClearImportItems, id)
		return err
	})
}

// AddItems implements intake.Store.
func (db imports) AddItems(ctx context.Context, id, owner string, items []intake.Item) (bool, error) {
	rows := make([][]any, len(items))
	for i, it := range items {
		document, err := documentOf(it.Document)
		if err != nil {
			return false, err
		}
		rows[i] = []any{id, it.N, cleanText(it.Key), cleanText(it.Title), string(it.State), cleanText(it.File), it.Line, cleanText(it.Reason), orEmpty(it.Warnings),
			document, idOrNull(it.ArticleID), it.LastVersion, it.Published, it.Chosen}
	}
	return db.underLease(ctx, id, owner, intake.Reading, func(tx pgx.Tx) error {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"import_items"},
			[]string{"run_id", "n", "key", "title", "state", "file", "line", "reason", "warnings", "document", "article_id", "last_version", "published", "chosen"},
			pgx.CopyFromRows(rows))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlCountImport, id)
		return err
	})
}

func documentOf(d *retrieval.Document) (any, error) {
	if d == nil {
		return nil, nil
	}
	b, err := json.Marshal(d)
	return b, err
}
