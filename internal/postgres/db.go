// Package postgres keeps everything that Careloop stores in one PostgreSQL
// database. All SQL of the product but for the migrations stands here, one file
// per aggregate, each statement a constant beside the method that runs it. The
// package implements the stores that assist and retrieval declare and owns their
// transactions.
//
// Locks are taken in one order, so that transactions wait for each other and
// never in a circle: site (publishing and care guides alone), shopper,
// conversation, turn, draft, the queue, agent, usage, budget (earlier days first). Whoever gives out what waits
// holds the queue before a conversation, and passes over those that are locked.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxvector "github.com/pgvector/pgvector-go/pgx"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/post"
	"github.com/careloop/careloop/retrieval"
)

// DB is Careloop's database. It is safe for concurrent use.
type DB struct {
	pool   *pgxpool.Pool
	queue  *river.Client[pgx.Tx]
	embeds bool
	// letterWait is how long after a reply its letter is due.
	letterWait time.Duration

	embedders embedderRefs

	// analyzed counts the chunks that were stored, and those at the last
	// analysis.
	analyzed struct {
		sync.Mutex
		stored, at int
	}
}

var (
	_ assist.Store       = (*DB)(nil)
	_ draft.Store        = (*DB)(nil)
	_ retrieval.Articles = (*DB)(nil)
	_ retrieval.Index    = (*DB)(nil)
	_ retrieval.Vectors  = (*DB)(nil)

	_ retrieval.Switcher = (*DB)(nil)
)

// Options adjust a DB. The zero value will do.
type Options struct {
	// MaxConns bounds the pool; 0 means four for each processor, at least 8.
	MaxConns int32
	// StatementTimeout bounds every statement but those of publishing; 0 means
	// 15 seconds.
	StatementTimeout time.Duration
	// Embeds says that an embedder is configured: what is published is then
	// queued to be embedded.
	Embeds bool
	// LetterWait is how long after a reply it is looked whether the shopper has
	// read it, and a letter sent otherwise; 0 means post.Wait.
	LetterWait time.Duration
}

// publishTimeout bounds each statement of a publication, the wait for another
// publication of the same site included.
const publishTimeout = 2 * time.Minute

// Open connects to a database that is migrated. The caller closes it.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database's address is not valid: %w", err)
	}
	cfg.MaxConns = o.MaxConns
	if cfg.MaxConns == 0 {
		cfg.MaxConns = max(8, int32(4*runtime.NumCPU()))
	}
	cfg.MinIdleConns = min(2, cfg.MaxConns)
	cfg.MaxConnIdleTime = 10 * time.Minute
	cfg.MaxConnLifetime = time.Hour
	cfg.MaxConnLifetimeJitter = 10 * time.Minute
	timeout := o.StatementTimeout
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	params := cfg.ConnConfig.RuntimeParams
	params["application_name"] = "careloop"
	params["timezone"] = "UTC"
	params["statement_timeout"] = strconv.FormatInt(timeout.Milliseconds(), 10)
	params["idle_in_transaction_session_timeout"] = "60000"
	// Compiling a statement costs more than any of ours takes.
	params["jit"] = "off"
	hnswSettings(params)
	cfg.AfterConnect = pgxvector.RegisterTypes

	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	// A client without queues inserts jobs and works none.
	queue, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the job queue: %w", err)
	}
	return &DB{pool: pool, queue: queue, embeds: o.Embeds, letterWait: cmp.Or(o.LetterWait, post.Wait)}, nil
}

// Close waits for running statements and closes every connection.
func (db *DB) Close() { db.pool.Close() }

// Pool is the pool beneath, for the job queue's workers.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

const sqlPing = `select 1 from sites limit 1`

// Ping tells whether the database answers and has its tables.
func (db *DB) Ping(ctx context.Context) error {
	_, err := db.pool.Exec(ctx, sqlPing)
	return err
}

// inTx runs f in a transaction, which is rolled back where f fails.
func (db *DB) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, db.pool, f)
}

// newID makes an id that sorts by time.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return id.String(), nil
}

// isID reports whether s can be an id at all. What cannot is unknown, and is
// never sent to the database, where it would be a failure.
func isID(s string) bool {
	_, err := uuid.Parse(s)
	return err == nil && len(s) == 36
}

// refuse makes an error with a code.
func refuse(code assist.Code) error { return &assist.Error{Code: code} }

// orRefuse turns "no rows" into a refusal.
func orRefuse(err error, code assist.Code) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return refuse(code)
	}
	return err
}

// orEmpty gives a slice that is stored as an empty list and not as null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// runBatch sends the statements in one round trip. Their results are read by
// the functions given when they were queued; the first error is returned.
func runBatch(ctx context.Context, tx pgx.Tx, b *pgx.Batch) error {
	return tx.SendBatch(ctx, b).Close()
}
