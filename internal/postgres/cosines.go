package postgres

import (
	"context"

	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/retrieval"
)

const sqlCosines = `
select chunk_id, -(embedding <#> $4) as score
from chunk_vectors
where embedder_id = (select id from embedders where name = $2) and site_id = $1 and chunk_id = any($3)`

// Cosines gives the cosine similarities of chunks by id with the vector of an
// embedder.
func (db *DB) Cosines(ctx context.Context, siteID, embedder string, vector []float32, chunkIDs []int64) ([]retrieval.Hit, error) {
	rows, err := db.pool.Query(ctx, sqlCosines, siteID, embedder, orEmpty(chunkIDs), pgvector.NewHalfVector(vector))
	if err != nil {
		return nil, err
	}
	return collectHits(rows)
}
