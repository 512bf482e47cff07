package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist/golden"
)

const replayColumns = `p.id, p.state, p.done, p.total, p.message, coalesce(by.name, ''), p.started_at, p.finished_at, p.setting, p.scores`

const fromReplays = ` from replays p left join agents by on by.id = p.started_by `

func scanReplay(row pgx.Row) (r golden.Replay, err error) {
	return r, orRefuse(row.Scan(&r.ID, &r.State, &r.Done, &r.Total, &r.Message, &r.By, &r.StartedAt, &r.FinishedAt, &r.Setting, &r.Scores), golden.CodeUnknownReplay)
}

const sqlInsertReplay = `
insert into replays (id, site_id, state, done, total, setting, scores, started_by, finished_at)
values ($1, $2, $3, $4, $5, $6, $7, nullif($8, '')::uuid, case when $3 = 'running' then null else now() end)`

const sqlInsertResult = `
insert into replay_results (replay_id, n, key, turn_id, item, result) values ($1, $2, $3, nullif($4, '')::uuid, $5, $6)`

const sqlOldReplays = `
delete from replays where site_id = $1 and state <> 'running' and id not in (
	select id from replays where site_id = $1 order by started_at desc, id desc limit 100)`

// StartReplay stores a replay with what it asks, and its job. The hundred newest
// of a site are kept.
func (db *DB) StartReplay(ctx context.Context, siteID string, s golden.Setting, items []golden.Item, agentID string) (golden.Replay, error) {
	id, err := newID()
	if err != nil {
		return golden.Replay{}, err
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(sqlInsertReplay, id, siteID, golden.Running, 0, len(items), s, golden.Scores{}, agentID)
		for _, i := range items {
			b.Queue(sqlInsertResult, id, i.N, i.Key, i.TurnID, i, nil)
		}
		b.Queue(sqlOldReplays, siteID)
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		_, err := db.queue.InsertTx(ctx, tx, golden.RunReplay{ReplayID: id}, &river.InsertOpts{Queue: golden.ReplayQueue})
		return err
	})
	if isUnique(err, "replays_one_running") {
		err = refuse(golden.CodeReplayRunning)
	}
	if err != nil {
		return golden.Replay{}, err
	}
	return db.Replay(ctx, siteID, id)
}

// StoreReplay stores a replay that is done already.
func (db *DB) StoreReplay(ctx context.Context, siteID string, s golden.Setting, results []golden.Result, scores golden.Scores) (golden.Replay, error) {
	id, err := newID()
	if err != nil {
		return golden.Replay{}, err
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(sqlInsertReplay, id, siteID, golden.Done, len(results), len(results), s, scores, "")
		for _, r := range results {
			b.Queue(sqlInsertResult, id, r.N, r.Key, r.TurnID, r.Item, r)
		}
		b.Queue(sqlOldReplays, siteID)
		return runBatch(ctx, tx, b)
	})
	if err != nil {
		return golden.Replay{}, err
	}
	return db.Replay(ctx, siteID, id)
}

const sqlReplays = `select ` + replayColumns + fromReplays + `where p.site_id = $1 order by p.started_at desc, p.id desc limit $2 offset $3`

const sqlCountReplays = `select count(*) from replays where site_id = $1`

// Replays lists a site's, the newest first.
func (db *DB) Replays(ctx context.Context, siteID string, limit, offset int) ([]golden.Replay, int, error) {
	var list []golden.Replay
	var total int
	b := &pgx.Batch{}
	b.Queue(sqlReplays, siteID, limit, offset).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (golden.Replay, error) { return scanReplay(row) })
		return err
	})
	b.Queue(sqlCountReplays, siteID).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	return list, total, db.pool.SendBatch(ctx, b).Close()
}

const sqlReplay = `select ` + replayColumns + fromReplays + `where p.site_id = $1 and p.id = $2`

// Replay finds one.
func (db *DB) Replay(ctx context.Context, siteID, id string) (golden.Replay, error) {
	if !isID(id) {
		return golden.Replay{}, refuse(golden.CodeUnknownReplay)
	}
	return scanReplay(db.pool.QueryRow(ctx, sqlReplay, siteID, id))
}

const sqlReplayBefore = `
select ` + replayColumns + fromReplays + `
where p.site_id = $1 and p.state = 'done' and p.id::text <> $2
and ($2 = '' or (p.started_at, p.id) < (select n.started_at, n.id from replays n where n.id::text = $2))
order by p.started_at desc, p.id desc limit 1`

// ReplayBefore finds the last one that was done before another, or now.
func (db *DB) ReplayBefore(ctx context.Context, siteID, id string) (golden.Replay, error) {
	return scanReplay(db.pool.QueryRow(ctx, sqlReplayBefore, siteID, id))
}

const sqlResults = `
select r.result from replay_results r join replays p on p.id = r.replay_id
where p.site_id = $1 and r.replay_id = $2 and r.result is not null order by r.n`

// Results lists a replay's, in their order.
func (db *DB) Results(ctx context.Context, siteID, replayID string) ([]golden.Result, error) {
	rows, err := db.pool.Query(ctx, sqlResults, siteID, replayID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[golden.Result])
}

const sqlReplayWork = `
select ` + siteColumns + `, p.setting,
	coalesce((select sum((r.result ->> 'cost_micros')::bigint) from replay_results r where r.replay_id = p.id), 0)::bigint
from replays p join sites s on s.id = p.site_id
where p.id = $1 and p.state = 'running'`

const sqlReplayItems = `select item from replay_results where replay_id = $1 and result is null order by n`

// ReplayWork reads what is left to do of a running replay.
func (db *DB) ReplayWork(ctx context.Context, replayID string) (golden.Work, error) {
	var w golden.Work
	if !isID(replayID) {
		return w, refuse(golden.CodeUnknownReplay)
	}
	b := &pgx.Batch{}
	b.Queue(sqlReplayWork, replayID).QueryRow(func(row pgx.Row) error {
		s := &w.Site
		return orRefuse(row.Scan(&s.ID, &s.Key, &s.Name, &s.Locale, &s.AllowedOrigins, &s.IdentitySecret, &s.Greeting, &s.Suggestions, &s.DailyBudget, &w.Set, &w.Spent), golden.CodeUnknownReplay)
	})
	b.Queue(sqlReplayItems, replayID).Query(func(rows pgx.Rows) (err error) {
		w.Items, err = pgx.CollectRows(rows, pgx.RowTo[golden.Item])
		return err
	})
	return w, db.pool.SendBatch(ctx, b).Close()
}

const sqlSaveResult = `
with saved as (
	update replay_results r set result = $3 where r.replay_id = $1 and r.n = $2 and r.result is null
	and exists (select from replays p where p.id = $1 and p.state = 'running') returning 1)
update replays set done = done + (select count(*) from saved) where id = $1 and state = 'running'`

// SaveResult stores a result of a running replay.
func (db *DB) SaveResult(ctx context.Context, replayID string, r golden.Result) error {
	tag, err := db.pool.Exec(ctx, sqlSaveResult, replayID, r.N, r)
	if err == nil && tag.RowsAffected() == 0 {
		return refuse(golden.CodeUnknownReplay)
	}
	return err
}

const sqlFinishReplay = `
update replays set state = $2, scores = $3, message = $4, finished_at = now() where id = $1 and state = 'running'`

// FinishReplay ends a running replay.
func (db *DB) FinishReplay(ctx context.Context, replayID string, state golden.State, scores golden.Scores, message string) error {
	_, err := db.pool.Exec(ctx, sqlFinishReplay, replayID, state, scores, message)
	return err
}

const sqlCancelReplay = `update replays set state = 'cancelled', finished_at = now() where id = $1 and site_id = $2 and state = 'running'`

// CancelReplay ends a site's running replay. One that is over stays as it is.
func (db *DB) CancelReplay(ctx context.Context, siteID, id string) (golden.Replay, error) {
	if !isID(id) {
		return golden.Replay{}, refuse(golden.CodeUnknownReplay)
	}
	if _, err := db.pool.Exec(ctx, sqlCancelReplay, id, siteID); err != nil {
		return golden.Replay{}, err
	}
	return db.Replay(ctx, siteID, id)
}
