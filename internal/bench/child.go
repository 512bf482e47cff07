package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	startWithin = 2 * time.Minute
	stopWithin  = 30 * time.Second
	tailLines   = 20
)

// child is a server in a process of its own.
type child struct {
	name string
	// addr is HOST:PORT, as the server said it.
	addr string
	cmd  *exec.Cmd

	read  sync.WaitGroup
	ready chan struct{}
	ended chan struct{} // closed when the process is gone and its words are read
	err   error         // of the process; read it after ended

	collected atomic.Int64 // garbage collections so far

	mu   sync.Mutex
	said []string // the last lines, for those who look why it failed
}

// startChild starts a server and waits until it says, in a line of JSON with
// msg "ready", at which address it listens.
func startChild(ctx context.Context, name string, env []string, command string, args ...string) (*child, error) {
	c := &child{name: name, ready: make(chan struct{}), ended: make(chan struct{})}
	c.cmd = exec.Command(command, args...)
	// Each collection of garbage is told in a line, so that memory can be read
	// after one.
	c.cmd.Env = append(append(cleanEnv(), "GODEBUG=gctrace=1"), env...)
	// Of a group of its own: Ctrl-C reaches this process alone, which stops its
	// children in order.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	words, err := c.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c.read.Go(func() { c.listen(words) })
	go func() {
		c.read.Wait()
		c.err = c.cmd.Wait()
		close(c.ended)
	}()
	timer := time.NewTimer(startWithin)
	defer timer.Stop()
	select {
	case <-c.ready:
		return c, nil
	case <-c.ended:
		return nil, fmt.Errorf("%s ended at once (%w):\n%s", name, c.err, c.tail())
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = fmt.Errorf("%s is not ready after %s:\n%s", name, startWithin, c.tail())
	}
	return nil, errors.Join(err, c.stop())
}

// listen reads what the server says until it ends.
func (c *child) listen(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if bytes.HasPrefix(lines.Bytes(), []byte("gc ")) {
			c.collected.Add(1)
			continue
		}
		c.mu.Lock()
		if c.said = append(c.said, lines.Text()); len(c.said) > tailLines {
			c.said = c.said[1:]
		}
		c.mu.Unlock()
		if c.addr != "" || !bytes.Contains(lines.Bytes(), []byte(`"ready"`)) {
			continue
		}
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "ready" {
			c.addr = line.Address
			close(c.ready)
		}
	}
	_, _ = io.Copy(io.Discard, r) // so that an endless line cannot block it
}

func (c *child) tail() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.said, "\n")
}

// stop ends the server, by force where it takes too long.
func (c *child) stop() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	timer := time.NewTimer(stopWithin)
	defer timer.Stop()
	select {
	case <-c.ended:
		return nil
	case <-timer.C:
	}
	_ = c.cmd.Process.Kill()
	<-c.ended
	return fmt.Errorf("%s did not stop within %s and was killed", c.name, stopWithin)
}

// rss is the memory that the process holds right now, in bytes.
func (c *child) rss() (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("the memory of %s cannot be read: %w", c.name, err)
	}
	for line := range strings.Lines(string(b)) {
		var kb int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
			return kb << 10, nil
		}
	}
	return 0, fmt.Errorf("the memory of %s is not in its status", c.name)
}

// cleanEnv is the environment without what would configure a server.
func cleanEnv() []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch {
		case strings.HasPrefix(name, "CARELOOP_"), strings.HasPrefix(name, "OPENAI_"), strings.HasPrefix(name, "OTEL_"),
			strings.HasPrefix(name, "DATABASE_URL"), name == "GOGC", name == "GOMEMLIMIT", name == "GODEBUG":
		default:
			env = append(env, v)
		}
	}
	return env
}
