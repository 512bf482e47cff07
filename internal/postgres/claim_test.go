package postgres

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

// onePage is a search that finds one passage.
type onePage struct{}

func (onePage) Search(context.Context, retrieval.Query) (retrieval.Result, error) {
	return retrieval.Result{Confidence: 0.9, Passages: []retrieval.Passage{{
		Article: retrieval.Article{ID: "a", Version: 1, Title: "Returns", Locale: "en"}, Text: "You can return shoes within 30 days."}}}, nil
}

// halting is a model that speaks, waits to be let on, and speaks on.
type halting struct {
	spoke chan struct{}
	on    chan struct{}
}

func (*halting) Name() string { return "halting" }

func (h *halting) Write(ctx context.Context, _ llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
	if err := emit(llm.Delta{Text: "You can return shoes "}); err != nil {
		return llm.Result{}, err
	}
	h.spoke <- struct{}{}
	select {
	case <-h.on:
	case <-ctx.Done():
		return llm.Result{}, ctx.Err()
	}
	if err := emit(llm.Delta{Text: "within 30 days [1]."}); err != nil {
		return llm.Result{}, err
	}
	return llm.Result{Finish: llm.FinishStop}, nil
}

// heardBus keeps what was published.
type heardBus struct {
	mu      sync.Mutex
	signals []assist.Signal
}

func (b *heardBus) Publish(s assist.Signal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signals = append(b.signals, s)
}

// An agent takes the conversation, on another replica, while the bot speaks:
// what was streamed is taken back, and the bot's words are stored nowhere.
func TestAgentClaimsWhileTheBotSpeaks(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	model, bus := &halting{make(chan struct{}), make(chan struct{})}, &heardBus{}
	ends := make(chan assist.TurnEnd, 2)
	engine := assist.NewEngine(assist.Options{Store: s.DB, Bus: bus, Owner: "here", Log: slog.New(slog.DiscardHandler), DailyBudget: 1 << 40,
		Observe: func(e assist.TurnEnd) { ends <- e },
		Answerer: &assist.Answerer{Search: onePage{}, Writers: []assist.Writer{{Model: model}}, Quoter: model, Limits: assist.DefaultLimits,
			Triage: triage.New(), HelpURL: func(assist.Site, retrieval.Article) string { return "" }}})
	t.Cleanup(func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := engine.Stop(stop); err != nil {
			t.Error(err)
		}
	})
	acc := must(engine.Say(ctx, s.visit("", "c1"), "Can I return shoes?"))(t)
	<-model.spoke
	mia := s.agent(t, "Mia", 5)
	must(s.in.Claim(ctx, s.act(acc.Conversation, mia, "claim")))(t)
	close(model.on)
	if end := <-ends; end.Outcome != "" {
		t.Errorf("the turn ended as %s", end.Outcome)
	}
	for _, e := range must(s.Events(ctx, s.shopper.ID, acc.Conversation.ID, 0, 10))(t) {
		if e.Author.Kind == assist.ByBot {
			t.Errorf("the bot said %q beside a person", e.Text)
		}
	}
	bus.mu.Lock()
	defer bus.mu.Unlock()
	shown := ""
	for _, sig := range bus.signals {
		switch {
		case sig.Delta != nil:
			shown = shown[:sig.Delta.Offset] + sig.Delta.Text
		case sig.Retract != nil:
			shown = shown[:min(len(shown), sig.Retract.FromOffset)] + sig.Retract.Text
		}
	}
	if shown != "" {
		t.Errorf("%q is left on the shopper's screen", shown)
	}
}
