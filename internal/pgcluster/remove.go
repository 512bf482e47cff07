package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrInUse says that a process uses the cluster.
var ErrInUse = errors.New("the cluster is in use")

// Remove deletes a data directory that holds a cluster which no process uses; a server
// that a killed process left behind is stopped first. It leaves alone, without an error,
// a directory that holds no whole cluster: that may be one that is just being made.
func Remove(ctx context.Context, dataDir string) error {
	c := &Cluster{}
	if _, err := os.Stat(filepath.Join(dataDir, "postgres", "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if err := c.prepare(dataDir); err != nil {
		return err
	}
	for _, name := range []string{"postgres.lock", "postgres.users"} {
		l, err := openLock(c.path(name))
		if err != nil {
			return err
		}
		defer l.release()
		if alone, err := l.try(syscall.LOCK_EX); err != nil {
			return err
		} else if !alone {
			return fmt.Errorf("%s: %w", dataDir, ErrInUse)
		}
	}
	if p := readPostmaster(c.data); p.runs(c.data) {
		if err := p.shutdown(ctx, c.data); err != nil {
			return err
		}
	}
	return errors.Join(c.removeSocketDir(), os.RemoveAll(c.dir))
}
