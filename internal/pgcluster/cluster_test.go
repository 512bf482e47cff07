package pgcluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The test binary, started again with this set, uses the cluster in the named directory
// until its standard input ends: another Careloop process, which a test can kill.
const otherProcess = "PGCLUSTER_TEST_OTHER_PROCESS"

func TestMain(m *testing.M) {
	dir := os.Getenv(otherProcess)
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := Start(context.Background(), Options{DataDir: dir, Ephemeral: true})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := c.Stop(context.Background()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// dataDir makes a directory that the server's account can reach, unlike t.TempDir's, and
// removes it with the server in it.
func dataDir(t *testing.T) string {
	t.Helper()
	if _, err := Find(); err != nil {
		if os.Getenv("DATABASE_URL") != "" {
			t.Skip("this machine has no PostgreSQL of its own: ", err)
		}
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "careloop-cluster-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Remove(context.Background(), dir); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func start(t *testing.T, o Options) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	return c
}

func stop(t *testing.T, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// query returns one value as text.
func query(t *testing.T, c *Cluster, sql string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var value string
	for rows.Next() {
		if raw := rows.RawValues(); len(raw) > 0 {
			value = string(raw[0])
		}
	}
	if rows.Err() != nil {
		t.Fatalf("%s: %v", sql, rows.Err())
	}
	return value
}

func running(c *Cluster) bool { return readPostmaster(c.data).runs(c.data) }

func TestStartStopRestart(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	var log bytes.Buffer
	o := Options{DataDir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))}
	c := start(t, o)
	if !c.Started() {
		t.Error("the first to come did not start the server")
	}
	query(t, c, "create extension vector; create table kept as select 'yes' as value")
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"jit": "off", "max_connections": "60", "shared_buffers": "128MB", "listen_addresses": "",
		"server_encoding": "UTF8", "TimeZone": "UTC",
	} {
		if got := query(t, c, "show "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := query(t, c, "select datcollate from pg_database where datname = 'careloop'"); got != "C.UTF-8" {
		t.Errorf("the database's collation is %q", got)
	}
	pid := readPostmaster(c.data).pid
	mine, _ := syscall.Getpgid(os.Getpid())
	if group, err := syscall.Getpgid(pid); err != nil || group == mine {
		t.Errorf("the server shares our process group %d (%v): Ctrl-C would end it too early", group, err)
	}
	if owner, ok := ownerOf("/proc/" + strconv.Itoa(pid)); ok && owner.uid == 0 {
		t.Error("the server runs as root")
	}
	for name, want := range map[string]os.FileMode{"postgres.password": 0o600, "postgres.log": 0o600, "postgres": 0o700} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %v", name, info.Mode(), err, want)
		}
	}
	config, err := pgx.ParseConfig(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	config.Password = "guess"
	if _, err := pgx.ConnectConfig(context.Background(), config); !isCode(err, "28P01") {
		t.Errorf("a wrong password gave %v", err)
	}
	password, err := os.ReadFile(filepath.Join(dir, "postgres.password"))
	if err != nil {
		t.Fatal(err)
	}
	stop(t, c)
	stop(t, c) // again does nothing
	if running(c) {
		t.Fatal("the server runs on after the last process has left")
	}

	again := start(t, o)
	if got := query(t, again, "select value from kept"); got != "yes" {
		t.Errorf("after a restart the value is %q", got)
	}
	stop(t, again)
	if strings.Contains(log.String(), strings.TrimSpace(string(password))) {
		t.Error("the password is in the log")
	}
	t.Log(log.String())
}

func TestLastToLeaveStopsTheServer(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: dataDir(t), Ephemeral: true}
	first, second := start(t, o), start(t, o)
	if second.Started() {
		t.Error("the second started a server of its own")
	}
	stop(t, first)
	if got := query(t, second, "select 1"); got != "1" {
		t.Errorf("after the first has left, the second reads %q", got)
	}
	if err := Remove(context.Background(), o.DataDir); !errors.Is(err, ErrInUse) {
		t.Errorf("removing a cluster in use gave %v", err)
	}
	stop(t, second)
	if running(second) {
		t.Error("the server runs on after the last has left")
	}
}

func TestManyStartAtOnce(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	clusters := make([]*Cluster, 6)
	var wg sync.WaitGroup
	for i := range clusters {
		wg.Go(func() {
			c, err := Start(context.Background(), Options{DataDir: dir, Ephemeral: true})
			if err != nil {
				t.Error(err)
				return
			}
			clusters[i] = c
		})
	}
	wg.Wait()
	started := 0
	for _, c := range clusters {
		if c == nil {
			continue
		}
		if c.Started() {
			started++
		}
		wg.Go(func() { stop(t, c) })
	}
	wg.Wait()
	if started != 1 {
		t.Errorf("%d of them started the server, want 1", started)
	}
	if clusters[0] != nil && running(clusters[0]) {
		t.Error("the server runs on after all have left")
	}
}

func TestTwoDataDirectories(t *testing.T) {
	t.Parallel()
	a := start(t, Options{DataDir: dataDir(t), Ephemeral: true})
	b := start(t, Options{DataDir: dataDir(t), Ephemeral: true})
	query(t, a, "create table only_in_a (x int)")
	if got := query(t, b, "select to_regclass('only_in_a') is null"); got != "t" {
		t.Error("two data directories share a cluster")
	}
	stop(t, a)
	if got := query(t, b, "select 1"); got != "1" {
		t.Error("stopping one stopped the other")
	}
}
