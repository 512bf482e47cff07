package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/account"
)

const invitationColumns = `i.id, i.email, i.name, i.role,
	array(select s.key from sites s where s.id = any(i.site_ids) order by s.key),
	coalesce((select a.name from agents a where a.id = i.invited_by), ''),
	i.created_at, i.expires_at, i.used_at, i.revoked_at`

func scanInvitation(row pgx.Row) (account.Invitation, error) {
	var i account.Invitation
	err := row.Scan(&i.ID, &i.Email, &i.Name, &i.Role, &i.SiteKeys, &i.InvitedBy, &i.CreatedAt, &i.ExpiresAt, &i.UsedAt, &i.RevokedAt)
	return i, orRefuse(err, account.CodeUnknownInvitation)
}

const sqlEmailTaken = `select exists (select from agents where lower(email) = lower($1))`

// One open invitation an address, and one open link for a first admin: whoever
// asks again gets a new one, and the old one is worth nothing.
const sqlRevokeSame = `
update invitations set revoked_at = now()
where lower(email) = lower($1) and used_at is null and revoked_at is null`

const sqlInsertInvitation = `
insert into invitations as i (id, token_hash, email, name, role, site_ids, invited_by, expires_at)
select $1, $2, $3, $4, $5, coalesce(array_agg(s.id) filter (where s.id is not null), '{}'), nullif($7, '')::uuid, $8
from (select 1) one left join sites s on s.key = any($6)
returning ` + invitationColumns

// Invite stores an invitation; an open one for the same address is revoked.
func (db *DB) Invite(ctx context.Context, i account.Invitation, tokenHash []byte, by account.Actor) (account.Invitation, error) {
	id, err := newID()
	if err != nil {
		return account.Invitation{}, err
	}
	var stored account.Invitation
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		var taken bool
		b := &pgx.Batch{}
		b.Queue(sqlEmailTaken, i.Email).QueryRow(func(row pgx.Row) error { return row.Scan(&taken) })
		b.Queue(sqlRevokeSame, i.Email)
		b.Queue(sqlInsertInvitation, id, tokenHash, i.Email, i.Name, i.Role, i.SiteKeys, by.ID, i.ExpiresAt).
			QueryRow(func(row pgx.Row) (err error) {
				stored, err = scanInvitation(row)
				return err
			})
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		switch {
		case taken:
			return refuse(account.CodeEmailTaken)
		case len(stored.SiteKeys) < len(distinct(i.SiteKeys)):
			return refuse(assist.CodeUnknownSite)
		}
		return audit(ctx, tx, "", by, "invitation.made", i.Email, map[string]any{"role": i.Role, "sites": stored.SiteKeys})
	})
	return stored, err
}

const sqlInvitations = `select ` + invitationColumns + ` from invitations i order by i.created_at desc, i.id desc limit $1`

// Invitations lists the newest, at most limit.
func (db *DB) Invitations(ctx context.Context, limit int) ([]account.Invitation, error) {
	rows, err := db.pool.Query(ctx, sqlInvitations, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (account.Invitation, error) { return scanInvitation(row) })
}

const sqlRevoke = `
update invitations as i set revoked_at = now()
where i.id = $1 and i.used_at is null and i.revoked_at is null
returning ` + invitationColumns

// Revoke ends an open invitation.
func (db *DB) Revoke(ctx context.Context, id string, by account.Actor) error {
	if !isID(id) {
		return refuse(account.CodeUnknownInvitation)
	}
	return db.inTx(ctx, func(tx pgx.Tx) error {
		i, err := scanInvitation(tx.QueryRow(ctx, sqlRevoke, id))
		if err != nil {
			return err
		}
		return audit(ctx, tx, "", by, "invitation.revoked", i.Email, nil)
	})
}

const sqlInvitationByToken = `
select ` + invitationColumns + ` from invitations i
where i.token_hash = $1 and i.used_at is null and i.revoked_at is null and i.expires_at > now()`

// InvitationByToken finds one that can still be taken.
func (db *DB) InvitationByToken(ctx context.Context, tokenHash []byte) (account.Invitation, error) {
	return scanInvitation(db.pool.QueryRow(ctx, sqlInvitationByToken, tokenHash))
}

// Of two who take one invitation at once, the second finds it used.
const sqlUseInvitation = `
update invitations as i set used_at = now()
where i.token_hash = $1 and i.used_at is null and i.revoked_at is null and i.expires_at > now()
returning ` + invitationColumns

const sqlInsertAgent = `
insert into agents as a (id, email, name, role, locale, password_hash, oidc_subject)
values ($1, $2, $3, $4, $5, $6, nullif($7, ''))`

// TakeInvitation makes the account and uses the invitation up. The role and the
// sites are the invitation's, whatever p says.
func (db *DB) TakeInvitation(ctx context.Context, tokenHash []byte, p account.Person, passwordHash, subject string, by account.Actor) (account.Person, error) {
	id, err := newID()
	if err != nil {
		return account.Person{}, err
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		i, err := scanInvitation(tx.QueryRow(ctx, sqlUseInvitation, tokenHash))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlInsertAgent, id, p.Email, p.Name, i.Role, p.Locale, passwordHash, subject)
		if isUnique(err, "agents_by_email") {
			return refuse(account.CodeEmailTaken)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlAddSites, id, i.SiteKeys); err != nil {
			return err
		}
		by.ID = id
		if err := audit(ctx, tx, "", by, "person.joined", p.Email, map[string]any{"role": i.Role}); err != nil {
			return err
		}
		p, err = scanPerson(tx.QueryRow(ctx, sqlPerson, id))
		return err
	})
	return p, err
}
