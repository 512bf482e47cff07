package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/settings"
	"github.com/careloop/careloop/internal/account"
)

var _ settings.Store = (*DB)(nil)

const sqlSettings = `select name, time_zone, hours, holidays, mail_from from sites where id = $1`

// Settings reads what is set for a site.
func (db *DB) Settings(ctx context.Context, siteID string) (settings.Site, error) {
	var s settings.Site
	err := db.pool.QueryRow(ctx, sqlSettings, siteID).Scan(&s.Name, &s.TimeZone, &s.Hours, &s.Holidays, &s.MailFrom)
	return s, orRefuse(err, assist.CodeUnknownSite)
}

const sqlSaveSettings = `
update sites set name = $2, time_zone = coalesce(nullif($3, ''), 'UTC'), hours = $4, holidays = $5, mail_from = $6 where id = $1`

// SaveSettings replaces what is set for a site.
func (db *DB) SaveSettings(ctx context.Context, siteID string, s settings.Site, by settings.Actor) error {
	before, err := db.Settings(ctx, siteID)
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlSaveSettings, siteID, s.Name, s.TimeZone, orEmpty(s.Hours), orEmpty(s.Holidays), s.MailFrom); err != nil {
			return err
		}
		return audit(ctx, tx, siteID, account.Actor(by), "settings.changed", s.Name, map[string]any{"before": before, "after": s})
	})
}

const teamColumns = `t.id, t.name, t.topics,
	array(select m.agent_id::text from team_members m where m.team_id = t.id order by m.agent_id)`

func scanTeam(row pgx.Row) (t settings.Team, err error) {
	return t, orRefuse(row.Scan(&t.ID, &t.Name, &t.Topics, &t.MemberIDs), settings.CodeUnknownTeam)
}

const sqlTeams = `select ` + teamColumns + ` from teams t where t.site_id = $1 order by lower(t.name), t.id`

// Teams lists a site's by name.
func (db *DB) Teams(ctx context.Context, siteID string) ([]settings.Team, error) {
	rows, err := db.pool.Query(ctx, sqlTeams, siteID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (settings.Team, error) { return scanTeam(row) })
}

const sqlInsertTeam = `insert into teams (id, site_id, name, topics) values ($1, $2, $3, $4)`

const sqlUpdateTeam = `update teams set name = $3, topics = $4 where id = $1 and site_id = $2`

const sqlDropMembers = `delete from team_members where team_id = $1`

// Only who answers for the site can be in its teams.
const sqlAddMembers = `
insert into team_members (team_id, agent_id)
select $1, a.id from agents a
where a.id = any($3::text[]::uuid[])
and (a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = $2))
on conflict do nothing`

const sqlTeam = `select ` + teamColumns + ` from teams t where t.id = $1 and t.site_id = $2`

// SaveTeam makes a team or changes it.
func (db *DB) SaveTeam(ctx context.Context, siteID string, t settings.Team, by settings.Actor) (settings.Team, error) {
	for _, id := range t.MemberIDs {
		if !isID(id) {
			return settings.Team{}, refuse(settings.CodeBadTeam)
		}
	}
	action := "team.changed"
	id := t.ID
	if id == "" {
		action = "team.made"
		var err error
		if id, err = newID(); err != nil {
			return settings.Team{}, err
		}
	} else if !isID(id) {
		return settings.Team{}, refuse(settings.CodeUnknownTeam)
	}
	var stored settings.Team
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if t.ID == "" {
			if _, err := tx.Exec(ctx, sqlInsertTeam, id, siteID, t.Name, orEmpty(t.Topics)); err != nil {
				return err
			}
		} else if tag, err := tx.Exec(ctx, sqlUpdateTeam, id, siteID, t.Name, orEmpty(t.Topics)); err != nil {
			return err
		} else if tag.RowsAffected() == 0 {
			return refuse(settings.CodeUnknownTeam)
		}
		b := &pgx.Batch{}
		b.Queue(sqlDropMembers, id)
		b.Queue(sqlAddMembers, id, siteID, orEmpty(t.MemberIDs))
		b.Queue(sqlTeam, id, siteID).QueryRow(func(row pgx.Row) (err error) {
			stored, err = scanTeam(row)
			return err
		})
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		return audit(ctx, tx, siteID, account.Actor(by), action, t.Name, map[string]any{"topics": stored.Topics, "members": len(stored.MemberIDs)})
	})
	if isUnique(err, "teams_site_id_name_key") {
		err = refuse(settings.CodeNameTaken)
	}
	return stored, err
}

const sqlDeleteTeam = `delete from teams where id = $1 and site_id = $2 returning name`

// DeleteTeam lets go of a team.
func (db *DB) DeleteTeam(ctx context.Context, siteID, id string, by settings.Actor) error {
	if !isID(id) {
		return refuse(settings.CodeUnknownTeam)
	}
	return db.inTx(ctx, func(tx pgx.Tx) error {
		var name string
		err := tx.QueryRow(ctx, sqlDeleteTeam, id, siteID).Scan(&name)
		if errors.Is(err, pgx.ErrNoRows) {
			return refuse(settings.CodeUnknownTeam)
		}
		if err != nil {
			return err
		}
		return audit(ctx, tx, siteID, account.Actor(by), "team.deleted", name, nil)
	})
}
