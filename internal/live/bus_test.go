package live

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"github.com/careloop/careloop/assist"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Process-wide, started by the NATS packages when they are loaded or
		// first used, and never ended.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine"),
	)
}

const patience = 20 * time.Second

func open(t *testing.T, url string) *Bus {
	t.Helper()
	b, err := Open(Options{URL: url, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// external runs a NATS server with a listener, as a cluster of its own would.
func external(t *testing.T, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		t.Fatal("NATS does not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

func event(shopper string, seq int64) assist.Signal {
	return assist.Signal{SiteID: "site", ShopperID: shopper, ConversationID: "conversation",
		Event: &assist.Event{ConversationID: "conversation", Seq: seq, Text: "Grüße 🙂"}}
}

func await[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

// until waits for a condition that nothing announces.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatal("the condition does not come to hold")
		}
	}
}

// conform is what every pair of joined buses does; both may be one.
func conform(t *testing.T, here, there *Bus) {
	t.Run("signals arrive in order and whole", func(t *testing.T) {
		got := make(chan assist.Signal, 100)
		cancel := there.Subscribe("shopper-1", func(s assist.Signal) { got <- s })
		defer cancel()
		for seq := range int64(50) {
			here.Publish(event("shopper-1", seq))
		}
		here.Publish(assist.Signal{ShopperID: "shopper-1", Delta: &assist.Delta{TurnID: "t", Offset: 3, Text: "x"}})
		here.Publish(assist.Signal{ShopperID: "shopper-1", Retract: &assist.Retract{TurnID: "t", FromOffset: 3}})
		here.Publish(assist.Signal{ShopperID: "shopper-1", Status: &assist.Status{TurnID: "t", State: "writing"}})
		for seq := range int64(50) {
			s := await(t, got, "event")
			if s.Event == nil || s.Event.Seq != seq || s.Event.Text != "Grüße 🙂" || s.ConversationID != "conversation" || s.SiteID != "site" {
				t.Fatalf("signal %+v, want event %d", s, seq)
			}
		}
		if s := await(t, got, "delta"); s.Delta == nil || *s.Delta != (assist.Delta{TurnID: "t", Offset: 3, Text: "x"}) {
			t.Errorf("delta %+v", s)
		}
		if s := await(t, got, "retract"); s.Retract == nil || s.Retract.FromOffset != 3 {
			t.Errorf("retract %+v", s)
		}
		if s := await(t, got, "status"); s.Status == nil || s.Status.State != "writing" {
			t.Errorf("status %+v", s)
		}
	})

	t.Run("only the shopper's own, for each of their sockets, until cancelled", func(t *testing.T) {
		first, second := make(chan assist.Signal, 10), make(chan assist.Signal, 10)
		cancelFirst := there.Subscribe("shopper-2", func(s assist.Signal) { first <- s })
		cancelSecond := there.Subscribe("shopper-2", func(s assist.Signal) { second <- s })
		here.Publish(event("shopper-3", 1))
		here.Publish(event("shopper-2", 2))
		for _, ch := range []chan assist.Signal{first, second} {
			if s := await(t, ch, "event"); s.Event.Seq != 2 {
				t.Errorf("another shopper's signal: %+v", s)
			}
		}
		cancelFirst()
		cancelFirst()
		here.Publish(event("shopper-2", 3))
		if s := await(t, second, "event"); s.Event.Seq != 3 {
			t.Errorf("signal %+v", s)
		}
		if len(first) != 0 {
			t.Error("a cancelled subscription gets a signal")
		}
		cancelSecond()
		if n := len(there.shoppers.by); n != 0 {
			t.Errorf("%d shoppers are remembered after the last has left", n)
		}
	})

	t.Run("a site hears all that is its own, a shopper nothing that is for agents", func(t *testing.T) {
		shopper, site, other := make(chan assist.Signal, 20), make(chan assist.Signal, 20), make(chan assist.Signal, 20)
		defer there.Subscribe("shopper-6", func(s assist.Signal) { shopper <- s })()
		cancel := there.SubscribeSite("site-6", func(s assist.Signal) { site <- s })
		defer there.SubscribeSite("site-7", func(s assist.Signal) { other <- s })()
		to := assist.Signal{SiteID: "site-6", ShopperID: "shopper-6", ConversationID: "c"}
		send := func(change func(*assist.Signal)) {
			s := to
			change(&s)
			here.Publish(s)
		}
		send(func(s *assist.Signal) { s.Draft = &assist.DraftDelta{DraftID: "d"} })
		send(func(s *assist.Signal) { s.Changed = true })
		send(func(s *assist.Signal) { s.Looking = &assist.Looking{AgentID: "a"} })
		send(func(s *assist.Signal) { s.Presence, s.ShopperID = &assist.Presence{AgentID: "a"}, "" })
		send(func(s *assist.Signal) { s.Typing = &assist.Typing{By: assist.ByAgent} })
		for i := range 5 {
			if s := await(t, site, "signal of the site"); s.SiteID != "site-6" || s.ForAgents() != (i < 4) {
				t.Errorf("signal %d is %+v", i, s)
			}
		}
		if s := await(t, shopper, "signal of the shopper"); s.Typing == nil || len(shopper) != 0 {
			t.Errorf("the shopper hears %+v", s)
		}
		cancel()
		send(func(s *assist.Signal) { s.Changed = true })
		send(func(s *assist.Signal) { s.SiteID, s.Changed = "site-7", true })
		if s := await(t, other, "signal of the other site"); s.SiteID != "site-7" || len(other) != 0 || len(site) != 0 {
			t.Errorf("the other site hears %+v", s)
		}
	})

	t.Run("superseded turns are told to every replica", func(t *testing.T) {
		ended := make(chan string, 4)
		here.OnSuperseded(func(id string) { ended <- id })
		there.OnSuperseded(func(id string) { ended <- id })
		here.Publish(assist.Signal{ShopperID: "shopper-1", Superseded: "turn-1"})
		times := 2
		if here == there {
			times = 1
		}
		for range times {
			if id := await(t, ended, "superseded turn"); id != "turn-1" {
				t.Errorf("turn %q", id)
			}
		}
	})

	t.Run("a loss calls everybody to resync", func(t *testing.T) {
		called := make(chan struct{}, 100)
		there.OnResync(func() { called <- struct{}{} })
		got := make(chan assist.Signal, 100)
		defer there.Subscribe("shopper-4", func(s assist.Signal) { got <- s })()
		here.lost.Store(true) // as a full queue leaves it
		here.Publish(event("shopper-4", 1))
		await(t, called, "resync")
		await(t, got, "event")
	})

	t.Run("ids that are no part of a subject are dropped", func(t *testing.T) {
		got := make(chan assist.Signal, 10)
		defer there.Subscribe("shopper-5", func(s assist.Signal) { got <- s })()
		for _, id := range []string{"", "*", ">", "a.b", "a b", "a\nb"} {
			here.Publish(event(id, 1))
		}
		here.Publish(event("shopper-5", 2))
		if s := await(t, got, "event"); s.Event.Seq != 2 {
			t.Errorf("signal %+v", s)
		}
	})
}

func TestEmbedded(t *testing.T) {
	b := open(t, "")
	if addr := b.server.Addr(); addr != nil {
		t.Errorf("the embedded server listens on %v", addr)
	}
	if err := b.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	conform(t, b, b)
}

func TestTwoReplicasOnOneServer(t *testing.T) {
	url := external(t, -1).ClientURL()
	here, there := open(t, url), open(t, url)
	conform(t, here, there)
}

// A publisher never waits for readers: while one of them blocks, the rest of the
// process goes on, and what does not fit is dropped, counted, and made good.
func TestPublishNeverWaits(t *testing.T) {
	b, err := Open(Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), queue: 16, pending: 64})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	release := make(chan struct{})
	blocked := make(chan struct{})
	var once sync.Once
	defer b.Subscribe("shopper", func(assist.Signal) {
		once.Do(func() { close(blocked) })
		<-release
	})()
	resync := make(chan struct{}, 1000)
	b.OnResync(func() {
		select {
		case resync <- struct{}{}:
		default:
		}
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for seq := range int64(2000) {
			b.Publish(event("shopper", seq))
		}
	}()
	await(t, blocked, "signal")
	await(t, done, "end of publishing while the reader is stuck")
	close(release)
	await(t, resync, "resync after a loss")
}

func TestOutageOfNATS(t *testing.T) {
	s := external(t, -1)
	url := s.ClientURL()
	var port int
	if _, err := fmt.Sscanf(url, "nats://127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	here, there := open(t, url), open(t, url)
	got := make(chan assist.Signal, 10)
	defer here.Subscribe("shopper", func(s assist.Signal) { got <- s })()
	far := make(chan assist.Signal, 10)
	defer there.Subscribe("shopper", func(s assist.Signal) { far <- s })()
	resync := make(chan struct{}, 10)
	there.OnResync(func() { resync <- struct{}{} })
	ended := make(chan string, 10)
	here.OnSuperseded(func(id string) { ended <- id })

	s.Shutdown()
	s.WaitForShutdown()
	until(t, func() bool { return !here.connected.Load() && !there.connected.Load() })
	if here.Ready(t.Context()) == nil {
		t.Error("ready without a connection")
	}
	// The replica itself is not silenced.
	here.Publish(event("shopper", 1))
	if s := await(t, got, "signal on the replica itself"); s.Event.Seq != 1 {
		t.Errorf("signal %+v", s)
	}
	here.Publish(assist.Signal{Superseded: "turn"})
	await(t, ended, "superseded turn on the replica itself")

	external(t, port)
	await(t, resync, "resync when NATS is back")
	// Both have to be back before a signal can cross.
	until(t, here.connected.Load)
	here.Publish(event("shopper", 2))
	if s := await(t, far, "signal after the outage"); s.Event.Seq != 2 {
		t.Errorf("signal %+v", s)
	}
}

func TestNoServerIsSaidAtOnce(t *testing.T) {
	if b, err := Open(Options{URL: "nats://127.0.0.1:1"}); err == nil {
		b.Close()
		t.Error("opened without a server")
	}
}

func TestCloseTwice(t *testing.T) {
	b := open(t, "")
	b.Close()
	b.Close()
	b.Publish(event("shopper", 1)) // must not panic
}
