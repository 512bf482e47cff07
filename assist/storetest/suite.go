// Package storetest holds what every assist.Store must do when a conversation is
// passed on, so that the one in memory that the engine is tested with and the
// real one cannot drift apart.
package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/triage"
)

// Shop is a store with a site that has one shopper and nobody online.
type Shop struct {
	Store         assist.Store
	SiteID        string
	ShopperID     string
	AgentIsOnline func(t *testing.T, name string)
}

// Suite tests a store; open gives a fresh one.
func Suite(t *testing.T, open func(t *testing.T) Shop) {
	for name, test := range map[string]func(*testing.T, *visit){
		"an offer passes nothing on":                    offer,
		"nobody there: the shopper waits":               nobodyThere,
		"a free agent has it at once":                   freeAgent,
		"a person in charge ends the bot's turn":        personInCharge,
		"a wish for a person supersedes the turn":       wish,
		"a turn may end without a word":                 silence,
		"the summary is corrected while people have it": summary,
		"what is read only grows":                       read,
	} {
		t.Run(name, func(t *testing.T) { test(t, &visit{Shop: open(t)}) })
	}
}

// visit is a shopper who says one thing after another.
type visit struct {
	Shop
	conversationID string
	said           int
}

func (v *visit) frame(clientID string) assist.Visit {
	return assist.Visit{SiteID: v.SiteID, ShopperID: v.ShopperID, ConversationID: v.conversationID, ClientID: clientID, Locale: "en"}
}

func (v *visit) say(t *testing.T, text string) assist.Accepted {
	t.Helper()
	v.said++
	acc, err := v.Store.Accept(t.Context(), assist.AcceptMessage{Visit: v.frame("c" + strings.Repeat("x", v.said)), Text: text,
		Owner: "here", Lease: time.Minute, RescueAfter: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	v.conversationID = acc.Conversation.ID
	return acc
}

// told is what the last escalation was told of.
type told struct {
	packet    assist.Packet
	situation assist.Situation
}

func escalation(to *told) *assist.Escalation {
	return &assist.Escalation{
		Reason: assist.ReasonStuck, Letters: true,
		Pack: func(messages []assist.Event) assist.Packet {
			return assist.Packet{Wish: messages[len(messages)-1].Text, Topic: triage.Delivery, Feeling: triage.Calm}
		},
		Tell: func(p assist.Packet, s assist.Situation) string {
			to.packet, to.situation = p, s
			return "Passed on."
		},
	}
}

func (v *visit) finish(t *testing.T, f assist.FinishTurn) assist.Finished {
	t.Helper()
	did, err := v.Store.FinishTurn(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return did
}

func end(acc assist.Accepted, text string, o assist.Outcome) assist.FinishTurn {
	return assist.FinishTurn{TurnID: acc.Turn.ID, Owner: "here", Text: text, BotName: "Bot", Outcome: o, Reason: assist.ReasonNotFound}
}

func offer(t *testing.T, v *visit) {
	f := end(v.say(t, "Hello?"), "I do not know.", assist.Clarified)
	f.Offer = true
	did := v.finish(t, f)
	if h := did.Event.Handoff; h == nil || h.State != assist.HandoffOffered || h.Reason != assist.ReasonNotFound {
		t.Errorf("%+v", h)
	}
	if did.Conversation.WaitingSince != nil || did.Conversation.Charge != assist.BotInCharge || len(did.Replies) != 0 {
		t.Errorf("%+v", did)
	}
	f = end(v.say(t, "Hello??"), "Still not.", assist.Clarified)
	if did = v.finish(t, f); did.Event.Handoff != nil {
		t.Errorf("not offered, and yet %+v", did.Event.Handoff)
	}
}

func nobodyThere(t *testing.T, v *visit) {
	var s told
	f := end(v.say(t, "Where is it?"), "It left on Monday.", assist.Escalated)
	f.Escalation = escalation(&s)
	did := v.finish(t, f)
	h := did.Event.Handoff
	if did.Event.Text != "It left on Monday.\n\nPassed on." || h == nil || h.State != assist.HandoffPassed || h.Reason != assist.ReasonStuck ||
		h.Summary != "Where is it?" || h.Queue != 1 || !h.AskEmail {
		t.Errorf("%+v, %+v", did.Event, h)
	}
	if s.situation.Waited || s.situation.Agent != "" || s.situation.Queue != 1 || !s.situation.AskEmail || s.situation.Locale != "en" {
		t.Errorf("told of %+v", s.situation)
	}
	if c := did.Conversation; c.WaitingSince == nil || c.Charge != assist.BotInCharge || c.AssigneeID != "" {
		t.Errorf("%+v", c)
	}

	next := v.say(t, "Hello?")
	if next.Turn == nil || next.Conversation.WaitingSince == nil {
		t.Fatalf("the bot goes on while the shopper waits: %+v", next)
	}
	in, err := v.Store.TurnInput(t.Context(), next.Turn.ID, 20)
	if err != nil || in.Conversation.WaitingSince == nil || len(in.Messages) != 3 {
		t.Errorf("%+v, %v", in, err)
	}
	f = end(next, "", assist.Escalated)
	f.Escalation = escalation(&s)
	if did = v.finish(t, f); did.Event.Text != "Passed on." || did.Event.Handoff.AskEmail || !s.situation.Waited {
		t.Errorf("again: %+v, told of %+v", did.Event.Handoff, s.situation)
	}
}

func freeAgent(t *testing.T, v *visit) {
	v.AgentIsOnline(t, "Mia")
	var s told
	f := end(v.say(t, "Where is it?"), "", assist.Escalated)
	f.Escalation = escalation(&s)
	did := v.finish(t, f)
	if s.situation.Agent != "Mia" || s.situation.AskEmail || did.Event.Handoff.Queue != 0 {
		t.Errorf("told of %+v", s.situation)
	}
	if len(did.Replies) != 1 || did.Replies[0].Kind != assist.KindAssignment || did.Replies[0].Assignment.AgentName != "Mia" ||
		did.Replies[0].Seq != did.Event.Seq+1 {
		t.Errorf("%+v", did.Replies)
	}
	if c := did.Conversation; c.Charge != assist.PersonInCharge || c.AssigneeID == "" || c.LastSeq != did.Replies[0].Seq {
		t.Errorf("%+v", c)
	}
	if acc := v.say(t, "Are you there?"); acc.Turn != nil {
		t.Error("the bot answers beside a person")
	}
}

func personInCharge(t *testing.T, v *visit) {
	v.AgentIsOnline(t, "Mia")
	acc := v.say(t, "Where is it?")
	var s told
	if _, err := v.Store.AcceptHandoff(t.Context(), assist.AcceptHandoff{Visit: v.frame("h"), Escalation: escalation(&s), BotName: "Bot"}); err != nil {
		t.Fatal(err)
	}
	_, err := v.Store.FinishTurn(t.Context(), end(acc, "It left.", assist.Answered))
	if assist.CodeOf(err) != assist.CodeTurnOver {
		t.Errorf("%v", err)
	}
}

func wish(t *testing.T, v *visit) {
	acc := v.say(t, "Where is it?")
	var s told
	e := escalation(&s)
	e.Email, e.Note = "ada@example.org", "It is a gift"
	a := assist.AcceptHandoff{Visit: v.frame("h"), Escalation: e, BotName: "Bot"}
	did, err := v.Store.AcceptHandoff(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if did.SupersededTurnID != acc.Turn.ID || did.Event.Kind != assist.KindHandoff || did.Event.Text != "It is a gift" ||
		did.Event.Handoff.State != assist.HandoffRequested || did.Event.Handoff.Email != "ada@example.org" {
		t.Errorf("%+v", did)
	}
	if len(did.Replies) != 1 || did.Replies[0].Author.Kind != assist.ByBot || did.Replies[0].Outcome != assist.Escalated ||
		did.Replies[0].Handoff.Email != "ada@example.org" || did.Replies[0].Handoff.AskEmail {
		t.Errorf("%+v", did.Replies)
	}
	if did.Conversation.ReplyEmail != "ada@example.org" || s.situation.Email != "ada@example.org" {
		t.Errorf("%+v, told of %+v", did.Conversation, s.situation)
	}
	again, err := v.Store.AcceptHandoff(t.Context(), a)
	if err != nil || !again.Duplicate || again.Event.Seq != did.Event.Seq || len(again.Replies) != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
}

func silence(t *testing.T, v *visit) {
	did := v.finish(t, end(v.say(t, "By the way"), "", assist.Escalated))
	if did.Event.Seq != 0 || len(did.Replies) != 0 || did.Conversation.LastSeq != 1 {
		t.Errorf("%+v", did)
	}
}

func summary(t *testing.T, v *visit) {
	correct := func(id string) (assist.Accepted, error) {
		return v.Store.AcceptSummary(t.Context(), assist.AcceptSummary{Visit: v.frame(id), Text: "The blue one"})
	}
	acc := v.say(t, "Where is it?")
	if _, err := correct("s1"); assist.CodeOf(err) != assist.CodeNoHandoff {
		t.Errorf("before a handoff: %v", err)
	}
	var s told
	f := end(acc, "", assist.Escalated)
	f.Escalation = escalation(&s)
	v.finish(t, f)
	did, err := correct("s2")
	if err != nil || did.Event.Handoff == nil || *did.Event.Handoff != (assist.Handoff{State: assist.HandoffCorrected, Summary: "The blue one"}) {
		t.Errorf("%+v, %v", did, err)
	}
	if again, err := correct("s2"); err != nil || !again.Duplicate {
		t.Errorf("again: %+v, %v", again, err)
	}
}

func read(t *testing.T, v *visit) {
	v.finish(t, end(v.say(t, "Where is it?"), "There.", assist.Answered))
	for _, c := range []struct{ seq, want int64 }{{1, 1}, {99, 2}, {1, 2}} {
		got, err := v.Store.ShopperRead(context.Background(), v.ShopperID, v.conversationID, c.seq)
		if err != nil || got != c.want {
			t.Errorf("read to %d: %d, %v; want %d", c.seq, got, err, c.want)
		}
	}
}
