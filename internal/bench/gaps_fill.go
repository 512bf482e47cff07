package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/internal/postgres"
)

// insertGapQuestions stores questions as shoppers would have left them: where they
// are sorted, in gaps by the number of their matter.
func insertGapQuestions(ctx context.Context, db *postgres.DB, siteID, embedder string, texts []string, vectors [][]float32, from, gaps int, sorted bool) error {
	tx, err := db.Pool().Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // nothing is left to undo after the commit
	b := &pgx.Batch{}
	if sorted {
		b.Queue(`insert into gaps (id, site_id, locale, title, questions, texts)
			select md5('gap' || n)::uuid, $1, 'en', 'gap ' || n, $2, 20 from generate_series(0, $3 - 1) n`, siteID, len(texts)/gaps, gaps)
		b.Queue(`insert into gap_sites (site_id, refined) values ($1, $2)`, siteID, len(texts))
	}
	b.Queue(`insert into shoppers (id, site_id) select md5('shopper' || $2::integer || '.' || n)::uuid, $1 from generate_series(0, 999) n`, siteID, from)
	b.Queue(`insert into conversations (id, shopper_id, site_id, locale)
		select md5('conversation' || ($2::integer + n))::uuid, md5('shopper' || $2::integer || '.' || n % 1000)::uuid, $1, 'en' from generate_series(0, $3::integer - 1) n`, siteID, from, len(texts))
	b.Queue(`analyze shoppers, conversations, gaps`)
	for i, text := range texts {
		var gapID, name any
		var vector any
		if sorted {
			gapID, name, vector = fmt.Sprint("gap", (from+i)%gaps), embedder, pgvector.NewHalfVector(vectors[i])
		}
		b.Queue(`insert into gap_questions (site_id, conversation_id, seq, shopper_id, locale, text, reason, gap_id, embedder, embedding, at)
			values ($1, md5('conversation' || $2::integer)::uuid, 1, md5('shopper' || $7::integer || '.' || $8::integer)::uuid, 'en', $3, 'not_found',
				md5($4::text)::uuid, coalesce($5, ''), $6::halfvec, now())`, siteID, from+i, text, gapID, name, vector, from, i%1000)
		if b.Len() >= 2000 || i == len(texts)-1 {
			if err := tx.SendBatch(ctx, b).Close(); err != nil {
				return err
			}
			b = &pgx.Batch{}
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	_, err = db.Pool().Exec(ctx, `analyze gap_questions, gaps`)
	return err
}
