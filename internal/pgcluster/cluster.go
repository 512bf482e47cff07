package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	role     = "careloop" // the cluster's superuser
	database = "careloop"
	port     = 5432 // names the socket's file; nothing listens on the network

	startLimit = 2 * time.Minute // recovery after a crash can take a while
	lockLimit  = startLimit + 30*time.Second
)

// Options says where a cluster lives and how it runs.
type Options struct {
	// DataDir is Careloop's data directory. It is made when it is not there.
	DataDir string
	// Log is told what happens; nil means silence.
	Log *slog.Logger
	// Ephemeral gives up safety against a crash of the machine for speed. For tests and benches.
	Ephemeral bool
}

// Cluster is a running PostgreSQL cluster that this process uses.
type Cluster struct {
	dir     string // the data directory, absolute, without symbolic links
	data    string // dir/postgres
	log     *slog.Logger
	account account
	install Install
	started bool
	url     string
	users   *lock

	stop    sync.Once
	stopErr error
	logDone chan struct{} // closed to end the watch over the log's size
	watch   sync.WaitGroup
}

// URL is the connection string of the database, with the password in it: never to be logged.
func (c *Cluster) URL() string { return c.url }

// Started tells whether this call started the server. Otherwise it was running already.
func (c *Cluster) Started() bool { return c.started }

// Install is the server that runs the cluster.
func (c *Cluster) Install() Install { return c.install }

// Start makes sure that the cluster in the data directory runs, and uses it: it makes
// the cluster when there is none, starts the server when it does not run, and joins it
// when another Careloop process has started it. Stop must be called in the end.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	began := time.Now()
	c := &Cluster{log: o.Log, logDone: make(chan struct{})}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if err := c.prepare(o.DataDir); err != nil {
		return nil, err
	}
	gate, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer gate.release()

	c.users, err = openLock(c.path("postgres.users"))
	if err != nil {
		return nil, err
	}
	if err := c.open(ctx, o); err != nil {
		c.abandon()
		return nil, err
	}
	c.watch.Go(c.watchLog)
	c.log.Info("postgresql is ready", "version", c.install.Version, "pgvector", c.install.Vector,
		"started", c.started, "took_ms", time.Since(began).Milliseconds())
	return c, nil
}

// Stop ends this process's use of the cluster. The last process to leave stops the
// server; that takes at most about 25 seconds. Stopping again does nothing.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stop.Do(func() {
		close(c.logDone)
		c.watch.Wait()
		gate, err := c.enter(ctx)
		if err != nil {
			c.users.release()
			c.stopErr = err
			return
		}
		defer gate.release()
		c.stopErr = c.leave(ctx)
	})
	return c.stopErr
}

// leave stops the server when nobody else uses it. The gate is held.
func (c *Cluster) leave(ctx context.Context) error {
	defer c.users.release()
	alone, err := c.users.try(syscall.LOCK_EX)
	if err != nil || !alone {
		return err
	}
	p := readPostmaster(c.data)
	if !p.runs(c.data) {
		return nil
	}
	began := time.Now()
	err = p.shutdown(ctx, c.data)
	c.log.Info("postgresql has stopped", "took_ms", time.Since(began).Milliseconds())
	return err
}

// abandon cleans up after a start that failed.
func (c *Cluster) abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := c.leave(ctx); err != nil {
		c.log.Warn("postgresql did not stop after a failed start", "error", err)
	}
}

func (c *Cluster) path(name string) string { return filepath.Join(c.dir, name) }

// prepare makes the data directory and settles its real path and the server's account.
func (c *Cluster) prepare(dir string) error {
	if dir == "" {
		return errors.New("no data directory was given. Type: careloop serve --data-dir DIR")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if strings.ContainsAny(dir, "\n\r") {
		return fmt.Errorf("the data directory %q has a line break in its name. Choose another: --data-dir DIR", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make the data directory: %w. Choose another: --data-dir DIR", err)
	}
	if c.dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	c.data = c.path("postgres")
	c.account, err = chooseAccount(c.data)
	return err
}

// enter takes the gate: one process at a time starts, joins or leaves.
func (c *Cluster) enter(ctx context.Context) (*lock, error) {
	gate, err := openLock(c.path("postgres.lock"))
	if errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("this account may not write to %s. Run Careloop as the directory's owner or as root, "+
			"or choose another place: --data-dir DIR", c.dir)
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lockLimit)
	defer cancel()
	if err := gate.wait(ctx); err != nil {
		gate.release()
		return nil, err
	}
	return gate, nil
}

// open brings the server up and counts this process among its users. The gate is held.
func (c *Cluster) open(ctx context.Context, o Options) error {
	if ok, err := c.users.try(syscall.LOCK_SH); err != nil || !ok {
		return errors.Join(errors.New("the cluster is locked by a process that is not Careloop"), err)
	}
	if !handsOver() {
		if err := c.account.canReach(c.dir); err != nil {
			return err
		}
	}
	if err := c.initialise(ctx, o); err != nil {
		return err
	}
	password, err := os.ReadFile(c.path("postgres.password"))
	if err != nil {
		return fmt.Errorf("cannot read the password of the cluster: %w", err)
	}
	socket, err := c.socketDir()
	if err != nil {
		return err
	}
	c.url = connString(socket, strings.TrimSpace(string(password)), database)

	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if running, err := c.takeOver(ctx, socket); err != nil {
		return err
	} else if !running {
		if err := c.launch(ctx, socket, o.Ephemeral); err != nil {
			return err
		}
		c.started = true
	}
	return c.ensureDatabase(ctx)
}

// takeOver waits for a server that is already there, until it is ready or gone.
func (c *Cluster) takeOver(ctx context.Context, socket string) (running bool, err error) {
	pidFile := filepath.Join(c.data, "postmaster.pid")
	if _, err := os.Lstat(pidFile); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	p := readPostmaster(c.data)
	// A server in another container is no process of ours, but its socket answers.
	for p.runs(c.data) || listens(socket) {
		if p.ready && c.ping(ctx) == nil {
			return true, nil
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return false, fmt.Errorf("the PostgreSQL server in %s (process %d) runs but does not answer: %w%s",
				c.dir, p.pid, err, c.logTail())
		}
		p = readPostmaster(c.data)
	}
	// Stale. The server itself would mistake any process of this number for another
	// server, and would not start over an empty file.
	c.log.Info("postgresql was not stopped properly the last time, recovering", "stale_pid", p.pid)
	endOrphans(c.name())
	if err := os.Remove(pidFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return false, nil
}

// listens tells whether some server has the socket open, ready or not.
func listens(socketDir string) bool {
	conn, err := net.DialTimeout("unix", filepath.Join(socketDir, ".s.PGSQL."+strconv.Itoa(port)), time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close() // nothing was sent
	return true
}

func (c *Cluster) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.url)
	if isCode(err, "3D000") { // no such database: the server answers, that is enough
		return nil
	}
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// ensureDatabase makes the database careloop in a cluster that is new.
func (c *Cluster) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.url)
	if err == nil {
		return conn.Close(ctx)
	}
	if !isCode(err, "3D000") {
		return fmt.Errorf("cannot connect to the cluster in %s: %w%s", c.dir, err, c.logTail())
	}
	maintenance, err := url.Parse(c.url)
	if err != nil {
		return err
	}
	maintenance.Path = "/postgres"
	conn, err = pgx.Connect(ctx, maintenance.String())
	if err != nil {
		return fmt.Errorf("cannot connect to the cluster in %s: %w%s", c.dir, err, c.logTail())
	}
	_, err = conn.Exec(ctx, "create database "+database)
	if isCode(err, "42P04") { // it is there by now
		err = nil
	}
	return errors.Join(err, conn.Close(ctx))
}

func isCode(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}

func connString(socketDir, password, db string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(role, password),
		Path:     "/" + db,
		RawQuery: url.Values{"host": {socketDir}, "port": {strconv.Itoa(port)}}.Encode(),
	}
	return u.String()
}
