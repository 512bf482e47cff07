package postgres

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/migrations"
)

// Scratch is a database of its own inside a schema of another, for evaluations:
// nothing in it outlives it, and nothing outside it is read or written. What is
// published in it is not queued to be embedded.
type Scratch struct {
	*DB
	schema string
	conn   *pgx.Conn // its lock tells that the scratch schema is in use
}

const (
	scratchPrefix = "careloop_scratch_"
	// scratchLock is the first number of the locks; the second names the schema.
	scratchLock = 0x73637261
	dropWithin  = time.Minute
)

const sqlVectorSchema = `
select n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'`

const sqlScratchSchemas = `select nspname::text from pg_namespace where nspname like 'careloop\_scratch\_%'`

const sqlHoldScratch = `select pg_advisory_lock($1, $2)`

const sqlTryScratch = `select pg_try_advisory_lock($1, $2)`

const sqlLeaveScratch = `select pg_advisory_unlock($1, $2)`

// OpenScratch makes a schema and brings it up to date. The role needs the right
// to make schemas in the database. Scratch schemas that a killed process has left
// are dropped. The caller calls Drop.
func OpenScratch(ctx context.Context, address string, o Options) (_ *Scratch, err error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	s := &Scratch{conn: conn}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Drop())
		}
	}()
	if err := sweepScratch(ctx, conn); err != nil {
		return nil, err
	}
	var seed [4]byte
	_, _ = rand.Read(seed[:]) // never fails
	number := int32(binary.LittleEndian.Uint32(seed[:]) >> 1)
	if _, err := conn.Exec(ctx, sqlHoldScratch, int32(scratchLock), number); err != nil {
		return nil, err
	}
	name := scratchPrefix + strconv.Itoa(int(number))
	path := name
	var vectors string
	err = conn.QueryRow(ctx, sqlVectorSchema).Scan(&vectors)
	switch {
	case err == nil:
		path += ", " + pgx.Identifier{vectors}.Sanitize()
	case !errors.Is(err, pgx.ErrNoRows):
		return nil, err
	}
	s.schema = name
	if _, err := conn.Exec(ctx, "create schema "+name); err != nil {
		return nil, fmt.Errorf("the role may not make a schema to evaluate in; as the database's owner, type: "+
			"grant create on database %s to %s (%w)", conn.Config().Database, conn.Config().User, err)
	}
	scratch, err := withSearchPath(address, path)
	if err != nil {
		return nil, err
	}
	migrating, err := pgx.Connect(ctx, scratch)
	if err != nil {
		return nil, err
	}
	err = migrations.Scratch(ctx, migrating, name)
	_ = migrating.Close(context.WithoutCancel(ctx)) // nothing hangs on a polite goodbye
	if err != nil {
		return nil, err
	}
	o.Embeds = false
	s.DB, err = Open(ctx, scratch, o)
	return s, err
}

// withSearchPath adds a search path to a connection string, in either of its
// forms.
func withSearchPath(address, path string) (string, error) {
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return address + " search_path='" + path + "'", nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("the database's address is not valid")
	}
	q := u.Query()
	q.Set("search_path", path)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // pgx takes a + for itself
	return u.String(), nil
}

// Drop removes the schema with all that is in it and closes every connection. It
// takes its own time, so that it also works after an interruption.
func (s *Scratch) Drop() error {
	ctx, cancel := context.WithTimeout(context.Background(), dropWithin)
	defer cancel()
	if s.DB != nil {
		s.DB.Close()
	}
	if s.schema == "" {
		return s.conn.Close(ctx)
	}
	conn := s.conn
	if conn.IsClosed() { // an interrupted statement closes its connection
		var err error
		if conn, err = pgx.ConnectConfig(ctx, s.conn.Config()); err != nil {
			return err
		}
	}
	_, err := conn.Exec(ctx, "drop schema if exists "+s.schema+" cascade")
	if err != nil {
		err = fmt.Errorf("the schema %s was not dropped; the next evaluation drops it: %w", s.schema, err)
	}
	return errors.Join(err, conn.Close(ctx))
}

// sweepScratch drops the schemas whose process is gone.
func sweepScratch(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, sqlScratchSchemas)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		number, err := strconv.ParseInt(strings.TrimPrefix(name, scratchPrefix), 10, 32)
		if err != nil {
			continue
		}
		var gone bool
		if err := conn.QueryRow(ctx, sqlTryScratch, int32(scratchLock), int32(number)).Scan(&gone); err != nil {
			return err
		}
		if !gone {
			continue
		}
		// It may belong to another role, whose business it is then.
		_, _ = conn.Exec(ctx, "drop schema if exists "+pgx.Identifier{name}.Sanitize()+" cascade")
		if _, err := conn.Exec(ctx, sqlLeaveScratch, int32(scratchLock), int32(number)); err != nil {
			return err
		}
	}
	return nil
}

const sqlSettle = `vacuum (analyze) articles, article_versions, chunks, corpora, corpus_terms, chunk_vectors`

// Settle does what the database's own house-keeping does within a minute or two
// of an import.
func (s *Scratch) Settle(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, sqlSettle)
	return err
}

const sqlChunkCount = `select count(*) from chunks where site_id = $1`

// Chunks counts the chunks of a site.
func (s *Scratch) Chunks(ctx context.Context, siteID string) (n int, err error) {
	err = s.pool.QueryRow(ctx, sqlChunkCount, siteID).Scan(&n)
	return n, err
}
