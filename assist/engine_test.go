package assist_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/tool"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pages is a search over one article.
type pages struct {
	confidence float64
	err        error
	asked      atomic.Pointer[retrieval.Query]
}

func (p *pages) Search(_ context.Context, q retrieval.Query) (retrieval.Result, error) {
	p.asked.Store(&q)
	if p.err != nil {
		return retrieval.Result{}, p.err
	}
	return retrieval.Result{Confidence: p.confidence, Passages: []retrieval.Passage{{
		ChunkID: 7, Article: retrieval.Article{ID: "a1", Version: 2, Slug: "returns", Title: "Returns", Locale: "en"},
		Text: "You can return shoes that you wore once within 30 days. Returning costs €4.90.",
	}}}, nil
}

// writer is a scripted model.
type writer struct {
	name  string
	write func(ctx context.Context, req llm.Request, emit func(llm.Delta) error) (llm.Result, error)
	calls atomic.Int32
}

func (w *writer) Name() string { return w.name }

func (w *writer) Write(ctx context.Context, req llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
	w.calls.Add(1)
	return w.write(ctx, req, emit)
}

func says(name string, pieces ...string) *writer {
	return &writer{name: name, write: func(_ context.Context, _ llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
		for _, p := range pieces {
			if err := emit(llm.Delta{Text: p}); err != nil {
				return llm.Result{}, err
			}
		}
		return llm.Result{Model: name, Finish: llm.FinishStop, Usage: llm.Usage{PromptTokens: 100, CompletionTokens: 20}}, nil
	}}
}

func fails(name string, kind llm.Kind, before ...string) *writer {
	return &writer{name: name, write: func(_ context.Context, _ llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
		for _, p := range before {
			if err := emit(llm.Delta{Text: p}); err != nil {
				return llm.Result{}, err
			}
		}
		return llm.Result{}, &llm.Error{Kind: kind, Model: name, Started: len(before) > 0}
	}}
}

var quote = says("extractive", "You can return shoes that you wore once within 30 days [1].")

type shop struct {
	*assist.Engine
	store  *memStore
	bus    *watchBus
	search *pages
	ends   chan assist.TurnEnd
}

func open(t *testing.T, quoter llm.Model, writers ...assist.Writer) *shop {
	t.Helper()
	return openWith(t, assist.Options{}, quoter, writers...)
}

// openWith takes what o adds to the usual options.
func openWith(t *testing.T, o assist.Options, quoter llm.Model, writers ...assist.Writer) *shop {
	t.Helper()
	s := &shop{store: newMemStore(), bus: newWatchBus(), search: &pages{confidence: 0.9}, ends: make(chan assist.TurnEnd, 256)}
	s.Engine = assist.NewEngine(assist.Options{
		Store: s.store, Bus: s.bus, Owner: "here", DailyBudget: 1_000_000, Tokens: assist.TokenLimits{Shopper: 100_000}, Log: slog.New(slog.DiscardHandler),
		Observe: func(e assist.TurnEnd) { s.ends <- e },
		Drafter: o.Drafter,
		Answerer: &assist.Answerer{Search: s.search, Writers: writers, Quoter: quoter, Limits: assist.DefaultLimits, Triage: triage.New(), Tools: tool.All(), Letters: true,
			HelpURL: func(_ assist.Site, a retrieval.Article) string { return "/help/" + a.Slug }},
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *shop) say(t *testing.T, clientID, text string) assist.Accepted {
	t.Helper()
	acc, err := s.Say(context.Background(), assist.Visit{SiteID: "site", ShopperID: "shopper", ConversationID: "conv", ClientID: clientID, Locale: "en"}, text)
	if err != nil {
		t.Fatal(err)
	}
	return acc
}

// ask says something and waits for the bot's message.
func (s *shop) ask(t *testing.T, clientID, text string) assist.Event {
	t.Helper()
	acc := s.say(t, clientID, text)
	return s.answerTo(t, acc.Turn.ID)
}

func (s *shop) answerTo(t *testing.T, turnID string) assist.Event {
	t.Helper()
	sig, ok := s.bus.wait(func(sig assist.Signal) bool { return sig.Event != nil && sig.Event.TurnID == turnID })
	if !ok {
		t.Fatal("no answer")
	}
	return *sig.Event
}

func TestAnswerWithCitation(t *testing.T) {
	s := open(t, quote, assist.Writer{Model: says("big", "Yes", ", you", " can", " within", " 30", " days", " [1]", "."), Price: assist.Price{Prompt: 1_000_000, Completion: 2_000_000}})
	e := s.ask(t, "c1", "Can I return shoes that I wore once?")
	if e.Text != "Yes, you can within 30 days [1]." || e.Outcome != assist.Answered {
		t.Errorf("got %q, %s", e.Text, e.Outcome)
	}
	want := assist.Citation{N: 1, Title: "Returns",
		URL: "/help/returns#:~:text=You%20can%20return%20shoes%20that%20you,within%2030%20days.%20Returning%20costs%20%E2%82%AC4.90.", Quote: "You can return shoes that you wore once within 30 days. Returning costs €4.90.", ArticleID: "a1", Version: 2}
	if len(e.Citations) != 1 || e.Citations[0] != want {
		t.Errorf("citations %+v", e.Citations)
	}
	f, _ := s.store.lastFinished()
	if f.Record.Model != "big" || f.Record.PromptHash == "" || f.Record.Calls[0].Cost != 140 || !f.Record.Passages[0].Cited {
		t.Errorf("record %+v", f.Record)
	}
	if end := <-s.ends; end.Outcome != assist.Answered || len(end.Calls) != 1 || end.Calls[0].Cost != 140 {
		t.Errorf("observed %+v", end)
	}
}

func TestInventedFactIsTakenBackAndAPersonOffered(t *testing.T) {
	s := open(t, quote, assist.Writer{Model: says("big", "You have 30 days [1].", " It costs €9.99."), Price: assist.Price{}})
	e := s.ask(t, "c1", "What does returning cost?")
	if strings.Contains(e.Text, "9.99") || !strings.Contains(e.Text, "30 days") {
		t.Errorf("got %q", e.Text)
	}
	if e.Outcome != assist.Clarified || !offered(e) || e.Handoff.Reason != assist.ReasonUnsupported {
		t.Errorf("outcome %s %+v", e.Outcome, e.Handoff)
	}
	e = s.ask(t, "c2", "But what does it cost?")
	if e.Outcome != assist.Escalated || !passed(e) || e.Handoff.Reason != assist.ReasonUnsupported || !strings.HasPrefix(e.Text, "You have 30 days [1].") {
		t.Errorf("the second time: %s %+v %q", e.Outcome, e.Handoff, e.Text)
	}
}

func offered(e assist.Event) bool {
	return e.Handoff != nil && e.Handoff.State == assist.HandoffOffered
}

func passed(e assist.Event) bool {
	return e.Handoff != nil && e.Handoff.State == assist.HandoffPassed
}

func TestFailuresOfWriters(t *testing.T) {
	next := says("next", "You have 30 days [1].")
	silent := fails("extractive", llm.Empty)
	cases := []struct {
		name    string
		writers []*writer
		quoter  *writer
		text    string
		outcome assist.Outcome
		reason  assist.Reason
		model   string
	}{
		{"the next model answers", []*writer{fails("big", llm.Unavailable), next}, quote, "You have 30 days [1].", assist.Answered, "", "next"},
		{"a stream that breaks is taken back", []*writer{fails("big", llm.Truncated, "Yes, you ", "can"), next}, quote, "You have 30 days [1].", assist.Answered, "", "next"},
		{"the quoter answers", []*writer{fails("big", llm.RateLimited), fails("next", llm.Stalled, "Well")}, quote, "You can return shoes that you wore once within 30 days [1].", assist.Answered, "", "extractive"},
		{"a text that rests on nothing is no answer", []*writer{says("big", "Of course, go ahead and enjoy.")}, quote, "You can return shoes that you wore once within 30 days [1].", assist.Answered, "", "extractive"},
		{"nothing to quote after a failure", []*writer{fails("big", llm.Unauthorized)}, silent, "", assist.Escalated, assist.ReasonModel, ""},
		{"nothing to quote", nil, silent, "", assist.Clarified, assist.ReasonNotFound, ""},
		{"the model finds no answer", []*writer{says("big", "[none]")}, quote, "", assist.Clarified, assist.ReasonNotFound, "big"},
		{"a question back", []*writer{says("big", "Which pair do you mean?")}, quote, "Which pair do you mean?", assist.Clarified, "", "big"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var ws []assist.Writer
			for _, w := range c.writers {
				ws = append(ws, assist.Writer{Model: w})
			}
			s := open(t, c.quoter, ws...)
			acc := s.say(t, "c1", "How long do I have to return shoes?")
			e := s.answerTo(t, acc.Turn.ID)
			if c.text != "" && e.Text != c.text {
				t.Errorf("text %q", e.Text)
			}
			f, _ := s.store.lastFinished()
			if e.Text == "" || e.Outcome != c.outcome || f.Reason != c.reason || f.Record.Model != c.model {
				t.Errorf("got %q, %s, %s, by %q", e.Text, e.Outcome, f.Reason, f.Record.Model)
			}
			if passed(e) != (c.outcome == assist.Escalated) || offered(e) != (c.reason == assist.ReasonNotFound) {
				t.Errorf("handoff %+v", e.Handoff)
			}
		})
	}
}

func TestMoneyFailsClosedIntoQuoting(t *testing.T) {
	dear := says("big", "You have 30 days [1].")
	price := assist.Price{Prompt: 1_000_000, Completion: 1_000_000}
	for name, prepare := range map[string]func(*shop){
		"the day's budget is spent":    func(s *shop) { s.store.spent = 1_000_000 },
		"the purse cannot be asked":    func(s *shop) { s.store.fail = failing("reserve", 1<<30) },
		"the site's own budget is nil": func(s *shop) { s.store.site.DailyBudget = new(int64) },
	} {
		t.Run(name, func(t *testing.T) {
			before := dear.calls.Load()
			s := open(t, quote, assist.Writer{Model: dear, Price: price})
			prepare(s)
			e := s.ask(t, "c1", "How long do I have to return shoes?")
			f, _ := s.store.lastFinished()
			if e.Outcome != assist.Answered || f.Record.Model != "extractive" || dear.calls.Load() != before {
				t.Errorf("%s by %s, %d calls", e.Outcome, f.Record.Model, dear.calls.Load()-before)
			}
		})
	}
}

// failing fails the first n calls of an operation.
func failing(op string, n int) func(string) error {
	return func(got string) error {
		if got == op && n > 0 {
			n--
			return errors.New("the store is away")
		}
		return nil
	}
}

func TestTokensOfAShopperAreBounded(t *testing.T) {
	w := says("big", "You have 30 days [1].")
	s := open(t, quote, assist.Writer{Model: w})
	models := map[string]int{}
	for i := range 200 {
		s.ask(t, fmt.Sprint("c", i), "How long do I have to return shoes?")
		f, _ := s.store.lastFinished()
		models[f.Record.Model]++
		s.store.forget() // who asks the same again gets a person
	}
	if models["big"] == 0 || models["extractive"] == 0 {
		t.Errorf("answered by %v", models)
	}
}

func TestLowConfidenceDoesNotAnswer(t *testing.T) {
	w := says("big", "You have 30 days [1].")
	s := open(t, quote, assist.Writer{Model: w})
	s.search.confidence = 0.1
	if e := s.ask(t, "c1", "What is the weather on Mars?"); e.Outcome != assist.Clarified || !offered(e) || e.Handoff.Reason != assist.ReasonNotFound {
		t.Errorf("%s %+v", e.Outcome, e.Handoff)
	}
	if e := s.ask(t, "c2", "And on the moon, perhaps?"); !passed(e) || e.Handoff.Reason != assist.ReasonStuck {
		t.Errorf("second failure: %s %+v", e.Outcome, e.Handoff)
	}
	if w.calls.Load() != 0 {
		t.Error("a model was asked")
	}
}

func TestShortQuestionIsClarifiedOnce(t *testing.T) {
	s := open(t, quote)
	s.search.confidence = 0.1
	if e := s.ask(t, "c1", "gizmo"); e.Outcome != assist.Clarified {
		t.Errorf("first: %s", e.Outcome)
	}
	if e := s.ask(t, "c2", "gizmo!"); e.Outcome != assist.Escalated {
		t.Errorf("second: %s", e.Outcome)
	}
}

func TestSearchFailureEndsWithAPerson(t *testing.T) {
	s := open(t, quote)
	s.search.err = errors.New("no index")
	if e := s.ask(t, "c1", "Can I return shoes?"); e.Outcome != assist.Escalated || e.Handoff.Reason != assist.ReasonInternal {
		t.Errorf("%s %+v", e.Outcome, e.Handoff)
	}
}

func TestAskingForAPersonAlwaysWins(t *testing.T) {
	w := says("big", "You have 30 days [1].")
	s := open(t, quote, assist.Writer{Model: w})
	e := s.ask(t, "c1", "I want to talk to a human about my return")
	if e.Outcome != assist.Escalated || e.Handoff.Reason != assist.ReasonAsked || w.calls.Load() != 0 {
		t.Errorf("%s %+v", e.Outcome, e.Handoff)
	}
}

func TestSmallTalkNeedsNoSearch(t *testing.T) {
	s := open(t, quote)
	if e := s.ask(t, "c1", "Thanks a lot!"); e.Outcome != assist.Answered || s.search.asked.Load() != nil {
		t.Errorf("%s", e.Outcome)
	}
}

func TestPanicEndsWithAPerson(t *testing.T) {
	bad := &writer{name: "bad", write: func(context.Context, llm.Request, func(llm.Delta) error) (llm.Result, error) {
		panic("a nil pointer, say")
	}}
	s := open(t, quote, assist.Writer{Model: bad})
	if e := s.ask(t, "c1", "Can I return shoes?"); e.Outcome != assist.Escalated || e.Handoff.Reason != assist.ReasonInternal {
		t.Errorf("%s %+v", e.Outcome, e.Handoff)
	}
}

func TestTwoQuickMessagesGetOneAnswer(t *testing.T) {
	started := make(chan struct{}, 2)
	slow := &writer{name: "slow"}
	slow.write = func(ctx context.Context, req llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
		if slow.calls.Load() == 1 {
			_ = emit(llm.Delta{Text: "You can "})
			started <- struct{}{}
			<-ctx.Done()
			return llm.Result{}, ctx.Err()
		}
		_ = emit(llm.Delta{Text: "You have 30 days [1]."})
		return llm.Result{Finish: llm.FinishStop}, nil
	}
	s := open(t, quote, assist.Writer{Model: slow})
	first := s.say(t, "c1", "Can I return shoes")
	<-started
	second := s.say(t, "c2", "that I wore once?")
	e := s.answerTo(t, second.Turn.ID)
	if e.Text != "You have 30 days [1]." {
		t.Errorf("answer %q", e.Text)
	}
	if got := s.search.asked.Load().Text; got != "Can I return shoes\nthat I wore once?" {
		t.Errorf("asked %q", got)
	}
	if seen := s.bus.screen(first.Turn.ID); seen != "" {
		t.Errorf("of the first turn %q is left on the screen", seen)
	}
	if len(s.store.finished) != 1 {
		t.Errorf("%d turns finished", len(s.store.finished))
	}
}

func TestSameClientIDIsOneMessage(t *testing.T) {
	s := open(t, quote)
	a := s.say(t, "c1", "Can I return shoes?")
	s.answerTo(t, a.Turn.ID)
	b := s.say(t, "c1", "Can I return shoes?")
	if !b.Duplicate || b.Event.Seq != a.Event.Seq || b.Turn != nil {
		t.Errorf("%+v", b)
	}
}

func TestRefusals(t *testing.T) {
	s := open(t, quote)
	v := assist.Visit{ConversationID: "conv", ClientID: "c1"}
	ctx := context.Background()
	say := func(v assist.Visit, text string) error { _, err := s.Say(ctx, v, text); return err }
	ask := func(email, note string) error { _, err := s.AskForPerson(ctx, v, email, note); return err }
	rate := func(r assist.Rating) error { _, err := s.Rate(ctx, v, r); return err }
	for name, c := range map[string]struct {
		err  error
		want assist.Code
	}{
		"no client id":     {say(assist.Visit{}, "hello"), assist.CodeBadClientID},
		"odd client id":    {say(assist.Visit{ClientID: "a b"}, "hello"), assist.CodeBadClientID},
		"nothing":          {say(v, " \n "), assist.CodeEmptyText},
		"too long":         {say(v, strings.Repeat("ä", assist.MaxText+1)), assist.CodeTooLong},
		"just long enough": {say(v, strings.Repeat("ä", assist.MaxText)), ""},
		"bad address":      {ask("ada", ""), assist.CodeBadEmail},
		"named address":    {ask("Ada <ada@example.org>", ""), assist.CodeBadEmail},
		"long note":        {ask("", strings.Repeat("n", assist.MaxNote+1)), assist.CodeTooLong},
		"odd score":        {rate(assist.Rating{EventSeq: 1, Score: 5}), assist.CodeBadRating},
	} {
		if got := assist.CodeOf(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestHandoffIsConfirmedAndStopsTheTurn(t *testing.T) {
	started := make(chan struct{})
	slow := &writer{name: "slow", write: func(ctx context.Context, _ llm.Request, _ func(llm.Delta) error) (llm.Result, error) {
		close(started)
		<-ctx.Done()
		return llm.Result{}, ctx.Err()
	}}
	s := open(t, quote, assist.Writer{Model: slow})
	s.say(t, "c1", "Can I return shoes?")
	<-started
	acc, err := s.AskForPerson(context.Background(), assist.Visit{ConversationID: "conv", ClientID: "c2", Locale: "de"}, "ada@example.org", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(acc.Replies) != 1 || !passed(acc.Replies[0]) || !strings.Contains(acc.Replies[0].Text, "ada@example.org") || !strings.Contains(acc.Replies[0].Text, "Team") {
		t.Errorf("replies %+v", acc.Replies)
	}
	if end := <-s.ends; end.Outcome != "" {
		t.Errorf("the turn ended as %s", end.Outcome)
	}
}

func TestStoreThatFailsAtTheEndIsTriedAgain(t *testing.T) {
	s := open(t, quote)
	s.store.fail = failing("finish", 2)
	if e := s.ask(t, "c1", "Can I return shoes?"); e.Outcome != assist.Answered {
		t.Errorf("%s", e.Outcome)
	}
}

func TestStoreThatCannotReadEndsWithAPerson(t *testing.T) {
	s := open(t, quote)
	s.store.fail = failing("input", 1)
	if e := s.ask(t, "c1", "Can I return shoes?"); e.Outcome != assist.Escalated || e.Handoff.Reason != assist.ReasonInternal {
		t.Errorf("%s %+v", e.Outcome, e.Handoff)
	}
}

func TestPersonInChargeSilencesTheBot(t *testing.T) {
	go_ := make(chan struct{})
	slow := &writer{name: "slow", write: func(_ context.Context, _ llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
		_ = emit(llm.Delta{Text: "You can "})
		<-go_
		_ = emit(llm.Delta{Text: "return them [1]."})
		return llm.Result{Finish: llm.FinishStop}, nil
	}}
	s := open(t, quote, assist.Writer{Model: slow})
	acc := s.say(t, "c1", "Can I return shoes?")
	s.store.mu.Lock()
	s.store.conv.Charge = assist.PersonInCharge
	s.store.mu.Unlock()
	close(go_)
	<-s.ends
	if seen := s.bus.screen(acc.Turn.ID); seen != "" || len(s.store.finished) != 0 {
		t.Errorf("seen %q, %d finished", seen, len(s.store.finished))
	}
}

func TestRescue(t *testing.T) {
	s := open(t, quote)
	ctx := context.Background()
	acc, err := s.store.Accept(ctx, assist.AcceptMessage{Visit: assist.Visit{ClientID: "c1"}, Text: "Can I return shoes?", Owner: "dead", Lease: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rescue(ctx, acc.Turn.ID); assist.CodeOf(err) != assist.CodeTurnHeld {
		t.Errorf("while the lease holds: %v", err)
	}
	expire := func() {
		s.store.mu.Lock()
		s.store.turns[acc.Turn.ID].until = time.Time{}
		s.store.mu.Unlock()
	}
	expire()
	if err := s.Rescue(ctx, acc.Turn.ID); err != nil {
		t.Fatal(err)
	}
	if e := s.answerTo(t, acc.Turn.ID); e.Outcome != assist.Answered {
		t.Errorf("%s", e.Outcome)
	}
	if err := s.Rescue(ctx, acc.Turn.ID); err != nil {
		t.Errorf("a finished turn: %v", err)
	}
}

func TestTurnThatKillsItsProcessIsGivenUp(t *testing.T) {
	s := open(t, quote)
	ctx := context.Background()
	acc, _ := s.store.Accept(ctx, assist.AcceptMessage{Visit: assist.Visit{ClientID: "c1"}, Text: "Can I return shoes?", Owner: "dead"})
	s.store.turns[acc.Turn.ID].Attempt = 3
	if err := s.Rescue(ctx, acc.Turn.ID); err != nil {
		t.Fatal(err)
	}
	if e := s.answerTo(t, acc.Turn.ID); e.Outcome != assist.Escalated || e.Handoff.Reason != assist.ReasonInternal {
		t.Errorf("%s %+v", e.Outcome, e.Handoff)
	}
}

func TestStopHandsTurnsOver(t *testing.T) {
	started := make(chan struct{})
	slow := &writer{name: "slow", write: func(ctx context.Context, _ llm.Request, _ func(llm.Delta) error) (llm.Result, error) {
		close(started)
		<-ctx.Done()
		return llm.Result{}, ctx.Err()
	}}
	s := open(t, quote, assist.Writer{Model: slow})
	acc := s.say(t, "c1", "Can I return shoes?")
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Stop(ctx); err == nil {
		t.Error("a turn was running")
	}
	s.store.mu.Lock()
	turn := *s.store.turns[acc.Turn.ID]
	s.store.mu.Unlock()
	if turn.state != "running" || time.Now().Before(turn.until) {
		t.Errorf("state %s, leased until %s", turn.state, turn.until)
	}
	late, err := s.Say(context.Background(), assist.Visit{ClientID: "c9"}, "Hello there, are shoes returnable?")
	if err != nil || late.Turn == nil {
		t.Errorf("a message in the last moment is stored: %v", err)
	}
	if s.Running() != 0 {
		t.Error("a turn began after the stop")
	}
}

func TestWritingShowsWhatIsOnTheScreen(t *testing.T) {
	shown, go_ := make(chan struct{}), make(chan struct{})
	slow := &writer{name: "slow", write: func(_ context.Context, _ llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
		_ = emit(llm.Delta{Text: "You can return"})
		close(shown)
		<-go_
		_ = emit(llm.Delta{Text: " them [1]."})
		return llm.Result{Finish: llm.FinishStop}, nil
	}}
	s := open(t, quote, assist.Writer{Model: slow})
	acc := s.say(t, "c1", "Can I return shoes?")
	<-shown
	id, state, text, ok := s.Writing("conv")
	if !ok || id != acc.Turn.ID || state != assist.StateWriting || text != "You can return" {
		t.Errorf("%s %s %q %v", id, state, text, ok)
	}
	close(go_)
	s.answerTo(t, id)
	<-s.ends
	if _, _, _, ok := s.Writing("conv"); ok {
		t.Error("still writing")
	}
}
