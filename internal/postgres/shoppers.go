package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
)

const shopperColumns = `s.id, s.site_id, coalesce(s.external_id, '') as external_id, s.name, s.email`

func scanShopper(row pgx.Row) (assist.Shopper, error) {
	var s assist.Shopper
	err := row.Scan(&s.ID, &s.SiteID, &s.ExternalID, &s.Name, &s.Email)
	return s, err
}

// The visit is noted once a minute at most (more often where tokens live
// shorter): when a server restarts, thousands come back in the same second, and
// none of them need a write.
const sqlShopperByToken = `
with found as (
	select ` + shopperColumns + `, t.last_seen_at
	from visitor_tokens t
	join shoppers s on s.id = t.shopper_id
	where t.token_hash = $1 and s.site_id = $2 and t.last_seen_at > now() - $3::interval
), noted as (
	update visitor_tokens set last_seen_at = now()
	where token_hash = $1
	and exists (select from found where last_seen_at < now() - least(interval '1 minute', $3::interval / 10))
)
select id, site_id, external_id, name, email from found`

// ShopperByToken finds whom a visitor token belongs to and notes the visit.
func (db *DB) ShopperByToken(ctx context.Context, siteID string, tokenHash []byte, tokenLife time.Duration) (assist.Shopper, error) {
	s, err := scanShopper(db.pool.QueryRow(ctx, sqlShopperByToken, tokenHash, siteID, tokenLife))
	return s, orRefuse(err, assist.CodeBadToken)
}

const sqlCreateShopper = `
insert into shoppers as s (id, site_id, external_id, name, email)
values ($1, $2, nullif($3, ''), $4, $5)
on conflict (site_id, external_id) do update set
	name  = coalesce(nullif(excluded.name, ''), s.name),
	email = coalesce(nullif(excluded.email, ''), s.email)
returning ` + shopperColumns

const sqlCreateToken = `insert into visitor_tokens (token_hash, shopper_id) values ($1, $2)`

// CreateShopper makes a shopper, or, where an external id is given that is known
// already, gives that shopper one more token and takes over the name and e-mail
// address that the shop vouches for now.
func (db *DB) CreateShopper(ctx context.Context, s assist.Shopper, tokenHash []byte) (assist.Shopper, error) {
	id, err := newID()
	if err != nil {
		return assist.Shopper{}, err
	}
	var stored assist.Shopper
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		stored, err = scanShopper(tx.QueryRow(ctx, sqlCreateShopper, id, s.SiteID, s.ExternalID, s.Name, s.Email))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlCreateToken, tokenHash, stored.ID)
		return err
	})
	return stored, err
}

const sqlLockAnonymous = `
select s.id from shoppers s where s.id = $1 and s.site_id = $2 and s.external_id is null for update`

const sqlLockKnown = `
select s.id from shoppers s where s.site_id = $1 and s.external_id = $2 for update`

const sqlIdentify = `
update shoppers s set external_id = $2, name = coalesce(nullif($3, ''), s.name), email = coalesce(nullif($4, ''), s.email)
where s.id = $1
returning ` + shopperColumns

const sqlMoveConversations = `update conversations set shopper_id = $2 where shopper_id = $1`

const sqlMoveTokens = `update visitor_tokens set shopper_id = $2 where shopper_id = $1`

const sqlDropShopper = `delete from shoppers where id = $1`

// IdentifyShopper makes a shopper who was nobody in particular the one whom the
// shop vouches for. Where that one is known already, everything of the first is
// theirs from now on: conversations and tokens. The caller has seen the first's
// visitor token.
// Errors: CodeBadToken where the first is not there, or is somebody already.
func (db *DB) IdentifyShopper(ctx context.Context, id string, known assist.Shopper) (assist.Shopper, error) {
	var s assist.Shopper
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		// Two who sign in to the same account at once wait for each other here.
		if _, err := tx.Exec(ctx, sqlLockIdentity, known.SiteID, known.ExternalID); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sqlLockAnonymous, id, known.SiteID).Scan(&id); err != nil {
			return orRefuse(err, assist.CodeBadToken)
		}
		to := id
		switch err := tx.QueryRow(ctx, sqlLockKnown, known.SiteID, known.ExternalID).Scan(&to); {
		case errors.Is(err, pgx.ErrNoRows):
		case err != nil:
			return err
		default:
			b := &pgx.Batch{}
			b.Queue(sqlMoveConversations, id, to)
			b.Queue(sqlMoveTokens, id, to)
			b.Queue(sqlDropShopper, id)
			if err := runBatch(ctx, tx, b); err != nil {
				return err
			}
		}
		var err error
		s, err = scanShopper(tx.QueryRow(ctx, sqlIdentify, to, known.ExternalID, known.Name, known.Email))
		return err
	})
	return s, err
}

const sqlLockIdentity = `select pg_advisory_xact_lock(hashtextextended($1::text || ' ' || $2::text, 0))`
