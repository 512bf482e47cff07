package pgcluster

import (
	"io"
	"os"
	"strings"
	"time"
)

const (
	maxLog        = 8 << 20 // bytes; what is older moves to postgres.log.1, and then away
	logWatchEvery = time.Minute
)

func (c *Cluster) openLog() (*os.File, error) {
	c.rotateLog()
	return os.OpenFile(c.path("postgres.log"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
}

// watchLog keeps the server's log from growing without bound.
func (c *Cluster) watchLog() {
	tick := time.NewTicker(logWatchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.rotateLog()
		case <-c.logDone:
			return
		}
	}
}

// rotateLog copies and cuts a log that has become too long. The server goes on writing
// to the same file: it appends, so nothing but what it writes in between can be lost.
func (c *Cluster) rotateLog() {
	name := c.path("postgres.log")
	info, err := os.Stat(name)
	if err != nil || info.Size() < maxLog {
		return
	}
	from, err := os.Open(name)
	if err != nil {
		return
	}
	defer from.Close()
	to, err := os.OpenFile(name+".1", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return
	}
	defer to.Close()
	// An error loses old lines of a log, and a full disk is better served by cutting.
	if _, err := io.Copy(to, io.LimitReader(from, 2*maxLog)); err != nil {
		c.log.Warn("cannot keep the old log of postgresql", "error", err)
	}
	if err := os.Truncate(name, 0); err != nil {
		c.log.Warn("cannot cut the log of postgresql", "error", err)
	}
}

// logSince returns what the server has written from an offset on, at most 64 KiB of it.
func (c *Cluster) logSince(offset int64) string {
	f, err := os.Open(c.path("postgres.log"))
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := io.ReadAll(io.NewSectionReader(f, offset, 64<<10))
	return string(text)
}

// logTail returns the last lines of the server's log, for an error message.
func (c *Cluster) logTail() string {
	info, err := os.Stat(c.path("postgres.log"))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(c.logSince(max(0, info.Size()-4096))), "\n")
	if len(lines) > 8 {
		lines = lines[len(lines)-8:]
	}
	return "\nThe end of " + c.path("postgres.log") + ":\n  " + strings.Join(lines, "\n  ")
}
