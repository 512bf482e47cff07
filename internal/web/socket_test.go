package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/careloop/careloop/assist"
)

func TestMain(m *testing.M) {
	if os.Getenv(socketServerVariable) != "" {
		serveForBenchmark()
		return
	}
	goleak.VerifyTestMain(m,
		// Process-wide, started by the NATS packages when they are loaded or
		// first used, and never ended.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine"),
		// Connections of the tests' HTTP client that are kept alive.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
	)
}

// patience is how long a test waits for what must happen; none waits for it to
// pass.
const patience = 10 * time.Second

// serve runs a server over the world until the test ends.
func serve(t testing.TB, w *world, change func(o *Options)) (*Server, string) {
	t.Helper()
	o := Options{
		Desk: w, Store: w, Signals: w, Articles: w, Searcher: w, Phrase: phrase,
		Timing: Timing{Spread: time.Millisecond, Linger: 200 * time.Millisecond},
		Limits: Limits{MessageBurst: 1000, MessagesPerHour: 1000, AddressMessageBurst: 1000, FrameBurst: 1000, RequestBurst: 1000},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		h.Close()
	})
	return s, h.URL
}

// client is a widget's end of a socket.
type client struct {
	t    *testing.T
	conn *websocket.Conn
}

func dial(t *testing.T, address string, header http.Header) *client {
	t.Helper()
	c, response, err := tryDial(address, header)
	if err != nil {
		t.Fatalf("dial: %v (%v)", err, response)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &client{t, c}
}

func tryDial(address string, header http.Header) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: []string{subprotocol}, HandshakeTimeout: patience}
	return d.Dial("ws"+strings.TrimPrefix(address, "http")+"/v1/chat", header)
}

func (c *client) send(frame string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		c.t.Fatalf("send %.80s: %v", frame, err)
	}
}

// got is any frame of the server.
type got struct {
	Type           string
	ConversationID string `json:"conversation_id"`
	VisitorToken   string `json:"visitor_token"`
	LastSeq        int64  `json:"last_seq"`
	Seq            int64
	Kind, Text     string
	ClientID       string `json:"client_id"`
	TurnID         string `json:"turn_id"`
	Offset         int
	Code, Message  string
	RetryAfterMs   int64 `json:"retry_after_ms"`
	State, Name    string
	ReadSeq        int64 `json:"read_seq"`
	AgentsOnline   int   `json:"agents_online"`
	Letters        bool  `json:"letters"`
	Greeting       string
	Suggestions    []string
	Limits         struct {
		MaxText int `json:"max_text"`
	}
}

func (c *client) next() got {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	_, data, err := c.conn.ReadMessage()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	var g got
	if err := json.Unmarshal(data, &g); err != nil {
		c.t.Fatalf("frame %s: %v", data, err)
	}
	return g
}

func (c *client) expect(kind string) got {
	c.t.Helper()
	g := c.next()
	if g.Type != kind {
		c.t.Fatalf("got %+v, want a %s", g, kind)
	}
	return g
}

func (c *client) expectEvent(seq int64) got {
	c.t.Helper()
	g := c.expect("event")
	if g.Seq != seq {
		c.t.Fatalf("event %d, want %d", g.Seq, seq)
	}
	return g
}

func (c *client) expectError(code string) got {
	c.t.Helper()
	g := c.expect("error")
	if g.Code != code {
		c.t.Fatalf("error %q, want %q", g.Code, code)
	}
	if g.Message == "" {
		c.t.Error("an error without a sentence")
	}
	return g
}

// expectClose reads on to the end and wants its code.
func (c *client) expectClose(code int) {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		_, data, err := c.conn.ReadMessage()
		if err == nil {
			c.t.Logf("before the close: %.120s", data)
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code {
			c.t.Fatalf("ended with %v, want close code %d", err, code)
		}
		return
	}
}

func (c *client) hello(fields string) got {
	c.t.Helper()
	c.send(`{"type":"hello","site_key":"demo"` + fields + `}`)
	return c.expect("welcome")
}

func (c *client) say(id, text string) {
	c.t.Helper()
	body, _ := json.Marshal(map[string]string{"type": "message", "client_id": id, "text": text})
	c.send(string(body))
}

func TestMessageIsAcknowledgedAndReachesEveryTab(t *testing.T) {
	w := newWorld()
	w.answers = true
	_, address := serve(t, w, nil)
	first := dial(t, address, nil)
	welcome := first.hello(`,"locale":"de"`)
	if !strings.HasPrefix(welcome.VisitorToken, "vt_") || welcome.ConversationID != "" || welcome.LastSeq != 0 {
		t.Errorf("welcome %+v", welcome)
	}
	if welcome.Greeting != "Hallo!" || len(welcome.Suggestions) != 1 || welcome.Limits.MaxText != 4000 || welcome.Letters {
		t.Errorf("welcome %+v", welcome)
	}
	// The second tab is there before any conversation and adopts the one that
	// the first makes.
	second := dial(t, address, nil)
	again := second.hello(`,"visitor_token":"` + welcome.VisitorToken + `"`)
	if again.VisitorToken != "" {
		t.Error("a token that is known is sent again")
	}
	first.say("c_01", "Can I return shoes?")
	for _, c := range []*client{first, second} {
		ack := c.expectEvent(1)
		if ack.ClientID != "c_01" || ack.Text != "Can I return shoes?" || ack.ConversationID == "" {
			t.Errorf("acknowledgement %+v", ack)
		}
		c.expectEvent(2)
	}
	// And goes on with it.
	second.say("c_02", "And boots?")
	for _, c := range []*client{first, second} {
		if e := c.expectEvent(3); e.ClientID != "c_02" {
			t.Errorf("event %+v", e)
		}
		c.expectEvent(4)
	}
	if n := len(w.conversations); n != 1 {
		t.Errorf("%d conversations", n)
	}
}

func TestSameClientIDIsAcknowledgedAgain(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	c.hello("")
	for range 3 {
		c.say("c_01", "hello")
		if e := c.expectEvent(1); e.ClientID != "c_01" {
			t.Errorf("event %+v", e)
		}
	}
	if n := len(w.conversations[0].events); n != 1 {
		t.Errorf("%d events are stored", n)
	}
}

func TestResumeAfterSeq(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	token := c.hello("").VisitorToken
	var id string
	// More than one page of the store, so that paging is seen.
	const stored = eventsPage*2 + 7
	for i := range int64(stored) {
		c.say(fmt.Sprintf("c_%d", i), "hello")
		id = c.expectEvent(i + 1).ConversationID
	}
	for _, tc := range []struct {
		name, fields string
		first        int64
	}{
		{"from the start", "", 1},
		{"after 4", fmt.Sprintf(`,"conversation_id":"%s","after_seq":4`, id), 5},
		{"up to date", fmt.Sprintf(`,"conversation_id":"%s","after_seq":%d`, id, stored), stored + 1},
		{"ahead of the store", fmt.Sprintf(`,"conversation_id":"%s","after_seq":99999`, id), stored + 1},
		{"below nothing", fmt.Sprintf(`,"conversation_id":"%s","after_seq":-5`, id), 1},
		{"after_seq of no conversation", `,"after_seq":4`, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := dial(t, address, nil)
			welcome := c.hello(`,"visitor_token":"` + token + `"` + tc.fields)
			if welcome.ConversationID != id || welcome.LastSeq != stored {
				t.Errorf("welcome %+v", welcome)
			}
			for seq := tc.first; seq <= stored; seq++ {
				c.expectEvent(seq)
			}
			// Nothing but the acknowledgement of a repeated message follows.
			c.say("c_0", "hello")
			c.expectEvent(1)
		})
	}
}

func TestGapIsFilledFromTheStore(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	c.hello("")
	c.say("c_1", "one")
	c.expectEvent(1)
	w.mu.Lock()
	conversation := w.conversations[0]
	bot := assist.Event{Kind: assist.KindMessage, Text: "x", Author: assist.Author{Kind: assist.ByBot}}
	lost := w.append(conversation, bot)
	w.append(conversation, bot)
	last := w.append(conversation, bot)
	w.mu.Unlock()
	w.publish(last)
	c.expectEvent(2)
	c.expectEvent(3)
	c.expectEvent(4)
	// What comes late, or twice, is not sent again.
	w.publish(lost)
	w.publish(last)
	c.say("c_2", "two")
	c.expectEvent(5)
}

func TestResyncFindsWhatTheBusLost(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	token := c.hello("").VisitorToken
	second := dial(t, address, nil)
	second.hello(`,"visitor_token":"` + token + `"`)
	w.set(func(w *world) { w.dropEvents = true })
	c.say("c_1", "one") // acknowledged without the bus
	c.expectEvent(1)
	w.onResync()
	second.expectEvent(1)
	w.mu.Lock()
	w.append(w.conversations[0], assist.Event{Kind: assist.KindMessage, Text: "answer"})
	w.mu.Unlock()
	w.onResync()
	c.expectEvent(2)
	second.expectEvent(2)
}
