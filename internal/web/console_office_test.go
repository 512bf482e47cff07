package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/internal/account"
	"github.com/careloop/careloop/internal/live"
	"github.com/careloop/careloop/internal/pgtest"
	"github.com/careloop/careloop/internal/postgres"
)

// office is a shop with agents over a real database and a real bus; the bot says
// nothing.
type office struct {
	t       *testing.T
	db      *postgres.DB
	bus     *live.Bus
	server  *Server
	address string
	site    assist.Site
	door    *door
	judge   func(text string) []inbox.Fact
}

// door lets people in by a cookie that is their id.
type door struct {
	Accounts
	mu     sync.Mutex
	people map[string]account.Person
	ended  map[string]bool
}

func (d *door) Who(_ context.Context, token string) (account.Person, account.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.people[token]
	if !ok || d.ended[token] {
		return p, account.Session{}, &assist.Error{Code: account.CodeSignedOut}
	}
	return p, account.Session{ID: token}, nil
}

func (d *door) Ended(_ context.Context, ids []string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !d.ended[id] }), nil
}

func (d *door) EndSession(_ context.Context, _ account.Person, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended[id] = true
	return nil
}

// mouth takes what shoppers say; nobody answers by itself.
type mouth struct {
	Desk
	db  *postgres.DB
	bus *live.Bus
}

func (m mouth) Say(ctx context.Context, v assist.Visit, text string) (assist.Accepted, error) {
	did, err := m.db.Accept(ctx, assist.AcceptMessage{Visit: v, Text: text, Owner: "test", Lease: time.Minute, RescueAfter: time.Hour})
	if err == nil {
		c := did.Conversation
		m.bus.Publish(assist.Signal{SiteID: c.SiteID, ShopperID: c.ShopperID, ConversationID: c.ID, Event: &did.Event})
	}
	return did, err
}

func (mouth) Writing(string) (turnID, state, text string, ok bool) { return "", "", "", false }

func newOffice(t *testing.T) *office {
	ctx := t.Context()
	db, err := postgres.Open(ctx, pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	bus, err := live.Open(live.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	o := &office{t: t, db: db, bus: bus, door: &door{people: map[string]account.Person{}, ended: map[string]bool{}}}
	if o.site, err = db.EnsureSite(ctx, assist.Site{Key: "demo", Locale: "en"}); err != nil {
		t.Fatal(err)
	}
	desk, err := inbox.New(inbox.Options{Store: db.Inbox(), Bus: bus, Log: quiet,
		Judge: func(_ context.Context, _, _, text string, _ []string) ([]inbox.Fact, error) {
			if o.judge == nil {
				return nil, nil
			}
			return o.judge(text), nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	o.server, o.address = serve(t, newWorld(), func(options *Options) {
		options.Store, options.Desk, options.Signals = db, mouth{db: db, bus: bus}, bus
		options.Inbox, options.Accounts = desk, o.door
		options.Editor = &article.Editor{Store: db.Articles()}
		options.Timing.Sessions, options.Timing.Renew = 20*time.Millisecond, 20*time.Millisecond
	})
	bus.OnResync(o.server.hub.resync)
	return o
}

// agent makes somebody who answers for the sites; their id is their cookie.
func (o *office) agent(name string, sites ...assist.Site) account.Person {
	o.t.Helper()
	p := account.Person{ID: uuid.NewString(), Name: name, Locale: "en", Role: account.Agent}
	o.exec(`insert into agents (id, email, name, role, capacity) values ($1, $2, $3, 'agent', 0)`, p.ID, p.ID+"@shop.example", name)
	for _, s := range sites {
		p.SiteKeys = append(p.SiteKeys, s.Key)
		o.exec(`insert into agent_sites (agent_id, site_id) values ($1, $2)`, p.ID, s.ID)
	}
	o.door.mu.Lock()
	defer o.door.mu.Unlock()
	o.door.people[p.ID] = p
	return p
}

// admin makes somebody who looks after the sites.
func (o *office) admin(name string, sites ...assist.Site) account.Person {
	o.t.Helper()
	p := o.agent(name, sites...)
	o.exec(`update agents set role = 'admin' where id = $1`, p.ID)
	o.door.mu.Lock()
	defer o.door.mu.Unlock()
	p.Role = account.Admin
	o.door.people[p.ID] = p
	return p
}

func (o *office) exec(query string, args ...any) {
	o.t.Helper()
	if _, err := o.db.Pool().Exec(o.t.Context(), query, args...); err != nil {
		o.t.Fatal(err)
	}
}

// ask sends a request as an agent and decodes the answer; body may be nil.
func (o *office) ask(who account.Person, method, path string, body any) (status int, answer map[string]any) {
	o.t.Helper()
	packed, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	if body == nil {
		packed = nil
	}
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.address+"/v1/console"+path, bytes.NewReader(packed))
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if who.ID != "" {
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: who.ID})
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &answer); err != nil {
			o.t.Fatalf("%s %s: %s", method, path, data)
		}
	}
	if strings.Contains(string(data), `:null`) && strings.Contains(string(data), `s":null`) {
		o.t.Errorf("%s %s sends a list as null: %s", method, path, data)
	}
	return res.StatusCode, answer
}

// must is ask that must not fail.
func (o *office) must(who account.Person, method, path string, body any) map[string]any {
	o.t.Helper()
	status, answer := o.ask(who, method, path, body)
	if status >= 300 {
		o.t.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	return answer
}

// refused is ask that must fail with a code.
func (o *office) refused(status int, code string, who account.Person, method, path string, body any) map[string]any {
	o.t.Helper()
	got, answer := o.ask(who, method, path, body)
	if got != status || answer["code"] != code || answer["detail"] == "" {
		o.t.Errorf("%s %s: %d %v, want %d %s", method, path, got, answer, status, code)
	}
	return answer
}

// console opens an agent's socket and says hello.
func (o *office) console(who account.Person, hello string) *wire {
	o.t.Helper()
	w := o.knock(who)
	w.send(`{"type":"hello","site":"demo"` + hello + `}`)
	w.until("welcome", nil)
	return w
}

func (o *office) knock(who account.Person) *wire {
	o.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{consoleSubprotocol}, HandshakeTimeout: patience}
	conn, _, err := d.Dial("ws"+strings.TrimPrefix(o.address, "http")+"/v1/console/live",
		http.Header{"Cookie": {sessionCookie + "=" + who.ID}})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = conn.Close() })
	return &wire{client{o.t, conn}}
}

// wire is a console's end of its socket.
type wire struct{ client }

// until reads to the first frame of a type that fits.
func (w *wire) until(kind string, fits func(f map[string]any) bool) map[string]any {
	w.t.Helper()
	for {
		if f := w.frame(); f["type"] == kind && (fits == nil || fits(f)) {
			return f
		}
	}
}

func (w *wire) frame() (f map[string]any) {
	w.t.Helper()
	_ = w.conn.SetReadDeadline(time.Now().Add(patience))
	_, data, err := w.conn.ReadMessage()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(data, &f); err != nil {
		w.t.Fatalf("frame %s", data)
	}
	return f
}

func has(field string, value any) func(map[string]any) bool {
	return func(f map[string]any) bool { return fmt.Sprint(f[field]) == fmt.Sprint(value) }
}

// at finds a value by the names on the way to it.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}
