package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/intake"
)

// imports stores runs; see intake.Store for the contracts.
type imports struct{ *DB }

var _ intake.Store = imports{}

// Imports is the store of imports.
func (db *DB) Imports() intake.Store { return imports{db} }

const importRunColumns = `r.id, r.name, r.kind, coalesce(r.source_id::text, ''), r.file_name, r.bytes, r.state, r.done, r.total,
	r.counts, r.message, r.held, r.auto, r.author, r.started_at, r.read_at, r.finished_at, r.layout`

func scanImportRun(row pgx.CollectableRow) (r intake.Run, err error) {
	err = row.Scan(importRunTargets(&r)...)
	return r, err
}

func importRunTargets(r *intake.Run) []any {
	return []any{&r.ID, &r.Name, &r.Kind, &r.SourceID, &r.FileName, &r.Bytes, &r.State, &r.Done, &r.Total,
		&r.Counts, &r.Message, &r.Held, &r.Auto, &r.By, &r.StartedAt, &r.ReadAt, &r.FinishedAt, &r.Table}
}

const sqlImportRun = `select ` + importRunColumns + ` from import_runs r where r.site_id = $1 and r.id = $2`

// Run implements intake.Store.
func (db imports) Run(ctx context.Context, siteID, id string) (intake.Run, error) {
	if !isID(id) {
		return intake.Run{}, refuse(intake.CodeUnknownImport)
	}
	rows, err := db.pool.Query(ctx, sqlImportRun, siteID, id)
	if err != nil {
		return intake.Run{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanImportRun)
	return r, orRefuse(err, intake.CodeUnknownImport)
}

const sqlImportRuns = `
select ` + importRunColumns + ` from import_runs r
where r.site_id = $1 and ($2 = '' or r.source_id::text = $2)
order by r.started_at desc, r.id desc
limit $3 offset $4`

const sqlCountImportRuns = `
select count(*) filter (where $2 = '' or source_id::text = $2), count(*) filter (where state in ('ready', 'stopped', 'asking'))
from import_runs where site_id = $1`

// Runs implements intake.Store.
func (db imports) Runs(ctx context.Context, siteID, sourceID string, limit, offset int) (list []intake.Run, total, waiting int, err error) {
	b := &pgx.Batch{}
	b.Queue(sqlImportRuns, siteID, sourceID, limit, offset).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, scanImportRun)
		return err
	})
	b.Queue(sqlCountImportRuns, siteID, sourceID).QueryRow(func(row pgx.Row) error { return row.Scan(&total, &waiting) })
	err = db.pool.SendBatch(ctx, b).Close()
	return list, total, waiting, err
}

const sqlInsertImportRun = `
insert into import_runs (id, site_id, name, kind, file_name, bytes, state, layout, started_by, author)
values ($1, $2, $3, 'files', $4, $5, $6, $7, $8, $9)`

const sqlInsertImportPiece = `insert into import_pieces (run_id, file, n, name, data) values ($1, $2, $3, $4, $5)`

// importPiece is how many bytes of an upload are stored at once.
const importPiece = 1 << 20

// StartFiles implements intake.Store.
func (db imports) StartFiles(ctx context.Context, siteID string, r intake.Run, files []intake.Upload, by intake.Actor) (intake.Run, error) {
	id, err := newID()
	if err != nil {
		return intake.Run{}, err
	}
	table, err := json.Marshal(r.Table)
	if err != nil {
		return intake.Run{}, err
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlInsertImportRun, id, siteID, r.Name, r.FileName, r.Bytes, r.State, table, idOrNull(by.ID), by.Name); err != nil {
			return err
		}
		buf := make([]byte, importPiece)
		for i, f := range files {
			if err := storePieces(ctx, tx, id, i, f, buf); err != nil {
				return err
			}
		}
		if r.State == intake.Reading {
			return db.enqueueImport(ctx, tx, id)
		}
		return nil
	})
	if err != nil {
		return intake.Run{}, orBusy(err)
	}
	return db.Run(ctx, siteID, id)
}

func storePieces(ctx context.Context, tx pgx.Tx, id string, file int, u intake.Upload, buf []byte) error {
	f, err := os.Open(u.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	for n := 0; ; n++ {
		size, err := io.ReadFull(f, buf)
		if size > 0 || n == 0 {
			if _, err := tx.Exec(ctx, sqlInsertImportPiece, id, file, n, u.Name, buf[:size]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// idOrNull is an id for a column that may be null.
func idOrNull(id string) any {
	if id == "" {
		return nil
	}
	return id
}

// orBusy names the violation of "one at a time for a source".
func orBusy(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "import_runs_at_work" {
		return &assist.Error{Code: intake.CodeBusy, Err: err}
	}
	return err
}

// enqueueImport has a run worked on.
func (db *DB) enqueueImport(ctx context.Context, tx pgx.Tx, id string) error {
	_, err := db.queue.InsertTx(ctx, tx, intake.WorkOnRun{RunID: id}, &river.InsertOpts{Queue: intake.Queue, MaxAttempts: 5})
	return err
}

const sqlSetImportTable = `update import_runs set layout = $3 where site_id = $1 and id = $2 and state = 'asking'`

// SetTable implements intake.Store.
func (db imports) SetTable(ctx context.Context, siteID, id string, t intake.Table) error {
	table, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return orBusy(db.inTx(ctx, func(tx pgx.Tx) error {
		if err := db.begin(ctx, tx, siteID, id, []intake.State{intake.Asking}, intake.Asking); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSetImportTable, siteID, id, table); err != nil {
			return err
		}
		return db.begin(ctx, tx, siteID, id, []intake.State{intake.Asking}, intake.Reading)
	}))
}

const sqlImportState = `select state, name from import_runs where site_id = $1 and id = $2 for update`

// What is let go of is over; what is at work has nobody at it yet, and its
// application is decided on by a person, whatever the source's own way.
const sqlBeginImport = `
update import_runs set state = $2, owner = '', leased_to = null,
	auto = auto and $2 not in ('applying', 'undoing'),
	done = case when $2 in ('applying', 'undoing') then 0 else done end,
	total = case when $2 in ('applying', 'undoing') then 0 else total end,
	finished_at = case when $2 in ('cancelled', 'done', 'stopped') then now() end
where id = $1`

const sqlDropImportPieces = `delete from import_pieces where run_id = $1`

// Begin implements intake.Store.
func (db imports) Begin(ctx context.Context, siteID, id string, from []intake.State, to intake.State) error {
	return orBusy(db.inTx(ctx, func(tx pgx.Tx) error { return db.begin(ctx, tx, siteID, id, from, to) }))
}

func (db imports) begin(ctx context.Context, tx pgx.Tx, siteID, id string, from []intake.State, to intake.State) error {
	if !isID(id) {
		return refuse(intake.CodeUnknownImport)
	}
	var state intake.State
	var name string
	if err := tx.QueryRow(ctx, sqlImportState, siteID, id).Scan(&state, &name); err != nil {
		return orRefuse(err, intake.CodeUnknownImport)
	}
	fits := false
	for _, f := range from {
		fits = fits || f == state
	}
	if !fits {
		return &assist.Error{Code: intake.CodeNotReady, Err: fmt.Errorf("it is %s", state)}
	}
	if to == state {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlBeginImport, id, to); err != nil {
		return err
	}
	switch to {
	case intake.Reading, intake.Applying, intake.Undoing:
		return db.enqueueImport(ctx, tx, id)
	case intake.Cancelled:
		_, err := tx.Exec(ctx, sqlDropImportPieces, id)
		return err
	}
	return nil
}
