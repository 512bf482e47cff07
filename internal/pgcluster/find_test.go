package pgcluster

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCmpVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"0.8", "0.8.0", 0}, {"0.8.2", "0.8", 1}, {"0.7.4", "0.8", -1}, {"0.10.0", "0.9.9", 1},
		{"1.0", "0.8.2", 1}, {"17", "9.6", 1}, {"", "0.8", -1},
	} {
		if got := cmpVersion(c.a, c.b); got != c.want {
			t.Errorf("cmpVersion(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := cmpVersion(c.b, c.a); got != -c.want {
			t.Errorf("cmpVersion(%q, %q) = %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version, vector string
		library         bool
		want            bool
	}{
		"good":            {"PostgreSQL 17.6 (Debian 17.6-1)", "0.8.2", true, true},
		"just enough":     {"PostgreSQL 15.1", "0.8.0", true, true},
		"server too old":  {"PostgreSQL 14.9", "0.8.2", true, false},
		"vector too old":  {"PostgreSQL 16.4", "0.6.0", true, false},
		"no vector":       {"PostgreSQL 16.4", "", true, false},
		"no library":      {"PostgreSQL 16.4", "0.8.2", false, false},
		"not a server":    {"nonsense", "0.8.2", true, false},
		"a beta counts":   {"PostgreSQL 19beta1", "0.9.0", true, true},
		"many components": {"PostgreSQL 16.4", "0.10.1", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "extension"), 0o755); err != nil {
				t.Fatal(err)
			}
			script := "#!/bin/sh\nprintf '%s\\n' '" + c.version + "' '" + dir + "' '" + dir + "'\n"
			for _, program := range []string{"postgres", "initdb", "pg_config"} {
				if err := os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if c.vector != "" {
				write(t, filepath.Join(dir, "extension", "vector.control"),
					"comment = 'vectors'\ndefault_version = '"+c.vector+"'\nrelocatable = true\n")
			}
			if c.library {
				write(t, filepath.Join(dir, "vector.so"), "")
			}
			in, ok := inspect(dir)
			if ok != c.want {
				t.Fatalf("inspect gave %+v, %v; want %v", in, ok, c.want)
			}
			if ok && in.Vector != c.vector {
				t.Errorf("pgvector %q, want %q", in.Vector, c.vector)
			}
		})
	}
}
