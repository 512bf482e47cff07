package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// answerWithin bounds the wait for any frame.
const answerWithin = 60 * time.Second

// shopper is one socket of the widget's wire.
type shopper struct {
	conn  *websocket.Conn
	token string
	end   func() bool // stops the watch over the context
}

// frame is what the measurements read of the server's frames.
type frame struct {
	Type         string `json:"type"`
	VisitorToken string `json:"visitor_token"`
	Kind         string `json:"kind"`
	Seq          int64  `json:"seq"`
	ClientID     string `json:"client_id"`
	Outcome      string `json:"outcome"`
	Text         string `json:"text"`
	Code         string `json:"code"`
	Author       struct {
		Kind string `json:"kind"`
	} `json:"author"`
}

var dialer = websocket.Dialer{
	Subprotocols:     []string{"careloop.v1"},
	HandshakeTimeout: answerWithin,
	ReadBufferSize:   1024,
	WriteBufferSize:  1024,
}

// shoppers numbers the shoppers of this run, so that each has an address.
var shoppers atomic.Int64

// enter opens a socket and says hello. An empty token makes a new shopper.
func enter(ctx context.Context, addr, token string) (*shopper, error) {
	n := shoppers.Add(1)
	from := fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
	conn, res, err := dialer.DialContext(ctx, "ws://"+addr+"/v1/chat", http.Header{"X-Forwarded-For": {from}})
	if err != nil {
		if res != nil {
			err = fmt.Errorf("%w (%s)", err, res.Status)
		}
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	s := &shopper{conn: conn, token: token}
	s.end = context.AfterFunc(ctx, func() { _ = conn.Close() })
	if err := s.hello(); err != nil {
		s.leave()
		return nil, err
	}
	return s, nil
}

func (s *shopper) hello() error {
	hello := map[string]any{"type": "hello", "locale": "en", "page": map[string]string{"url": "https://shop.example/p/1", "title": "Boots"}}
	if s.token != "" {
		hello["visitor_token"] = s.token
	}
	if err := s.conn.WriteJSON(hello); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	for {
		f, _, err := s.next()
		if err != nil {
			return fmt.Errorf("say hello: %w", err)
		}
		if f.Type == "welcome" {
			if f.VisitorToken != "" {
				s.token = f.VisitorToken
			}
			return nil
		}
	}
}

// next reads a frame, and when it was there.
func (s *shopper) next() (frame, time.Time, error) {
	var f frame
	_ = s.conn.SetReadDeadline(time.Now().Add(answerWithin)) // never fails
	_, data, err := s.conn.ReadMessage()
	at := time.Now()
	if err != nil {
		return f, at, err
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return f, at, err
	}
	if f.Type == "error" {
		return f, at, fmt.Errorf("refused: %s", f.Code)
	}
	return f, at, nil
}

func (s *shopper) leave() {
	s.end()
	_ = s.conn.Close() // the server hears of it either way
}

// enterAll opens sockets, a few at a time.
func enterAll(ctx context.Context, addr string, n int, tokens []string) ([]*shopper, error) {
	all := make([]*shopper, n)
	group, ctx2 := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for i := range all {
		token := ""
		if i < len(tokens) {
			token = tokens[i]
		}
		group.Go(func() (err error) {
			if ctx2.Err() != nil {
				return ctx2.Err()
			}
			all[i], err = enter(ctx, addr, token)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		leaveAll(all)
		return nil, err
	}
	return all, nil
}

func leaveAll(all []*shopper) {
	for _, s := range all {
		if s != nil {
			s.leave()
		}
	}
}

// asked is what a shopper saw of one answer.
type asked struct {
	sent, stored, firstDelta time.Time
}

// ask sends a message and reads until the bot's answer is whole.
func (s *shopper) ask(clientID, text string) (asked, error) {
	a := asked{sent: time.Now()}
	if err := s.conn.WriteJSON(map[string]string{"type": "message", "client_id": clientID, "text": text}); err != nil {
		return a, err
	}
	for {
		f, at, err := s.next()
		switch {
		case err != nil:
			return a, err
		case f.Type == "retract":
			return a, fmt.Errorf("the answer was taken back")
		case f.Type == "delta" && a.firstDelta.IsZero():
			a.firstDelta = at
		case f.Type == "event" && f.ClientID == clientID:
			a.stored = at
		case f.Type == "event" && f.Author.Kind == "bot":
			if f.Text != answerText || a.firstDelta.IsZero() || a.stored.IsZero() {
				return a, fmt.Errorf("the question %q was not answered by the model: %s, %q", text, f.Outcome, f.Text)
			}
			return a, nil
		}
	}
}
