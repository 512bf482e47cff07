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
	"time"
)

// postmaster is what postmaster.pid in the cluster's directory tells.
type postmaster struct {
	pid   int
	ready bool // accepts connections
}

// readPostmaster returns the zero value where there is no such file or no sense in it.
func readPostmaster(data string) postmaster {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return postmaster{}
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 {
		return postmaster{}
	}
	return postmaster{pid: pid, ready: len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"}
}

// runs tells whether the process is alive and is the server of this very cluster:
// a number from a stale file may belong to anybody by now.
func (p postmaster) runs(data string) bool {
	if p.pid == 0 {
		return false
	}
	return strings.Contains(commandLine(p.pid)+" ", " cluster_name="+clusterName(data)+" ")
}

// commandLine returns the words of a process, or nothing where it has ended.
func commandLine(pid int) string {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err == nil {
		return strings.ReplaceAll(string(text), "\x00", " ")
	}
	if _, err := os.Stat("/proc/self"); err == nil {
		return "" // this system has /proc, so the process is gone
	}
	out, _ := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return string(out)
}

// signal sends sig where the process still is the server of this cluster.
func (p postmaster) signal(data string, sig syscall.Signal) {
	if p.runs(data) {
		_ = syscall.Kill(p.pid, sig) // it may have ended just now
	}
}

// waitGone waits until the server has ended.
func (p postmaster) waitGone(ctx context.Context, data string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for p.runs(data) {
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// shutdown stops the server: politely, then firmly, then by force. It always ends.
func (p postmaster) shutdown(ctx context.Context, data string) error {
	steps := []struct {
		signal syscall.Signal
		limit  time.Duration
	}{
		{syscall.SIGINT, 15 * time.Second}, // fast: sessions are ended, a checkpoint is written
		{syscall.SIGQUIT, 5 * time.Second}, // immediate: the next start recovers
		{syscall.SIGKILL, 5 * time.Second},
	}
	for i, step := range steps {
		p.signal(data, step.signal)
		wait := ctx
		if i > 0 {
			wait = context.WithoutCancel(ctx) // too late to be polite, but not to be bounded
		}
		if p.waitGone(wait, data, step.limit) == nil {
			return nil
		}
	}
	return errors.New("the PostgreSQL server does not end, not even when killed")
}

// endOrphans ends the server's children that outlived a killed postmaster: a new one
// does not start while they hold its shared memory. They carry the cluster's name.
func endOrphans(name string) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return // no /proc: they notice by themselves, a little later
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if strings.HasPrefix(commandLine(pid), "postgres: "+name+": ") {
			_ = syscall.Kill(pid, syscall.SIGQUIT)
		}
	}
}
