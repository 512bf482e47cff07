package jobs

import (
	"context"
	"errors"
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

// embedding tells of what it is asked to do, and of the first wants to be left
// alone for a while.
type embedding struct {
	asked chan string
	later atomic.Bool
}

func (e *embedding) EmbedSite(_ context.Context, siteID string) error {
	e.asked <- siteID
	if e.later.CompareAndSwap(true, false) {
		return &retrieval.LaterError{After: time.Second, Err: errors.New("busy")}
	}
	return nil
}

func (e *embedding) DropVectors(_ context.Context, name string) error {
	e.asked <- name
	return nil
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
	e := &embedding{asked: make(chan string, 10)}
	e.later.Store(true)
	r, err := New(Options{
		Pool: pool, Rescuer: w, Embedding: e, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
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
	for range 2 { // it comes again after the while
		if id := receive(t, e.asked); id != "site-1" {
			t.Errorf("site %q", id)
		}
	}
	insert(retrieval.DropVectors{Embedder: "old"}, &river.InsertOpts{Queue: retrieval.EmbedQueue})
	if name := receive(t, e.asked); name != "old" {
		t.Errorf("embedder %q", name)
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
