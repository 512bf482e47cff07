package pgcluster

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestKilledServerRecovers(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: dataDir(t)}
	c := start(t, o)
	query(t, c, "create table kept as select 'yes' as value")
	if err := syscall.Kill(readPostmaster(c.data).pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	again := start(t, o)
	if !again.Started() {
		t.Error("a dead server was taken for a living one")
	}
	if got := query(t, again, "select value from kept"); got != "yes" {
		t.Errorf("after the crash the value is %q", got)
	}
}

// other starts another process that uses the cluster, and returns when it is ready.
func other(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), otherProcess+"="+dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // a killed process has an error to tell, which the test knows
	})
	line := make([]byte, 1024)
	n, _ := stdout.Read(line)
	if got := strings.TrimSpace(string(line[:n])); got != "ready" {
		t.Fatalf("the other process says: %s", got)
	}
	return cmd
}

func TestServerOfAKilledProcessIsTakenOver(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: dataDir(t), Ephemeral: true}
	cmd := other(t, o.DataDir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	c := start(t, o)
	if c.Started() {
		t.Error("the server that was left over was not taken over")
	}
	if got := query(t, c, "select 1"); got != "1" {
		t.Errorf("it answers %q", got)
	}
	stop(t, c)
	if running(c) {
		t.Error("the server that was taken over runs on")
	}
}

func TestOtherProcessKeepsTheServer(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: dataDir(t), Ephemeral: true}
	c := start(t, o)
	other(t, o.DataDir)
	stop(t, c)
	if !running(c) {
		t.Error("the server was stopped under another process that uses it")
	}
}

func TestLeftoverOfAKilledProcessIsRemoved(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	cmd := other(t, dir)
	pid := readPostmaster(filepath.Join(dir, "postgres")).pid
	if err := Remove(context.Background(), dir); !errors.Is(err, ErrInUse) {
		t.Errorf("removing a cluster that another process uses gave %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if err := Remove(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is still there: %v", err)
	}
	if (postmaster{pid: pid}).runs(filepath.Join(dir, "postgres")) {
		t.Error("the server runs on without its directory")
	}
}

func TestStalePid(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: dataDir(t), Ephemeral: true}
	c := start(t, o)
	stop(t, c)
	pidFile := filepath.Join(c.data, "postmaster.pid")
	for name, content := range map[string]string{
		"another process":  strconv.Itoa(os.Getpid()) + "\n/nowhere\n0\n5432\n/tmp\n\n0\nready\n",
		"no process":       "4194303\n/nowhere\n0\n5432\n/tmp\n\n0\nready\n",
		"cut short":        strconv.Itoa(os.Getpid()),
		"the first number": "1\n",
		"nonsense":         "x\n",
		"nothing":          "",
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(pidFile, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := c.account.own(pidFile); err != nil {
				t.Fatal(err)
			}
			again := start(t, o)
			if !again.Started() {
				t.Error("a stale file was taken for a running server")
			}
			stop(t, again)
		})
	}
}

// A server in another container that shares the directory has a number that means
// nothing here. A second server over the same files would destroy them.
func TestServerOfUnknownProcessIsJoined(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: dataDir(t), Ephemeral: true}
	c := start(t, o)
	pidFile := filepath.Join(c.data, "postmaster.pid")
	real, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(real), "\n")
	if err := os.WriteFile(pidFile, []byte("4194303\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if second.Started() {
		t.Error("a second server was started over the same files")
	}
	if err := os.WriteFile(pidFile, real, 0o600); err != nil {
		t.Fatal(err)
	}
	stop(t, second)
}

func TestStartThatIsCalledOff(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: dataDir(t), Ephemeral: true}
	c := start(t, o)
	stop(t, c)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Start(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("a start that was called off gave %v", err)
	}
	if running(c) {
		t.Error("a start that was called off leaves a server behind")
	}
}
