package postgres

import (
	"fmt"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
)

func TestAcceptOpensATurn(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	a := s.say("", "c1", "Where is my parcel?", "r1")
	a.Locale, a.Page = "de", assist.Page{URL: "https://shop.example/p", Title: "Boots"}
	did := must(s.Accept(ctx, a))(t)

	e := did.Event
	if e.Seq != 1 || e.Kind != assist.KindMessage || e.Text != a.Text || e.ClientID != "c1" ||
		e.Author.Kind != assist.ByShopper || time.Since(e.At).Abs() > time.Minute || e.ConversationID != did.Conversation.ID {
		t.Errorf("the event is %+v", e)
	}
	c := did.Conversation
	if c.Locale != "de" || c.Charge != assist.BotInCharge || c.LastSeq != 1 || c.ShopperID != s.shopper.ID || c.SiteID != s.site.ID {
		t.Errorf("the conversation is %+v", c)
	}
	turn := did.Turn
	if turn == nil || turn.QuestionSeq != 1 || turn.Attempt != 1 || turn.ConversationID != c.ID || turn.ShopperID != s.shopper.ID || turn.SiteID != s.site.ID {
		t.Fatalf("the turn is %+v", turn)
	}
	if did.Duplicate || did.SupersededTurnID != "" {
		t.Errorf("did %+v", did)
	}
	if n := count(t, s.DB, `select count(*) from river_job where kind = 'rescue_turn' and state = 'scheduled'
		and args->>'turn_id' = $1 and scheduled_at > now() + interval '30 seconds'`, turn.ID); n != 1 {
		t.Errorf("%d rescues wait", n)
	}
	events := must(s.Events(ctx, s.shopper.ID, c.ID, 0, 10))(t)
	if len(events) != 1 || fmt.Sprint(events[0]) != fmt.Sprint(e) {
		t.Errorf("stored %+v, told %+v", events, e)
	}
	if latest := must(s.LatestConversation(ctx, s.shopper.ID))(t); latest != c {
		t.Errorf("the latest conversation is %+v, want %+v", latest, c)
	}
	if got := must(s.Conversation(ctx, s.shopper.ID, c.ID))(t); got != c {
		t.Errorf("the conversation is %+v, want %+v", got, c)
	}
}

func TestSecondMessageSupersedes(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	first := s.opened(t, "r1")
	second := must(s.Accept(ctx, s.say(first.Conversation.ID, "c2", "And shoes?", "r2")))(t)
	if second.SupersededTurnID != first.Turn.ID || second.Event.Seq != 2 || second.Turn.QuestionSeq != 2 {
		t.Errorf("the second did %+v", second)
	}
	third := must(s.Accept(ctx, s.say("", "c3", "Hello?", "r2")))(t)
	if third.Conversation.ID != first.Conversation.ID || third.SupersededTurnID != second.Turn.ID {
		t.Errorf("without a conversation, the third did %+v", third)
	}
	if n := count(t, s.DB, "select count(*) from turns where state = 'running'"); n != 1 {
		t.Errorf("%d turns run", n)
	}
}

func TestAcceptTwiceStoresOnce(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	first := s.opened(t, "r1")
	for _, conversation := range []string{"", first.Conversation.ID} {
		again := must(s.Accept(ctx, s.say(conversation, "first", "other text", "r2")))(t)
		if !again.Duplicate || again.Turn != nil || again.SupersededTurnID != "" || fmt.Sprint(again.Event) != fmt.Sprint(first.Event) {
			t.Errorf("again did %+v", again)
		}
		if again.Conversation != first.Conversation {
			t.Errorf("the conversation became %+v", again.Conversation)
		}
	}
	if n := count(t, s.DB, "select count(*) from events"); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestFiftyAcceptsOfOneMessage(t *testing.T) {
	for _, known := range []bool{false, true} {
		t.Run(fmt.Sprint("conversation known ", known), func(t *testing.T) {
			s := newShop(t)
			conversation := ""
			before := 0
			if known {
				conversation, before = s.opened(t, "r").Conversation.ID, 1
			}
			firsts := make(chan int64, 50)
			together(50, func(int) {
				did, err := s.Accept(t.Context(), s.say(conversation, "same", "Hello", "r"))
				switch {
				case err != nil:
					t.Error(err)
				case did.Event.ClientID != "same" || did.Event.Seq != int64(before+1):
					t.Errorf("got event %+v", did.Event)
				case !did.Duplicate:
					firsts <- did.Event.Seq
				}
			})
			if len(firsts) != 1 {
				t.Errorf("%d were the first", len(firsts))
			}
			if n := count(t, s.DB, "select count(*) from events"); n != before+1 {
				t.Errorf("%d events", n)
			}
			if n := count(t, s.DB, "select count(*) from conversations"); n != 1 {
				t.Errorf("%d conversations", n)
			}
		})
	}
}

func TestManyMessagesAtOnceKeepTheirPlaces(t *testing.T) {
	s := newShop(t)
	superseded := make(chan string, 50)
	together(50, func(i int) {
		did, err := s.Accept(t.Context(), s.say("", fmt.Sprint("c", i), "Hello", "r"))
		if err != nil {
			t.Error(err)
		} else if did.SupersededTurnID != "" {
			superseded <- did.SupersededTurnID
		}
	})
	if n := count(t, s.DB, "select count(*) from conversations"); n != 1 {
		t.Fatalf("%d conversations", n)
	}
	if n := count(t, s.DB, "select count(*) from turns where state = 'running' and question_seq = 50"); n != 1 {
		t.Errorf("%d turns run on the newest message", n)
	}
	if len(superseded) != 49 {
		t.Errorf("%d turns were told to be superseded", len(superseded))
	}
	c := must(s.LatestConversation(t.Context(), s.shopper.ID))(t)
	events := must(s.Events(t.Context(), s.shopper.ID, c.ID, 0, 100))(t)
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Fatalf("event %d has seq %d", i, e.Seq)
		}
	}
	if len(events) != 50 || c.LastSeq != 50 {
		t.Errorf("%d events, last seq %d", len(events), c.LastSeq)
	}
}

func TestForeignConversationsAreUnknown(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	mine := s.opened(t, "r").Conversation.ID
	stranger := s
	stranger.shopper = newShopper(t, s.DB, s.site)
	elsewhere := s
	elsewhere.site = must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)

	for _, id := range []string{mine, "0199aaaa-0000-7000-8000-000000000000", "nonsense", "{0199aaaa-0000-7000-8000-000000000000}"} {
		_, err := stranger.Accept(ctx, stranger.say(id, "x", "Hello", "r"))
		wantCode(t, err, assist.CodeUnknownConversation)
		_, err = stranger.AcceptHandoff(ctx, assist.AcceptHandoff{Visit: stranger.visit(id, "x"), Escalation: asked("", "")})
		wantCode(t, err, assist.CodeUnknownConversation)
		_, err = stranger.AcceptRating(ctx, assist.AcceptRating{Visit: stranger.visit(id, "x"), Rating: assist.Rating{EventSeq: 1, Score: 1}})
		wantCode(t, err, assist.CodeUnknownConversation)
		_, err = stranger.Conversation(ctx, stranger.shopper.ID, id)
		wantCode(t, err, assist.CodeUnknownConversation)
		_, err = stranger.Events(ctx, stranger.shopper.ID, id, 0, 10)
		wantCode(t, err, assist.CodeUnknownConversation)
	}
	_, err := elsewhere.Accept(ctx, elsewhere.say(mine, "x", "Hello", "r"))
	wantCode(t, err, assist.CodeUnknownConversation)
	_, err = stranger.LatestConversation(ctx, stranger.shopper.ID)
	wantCode(t, err, assist.CodeUnknownConversation)
	if n := count(t, s.DB, "select count(*) from events"); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestEventsInPages(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	c := s.opened(t, "r").Conversation.ID
	for i := range 4 {
		must(s.Accept(ctx, s.say(c, fmt.Sprint(i), fmt.Sprint("message ", i), "r")))(t)
	}
	page := must(s.Events(ctx, s.shopper.ID, c, 2, 2))(t)
	if len(page) != 2 || page[0].Seq != 3 || page[1].Seq != 4 {
		t.Errorf("the page is %+v", page)
	}
	if rest := must(s.Events(ctx, s.shopper.ID, c, 5, 2))(t); len(rest) != 0 {
		t.Errorf("after the last come %+v", rest)
	}
}

func TestHandoff(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	wish := assist.AcceptHandoff{Visit: s.visit("", "h1"), Escalation: asked("ada@example.org", "Wrong colour"), BotName: "Careloop"}
	made := must(s.AcceptHandoff(ctx, wish))(t)
	if made.Event.Kind != assist.KindHandoff || made.Event.Text != "Wrong colour" || made.Turn != nil ||
		*made.Event.Handoff != (assist.Handoff{State: assist.HandoffRequested, Email: "ada@example.org"}) {
		t.Errorf("did %+v", made)
	}
	if again := must(s.AcceptHandoff(ctx, wish))(t); !again.Duplicate || again.Event.Seq != 1 || len(again.Replies) != 0 {
		t.Errorf("again did %+v", again)
	}
	if len(made.Replies) != 1 || made.Replies[0].Seq != 2 || made.Replies[0].Text != "Passed on." || made.Replies[0].Author.Kind != assist.ByBot {
		t.Errorf("replied %+v", made.Replies)
	}
	if all := must(s.Events(ctx, s.shopper.ID, made.Conversation.ID, 0, 10))(t); len(all) != 2 || all[1].Text != "Passed on." {
		t.Errorf("stored %+v", all)
	}
	turn := must(s.Accept(ctx, s.say("", "c1", "Hello?", "r")))(t).Turn
	second := must(s.AcceptHandoff(ctx, assist.AcceptHandoff{Visit: s.visit(made.Conversation.ID, "h2"), Escalation: asked("", "Order 1001")}))(t)
	if turn == nil || second.SupersededTurnID != turn.ID || second.Conversation.Charge != assist.BotInCharge {
		t.Errorf("the second did %+v", second)
	}

	list := must(s.Handoffs(ctx, s.site.ID, 10, 0))(t)
	if len(list) != 1 || list[0].Email != "ada@example.org" || list[0].Note != "Wrong colour\nOrder 1001" ||
		!list[0].Open || len(list[0].Events) != 5 || list[0].Shopper.ID != s.shopper.ID {
		t.Errorf("handoffs are %+v", list)
	}
	stranger := s
	stranger.shopper = newShopper(t, s.DB, s.site)
	must(s.AcceptHandoff(ctx, assist.AcceptHandoff{Visit: stranger.visit("", "h1"), Escalation: asked("", "")}))(t)
	if list = must(s.Handoffs(ctx, s.site.ID, 10, 0))(t); len(list) != 2 || list[0].ID < list[1].ID {
		t.Errorf("handoffs are %+v", list)
	}
	if older := must(s.Handoffs(ctx, s.site.ID, 10, list[0].ID))(t); len(older) != 1 || older[0].ID != list[1].ID {
		t.Errorf("older handoffs are %+v", older)
	}
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	for _, c := range []struct {
		site string
		want bool
	}{{other.ID, false}, {s.site.ID, true}, {s.site.ID, false}} {
		if got := must(s.CloseHandoff(ctx, c.site, list[0].ID))(t); got != c.want {
			t.Errorf("closing gave %v, want %v", got, c.want)
		}
	}
	if list = must(s.Handoffs(ctx, s.site.ID, 1, 0))(t); list[0].Open {
		t.Error("the closed handoff is open")
	}
	if foreign := must(s.Handoffs(ctx, other.ID, 10, 0))(t); len(foreign) != 0 {
		t.Errorf("another site sees %+v", foreign)
	}
}

func TestRating(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	did := s.opened(t, "r")
	c := did.Conversation.ID
	said := must(s.FinishTurn(ctx, answer(did.Turn.ID, "r")))(t).Event
	rate := func(clientID string, seq int64, score int) (assist.Accepted, error) {
		return s.AcceptRating(ctx, assist.AcceptRating{Visit: s.visit(c, clientID), Rating: assist.Rating{EventSeq: seq, Score: score, Comment: "clear"}})
	}
	rated := must(rate("a", said.Seq, 1))(t)
	if rated.Event.Kind != assist.KindRating || *rated.Event.Rating != (assist.Rating{EventSeq: said.Seq, Score: 1, Comment: "clear"}) || rated.Turn != nil {
		t.Errorf("did %+v", rated)
	}
	if again := must(rate("a", said.Seq, 1))(t); !again.Duplicate || again.Event.Seq != rated.Event.Seq {
		t.Errorf("again did %+v", again)
	}
	must(rate("b", said.Seq, -1))(t)
	if n := count(t, s.DB, "select score from ratings"); n != -1 {
		t.Errorf("the score is %d", n)
	}
	for name, bad := range map[string]struct {
		seq   int64
		score int
	}{"the shopper's own": {1, 1}, "none": {99, 1}, "a rating": {rated.Event.Seq, 1}, "no score": {said.Seq, 0}, "five stars": {said.Seq, 5}} {
		_, err := rate("bad", bad.seq, bad.score)
		if assist.CodeOf(err) != assist.CodeBadRating {
			t.Errorf("%s: %v", name, err)
		}
	}
	stranger := newShopper(t, s.DB, s.site)
	_, err := s.AcceptRating(ctx, assist.AcceptRating{Visit: assist.Visit{SiteID: s.site.ID, ShopperID: stranger.ID, ClientID: "x"},
		Rating: assist.Rating{EventSeq: 2, Score: 1}})
	wantCode(t, err, assist.CodeUnknownConversation)
}

// Who signs in takes along what they said before; where the shop knows them
// already, both become one.
func TestIdentifyShopper(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	ada := assist.Shopper{SiteID: s.site.ID, ExternalID: "42", Name: "Ada", Email: "ada@example.org"}
	first := s.opened(t, "r")
	known := must(s.IdentifyShopper(ctx, s.shopper.ID, ada))(t)
	if known.ID != s.shopper.ID || known.ExternalID != "42" || known.Email != "ada@example.org" {
		t.Errorf("identified as %+v", known)
	}
	_, err := s.IdentifyShopper(ctx, known.ID, assist.Shopper{SiteID: s.site.ID, ExternalID: "43"})
	wantCode(t, err, assist.CodeBadToken)

	phone := s
	phone.shopper = newShopper(t, s.DB, s.site)
	second := phone.opened(t, "r")
	if merged := must(s.IdentifyShopper(ctx, phone.shopper.ID, ada))(t); merged.ID != known.ID {
		t.Errorf("merged into %+v", merged)
	}
	for _, c := range []string{first.Conversation.ID, second.Conversation.ID} {
		must(s.Conversation(ctx, known.ID, c))(t)
	}
	if n := count(t, s.DB, "select count(*) from shoppers"); n != 1 {
		t.Errorf("%d shoppers are left", n)
	}
	if n := count(t, s.DB, "select count(*) from visitor_tokens where shopper_id = $1", known.ID); n != 2 {
		t.Errorf("%d tokens are theirs", n)
	}
	// The turn that ran meanwhile says whose answer it is now.
	if done := must(s.FinishTurn(ctx, answer(second.Turn.ID, "r")))(t); done.Conversation.ShopperID != known.ID {
		t.Errorf("the answer is for %s", done.Conversation.ShopperID)
	}
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	stranger := newShopper(t, s.DB, s.site)
	_, err = s.IdentifyShopper(ctx, stranger.ID, assist.Shopper{SiteID: other.ID, ExternalID: "42"})
	wantCode(t, err, assist.CodeBadToken)
}

func TestManyTabsSignInAtOnce(t *testing.T) {
	s := newShop(t)
	ada := assist.Shopper{SiteID: s.site.ID, ExternalID: "42"}
	anonymous := make([]assist.Shopper, 8)
	for i := range anonymous {
		anonymous[i] = newShopper(t, s.DB, s.site)
	}
	together(len(anonymous), func(i int) {
		if _, err := s.IdentifyShopper(t.Context(), anonymous[i].ID, ada); err != nil {
			t.Error(err)
		}
	})
	if n := count(t, s.DB, "select count(*) from shoppers where external_id is not null"); n != 1 {
		t.Errorf("%d are the same person", n)
	}
}
