package pgcluster

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAwkwardPaths(t *testing.T) {
	t.Parallel()
	for name, tail := range map[string]string{
		"long":           strings.Repeat("a-long-name/", 12),
		"punctuation":    `it's "my", 100%25`,
		"other alphabet": "données/データ",
	} {
		t.Run(name, func(t *testing.T) {
			parent := dataDir(t)
			if err := os.Chmod(parent, 0o755); err != nil {
				t.Fatal(err)
			}
			o := Options{DataDir: filepath.Join(parent, tail), Ephemeral: true}
			t.Cleanup(func() {
				if err := Remove(context.Background(), o.DataDir); err != nil {
					t.Error(err)
				}
			})
			c := start(t, o)
			if got := query(t, c, "select 1"); got != "1" {
				t.Errorf("it answers %q", got)
			}
			first := c.URL()
			stop(t, c)
			if again := start(t, o); again.URL() != first {
				t.Error("the socket moved at a restart")
			}
		})
	}
}

func TestForgedSocketDirectoryIsNotUsed(t *testing.T) {
	t.Parallel()
	parent := dataDir(t)
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	forged := filepath.Join(parent, "forged")
	o := Options{DataDir: filepath.Join(parent, "a b"), Ephemeral: true}
	t.Cleanup(func() {
		if err := Remove(context.Background(), o.DataDir); err != nil {
			t.Error(err)
		}
	})
	if err := os.MkdirAll(o.DataDir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(forged, 0o755); err != nil { // others may look into it
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.DataDir, "postgres.socket"), []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := start(t, o); strings.Contains(c.URL(), "forged") {
		t.Error("a directory that is open to others was used for the socket")
	}
}

// TestPlacesThatWillNotDo checks that each ends in a message that says what to do.
func TestPlacesThatWillNotDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make  func(t *testing.T, dir string) string // returns the data directory
		want  []string
		keeps string // a file that must still be there
	}{
		"nothing given": {func(*testing.T, string) string { return "" }, []string{"--data-dir"}, ""},
		"a file": {func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "file")
			write(t, path, "x")
			return path
		}, []string{"cannot make the data directory", "--data-dir"}, "file"},
		"a line break": {func(_ *testing.T, dir string) string { return dir + "/a\nb" }, []string{"line break", "--data-dir"}, ""},
		"something else in the cluster's place": {func(t *testing.T, dir string) string {
			if err := os.Mkdir(filepath.Join(dir, "postgres"), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "postgres", "diary.txt"), "dear diary")
			return dir
		}, []string{"is not empty", "Move it away"}, "postgres/diary.txt"},
		"a version that has gone": {func(t *testing.T, dir string) string {
			if err := os.Mkdir(filepath.Join(dir, "postgres"), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "postgres", "PG_VERSION"), "9\n")
			return dir
		}, []string{"was made by PostgreSQL 9", "apt-get install postgresql-9"}, "postgres/PG_VERSION"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := dataDir(t)
			cluster, err := Start(context.Background(), Options{DataDir: c.make(t, dir)})
			if err == nil {
				stop(t, cluster)
				t.Fatal("it started")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message lacks %q: %v", want, err)
				}
			}
			if c.keeps != "" {
				if _, err := os.Stat(filepath.Join(dir, c.keeps)); err != nil {
					t.Errorf("what was there has gone: %v", err)
				}
			}
		})
	}
}

func TestUnreachableParent(t *testing.T) {
	t.Parallel()
	parent := dataDir(t) // closed to others
	o := Options{DataDir: filepath.Join(parent, "data"), Ephemeral: true}
	stop(t, start(t, o))
	c := start(t, o) // made and found again
	if got := query(t, c, "select 1"); got != "1" {
		t.Errorf("it answers %q", got)
	}
	if info, err := os.Stat(parent); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the parent was opened to others: %v, %v", info.Mode(), err)
	}
}

func TestHalfMadeClusterIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	if err := os.MkdirAll(filepath.Join(dir, "postgres.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "postgres.password"), "of another time\n")
	c := start(t, Options{DataDir: dir, Ephemeral: true})
	if got := query(t, c, "select 1"); got != "1" {
		t.Errorf("it answers %q", got)
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	c := start(t, Options{DataDir: dataDir(t), Ephemeral: true})
	log := c.path("postgres.log")
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(bytes.Repeat([]byte("x"), maxLog)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	c.rotateLog()
	if info, err := os.Stat(log); err != nil || info.Size() != 0 {
		t.Errorf("the log was not cut: %v, %v", info.Size(), err)
	}
	if info, err := os.Stat(log + ".1"); err != nil || info.Size() < maxLog {
		t.Errorf("the old log was not kept: %v", err)
	}
	query(t, c, "do $$ begin raise warning 'after the cut'; end $$")
	if text, err := os.ReadFile(log); err != nil || !strings.Contains(string(text), "after the cut") || text[0] == 0 {
		t.Errorf("the server does not go on in the same file: %q, %v", text, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
