package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

const (
	idleTarget = 0.5
	// Memory is read once garbage was collected so often and the process has
	// held the same amount, within a share, over so many looks.
	collections  = 2
	settledShare = 0.005
	settledLooks = 10
	lookEvery    = 200 * time.Millisecond
	settleWithin = 90 * time.Second
)

// measureIdle compares what an idle socket costs after hello and welcome with
// one of gorilla's echo handler after one echo. Each round has new processes.
func measureIdle(ctx context.Context, p plan, w *world, t *table) error {
	if w.server != nil {
		err := w.server.stop()
		w.server = nil
		if err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var careloop, echo, ratios []float64
	var tokens []string
	for range p.rounds {
		open := func(ctx context.Context, addr string, n int) ([]*websocket.Conn, error) {
			shoppers, err := enterAll(ctx, addr, n, tokens)
			var conns []*websocket.Conn
			for i, s := range shoppers {
				if conns = append(conns, s.conn); i >= len(tokens) {
					tokens = append(tokens, s.token)
				}
			}
			return conns, err
		}
		c, err := idleRound(ctx, p.sockets, open, func() (*child, error) { return w.startServer(ctx) })
		if err != nil {
			return err
		}
		e, err := idleRound(ctx, p.sockets, openEchoes, func() (*child, error) { return startChild(ctx, "echo", nil, self, echoCommand) })
		if err != nil {
			return fmt.Errorf("the baseline: %w", err)
		}
		progress("  %.0f and %.0f bytes", c, e)
		careloop, echo, ratios = append(careloop, c), append(echo, e), append(ratios, c/e)
	}
	r := row{
		what:     fmt.Sprintf("RSS of an idle authenticated socket, of %d", p.sockets),
		careloop: fmt.Sprintf("%.2f KB", median(careloop)/1024), baseline: fmt.Sprintf("%.2f KB gorilla's echo handler", median(echo)/1024),
		ratio: median(ratios), target: fmt.Sprintf("at most %.1f times", idleTarget),
	}
	r.met = r.ratio <= idleTarget
	t.add(r)
	return nil
}

// idleRound starts a server and returns the bytes that each of n idle sockets
// adds to its memory.
func idleRound(ctx context.Context, n int, open func(context.Context, string, int) ([]*websocket.Conn, error), start func() (*child, error)) (_ float64, err error) {
	c, err := start()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	// A few sockets come and go first: what the first one brings with it is not
	// the price of a socket.
	if err := hold(ctx, c, 50, open, func() error { return nil }); err != nil {
		return 0, err
	}
	before, err := settled(ctx, c)
	if err != nil {
		return 0, err
	}
	var after int64
	err = hold(ctx, c, n, open, func() (err error) {
		after, err = settled(ctx, c)
		return err
	})
	return float64(after-before) / float64(n), err
}

// hold opens sockets, reads them so that pings are answered, does f, and closes
// them.
func hold(ctx context.Context, c *child, n int, open func(context.Context, string, int) ([]*websocket.Conn, error), f func() error) error {
	conns, err := open(ctx, c.addr, n)
	if err != nil {
		return err
	}
	var readers sync.WaitGroup
	for _, conn := range conns {
		_ = conn.SetReadDeadline(time.Time{}) // never fails
		readers.Go(func() {
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
			}
		})
	}
	err = f()
	for _, conn := range conns {
		_ = conn.Close()
	}
	readers.Wait()
	return err
}

// settled is a process's memory once garbage is collected and nothing changes
// any more.
func settled(ctx context.Context, c *child) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for until := c.collected.Load() + collections; c.collected.Load() < until; {
		if err := nudge(ctx, c.addr); err != nil {
			return 0, fmt.Errorf("wait for %s to collect garbage: %w", c.name, err)
		}
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var looks []int64
	for {
		rss, err := c.rss()
		if err != nil {
			return 0, err
		}
		if looks = append(looks, rss); len(looks) > settledLooks {
			looks = looks[1:]
			if most := slices.Max(looks); float64(most-slices.Min(looks)) <= settledShare*float64(most) {
				return rss, nil
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("the memory of %s does not settle: %w", c.name, ctx.Err())
		}
	}
}

// nudge gives a server something to do that leaves garbage.
func nudge(ctx context.Context, addr string) error {
	for range 100 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/healthz", nil)
		if err != nil {
			return err
		}
		res, err := direct.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return err
		}
	}
	return nil
}

// openEchoes opens sockets to the echo server; each has said and heard one
// message.
func openEchoes(ctx context.Context, addr string, n int) ([]*websocket.Conn, error) {
	conns := make([]*websocket.Conn, n)
	var group errgroup.Group
	group.SetLimit(16)
	for i := range conns {
		group.Go(func() error {
			conn, _, err := dialer.DialContext(ctx, "ws://"+addr+"/", nil)
			if err != nil {
				return err
			}
			conns[i] = conn
			_ = conn.SetReadDeadline(time.Now().Add(answerWithin)) // never fails
			if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`)); err != nil {
				return err
			}
			_, _, err = conn.ReadMessage()
			return err
		})
	}
	if err := group.Wait(); err != nil {
		for _, conn := range conns {
			if conn != nil {
				_ = conn.Close()
			}
		}
		return nil, err
	}
	return conns, nil
}
