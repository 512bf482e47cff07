package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/careloop/careloop/assist"
)

// until waits for a condition that nothing announces.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("%s: does not come to pass", what)
		}
	}
}

// begin opens a conversation by one message and gives its owner.
func begin(t *testing.T, w *world, address string) (c *client, token string, conv *conversation) {
	t.Helper()
	c = dial(t, address, nil)
	token = c.hello("").VisitorToken
	c.say("c_first", "hello")
	id := c.expectEvent(1).ConversationID
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conv := range w.conversations {
		if conv.ID == id {
			return c, token, conv
		}
	}
	t.Fatal("no conversation")
	return nil, "", nil
}

func (c *conversation) delta(offset int, text string) assist.Signal {
	return assist.Signal{ShopperID: c.ShopperID, ConversationID: c.ID, Delta: &assist.Delta{TurnID: "t-1", Offset: offset, Text: text}}
}

func TestTheAnswerStreams(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c, _, conv := begin(t, w, address)
	w.publish(assist.Signal{ShopperID: conv.ShopperID, ConversationID: conv.ID, Status: &assist.Status{TurnID: "t-1", State: "searching"}})
	w.publish(conv.delta(0, "You can "))
	w.publish(conv.delta(8, "not"))
	w.publish(assist.Signal{ShopperID: conv.ShopperID, ConversationID: conv.ID, Retract: &assist.Retract{TurnID: "t-1", FromOffset: 8, Text: "return it"}})
	// Of another conversation of theirs: not shown here.
	w.publish(assist.Signal{ShopperID: conv.ShopperID, ConversationID: "another", Delta: &assist.Delta{TurnID: "t-9", Text: "x"}})
	w.mu.Lock()
	last := w.append(conv, assist.Event{Kind: assist.KindMessage, TurnID: "t-1", Text: "You can return it [1]", Outcome: assist.Answered,
		Citations: []assist.Citation{{N: 1, Title: "<b>", URL: "/help/returns", Quote: "return"}}})
	w.mu.Unlock()
	w.publish(last)

	if s := c.expect("status"); s.State != "searching" || s.TurnID != "t-1" {
		t.Errorf("%+v", s)
	}
	if d := c.expect("delta"); d.Offset != 0 || d.Text != "You can " {
		t.Errorf("%+v", d)
	}
	if d := c.expect("delta"); d.Offset != 8 {
		t.Errorf("%+v", d)
	}
	if r := c.expect("retract"); r.Text != "return it" {
		t.Errorf("%+v", r)
	}
	if e := c.expectEvent(2); e.TurnID != "t-1" {
		t.Errorf("%+v", e)
	}
}

func TestComingBackWhileAnAnswerIsWritten(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	_, token, conv := begin(t, w, address)
	w.set(func(w *world) { w.writing[conv.ID] = [3]string{"t-1", "writing", "You can "} })
	c := dial(t, address, nil)
	c.hello(fmt.Sprintf(`,"visitor_token":%q,"conversation_id":%q,"after_seq":1`, token, conv.ID))
	if s := c.expect("status"); s.State != "writing" || s.TurnID != "t-1" {
		t.Errorf("%+v", s)
	}
	if d := c.expect("delta"); d.Offset != 0 || d.Text != "You can " || d.TurnID != "t-1" {
		t.Errorf("%+v", d)
	}
	w.publish(conv.delta(8, "return it"))
	if d := c.expect("delta"); d.Offset != 8 {
		t.Errorf("%+v", d)
	}
}

// What happens between reading the store and going live is kept and comes
// after, each event once and in order.
func TestNothingFallsBetweenStoreAndLive(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	_, token, conv := begin(t, w, address)
	const writers, each = 4, 25
	done := make(chan struct{})
	for range writers {
		go func() {
			defer func() { done <- struct{}{} }()
			for range each {
				w.mu.Lock()
				s := w.append(conv, assist.Event{Kind: assist.KindMessage, Text: "x"})
				w.mu.Unlock()
				w.publish(s) // in any order
			}
		}()
	}
	var clients []*client
	for range 5 {
		c := dial(t, address, nil)
		c.hello(fmt.Sprintf(`,"visitor_token":%q`, token))
		clients = append(clients, c)
	}
	for range writers {
		<-done
	}
	for _, c := range clients {
		for seq := int64(1); seq <= 1+writers*each; seq++ {
			c.expectEvent(seq)
		}
	}
}

func TestMessagesAreLimited(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, func(o *Options) { o.Limits = Limits{MessagesPerMinute: 1, MessageBurst: 3, Refusals: 4} })
	c := dial(t, address, nil)
	token := c.hello("").VisitorToken
	for i := range int64(3) {
		c.say(fmt.Sprintf("c_%d", i), "hello")
		c.expectEvent(i + 1)
	}
	c.say("c_3", "hello")
	e := c.expectError(codeRateLimited)
	if e.ClientID != "c_3" || e.RetryAfterMs <= 0 || e.RetryAfterMs > 60_000 {
		t.Errorf("%+v", e)
	}
	// Another tab is the same shopper.
	tab := dial(t, address, nil)
	tab.hello(fmt.Sprintf(`,"visitor_token":%q`, token))
	for seq := range int64(3) {
		tab.expectEvent(seq + 1)
	}
	tab.say("c_3", "hello")
	tab.expectError(codeRateLimited)
	// A wish for a person is never held up by many messages.
	c.send(`{"type":"handoff","client_id":"c_h"}`)
	c.expectEvent(4)
	// When it goes on the socket is closed.
	for range 4 {
		c.say("c_3", "hello")
		c.expectError(codeRateLimited)
	}
	c.expectClose(closeTooMany)
}

func TestFramesAndBytesAreLimited(t *testing.T) {
	for name, tc := range map[string]struct {
		limits Limits
		frame  string
	}{
		"frames": {Limits{FrameBurst: 10, FramesPerSecond: 1, Refusals: 3}, `{"type":"typing"}`},
		"bytes":  {Limits{ByteBurst: 1000, BytesPerSecond: 1, Refusals: 3}, `{"type":"typing","x":"` + strings.Repeat("x", 400) + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, address := serve(t, newWorld(), func(o *Options) { o.Limits = tc.limits })
			c := dial(t, address, nil)
			c.hello("")
			for range 20 {
				if c.conn.WriteMessage(websocket.TextMessage, []byte(tc.frame)) != nil {
					break
				}
			}
			c.expectError(codeRateLimited)
			c.expectClose(closeTooMany)
		})
	}
}

func TestPingsAreAnsweredAndLimited(t *testing.T) {
	_, address := serve(t, newWorld(), func(o *Options) { o.Limits = Limits{FrameBurst: 5, FramesPerSecond: 1, Refusals: 3} })
	c := dial(t, address, nil)
	c.hello("")
	pongs := 0
	c.conn.SetPongHandler(func(string) error { pongs++; return nil })
	for range 20 {
		_ = c.conn.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(patience))
	}
	c.expectClose(closeTooMany)
	if pongs == 0 || pongs > 5 {
		t.Errorf("%d pongs", pongs)
	}
}

func TestSocketsAreLimited(t *testing.T) {
	_, address := serve(t, newWorld(), func(o *Options) { o.Limits = Limits{SocketsPerShopper: 2, SocketsPerAddress: 4} })
	first := dial(t, address, nil)
	token := fmt.Sprintf(`,"visitor_token":%q`, first.hello("").VisitorToken)
	second := dial(t, address, nil)
	second.hello(token)
	third := dial(t, address, nil)
	third.send(`{"type":"hello","site_key":"demo"` + token + `}`)
	third.expectError(codeTooManySockets)
	third.expectClose(closeTooMany)
	// One that leaves makes room.
	_ = second.conn.Close()
	until(t, "a place for the shopper", func() bool {
		c, _, err := tryDial(address, nil)
		if err != nil {
			return false
		}
		defer c.Close()
		if c.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","site_key":"demo"`+token+`}`)) != nil {
			return false
		}
		_, data, err := c.ReadMessage()
		return err == nil && strings.Contains(string(data), "welcome")
	})
	// The address as a whole.
	var last *client
	until(t, "a refusal of the address", func() bool {
		last = dial(t, address, nil)
		_ = last.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, data, err := last.conn.ReadMessage()
		return err == nil && strings.Contains(string(data), codeTooManySockets)
	})
	last.expectClose(closeTooMany)
}

func TestSlowReaderIsCut(t *testing.T) {
	w := newWorld()
	s, address := serve(t, w, func(o *Options) { o.Timing.Write = 5 * time.Second })
	c, token, conv := begin(t, w, address)
	// Nobody reads. The kernel's buffers fill, then the queue.
	text := strings.Repeat("x", 64<<10)
	until(t, "the cut", func() bool {
		w.publish(conv.delta(0, text))
		return value(s.Metrics.closes.WithLabelValues("4408")) == 1
	})
	c.expectClose(closeSlowReader)
	// It comes back at once and misses nothing.
	w.mu.Lock()
	w.append(conv, assist.Event{Kind: assist.KindMessage, Text: "the answer"})
	w.mu.Unlock()
	again := dial(t, address, nil)
	again.hello(fmt.Sprintf(`,"visitor_token":%q,"conversation_id":%q,"after_seq":1`, token, conv.ID))
	again.expectEvent(2)
}

func TestPingsKeepAnIdleSocketAndFindADeadOne(t *testing.T) {
	s, address := serve(t, newWorld(), func(o *Options) { o.Timing.Ping = 600 * time.Millisecond })
	c := dial(t, address, nil)
	c.hello("")
	pings := make(chan struct{}, 100)
	answer := c.conn.PingHandler()
	var silent atomic.Bool
	c.conn.SetPingHandler(func(data string) error {
		if silent.Load() {
			return nil
		}
		pings <- struct{}{}
		return answer(data)
	})
	ended := make(chan error, 1)
	go func() {
		_, _, err := c.conn.ReadMessage()
		ended <- err
	}()
	// More pings than the silence that would be death.
	for range 4 {
		select {
		case <-pings:
		case err := <-ended:
			t.Fatalf("the socket ended: %v", err)
		case <-time.After(patience):
			t.Fatal("no ping")
		}
	}
	// From here on nobody answers.
	silent.Store(true)
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("a dead socket is kept")
	}
	until(t, "the socket is forgotten", func() bool { return value(s.Metrics.sockets) == 0 })
}

func TestShutdown(t *testing.T) {
	w := newWorld()
	s, address := serve(t, w, nil)
	var clients []*client
	for range 8 {
		c := dial(t, address, nil)
		c.hello("")
		clients = append(clients, c)
	}
	dial(t, address, nil) // has not said hello yet

	s.Drain()
	// Those who are there go on; nobody new comes in.
	clients[0].say("c_1", "still there?")
	clients[0].expectEvent(1)
	if _, response, err := tryDial(address, nil); err == nil || response == nil || response.StatusCode != 503 {
		t.Errorf("a socket while draining: %v, %v", response, err)
	}
	// Twice at once, and once more: each returns when all is done.
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			ended <- errors.Join(s.Shutdown(ctx), s.Shutdown(ctx))
		}()
	}
	for _, c := range clients {
		c.expectClose(closeRestart)
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestShutdownIsBounded(t *testing.T) {
	w := newWorld()
	s, address := serve(t, w, func(o *Options) { o.Timing.Linger = time.Hour; o.Timing.Spread = time.Hour })
	for range 3 {
		// They neither read nor answer a close.
		dial(t, address, nil).hello("")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(started); took > patience/2 {
		t.Errorf("took %v", took)
	}
}

func TestShutdownWaitsForAFrameThatIsBeingStored(t *testing.T) {
	w := newWorld()
	w.hold, w.said = make(chan struct{}), make(chan string, 1)
	s, address := serve(t, w, nil)
	c := dial(t, address, nil)
	c.hello("")
	c.say("c_1", "last words")
	until(t, "the frame is read", func() bool { return value(s.Metrics.frames.WithLabelValues("message")) == 1 })
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		ended <- s.Shutdown(ctx)
	}()
	until(t, "the shutdown has begun", s.hub.isClosing)
	select {
	case err := <-ended:
		t.Fatalf("the shutdown did not wait: %v", err)
	default:
	}
	close(w.hold)
	if text := <-w.said; text != "last words" {
		t.Error(text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	c.expectClose(closeRestart)
}

// value is what a counter or gauge says now.
func value(m prometheus.Metric) float64 {
	var d dto.Metric
	if err := m.Write(&d); err != nil {
		panic(err)
	}
	return d.GetCounter().GetValue() + d.GetGauge().GetValue()
}

// Typing and reading go to the other side, and not back.
func TestTypingAndReading(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c, token, conv := begin(t, w, address)
	c.send(`{"type":"typing"}`)
	c.send(`{"type":"read","seq":1}`)
	until(t, "the agents hear of it", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.heard) == 2
	})
	if h := w.heard; h[0].Typing == nil || h[0].ConversationID != conv.ID || h[1].Read == nil || h[1].Read.Seq != 1 {
		t.Errorf("heard %+v", h)
	}
	own := assist.Signal{ShopperID: conv.ShopperID, ConversationID: conv.ID}
	for _, change := range []func(*assist.Signal){
		func(s *assist.Signal) { s.Typing = &assist.Typing{By: assist.ByShopper} },
		func(s *assist.Signal) { s.Read = &assist.Read{By: assist.ByShopper, Seq: 1} },
		func(s *assist.Signal) { s.Draft = &assist.DraftDelta{DraftID: "d", Text: "secret"} },
		func(s *assist.Signal) { s.Looking = &assist.Looking{Name: "Mia"} },
		func(s *assist.Signal) { s.Changed = true },
		func(s *assist.Signal) { s.Typing = &assist.Typing{By: assist.ByAgent, Name: "Mia"} },
		func(s *assist.Signal) { s.Read = &assist.Read{By: assist.ByAgent, Seq: 1} },
	} {
		s := own
		change(&s)
		w.publish(s)
	}
	if s := c.expect("status"); s.State != "typing" || s.Name != "Mia" {
		t.Errorf("%+v", s)
	}
	if r := c.expect("read"); r.Seq != 1 {
		t.Errorf("%+v", r)
	}
	w.set(func(*world) { conv.AgentReadSeq = 1 })
	if welcome := dial(t, address, nil).hello(`,"visitor_token":"` + token + `"`); welcome.ReadSeq != 1 || welcome.AgentsOnline != 2 {
		t.Errorf("%+v", welcome)
	}
}

func TestSummaryIsCorrected(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c, _, _ := begin(t, w, address)
	c.send(`{"type":"summary","client_id":"s_1","text":"The blue one"}`)
	if e := c.expectEvent(2); e.Kind != "handoff" || e.ClientID != "s_1" {
		t.Errorf("%+v", e)
	}
	c.send(`{"type":"summary","client_id":"s_2","text":" "}`)
	c.expectError(string(assist.CodeNoHandoff))
}
