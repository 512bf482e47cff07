package web

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/internal/account"
)

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
		body := map[string]any{"client_id": "x", "text": "x", "name": "x", "query": map[string]any{"view": "all"}, "tags": []string{}, "wish": "x", "tone": "warmer",
			"time_zone": "UTC", "hours": []any{}, "holidays": []any{}, "mail_from": "", "markdown": "x"}
		for field := range maps.Clone(body) {
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

// inboxRoutes are the inbox's, from the document that describes them.
func (s *Server) inboxRoutes() []string {
	var list []string
	for path, item := range s.consoleDocument.Paths {
		for method, op := range map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete} {
			if op != nil && slices.Contains(op.Tags, tagInbox) {
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
		"filters": {"name", "query"}, "teams": {"name"}, "settings": {"name", "time_zone", "hours", "holidays", "mail_from"}, "care-guide": {"markdown"}, "macros": {"name", "text"}, "{macro}": {"name", "text"}, "drafts": {"tone"},
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
		"empty_text":    {"client_id": "m3", "text": "  \n"},
		"too_long":      {"client_id": "m3", "text": strings.Repeat("x", inbox.MaxReply+1)},
		"bad_client_id": {"client_id": "m 3", "text": "x"},
	} {
		o.refused(http.StatusUnprocessableEntity, name, ada, http.MethodPost, path, bad)
	}
	o.refused(http.StatusNotFound, "unknown_article", ada, http.MethodPost, path,
		map[string]any{"client_id": "m3", "text": "x [1]", "citations": []any{map[string]any{"n": 1, "article_id": id}}})
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
