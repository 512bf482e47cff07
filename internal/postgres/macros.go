package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/draft"
)

const sqlMacrosToRank = `
select m.id, m.name, m.text, m.locale, m.uses from macros m where m.site_id = $1 order by m.uses desc, m.name limit $2`

// Macros lists a site's macros, most used first, at most limit.
func (db *DB) Macros(ctx context.Context, siteID string, limit int) ([]draft.Macro, error) {
	rows, err := db.pool.Query(ctx, sqlMacrosToRank, siteID, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m draft.Macro, err error) {
		err = row.Scan(&m.ID, &m.Name, &m.Text, &m.Locale, &m.Uses)
		return m, err
	})
}
