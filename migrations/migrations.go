// Package migrations holds the schema of Careloop's database and brings a database up to it.
//
// A file NNNN_name.sql is one step, in the format of tern: what stands above the line
// "---- create above / drop below ----" is applied, in one transaction. Steps that have
// been released are never edited. The job queue's own tables come from its library and
// are brought up here too.
package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/tern/v2/migrate"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed [0-9]*.sql
var files embed.FS

const (
	versionTable = "public.schema_version"
	lockID       = 0x6361726c6f6f70 // "carloop": one migration of a database at a time
)

// ErrNoVector is what Up's error wraps when the extension is missing and the role may not create it.
var ErrNoVector = errors.New("the extension vector")

// A Step is one migration and whether the database has it.
type Step struct {
	Name    string // a file's name, or river/NNN_name for the job queue's
	Applied bool
}

// Up applies every step that the database lacks and returns their names. Calls at the
// same time wait for each other, so replicas may start together. The connection must
// be a plain one: vector types may not exist yet.
func Up(ctx context.Context, conn *pgx.Conn) (applied []string, err error) {
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(lockID)); err != nil {
		return nil, fmt.Errorf("wait for another migration: %w", err)
	}
	defer func() {
		_, unlockErr := conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(lockID))
		if err == nil {
			err = unlockErr
		}
	}()
	if err := ensureVector(ctx, conn); err != nil {
		return nil, err
	}
	m, err := load(ctx, conn, versionTable)
	if err != nil {
		return nil, err
	}
	m.OnStart = func(_ int32, name, _, _ string) { applied = append(applied, name) }
	if err := m.Migrate(ctx); err != nil {
		return applied, describe(err)
	}
	queue, pool, err := openQueue(conn)
	if err != nil {
		return applied, err
	}
	defer pool.Close()
	done, err := queue.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return applied, fmt.Errorf("migrate the job queue: %w", err)
	}
	for _, v := range done.Versions {
		applied = append(applied, queueStep(v.Version, v.Name))
	}
	return applied, nil
}

// Scratch brings an empty schema up to date for an evaluation: all steps but the
// job queue's. The schema must come first in the connection's search path. It
// does not look at what else is in the database.
func Scratch(ctx context.Context, conn *pgx.Conn, schema string) error {
	if err := ensureVector(ctx, conn); err != nil {
		return err
	}
	m, err := load(ctx, conn, schema+".schema_version")
	if err != nil {
		return err
	}
	return describe(m.Migrate(ctx))
}

// Status lists every step in the order of application. It changes nothing but for the
// table that counts the steps, which it makes where there is none.
func Status(ctx context.Context, conn *pgx.Conn) ([]Step, error) {
	m, err := load(ctx, conn, versionTable)
	if err != nil {
		return nil, err
	}
	current, err := m.GetCurrentVersion(ctx)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, s := range m.Migrations {
		steps = append(steps, Step{Name: s.Name, Applied: s.Sequence <= current})
	}
	queue, pool, err := openQueue(conn)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	existing, err := queue.ExistingVersions(ctx)
	if err != nil {
		return nil, err
	}
	has := map[int]bool{}
	for _, v := range existing {
		has[v.Version] = true
	}
	for _, v := range queue.AllVersions() {
		steps = append(steps, Step{Name: queueStep(v.Version, v.Name), Applied: has[v.Version]})
	}
	return steps, nil
}

// Hash names the schema: it differs whenever a step is added or changed.
func Hash() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
		return err
	})
	if err != nil {
		return "", err
	}
	queue, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return "", err
	}
	for _, v := range queue.AllVersions() {
		fmt.Fprintf(h, "%d %s\n", v.Version, v.SQLUp)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func load(ctx context.Context, conn *pgx.Conn, versions string) (*migrate.Migrator, error) {
	m, err := migrate.NewMigrator(ctx, conn, versions)
	if err != nil {
		return nil, describe(err)
	}
	if err := m.LoadMigrations(files); err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return m, nil
}

// openQueue opens the job queue's migrator on connections like conn, which is busy with the lock.
func openQueue(conn *pgx.Conn) (*rivermigrate.Migrator[pgx.Tx], *pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(conn.Config().ConnString())
	if err != nil {
		return nil, nil, err
	}
	config.ConnConfig = conn.Config()
	config.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, nil, err
	}
	queue, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return queue, pool, nil
}

func queueStep(version int, name string) string { return fmt.Sprintf("river/%03d_%s", version, name) }

// ensureVector makes sure of the extension pgvector, 0.8 or newer.
func ensureVector(ctx context.Context, conn *pgx.Conn) error {
	var available, installed *string
	var server, database, role string
	err := conn.QueryRow(ctx, `
		select (select default_version from pg_available_extensions where name = 'vector'),
		       (select extversion from pg_extension where extname = 'vector'),
		       current_setting('server_version_num'), current_database(), current_user`).
		Scan(&available, &installed, &server, &database, &role)
	if err != nil {
		return fmt.Errorf("look for the extension vector: %w", err)
	}
	major := strings.TrimSuffix(server, server[max(0, len(server)-4):])
	switch {
	case installed != nil && newEnough(*installed):
		return nil
	case installed != nil && available != nil && newEnough(*available):
		return fmt.Errorf("the database %s has the extension vector %s, Careloop needs 0.8 or newer. "+
			"Type, as a superuser: psql -d %s -c 'alter extension vector update'", database, *installed, database)
	case available == nil:
		return fmt.Errorf("the PostgreSQL server has no pgvector. "+
			"Type, on the server: sudo apt-get install postgresql-%s-pgvector (or scripts/setup-postgres, which builds it "+
			"where the release has no such package)", major)
	case !newEnough(*available):
		return fmt.Errorf("the PostgreSQL server has pgvector %s, Careloop needs 0.8 or newer. "+
			"Install a newer one on the server (scripts/setup-postgres builds it where the release has none)", *available)
	}
	_, err = conn.Exec(ctx, "create extension if not exists vector")
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		return fmt.Errorf("the role %s may not create %w in the database %s. "+
			"Type, as a superuser: psql -d %s -c 'create extension vector'", role, ErrNoVector, database, database)
	}
	if err != nil {
		return fmt.Errorf("create the extension vector: %w", err)
	}
	return nil
}

// newEnough tells whether a version of pgvector is 0.8 or newer.
func newEnough(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return false
	}
	if major > 0 || len(parts) < 2 {
		return major > 0
	}
	minor, err := strconv.Atoi(parts[1])
	return err == nil && minor >= 8
}

// describe turns the migrator's errors into sentences that say what to do.
func describe(err error) error {
	if err == nil {
		return nil
	}
	var version migrate.BadVersionError
	if errors.As(err, &version) {
		return errors.New("the database was brought up by a newer Careloop than this one. Run that one, or a newer one still")
	}
	var step migrate.MigrationPgError
	if errors.As(err, &step) {
		return fmt.Errorf("migration %s failed and was undone: %w", step.MigrationName, step.PgError)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		return fmt.Errorf("the role may not make tables in this database. "+
			"Type, as a superuser: psql -d DATABASE -c 'grant create on schema public to ROLE': %w", err)
	}
	return err
}
