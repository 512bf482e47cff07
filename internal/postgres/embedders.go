package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/retrieval"
)

// embedderRef is what never changes of an embedder once it has vectors.
type embedderRef struct{ id, dimensions int }

// embedderRefs keeps them; a row is never removed, so what is kept stays true.
type embedderRefs struct {
	mu sync.Mutex
	of map[string]embedderRef
}

const sqlEmbedder = `select id, coalesce(dimensions, 0) from embedders where name = $1`

// embedder finds an embedder by its name; without dimensions where it has no
// vectors.
func (db *DB) embedder(ctx context.Context, name string) (embedderRef, error) {
	db.embedders.mu.Lock()
	defer db.embedders.mu.Unlock()
	if e, ok := db.embedders.of[name]; ok {
		return e, nil
	}
	var e embedderRef
	err := db.pool.QueryRow(ctx, sqlEmbedder, name).Scan(&e.id, &e.dimensions)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, nil
	}
	if err == nil && e.dimensions > 0 {
		if db.embedders.of == nil {
			db.embedders.of = map[string]embedderRef{}
		}
		db.embedders.of[name] = e
	}
	return e, err
}

const sqlInUse = `
select coalesce(max(name) filter (where state = 'searched'), ''), coalesce(max(name) filter (where state = 'coming'), '')
from embedders where state in ('searched', 'coming')`

// Embedders names the embedder whose vectors are searched and the one that is to
// take its place; empty where there is none.
func (db *DB) Embedders(ctx context.Context) (searched, coming string, err error) {
	err = db.pool.QueryRow(ctx, sqlInUse).Scan(&searched, &coming)
	return searched, coming, err
}

// One change of who is searched at a time.
const sqlLockEmbedders = `select pg_advisory_xact_lock(hashtext('careloop embedders'), hashtext(current_schema()))`

const sqlKnowEmbedder = `insert into embedders (name) values ($1) on conflict do nothing`

const sqlEmbedderStates = `select name, state from embedders`

const sqlSetState = `update embedders set state = $2, changed_at = now() where name = $1 and state <> $2`

const sqlHasVectors = `
select exists (select from chunk_vectors v join embedders e on e.id = v.embedder_id where e.name = $1)`

// change changes the states of embedders: f gets them by name and says what is to
// be, in order. What is retired gives up its vectors a while later, and what is
// newly searched or coming gets those that are missing.
func (db *DB) change(ctx context.Context, f func(tx pgx.Tx, states map[string]retrieval.EmbedderState) ([]stateChange, error)) error {
	return db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockEmbedders); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlEmbedderStates)
		if err != nil {
			return err
		}
		states := map[string]retrieval.EmbedderState{}
		var name string
		var state retrieval.EmbedderState
		if _, err := pgx.ForEachRow(rows, []any{&name, &state}, func() error { states[name] = state; return nil }); err != nil {
			return err
		}
		changes, err := f(tx, states)
		if err != nil {
			return err
		}
		fill := false
		for _, c := range changes {
			if _, err := tx.Exec(ctx, sqlKnowEmbedder, c.name); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, sqlSetState, c.name, c.to); err != nil {
				return err
			}
			switch c.to {
			case retrieval.EmbedderRetired:
				if err := db.enqueueDrop(ctx, tx, c.name); err != nil {
					return err
				}
			case retrieval.EmbedderSearched, retrieval.EmbedderComing:
				fill = fill || states[c.name] != c.to
			}
		}
		if fill {
			return db.enqueueAll(ctx, tx)
		}
		return nil
	})
}

type stateChange struct {
	name string
	to   retrieval.EmbedderState
}

// Adopt tells the store which embedder a process is set to. Where none is
// searched, or the one that is has no vectors, it is searched from now on; where
// another is, it is on its way to take its place, if replace says so and nobody
// has cancelled that.
func (db *DB) Adopt(ctx context.Context, name string, replace func(searched string) bool) error {
	return db.change(ctx, func(tx pgx.Tx, states map[string]retrieval.EmbedderState) ([]stateChange, error) {
		searched := nameOf(states, retrieval.EmbedderSearched)
		if searched == name || searched != "" && (!replace(searched) || states[name] == retrieval.EmbedderCancelled) {
			return []stateChange{{searched, retrieval.EmbedderSearched}}, nil
		}
		return begin(ctx, tx, states, name)
	})
}

func nameOf(states map[string]retrieval.EmbedderState, state retrieval.EmbedderState) string {
	for name, s := range states {
		if s == state {
			return name
		}
	}
	return ""
}

// begin makes an embedder the coming one, in place of whatever was; where nothing
// is searched, or nothing can be found by it, the one that is searched.
func begin(ctx context.Context, tx pgx.Tx, states map[string]retrieval.EmbedderState, name string) ([]stateChange, error) {
	var changes []stateChange
	for other, s := range states {
		if other != name && (s == retrieval.EmbedderComing || s == retrieval.EmbedderCancelled) {
			changes = append(changes, stateChange{other, retrieval.EmbedderRetired})
		}
	}
	searched := nameOf(states, retrieval.EmbedderSearched)
	if searched == "" {
		return append(changes, stateChange{name, retrieval.EmbedderSearched}), nil
	}
	var has bool
	if err := tx.QueryRow(ctx, sqlHasVectors, searched).Scan(&has); err != nil {
		return nil, err
	}
	if !has {
		return append(changes, stateChange{searched, retrieval.EmbedderRetired}, stateChange{name, retrieval.EmbedderSearched}), nil
	}
	return append(changes, stateChange{name, retrieval.EmbedderComing}), nil
}

// Errors of switching.
var (
	ErrSearchedAlready = errors.New("its vectors are searched already")
	ErrNoSwitch        = errors.New("no switch is under way")
	ErrNoneCancelled   = errors.New("no switch was cancelled")
)

// BeginSwitch begins to make vectors of an embedder, which take the place of
// those that are searched when they are whole. A switch to another that is under
// way or was cancelled is given up.
func (db *DB) BeginSwitch(ctx context.Context, name string) error {
	return db.change(ctx, func(tx pgx.Tx, states map[string]retrieval.EmbedderState) ([]stateChange, error) {
		if states[name] == retrieval.EmbedderSearched {
			return nil, ErrSearchedAlready
		}
		return begin(ctx, tx, states, name)
	})
}

// CancelSwitch stops the switch that is under way and returns the embedder that
// was coming. Its vectors stay until another switch begins.
func (db *DB) CancelSwitch(ctx context.Context) (name string, err error) {
	err = db.change(ctx, func(_ pgx.Tx, states map[string]retrieval.EmbedderState) ([]stateChange, error) {
		if name = nameOf(states, retrieval.EmbedderComing); name == "" {
			return nil, ErrNoSwitch
		}
		return []stateChange{{name, retrieval.EmbedderCancelled}}, nil
	})
	return name, err
}

const sqlForgetRefusals = `delete from embedding_refusals r using embedders e where e.id = r.embedder_id and e.name = $1`

// ResumeSwitch goes on with the switch that was cancelled, or tries the refused
// chunks of one that is under way again, and returns the embedder that comes.
func (db *DB) ResumeSwitch(ctx context.Context) (name string, err error) {
	err = db.change(ctx, func(tx pgx.Tx, states map[string]retrieval.EmbedderState) ([]stateChange, error) {
		if name = nameOf(states, retrieval.EmbedderComing); name == "" {
			name = nameOf(states, retrieval.EmbedderCancelled)
		}
		if name == "" {
			return nil, ErrNoneCancelled
		}
		if _, err := tx.Exec(ctx, sqlForgetRefusals, name); err != nil {
			return nil, err
		}
		return []stateChange{{name, retrieval.EmbedderComing}}, db.enqueueAll(ctx, tx)
	})
	return name, err
}

const sqlLacking = `
select count(*) filter (where r.chunk_id is null), count(r.chunk_id), count(*) from chunks c
left join embedding_refusals r on r.chunk_id = c.id and r.embedder_id = (select id from embedders where name = $1)
where not exists (select from chunk_vectors v
	where v.chunk_id = c.id and v.embedder_id = (select id from embedders where name = $1))`

const sqlAllChunks = `select count(*) from chunks`

// mostRefused is the share of chunks that may be refused by an embedder that
// takes another's place, in hundredths.
const mostRefused = 1

// Flip makes the coming embedder the one that is searched if it has vectors of
// all published chunks, but for a few that it refuses. It reports whether it did.
func (db *DB) Flip(ctx context.Context, coming string) (flipped bool, err error) {
	err = db.change(ctx, func(tx pgx.Tx, states map[string]retrieval.EmbedderState) ([]stateChange, error) {
		if states[coming] != retrieval.EmbedderComing {
			return nil, nil
		}
		var lacking, refused, without, all int
		if err := tx.QueryRow(ctx, sqlLacking, coming).Scan(&lacking, &refused, &without); err != nil {
			return nil, err
		}
		if err := tx.QueryRow(ctx, sqlAllChunks).Scan(&all); err != nil {
			return nil, err
		}
		if lacking > 0 || refused*100 > all*mostRefused {
			return nil, nil
		}
		flipped = true
		var changes []stateChange
		if old := nameOf(states, retrieval.EmbedderSearched); old != "" {
			changes = append(changes, stateChange{old, retrieval.EmbedderRetired})
		}
		return append(changes, stateChange{coming, retrieval.EmbedderSearched}), nil
	})
	return flipped, err
}

const sqlProgress = `
select e.name, e.state, coalesce(e.dimensions, 0),
	case when e.state in ('searched', 'coming', 'cancelled') then (select count(*) from chunks) else 0 end,
	(select count(*) from chunk_vectors v where v.embedder_id = e.id),
	(select count(*) from embedding_refusals r where r.embedder_id = e.id),
	coalesce((select r.reason from embedding_refusals r where r.embedder_id = e.id order by r.chunk_id desc limit 1), ''),
	e.changed_at
from embedders e
order by array_position(array['searched', 'coming', 'cancelled', 'retired'], e.state), e.name`

// EmbedderProgress lists the embedders with how far their vectors are, the one
// that is searched first.
func (db *DB) EmbedderProgress(ctx context.Context) ([]retrieval.EmbedderProgress, error) {
	rows, err := db.pool.Query(ctx, sqlProgress)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p retrieval.EmbedderProgress, err error) {
		err = row.Scan(&p.Name, &p.State, &p.Dimensions, &p.Wanted, &p.Done, &p.Refused, &p.Reason, &p.Since)
		return p, err
	})
}

const sqlSitesWithChunks = `select distinct site_id::text from corpora where chunks > 0`

// QueueEmbedding queues every site to be embedded, for a server that starts: the
// one before may have died over it.
func (db *DB) QueueEmbedding(ctx context.Context) error {
	return db.inTx(ctx, func(tx pgx.Tx) error { return db.enqueueAll(ctx, tx) })
}

// enqueueAll queues every site to be embedded.
func (db *DB) enqueueAll(ctx context.Context, tx pgx.Tx) error {
	if !db.embeds {
		return nil
	}
	rows, err := tx.Query(ctx, sqlSitesWithChunks)
	if err != nil {
		return err
	}
	sites, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, id := range sites {
		if err := db.enqueueEmbedding(ctx, tx, id, embeddingDelay); err != nil {
			return err
		}
	}
	return nil
}

// dropAfter is how long retired vectors stay: replicas learn within a second who
// is searched now.
const dropAfter = 10 * time.Minute

func (db *DB) enqueueDrop(ctx context.Context, tx pgx.Tx, name string) error {
	if !db.embeds {
		return nil
	}
	_, err := db.queue.InsertTx(ctx, tx, retrieval.DropVectors{Embedder: name},
		&river.InsertOpts{Queue: retrieval.EmbedQueue, ScheduledAt: time.Now().Add(dropAfter)})
	return err
}

const sqlDropVectors = `
delete from chunk_vectors where (embedder_id, chunk_id) in (
	select v.embedder_id, v.chunk_id from chunk_vectors v
	join embedders e on e.id = v.embedder_id
	where e.name = $1 and e.state = 'retired'
	order by v.embedder_id, v.chunk_id limit 5000)`

const sqlDropRefusals = `
delete from embedding_refusals r using embedders e
where e.id = r.embedder_id and e.name = $1 and e.state = 'retired'`

const sqlIsRetired = `select exists (select from embedders where name = $1 and state = 'retired')`

// DropVectors removes the vectors of an embedder that is retired, and their
// indexes. It stops where the embedder is wanted again.
func (db *DB) DropVectors(ctx context.Context, name string) error {
	var retired bool
	if err := db.pool.QueryRow(ctx, sqlIsRetired, name).Scan(&retired); err != nil || !retired {
		return err
	}
	e, err := db.embedder(ctx, name)
	if err != nil {
		return err
	}
	if err := db.dropIndexes(ctx, e.id); err != nil {
		return err
	}
	for {
		tag, err := db.pool.Exec(ctx, sqlDropVectors, name)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			break
		}
	}
	_, err = db.pool.Exec(ctx, sqlDropRefusals, name)
	return err
}

const sqlTryEmbedding = `select pg_try_advisory_lock(hashtext('careloop embedding'), hashtext(current_schema()))`

const sqlLeaveEmbedding = `select pg_advisory_unlock(hashtext('careloop embedding'), hashtext(current_schema()))`

// embeddingPoll is how often it is asked whether another process has done with
// embedding.
const embeddingPoll = 200 * time.Millisecond

// Embedding does something while no other process of this database embeds: two at
// once would pay for the same chunks twice. It waits for its turn.
func (db *DB) Embedding(ctx context.Context, do func() error) error {
	return db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) (err error) {
		for {
			var alone bool
			if err := conn.QueryRow(ctx, sqlTryEmbedding).Scan(&alone); err != nil {
				return err
			}
			if alone {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("another process embeds: %w", ctx.Err())
			case <-time.After(embeddingPoll):
			}
		}
		defer func() {
			if _, unlockErr := conn.Exec(context.WithoutCancel(ctx), sqlLeaveEmbedding); unlockErr != nil {
				err = errors.Join(err, conn.Conn().Close(context.WithoutCancel(ctx)))
			}
		}()
		return do()
	})
}
