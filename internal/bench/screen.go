package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
)

const (
	// openConversations are the load: each has its shopper's socket open.
	openConversations = 1000
	// backgroundEvery is the distance between messages of the others.
	backgroundEvery = 50 * time.Millisecond
	// messageEvery keeps a shopper's socket below the frames that it may send.
	messageEvery   = 110 * time.Millisecond
	screenTarget   = 100 * time.Millisecond
	timelineEvents = 500
)

// measureScreen measures from a shopper's message to the agent's screen while a
// thousand conversations are open and their shoppers write 20 messages a second.
// Beside it: one bare insert and one bare echo, one after the other. And how long
// it takes to open a conversation of 500 events.
func measureScreen(ctx context.Context, p plan, w *world, t *table) (err error) {
	conn, err := pgx.Connect(ctx, w.cluster.URL())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	token, err := signIn(ctx, conn)
	if err != nil {
		return err
	}
	progress("  %d shoppers come", openConversations)
	shoppers, err := enterAll(ctx, w.server.addr, openConversations, nil)
	if err != nil {
		return err
	}
	defer leaveAll(shoppers)
	watched, others := shoppers[0], shoppers[1:]
	readOn(others)
	// An agent has all of them, so that no turn of the bot runs beside.
	if _, err := conn.Exec(ctx, `insert into conversations (id, site_id, shopper_id, locale, charge, assignee_id)
		select gen_random_uuid(), s.site_id, s.id, 'en', 'person', (select id from agents where email = 'bench@shop.example')
		from shoppers s where not exists (select from conversations c where c.shopper_id = s.id)`); err != nil {
		return err
	}
	var id string
	if err := conn.QueryRow(ctx, `select c.id from conversations c join visitor_tokens v on v.shopper_id = c.shopper_id where v.token_hash = $1`,
		hashOf(watched.token)).Scan(&id); err != nil {
		return err
	}
	console, err := openConsole(ctx, w.server.addr, token)
	if err != nil {
		return err
	}
	defer console.Close()
	if err := console.WriteJSON(map[string]any{"type": "open", "conversation_id": id, "after_seq": 0}); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	echo, err := startChild(ctx, "echo", nil, self, echoCommand)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, echo.stop()) }()
	if _, err := conn.Exec(ctx, `create table bench_bare (at timestamptz, text text)`); err != nil {
		return err
	}

	stop := inBackground(others)
	defer stop()
	var ours, bare []time.Duration
	for round := range p.rounds + 1 {
		a, err := screenRound(watched, console, p.messages, round)
		if err != nil {
			return err
		}
		b, err := bareScreenRound(ctx, conn, echo.addr, p.messages)
		if err != nil {
			return fmt.Errorf("the baseline: %w", err)
		}
		if round > 0 {
			ours, bare = append(ours, a...), append(bare, b...)
		}
	}
	for _, q := range []float64{0.5, 0.99} {
		a, b := quantile(ours, q), quantile(bare, q)
		r := row{what: fmt.Sprintf("shopper's message to agent's screen, %d open conversations, p%.0f", openConversations, q*100),
			careloop: ms(a), baseline: ms(b) + " bare insert and bare echo", ratio: ratioOf(a, b)}
		if q == 0.99 {
			r.target, r.met = "at most "+ms(screenTarget), a <= screenTarget
		}
		t.add(r)
	}
	stop()
	return measureOpening(ctx, p, w, t, conn, console, token, id)
}

// signIn makes an agent with a session, and the demo's site theirs.
func signIn(ctx context.Context, conn *pgx.Conn) (token string, err error) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	token = "cs_" + base64.RawURLEncoding.EncodeToString(b[:])
	_, err = conn.Exec(ctx, `with a as (
		insert into agents (id, email, name, role, capacity) values (gen_random_uuid(), 'bench@shop.example', 'Bench', 'admin', 0)
		on conflict (lower(email)) do update set name = excluded.name returning id
	) insert into agent_sessions (id, token_hash, agent_id, expires_at) select gen_random_uuid(), $1, a.id, now() + interval '1 day' from a`, hashOf(token))
	return token, err
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// openConsole opens an agent's socket on the default site.
func openConsole(ctx context.Context, addr, token string) (*websocket.Conn, error) {
	cookie := http.Header{"Cookie": {"careloop_session=" + token}}
	d := websocket.Dialer{Subprotocols: []string{"careloop-console.v1"}, HandshakeTimeout: answerWithin}
	var me struct {
		Sites []struct{ Key string }
	}
	if err := consoleGet(ctx, addr, token, "/v1/console/session", &me); err != nil {
		return nil, err
	}
	if len(me.Sites) == 0 {
		return nil, errors.New("the agent has no site")
	}
	conn, _, err := d.DialContext(ctx, "ws://"+addr+"/v1/console/live", cookie)
	if err != nil {
		return nil, fmt.Errorf("open the console's socket: %w", err)
	}
	if err := conn.WriteJSON(map[string]any{"type": "hello", "site": me.Sites[0].Key}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if _, err := consoleUntil(conn, func(f frame) bool { return f.Type == "welcome" }); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func consoleGet(ctx context.Context, addr, token, path string, into any) error {
	return consoleAsk(ctx, http.MethodGet, addr, token, path, nil, into)
}

// consoleAsk asks the console's interface, as whoever has the session's token, and
// reads the answer.
func consoleAsk(ctx context.Context, method, addr, token, path string, body io.Reader, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+addr+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.AddCookie(&http.Cookie{Name: "careloop_session", Value: token})
	res, err := direct.Do(r)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %s", path, res.Status, data)
	}
	return json.Unmarshal(data, into)
}

// consoleUntil reads to the first frame that fits, and tells when it was there.
func consoleUntil(conn *websocket.Conn, fits func(frame) bool) (time.Time, error) {
	for {
		_ = conn.SetReadDeadline(time.Now().Add(answerWithin)) // never fails
		_, data, err := conn.ReadMessage()
		at := time.Now()
		if err != nil {
			return at, err
		}
		var f frame
		if err := json.Unmarshal(data, &f); err != nil {
			return at, err
		}
		if f.Type == "error" {
			return at, fmt.Errorf("refused: %s", f.Code)
		}
		if fits(f) {
			return at, nil
		}
	}
}

// readOn lets shoppers read until their sockets are closed, as browsers do: one
// that does not answer pings is given up.
func readOn(shoppers []*shopper) {
	for _, s := range shoppers {
		_ = s.conn.SetReadDeadline(time.Time{}) // never fails
		go func() {
			for {
				if _, _, err := s.conn.ReadMessage(); err != nil {
					return
				}
			}
		}()
	}
}

// inBackground lets shoppers write, one after the other, until the function that it returns is called. It may be called again.
func inBackground(shoppers []*shopper) (stop func()) {
	done := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		tick := time.NewTicker(backgroundEvery)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			s := shoppers[n%len(shoppers)]
			_ = s.conn.WriteJSON(map[string]string{"type": "message", "client_id": fmt.Sprintf("b_%d", n), "text": "Is there any news of my parcel?"})
		}
	})
	var once sync.Once
	return func() {
		once.Do(func() { close(done) })
		all.Wait()
	}
}

// screenRound sends n messages, one at a time, and reads each at the console.
func screenRound(s *shopper, console *websocket.Conn, n, round int) ([]time.Duration, error) {
	var out []time.Duration
	for i := range n {
		time.Sleep(messageEvery)
		client := fmt.Sprintf("s_%d_%d", round, i)
		began := time.Now()
		if err := s.conn.WriteJSON(map[string]string{"type": "message", "client_id": client, "text": "Where is my parcel?"}); err != nil {
			return nil, err
		}
		at, err := consoleUntil(console, func(f frame) bool { return f.Type == "event" && f.ClientID == client })
		if err != nil {
			return nil, err
		}
		out = append(out, at.Sub(began))
		for { // the shopper's own acknowledgement
			f, _, err := s.next()
			if err != nil {
				return nil, err
			}
			if f.Type == "event" && f.ClientID == client {
				break
			}
		}
	}
	return out, nil
}

func bareScreenRound(ctx context.Context, conn *pgx.Conn, addr string, n int) ([]time.Duration, error) {
	echo, _, err := dialer.DialContext(ctx, "ws://"+addr+"/", nil)
	if err != nil {
		return nil, err
	}
	defer echo.Close()
	var out []time.Duration
	for range n {
		began := time.Now()
		if _, err := conn.Exec(ctx, `insert into bench_bare values (now(), 'Where is my parcel?')`); err != nil {
			return nil, err
		}
		if err := echo.WriteMessage(websocket.TextMessage, []byte(`{"type":"message","text":"Where is my parcel?"}`)); err != nil {
			return nil, err
		}
		if _, _, err := echo.ReadMessage(); err != nil {
			return nil, err
		}
		out = append(out, time.Since(began))
	}
	return out, nil
}

// measureOpening opens a conversation of 500 events: as the console does, which
// reads its head and the newest hundred, and whole, over the socket.
func measureOpening(ctx context.Context, p plan, w *world, t *table, conn *pgx.Conn, console *websocket.Conn, token, id string) error {
	if _, err := conn.Exec(ctx, `
		with more as (
			insert into events (conversation_id, seq, kind, author_kind, text)
			select c.id, n, 'message', 'shopper', 'Is there any news of my parcel? It was to be here days ago.'
			from conversations c, generate_series(c.last_seq + 1, $2::bigint) n where c.id = $1
		) update conversations set last_seq = greatest(last_seq, $2) where id = $1`, id, timelineEvents); err != nil {
		return err
	}
	var site string
	var last int64
	if err := conn.QueryRow(ctx, `select s.key, c.last_seq from conversations c join sites s on s.id = c.site_id where c.id = $1`, id).Scan(&site, &last); err != nil {
		return err
	}
	path := "/v1/console/sites/" + site + "/conversations/" + id
	var opened, whole []time.Duration
	for range p.messages {
		began := time.Now()
		for _, part := range []string{"", "/events"} {
			var answer map[string]any
			if err := consoleGet(ctx, w.server.addr, token, path+part, &answer); err != nil {
				return err
			}
		}
		opened = append(opened, time.Since(began))
		began = time.Now()
		for _, open := range []string{"", id} {
			if err := console.WriteJSON(map[string]any{"type": "open", "conversation_id": open, "after_seq": 0}); err != nil {
				return err
			}
		}
		at, err := consoleUntil(console, func(f frame) bool { return f.Type == "event" && f.Seq == last })
		if err != nil {
			return err
		}
		whole = append(whole, at.Sub(began))
		time.Sleep(200 * time.Millisecond) // no socket sends faster than it may
	}
	add := func(what string, took []time.Duration) {
		t.add(row{what: fmt.Sprintf("%s, conversation of %d events, p50 (p99)", what, last),
			careloop: fmt.Sprintf("%s (%s)", ms(median(took)), ms(quantile(took, 0.99))), ratio: ratioOf(0, 0)})
	}
	add("open: head and newest 100 events", opened)
	add("open: every event over the socket", whole)
	return nil
}
