package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/internal/pgcluster"
)

const prefix = "careloop-bench-"

// world is what the measurements share: a database with the corpus in it, the
// scripted model server, and the server under test.
type world struct {
	dir      string // the server's data directory
	cluster  *pgcluster.Cluster
	model    *llmtest.Server
	corpus   *corpus
	chunks   int
	indexing time.Duration // of the corpus, from the file to the last vector's index
	careloop string
	server   *child
}

func newWorld(ctx context.Context, p plan) (_ *world, err error) {
	w, err := newStore(ctx, p, p.chunks)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.model, err = llmtest.Start(); err != nil {
		return nil, err
	}
	w.server, err = w.startServer(ctx)
	return w, err
}

// newStore makes a database with a corpus in it, and no server.
func newStore(ctx context.Context, p plan, chunks int) (_ *world, err error) {
	sweep(ctx)
	w := &world{careloop: p.careloop}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.dir, err = os.MkdirTemp("", prefix); err != nil {
		return nil, err
	}
	if w.corpus, err = newCorpus(p.texts); err != nil {
		return nil, err
	}
	progress("starting PostgreSQL")
	// As it is in production, fsync and all. Held from here on, so that the
	// servers join a cluster that runs.
	if w.cluster, err = pgcluster.Start(ctx, pgcluster.Options{DataDir: w.dir}); err != nil {
		return nil, err
	}
	return w, w.fill(ctx, chunks)
}

// fill imports the corpus.
func (w *world) fill(ctx context.Context, chunks int) error {
	file, err := w.corpus.write(w.dir, chunks)
	if err != nil {
		return err
	}
	progress("importing the corpus")
	began := time.Now()
	cmd := exec.CommandContext(ctx, w.careloop, "import", "--data-dir", w.dir, file)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin
	cmd.Env = cleanEnv()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the corpus cannot be imported: %w\n%s", err, out)
	}
	w.indexing = time.Since(began)
	conn, err := pgx.Connect(ctx, w.cluster.URL())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := conn.QueryRow(ctx, `select count(*) from chunks`).Scan(&w.chunks); err != nil {
		return err
	}
	if w.chunks < chunks {
		return fmt.Errorf("the corpus has %d chunks, wanted %d", w.chunks, chunks)
	}
	progress("%d chunks in %s", w.chunks, w.indexing.Round(100*time.Millisecond))
	// What autovacuum does within a minute or two of an import.
	_, err = conn.Exec(ctx, `vacuum analyze`)
	return err
}

// startServer starts the server under test with its limits out of the way: all
// shoppers come from this one machine. Each names an address of its own through
// X-Forwarded-For, since the bounds on an address's new shoppers have no
// setting.
func (w *world) startServer(ctx context.Context) (*child, error) {
	return startChild(ctx, "careloop", []string{
		"OPENAI_BASE_URL=" + w.model.URL,
		"CARELOOP_TRUSTED_PROXIES=127.0.0.1/32",
		"CARELOOP_MESSAGES_PER_MINUTE=100000",
		"CARELOOP_MESSAGE_BURST=100000",
		"CARELOOP_MESSAGES_PER_HOUR=1000000",
		"CARELOOP_ADDRESS_MESSAGES_PER_HOUR=1000000",
		"CARELOOP_TOKENS_PER_HOUR=1000000000",
		"CARELOOP_ADDRESS_TOKENS_PER_HOUR=1000000000",
		"CARELOOP_SOCKETS_PER_ADDRESS=100000",
		"CARELOOP_DAILY_BUDGET=10000",
		// Every question goes to the model, and none is given up while the last of
		// a hundred waits for its search.
		"CARELOOP_CONFIDENCE=0",
		"CARELOOP_FIRST_TOKEN_TIMEOUT=60s",
		"CARELOOP_STALL_TIMEOUT=60s",
		"CARELOOP_SHUTDOWN_SPREAD=0s",
	}, w.careloop, "serve", "--data-dir", w.dir, "--addr", "127.0.0.1:0")
}

// close ends everything and leaves nothing behind.
func (w *world) close() error {
	var errs []error
	if w.server != nil {
		errs = append(errs, w.server.stop())
	}
	if w.model != nil {
		w.model.Close()
	}
	if w.cluster != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		errs = append(errs, w.cluster.Stop(ctx), pgcluster.Remove(ctx, w.dir))
	}
	if w.dir != "" {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	return errors.Join(errs...)
}

// sweep removes what runs that were killed have left.
func sweep(ctx context.Context) {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*")) // the only error is a malformed pattern
	for _, dir := range dirs {
		err := pgcluster.Remove(ctx, dir)
		if err != nil && !errors.Is(err, pgcluster.ErrInUse) && !errors.Is(err, os.ErrPermission) {
			fmt.Fprintln(os.Stderr, "bench: a leftover of an earlier run stays:", err)
		}
	}
}
