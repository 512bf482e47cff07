package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/storetest"
)

// addAgent makes an agent of the shop; one who is online has a console open.
func (s shop) addAgent(t testing.TB, name string, online bool) string {
	t.Helper()
	id := must(newID())(t)
	ctx := t.Context()
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{"insert into agents (id, email, name, role, capacity) values ($1, $2, $2, 'agent', 2)", []any{id, name}},
		{"insert into agent_sites (agent_id, site_id) values ($1, $2)", []any{id, s.site.ID}},
		{"insert into presences (socket_id, agent_id) select $1::text, $1::text::uuid where $2::boolean", []any{id, online}},
	} {
		if _, err := s.pool.Exec(ctx, q.sql, q.args...); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// escalating ends a turn by passing the conversation on; the situation that the
// words were made of is kept in s.
func escalating(turnID, owner string, s *assist.Situation) assist.FinishTurn {
	f := answer(turnID, owner)
	f.Text, f.Citations = "", nil
	f.Outcome, f.Reason, f.Escalation = assist.Escalated, assist.ReasonFeeling, asked("", "")
	f.Escalation.Reason = assist.ReasonFeeling
	f.Escalation.Tell = func(_ assist.Packet, now assist.Situation) string {
		*s = now
		return "Passed on."
	}
	return f
}

func TestEscalationWithNobodyThere(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	s.addAgent(t, "Mia", false)
	did := s.opened(t, "r")
	var told assist.Situation
	done := must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
	e := done.Event
	if e.Text != "Passed on." || e.Outcome != assist.Escalated || e.Seq != 2 || len(done.Replies) != 0 {
		t.Errorf("the event is %+v, replies %+v", e, done.Replies)
	}
	want := assist.Handoff{State: assist.HandoffPassed, Reason: assist.ReasonFeeling, Summary: "Hello?", Queue: 1, AskEmail: true}
	if e.Handoff == nil || *e.Handoff != want {
		t.Errorf("the handoff is %+v", e.Handoff)
	}
	if told.Online != 0 || told.Agent != "" || told.Queue != 1 || !told.AskEmail || told.Waited || told.Locale != "en" {
		t.Errorf("told of %+v", told)
	}
	c := must(s.Conversation(ctx, s.shopper.ID, e.ConversationID))(t)
	if c.Charge != assist.BotInCharge || c.WaitingSince == nil || c.AssigneeID != "" {
		t.Errorf("the conversation is %+v", c)
	}
	if n := count(t, s.DB, `select count(*) from handoffs where reason = 'anger_or_distress' and wish = 'Hello?' and feeling = 'angry'
		and topic = 'wrong_item' and orders = '{1001}' and tried->0->>'question' = 'Hello?' and passages->0->>'title' = 'Returns'
		and seq = 2 and agent_id is null and state = 'open'`); n != 1 {
		t.Error("the packet is not whole")
	}
	if n := count(t, s.DB, `select count(*) from conversations where topic = 'wrong_item' and feeling = 'angry' and urgency = 1
		and escalated_at is not null and waiting_since is not null`); n != 1 {
		t.Error("the conversation's row is not whole")
	}
	if n := count(t, s.DB, `select count(*) from turns where outcome = 'escalated' and reason = 'anger_or_distress'`); n != 1 {
		t.Error("the turn's row is not whole")
	}

	// A second escalation of the same wait is no second handoff, and asks for no
	// address again.
	next := must(s.Accept(ctx, s.say("", "c2", "Hello??", "r")))(t)
	done = must(s.FinishTurn(ctx, escalating(next.Turn.ID, "r", &told)))(t)
	if !told.Waited || told.AskEmail || done.Event.Handoff.AskEmail {
		t.Errorf("told of %+v", told)
	}
	if n := count(t, s.DB, "select count(*) from handoffs"); n != 1 {
		t.Errorf("%d handoffs", n)
	}
}

func TestEscalationToAFreeAgent(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	mia := s.addAgent(t, "Mia", true)
	did := s.opened(t, "r")
	var told assist.Situation
	done := must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
	if told.Agent != "Mia" || told.Online != 1 || done.Event.Handoff.AskEmail || done.Event.Handoff.Queue != 0 {
		t.Errorf("told of %+v, %+v", told, done.Event.Handoff)
	}
	if len(done.Replies) != 1 || done.Replies[0].Seq != 3 || done.Replies[0].Kind != assist.KindAssignment ||
		*done.Replies[0].Assignment != (assist.Assignment{AgentID: mia, AgentName: "Mia"}) {
		t.Errorf("replies %+v", done.Replies)
	}
	if done.Conversation.Charge != assist.PersonInCharge || done.Conversation.AssigneeID != mia || done.Conversation.LastSeq != 3 {
		t.Errorf("the conversation is %+v", done.Conversation)
	}
	if n := count(t, s.DB, "select count(*) from handoffs where agent_id is not null and claimed_at is not null"); n != 1 {
		t.Error("the handoff does not say who has it")
	}
	next := must(s.Accept(ctx, s.say("", "c2", "Are you there?", "r")))(t)
	if next.Turn != nil {
		t.Error("the bot answers beside a person")
	}
	wish := must(s.AcceptHandoff(ctx, assist.AcceptHandoff{Visit: s.visit("", "h"), Escalation: asked("ada@example.org", "")}))(t)
	if len(wish.Replies) != 1 || wish.Conversation.ReplyEmail != "ada@example.org" || wish.Conversation.Charge != assist.PersonInCharge {
		t.Errorf("a wish for a person beside a person: %+v", wish)
	}
}

func TestQueueIsByUrgencyAndThenByWaiting(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	s.addAgent(t, "Mia", true)
	var queue []int
	for i, urgency := range []int{0, 0, 0, 0, 2, 1} {
		who := s
		who.shopper = newShopper(t, s.DB, s.site)
		did := must(s.Accept(ctx, who.say("", "c", "Hello?", "r")))(t)
		var told assist.Situation
		f := escalating(did.Turn.ID, "r", &told)
		pack := f.Escalation.Pack
		f.Escalation.Pack = func(m []assist.Event) assist.Packet {
			p := pack(m)
			p.Urgency = urgency
			return p
		}
		must(s.FinishTurn(ctx, f))(t)
		if i < 2 && told.Agent != "Mia" {
			t.Errorf("number %d was not given to the agent, who had room", i)
		}
		queue = append(queue, told.Queue)
	}
	if want := []int{0, 0, 1, 2, 1, 2}; !slices.Equal(queue, want) {
		t.Errorf("the places are %v, want %v", queue, want)
	}
}

func TestTeamByTopic(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	s.addAgent(t, "Mia", true)
	noor := s.addAgent(t, "Noor", true)
	if _, err := s.pool.Exec(ctx, `with t as (insert into teams (id, site_id, name, topics) values (gen_random_uuid(), $1, 'Returns', '{wrong_item}') returning id)
		insert into team_members (team_id, agent_id) select id, $2 from t`, s.site.ID, noor); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		who := s
		who.shopper = newShopper(t, s.DB, s.site)
		did := must(s.Accept(ctx, who.say("", "c", "Hello?", "r")))(t)
		var told assist.Situation
		must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
	}
	if n := count(t, s.DB, "select count(*) from conversations where assignee_id = $1 and team_id is not null", noor); n != 2 {
		t.Errorf("Noor has %d, and room for 2", n)
	}
	if n := count(t, s.DB, "select count(*) from conversations where assignee_id is null and team_id is not null and charge = 'bot'"); n != 1 {
		t.Errorf("%d wait for the team", n)
	}
}

func TestWaitIsTheMedianOfRecentOnes(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	for i, minutes := range []int{1, 2, 4, 9, 30} {
		if _, err := s.pool.Exec(ctx, `insert into conversations (id, site_id, shopper_id, locale) values (gen_random_uuid(), $1, $2, 'en')`, s.site.ID, s.shopper.ID); err != nil {
			t.Fatal(err)
		}
		who := s
		who.shopper = newShopper(t, s.DB, s.site)
		did := must(s.Accept(ctx, who.say("", "c", "Hello?", "r")))(t)
		var told assist.Situation
		must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
		if told.Wait != 0 {
			t.Errorf("after %d replies a wait of %s is claimed", i, told.Wait)
		}
		if _, err := s.pool.Exec(ctx, "update handoffs set state = 'closed', replied_at = created_at + $1::interval where state = 'open'", fmt.Sprint(minutes, " minutes")); err != nil {
			t.Fatal(err)
		}
	}
	did := s.opened(t, "r")
	var told assist.Situation
	done := must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
	if told.Wait != 4*time.Minute || done.Event.Handoff.WaitSeconds != 240 {
		t.Errorf("the wait is %s, %+v", told.Wait, done.Event.Handoff)
	}
}

func TestKnownAddressIsNotAskedFor(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	known := must(s.CreateShopper(ctx, assist.Shopper{SiteID: s.site.ID, ExternalID: "42", Email: "ada@example.org"}, tokenHash("t")))(t)
	s.shopper = known
	did := s.opened(t, "r")
	var told assist.Situation
	done := must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
	if told.Email != "ada@example.org" || told.AskEmail || done.Conversation.ReplyEmail != "ada@example.org" {
		t.Errorf("told of %+v", told)
	}
}

// Where no letters go out, an address is kept for the agents, and the shopper is
// promised nothing by it.
func TestNoLetterIsPromisedThatCannotBeSent(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	did := s.opened(t, "r")
	var told assist.Situation
	f := escalating(did.Turn.ID, "r", &told)
	f.Escalation.Letters = false
	done := must(s.FinishTurn(ctx, f))(t)
	if told.AskEmail || done.Event.Handoff.AskEmail {
		t.Errorf("an address is asked for: %+v", told)
	}
	wish := asked("ada@example.org", "")
	wish.Letters = false
	acc := must(s.AcceptHandoff(ctx, assist.AcceptHandoff{Visit: s.visit("", "h1"), Escalation: wish}))(t)
	if acc.Conversation.ReplyEmail != "ada@example.org" || len(acc.Replies) != 1 || acc.Replies[0].Handoff.Email != "" {
		t.Errorf("%+v, %+v", acc.Conversation, acc.Replies)
	}
}

// An agent takes the conversation while the bot's turn ends: one of them wins,
// and the bot never speaks beside a person.
func TestClaimAgainstFinish(t *testing.T) {
	s := newShop(t)
	mia := s.addAgent(t, "Mia", false)
	for i := range 20 {
		who := s
		who.shopper = newShopper(t, s.DB, s.site)
		did := must(s.Accept(t.Context(), who.say("", "c", "Hello?", "r")))(t)
		var over bool
		together(2, func(n int) {
			if n == 0 {
				if _, err := s.pool.Exec(t.Context(), "update conversations set charge = 'person', assignee_id = $2 where id = $1", did.Conversation.ID, mia); err != nil {
					t.Error(err)
				}
				return
			}
			f := answer(did.Turn.ID, "r")
			if i%2 == 0 {
				var told assist.Situation
				f = escalating(did.Turn.ID, "r", &told)
			}
			_, err := s.FinishTurn(t.Context(), f)
			over = assist.CodeOf(err) == assist.CodeTurnOver
			if err != nil && !over {
				t.Error(err)
			}
		})
		events := must(s.Events(t.Context(), who.shopper.ID, did.Conversation.ID, 0, 10))(t)
		if want := map[bool]int{true: 1, false: 2}[over]; len(events) != want {
			t.Errorf("over %v, and %d events", over, len(events))
		}
		if c := must(s.Conversation(t.Context(), who.shopper.ID, did.Conversation.ID))(t); c.Charge != assist.PersonInCharge || c.AssigneeID != mia {
			t.Errorf("the conversation is %+v", c)
		}
	}
}

// Many escalate at once: no agent gets more than they have room for.
func TestEscalationsAtOnceKeepToCapacity(t *testing.T) {
	s := newShop(t)
	ids := []string{s.addAgent(t, "Mia", true), s.addAgent(t, "Noor", true)}
	turns := make([]string, 12)
	for i := range turns {
		who := s
		who.shopper = newShopper(t, s.DB, s.site)
		turns[i] = must(s.Accept(t.Context(), who.say("", "c", "Hello?", "r")))(t).Turn.ID
	}
	together(len(turns), func(i int) {
		var told assist.Situation
		if _, err := s.FinishTurn(t.Context(), escalating(turns[i], "r", &told)); err != nil {
			t.Error(err)
		}
	})
	for _, id := range ids {
		if n := count(t, s.DB, "select count(*) from conversations where assignee_id = $1", id); n > 2 {
			t.Errorf("an agent with room for 2 has %d", n)
		}
	}
	if n := count(t, s.DB, "select count(*) from conversations where waiting_since is not null"); n != len(turns) {
		t.Errorf("%d wait, want all %d", n, len(turns))
	}
}

func TestSummaryIsCorrected(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	correct := func(id, conversation, text string) (assist.Accepted, error) {
		return s.AcceptSummary(ctx, assist.AcceptSummary{Visit: s.visit(conversation, id), Text: text})
	}
	did := s.opened(t, "r")
	_, err := correct("s1", did.Conversation.ID, "The blue one")
	wantCode(t, err, assist.CodeNoHandoff)
	var told assist.Situation
	must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
	got := must(correct("s2", did.Conversation.ID, "The blue one"))(t)
	if got.Event.Kind != assist.KindHandoff || *got.Event.Handoff != (assist.Handoff{State: assist.HandoffCorrected, Summary: "The blue one"}) || got.Turn != nil {
		t.Errorf("did %+v", got)
	}
	if again := must(correct("s2", did.Conversation.ID, "The blue one"))(t); !again.Duplicate {
		t.Errorf("again did %+v", again)
	}
	if n := count(t, s.DB, "select count(*) from handoffs where wish = 'The blue one' and corrected_at is not null"); n != 1 {
		t.Error("the packet does not hold the correction")
	}
	stranger := newShopper(t, s.DB, s.site)
	_, err = s.AcceptSummary(ctx, assist.AcceptSummary{Visit: assist.Visit{SiteID: s.site.ID, ShopperID: stranger.ID, ConversationID: did.Conversation.ID, ClientID: "x"}, Text: "mine"})
	wantCode(t, err, assist.CodeUnknownConversation)
}

func TestShopperReads(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	did := s.opened(t, "r")
	must(s.FinishTurn(ctx, answer(did.Turn.ID, "r")))(t)
	for _, c := range []struct{ seq, want int64 }{{1, 1}, {99, 2}, {1, 2}} {
		if got := must(s.ShopperRead(ctx, s.shopper.ID, did.Conversation.ID, c.seq))(t); got != c.want {
			t.Errorf("read to %d, noted %d, want %d", c.seq, got, c.want)
		}
	}
	_, err := s.ShopperRead(ctx, newShopper(t, s.DB, s.site).ID, did.Conversation.ID, 1)
	wantCode(t, err, assist.CodeUnknownConversation)
	_, err = s.ShopperRead(ctx, s.shopper.ID, "nonsense", 1)
	wantCode(t, err, assist.CodeUnknownConversation)
}

// A resolved conversation is opened again by what the shopper writes; after two
// weeks a new one begins.
func TestMessageAfterTheEnd(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	mia := s.addAgent(t, "Mia", true)
	did := s.opened(t, "r")
	c := did.Conversation.ID
	var told assist.Situation
	must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
	resolve := func(ago string) {
		if _, err := s.pool.Exec(ctx, "update conversations set state = 'closed', resolved_at = now() - $2::interval where id = $1", c, ago); err != nil {
			t.Fatal(err)
		}
	}
	resolve("1 day")
	if latest := must(s.LatestConversation(ctx, s.shopper.ID))(t); latest.ID != c {
		t.Error("the resolved conversation is not found again")
	}
	again := must(s.Accept(ctx, s.say("", "c2", "One more thing", "r")))(t)
	if again.Conversation.ID != c || again.Turn == nil || again.Conversation.Charge != assist.BotInCharge || again.Conversation.AssigneeID != "" ||
		len(again.Replies) != 1 || again.Replies[0].Change != assist.ChangeReopened || again.Replies[0].Seq != again.Event.Seq+1 {
		t.Errorf("did %+v", again)
	}
	if n := count(t, s.DB, "select count(*) from handoffs where state = 'open'"); n != 0 {
		t.Error("the old handoff is open")
	}
	if n := count(t, s.DB, "select count(*) from conversations where state = 'open' and assignee_id = $1", mia); n != 0 {
		t.Error("the agent still has it")
	}
	resolve("15 days")
	_, err := s.LatestConversation(ctx, s.shopper.ID)
	wantCode(t, err, assist.CodeUnknownConversation)
	fresh := must(s.Accept(ctx, s.say("", "c3", "Years later", "r")))(t)
	if fresh.Conversation.ID == c {
		t.Error("an old conversation came back")
	}
	rated := must(s.AcceptRating(ctx, assist.AcceptRating{Visit: s.visit(c, "rate"), Rating: assist.Rating{EventSeq: 2, Score: 1}}))(t)
	if rated.Conversation.State != assist.Closed {
		t.Error("a rating opens nothing")
	}
}

// A turn may end without a word where the shopper waits for a person.
func TestTurnWithoutAWord(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	did := s.opened(t, "r")
	f := answer(did.Turn.ID, "r")
	f.Text, f.Citations, f.Outcome = "", nil, assist.Escalated
	done := must(s.FinishTurn(ctx, f))(t)
	if done.Event.Seq != 0 || done.Conversation.LastSeq != 1 || strings.TrimSpace(done.Event.Text) != "" {
		t.Errorf("did %+v", done)
	}
	if n := count(t, s.DB, "select count(*) from turns where state = 'finished'"); n != 1 {
		t.Error("the turn has not ended")
	}
}

func TestStoreSuite(t *testing.T) {
	storetest.Suite(t, func(t *testing.T) storetest.Shop {
		s := newShop(t)
		return storetest.Shop{Store: s.DB, SiteID: s.site.ID, ShopperID: s.shopper.ID,
			AgentIsOnline: func(t *testing.T, name string) { s.addAgent(t, name, true) }}
	})
}

func TestOutOfHoursTheShopSaysWhenItOpens(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	closedToday := (int(time.Now().UTC().Weekday())+1)%7 + 1 // tomorrow, Monday being 1
	if _, err := s.pool.Exec(ctx, `update sites set time_zone = 'Pacific/Auckland', hours = jsonb_build_array(jsonb_build_object('day', $1::int, 'from', '23:00', 'to', '23:01'))`, closedToday); err != nil {
		t.Fatal(err)
	}
	did := s.opened(t, "r")
	var told assist.Situation
	done := must(s.FinishTurn(ctx, escalating(did.Turn.ID, "r", &told)))(t)
	if told.OpensAt == nil || told.OpensAt.Location().String() != "Pacific/Auckland" || !told.OpensAt.After(time.Now()) || told.OpensAt.Hour() != 23 {
		t.Errorf("opens at %v", told.OpensAt)
	}
	if at := done.Event.Handoff.OpensAt; at == nil || !at.Equal(*told.OpensAt) {
		t.Errorf("the event says %v", at)
	}
	// Somebody who is there all the same is there.
	s.addAgent(t, "Mia", true)
	who := s
	who.shopper = newShopper(t, s.DB, s.site)
	next := must(s.Accept(ctx, who.say("", "c", "Hello?", "r")))(t)
	must(s.FinishTurn(ctx, escalating(next.Turn.ID, "r", &told)))(t)
	if told.OpensAt != nil {
		t.Errorf("with an agent there, the shop opens at %v", told.OpensAt)
	}
}
