package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/settings"
	"github.com/careloop/careloop/internal/account"
)

const sqlCareGuide = `
select version, markdown, offers from care_guides where site_id = $1 order by version desc limit 1`

// CareGuide is a site's own definition of care; version 0 and no text where it
// has none, and ours counts.
func (db *DB) CareGuide(ctx context.Context, siteID string) (draft.CareGuide, error) {
	var g draft.CareGuide
	err := orNothing(db.pool.QueryRow(ctx, sqlCareGuide, siteID).Scan(&g.Version, &g.Markdown, &g.Offers))
	return g, err
}

// Two admins who save at once get two versions.
const sqlSaveCareGuide = `
insert into care_guides (site_id, version, markdown, offers, created_by)
select s.id, coalesce((select max(version) from care_guides where site_id = s.id), 0) + 1, $2, $3, nullif($4, '')::uuid
from sites s where s.id = $1
returning version`

// SaveCareGuide makes a new version of a site's definition of care. An empty
// text with its offers means: ours, with these offers.
func (db *DB) SaveCareGuide(ctx context.Context, siteID, markdown string, offers []string, by settings.Actor) (int, error) {
	version := 0
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockSite, siteID); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sqlSaveCareGuide, siteID, markdown, orEmpty(offers), by.ID).Scan(&version); err != nil {
			return err
		}
		return audit(ctx, tx, siteID, account.Actor(by), "care_guide.changed", "", map[string]any{"version": version, "offers": len(offers)})
	})
	return version, err
}

const sqlCareGuides = `
select g.version, g.markdown, g.offers, coalesce(a.name, ''), g.created_at
from care_guides g left join agents a on a.id = g.created_by
where g.site_id = $1
order by g.version desc
limit $2`

// CareGuides lists a site's definitions of care, the newest first, at most limit.
func (db *DB) CareGuides(ctx context.Context, siteID string, limit int) ([]settings.CareGuide, error) {
	rows, err := db.pool.Query(ctx, sqlCareGuides, siteID, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g settings.CareGuide, err error) {
		err = row.Scan(&g.Version, &g.Markdown, &g.Offers, &g.By, &g.At)
		g.At = g.At.UTC()
		return g, err
	})
}
