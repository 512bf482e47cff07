package postgres

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// team is a shop with agents.
type team struct {
	shop
	in Inbox
}

func newTeam(t testing.TB) team {
	s := newShop(t)
	return team{s, s.Inbox()}
}

// agent makes an agent of the shop who is not online.
func (s team) agent(t testing.TB, name string, capacity int) inbox.Name {
	t.Helper()
	id := must(newID())(t)
	s.exec(t, `insert into agents (id, email, name, role, capacity) values ($1, $2, $3, 'agent', $4)`, id, id+"@shop.example", name, capacity)
	s.exec(t, `insert into agent_sites (agent_id, site_id) values ($1, $2)`, id, s.site.ID)
	return inbox.Name{ID: id, Name: name}
}

// online makes an agent whose console is open.
func (s team) online(t testing.TB, name string, capacity int) inbox.Name {
	t.Helper()
	a := s.agent(t, name, capacity)
	must(s.in.Arrive(t.Context(), "socket of "+a.ID, a.ID))(t)
	return a
}

func (s team) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := s.pool.Exec(context.WithoutCancel(t.Context()), query, args...); err != nil {
		t.Fatal(err)
	}
}

// conversation makes one of a new shopper, with one message.
func (s team) conversation(t testing.TB) assist.Conversation {
	t.Helper()
	s.shopper = newShopper(t, s.DB, s.site)
	return s.opened(t, "r").Conversation
}

// escalate passes a conversation on, as the end of a turn does.
func (s team) escalate(t testing.TB, c assist.Conversation, w wait) placed {
	t.Helper()
	p, err := s.tryEscalate(t.Context(), c, w)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s team) tryEscalate(ctx context.Context, c assist.Conversation, w wait) (p placed, err error) {
	if w.since.IsZero() {
		w.since = storable(time.Now())
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if c, err = scanConversation(tx.QueryRow(ctx, sqlLockForAssignment, c.ID)); err != nil {
			return err
		}
		if p, err = place(ctx, tx, &c, w); err != nil || p.event == nil {
			return err
		}
		b := &pgx.Batch{}
		queueEvent(b, &c, p.event, nil)
		return runBatch(ctx, tx, b)
	})
	return p, err
}

func (s team) act(c assist.Conversation, who inbox.Name, clientID string) inbox.Act {
	return inbox.Act{SiteID: s.site.ID, SiteKey: s.site.Key, ConversationID: c.ID, Agent: who, ClientID: clientID}
}

func (s team) now(t testing.TB, c assist.Conversation) assist.Conversation {
	t.Helper()
	return must(s.in.Conversation(t.Context(), s.site.ID, c.ID))(t)
}

func (s team) row(t testing.TB, c assist.Conversation) inbox.Row {
	t.Helper()
	rows := must(s.in.Rows(t.Context(), s.site.ID, []string{c.ID}))(t)
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	return rows[0]
}

func TestTwoAgentsClaimAtOnce(t *testing.T) {
	s := newTeam(t)
	c := s.conversation(t)
	s.escalate(t, c, wait{})
	agents := make([]inbox.Name, 8)
	for i := range agents {
		agents[i] = s.agent(t, fmt.Sprint("Agent ", i), 5)
	}
	winners, losers := make(chan inbox.Name, len(agents)), make(chan inbox.Name, len(agents))
	together(len(agents), func(i int) {
		done, err := s.in.Claim(t.Context(), s.act(c, agents[i], ""))
		if holder, claimed := inbox.Holder(err); claimed {
			losers <- holder
		} else if err != nil {
			t.Error(err)
		} else if len(done.Events) != 1 || done.Events[0].Assignment.AgentID != agents[i].ID {
			t.Errorf("did %+v", done)
		} else {
			winners <- agents[i]
		}
	})
	if len(winners) != 1 || len(losers) != 7 {
		t.Fatalf("%d won, %d lost", len(winners), len(losers))
	}
	winner := <-winners
	for range 7 {
		if told := <-losers; told != winner {
			t.Errorf("a loser was told of %+v, it was %+v", told, winner)
		}
	}
	got := s.now(t, c)
	if got.AssigneeID != winner.ID || got.Charge != assist.PersonInCharge || got.WaitingSince == nil {
		t.Errorf("it became %+v", got)
	}
	// Again by the one who has it: nothing happens.
	if again := must(s.in.Claim(t.Context(), s.act(c, winner, "")))(t); len(again.Events) != 0 || again.Conversation.LastSeq != got.LastSeq {
		t.Errorf("again did %+v", again)
	}
	if n := count(t, s.DB, `select count(*) from events where kind = 'assignment'`); n != 1 {
		t.Errorf("%d assignments", n)
	}
}

func TestClaimEndsTheBotsTurn(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	did := s.opened(t, "r")
	a := s.agent(t, "Ada", 5)
	done := must(s.in.Claim(ctx, s.act(did.Conversation, a, "")))(t)
	if done.SupersededTurnID != did.Turn.ID {
		t.Errorf("did %+v", done)
	}
	_, err := s.FinishTurn(ctx, answer(did.Turn.ID, "r"))
	wantCode(t, err, assist.CodeTurnOver)
	// While a person is in charge a message opens no turn, and the shopper waits.
	next := must(s.Accept(ctx, s.say(did.Conversation.ID, "c2", "Are you there?", "r")))(t)
	if next.Turn != nil || s.now(t, did.Conversation).WaitingSince == nil {
		t.Errorf("did %+v", next)
	}
	back := must(s.in.HandBack(ctx, s.act(did.Conversation, a, "")))(t)
	if c := s.now(t, did.Conversation); c.Charge != assist.BotInCharge || c.AssigneeID != "" || c.WaitingSince != nil ||
		len(back.Events) != 1 || back.Events[0].Change != assist.ChangeHandedBack || back.Events[0].AgentID != a.ID {
		t.Errorf("handed back %+v, did %+v", c, back)
	}
	if again := must(s.Accept(ctx, s.say(did.Conversation.ID, "c3", "And now?", "r")))(t); again.Turn == nil {
		t.Error("the bot does not answer after the conversation was handed back")
	}
}

func TestReply(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	did := s.opened(t, "r")
	c := did.Conversation
	s.escalate(t, c, wait{})
	s.exec(t, `insert into handoffs (site_id, conversation_id, seq) values ($1, $2, 1)`, s.site.ID, c.ID)
	a, b := s.agent(t, "Ada", 5), s.agent(t, "Bo <b>", 5)
	html := `<img src=x onerror="alert(1)"> & "quotes"`
	done := must(s.in.Reply(ctx, s.act(c, b, "m1"), inbox.Reply{Text: html}))(t)
	if len(done.Events) != 2 || done.Events[0].Kind != assist.KindAssignment || done.SupersededTurnID != did.Turn.ID {
		t.Fatalf("did %+v", done)
	}
	said := done.Events[1]
	if said.Kind != assist.KindMessage || said.Text != html || said.Author != (assist.Author{Kind: assist.ByAgent, Name: "Bo <b>"}) ||
		said.AgentID != b.ID || said.ClientID != "m1" || said.Seq != 3 {
		t.Errorf("said %+v", said)
	}
	// What is stored is what was told.
	events := must(s.in.EventsAfter(ctx, s.site.ID, c.ID, 1, 10))(t)
	if fmt.Sprint(events[1]) != fmt.Sprint(said) {
		t.Errorf("stored %+v, told %+v", events[1], said)
	}
	again := must(s.in.Reply(ctx, s.act(c, b, "m1"), inbox.Reply{Text: "other", Resolve: true}))(t)
	if !again.Duplicate || len(again.Events) != 1 || again.Events[0].Text != html {
		t.Errorf("again did %+v", again)
	}
	now := s.now(t, c)
	if now.WaitingSince != nil || now.AssigneeID != b.ID || now.State != assist.Open {
		t.Errorf("it became %+v", now)
	}
	if row := s.row(t, c); row.Unread || row.LastAuthor != "agent" || row.LastText != preview(html) || row.Assignee.Name != "Bo <b>" {
		t.Errorf("the row is %+v", row)
	}
	if n := count(t, s.DB, `select count(*) from handoffs where state = 'closed' and replied_at is not null and claimed_at is not null and agent_id = $1`, b.ID); n != 1 {
		t.Errorf("%d handoffs were answered", n)
	}
	if n := count(t, s.DB, `select count(*) from river_job where kind = 'letter_due' and queue = 'letters' and state = 'scheduled'
		and args->>'conversation_id' = $1 and (args->>'seq')::int = 3 and scheduled_at between now() + interval '30 seconds' and now() + interval '2 minutes'`, c.ID); n != 1 {
		t.Errorf("%d letters are due", n)
	}
	// Somebody else may not answer, and learns who does.
	_, err := s.in.Reply(ctx, s.act(c, a, "m2"), inbox.Reply{Text: "Hi"})
	if holder, ok := inbox.Holder(err); !ok || holder != b {
		t.Errorf("another agent got %v", err)
	}
	for name, act := range map[string]func(context.Context, inbox.Act) (inbox.Done, error){"resolve": s.in.Resolve, "hand back": s.in.HandBack, "claim": s.in.Claim} {
		if _, err := act(ctx, s.act(c, a, "")); assist.CodeOf(err) != inbox.CodeClaimed {
			t.Errorf("%s by another agent: %v", name, err)
		}
	}
	closing := must(s.in.Reply(ctx, s.act(c, b, "m3"), inbox.Reply{Text: "Bye", Resolve: true}))(t)
	if len(closing.Events) != 2 || closing.Events[1].Change != assist.ChangeResolved || closing.Conversation.State != assist.Closed {
		t.Errorf("closing did %+v", closing)
	}
	_, err = s.in.Reply(ctx, s.act(c, b, "m4"), inbox.Reply{Text: "One more thing"})
	wantCode(t, err, inbox.CodeClosed)
	for name, act := range map[string]func(context.Context, inbox.Act) (inbox.Done, error){"claim": s.in.Claim, "hand back": s.in.HandBack} {
		if _, err := act(ctx, s.act(c, b, "")); assist.CodeOf(err) != inbox.CodeClosed {
			t.Errorf("%s of a closed conversation: %v", name, err)
		}
	}
	_, err = s.in.Transfer(ctx, s.act(c, b, ""), inbox.Transfer{AgentID: a.ID})
	wantCode(t, err, inbox.CodeClosed)
	if done := must(s.in.Resolve(ctx, s.act(c, b, "")))(t); len(done.Events) != 0 {
		t.Errorf("resolving again did %+v", done)
	}
	reopened := must(s.in.Reopen(ctx, s.act(c, a, "")))(t)
	if len(reopened.Events) != 2 || reopened.Events[0].Change != assist.ChangeReopened || reopened.Conversation.AssigneeID != a.ID ||
		s.now(t, c).Charge != assist.PersonInCharge {
		t.Errorf("reopening did %+v", reopened)
	}
}

// The same message fifty times, at once: one is stored.
func TestRepliesAreIdempotent(t *testing.T) {
	s := newTeam(t)
	c, a := s.conversation(t), s.agent(t, "Ada", 5)
	together(50, func(int) {
		done, err := s.in.Reply(t.Context(), s.act(c, a, "same"), inbox.Reply{Text: "Hello"})
		if err != nil {
			t.Error(err)
		} else if last := done.Events[len(done.Events)-1]; last.Seq != 3 || last.Text != "Hello" {
			t.Errorf("did %+v", done)
		}
	})
	if n := count(t, s.DB, `select count(*) from events where conversation_id = $1`, c.ID); n != 3 {
		t.Errorf("%d events", n)
	}
}

// A reply and the end of the bot's turn, at once: either the bot's answer stands
// before the reply, or there is none.
func TestReplyRacesTheBot(t *testing.T) {
	s := newTeam(t)
	a := s.agent(t, "Ada", 5)
	for range 20 {
		s.shopper = newShopper(t, s.DB, s.site)
		did := s.opened(t, "r")
		var finished, replied error
		together(2, func(i int) {
			if i == 0 {
				_, finished = s.FinishTurn(t.Context(), answer(did.Turn.ID, "r"))
			} else {
				_, replied = s.in.Reply(t.Context(), s.act(did.Conversation, a, "m"), inbox.Reply{Text: "Hello"})
			}
		})
		if replied != nil || finished != nil && assist.CodeOf(finished) != assist.CodeTurnOver {
			t.Fatal(replied, finished)
		}
		events := must(s.in.EventsAfter(t.Context(), s.site.ID, did.Conversation.ID, 0, 10))(t)
		var order []string
		for _, e := range events {
			order = append(order, string(e.Author.Kind)+" "+string(e.Kind))
		}
		want := "shopper message, agent assignment, agent message"
		if finished == nil {
			want = "shopper message, bot message, agent assignment, agent message"
		}
		if got := strings.Join(order, ", "); got != want {
			t.Errorf("the timeline is %s", got)
		}
	}
}

func TestTransfer(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	c := s.conversation(t)
	a, b := s.agent(t, "Ada", 5), s.agent(t, "Bo", 5)
	must(s.in.Claim(ctx, s.act(c, a, "")))(t)
	done := must(s.in.Transfer(ctx, s.act(c, a, ""), inbox.Transfer{AgentID: b.ID, Note: "You know <them>"}))(t)
	if len(done.Events) != 2 || done.Events[0].Kind != assist.KindNote || done.Events[0].Text != "You know <them>" ||
		fmt.Sprint(done.Events[0].Mentions) != fmt.Sprint([]string{b.ID}) ||
		*done.Events[1].Assignment != (assist.Assignment{AgentID: b.ID, AgentName: "Bo"}) || done.Events[1].AgentID != a.ID {
		t.Errorf("did %+v", done)
	}
	// Whoever wants it may take it over, visibly.
	if taken := must(s.in.Transfer(ctx, s.act(c, a, ""), inbox.Transfer{AgentID: a.ID}))(t); taken.Conversation.AssigneeID != a.ID {
		t.Errorf("taking over did %+v", taken)
	}
	teamID := must(newID())(t)
	s.exec(t, `insert into teams (id, site_id, name) values ($1, $2, 'Returns')`, teamID, s.site.ID)
	passed := must(s.in.Transfer(ctx, s.act(c, a, ""), inbox.Transfer{TeamID: teamID}))(t)
	if got := s.now(t, c); got.TeamID != teamID || got.AssigneeID != "" || got.Charge != assist.BotInCharge || got.WaitingSince == nil ||
		passed.Events[0].Assignment.TeamName != "Returns" {
		t.Errorf("it became %+v, did %+v", got, passed)
	}
	if row := s.row(t, c); row.Team == nil || row.Team.Name != "Returns" || row.Assignee != nil {
		t.Errorf("the row is %+v", row)
	}
	back := must(s.in.Transfer(ctx, s.act(c, a, ""), inbox.Transfer{}))(t)
	if got := s.now(t, c); got.TeamID != "" || len(back.Events) != 1 || *back.Events[0].Assignment != (assist.Assignment{}) {
		t.Errorf("it became %+v, did %+v", got, back)
	}
	stranger := must(newID())(t)
	s.exec(t, `insert into agents (id, email, name, role) values ($1, 'stranger', 'Stranger', 'agent')`, stranger)
	for _, id := range []string{stranger, must(newID())(t), "nonsense"} {
		_, err := s.in.Transfer(ctx, s.act(c, a, ""), inbox.Transfer{AgentID: id})
		wantCode(t, err, inbox.CodeUnknownAgent)
		_, err = s.in.Transfer(ctx, s.act(c, a, ""), inbox.Transfer{TeamID: id})
		wantCode(t, err, inbox.CodeUnknownTeam)
	}
	s.exec(t, `update agents set disabled_at = now() where id = $1`, b.ID)
	_, err := s.in.Transfer(ctx, s.act(c, a, ""), inbox.Transfer{AgentID: b.ID})
	wantCode(t, err, inbox.CodeUnknownAgent)
}

// Another site's conversations are unknown, whatever one tries.
func TestForeignConversationsAreUnknownToAgents(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	c := s.conversation(t)
	other := s
	other.site = must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	a := other.agent(t, "Mallory", 5)
	for _, id := range []string{c.ID, must(newID())(t), "nonsense", "", "{" + c.ID + "}"} {
		act := other.act(assist.Conversation{ID: id}, a, "m")
		for name, do := range map[string]func() error{
			"claim":     func() error { _, err := s.in.Claim(ctx, act); return err },
			"transfer":  func() error { _, err := s.in.Transfer(ctx, act, inbox.Transfer{AgentID: a.ID}); return err },
			"hand back": func() error { _, err := s.in.HandBack(ctx, act); return err },
			"resolve":   func() error { _, err := s.in.Resolve(ctx, act); return err },
			"reopen":    func() error { _, err := s.in.Reopen(ctx, act); return err },
			"reply":     func() error { _, err := s.in.Reply(ctx, act, inbox.Reply{Text: "x"}); return err },
			"note":      func() error { _, err := s.in.Note(ctx, act, "x", nil); return err },
			"tags":      func() error { _, err := s.in.SetTags(ctx, other.site.ID, id, []string{"x"}); return err },
			"wish":      func() error { _, err := s.in.SetWish(ctx, other.site.ID, id, "x"); return err },
			"read":      func() error { _, _, _, err := s.in.MarkRead(ctx, other.site.ID, a.ID, id, 1); return err },
			"open":      func() error { _, err := s.in.Open(ctx, other.site.ID, id); return err },
			"events":    func() error { _, err := s.in.EventsAfter(ctx, other.site.ID, id, 0, 10); return err },
			"newest":    func() error { _, err := s.in.EventsBefore(ctx, other.site.ID, id, 0, 10); return err },
			"find":      func() error { _, err := s.in.Conversation(ctx, other.site.ID, id); return err },
		} {
			if err := do(); assist.CodeOf(err) != assist.CodeUnknownConversation {
				t.Errorf("%s of %q: %v", name, id, err)
			}
		}
		if rows := must(s.in.Rows(ctx, other.site.ID, []string{id}))(t); len(rows) != 0 {
			t.Errorf("another site sees %+v", rows)
		}
	}
	for _, view := range []inbox.View{inbox.Mine, inbox.Waiting, inbox.All, inbox.Resolved} {
		for _, f := range []inbox.Filter{{View: view}, {View: view, Words: "hello"}, {View: view, Person: c.ID}, {View: view, Person: c.ShopperID}} {
			if rows := must(s.in.List(ctx, inbox.Query{SiteID: other.site.ID, AgentID: a.ID, Filter: f, Limit: 10}))(t); len(rows) != 0 {
				t.Errorf("%+v shows %+v", f, rows)
			}
		}
	}
	if n := count(t, s.DB, `select last_seq from conversations where id = $1`, c.ID); n != 1 {
		t.Errorf("the conversation has %d events", n)
	}
}

// A shopper who writes into what was resolved is answered: by the bot first.
func TestShopperReopens(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	c, a := s.opened(t, "r").Conversation, s.agent(t, "Ada", 5)
	must(s.in.Reply(ctx, s.act(c, a, "m"), inbox.Reply{Text: "Done", Resolve: true}))(t)
	did := must(s.Accept(ctx, s.say(c.ID, "c2", "It is broken again", "r")))(t)
	if did.Turn == nil || len(did.Replies) != 1 || did.Replies[0].Change != assist.ChangeReopened || did.Conversation.State != assist.Open {
		t.Errorf("did %+v", did)
	}
	if got := s.now(t, c); got.State != assist.Open || got.Charge != assist.BotInCharge || got.AssigneeID != "" {
		t.Errorf("it became %+v", got)
	}
	must(s.FinishTurn(ctx, answer(did.Turn.ID, "r")))(t)
}

func TestNotesTagsWishAndRead(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	did := s.opened(t, "r")
	c := did.Conversation
	a, b := s.agent(t, "Ada", 5), s.agent(t, "Bo", 5)
	note := must(s.in.Note(ctx, s.act(c, a, "n1"), "Look <b>here</b>", []string{b.ID, must(newID())(t), "nonsense"}))(t)
	if e := note.Events[0]; e.Kind != assist.KindNote || fmt.Sprint(e.Mentions) != fmt.Sprint([]string{b.ID}) || e.ClientID != "n1" {
		t.Errorf("noted %+v", e)
	}
	if again := must(s.in.Note(ctx, s.act(c, a, "n1"), "x", nil))(t); !again.Duplicate {
		t.Errorf("again did %+v", again)
	}
	if s.now(t, c).Charge != assist.BotInCharge || s.row(t, c).LastText != "Hello?" {
		t.Error("a note changed more than the timeline")
	}
	unread := func(who inbox.Name) int { return len(must(s.in.Mentions(ctx, s.site.ID, who.ID, true, 10))(t)) }
	list := must(s.in.Mentions(ctx, s.site.ID, b.ID, false, 10))(t)
	if len(list) != 1 || list[0].Text != "Look <b>here</b>" || list[0].By != "Ada" || !list[0].Unread || unread(a) != 0 || unread(b) != 1 {
		t.Errorf("mentions %+v", list)
	}
	if _, upTo, news, err := s.in.MarkRead(ctx, s.site.ID, a.ID, c.ID, 99); err != nil || upTo != 2 || !news {
		t.Errorf("read up to %d, %v, %v", upTo, news, err)
	}
	if unread(b) != 1 {
		t.Error("what another agent has read counts as read")
	}
	if _, upTo, news, err := s.in.MarkRead(ctx, s.site.ID, b.ID, c.ID, 2); err != nil || upTo != 2 || news || unread(b) != 0 {
		t.Errorf("read up to %d, %v, %v; %d unread", upTo, news, err, unread(b))
	}
	if _, err := s.in.SetTags(ctx, s.site.ID, c.ID, []string{"vip", "a, b"}); err != nil || fmt.Sprint(s.row(t, c).Tags) != "[vip a, b]" {
		t.Errorf("tags %v, %v", s.row(t, c).Tags, err)
	}
	_, err := s.in.SetWish(ctx, s.site.ID, c.ID, "Wants the red one")
	wantCode(t, err, inbox.CodeNoHandoff)
	s.exec(t, `insert into handoffs (site_id, conversation_id, seq, wish, orders, passages) values ($1, $2, 1, 'x', '{1001}', '[{"title":"Returns","url":"/r","quote":"30 days"}]')`, s.site.ID, c.ID)
	must(s.in.SetWish(ctx, s.site.ID, c.ID, "Wants the red one"))(t)
	o := must(s.in.Open(ctx, s.site.ID, c.ID))(t)
	if o.Packet == nil || o.Packet.Wish != "Wants the red one" || o.Packet.Passages[0].Quote != "30 days" || o.Packet.Orders[0] != "1001" ||
		o.Shopper.ID != s.shopper.ID || o.Shopper.Conversations != 1 || o.Conversation.AgentReadSeq != 2 {
		t.Errorf("opened %+v", o)
	}
}

func TestFiltersAndMacros(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	a, b := s.agent(t, "Ada", 5), s.agent(t, "Bo", 5)
	f := must(s.in.SaveFilter(ctx, s.site.ID, a.ID, inbox.SavedFilter{Name: "VIP", Query: inbox.Filter{View: inbox.All, Tag: "vip"}}))(t)
	_, err := s.in.SaveFilter(ctx, s.site.ID, a.ID, inbox.SavedFilter{Name: "VIP"})
	wantCode(t, err, inbox.CodeNameTaken)
	if list := must(s.in.Filters(ctx, s.site.ID, a.ID))(t); len(list) != 1 || list[0] != f {
		t.Errorf("filters %+v", list)
	}
	if list := must(s.in.Filters(ctx, s.site.ID, b.ID))(t); len(list) != 0 {
		t.Errorf("another's filters %+v", list)
	}
	wantCode(t, s.in.DropFilter(ctx, s.site.ID, b.ID, f.ID), inbox.CodeUnknownFilter)
	if err := s.in.DropFilter(ctx, s.site.ID, a.ID, f.ID); err != nil {
		t.Error(err)
	}
	for i := range inbox.MaxFilters {
		must(s.in.SaveFilter(ctx, s.site.ID, a.ID, inbox.SavedFilter{Name: fmt.Sprint(i)}))(t)
	}
	_, err = s.in.SaveFilter(ctx, s.site.ID, a.ID, inbox.SavedFilter{Name: "one more"})
	wantCode(t, err, inbox.CodeTooMany)

	m := must(s.in.AddMacro(ctx, s.site.ID, a.ID, inbox.Macro{Name: "Sorry", Text: "I am sorry, {shopper}. 100% _"}))(t)
	must(s.in.AddMacro(ctx, s.site.ID, a.ID, inbox.Macro{Name: "Late parcel", Text: "Sorry for the wait"}))(t)
	_, err = s.in.AddMacro(ctx, s.site.ID, a.ID, inbox.Macro{Name: "Sorry", Text: "x"})
	wantCode(t, err, inbox.CodeNameTaken)
	if list := must(s.in.Macros(ctx, s.site.ID, "sorry", 10))(t); len(list) != 2 || list[0].ID != m.ID {
		t.Errorf("macros %+v", list)
	}
	if list := must(s.in.Macros(ctx, s.site.ID, "100% _", 10))(t); len(list) != 1 {
		t.Errorf("macros %+v", list)
	}
	m.Text = "I am so sorry"
	must(s.in.ChangeMacro(ctx, s.site.ID, m))(t)
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	_, err = s.in.ChangeMacro(ctx, other.ID, m)
	wantCode(t, err, inbox.CodeUnknownMacro)
	wantCode(t, s.in.DropMacro(ctx, other.ID, m.ID), inbox.CodeUnknownMacro)
	if err := s.in.DropMacro(ctx, s.site.ID, m.ID); err != nil {
		t.Error(err)
	}
}
