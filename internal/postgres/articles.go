package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/retrieval"
)

const sqlHashes = `
select key, content_hash from articles
where site_id = $1 and source = $2 and (published_version is not null or edited_at is not null)`

// Hashes returns the content hash by key, as it was imported last, of all articles
// of a source that an import leaves alone if they are still the same: published
// ones, and those that people took back. One that an import retired is not among
// them: imported again, it is published again.
func (db *DB) Hashes(ctx context.Context, siteID, source string) (map[string][]byte, error) {
	rows, err := db.pool.Query(ctx, sqlHashes, siteID, source)
	if err != nil {
		return nil, err
	}
	hashes := map[string][]byte{}
	var key string
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&key, &hash}, func() error {
		hashes[key] = append([]byte(nil), hash...)
		return nil
	})
	return hashes, err
}

const sqlRetire = `
update articles set published_version = null, edited_at = null, updated_at = now()
where site_id = $1 and source = $2 and key = any($3) and published_version is not null
returning id`

// Retire unpublishes the articles of a source whose keys are given and returns
// how many were published until now. Their versions stay.
func (db *DB) Retire(ctx context.Context, siteID, source string, keys []string) (int, error) {
	retired := 0
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockSite(ctx, tx, siteID); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlRetire, siteID, source, keys)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(ids) == 0 {
			return err
		}
		retired = len(ids)
		counts := termCounts{}
		if err := dropChunks(ctx, tx, ids, counts); err != nil {
			return err
		}
		return counts.write(ctx, tx, siteID)
	})
	if err != nil {
		return 0, err
	}
	return retired, nil
}

// An Article is a published article as people read it.
type Article struct {
	retrieval.Article
	Tags      []string
	Markdown  string
	UpdatedAt time.Time
}

const articleColumns = `a.id, v.version, a.slug, v.title, a.locale, v.url`

// The locale asked for comes first, then its language, then the site's own.
const sqlArticleBySlug = `
select ` + articleColumns + `, v.tags, v.markdown, v.created_at
from articles a
join article_versions v on v.article_id = a.id and v.version = a.published_version
join sites s on s.id = a.site_id
where a.site_id = $1 and a.slug = $3
order by a.locale = $2 desc, split_part(a.locale, '-', 1) = split_part($2, '-', 1) desc,
	a.locale = s.locale desc, a.locale
limit 1`

// ArticleBySlug finds a published article for a reader; where the locale has
// none of that slug, another locale's. It reports false where there is none.
func (db *DB) ArticleBySlug(ctx context.Context, siteID, locale, slug string) (Article, bool, error) {
	rows, err := db.pool.Query(ctx, sqlArticleBySlug, siteID, locale, slug)
	if err != nil {
		return Article{}, false, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Article, err error) {
		err = row.Scan(&a.ID, &a.Version, &a.Slug, &a.Title, &a.Locale, &a.URL, &a.Tags, &a.Markdown, &a.UpdatedAt)
		return a, err
	})
	if err != nil || len(found) == 0 {
		return Article{}, false, err
	}
	return found[0], true, nil
}

const sqlArticleList = `
select ` + articleColumns + `
from articles a
join article_versions v on v.article_id = a.id and v.version = a.published_version
where a.site_id = $1 and ($2 = '' or a.locale = $2)
order by lower(v.title), a.id
limit $3 offset $4`

const sqlArticleCount = `
select count(*) from articles a
where a.site_id = $1 and ($2 = '' or a.locale = $2) and a.published_version is not null`

// ArticleList lists published articles by title and counts all that there are.
// An empty locale lists every one.
func (db *DB) ArticleList(ctx context.Context, siteID, locale string, limit, offset int) ([]retrieval.Article, int, error) {
	var list []retrieval.Article
	var total int
	b := &pgx.Batch{}
	b.Queue(sqlArticleList, siteID, locale, limit, offset).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a retrieval.Article, err error) {
			err = row.Scan(&a.ID, &a.Version, &a.Slug, &a.Title, &a.Locale, &a.URL)
			return a, err
		})
		return err
	})
	b.Queue(sqlArticleCount, siteID, locale).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	err := db.pool.SendBatch(ctx, b).Close()
	return list, total, err
}

const sqlArticleKeys = `select id, key from articles where site_id = $1 and source = $2`

// ArticleKeys returns the keys of a source's articles, published or not, by their
// ids.
func (db *DB) ArticleKeys(ctx context.Context, siteID, source string) (map[string]string, error) {
	rows, err := db.pool.Query(ctx, sqlArticleKeys, siteID, source)
	if err != nil {
		return nil, err
	}
	keys := map[string]string{}
	var id, key string
	_, err = pgx.ForEachRow(rows, []any{&id, &key}, func() error {
		keys[id] = key
		return nil
	})
	return keys, err
}
