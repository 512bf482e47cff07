package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/intake"
)

// codeOf is the code of a refusal; a failure has none.
func codeOf(err error) assist.Code {
	var e *assist.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// cleanText makes what comes from outside fit for a column of text.
func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "")
}

const sqlLeaseImport = `
update import_runs r set owner = $2, leased_to = now() + $3::bigint * interval '1 millisecond'
from sites s
where r.id = $1 and s.id = r.site_id and r.state in ('reading', 'applying', 'undoing') and (r.leased_to is null or r.leased_to < now())
returning ` + importRunColumns + `, r.site_id, s.locale, r.address`

// Lease implements intake.Store.
func (db imports) Lease(ctx context.Context, id, owner string, d time.Duration) (j intake.Job, ours bool, err error) {
	if !isID(id) {
		return j, false, nil
	}
	err = db.pool.QueryRow(ctx, sqlLeaseImport, id, owner, d.Milliseconds()).
		Scan(append(importRunTargets(&j.Run), &j.SiteID, &j.Locale, &j.Address)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return j, false, nil
	}
	return j, err == nil, err
}

const sqlBeatImport = `
update import_runs set leased_to = now() + $3::bigint * interval '1 millisecond', done = $4, total = $5
where id = $1 and owner = $2 and state in ('reading', 'applying', 'undoing')`

// Beat implements intake.Store.
func (db imports) Beat(ctx context.Context, id, owner string, d time.Duration, done, total int) (bool, error) {
	tag, err := db.pool.Exec(ctx, sqlBeatImport, id, owner, d.Milliseconds(), done, total)
	return tag.RowsAffected() == 1, err
}

const sqlReleaseImport = `
update import_runs set owner = '', leased_to = null
where id = $1 and owner = $2 and state in ('reading', 'applying', 'undoing')`

// Release implements intake.Store.
func (db imports) Release(ctx context.Context, id, owner string) error {
	return db.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlReleaseImport, id, owner)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return db.enqueueImport(ctx, tx, id)
	})
}

const sqlHoldImport = `select site_id, name from import_runs where id = $1 and owner = $2 and state = $3 for update`

// underLease runs f in a transaction that holds the run's row, where the lease is
// the owner's and the run in that state.
func (db imports) underLease(ctx context.Context, id, owner string, state intake.State, f func(pgx.Tx) error) (ours bool, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		var siteID, name string
		err := tx.QueryRow(ctx, sqlHoldImport, id, owner, state).Scan(&siteID, &name)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		ours = true
		return f(tx)
	})
	return ours, err
}

const sqlImportPieces = `select file, name, data from import_pieces where run_id = $1 order by file, n`

// Files implements intake.Store.
func (db imports) Files(ctx context.Context, id, dir string) (out []intake.Upload, err error) {
	rows, err := db.pool.Query(ctx, sqlImportPieces, id)
	if err != nil {
		return nil, err
	}
	var f *os.File
	defer func() {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	var file, at int
	var name string
	var data []byte
	at = -1
	_, err = pgx.ForEachRow(rows, []any{&file, &name, &data}, func() error {
		if file != at {
			if f != nil {
				if err := f.Close(); err != nil {
					return err
				}
			}
			var err error
			path := filepath.Join(dir, fmt.Sprintf("upload-%d", file))
			if f, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
				return err
			}
			at, out = file, append(out, intake.Upload{Name: name, Path: path})
		}
		_, err := f.Write(data)
		return err
	})
	return out, err
}

const sqlFinishReading = `
update import_runs set state = $2, message = $3, held = $4, owner = '', leased_to = null, read_at = now(),
	finished_at = case when $2 in ('done', 'failed') then now() end,
	done = case when $2 = 'applying' then 0 else done end, total = case when $2 = 'applying' then 0 else total end
where id = $1`

// What waits of the same source, or stopped half-way, is out of date.
const sqlReplaceImports = `
update import_runs o set state = 'replaced', finished_at = coalesce(o.finished_at, now())
from import_runs r
where r.id = $1 and o.site_id = r.site_id and o.name = r.name and o.id <> r.id and o.state in ('ready', 'stopped')`

const sqlImportChosen = `select coalesce((counts ->> 'chosen')::integer, 0) from import_runs where id = $1`

// FinishReading implements intake.Store.
func (db imports) FinishReading(ctx context.Context, id, owner string, to intake.State, message, heldBack string, begin bool) (bool, error) {
	return db.underLease(ctx, id, owner, intake.Reading, func(tx pgx.Tx) error {
		var chosen int
		if err := tx.QueryRow(ctx, sqlImportChosen, id).Scan(&chosen); err != nil {
			return err
		}
		if begin && chosen > 0 && to == intake.Ready {
			to = intake.Applying
		}
		b := &pgx.Batch{}
		if to != intake.Failed {
			b.Queue(sqlReplaceImports, id)
		}
		b.Queue(sqlFinishReading, id, to, message, heldBack)
		b.Queue(sqlDropImportPieces, id)
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		if to == intake.Applying {
			return db.enqueueImport(ctx, tx, id)
		}
		return nil
	})
}

const sqlDueSources = `
select s.id, s.site_id from import_sources s
where s.next_at <= now() and not s.paused and s.every_hours > 0
order by s.next_at limit 20`

const sqlImportsLeft = `
select id from import_runs
where state in ('reading', 'applying', 'undoing') and (leased_to < now() or leased_to is null and started_at < now() - interval '1 minute')
limit 20`

const sqlImportWaits = `
select exists (select from river_job where kind = $1 and args @> jsonb_build_object('run_id', $2::text)
	and state in ('available', 'pending', 'retryable', 'scheduled'))`

// Documents of runs that ended a month ago, and whatever else stands beside the
// counts of those of a year.
const sqlForgetImportTexts = `
update import_items set document = null
where document is not null and run_id in
	(select id from import_runs where finished_at < now() - interval '30 days' and state in ('done', 'undone', 'failed', 'cancelled', 'replaced'))`

const sqlForgetImports = `
delete from import_runs
where finished_at < now() - interval '1 year' and state in ('done', 'undone', 'failed', 'cancelled', 'replaced')`

// Due implements intake.Store.
func (db imports) Due(ctx context.Context) error {
	rows, err := db.pool.Query(ctx, sqlDueSources)
	if err != nil {
		return err
	}
	type due struct{ ID, SiteID string }
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[due])
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range list {
		// One that is being read, or is gone, is not due any more.
		if _, err := db.StartSource(ctx, s.SiteID, s.ID, intake.Actor{}); err != nil && codeOf(err) == "" {
			errs = append(errs, err)
		}
	}
	if rows, err = db.pool.Query(ctx, sqlImportsLeft); err != nil {
		return errors.Join(append(errs, err)...)
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[string])
	errs = append(errs, err)
	for _, id := range left {
		errs = append(errs, db.inTx(ctx, func(tx pgx.Tx) error {
			var waits bool
			if err := tx.QueryRow(ctx, sqlImportWaits, intake.WorkOnRun{}.Kind(), id).Scan(&waits); err != nil || waits {
				return err
			}
			return db.enqueueImport(ctx, tx, id)
		}))
	}
	_, err = db.pool.Exec(ctx, sqlForgetImportTexts)
	errs = append(errs, err)
	_, err = db.pool.Exec(ctx, sqlForgetImports)
	return errors.Join(append(errs, err)...)
}
