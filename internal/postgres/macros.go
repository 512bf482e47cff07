package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/careloop/careloop/assist/draft"
)

const macroColumns = `m.id, m.name, m.text, m.locale, m.uses`

func scanMacro(row pgx.Row) (draft.Macro, error) {
	var m draft.Macro
	err := row.Scan(&m.ID, &m.Name, &m.Text, &m.Locale, &m.Uses)
	return m, err
}

const sqlMacros = `
select ` + macroColumns + ` from macros m where m.site_id = $1 order by m.uses desc, m.name limit $2`

// Macros lists a site's macros, most used first, at most limit.
func (db *DB) Macros(ctx context.Context, siteID string, limit int) ([]draft.Macro, error) {
	rows, err := db.pool.Query(ctx, sqlMacros, siteID, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (draft.Macro, error) { return scanMacro(row) })
}

const sqlFindMacros = `
select ` + macroColumns + ` from macros m
where m.site_id = $1 and (strpos(lower(m.name), lower($2)) > 0 or strpos(lower(m.text), lower($2)) > 0)
order by strpos(lower(m.name), lower($2)) = 1 desc, strpos(lower(m.name), lower($2)) > 0 desc, m.uses desc, m.name
limit $3`

// FindMacros lists macros whose name or text holds q, names first.
func (db *DB) FindMacros(ctx context.Context, siteID, q string, limit int) ([]draft.Macro, error) {
	rows, err := db.pool.Query(ctx, sqlFindMacros, siteID, q, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (draft.Macro, error) { return scanMacro(row) })
}

const sqlCreateMacro = `
insert into macros as m (id, site_id, name, text, locale, created_by) values ($1, $2, $3, $4, $5, nullif($6, '')::uuid)
returning ` + macroColumns

// CreateMacro makes a macro. Errors: draft.CodeNameTaken.
func (db *DB) CreateMacro(ctx context.Context, siteID, agentID string, m draft.Macro) (draft.Macro, error) {
	id, err := newID()
	if err != nil {
		return draft.Macro{}, err
	}
	m, err = scanMacro(db.pool.QueryRow(ctx, sqlCreateMacro, id, siteID, m.Name, m.Text, m.Locale, agentID))
	return m, orNameTaken(err)
}

const sqlUpdateMacro = `
update macros as m set name = $3, text = $4, locale = $5, updated_at = now() where m.site_id = $1 and m.id = $2
returning ` + macroColumns

// UpdateMacro changes a macro. Errors: draft.CodeUnknownMacro, draft.CodeNameTaken.
func (db *DB) UpdateMacro(ctx context.Context, siteID string, m draft.Macro) (draft.Macro, error) {
	if !isID(m.ID) {
		return draft.Macro{}, refuse(draft.CodeUnknownMacro)
	}
	m, err := scanMacro(db.pool.QueryRow(ctx, sqlUpdateMacro, siteID, m.ID, m.Name, m.Text, m.Locale))
	return m, orNameTaken(orRefuse(err, draft.CodeUnknownMacro))
}

const sqlDeleteMacro = `delete from macros where site_id = $1 and id = $2`

// DeleteMacro deletes a macro. Errors: draft.CodeUnknownMacro.
func (db *DB) DeleteMacro(ctx context.Context, siteID, id string) error {
	if !isID(id) {
		return refuse(draft.CodeUnknownMacro)
	}
	tag, err := db.pool.Exec(ctx, sqlDeleteMacro, siteID, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = refuse(draft.CodeUnknownMacro)
	}
	return err
}

const sqlCountMacroUse = `update macros set uses = uses + 1 where site_id = $1 and id = $2`

// CountMacroUse notes that a macro was put into a reply; one that is gone counts
// for nothing.
func (db *DB) CountMacroUse(ctx context.Context, siteID, id string) error {
	if !isID(id) {
		return nil
	}
	_, err := db.pool.Exec(ctx, sqlCountMacroUse, siteID, id)
	return err
}

// orNameTaken turns a second macro of one name into a refusal.
func orNameTaken(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "23505" {
		return refuse(draft.CodeNameTaken)
	}
	return err
}
