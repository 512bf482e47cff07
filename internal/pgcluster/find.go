package pgcluster

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	minMajor  = 15
	minVector = "0.8"
	// safeVector is the first pgvector whose parallel HNSW builds are sound.
	safeVector = "0.8.2"
)

// Install is a PostgreSQL server on this machine that has the extension pgvector.
type Install struct {
	BinDir  string // the directory of postgres and initdb
	Version string // of the server, such as "17.6"
	Major   int    // of the server, such as 17
	Vector  string // the version of pgvector that CREATE EXTENSION gives, such as "0.8.2"
}

// ErrNotFound says that this machine has no server that will do. Its text says what to type.
var ErrNotFound = errors.New("no PostgreSQL " + strconv.Itoa(minMajor) + " or newer with pgvector " + minVector +
	" or newer was found on this machine. Type: make setup (it runs scripts/setup-postgres), " +
	"or set DATABASE_URL to a server of your own")

// Find returns the best server of this machine: the one on the PATH, else the newest.
func Find() (Install, error) {
	installs := findAll()
	if len(installs) == 0 {
		return Install{}, ErrNotFound
	}
	return installs[0], nil
}

// findVersion returns the server for a cluster that was made by the given major version.
func findVersion(major int, dir string) (Install, error) {
	installs := findAll()
	for _, in := range installs {
		if in.Major == major {
			return in, nil
		}
	}
	if len(installs) == 0 {
		return Install{}, ErrNotFound
	}
	return Install{}, fmt.Errorf("%s was made by PostgreSQL %d, and this machine has PostgreSQL %d with pgvector. "+
		"Type: sudo apt-get install postgresql-%d postgresql-%d-pgvector; or, to carry the data over, "+
		"see pg_upgrade in docs/operations.md", dir, major, installs[0].Major, major, major)
}

func findAll() []Install {
	var found []Install
	seen := map[string]bool{}
	for _, dir := range binDirs() {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if in, ok := inspect(dir); ok {
			found = append(found, in)
		}
	}
	return found
}

// binDirs lists the directories that may hold server binaries, best first.
func binDirs() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",                                             // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                                      // Fedora, Red Hat
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", // Homebrew
	} {
		matches, _ := filepath.Glob(pattern) // the only error is a malformed pattern
		slices.SortFunc(matches, func(a, b string) int { return cmpVersion(firstNumber(b), firstNumber(a)) })
		dirs = append(dirs, matches...)
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	return dirs
}

var (
	number         = regexp.MustCompile(`\d+(\.\d+)*`)
	defaultVersion = regexp.MustCompile(`(?m)^\s*default_version\s*=\s*'([^']+)'`)
)

func firstNumber(s string) string { return number.FindString(s) }

// inspect reports what the server in a directory is, and whether it will do.
func inspect(dir string) (Install, bool) {
	for _, name := range []string{"postgres", "initdb", "pg_config"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode()&0o111 == 0 {
			return Install{}, false
		}
	}
	out, err := exec.Command(filepath.Join(dir, "pg_config"), "--version", "--sharedir", "--pkglibdir").Output()
	if err != nil {
		return Install{}, false
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 3 {
		return Install{}, false
	}
	version := firstNumber(lines[0])
	major, _ := strconv.Atoi(strings.SplitN(version, ".", 2)[0])
	control, err := os.ReadFile(filepath.Join(lines[1], "extension", "vector.control"))
	if err != nil || major < minMajor {
		return Install{}, false
	}
	libraries, _ := filepath.Glob(filepath.Join(lines[2], "vector.*")) // .so, or .dylib on a Mac
	match := defaultVersion.FindSubmatch(control)
	if match == nil || len(libraries) == 0 || cmpVersion(string(match[1]), minVector) < 0 {
		return Install{}, false
	}
	return Install{BinDir: dir, Version: version, Major: major, Vector: string(match[1])}, true
}

// cmpVersion compares dotted numbers: 0.10 is newer than 0.9, and 0.8 equals 0.8.0.
func cmpVersion(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		var x, y int
		if i < len(as) {
			x, _ = strconv.Atoi(as[i])
		}
		if i < len(bs) {
			y, _ = strconv.Atoi(bs[i])
		}
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}
