package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A site with many chunks gets an HNSW index of its vectors alone, for each
// embedder that it has them of; see docs/adr/0011. Of its own, because a graph of
// all sites would be walked through the chunks of others, which the search then
// throws away: the smaller a site's share, the longer.
const (
	// IndexFrom is from how many vectors on a site gets an index, and half of it is
	// where it loses it. Below it the exact scan takes about as long as the rest of
	// a search (docs/bench.md).
	IndexFrom = 4000
	// maxIndexes bounds the indexes of the table: whoever plans a search looks at
	// each of them.
	maxIndexes  = 64
	indexPrefix = "chunk_vectors_hnsw_"

	// How wide a search looks, and how an index is built: pgvector's own m and
	// ef_construction. Wide enough for 0.98 of the exact search's first ten.
	hnswSearch = 150
	// indexWithin bounds one building.
	indexWithin = 2 * time.Hour
)

// hnswSettings are of every connection. With the iterative scan, a search among
// chunks of one language goes on until it has enough of them; relaxed, because
// what it finds is sorted afterwards.
func hnswSettings(params map[string]string) {
	params["hnsw.ef_search"] = strconv.Itoa(hnswSearch)
	params["hnsw.iterative_scan"] = "relaxed_order"
}

const sqlVectorCount = `select count(*) from chunk_vectors where embedder_id = $1 and site_id = $2`

const sqlIndexes = `
select c.relname::text, i.indisvalid
from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = 'chunk_vectors'::regclass and c.relname like 'chunk\_vectors\_hnsw\_%'`

// indexName names the index of a site's vectors.
func indexName(embedderID int, siteID string) string {
	return fmt.Sprintf("%s%d_%s", indexPrefix, embedderID, strings.ReplaceAll(siteID, "-", ""))
}

// IndexVectors builds the index of a site's vectors where there are enough of
// them, and drops it where there are too few. Searches and publications go on
// meanwhile. A building that is interrupted is begun anew by the next call.
func (db *DB) IndexVectors(ctx context.Context, siteID, embedder string) error {
	e, err := db.embedder(ctx, embedder)
	if err != nil || e.dimensions == 0 || !isID(siteID) {
		return err
	}
	var n int
	if err := db.pool.QueryRow(ctx, sqlVectorCount, e.id, siteID).Scan(&n); err != nil {
		return err
	}
	indexes, err := db.indexes(ctx)
	if err != nil {
		return err
	}
	name := indexName(e.id, siteID)
	valid, there := indexes[name]
	switch {
	case n < IndexFrom/2 && there:
		return db.alter(ctx, "drop index concurrently if exists "+name)
	case n < IndexFrom || valid || !there && len(indexes) >= maxIndexes:
		return nil
	case there: // a building that did not come to its end
		if err := db.alter(ctx, "drop index concurrently if exists "+name); err != nil {
			return err
		}
	}
	// The graph is built in memory; beyond what it may take the building is slower.
	need := n * (2*e.dimensions + 500) * 3 / 2 >> 20
	return db.alter(ctx,
		fmt.Sprintf("set maintenance_work_mem = '%dMB'", min(1024, max(64, need))),
		// Before pgvector 0.8.2, workers that build in parallel may corrupt memory.
		"set max_parallel_maintenance_workers = 0",
		fmt.Sprintf("create index concurrently %s on chunk_vectors using hnsw ((embedding::halfvec(%d)) halfvec_ip_ops) where embedder_id = %d and site_id = '%s'",
			name, e.dimensions, e.id, siteID))
}

// indexes lists the indexes by their names, true where they are whole.
func (db *DB) indexes(ctx context.Context) (map[string]bool, error) {
	rows, err := db.pool.Query(ctx, sqlIndexes)
	if err != nil {
		return nil, err
	}
	indexes := map[string]bool{}
	var name string
	var valid bool
	_, err = pgx.ForEachRow(rows, []any{&name, &valid}, func() error {
		indexes[name] = valid
		return nil
	})
	return indexes, err
}

// dropIndexes drops all indexes of an embedder's vectors.
func (db *DB) dropIndexes(ctx context.Context, embedderID int) error {
	indexes, err := db.indexes(ctx)
	if err != nil {
		return err
	}
	for name := range indexes {
		if strings.HasPrefix(name, fmt.Sprintf("%s%d_", indexPrefix, embedderID)) {
			if err := db.alter(ctx, "drop index concurrently if exists "+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// alter runs statements that take long and cannot run in a transaction, on one
// connection.
func (db *DB) alter(ctx context.Context, statements ...string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, indexWithin)
	defer cancel()
	return db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) (err error) {
		defer func() {
			// A connection that keeps these settings must not be used again.
			if _, resetErr := conn.Exec(context.WithoutCancel(ctx), "reset all"); resetErr != nil {
				err = errors.Join(err, conn.Conn().Close(context.WithoutCancel(ctx)))
			}
		}()
		for _, s := range append([]string{"set statement_timeout = 0"}, statements...) {
			if _, err := conn.Exec(ctx, s); err != nil {
				return fmt.Errorf("%.60s …: %w", s, err)
			}
		}
		return nil
	})
}
