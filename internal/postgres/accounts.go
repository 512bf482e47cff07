package postgres

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/account"
)

var _ account.Store = (*DB)(nil)

const personColumns = `a.id, a.email, a.name, a.role, a.locale, a.preferences, a.presence,
	a.presence = 'online' and a.disabled_at is null and exists (
		select from presences p where p.agent_id = a.id and p.seen_at > now() - interval '45 seconds') as online,
	a.capacity, a.disabled_at is not null, a.password_hash <> '',
	array(select s.key from sites s
		where a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = s.id)
		order by s.is_default desc, s.key),
	a.created_at`

func personTargets(p *account.Person) []any {
	return []any{&p.ID, &p.Email, &p.Name, &p.Role, &p.Locale, &p.Preferences, &p.Presence, &p.Online,
		&p.Capacity, &p.Disabled, &p.HasPassword, &p.SiteKeys, &p.CreatedAt}
}

func scanPerson(row pgx.Row) (account.Person, error) {
	var p account.Person
	err := row.Scan(personTargets(&p)...)
	return p, orRefuse(err, account.CodeUnknownAgent)
}

const sqlPersonByEmail = `select ` + personColumns + `, a.password_hash from agents a where lower(a.email) = lower($1)`

// PersonByEmail finds an account by its address, with the hash of its password.
func (db *DB) PersonByEmail(ctx context.Context, email string) (account.Person, string, error) {
	var p account.Person
	var hash string
	err := db.pool.QueryRow(ctx, sqlPersonByEmail, email).Scan(append(personTargets(&p), &hash)...)
	return p, hash, orRefuse(err, account.CodeUnknownAgent)
}

const sqlPersonBySubject = `select ` + personColumns + ` from agents a where a.oidc_subject = $1`

// PersonBySubject finds the account that a subject was tied to.
func (db *DB) PersonBySubject(ctx context.Context, subject string) (account.Person, error) {
	return scanPerson(db.pool.QueryRow(ctx, sqlPersonBySubject, subject))
}

const sqlTieSubject = `
update agents a set oidc_subject = $2
where lower(a.email) = lower($1) and (a.oidc_subject is null or a.oidc_subject = $2)
returning ` + personColumns

// TieSubject ties a subject to the account of a verified address.
func (db *DB) TieSubject(ctx context.Context, email, subject string) (account.Person, error) {
	return scanPerson(db.pool.QueryRow(ctx, sqlTieSubject, email, subject))
}

const sqlPeople = `select ` + personColumns + ` from agents a order by a.disabled_at is not null, lower(a.name), a.id`

// People lists everybody, by name.
func (db *DB) People(ctx context.Context) ([]account.Person, error) {
	rows, err := db.pool.Query(ctx, sqlPeople)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (account.Person, error) { return scanPerson(row) })
}

// Whoever takes an admin's rights away waits here for everybody else who does,
// so that two of them cannot take the last two at once.
const sqlLockAdmins = `select pg_advisory_xact_lock(hashtext('careloop admins'))`

const sqlPerson = `select ` + personColumns + ` from agents a where a.id = $1 for update of a`

const sqlOtherAdmins = `select exists (select from agents where role = 'admin' and disabled_at is null and id <> $1)`

const sqlChangePerson = `
update agents set
	name        = coalesce($2, name),
	role        = coalesce($3, role),
	capacity    = coalesce($4, capacity),
	disabled_at = case when $5::boolean is null then disabled_at when $5 then coalesce(disabled_at, now()) end
where id = $1`

const sqlDropSites = `delete from agent_sites where agent_id = $1`

const sqlAddSites = `insert into agent_sites (agent_id, site_id) select $1, s.id from sites s where s.key = any($2) on conflict do nothing`

const sqlEndAllSessions = `delete from agent_sessions where agent_id = $1 and id::text <> $2`

// ChangePerson changes rights, and writes down what was changed.
func (db *DB) ChangePerson(ctx context.Context, id string, c account.Change, by account.Actor) (account.Person, error) {
	if !isID(id) {
		return account.Person{}, refuse(account.CodeUnknownAgent)
	}
	var p account.Person
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockAdmins); err != nil {
			return err
		}
		before, err := scanPerson(tx.QueryRow(ctx, sqlPerson, id))
		if err != nil {
			return err
		}
		steps := before.Role == account.Admin && !before.Disabled &&
			(c.Role != nil && *c.Role != account.Admin || c.Disabled != nil && *c.Disabled)
		if steps {
			var others bool
			if err := tx.QueryRow(ctx, sqlOtherAdmins, id).Scan(&others); err != nil {
				return err
			}
			if !others {
				return refuse(account.CodeLastAdmin)
			}
		}
		if _, err := tx.Exec(ctx, sqlChangePerson, id, c.Name, c.Role, c.Capacity, c.Disabled); err != nil {
			return err
		}
		if c.SiteKeys != nil {
			if err := setSites(ctx, tx, id, *c.SiteKeys); err != nil {
				return err
			}
		}
		if c.Disabled != nil && *c.Disabled {
			if _, err := tx.Exec(ctx, sqlEndAllSessions, id, ""); err != nil {
				return err
			}
		}
		if p, err = scanPerson(tx.QueryRow(ctx, sqlPerson, id)); err != nil {
			return err
		}
		return audit(ctx, tx, "", by, "person.changed", p.Email, differences(before, p))
	})
	return p, err
}

func setSites(ctx context.Context, tx pgx.Tx, id string, keys []string) error {
	if _, err := tx.Exec(ctx, sqlDropSites, id); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, sqlAddSites, id, keys)
	if err == nil && tag.RowsAffected() < int64(len(distinct(keys))) {
		return refuse(assist.CodeUnknownSite)
	}
	return err
}

func distinct(keys []string) map[string]bool {
	set := map[string]bool{}
	for _, k := range keys {
		set[k] = true
	}
	return set
}

// differences is what an audit entry says of a change: what was and what is.
func differences(before, after account.Person) map[string]any {
	d := map[string]any{}
	if before.Name != after.Name {
		d["name"] = []string{before.Name, after.Name}
	}
	if before.Role != after.Role {
		d["role"] = []account.Role{before.Role, after.Role}
	}
	if before.Disabled != after.Disabled {
		d["disabled"] = after.Disabled
	}
	if before.Capacity != after.Capacity {
		d["capacity"] = []int{before.Capacity, after.Capacity}
	}
	if len(before.SiteKeys) != len(after.SiteKeys) || len(distinct(append(before.SiteKeys, after.SiteKeys...))) != len(after.SiteKeys) {
		d["sites"] = [][]string{before.SiteKeys, after.SiteKeys}
	}
	return d
}

const sqlChangeOwn = `
update agents a set
	name          = coalesce($2, a.name),
	locale        = coalesce($3, a.locale),
	preferences   = coalesce($4::jsonb, a.preferences),
	password_hash = coalesce($5, a.password_hash)
where a.id = $1
returning ` + personColumns

// ChangeOwn changes what is a person's own. A new password ends every session
// but keep.
func (db *DB) ChangeOwn(ctx context.Context, id string, o account.Own, keep string, by account.Actor) (account.Person, error) {
	var p account.Person
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		var preferences []byte
		if o.Preferences != nil {
			var err error
			if preferences, err = json.Marshal(o.Preferences); err != nil {
				return err
			}
		}
		var err error
		if p, err = scanPerson(tx.QueryRow(ctx, sqlChangeOwn, id, o.Name, o.Locale, preferences, o.PasswordHash)); err != nil {
			return err
		}
		if o.PasswordHash == nil {
			return nil
		}
		if _, err := tx.Exec(ctx, sqlEndAllSessions, id, keep); err != nil {
			return err
		}
		return audit(ctx, tx, "", by, "password.changed", p.Email, nil)
	})
	return p, err
}

const sqlPasswordHash = `select password_hash from agents where id = $1`

// PasswordHash reads the hash of somebody's password.
func (db *DB) PasswordHash(ctx context.Context, id string) (hash string, err error) {
	err = db.pool.QueryRow(ctx, sqlPasswordHash, id).Scan(&hash)
	return hash, orRefuse(err, account.CodeUnknownAgent)
}

const sqlAnyAdmin = `select exists (select from agents where role = 'admin' and disabled_at is null)`

// AnyAdmin reports whether somebody can sign in as an admin.
func (db *DB) AnyAdmin(ctx context.Context) (any bool, err error) {
	err = db.pool.QueryRow(ctx, sqlAnyAdmin).Scan(&any)
	return any, err
}

// isUnique says that an error is a unique index's.
func isUnique(err error, index string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == index
}
