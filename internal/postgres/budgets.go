package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/careloop/careloop/assist"
)

// reservation is what a turn holds of a day's budget, in millionths of a dollar.
type reservation struct {
	amount int64
	day    *time.Time // nil where nothing was ever reserved
}

const sqlLockReservation = `
select reserved_micros, reserved_on, reserved_on is not distinct from (now() at time zone 'utc')::date
from turns where id = $1 and site_id = $2 for no key update`

const sqlMakeBudget = `
insert into budgets (site_id, day) values ($1, (now() at time zone 'utc')::date)
on conflict do nothing`

const sqlReserve = `
update budgets set reserved_micros = reserved_micros + $2
where site_id = $1 and day = (now() at time zone 'utc')::date
and spent_micros + reserved_micros + $2 <= $3`

const sqlNoteReservation = `
update turns set reserved_micros = reserved_micros + $2, reserved_on = (now() at time zone 'utc')::date
where id = $1`

// ReserveBudget sets amount aside from what the site may still spend today
// (UTC). A turn may reserve more than once; its end gives everything back.
// Amounts are in millionths of a dollar. Errors: CodeTurnOver where the site
// has no such turn.
func (db *DB) ReserveBudget(ctx context.Context, siteID, turnID string, amount, daily int64) (bool, error) {
	if amount < 0 {
		return false, errors.New("a reservation cannot be negative")
	}
	reserved := false
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		var r reservation
		var today bool
		err := tx.QueryRow(ctx, sqlLockReservation, turnID, siteID).Scan(&r.amount, &r.day, &today)
		if err != nil {
			return orRefuse(err, assist.CodeTurnOver)
		}
		b := &pgx.Batch{}
		if r.amount > 0 && !today {
			queueRelease(b, siteID, turnID, r)
		}
		b.Queue(sqlMakeBudget, siteID)
		b.Queue(sqlReserve, siteID, amount, daily).Exec(func(tag pgconn.CommandTag) error {
			reserved = tag.RowsAffected() == 1
			return nil
		})
		if err := runBatch(ctx, tx, b); err != nil || !reserved {
			return err
		}
		_, err = tx.Exec(ctx, sqlNoteReservation, turnID, amount)
		return err
	})
	return reserved && err == nil, err
}

const sqlReleaseBudget = `
update budgets set reserved_micros = reserved_micros - $3 where site_id = $1 and day = $2`

const sqlForgetReservation = `update turns set reserved_micros = 0 where id = $1`

// queueRelease gives back what a locked turn had reserved.
func queueRelease(b *pgx.Batch, siteID, turnID string, r reservation) {
	b.Queue(sqlForgetReservation, turnID)
	b.Queue(sqlReleaseBudget, siteID, r.day, r.amount)
}

const sqlAddUsage = `
insert into usage as u (site_id, day, model, calls, prompt_tokens, completion_tokens, cost_micros)
values ($1, (now() at time zone 'utc')::date, $2, $3, $4, $5, $6)
on conflict (site_id, day, model) do update set
	calls             = u.calls + excluded.calls,
	prompt_tokens     = u.prompt_tokens + excluded.prompt_tokens,
	completion_tokens = u.completion_tokens + excluded.completion_tokens,
	cost_micros       = u.cost_micros + excluded.cost_micros`

const sqlSpendBudget = `
insert into budgets as b (site_id, day, spent_micros)
values ($1, (now() at time zone 'utc')::date, $2)
on conflict (site_id, day) do update set spent_micros = b.spent_micros + excluded.spent_micros`

// queueSettle counts what a locked turn spent and gives its reservation back.
// Usage comes before budgets for everybody, or two ends could wait for each
// other.
func queueSettle(b *pgx.Batch, siteID, turnID string, r reservation, calls []assist.CallRecord) {
	var cost int64
	for _, u := range byModel(calls) {
		b.Queue(sqlAddUsage, siteID, u.model, u.calls, u.promptTokens, u.completionTokens, u.cost)
		cost += u.cost
	}
	if len(calls) > 0 {
		b.Queue(sqlAddCalls, turnID, calls, cost)
	}
	if r.amount > 0 {
		queueRelease(b, siteID, turnID, r)
	}
	if cost > 0 {
		b.Queue(sqlSpendBudget, siteID, cost)
	}
}
