package assist_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/tool"
	"github.com/careloop/careloop/assist/triage"
)

// calls is a model that calls a tool.
func calls(name, toolName, arguments string, before ...string) *writer {
	return &writer{name: name, write: func(_ context.Context, _ llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
		for _, p := range before {
			if err := emit(llm.Delta{Text: p}); err != nil {
				return llm.Result{}, err
			}
		}
		return llm.Result{Model: name, Finish: llm.FinishToolCalls, ToolCalls: []llm.ToolCall{{ID: "1", Name: toolName, Arguments: json.RawMessage(arguments)}}}, nil
	}}
}

func TestWhatGoesToAPerson(t *testing.T) {
	for _, c := range []struct {
		text   string
		reason assist.Reason
	}{
		{"I want to talk to a human", assist.ReasonAsked},
		{"This is outrageous, I am furious, you useless liars! Worst shop ever, I hate you!", assist.ReasonFeeling},
		{"I ordered the blue Tern jacket, and you sent a GREEN one! Second time now, I am furious.", assist.ReasonFeeling},
		{"Ich bin so wütend, mein Paket ist immer noch nicht da!!", assist.ReasonFeeling},
		{"I will call my lawyer and sue you", assist.ReasonLegal},
		{"The heater caught fire and my son was injured", assist.ReasonLegal},
		{"Cancel my order 1001", assist.ReasonPersonOnly},
	} {
		t.Run(string(c.reason), func(t *testing.T) {
			w := says("big", "You have 30 days [1].")
			s := open(t, quote, assist.Writer{Model: w})
			e := s.ask(t, "c1", c.text)
			if e.Outcome != assist.Escalated || !passed(e) || e.Handoff.Reason != c.reason {
				t.Errorf("%s %+v: %s", e.Outcome, e.Handoff, e.Text)
			}
			if w.calls.Load() != 0 {
				t.Error("a model was asked")
			}
			if p := s.store.packet; p == nil || p.Wish == "" || len(p.Passages) == 0 {
				t.Errorf("the packet is %+v", p)
			}
		})
	}
}

// A shopper who is upset and whom no article answers is not asked a second time;
// one who asks about anger is answered.
func TestAMissIsEnoughForWhoIsUpset(t *testing.T) {
	s := open(t, quote)
	if e := s.ask(t, "c1", "how can I calm down an angry customer?"); e.Outcome != assist.Answered {
		t.Errorf("%s %+v: %s", e.Outcome, e.Handoff, e.Text)
	}
	s.search.confidence = 0.01
	if e := s.ask(t, "c2", "half of my stuff didn't come and nobody answers, this is really disappointing"); !passed(e) || e.Handoff.Reason != assist.ReasonFeeling {
		t.Errorf("%s %+v: %s", e.Outcome, e.Handoff, e.Text)
	}
}

// A search that is down does not keep a shopper from a person.
func TestAPersonIsReachedWithoutTheSearch(t *testing.T) {
	s := open(t, quote)
	s.search.err = errors.New("no index")
	if e := s.ask(t, "c1", "I want to talk to a human"); !passed(e) || e.Handoff.Reason != assist.ReasonAsked {
		t.Errorf("%+v", e.Handoff)
	}
}

func TestHowToIsAnsweredAndDoingItIsNot(t *testing.T) {
	s := open(t, quote)
	if e := s.ask(t, "c1", "How do I cancel an order?"); e.Outcome != assist.Answered {
		t.Errorf("%s: %s", e.Outcome, e.Text)
	}
	if e := s.ask(t, "c2", "When do I get my money back?"); e.Outcome != assist.Answered || !offered(e) {
		t.Errorf("%s %+v: %s", e.Outcome, e.Handoff, e.Text)
	}
	if e := s.ask(t, "c3", "Can you cancel my order 1001?"); !passed(e) || e.Handoff.Reason != assist.ReasonPersonOnly {
		t.Errorf("%s %+v: %s", e.Outcome, e.Handoff, e.Text)
	}
}

func TestAskedAgainAndNotHelped(t *testing.T) {
	s := open(t, quote)
	s.ask(t, "c1", "Can I return shoes that I wore once?")
	if e := s.ask(t, "c2", "can i return shoes that i wore once"); !passed(e) || e.Handoff.Reason != assist.ReasonRepeated {
		t.Errorf("asked again: %s %+v", e.Outcome, e.Handoff)
	}
	if s.store.packet.Urgency != 1 {
		t.Errorf("urgency %d", s.store.packet.Urgency)
	}

	s = open(t, quote)
	s.ask(t, "c1", "Can I return shoes that I wore once?")
	if e := s.ask(t, "c2", "That does not help"); e.Outcome != assist.Clarified || !offered(e) || !strings.Contains(e.Text, "?") {
		t.Errorf("the first time: %s %+v", e.Outcome, e.Handoff)
	}
	if e := s.ask(t, "c3", "That still doesn't help me"); !passed(e) || e.Handoff.Reason != assist.ReasonRepeated {
		t.Errorf("the second time: %s %+v", e.Outcome, e.Handoff)
	}
}

// The first miss asks one question, and names what comes near.
func TestFirstMissNamesTheNearestArticles(t *testing.T) {
	s := open(t, quote)
	s.search.confidence = 0.2
	e := s.ask(t, "c1", "Is there a returns portal for gifts?")
	if e.Outcome != assist.Clarified || !offered(e) || !strings.HasSuffix(e.Text, "\n\n- Returns") {
		t.Errorf("%s %+v: %q", e.Outcome, e.Handoff, e.Text)
	}
	// Not twice in a row.
	if e := s.ask(t, "c2", "For gifts, I mean, from abroad?"); !passed(e) || e.Handoff.Reason != assist.ReasonStuck {
		t.Errorf("%s %+v", e.Outcome, e.Handoff)
	}
	if tried := s.store.packet.Tried; len(tried) != 1 || tried[0].Kind != "not_found" || tried[0].Question != "Is there a returns portal for gifts?" {
		t.Errorf("tried %+v", tried)
	}
}

func TestModelDoesNotAskTwiceInARow(t *testing.T) {
	s := open(t, quote, assist.Writer{Model: says("big", "Which pair do you mean?")})
	s.ask(t, "c1", "Can I bring them back?")
	if e := s.ask(t, "c2", "The brown ones, of course"); !passed(e) || e.Handoff.Reason != assist.ReasonStuck {
		t.Errorf("%s %+v: %s", e.Outcome, e.Handoff, e.Text)
	}
}

func TestModelAsksForAPerson(t *testing.T) {
	for _, c := range []struct {
		name, arguments string
		reason          assist.Reason
		wish            string
	}{
		{"as it should", `{"reason":"needs_a_person","summary":"Wants shoes of order 1001 back"}`, assist.ReasonPersonOnly, "Wants shoes of order 1001 back"},
		{"a reason that is not on the list", `{"reason":"drop table","summary":"x\n\u0007y"}`, assist.ReasonModelAsked, "x y"},
		{"a summary with a number that nobody said", `{"reason":"model_asked","summary":"Order 9999"}`, assist.ReasonModelAsked, ""},
		{"no summary", `{"reason":"model_asked"}`, assist.ReasonModelAsked, ""},
		{"nothing", `{}`, assist.ReasonModelAsked, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, quote, assist.Writer{Model: calls("big", "escalate", c.arguments, "Let me ", "see")})
			acc := s.say(t, "c1", "My shoes from order 1001 went to the wrong house, can I return them?")
			e := s.answerTo(t, acc.Turn.ID)
			if !passed(e) || e.Handoff.Reason != c.reason || strings.Contains(e.Text, "Let me") {
				t.Errorf("%+v: %s", e.Handoff, e.Text)
			}
			if c.wish != "" && e.Handoff.Summary != c.wish || c.wish == "" && !strings.Contains(e.Handoff.Summary, "1001") {
				t.Errorf("the wish is %q", e.Handoff.Summary)
			}
			if seen := s.bus.screen(acc.Turn.ID); seen != e.Text {
				t.Errorf("on the screen: %q", seen)
			}
		})
	}
}

func TestOddToolCallsGoOnToTheNextModel(t *testing.T) {
	for name, w := range map[string]*writer{
		"no such tool":    calls("big", "refund_everything", `{}`),
		"no such shape":   calls("big", "escalate", `{"reason":7}`),
		"text and a call": calls("big", "refund_everything", `{}`, "Sure, "),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, quote, assist.Writer{Model: w}, assist.Writer{Model: says("next", "You have 30 days [1].")})
			if e := s.ask(t, "c1", "Can I return shoes?"); e.Text != "You have 30 days [1]." || e.Outcome != assist.Answered {
				t.Errorf("%s: %q", e.Outcome, e.Text)
			}
			if f, _ := s.store.lastFinished(); f.Record.Calls[0].Failure != "bad_tool_call" {
				t.Errorf("%+v", f.Record.Calls)
			}
		})
	}
}

// While a shopper waits for a person the bot answers what it can, says once that
// it added the rest, and then leaves them in peace.
func TestWhileAShopperWaits(t *testing.T) {
	s := open(t, quote)
	s.ask(t, "c1", "I want to talk to a human")
	if e := s.ask(t, "c2", "Can I return shoes that I wore once?"); e.Outcome != assist.Answered {
		t.Errorf("a confident answer: %s", e.Outcome)
	}
	s.search.confidence = 0.01
	e := s.ask(t, "c3", "It is the blue jacket from the spring sale")
	if e.Outcome != assist.Escalated || e.Handoff != nil || !strings.Contains(e.Text, "added") {
		t.Errorf("something to add: %s %+v %q", e.Outcome, e.Handoff, e.Text)
	}
	acc := s.say(t, "c4", "And the buttons are brown, by the way")
	if _, ok := s.bus.wait(func(sig assist.Signal) bool { return sig.Retract != nil && sig.Retract.TurnID == acc.Turn.ID }); !ok {
		t.Fatal("the turn does not end")
	}
	if f, _ := s.store.lastFinished(); f.Text != "" || f.Escalation != nil {
		t.Errorf("the bot talks into it: %q", f.Text)
	}
	// Who asks again hears how things stand.
	if e := s.ask(t, "c5", "Can I please speak to a human now?"); !passed(e) || !strings.Contains(e.Text, "with our team already") {
		t.Errorf("%+v %q", e.Handoff, e.Text)
	}
}

func TestFreeAgentTakesOver(t *testing.T) {
	s := open(t, quote)
	s.store.free, s.store.standing.Online = "Mia", 1
	e := s.ask(t, "c1", "I want to talk to a human")
	if !strings.Contains(e.Text, "passing this to Mia") || e.Handoff.Queue != 0 {
		t.Errorf("%q %+v", e.Text, e.Handoff)
	}
	if _, ok := s.bus.wait(func(sig assist.Signal) bool { return sig.Event != nil && sig.Event.Kind == assist.KindAssignment }); !ok {
		t.Error("nobody hears of the assignment")
	}
	if acc := s.say(t, "c2", "Are you there?"); acc.Turn != nil {
		t.Error("the bot answers beside a person")
	}
}

// desk keeps what was to be drafted.
type desk struct {
	mu   sync.Mutex
	for_ []assist.DraftFor
}

func (d *desk) Draft(f assist.DraftFor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.for_ = append(d.for_, f)
}

func (d *desk) seqs() []int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []int64
	for _, f := range d.for_ {
		out = append(out, f.Seq)
	}
	return out
}

func TestDraftsAreBegun(t *testing.T) {
	d := &desk{}
	s := openWith(t, assist.Options{Drafter: d}, quote)
	s.ask(t, "c1", "Can I return shoes that I wore once?") // 1, 2
	s.ask(t, "c2", "I want to talk to a human")            // 3, 4
	s.ask(t, "c3", "Can I exchange the shoes instead?")    // 5, 6
	<-s.ends
	<-s.ends
	<-s.ends
	if got := d.seqs(); !slices.Equal(got, []int64{3, 5}) {
		t.Errorf("drafts for %v, want the escalated message and the one that followed", got)
	}
	if f := d.for_[0]; f.SiteID != "site" || f.ConversationID != "conv" || f.ShopperID != "shopper" {
		t.Errorf("%+v", f)
	}
}

func TestSummaryTypingAndReading(t *testing.T) {
	s := open(t, quote)
	ctx := context.Background()
	v := assist.Visit{SiteID: "site", ShopperID: "shopper", ConversationID: "conv", ClientID: "s1"}
	if _, err := s.CorrectSummary(ctx, v, "The blue one"); assist.CodeOf(err) != assist.CodeNoHandoff {
		t.Errorf("before a handoff: %v", err)
	}
	s.ask(t, "c1", "I want to talk to a human")
	if _, err := s.CorrectSummary(ctx, v, " "); assist.CodeOf(err) != assist.CodeEmptyText {
		t.Errorf("empty: %v", err)
	}
	if _, err := s.CorrectSummary(ctx, v, strings.Repeat("ä", assist.MaxSummary+1)); assist.CodeOf(err) != assist.CodeTooLong {
		t.Errorf("too long: %v", err)
	}
	acc, err := s.CorrectSummary(ctx, v, "The blue one")
	if err != nil || acc.Event.Handoff.State != assist.HandoffCorrected || s.store.packet.Wish != "The blue one" {
		t.Errorf("%+v, %v", acc, err)
	}
	s.Typing(v)
	if _, ok := s.bus.wait(func(sig assist.Signal) bool { return sig.Typing != nil && sig.Typing.By == assist.ByShopper }); !ok {
		t.Error("nobody hears the shopper type")
	}
	if err := s.Read(ctx, v, 99); err != nil {
		t.Error(err)
	}
	if sig, ok := s.bus.wait(func(sig assist.Signal) bool { return sig.Read != nil }); !ok || sig.Read.Seq != s.store.conv.LastSeq || sig.Read.By != assist.ByShopper {
		t.Errorf("read %+v", sig.Read)
	}
}

// What a shopper is told holds nothing that is not so.
func TestTelling(t *testing.T) {
	a := &assist.Answerer{Triage: triage.New()}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	opens := time.Now().In(berlin).AddDate(0, 0, 1)
	wrong := assist.Packet{Topic: triage.WrongItem, Feeling: triage.Disappointed, Wish: "My jacket came in the wrong colour"}
	for _, c := range []struct {
		name           string
		reason         assist.Reason
		packet         assist.Packet
		standing       assist.Situation
		holds, without []string
	}{
		{"the wait is known", assist.ReasonFeeling, wrong, assist.Situation{Locale: "en", Online: 1, Queue: 2, Wait: 4 * time.Minute},
			[]string{"disappointing", "sorry about the wrong colour", "passing this to a colleague", "need not repeat", "number 2 in the queue", "usually takes about four minutes"}, []string{"e-mail", "back"}},
		{"the wait is not known", assist.ReasonAsked, assist.Packet{}, assist.Situation{Locale: "en", Online: 1, Queue: 1},
			[]string{"Of course.", "You are next."}, []string{"usually", "sorry"}},
		{"out of hours", assist.ReasonAsked, assist.Packet{}, assist.Situation{Locale: "de", Queue: 1, OpensAt: &opens, AskEmail: true},
			[]string{"Unser Team ist morgen um ", "(Ortszeit Berlin)", "E-Mail-Adresse"}, []string{"Platz", "dauert"}},
		{"nobody there", assist.ReasonAsked, assist.Packet{}, assist.Situation{Locale: "fr", Queue: 1, Email: "ada@example.org"},
			[]string{"Personne de notre équipe", "ada@example.org"}, []string{"Laissez"}},
		{"an agent at once", assist.ReasonFeeling, wrong, assist.Situation{Locale: "es", Online: 1, Agent: "Mia", Wait: 2 * time.Minute},
			[]string{"Siento lo del color equivocado", "Paso esto a Mia", "unos dos minutos"}, []string{"cola", "correo"}},
		{"nobody there, and no address", assist.ReasonAsked, assist.Packet{}, assist.Situation{Locale: "en", Queue: 1},
			[]string{"Nobody from our team", "reply will be here in this chat"}, []string{"mail", "address"}},
		{"danger", assist.ReasonLegal, assist.Packet{Danger: true}, assist.Situation{Locale: "en", Online: 1, Queue: 1},
			[]string{"emergency"}, nil},
		{"already waiting", assist.ReasonAsked, wrong, assist.Situation{Locale: "en", Online: 1, Queue: 3, Waited: true},
			[]string{"with our team already", "number 3"}, []string{"passing"}},
		{"with an agent already", assist.ReasonAsked, wrong, assist.Situation{Locale: "en", Online: 1, Waited: true, Agent: "Mia", Wait: time.Minute},
			[]string{"Mia has your conversation"}, []string{"queue", "usually", "passing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := a.Escalation(c.standing.Locale, c.reason).Tell(c.packet, c.standing)
			for _, want := range c.holds {
				if !strings.Contains(got, want) {
					t.Errorf("%q does not say %q", got, want)
				}
			}
			for _, not := range append(c.without, "{", "}", "  ") {
				if strings.Contains(got, not) {
					t.Errorf("%q says %q", got, not)
				}
			}
		})
	}
}

// In every language every reason, topic and feeling has its words.
func TestTellingIsComplete(t *testing.T) {
	a := &assist.Answerer{Triage: triage.New()}
	reasons := []assist.Reason{assist.ReasonAsked, assist.ReasonNotFound, assist.ReasonUnsupported, assist.ReasonModel, assist.ReasonInternal,
		assist.ReasonStuck, assist.ReasonFeeling, assist.ReasonLegal, assist.ReasonRepeated, assist.ReasonPersonOnly, assist.ReasonModelAsked}
	topics := []triage.Topic{triage.Delivery, triage.Return, triage.Refund, triage.Damaged, triage.WrongItem, triage.Missing, triage.Payment,
		triage.Warranty, triage.Account, triage.Product, triage.Size, triage.OrderChange, triage.Other}
	feelings := []triage.Feeling{triage.Calm, triage.Disappointed, triage.Worried, triage.Angry, triage.Distressed}
	unavailable := map[string]string{"en": "did not go through", "de": "nicht geklappt", "fr": "n'a pas abouti", "es": "No ha funcionado"}
	for locale, missing := range unavailable {
		for _, r := range reasons {
			for _, topic := range topics {
				for _, f := range feelings {
					got := a.Escalation(locale, r).Tell(assist.Packet{Topic: topic, Feeling: f}, assist.Situation{Locale: locale, Queue: 1})
					if strings.Contains(got, missing) || strings.ContainsAny(got, "{}") || strings.HasPrefix(got, " ") {
						t.Errorf("%s, %s, %s, %s: %q", locale, r, topic, f, got)
					}
				}
			}
		}
	}
}

func TestPacket(t *testing.T) {
	a := &assist.Answerer{Triage: triage.New()}
	shopper := func(text string) assist.Event {
		return assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.ByShopper}, Text: text}
	}
	bot := func(seq int64, text string, o assist.Outcome, c ...assist.Citation) assist.Event {
		return assist.Event{Kind: assist.KindMessage, Seq: seq, Author: assist.Author{Kind: assist.ByBot}, Text: text, Outcome: o, Citations: c}
	}
	cited := assist.Citation{N: 1, Title: "Returns", URL: "/help/returns", Quote: "30 days", ArticleID: "inner"}
	p := a.Escalation("en", assist.ReasonStuck).Pack([]assist.Event{
		shopper("Hi!"), bot(2, "Hello!", assist.Answered),
		shopper("My order #A-20417 arrived today. The jacket came in the wrong colour."),
		bot(4, "You can return it [1].", assist.Answered, cited),
		shopper("I know that."), bot(6, "Which one do you mean?", assist.Clarified),
		shopper("Can somebody please help me"),
	})
	if p.Wish != "The jacket came in the wrong colour. My order #A-20417 arrived today." {
		t.Errorf("the wish is %q", p.Wish)
	}
	if !slices.Equal(p.Orders, []string{"A-20417"}) || p.Urgency != 1 || p.Topic != triage.WrongItem {
		t.Errorf("%+v", p)
	}
	if len(p.Tried) != 2 || p.Tried[0].Kind != "answered" || p.Tried[0].Seq != 4 || p.Tried[1].Kind != "clarified" || p.Tried[1].Question != "I know that." {
		t.Errorf("tried %+v", p.Tried)
	}
	if len(p.Passages) != 1 || p.Passages[0] != (assist.Source{Title: "Returns", URL: "/help/returns", Quote: "30 days"}) {
		t.Errorf("passages %+v", p.Passages)
	}

	for text, want := range map[string][]string{
		"Cancel my order 1001":                            {"1001"},
		"Bestellung Nr. 4711-22 fehlt":                    {"4711-22"},
		"commande n° FR88213":                             {"FR88213"},
		"mi pedido número 55012 y el pedido 55013":        {"55012", "55013"},
		"I waited 30 days and paid 49.90 in 2024, hello?": nil,
		"order number is dn-100245, order dn-100245":      {"DN-100245"},
	} {
		if got := a.Escalation("en", assist.ReasonAsked).Pack([]assist.Event{shopper(text)}).Orders; !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	long := a.Escalation("en", assist.ReasonAsked).Pack([]assist.Event{shopper(strings.Repeat("word ", 700))})
	if len([]rune(long.Wish)) > 300 {
		t.Errorf("a wish of %d characters", len([]rune(long.Wish)))
	}
	empty := a.Escalation("en", assist.ReasonAsked).Pack(nil)
	if empty.Wish != "" || empty.Feeling != triage.Calm || empty.Topic != triage.Other {
		t.Errorf("of nothing: %+v", empty)
	}
	note := a.Escalation("en", assist.ReasonAsked)
	note.Note = "The sole\nis loose"
	if got := note.Pack([]assist.Event{shopper("Hi")}).Wish; got != "The sole is loose" {
		t.Errorf("with a note: %q", got)
	}
}

func FuzzPack(f *testing.F) {
	f.Add("My order #1001 is late. Where is it?", "")
	f.Add("\xff\x00.!?…", "#")
	a := &assist.Answerer{Triage: triage.New()}
	f.Fuzz(func(t *testing.T, text, note string) {
		e := a.Escalation("en", assist.ReasonAsked)
		e.Note = note
		p := e.Pack([]assist.Event{{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.ByShopper}, Text: text}})
		e.Tell(p, assist.Situation{Locale: "en"})
		if len([]rune(p.Wish)) > 300 || len(p.Orders) > 5 {
			t.Errorf("%q, %v", p.Wish, p.Orders)
		}
	})
}

func TestToolsOfTheBotAreWhatModelsCanRead(t *testing.T) {
	for _, tl := range tool.All() {
		spec := tl.Spec()
		var schema struct {
			Type       string
			Properties map[string]struct{ Description string }
			Required   []string
		}
		if err := json.Unmarshal(spec.Parameters, &schema); err != nil || schema.Type != "object" || spec.Name == "" || spec.Description == "" {
			t.Errorf("%s: %v, %+v", spec.Name, err, schema)
		}
		for name, p := range schema.Properties {
			if p.Description == "" {
				t.Errorf("%s: nothing is said of %s", spec.Name, name)
			}
		}
		for _, arguments := range []string{"", "null", "[]", "7", `{"reason":`} {
			_, err := tl.Call(json.RawMessage(arguments))
			if err == nil && arguments != "null" {
				t.Errorf("%s takes %q", spec.Name, arguments)
			}
		}
	}
}
