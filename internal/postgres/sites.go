package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
)

const siteColumns = `s.id, s.key, s.name, s.locale, s.allowed_origins, s.identity_secret,
	s.greeting, s.suggestions, s.daily_budget_micros`

func scanSite(row pgx.Row) (assist.Site, error) {
	var s assist.Site
	err := row.Scan(&s.ID, &s.Key, &s.Name, &s.Locale, &s.AllowedOrigins, &s.IdentitySecret,
		&s.Greeting, &s.Suggestions, &s.DailyBudget)
	return s, err
}

const sqlSiteByKey = `
select ` + siteColumns + ` from sites s
where case when $1 = '' then s.is_default else s.key = $1 end`

// SiteByKey finds a site; the empty key is the default site.
func (db *DB) SiteByKey(ctx context.Context, key string) (assist.Site, error) {
	s, err := scanSite(db.pool.QueryRow(ctx, sqlSiteByKey, key))
	return s, orRefuse(err, assist.CodeUnknownSite)
}

const sqlSites = `
select ` + siteColumns + ` from sites s order by s.is_default desc, s.key`

// Sites lists every site, the default one first.
func (db *DB) Sites(ctx context.Context) ([]assist.Site, error) {
	rows, err := db.pool.Query(ctx, sqlSites)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (assist.Site, error) { return scanSite(row) })
}

// Replicas that start together ensure their sites one after the other: only one
// of them may find that there is no default site yet.
const sqlLockSites = `select pg_advisory_xact_lock(hashtext('careloop sites'))`

const sqlEnsureSite = `
insert into sites as s (id, key, name, locale, allowed_origins, identity_secret,
	greeting, suggestions, daily_budget_micros, is_default)
values ($1, $2::text, coalesce(nullif($3, ''), $2), coalesce(nullif($4, ''), 'en'), coalesce($5::text[], '{}'), $6,
	coalesce($7, '{}'::jsonb), coalesce($8, '{}'::jsonb), $9,
	not exists (select from sites where is_default))
on conflict (key) do update set
	name                = coalesce(nullif($3, ''), s.name),
	locale              = coalesce(nullif($4, ''), s.locale),
	allowed_origins     = coalesce($5, s.allowed_origins),
	identity_secret     = coalesce(nullif($6, ''), s.identity_secret),
	greeting            = coalesce($7, s.greeting),
	suggestions         = coalesce($8, s.suggestions),
	daily_budget_micros = coalesce($9, s.daily_budget_micros)
returning ` + siteColumns

// EnsureSite makes the site of this key or changes it: what is given replaces
// what is stored, and what is empty (nil for lists, maps and the budget) leaves
// it. The id is chosen here. The first site becomes the default one.
func (db *DB) EnsureSite(ctx context.Context, s assist.Site) (assist.Site, error) {
	id, err := newID()
	if err != nil {
		return assist.Site{}, err
	}
	var stored assist.Site
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockSites); err != nil {
			return err
		}
		var err error
		stored, err = scanSite(tx.QueryRow(ctx, sqlEnsureSite, id, s.Key, s.Name, s.Locale, s.AllowedOrigins,
			s.IdentitySecret, s.Greeting, s.Suggestions, s.DailyBudget))
		return err
	})
	if err != nil {
		return assist.Site{}, fmt.Errorf("store site %q: %w", s.Key, err)
	}
	return stored, nil
}

const sqlAllOrigins = `
select distinct origin from sites, unnest(allowed_origins) origin order by origin`

// AllOrigins lists the web origins that any site allows.
func (db *DB) AllOrigins(ctx context.Context) ([]string, error) {
	rows, err := db.pool.Query(ctx, sqlAllOrigins)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
