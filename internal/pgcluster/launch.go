package pgcluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// settings are written once, when the cluster is made, so that its owner can change them.
const settings = `
# Careloop's defaults, for a small machine. Change them here, then restart Careloop.
shared_buffers = 128MB
max_connections = 60
effective_cache_size = 512MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_wal_size = 512MB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_min_messages = warning
log_checkpoints = off
`

// initialise makes the cluster where there is none, and picks the server to run it.
func (c *Cluster) initialise(ctx context.Context, o Options) error {
	version, err := os.ReadFile(filepath.Join(c.data, "PG_VERSION"))
	if err == nil {
		major, err := strconv.Atoi(strings.TrimSpace(string(version)))
		if err != nil {
			return fmt.Errorf("%s/PG_VERSION holds no version: %w", c.data, err)
		}
		if c.install, err = findVersion(major, c.data); err != nil {
			return err
		}
		// A copy made by root belongs to root, and the server could not read it.
		if owner, ok := ownerOf(c.data); ok && owner.uid != c.account.uid {
			return c.account.own(c.data)
		}
		return nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if entries, err := os.ReadDir(c.data); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty and holds no PostgreSQL cluster. "+
			"Move it away, or choose another place: --data-dir DIR", c.data)
	}
	if c.install, err = Find(); err != nil {
		return err
	}
	return c.initdb(ctx, o.Ephemeral)
}

// initdb makes the cluster beside its place and moves it there in one step, so that an
// interrupted run leaves nothing that looks whole.
func (c *Cluster) initdb(ctx context.Context, ephemeral bool) error {
	began := time.Now()
	password := rand.Text()
	if err := writeSecret(c.path("postgres.password"), password); err != nil {
		return err
	}
	fresh, secret := c.path("postgres.new"), c.path("postgres.new.password")
	for _, leftover := range []string{fresh, secret} {
		if err := os.RemoveAll(leftover); err != nil {
			return err
		}
	}
	defer os.Remove(secret)
	if err := writeSecret(secret, password); err != nil {
		return err
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return err
	}
	if err := errors.Join(c.account.own(fresh), c.account.own(secret)); err != nil {
		return err
	}
	locale := "C.UTF-8" // the same order of text on every machine
	if runtime.GOOS != "linux" {
		locale = "C"
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	cmd := c.command(ctx, "initdb", "-U", role, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale="+locale, "--data-checksums")
	defer closeHanded(cmd)
	dir, err1 := c.account.hand(cmd, fresh)
	pwfile, err2 := c.account.hand(cmd, secret)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	cmd.Args = append(cmd.Args, "-D", dir, "--pwfile="+pwfile)
	if ephemeral {
		cmd.Args = append(cmd.Args, "--no-sync")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb failed: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	conf, err := os.OpenFile(filepath.Join(fresh, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = conf.WriteString(settings)
	if err := errors.Join(err, conf.Close()); err != nil {
		return err
	}
	if err := os.RemoveAll(c.data); err != nil { // empty, see initialise
		return err
	}
	if err := os.Rename(fresh, c.data); err != nil {
		return err
	}
	c.log.Info("made a new postgresql cluster", "dir", c.data, "account", c.account.name,
		"took_ms", time.Since(began).Milliseconds())
	return nil
}

func writeSecret(path, secret string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, []byte(secret+"\n"), 0o600)
}

// command is a program of the server's, run as the account, free of this process's PG* variables.
func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.install.BinDir, name), args...)
	cmd.Dir = "/" // the account may not be able to enter ours
	cmd.Env = []string{"PATH=" + c.install.BinDir + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "LC_MESSAGES=C", "TZ=UTC"}
	cmd.SysProcAttr = c.account.sysProcAttr()
	return cmd
}

// launch starts the server and waits until it is ready. A server that finds the memory
// of a predecessor still in use is started again until that has gone.
func (c *Cluster) launch(ctx context.Context, socket string, ephemeral bool) error {
	for {
		mark, err := c.launchOnce(ctx, socket, ephemeral)
		if err == nil {
			return nil
		}
		said := c.logSince(mark)
		if !strings.Contains(said, "is still in use") || pause(ctx, 100*time.Millisecond) != nil {
			return fmt.Errorf("PostgreSQL did not start: %w%s", err, c.logTail())
		}
		endOrphans(c.name())
	}
}

func (c *Cluster) launchOnce(ctx context.Context, socket string, ephemeral bool) (mark int64, err error) {
	cmd := c.command(context.WithoutCancel(ctx), "postgres")
	defer closeHanded(cmd)
	dir, err := c.account.hand(cmd, c.data)
	if err != nil {
		return 0, err
	}
	if socket == c.data {
		socket = dir
	}
	args := []string{"-D", dir,
		"-c", "listen_addresses=",
		"-c", "unix_socket_directories=" + socket,
		"-c", "unix_socket_permissions=0700",
		"-c", "port=" + strconv.Itoa(port),
		"-c", "cluster_name=" + c.name(),
		"-c", "logging_collector=off",
	}
	if cmpVersion(c.install.Vector, safeVector) < 0 {
		// Parallel builds of an HNSW index can write past their memory before 0.8.2.
		args = append(args, "-c", "max_parallel_maintenance_workers=0")
	}
	if ephemeral {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
			"-c", "max_connections=200", "-c", "max_wal_size=4GB", "-c", "checkpoint_timeout=1h")
	}
	log, err := c.openLog()
	if err != nil {
		return 0, err
	}
	defer log.Close()
	if mark, err = log.Seek(0, io.SeekEnd); err != nil {
		return 0, err
	}
	cmd.Args = append(cmd.Args, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return mark, fmt.Errorf("cannot run %s as %s: %w", cmd.Path, c.account.name, err)
	}
	// The server may outlive this Cluster when others use it: whoever stops it, its
	// parent has to take note of its end. So this goroutine ends with the server.
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	for {
		select {
		case err := <-exited:
			if err == nil {
				err = errors.New("it ended at once")
			}
			return mark, err
		default:
		}
		if p := readPostmaster(c.data); p.pid == cmd.Process.Pid && p.ready {
			return mark, nil
		}
		if err := pause(ctx, 3*time.Millisecond); err != nil {
			p := postmaster{pid: cmd.Process.Pid}
			return mark, errors.Join(fmt.Errorf("it was not ready in time: %w", err),
				p.shutdown(context.WithoutCancel(ctx), c.data))
		}
	}
}

func (c *Cluster) name() string { return clusterName(c.data) }

// clusterName marks the processes of the server of a cluster's directory.
func clusterName(data string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(data)) // never fails
	return fmt.Sprintf("careloop-%012x", h.Sum64()&0xffffffffffff)
}

// maxSocketDir leaves room for "/.s.PGSQL.5432.lock" within the 104 bytes that every system allows.
const maxSocketDir = 80

var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)

// socketDir is the cluster's own directory where the path is short and plain enough for
// a socket; otherwise a directory under the temporary one, which D/postgres.socket names.
func (c *Cluster) socketDir() (string, error) {
	if len(c.data) <= maxSocketDir && plainPath.MatchString(c.data) {
		return c.data, nil
	}
	if dir, ok := c.recordedSocketDir(); ok {
		return dir, nil
	}
	parent := os.TempDir()
	if len(parent) > maxSocketDir-30 || !plainPath.MatchString(parent) || c.account.canReach(parent) != nil {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "careloop-socket-")
	if err != nil {
		return "", err
	}
	if err := c.account.own(dir); err != nil {
		return "", err
	}
	return dir, os.WriteFile(c.path("postgres.socket"), []byte(dir+"\n"), 0o600)
}

// recordedSocketDir returns the directory that D/postgres.socket names, if it is still
// ours: it lies where others can write, so only a private one of the server's account counts.
func (c *Cluster) recordedSocketDir() (string, bool) {
	text, err := os.ReadFile(c.path("postgres.socket"))
	if err != nil {
		return "", false
	}
	dir := strings.TrimSpace(string(text))
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return "", false
	}
	owner, ok := ownerOf(dir)
	return dir, ok && owner.uid == c.account.uid
}

func (c *Cluster) removeSocketDir() error {
	if dir, ok := c.recordedSocketDir(); ok {
		return os.RemoveAll(dir)
	}
	return nil
}
