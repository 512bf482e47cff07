package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/retrieval"
)

const sqlChunkIDs = `select id from chunks where article_id = $1 and site_id = $2 order by ordinal`

// writeVectors stores the vectors that came with publications.
func (w *publisher) writeVectors(ctx context.Context, all []version) error {
	for _, v := range all {
		if len(v.Vectors) == 0 || len(v.Chunks) == 0 {
			continue
		}
		rows, err := w.tx.Query(ctx, sqlChunkIDs, v.id, w.siteID)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		for _, e := range v.Vectors {
			if err := saveVectors(ctx, w.tx, w.siteID, e.Embedder, ids, e.Vectors); err != nil {
				return err
			}
		}
	}
	return nil
}

// At most one job of a site waits, or one that begins by then; one that runs
// already may have passed the new chunks by, so it does not count.
const sqlEmbeddingWaits = `
select exists (select from river_job
	where kind = $1 and args @> jsonb_build_object('site_id', $2::text)
	and state in ('available', 'pending', 'retryable', 'scheduled') and ($3::timestamptz is null or scheduled_at <= $3))`

// embeddingDelay is how long a job waits, so that an import in many steps is
// embedded in one.
const embeddingDelay = 2 * time.Second

// enqueueEmbedding sees to it that what a site lacks is embedded after a while.
func (db *DB) enqueueEmbedding(ctx context.Context, tx pgx.Tx, siteID string, after time.Duration) error {
	job := retrieval.EmbedSite{SiteID: siteID}
	o := &river.InsertOpts{Queue: retrieval.EmbedQueue}
	var by *time.Time
	now := time.Now()
	if after > 0 {
		o.ScheduledAt = now.Add(after)
	} else { // one that waits for later is no help
		by = &now
	}
	var waits bool
	if err := tx.QueryRow(ctx, sqlEmbeddingWaits, job.Kind(), siteID, by).Scan(&waits); err != nil || waits {
		return err
	}
	_, err := db.queue.InsertTx(ctx, tx, job, o)
	return err
}
