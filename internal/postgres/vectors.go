package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/retrieval"
)

// An embedder that is neither searched nor coming wants nothing: that is how a
// switch that is cancelled stops.
const sqlUnembedded = `
select c.id, a.title, c.heading, c.text
from chunks c
join article_versions a on a.article_id = c.article_id and a.version = c.version
join embedders e on e.name = $2 and e.state in ('searched', 'coming')
where c.site_id = $1 and c.id > $3
and not exists (select from chunk_vectors v where v.chunk_id = c.id and v.embedder_id = e.id)
and not exists (select from embedding_refusals r where r.chunk_id = c.id and r.embedder_id = e.id)
order by c.id
limit $4`

// Unembedded returns up to limit published chunks of a site that have no vector
// of the embedder, by id above after.
func (db *DB) Unembedded(ctx context.Context, siteID, embedder string, after int64, limit int) ([]retrieval.ChunkText, error) {
	rows, err := db.pool.Query(ctx, sqlUnembedded, siteID, embedder, after, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c retrieval.ChunkText, err error) {
		err = row.Scan(&c.ID, &c.Title, &c.Heading, &c.Text)
		return c, err
	})
}

// The lock keeps the embedder from being retired meanwhile.
const sqlEmbedderToFill = `
select id, coalesce(dimensions, 0) from embedders
where name = $1 and state in ('searched', 'coming') for share`

const sqlSetDimensions = `update embedders set dimensions = $2 where id = $1`

// The lock keeps a chunk from being replaced between the look and the insert.
const sqlSaveVectors = `
insert into chunk_vectors (embedder_id, chunk_id, site_id, locale, audience, embedding)
select $1, c.id, c.site_id, c.locale, c.audience, n.embedding::halfvec
from unnest($3::bigint[], $4::vector[]) as n (chunk_id, embedding)
join chunks c on c.id = n.chunk_id and c.site_id = $2
for key share of c
on conflict (embedder_id, chunk_id) do update set embedding = excluded.embedding`

// SaveVectors stores vectors by chunk; chunks that are gone are left out, and all
// are where nobody wants the embedder's vectors any more. All vectors of an
// embedder have the same length.
func (db *DB) SaveVectors(ctx context.Context, siteID, embedder string, chunkIDs []int64, vectors [][]float32) error {
	return db.inTx(ctx, func(tx pgx.Tx) error { return saveVectors(ctx, tx, siteID, embedder, chunkIDs, vectors) })
}

func saveVectors(ctx context.Context, tx pgx.Tx, siteID, embedder string, chunkIDs []int64, vectors [][]float32) error {
	if len(chunkIDs) != len(vectors) {
		return fmt.Errorf("save vectors: %d chunks and %d vectors", len(chunkIDs), len(vectors))
	}
	if len(vectors) == 0 {
		return nil
	}
	dimensions := len(vectors[0])
	list := make([]pgvector.Vector, len(vectors))
	for i, v := range vectors {
		if len(v) != dimensions {
			return fmt.Errorf("save vectors: lengths %d and %d in one batch", dimensions, len(v))
		}
		list[i] = pgvector.NewVector(v)
	}
	var id, stored int
	err := tx.QueryRow(ctx, sqlEmbedderToFill, embedder).Scan(&id, &stored)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	case stored == 0:
		if _, err := tx.Exec(ctx, sqlSetDimensions, id, dimensions); err != nil {
			return err
		}
	case stored != dimensions:
		return fmt.Errorf("embedder %q makes vectors of length %d now and made %d before: give it another name", embedder, dimensions, stored)
	}
	_, err = tx.Exec(ctx, sqlSaveVectors, id, siteID, chunkIDs, list)
	return err
}

const sqlSaveRefusal = `
insert into embedding_refusals (embedder_id, chunk_id, reason)
select e.id, c.id, $3 from embedders e, chunks c
where e.name = $1 and e.state in ('searched', 'coming') and c.id = $2
for key share of c
on conflict do nothing`

// SaveRefusal notes that an embedder will not take a chunk.
func (db *DB) SaveRefusal(ctx context.Context, embedder string, chunkID int64, reason string) error {
	_, err := db.pool.Exec(ctx, sqlSaveRefusal, embedder, chunkID, reason)
	return err
}
