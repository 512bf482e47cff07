package jobs

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/pgtest"
	"github.com/careloop/careloop/retrieval"
)

const patience = 30 * time.Second

// waiting is a rescuer that tells of each turn and runs until it is let go or
// cancelled.
type waiting struct {
	turns     chan string
	release   chan struct{}
	cancelled atomic.Int64
}

func (w *waiting) Rescue(ctx context.Context, turnID string) error {
	w.turns <- turnID
	select {
	case <-w.release:
		return nil
	case <-ctx.Done():
		w.cancelled.Add(1)
		return ctx.Err()
	}
}

func receive(t *testing.T, ch <-chan string) string {
	t.Helper()
	select {
	case s := <-ch:
		return s
	case <-time.After(patience):
		t.Fatal("nothing came")
		return ""
	}
}

func TestRunner(t *testing.T) {
	pool := pgtest.New(t)
	w := &waiting{turns: make(chan string, 10), release: make(chan struct{})}
	sites := make(chan string, 10)
	r, err := New(Options{
		Pool: pool, Rescuer: w, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		EmbedSite: func(_ context.Context, siteID string) error { sites <- siteID; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Stop(t.Context()); err != nil {
		t.Errorf("stop before start: %v", err)
	}
	// The end of the start's context is not the end of the work.
	starting, cancel := context.WithCancel(t.Context())
	if err := r.Start(starting); err != nil {
		t.Fatal(err)
	}
	cancel()
	if r.Start(t.Context()) == nil {
		t.Error("started twice")
	}
	insert := func(args river.JobArgs, opts *river.InsertOpts) {
		t.Helper()
		if _, err := r.client.Insert(t.Context(), args, opts); err != nil {
			t.Fatal(err)
		}
	}
	insert(assist.RescueTurn{TurnID: "turn-1"}, nil)
	insert(retrieval.EmbedSite{SiteID: "site-1"}, &river.InsertOpts{Queue: retrieval.EmbedQueue})
	if id := receive(t, w.turns); id != "turn-1" {
		t.Errorf("turn %q", id)
	}
	if id := receive(t, sites); id != "site-1" {
		t.Errorf("site %q", id)
	}
	// A stop whose time runs out cancels what runs, and comes back.
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := r.Stop(late); err == nil {
		t.Error("a stop that had to cancel says nothing")
	}
	if n := w.cancelled.Load(); n != 1 {
		t.Errorf("%d jobs were cancelled", n)
	}
	if err := r.Stop(t.Context()); err != nil {
		t.Errorf("stop again: %v", err)
	}
}
