// Package pgtest gives every test a fresh database with the whole schema in it.
//
// A database is a copy of a template that is migrated once per state of the migrations,
// so it costs some hundredths of a second. Tests of one package, and packages tested at
// the same time, do not see each other.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxvec "github.com/pgvector/pgvector-go/pgx"

	"github.com/careloop/careloop/migrations"
)

const (
	limit          = time.Minute // for one step of preparation; much longer than any takes
	maxConns       = 8
	templatePrefix = "careloop_template_"
	testPrefix     = "careloop_test_"
	templateLock   = 0x63617265746d706c // one process at a time makes or sweeps templates
	runLock        = 0x63617265         // with a run's number: held as long as the run lives
	keepTemplates  = 24 * time.Hour
)

const howTo = `no database for the tests. Type one of:
  make test                                            (everything, in a private PostgreSQL)
  go run ./internal/pgtest/withpostgres go test ./...  (the same for any packages)
  export DATABASE_URL=postgres://...                   (your own server; the role needs CREATEDB, and pgvector 0.8)`

// New returns a pool on a fresh database with the whole schema. Vector types are
// registered on each of its connections. Pool and database go with the test.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(URL(t))
	if err != nil {
		t.Fatal("pgtest:", err)
	}
	config.MaxConns = maxConns
	config.AfterConnect = pgxvec.RegisterTypes
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		t.Fatal("pgtest:", err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() {
			pool.Close()
			close(closed)
		}()
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Error("pgtest: a connection of the pool was not given back: a Release, Rows.Close or Rollback is missing")
		}
	})
	return pool
}

// URL returns the connection string of a fresh database with the whole schema. The
// database goes with the test.
func URL(t testing.TB) string {
	t.Helper()
	r := theRun(t)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	template, err := r.template(ctx)
	if err != nil {
		t.Fatal("pgtest: make the template database: ", err)
	}
	return r.create(t, template)
}

// Empty returns the connection string of a fresh database with nothing in it, for
// tests of the migrations themselves.
func Empty(t testing.TB) string {
	t.Helper()
	return theRun(t).create(t, "template1")
}

// run is this process on one server.
type run struct {
	base   string // connection string of the database that we are given
	number int32  // part of the names of this run's databases
	id     string // of the run, for names

	mu   sync.Mutex
	conn *pgx.Conn // kept open: its lock tells that the run lives

	templateOnce sync.Once
	templateName string
	templateErr  error
}

var (
	theOnce sync.Once
	the     *run
	theErr  error
)

func theRun(t testing.TB) *run {
	t.Helper()
	base := os.Getenv("DATABASE_URL")
	if base == "" {
		base = os.Getenv("CARELOOP_TEST_DATABASE_URL")
	}
	if base == "" {
		t.Fatal("pgtest: ", howTo)
	}
	theOnce.Do(func() { the, theErr = open(base) })
	if theErr != nil {
		t.Fatal("pgtest: ", theErr)
	}
	return the
}

// open connects, marks this run as alive and sweeps the databases of dead runs.
func open(base string) (*run, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to the database of DATABASE_URL or CARELOOP_TEST_DATABASE_URL: %w", err)
	}
	var seed [4]byte
	_, _ = rand.Read(seed[:]) // never fails
	r := &run{base: base, conn: conn, number: int32(binary.LittleEndian.Uint32(seed[:]) >> 1)}
	r.id = strconv.Itoa(int(r.number))
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1, $2)", int32(runLock), r.number); err != nil {
		return nil, err
	}
	return r, r.sweep(ctx)
}

// sweep drops the databases of runs that no longer hold their lock.
func (r *run) sweep(ctx context.Context) error {
	rows, err := r.conn.Query(ctx, `select datname::text from pg_database where datname like $1 || '%'`,
		strings.ReplaceAll(testPrefix, "_", `\_`))
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		id, _, _ := strings.Cut(strings.TrimPrefix(name, testPrefix), "_")
		number, err := strconv.ParseInt(id, 10, 32)
		if err != nil || int32(number) == r.number {
			continue
		}
		var dead bool
		err = r.conn.QueryRow(ctx, "select pg_try_advisory_lock($1, $2)", int32(runLock), int32(number)).Scan(&dead)
		if err != nil {
			return err
		}
		if !dead {
			continue
		}
		// Another run may sweep the same one, or it may belong to another role: both are its business.
		_, _ = r.conn.Exec(ctx, "drop database if exists "+quote(name)+" with (force)")
		if _, err := r.conn.Exec(ctx, "select pg_advisory_unlock($1, $2)", int32(runLock), int32(number)); err != nil {
			return err
		}
	}
	return nil
}

// template returns the name of the migrated template, which the first caller on the server makes.
func (r *run) template(ctx context.Context) (string, error) {
	r.templateOnce.Do(func() { r.templateName, r.templateErr = r.makeTemplate(ctx) })
	return r.templateName, r.templateErr
}

func (r *run) makeTemplate(ctx context.Context) (name string, err error) {
	hash, err := migrations.Hash()
	if err != nil {
		return "", err
	}
	name = templatePrefix + hash
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.conn.Exec(ctx, "select pg_advisory_lock($1)", int64(templateLock)); err != nil {
		return "", err
	}
	defer func() {
		_, unlockErr := r.conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(templateLock))
		err = errors.Join(err, unlockErr)
	}()
	if err := r.sweepTemplates(ctx, name); err != nil {
		return "", err
	}
	var ready bool
	err = r.conn.QueryRow(ctx, `select exists (select from pg_database
		where datname = $1 and shobj_description(oid, 'pg_database') like 'ready %')`, name).Scan(&ready)
	if err != nil || ready {
		return name, err
	}
	// One that is not ready was left by a run that was killed while making it.
	for _, sql := range []string{
		"drop database if exists " + quote(name) + " with (force)",
		"create database " + quote(name) + " template template1",
	} {
		if _, err := r.conn.Exec(ctx, sql); err != nil {
			return "", explain(err)
		}
	}
	if err := migrate(ctx, r.urlOf(name)); errors.Is(err, migrations.ErrNoVector) {
		return "", errors.New("the role of DATABASE_URL may not create the extension vector in a database of its own. " +
			"Type, as a superuser, once: psql -d template1 -c 'create extension vector'")
	} else if err != nil {
		return "", err
	}
	for _, sql := range []string{
		// A connection to a template would stand in the way of copying it.
		"alter database " + quote(name) + " with allow_connections false",
		"comment on database " + quote(name) + " is 'ready " + strconv.FormatInt(time.Now().Unix(), 10) + "'",
	} {
		if _, err := r.conn.Exec(ctx, sql); err != nil {
			return "", err
		}
	}
	return name, nil
}

// sweepTemplates drops the templates of schemas that have been out of date for a day.
func (r *run) sweepTemplates(ctx context.Context, current string) error {
	rows, err := r.conn.Query(ctx, `select datname::text from pg_database
		where datname like $1 || '%' and datname <> $2
		  and coalesce(substring(shobj_description(oid, 'pg_database') from '^ready (\d+)$')::bigint, 0) < $3`,
		strings.ReplaceAll(templatePrefix, "_", `\_`), current, time.Now().Add(-keepTemplates).Unix())
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		_, _ = r.conn.Exec(ctx, "drop database if exists "+quote(name)+" with (force)") // it may be another role's
	}
	return nil
}

func migrate(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = migrations.Up(ctx, conn)
	return errors.Join(err, conn.Close(ctx))
}

// create copies a template into a fresh database for the test.
func (r *run) create(t testing.TB, template string) string {
	t.Helper()
	name := testPrefix + r.id + "_" + strings.ToLower(rand.Text()[:10])
	exec := func(sql string) error {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		r.mu.Lock()
		defer r.mu.Unlock()
		_, err := r.conn.Exec(ctx, sql)
		return explain(err)
	}
	if err := exec("create database " + quote(name) + " template " + quote(template)); err != nil {
		t.Fatal("pgtest: ", err)
	}
	t.Cleanup(func() {
		if err := exec("drop database if exists " + quote(name) + " with (force)"); err != nil {
			t.Error("pgtest: ", err)
		}
	})
	return r.urlOf(name)
}

// urlOf is the connection string of another database on the same server.
func (r *run) urlOf(name string) string {
	if u, err := url.Parse(r.base); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		u.Path = "/" + name
		return u.String()
	}
	return r.base + " dbname=" + name // the form of words: host=… dbname=…; the last one counts
}

func explain(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		return fmt.Errorf("the role of DATABASE_URL may not make databases. "+
			"Type, as a superuser: psql -c 'alter role NAME createdb': %w", err)
	}
	return err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
