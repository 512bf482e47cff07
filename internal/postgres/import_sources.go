package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/intake"
)

const importSourceColumns = `s.id, s.name, s.kind, s.address, s.every_hours, s.auto, s.paused, s.next_at,
	(select count(*) from articles a where a.site_id = s.site_id and a.source = s.name and a.published_version is not null)`

func importSourceTargets(s *intake.Source) []any {
	return []any{&s.ID, &s.Name, &s.Kind, &s.Address, &s.EveryHours, &s.Auto, &s.Paused, &s.NextAt, &s.Articles}
}

const sqlImportSources = `select ` + importSourceColumns + ` from import_sources s where s.site_id = $1 order by s.name`

const sqlLastImports = `
select distinct on (r.source_id) ` + importRunColumns + ` from import_runs r
where r.site_id = $1 and r.source_id is not null
order by r.source_id, r.started_at desc, r.id desc`

// Sources implements intake.Store.
func (db imports) Sources(ctx context.Context, siteID string) (list []intake.Source, err error) {
	last := map[string]intake.Run{}
	b := &pgx.Batch{}
	b.Queue(sqlImportSources, siteID).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s intake.Source, err error) {
			return s, row.Scan(importSourceTargets(&s)...)
		})
		return err
	})
	b.Queue(sqlLastImports, siteID).Query(func(rows pgx.Rows) error {
		runs, err := pgx.CollectRows(rows, scanImportRun)
		for _, r := range runs {
			last[r.SourceID] = r
		}
		return err
	})
	err = db.pool.SendBatch(ctx, b).Close()
	for i := range list {
		if r, there := last[list[i].ID]; there {
			list[i].Last = &r
		}
	}
	return list, err
}

func (db imports) source(ctx context.Context, siteID, id string) (intake.Source, error) {
	list, err := db.Sources(ctx, siteID)
	for _, s := range list {
		if s.ID == id {
			return s, nil
		}
	}
	if err == nil {
		err = refuse(intake.CodeUnknownSource)
	}
	return intake.Source{}, err
}

const sqlInsertImportSource = `
insert into import_sources (id, site_id, name, kind, address, every_hours, auto, next_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, case when $6 > 0 then now() + $6 * interval '1 hour' end, $8)`

// AddSource implements intake.Store.
func (db imports) AddSource(ctx context.Context, siteID string, s intake.Source, by intake.Actor) (intake.Source, error) {
	id, err := newID()
	if err != nil {
		return intake.Source{}, err
	}
	_, err = db.pool.Exec(ctx, sqlInsertImportSource, id, siteID, s.Name, s.Kind, s.Address, s.EveryHours, s.Auto, idOrNull(by.ID))
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "import_sources_site_id_name_key" {
		return intake.Source{}, &assist.Error{Code: intake.CodeSourceExists, Err: err}
	}
	if err != nil {
		return intake.Source{}, err
	}
	return db.source(ctx, siteID, id)
}

const sqlChangeImportSource = `
update import_sources set every_hours = coalesce($3, every_hours), auto = coalesce($4, auto), paused = coalesce($5, paused),
	next_at = case when coalesce($3, every_hours) > 0 and not coalesce($5, paused)
		then now() + coalesce($3, every_hours) * interval '1 hour' end
where site_id = $1 and id = $2`

// ChangeSource implements intake.Store.
func (db imports) ChangeSource(ctx context.Context, siteID, id string, c intake.SourceChange) (intake.Source, error) {
	if !isID(id) {
		return intake.Source{}, refuse(intake.CodeUnknownSource)
	}
	if _, err := db.pool.Exec(ctx, sqlChangeImportSource, siteID, id, c.EveryHours, c.Auto, c.Paused); err != nil {
		return intake.Source{}, err
	}
	return db.source(ctx, siteID, id)
}

const sqlStartSource = `
update import_sources set next_at = case when every_hours > 0 and not paused then now() + every_hours * interval '1 hour' end
where site_id = $1 and id = $2
returning name, kind, address, auto`

const sqlInsertSourceRun = `
insert into import_runs (id, site_id, source_id, name, kind, address, state, auto, started_by, author)
values ($1, $2, $3, $4, $5, $6, 'reading', $7, $8, $9)`

// StartSource implements intake.Store.
func (db imports) StartSource(ctx context.Context, siteID, sourceID string, by intake.Actor) (intake.Run, error) {
	if !isID(sourceID) {
		return intake.Run{}, refuse(intake.CodeUnknownSource)
	}
	id, err := newID()
	if err != nil {
		return intake.Run{}, err
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		var name, kind, address string
		var auto bool
		if err := tx.QueryRow(ctx, sqlStartSource, siteID, sourceID).Scan(&name, &kind, &address, &auto); err != nil {
			return orRefuse(err, intake.CodeUnknownSource)
		}
		if _, err := tx.Exec(ctx, sqlInsertSourceRun, id, siteID, sourceID, name, kind, address, auto, idOrNull(by.ID), by.Name); err != nil {
			return err
		}
		return db.enqueueImport(ctx, tx, id)
	})
	if err != nil {
		return intake.Run{}, orBusy(err)
	}
	return db.Run(ctx, siteID, id)
}

const sqlSourceName = `select name from import_sources where site_id = $1 and id = $2 for update`

const sqlSourceAtWork = `select exists (select from import_runs where site_id = $1 and name = $2 and state in ('reading', 'applying', 'undoing'))`

const sqlSourceKeys = `select key from articles where site_id = $1 and source = $2 and published_version is not null`

const sqlDropSource = `delete from import_sources where site_id = $1 and id = $2`

// Previews of a source that is gone are let go of.
const sqlDropPreviews = `
update import_runs set state = 'cancelled', finished_at = now()
where site_id = $1 and name = $2 and state in ('ready', 'stopped')`

// RemoveSource implements intake.Store.
func (db imports) RemoveSource(ctx context.Context, siteID, id string, unpublish bool) (n int, err error) {
	if !isID(id) {
		return 0, refuse(intake.CodeUnknownSource)
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockSite(ctx, tx, siteID); err != nil {
			return err
		}
		var name string
		var atWork bool
		if err := tx.QueryRow(ctx, sqlSourceName, siteID, id).Scan(&name); err != nil {
			return orRefuse(err, intake.CodeUnknownSource)
		}
		if err := tx.QueryRow(ctx, sqlSourceAtWork, siteID, name).Scan(&atWork); err != nil {
			return err
		}
		if atWork {
			return refuse(intake.CodeBusy)
		}
		if unpublish {
			rows, err := tx.Query(ctx, sqlSourceKeys, siteID, name)
			if err != nil {
				return err
			}
			keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			if n, err = retireIn(ctx, tx, siteID, name, keys); err != nil {
				return err
			}
		}
		b := &pgx.Batch{}
		b.Queue(sqlDropPreviews, siteID, name)
		b.Queue(sqlDropSource, siteID, id)
		return runBatch(ctx, tx, b)
	})
	return n, err
}
