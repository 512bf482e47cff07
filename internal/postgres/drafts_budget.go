package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
)

const sqlLockDraftReservation = `
select reserved_micros, reserved_on, reserved_on is not distinct from (now() at time zone 'utc')::date
from drafts where id = $1 and site_id = $2 for no key update`

const sqlNoteDraftReservation = `
update drafts set reserved_micros = reserved_micros + $2, reserved_on = (now() at time zone 'utc')::date
where id = $1`

// ReserveDraftBudget sets amount aside from what the site may still spend today
// (UTC), out of the budget that turns spend of, too. Amounts are in millionths of
// a dollar. Errors: draft.CodeOver where the site has no such draft.
func (db *DB) ReserveDraftBudget(ctx context.Context, siteID, draftID string, amount, daily int64) (bool, error) {
	if amount < 0 {
		return false, errors.New("a reservation cannot be negative")
	}
	reserved := false
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		var r reservation
		var today bool
		err := tx.QueryRow(ctx, sqlLockDraftReservation, draftID, siteID).Scan(&r.amount, &r.day, &today)
		if err != nil {
			return orRefuse(err, draft.CodeOver)
		}
		b := &pgx.Batch{}
		if r.amount > 0 && !today {
			queueReleaseDraft(b, siteID, draftID, r)
		}
		b.Queue(sqlMakeBudget, siteID)
		b.Queue(sqlReserve, siteID, amount, daily).Exec(func(tag pgconn.CommandTag) error {
			reserved = tag.RowsAffected() == 1
			return nil
		})
		if err := runBatch(ctx, tx, b); err != nil || !reserved {
			return err
		}
		_, err = tx.Exec(ctx, sqlNoteDraftReservation, draftID, amount)
		return err
	})
	return reserved && err == nil, err
}

const sqlForgetDraftReservation = `update drafts set reserved_micros = 0 where id = $1`

// queueReleaseDraft gives back what a locked draft had reserved.
func queueReleaseDraft(b *pgx.Batch, siteID, draftID string, r reservation) {
	b.Queue(sqlForgetDraftReservation, draftID)
	b.Queue(sqlReleaseBudget, siteID, r.day, r.amount)
}

const sqlAddDraftCalls = `
update drafts set calls = calls || $2::jsonb, cost_micros = cost_micros + $3 where id = $1`

// queueSettleDraft counts what a locked draft spent and gives its reservation
// back, usage before budgets as everybody does.
func queueSettleDraft(b *pgx.Batch, siteID, draftID string, r reservation, calls []assist.CallRecord) {
	var cost int64
	for _, u := range byModel(calls) {
		b.Queue(sqlAddUsage, siteID, u.model, u.calls, u.promptTokens, u.completionTokens, u.cost)
		cost += u.cost
	}
	if len(calls) > 0 {
		b.Queue(sqlAddDraftCalls, draftID, calls, cost)
	}
	if r.amount > 0 {
		queueReleaseDraft(b, siteID, draftID, r)
	}
	if cost > 0 {
		b.Queue(sqlSpendBudget, siteID, cost)
	}
}

const sqlDeadReservations = `
select id, reserved_micros, reserved_on from drafts
where conversation_id = $1 and reserved_micros > 0 and state <> 'writing' and leased_until < clock_timestamp()
order by reserved_on, id
for no key update`

// releaseOfDead gives back what drafts of a locked conversation still hold whose
// process did not live to settle it.
func releaseOfDead(ctx context.Context, tx pgx.Tx, siteID, conversationID string) error {
	type dead struct {
		id string
		reservation
	}
	rows, err := tx.Query(ctx, sqlDeadReservations, conversationID)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d dead, err error) {
		err = row.Scan(&d.id, &d.amount, &d.day)
		return d, err
	})
	if err != nil || len(list) == 0 {
		return err
	}
	b := &pgx.Batch{}
	for _, d := range list {
		queueReleaseDraft(b, siteID, d.id, d.reservation)
	}
	return runBatch(ctx, tx, b)
}
