// Withpostgres runs a command beside a private PostgreSQL cluster that lives as long as
// the command does:
//
//	go run ./internal/pgtest/withpostgres go test ./...
//
// The command finds the cluster in CARELOOP_TEST_DATABASE_URL. Where DATABASE_URL is
// set, no cluster is made and the command just runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/careloop/careloop/internal/pgcluster"
)

const prefix = "careloop-test-"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: withpostgres COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
	}
	os.Exit(code)
}

// run returns the exit code of the command, or 1 and why it could not run.
func run(command []string) (code int, err error) {
	// Caught from here on, so that no signal leaves a server behind.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)

	env := os.Environ()
	if os.Getenv("DATABASE_URL") == "" {
		cluster, cleanUp, err := start()
		if err != nil {
			return 1, err
		}
		defer func() { err = errors.Join(err, cleanUp()) }()
		env = append(env, "CARELOOP_TEST_DATABASE_URL="+cluster.URL())
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it may have ended just now
		case err := <-done:
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
					return 128 + int(status.Signal()), nil
				}
				return exit.ExitCode(), nil
			}
			if err != nil {
				return 1, err
			}
			return 0, nil
		}
	}
}

func start() (*pgcluster.Cluster, func() error, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	sweep(ctx)
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return nil, nil, err
	}
	cluster, err := pgcluster.Start(ctx, options(dir))
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	cleanUp := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return errors.Join(cluster.Stop(ctx), pgcluster.Remove(ctx, dir))
	}
	return cluster, cleanUp, nil
}

func options(dir string) pgcluster.Options {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return pgcluster.Options{DataDir: dir, Ephemeral: true, Log: log}
}

// sweep ends and removes the clusters of runs that were killed.
func sweep(ctx context.Context) {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*")) // the only error is a malformed pattern
	for _, dir := range dirs {
		err := pgcluster.Remove(ctx, dir)
		if err != nil && !errors.Is(err, pgcluster.ErrInUse) && !errors.Is(err, os.ErrPermission) {
			fmt.Fprintln(os.Stderr, "withpostgres: a leftover of an earlier run stays:", err)
		}
	}
}
