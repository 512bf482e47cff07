package postgres

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
)

func TestTurnInput(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	first := s.opened(t, "r")
	c := first.Conversation.ID
	must(s.FinishTurn(ctx, answer(first.Turn.ID, "r")))(t)
	must(s.AcceptHandoff(ctx, assist.AcceptHandoff{Visit: s.visit(c, "h"), Escalation: asked("", "")}))(t)
	third := must(s.Accept(ctx, s.say(c, "c3", "And shoes?", "r")))(t)
	must(s.Accept(ctx, s.say(c, "c4", "later", "r")))(t)

	in := must(s.TurnInput(ctx, third.Turn.ID, 10))(t)
	if in.Site.ID != s.site.ID || in.Conversation.ID != c || len(in.Messages) != 4 ||
		in.Messages[0].Text != "Hello?" || in.Messages[1].Author.Kind != assist.ByBot || in.Messages[3].Text != "And shoes?" {
		t.Errorf("the input is %+v", in)
	}
	in = must(s.TurnInput(ctx, third.Turn.ID, 1))(t)
	if len(in.Messages) != 1 || in.Messages[0].Text != "And shoes?" {
		t.Errorf("the newest message is %+v", in.Messages)
	}
	_, err := s.TurnInput(ctx, c, 10)
	wantCode(t, err, assist.CodeTurnOver)
}

func TestFinishTurn(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	did := s.opened(t, "r")
	if ok := must(s.ReserveBudget(ctx, s.site.ID, did.Turn.ID, 100, 1000))(t); !ok {
		t.Fatal("nothing was reserved")
	}
	event := must(s.FinishTurn(ctx, answer(did.Turn.ID, "r")))(t).Event
	if event.Seq != 2 || event.Author != (assist.Author{Kind: assist.ByBot, Name: "Careloop"}) || event.TurnID != did.Turn.ID ||
		event.Outcome != assist.Answered || len(event.Citations) != 1 || event.Handoff != nil {
		t.Errorf("the event is %+v", event)
	}
	if stored := must(s.Events(ctx, s.shopper.ID, event.ConversationID, 1, 9))(t); len(stored) != 1 || fmt.Sprint(stored[0]) != fmt.Sprint(event) {
		t.Errorf("stored %+v, told %+v", stored, event)
	}
	if n := count(t, s.DB, `select count(*) from turns where state = 'finished' and outcome = 'answered' and reason is null
		and model = 'm' and prompt_hash = 'h' and confidence = 0.9 and jsonb_array_length(passages) = 1 and held = '[]'
		and calls->0->>'cost_micros' = '30' and cost_micros = 30 and reserved_micros = 0 and finished_at is not null`); n != 1 {
		t.Error("the record is not whole")
	}
	wantSpent(t, s, 30, 0)
	_, err := s.FinishTurn(ctx, answer(did.Turn.ID, "r"))
	wantCode(t, err, assist.CodeTurnOver)
	wantCode(t, s.RenewLease(ctx, did.Turn.ID, "r", time.Minute), assist.CodeTurnOver)
}

// wantSpent compares today's budget and usage of the site.
func wantSpent(t testing.TB, s shop, spent, reserved int) {
	t.Helper()
	if n := count(t, s.DB, "select spent_micros from budgets"); n != spent {
		t.Errorf("%d were spent, want %d", n, spent)
	}
	if n := count(t, s.DB, "select reserved_micros from budgets"); n != reserved {
		t.Errorf("%d are reserved, want %d", n, reserved)
	}
	if n := count(t, s.DB, "select coalesce(sum(cost_micros), 0) from usage"); n != spent {
		t.Errorf("usage counts %d, want %d", n, spent)
	}
}

func TestOfferOfAPerson(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	did := s.opened(t, "r")
	f := answer(did.Turn.ID, "r")
	f.Outcome, f.Reason, f.Offer, f.Citations = assist.Clarified, assist.ReasonNotFound, true, nil
	event := must(s.FinishTurn(ctx, f))(t).Event
	if event.Handoff == nil || *event.Handoff != (assist.Handoff{State: assist.HandoffOffered, Reason: assist.ReasonNotFound}) {
		t.Errorf("the event is %+v", event)
	}
	if c := must(s.Conversation(ctx, s.shopper.ID, event.ConversationID))(t); c.Charge != assist.BotInCharge || c.LastSeq != 2 || c.WaitingSince != nil {
		t.Errorf("the conversation is %+v", c)
	}
	if n := count(t, s.DB, "select count(*) from handoffs"); n != 0 {
		t.Error("an offer is no handoff yet")
	}
}

func TestFinishAfterSupersedeCountsUsage(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	first := s.opened(t, "r")
	must(s.ReserveBudget(ctx, s.site.ID, first.Turn.ID, 100, 1000))(t)
	second := must(s.Accept(ctx, s.say("", "c2", "And?", "r")))(t)
	_, err := s.FinishTurn(ctx, answer(first.Turn.ID, "r"))
	wantCode(t, err, assist.CodeTurnOver)
	wantSpent(t, s, 30, 0)
	if n := count(t, s.DB, "select count(*) from events"); n != 2 {
		t.Errorf("%d events", n)
	}
	must(s.FinishTurn(ctx, answer(second.Turn.ID, "r")))(t)
	wantSpent(t, s, 60, 0)
}

func TestPersonInCharge(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	did := s.opened(t, "r")
	if _, err := s.pool.Exec(ctx, "update conversations set charge = 'person'"); err != nil {
		t.Fatal(err)
	}
	_, err := s.FinishTurn(ctx, answer(did.Turn.ID, "r"))
	wantCode(t, err, assist.CodeTurnOver)
	if next := must(s.Accept(ctx, s.say("", "c2", "Hello", "r")))(t); next.Turn != nil || next.Conversation.Charge != assist.PersonInCharge {
		t.Errorf("with a person in charge, a message did %+v", next)
	}
}

func TestOneOfTwoFinishesWins(t *testing.T) {
	s := newShop(t)
	did := s.opened(t, "r")
	var won, over atomic.Int32
	together(2, func(int) {
		switch _, err := s.FinishTurn(t.Context(), answer(did.Turn.ID, "r")); assist.CodeOf(err) {
		case "":
			won.Add(1)
		case assist.CodeTurnOver:
			over.Add(1)
		default:
			t.Error(err)
		}
	})
	if won.Load() != 1 || over.Load() != 1 {
		t.Errorf("%d won and %d were over", won.Load(), over.Load())
	}
	wantSpent(t, s, 60, 0)
}

func TestMessageAgainstFinish(t *testing.T) {
	s := newShop(t)
	c := s.opened(t, "r").Conversation.ID
	for i := range 20 {
		asked := must(s.Accept(t.Context(), s.say(c, fmt.Sprint("q", i), "Q", "r")))(t)
		var superseded, over bool
		together(2, func(who int) {
			if who == 0 {
				did, err := s.Accept(t.Context(), s.say(c, fmt.Sprint("n", i), "next", "r"))
				if err != nil {
					t.Error(err)
				}
				superseded = did.SupersededTurnID == asked.Turn.ID
				return
			}
			_, err := s.FinishTurn(t.Context(), answer(asked.Turn.ID, "r"))
			over = assist.CodeOf(err) == assist.CodeTurnOver
			if err != nil && !over {
				t.Error(err)
			}
		})
		if superseded != over {
			t.Errorf("superseded %v and over %v", superseded, over)
		}
	}
}

// lapse ends a turn's lease.
func lapse(t testing.TB, s shop, turnID string) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), "update turns set leased_until = now() - interval '1 second' where id = $1", turnID); err != nil {
		t.Fatal(err)
	}
}

func TestLease(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	turn := s.opened(t, "r1").Turn
	if err := s.RenewLease(ctx, turn.ID, "r1", time.Minute); err != nil {
		t.Error(err)
	}
	wantCode(t, s.RenewLease(ctx, turn.ID, "r2", time.Minute), assist.CodeTurnOver)
	_, err := s.TakeTurn(ctx, turn.ID, "r2", time.Minute)
	wantCode(t, err, assist.CodeTurnHeld)

	lapse(t, s, turn.ID)
	taken := must(s.TakeTurn(ctx, turn.ID, "r2", time.Minute))(t)
	want := *turn
	want.Attempt = 2
	if taken != want {
		t.Errorf("took %+v, want %+v", taken, want)
	}
	wantCode(t, s.RenewLease(ctx, turn.ID, "r1", time.Minute), assist.CodeTurnOver)
	must(s.ReserveBudget(ctx, s.site.ID, turn.ID, 100, 1000))(t)
	_, err = s.FinishTurn(ctx, answer(turn.ID, "r1"))
	wantCode(t, err, assist.CodeTurnOver)
	wantSpent(t, s, 30, 100) // the reservation is the new owner's
	must(s.FinishTurn(ctx, answer(turn.ID, "r2")))(t)
	wantSpent(t, s, 60, 0)
	_, err = s.TakeTurn(ctx, turn.ID, "r3", time.Minute)
	wantCode(t, err, assist.CodeTurnOver)
	_, err = s.TakeTurn(ctx, s.site.ID, "r3", time.Minute)
	wantCode(t, err, assist.CodeTurnOver)
}

func TestOneOfManyTakesATurn(t *testing.T) {
	s := newShop(t)
	turn := s.opened(t, "dead").Turn
	lapse(t, s, turn.ID)
	var took atomic.Int32
	together(8, func(i int) {
		_, err := s.TakeTurn(t.Context(), turn.ID, fmt.Sprint("r", i), time.Minute)
		switch assist.CodeOf(err) {
		case "":
			took.Add(1)
		case assist.CodeTurnHeld:
		default:
			t.Error(err)
		}
	})
	if took.Load() != 1 {
		t.Errorf("%d took the turn", took.Load())
	}
}

func TestAbandonedReservationComesBack(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	turn := s.opened(t, "dead").Turn
	must(s.ReserveBudget(ctx, s.site.ID, turn.ID, 100, 1000))(t)
	must(s.Accept(ctx, s.say("", "c2", "Hello", "r")))(t)
	_, err := s.TakeTurn(ctx, turn.ID, "r", time.Minute)
	wantCode(t, err, assist.CodeTurnOver)
	wantSpent(t, s, 0, 100) // its process may still be calling a model
	lapse(t, s, turn.ID)
	_, err = s.TakeTurn(ctx, turn.ID, "r", time.Minute)
	wantCode(t, err, assist.CodeTurnOver)
	wantSpent(t, s, 0, 0)
}

func TestBudgetIsNeverExceeded(t *testing.T) {
	s := newShop(t)
	var turns []string
	for i := range 10 {
		each := s
		each.shopper = newShopper(t, s.DB, s.site)
		turns = append(turns, must(each.Accept(t.Context(), each.say("", fmt.Sprint(i), "Hello", "r")))(t).Turn.ID)
	}
	var granted atomic.Int64
	together(40, func(i int) {
		ok, err := s.ReserveBudget(t.Context(), s.site.ID, turns[i%10], 70, 1000)
		if err != nil {
			t.Error(err)
		} else if ok {
			granted.Add(70)
		}
	})
	if granted.Load() != 980 {
		t.Errorf("%d of 1000 were granted in steps of 70", granted.Load())
	}
	wantSpent(t, s, 0, 980)
	together(10, func(i int) {
		if _, err := s.FinishTurn(t.Context(), answer(turns[i], "r")); err != nil {
			t.Error(err)
		}
	})
	wantSpent(t, s, 300, 0)
	last := s.opened(t, "r").Turn.ID
	if must(s.ReserveBudget(t.Context(), s.site.ID, last, 701, 1000))(t) {
		t.Error("more was granted than is left")
	}
	if !must(s.ReserveBudget(t.Context(), s.site.ID, last, 700, 1000))(t) {
		t.Error("what is left was not granted")
	}
	other := must(s.EnsureSite(t.Context(), assist.Site{Key: "other"}))(t)
	_, err := s.ReserveBudget(t.Context(), other.ID, last, 1, 1000)
	wantCode(t, err, assist.CodeTurnOver)
}

func TestReservationOfYesterday(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	turn := s.opened(t, "r").Turn.ID
	must(s.ReserveBudget(ctx, s.site.ID, turn, 100, 1000))(t)
	for _, q := range []string{"update budgets set day = day - 1", "update turns set reserved_on = reserved_on - 1"} {
		if _, err := s.pool.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	must(s.ReserveBudget(ctx, s.site.ID, turn, 50, 1000))(t)
	if n := count(t, s.DB, "select reserved_micros from budgets where day < (now() at time zone 'utc')::date"); n != 0 {
		t.Errorf("%d stay reserved yesterday", n)
	}
	if n := count(t, s.DB, "select reserved_micros from budgets where day = (now() at time zone 'utc')::date"); n != 50 {
		t.Errorf("%d are reserved today", n)
	}
	must(s.FinishTurn(ctx, answer(turn, "r")))(t)
	if n := count(t, s.DB, "select sum(reserved_micros) from budgets"); n != 0 {
		t.Errorf("%d stay reserved", n)
	}
}
