package postgres

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/careloop/careloop/internal/account"
)

const sqlAudit = `
insert into audit_log (site_id, agent_id, actor, action, subject, details, address)
values (nullif($1, '')::uuid, nullif($2, '')::uuid, $3, $4, $5, coalesce($6::jsonb, '{}'), $7)`

// execer is a transaction or the pool.
type execer interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
}

// audit writes one line down, in the transaction of what it tells of.
func audit(ctx context.Context, tx execer, siteID string, by account.Actor, action, subject string, details map[string]any) error {
	_, err := tx.Exec(ctx, sqlAudit, siteID, by.ID, by.Name, action, subject, details, by.Address)
	return err
}

// Audit writes one line down.
func (db *DB) Audit(ctx context.Context, siteID string, by account.Actor, action, subject string, details map[string]any) error {
	return audit(ctx, db.pool, siteID, by, action, subject, details)
}

const sqlAuditLog = `
select l.id, l.at, coalesce(s.key, ''), l.actor, l.action, l.subject, l.details, l.address
from audit_log l left join sites s on s.id = l.site_id
where l.id < $1
order by l.id desc limit $2`

// AuditLog lists entries below before (0: the newest), at most limit.
func (db *DB) AuditLog(ctx context.Context, before int64, limit int) ([]account.Entry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	rows, err := db.pool.Query(ctx, sqlAuditLog, before, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e account.Entry, err error) {
		err = row.Scan(&e.ID, &e.At, &e.SiteKey, &e.Actor, &e.Action, &e.Subject, &e.Details, &e.Address)
		e.At = e.At.UTC()
		return e, err
	})
}
