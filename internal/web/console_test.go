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

// Both sides at once: a shopper and two agents see each other, and what is said
// among agents stays there.
func TestShopperAndAgents(t *testing.T) {
	o := newOffice(t)
	ada, bo := o.agent("Ada <i>", o.site), o.agent("Bo", o.site)
	first := o.console(ada, "")

	shopper := dial(t, o.address, nil)
	token := shopper.hello("").VisitorToken
	shopper.say("c_1", "Where is <b>my</b> order?")
	id := shopper.expectEvent(1).ConversationID
	path := "/sites/demo/conversations/" + id
	row := first.until("row", func(f map[string]any) bool { return at(f, "row", "id") == id })
	if at(row, "row", "last_text") != "Where is <b>my</b> order?" || at(row, "row", "assignee") != nil || at(row, "row", "unread") != false {
		t.Errorf("the row is %v", row)
	}

	// Opened by two, who see each other.
	first.send(fmt.Sprintf(`{"type":"open","conversation_id":%q,"after_seq":0}`, id))
	if e := first.until("event", nil); at(e, "seq") != 1.0 || at(e, "text") != "Where is <b>my</b> order?" {
		t.Errorf("the event is %v", e)
	}
	second := o.console(bo, fmt.Sprintf(`,"conversation_id":%q,"after_seq":1`, id))
	second.until("looking", has("agent_id", ada.ID))
	first.until("looking", has("agent_id", bo.ID))
	if list := o.must(ada, http.MethodGet, path, nil)["looking"].([]any); len(list) != 1 || at(list, 0, "name") != "Bo" {
		t.Errorf("looking are %v", list)
	}

	// A note: agents alone read it.
	secret := "VERY <secret> note"
	o.must(ada, http.MethodPost, path+"/notes", map[string]any{"client_id": "n1", "text": secret, "mentions": []string{bo.ID}})
	if e := second.until("event", has("kind", "note")); e["text"] != secret {
		t.Errorf("the note is %v", e)
	}
	if n := second.until("notify", nil); n["kind"] != notifyMention || n["text"] != secret || n["title"] != "Ada <i>" {
		t.Errorf("the notice is %v", n)
	}
	if list := o.must(bo, http.MethodGet, "/sites/demo/mentions?unread=true", nil)["items"].([]any); len(list) != 1 {
		t.Errorf("mentions %v", list)
	}

	// Typing and reading, both ways.
	first.send(fmt.Sprintf(`{"type":"typing","conversation_id":%q}`, id))
	if f := second.until("typing", nil); f["by"] != "agent" || f["name"] != "Ada <i>" {
		t.Errorf("typing is %v", f)
	}
	o.bus.Publish(assist.Signal{SiteID: o.site.ID, ShopperID: o.shopperOf(id), ConversationID: id, Typing: &assist.Typing{By: assist.ByShopper}})
	if f := first.until("typing", nil); f["by"] != "shopper" {
		t.Errorf("typing is %v", f)
	}
	second.send(fmt.Sprintf(`{"type":"read","conversation_id":%q,"seq":99}`, id))
	if f := first.until("read", nil); f["by"] != "agent" || f["seq"] != 2.0 {
		t.Errorf("read is %v", f)
	}

	// The reply claims it; the other is told who has it.
	reply := o.must(ada, http.MethodPost, path+"/messages", map[string]any{"client_id": "m1", "text": "On its way, <b>really</b>."})
	if at(reply, "event", "text") != "On its way, <b>really</b>." || at(reply, "row", "assignee", "name") != "Ada <i>" || len(reply["events"].([]any)) != 2 {
		t.Errorf("replied %v", reply)
	}
	again := o.must(ada, http.MethodPost, path+"/messages", map[string]any{"client_id": "m1", "text": "again"})
	if at(again, "event", "seq") != at(reply, "event", "seq") {
		t.Errorf("again %v", again)
	}
	if p := o.refused(http.StatusConflict, "claimed", bo, http.MethodPost, path+"/messages", map[string]any{"client_id": "m2", "text": "Me too"}); at(p, "claimed_by", "id") != ada.ID {
		t.Errorf("told %v", p)
	}
	o.refused(http.StatusConflict, "claimed", bo, http.MethodPost, path+"/claim", nil)
	second.until("event", has("seq", at(reply, "event", "seq")))
	shopper.say("c_2", "Thank you")
	if n := first.until("notify", nil); n["kind"] != notifyMessage || n["text"] != "Thank you" {
		t.Errorf("the notice is %v", n)
	}
	o.must(ada, http.MethodPost, path+"/transfer", map[string]any{"agent_id": bo.ID, "note": "yours, " + secret})
	if n := second.until("notify", has("kind", notifyAssigned)); n["conversation_id"] != id {
		t.Errorf("the notice is %v", n)
	}

	// What the shopper has seen of all this, on the socket, on coming back, and
	// over REST.
	var seen []string
	for seq := int64(2); seq <= 7; seq++ {
		g := shopper.expectSeq(seq)
		seen = append(seen, g.Kind+" "+g.Text)
	}
	back := dial(t, o.address, nil)
	back.hello(fmt.Sprintf(`,"visitor_token":%q`, token))
	for seq := int64(1); seq <= 7; seq++ {
		g := back.expectSeq(seq)
		seen = append(seen, g.Kind+" "+g.Text)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.address+"/v1/conversations/"+id+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	seen = append(seen, string(data))
	all := strings.Join(seen, "\n")
	if strings.Contains(all, "secret") || !strings.Contains(all, "really") || strings.Count(all, "internal") < 5 {
		t.Errorf("the shopper sees:\n%s", all)
	}

	// Resolved, and nothing can be said any more until it is opened again.
	o.must(bo, http.MethodPost, path+"/resolve", nil)
	o.refused(http.StatusConflict, "closed", bo, http.MethodPost, path+"/messages", map[string]any{"client_id": "m3", "text": "x"})
	if list := o.must(bo, http.MethodGet, "/sites/demo/conversations?view=resolved", nil)["items"].([]any); len(list) != 1 {
		t.Errorf("resolved are %v", list)
	}
	o.must(bo, http.MethodPost, path+"/reopen", nil)
	o.must(bo, http.MethodPost, path+"/hand-back", nil)
	if list := o.must(bo, http.MethodGet, "/sites/demo/conversations?view=mine", nil)["items"].([]any); len(list) != 0 {
		t.Errorf("mine are %v", list)
	}
}

// expectSeq reads to the event of a seq; hints in between do not matter.
func (c *client) expectSeq(seq int64) got {
	c.t.Helper()
	for {
		if g := c.next(); g.Type == "event" {
			if g.Seq != seq {
				c.t.Fatalf("event %d, want %d", g.Seq, seq)
			}
			return g
		}
	}
}

func (o *office) shopperOf(conversation string) (id string) {
	o.t.Helper()
	if err := o.db.Pool().QueryRow(o.t.Context(), `select shopper_id from conversations where id = $1`, conversation).Scan(&id); err != nil {
		o.t.Fatal(err)
	}
	return id
}

// conversation makes one with so many messages of its shopper.
func (o *office) conversation(messages int) string {
	o.t.Helper()
	shopper, err := o.db.CreateShopper(o.t.Context(), assist.Shopper{SiteID: o.site.ID}, []byte(uuid.NewString()))
	if err != nil {
		o.t.Fatal(err)
	}
	id := ""
	for i := range messages {
		did, err := mouth{db: o.db, bus: o.bus}.Say(o.t.Context(), assist.Visit{SiteID: o.site.ID, ShopperID: shopper.ID, ClientID: fmt.Sprint(i)}, fmt.Sprint("message ", i+1))
		if err != nil {
			o.t.Fatal(err)
		}
		id = did.Conversation.ID
	}
	return id
}

// Nobody reaches what is not theirs, by any route.
func TestRightsOfAgents(t *testing.T) {
	o := newOffice(t)
	other, err := o.db.EnsureSite(t.Context(), assist.Site{Key: "other"})
	if err != nil {
		t.Fatal(err)
	}
	ada, mallory := o.agent("Ada", o.site), o.agent("Mallory", other)
	id := o.conversation(1)
	foreign := o.server.inboxRoutes()
	if len(foreign) < 20 {
		t.Fatalf("only %d routes", len(foreign))
	}
	for _, r := range foreign {
		method, path, _ := strings.Cut(r, " ")
		fill := strings.NewReplacer("{site}", "demo", "{id}", id, "{turn}", id, "{draft}", id, "{filter}", id, "{macro}", id)
		path = fill.Replace(strings.TrimPrefix(path, "/v1/console"))
		if strings.HasSuffix(path, "/search") {
			path += "?q=x"
		}
		body := map[string]any{"client_id": "x", "text": "x", "name": "x", "query": map[string]any{"view": "all"}, "tags": []string{}, "wish": "x", "tone": "warmer"}
		for _, field := range []string{"client_id", "text", "name", "query", "tags", "wish", "tone"} {
			if !wanted(r, field) {
				delete(body, field)
			}
		}
		var sent any = body
		if method == http.MethodGet || method == http.MethodDelete || len(body) == 0 && !strings.HasSuffix(path, "transfer") {
			sent = nil
		}
		o.refused(http.StatusUnauthorized, "signed_out", account.Person{}, method, path, sent)
		o.refused(http.StatusNotFound, "unknown_site", mallory, method, path, sent)
		if strings.Contains(r, "/conversations/{id}") {
			own := strings.Replace(path, "/sites/demo/", "/sites/other/", 1)
			status, answer := o.ask(mallory, method, own, sent)
			if code := answer["code"]; status != http.StatusNotFound || code != "unknown_conversation" && code != "unknown_turn" {
				if !(strings.Contains(r, "/drafts") || strings.Contains(r, "/suggestions")) { // nobody writes drafts here
					t.Errorf("%s %s: %d %v", method, own, status, answer)
				}
			}
		}
	}
	if list := o.must(ada, http.MethodGet, "/sites/demo/conversations?view=all", nil)["items"].([]any); len(list) != 1 || at(list, 0, "last_seq") != 1.0 {
		t.Errorf("after all this there are %v", list)
	}
	// From another site's page.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.address+"/v1/console/sites/demo/conversations/"+id+"/claim", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: ada.ID})
	r.Header.Set("Origin", "https://evil.example")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("from another origin: %d", res.StatusCode)
	}
}

// inboxRoutes are the inbox's routes, from the document that describes them.
func (s *Server) inboxRoutes() []string {
	var list []string
	for path, item := range s.consoleDocument.Paths {
		if !strings.HasPrefix(path, pathSite+"/") {
			continue
		}
		for method, op := range map[string]bool{http.MethodGet: item.Get != nil, http.MethodPost: item.Post != nil, http.MethodPut: item.Put != nil, http.MethodDelete: item.Delete != nil} {
			if op {
				list = append(list, method+" "+path)
			}
		}
	}
	slices.Sort(list)
	return list
}

// wanted tells whether a route takes a field.
func wanted(route, field string) bool {
	return slices.Contains(map[string][]string{
		"messages": {"client_id", "text"}, "notes": {"client_id", "text"}, "tags": {"tags"}, "summary": {"wish"},
		"filters": {"name", "query"}, "macros": {"name", "text"}, "{macro}": {"name", "text"}, "drafts": {"tone"},
	}[route[strings.LastIndex(route, "/")+1:]], field)
}

func TestUnsupportedFactsNeedASecondKey(t *testing.T) {
	o := newOffice(t)
	ada, id := o.agent("Ada", o.site), o.conversation(1)
	o.judge = func(text string) []inbox.Fact {
		if i := strings.Index(text, "30 €"); i >= 0 {
			return []inbox.Fact{{Start: i, End: i + 4, Text: "30 €"}}
		}
		return nil
	}
	path := "/sites/demo/conversations/" + id + "/messages"
	message := map[string]any{"client_id": "m1", "text": "You get 30 € back"}
	if p := o.refused(http.StatusUnprocessableEntity, "unsupported", ada, http.MethodPost, path, message); at(p, "facts", 0, "text") != "30 €" || at(p, "facts", 0, "start") != 8.0 {
		t.Errorf("told %v", p)
	}
	message["confirm_unsupported"] = true
	o.must(ada, http.MethodPost, path, message)
	o.must(ada, http.MethodPost, path, map[string]any{"client_id": "m2", "text": "It is on its way"})
	for name, bad := range map[string]map[string]any{
		"empty_text":      {"client_id": "m3", "text": "  \n"},
		"too_long":        {"client_id": "m3", "text": strings.Repeat("x", inbox.MaxReply+1)},
		"bad_client_id":   {"client_id": "m 3", "text": "x"},
		"unknown_article": {"client_id": "m3", "text": "x [1]", "citations": []any{map[string]any{"n": 1, "article_id": id}}},
	} {
		o.refused(http.StatusUnprocessableEntity, name, ada, http.MethodPost, path, bad)
	}
}

func TestConsoleComesBack(t *testing.T) {
	o := newOffice(t)
	ada, id := o.agent("Ada", o.site), o.conversation(3)
	w := o.console(ada, fmt.Sprintf(`,"conversation_id":%q,"after_seq":1`, id))
	for seq := 2; seq <= 3; seq++ {
		if e := w.until("event", nil); e["seq"] != float64(seq) {
			t.Fatalf("event %v, want %d", e, seq)
		}
	}
	_ = w.conn.Close()
	path := "/sites/demo/conversations/" + id
	for i := range 70 { // more than a page of the store
		o.must(ada, http.MethodPost, path+"/notes", map[string]any{"client_id": fmt.Sprint("n", i), "text": fmt.Sprint("note ", i)})
	}
	w = o.console(ada, fmt.Sprintf(`,"conversation_id":%q,"after_seq":3`, id))
	go func() {
		for i := range 30 {
			_, _ = o.server.Inbox.Note(context.WithoutCancel(t.Context()), inbox.Act{SiteID: o.site.ID, ConversationID: id, Agent: inbox.Name{ID: ada.ID, Name: "Ada"}, ClientID: fmt.Sprint("l", i)}, "live", nil)
		}
	}()
	for seq := 4; seq <= 103; seq++ {
		if e := w.until("event", nil); e["seq"] != float64(seq) {
			t.Fatalf("event %v, want %d", e["seq"], seq)
		}
	}
	// A gap that the bus leaves is filled from the store.
	o.exec(`update conversations set last_seq = 105 where id = $1`, id)
	o.exec(`insert into events (conversation_id, seq, kind, author_kind, text) values ($1, 104, 'note', 'agent', 'lost'), ($1, 105, 'note', 'agent', 'found')`, id)
	o.bus.Publish(assist.Signal{SiteID: o.site.ID, ShopperID: o.shopperOf(id), ConversationID: id, Event: &assist.Event{ConversationID: id, Seq: 105, Kind: assist.KindNote, Text: "found"}})
	if e := w.until("event", nil); e["text"] != "lost" {
		t.Errorf("after a gap came %v", e)
	}
	if e := w.until("event", nil); e["text"] != "found" {
		t.Errorf("after a gap came %v", e)
	}
	// Pages of the timeline, both ways.
	for query, want := range map[string]string{"": "6-105 true", "?before_seq=6": "1-5 false", "?after_seq=100": "101-105 false", "?after_seq=10&limit=5": "11-15 true"} {
		page := o.must(ada, http.MethodGet, path+"/events"+query, nil)
		list := page["events"].([]any)
		if got := fmt.Sprintf("%v-%v %v", at(list, 0, "seq"), at(list, len(list)-1, "seq"), page["more"]); got != want {
			t.Errorf("%q gives %s, want %s", query, got, want)
		}
	}
}

func TestConsoleIsRefused(t *testing.T) {
	o := newOffice(t)
	other, err := o.db.EnsureSite(t.Context(), assist.Site{Key: "other"})
	if err != nil {
		t.Fatal(err)
	}
	ada, mallory := o.agent("Ada", o.site), o.agent("Mallory", other)
	for name, tc := range map[string]struct {
		who   account.Person
		frame string
		code  string
		close int
	}{
		"nobody":         {account.Person{ID: "nobody"}, `{"type":"hello","site":"demo"}`, "signed_out", closeWho},
		"another's site": {mallory, `{"type":"hello","site":"demo"}`, "unknown_site", closeForbidden},
		"no such site":   {ada, `{"type":"hello","site":"nope"}`, "unknown_site", closeForbidden},
		"no hello":       {ada, `{"type":"open","conversation_id":""}`, "hello_expected", closeWho},
		"no frame":       {ada, `{"type":"nope"}`, "bad_frame", closeBadFrame},
		"no JSON":        {ada, `hello`, "bad_frame", closeBadFrame},
	} {
		t.Run(name, func(t *testing.T) {
			w := o.knock(tc.who)
			w.t = t
			w.send(tc.frame)
			w.expectError(tc.code)
			w.expectClose(tc.close)
		})
	}
	w := o.console(ada, "")
	w.send(fmt.Sprintf(`{"type":"open","conversation_id":%q,"after_seq":0}`, uuid.NewString()))
	w.until("error", has("code", "unknown_conversation"))
	w.send(`{"type":"open","conversation_id":"nonsense","after_seq":0}`)
	w.until("error", has("code", "unknown_conversation"))
	w.send(`{"type":"hello","site":"demo"}`)
	w.until("error", has("code", "hello_again"))

	// A session that ends closes what it holds open, and the agent is gone.
	w = o.console(ada, "")
	colleague := o.console(o.agent("Bo", o.site), "")
	o.must(ada, http.MethodDelete, "/sessions/"+ada.ID, nil)
	w.until("error", has("code", "signed_out"))
	w.expectClose(closeWho)
	colleague.until("presence", func(f map[string]any) bool { return f["agent_id"] == ada.ID && f["online"] == false })

	// Rights that are taken away are gone from an open console, too.
	bo := o.agent("Cy", o.site)
	w = o.console(bo, "")
	o.exec(`delete from agent_sites where agent_id = $1`, bo.ID)
	w.until("error", has("code", "unknown_site"))
	w.expectClose(closeForbidden)
}

// An agent who comes gets what waits, and is told of it; so is who watches.
func TestComingGivesOutTheQueue(t *testing.T) {
	o := newOffice(t)
	ada, id := o.agent("Ada", o.site), o.conversation(1)
	o.exec(`update agents set capacity = 1`)
	o.exec(`update conversations set waiting_since = now() where id = $1`, id)
	second := o.conversation(1)
	w := o.console(ada, "")
	if n := w.until("notify", has("kind", notifyAssigned)); n["conversation_id"] != id {
		t.Errorf("the notice is %v", n)
	}
	// The second waits, for there is no room; handing the first back makes some.
	o.exec(`update conversations set waiting_since = now() where id = $1`, second)
	o.must(ada, http.MethodPost, "/sites/demo/conversations/"+id+"/hand-back", nil)
	told, counted := false, false
	for !told || !counted {
		f := w.frame()
		told = told || f["kind"] == notifyAssigned && f["conversation_id"] == second
		counted = counted || at(f, "counts", "mine") == 1.0 && at(f, "counts", "waiting") == 1.0
	}
	// Away, then there again.
	o.must(ada, http.MethodPut, "/presence", map[string]any{"presence": "away"})
	w.until("presence", has("online", false))
	o.must(ada, http.MethodPut, "/presence", map[string]any{"presence": "online"})
	w.until("presence", has("online", true))
	people := o.must(ada, http.MethodGet, "/sites/demo/people", nil)
	if at(people, "agents", 0, "online") != true || at(people, "agents", 0, "open") != 1.0 {
		t.Errorf("people are %v", people)
	}
}

// A draft streams to those who have the conversation open, and never to the
// shopper.
func TestDraftsAreForAgents(t *testing.T) {
	o := newOffice(t)
	ada, id := o.agent("Ada", o.site), o.conversation(1)
	draft := uuid.NewString()
	o.exec(`insert into drafts (id, site_id, conversation_id, for_seq, state, text, unsupported) values ($1, $2, $3, 1, 'ready', 'Dear shopper', '[{"start":0,"end":4,"text":"Dear"}]')`, draft, o.site.ID, id)
	w := o.console(ada, fmt.Sprintf(`,"conversation_id":%q`, id))
	to := assist.Signal{SiteID: o.site.ID, ShopperID: o.shopperOf(id), ConversationID: id}
	to.Draft = &assist.DraftDelta{DraftID: draft, ForSeq: 1, Offset: 5, Text: "shopper"}
	o.bus.Publish(to)
	if f := w.until("draft", nil); f["text"] != "shopper" || f["offset"] != 5.0 || f["conversation_id"] != id || f["done"] != false {
		t.Errorf("the draft is %v", f)
	}
	to.Draft = &assist.DraftDelta{DraftID: draft, ForSeq: 1, Done: true}
	o.bus.Publish(to)
	if f := w.until("draft", nil); at(f, "draft", "text") != "Dear shopper" || at(f, "draft", "unsupported", 0, "text") != "Dear" {
		t.Errorf("the draft is %v", f)
	}
	if opened := o.must(ada, http.MethodGet, "/sites/demo/conversations/"+id, nil); at(opened, "draft", "id") != draft || at(opened, "packet") != nil {
		t.Errorf("opened %v", opened)
	}
}
