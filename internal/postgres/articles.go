package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
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
