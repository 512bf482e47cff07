package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/internal/account"
)

const sessionColumns = `n.id, n.agent_id, n.user_agent, n.address, n.created_at, n.last_seen_at, n.expires_at`

func sessionTargets(s *account.Session) []any {
	return []any{&s.ID, &s.PersonID, &s.UserAgent, &s.Address, &s.CreatedAt, &s.SeenAt, &s.ExpiresAt}
}

const sqlInsertSession = `
insert into agent_sessions (id, token_hash, agent_id, user_agent, address, created_at, last_seen_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $6, $7)`

// What is long over is swept by whoever signs in.
const sqlSweepSessions = `delete from agent_sessions where agent_id = $1 and expires_at < now()`

// A failure counts for a quarter of an hour, and blocks no longer than that; the
// keys are whatever strangers typed, so that they must not pile up.
const sqlSweepFailures = `
delete from sign_in_failures where key in (
	select key from sign_in_failures where last_at < now() - interval '1 hour' limit 1000 for update skip locked)`

// StartSession stores a session and writes the sign-in down.
func (db *DB) StartSession(ctx context.Context, s account.Session, tokenHash []byte, by account.Actor) error {
	id, err := newID()
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(sqlSweepSessions, s.PersonID)
		b.Queue(sqlSweepFailures)
		b.Queue(sqlInsertSession, id, tokenHash, s.PersonID, s.UserAgent, s.Address, s.CreatedAt, s.ExpiresAt)
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		return audit(ctx, tx, "", by, "signed_in", "", nil)
	})
}

// The visit is noted once a minute at most: a console asks often.
const sqlPersonBySession = `
with found as (
	select n.id from agent_sessions n
	where n.token_hash = $1 and n.expires_at > now() and n.last_seen_at > now() - $2::interval
), noted as (
	update agent_sessions set last_seen_at = now()
	where id in (select id from found) and last_seen_at < now() - interval '1 minute'
)
select ` + personColumns + `, ` + sessionColumns + `
from found
join agent_sessions n on n.id = found.id
join agents a on a.id = n.agent_id
where a.disabled_at is null`

// PersonBySession finds who a session belongs to, and notes the visit.
func (db *DB) PersonBySession(ctx context.Context, tokenHash []byte, idle time.Duration) (account.Person, account.Session, error) {
	var p account.Person
	var s account.Session
	err := db.pool.QueryRow(ctx, sqlPersonBySession, tokenHash, idle).Scan(append(personTargets(&p), sessionTargets(&s)...)...)
	return p, s, orRefuse(err, account.CodeSignedOut)
}

const sqlSessions = `
select ` + sessionColumns + ` from agent_sessions n
where n.agent_id = $1 and n.expires_at > now()
order by n.last_seen_at desc, n.id desc`

// Sessions lists a person's, the newest visit first.
func (db *DB) Sessions(ctx context.Context, personID string) ([]account.Session, error) {
	rows, err := db.pool.Query(ctx, sqlSessions, personID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s account.Session, err error) {
		return s, row.Scan(sessionTargets(&s)...)
	})
}

const sqlEndSession = `delete from agent_sessions where agent_id = $1 and id = $2`

// EndSession ends one of a person's.
func (db *DB) EndSession(ctx context.Context, personID, id string) error {
	if !isID(id) {
		return refuse(account.CodeUnknownSession)
	}
	tag, err := db.pool.Exec(ctx, sqlEndSession, personID, id)
	if err == nil && tag.RowsAffected() == 0 {
		return refuse(account.CodeUnknownSession)
	}
	return err
}

const sqlBlockedFor = `
select coalesce(max(extract(epoch from blocked_until - now())), 0)::float8
from sign_in_failures where key = any($1) and blocked_until > now()`

// BlockedFor says how long a key may not try.
func (db *DB) BlockedFor(ctx context.Context, keys []string) (time.Duration, error) {
	var seconds float64
	err := db.pool.QueryRow(ctx, sqlBlockedFor, keys).Scan(&seconds)
	return time.Duration(seconds * float64(time.Second)), err
}

// One statement counts and blocks, so that tries at the same time all count.
const sqlCountFailure = `
insert into sign_in_failures as f (key, failures, last_at)
select k, 1, now() from unnest($1::text[]) k order by k
on conflict (key) do update set
	failures      = case when f.last_at < now() - $3::interval then 1 else f.failures + 1 end,
	last_at       = now(),
	blocked_until = case
		when f.last_at < now() - $3::interval or f.failures + 1 < $2 then null
		else now() + least($5::interval, $4::interval * power(2, least(f.failures + 1 - $2, 20))) end`

// CountFailure counts one for each key and blocks those over their limit.
func (db *DB) CountFailure(ctx context.Context, keys []string, limit int, window, block, most time.Duration) error {
	_, err := db.pool.Exec(ctx, sqlCountFailure, keys, limit, window, block, most)
	return err
}

const sqlForgetFailures = `delete from sign_in_failures where key = $1`

// ForgetFailures clears a key after a success.
func (db *DB) ForgetFailures(ctx context.Context, key string) error {
	_, err := db.pool.Exec(ctx, sqlForgetFailures, key)
	return err
}

// An open console is a visit: its session is not given up for want of requests.
const sqlEndedSessions = `
with asked as (
	select unnest($1::text[]::uuid[]) as id
), noted as (
	update agent_sessions set last_seen_at = now()
	where id in (select id from asked) and expires_at > now() and last_seen_at < now() - interval '1 minute'
	and last_seen_at > now() - $2::interval
)
select asked.id::text from asked
where not exists (select from agent_sessions n
	join agents a on a.id = n.agent_id
	where n.id = asked.id and a.disabled_at is null
	and n.expires_at > now() and n.last_seen_at > now() - $2::interval)`

// EndedSessions tells which of these sessions are over.
func (db *DB) EndedSessions(ctx context.Context, ids []string, idle time.Duration) ([]string, error) {
	rows, err := db.pool.Query(ctx, sqlEndedSessions, ids, idle)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
