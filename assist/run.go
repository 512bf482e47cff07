package assist

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/careloop/careloop/retrieval"
)

// BotName is the author of the bot's messages.
const BotName = "Careloop"

// run is one turn under way on this replica.
type run struct {
	turn    Turn
	address string // of the shopper, if the message came to this replica
	cancel  context.CancelFunc

	mu    sync.Mutex
	state string
	text  []uint16
}

func (r *run) screen() (state, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state, string(utf16.Decode(r.text))
}

// begin runs a turn in a goroutine of its own, unless the engine has stopped:
// then the rescue job finds it.
func (e *Engine) begin(t Turn, address string) {
	if r, ctx := e.enter(t); r != nil {
		r.address = address
		go e.through(ctx, r)
	}
}

// Rescue runs a turn whose process died, to its end.
// Errors: CodeTurnHeld while somebody's lease holds: ask again later.
func (e *Engine) Rescue(ctx context.Context, turnID string) error {
	t, err := e.store.TakeTurn(ctx, turnID, e.owner, leaseTime)
	if CodeOf(err) == CodeTurnOver {
		return nil
	}
	if err != nil {
		return err
	}
	r, runCtx := e.enter(t)
	if r == nil {
		return &Error{Code: CodeTurnHeld}
	}
	e.log.Info("turn rescued", "conversation", t.ConversationID, "turn", t.ID, "attempt", t.Attempt)
	e.through(runCtx, r)
	return nil
}

// through takes a turn that was entered to its end and reports it.
func (e *Engine) through(ctx context.Context, r *run) {
	defer e.turns.Done()
	end := e.run(ctx, r)
	e.leave(r)
	e.observe(end)
}

func (e *Engine) enter(t Turn) (*run, context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(e.ctx)
	r := &run{turn: t, cancel: cancel, state: StateSearching}
	e.running[t.ID] = r
	e.current[t.ConversationID] = t.ID
	e.turns.Add(1)
	return r, ctx
}

func (e *Engine) leave(r *run) {
	r.cancel()
	e.mu.Lock()
	delete(e.running, r.turn.ID)
	if e.current[r.turn.ConversationID] == r.turn.ID {
		delete(e.current, r.turn.ConversationID)
	}
	e.mu.Unlock()
}

// run takes a turn to its end and keeps its lease meanwhile.
func (e *Engine) run(ctx context.Context, r *run) TurnEnd {
	started := time.Now()
	log := e.log.With("conversation", r.turn.ConversationID, "turn", r.turn.ID)
	ctx, cancel := context.WithCancel(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		e.keepLease(ctx, cancel, r.turn.ID, log)
	}()
	reply, err := e.reply(ctx, r)
	cancel()
	<-kept

	end := TurnEnd{Took: time.Since(started)}
	switch {
	case err == nil:
		if e.finish(r, reply, log) {
			end.Outcome, end.Reason, end.Model = reply.Outcome, reply.Reason, reply.Record.Model
			end.ToFirstDelta = time.Duration(reply.Record.FirstDeltaMillis) * time.Millisecond
			end.Calls = reply.Record.Calls
		}
	case e.ctx.Err() != nil:
		e.handOver(r, log)
	}
	return end
}

// reply makes the turn's answer. It fails only where the turn is not to be
// finished here: it was superseded, its lease is lost, or the engine stops.
func (e *Engine) reply(ctx context.Context, r *run) (reply Reply, err error) {
	locale := ""
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("turn panicked", "turn", r.turn.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			e.signal(r, Signal{Retract: &Retract{TurnID: r.turn.ID}})
			reply, err = e.failed(locale), nil
		}
	}()
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return Reply{}, ctx.Err()
	}
	in, err := e.input(ctx, r.turn.ID)
	if ctx.Err() != nil {
		return Reply{}, ctx.Err()
	}
	if err != nil {
		e.log.Error("turn cannot be read", "turn", r.turn.ID, "error", err)
		return e.failed(""), nil
	}
	locale = in.Conversation.Locale
	if r.turn.Attempt > maxAttempts {
		return e.failed(locale), nil
	}
	if r.turn.Attempt > 1 {
		// What the dead process had streamed is on the screen still.
		e.signal(r, Signal{Retract: &Retract{TurnID: r.turn.ID}})
	}
	budget := e.budget
	if in.Site.DailyBudget != nil {
		budget = *in.Site.DailyBudget
	}
	reserve := func(ctx context.Context, tokens int, amount int64) (bool, error) {
		if !e.allowed.take(r.turn.ShopperID, r.address, tokens, time.Now()) {
			return false, nil
		}
		if amount == 0 {
			return true, nil
		}
		return e.store.ReserveBudget(ctx, in.Site.ID, r.turn.ID, amount, budget)
	}
	return e.answerer.Answer(ctx, QuestionOf(in), reserve, e.watcher(r))
}

// failed is the reply of a turn that broke.
func (e *Engine) failed(locale string) Reply {
	return Reply{Outcome: Escalated, Reason: ReasonInternal, Escalation: e.answerer.Escalation(locale, ReasonInternal)}
}

func (e *Engine) input(ctx context.Context, turnID string) (TurnInput, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	return e.store.TurnInput(ctx, turnID, turnHistory)
}

// QuestionOf joins the messages that nothing was said to yet; the rest is what
// was said before.
func QuestionOf(in TurnInput) Question {
	from := len(in.Messages)
	for from > 0 && in.Messages[from-1].Author.Kind == ByShopper {
		from--
	}
	var texts []string
	for _, m := range in.Messages[from:] {
		texts = append(texts, m.Text)
	}
	return Question{Site: in.Site, Locale: in.Conversation.Locale, Text: strings.Join(texts, "\n"), Earlier: in.Messages[:from],
		WaitingSince: in.Conversation.WaitingSince, Audience: in.Audience}
}

// watcher passes a turn on to those who look at it.
func (e *Engine) watcher(r *run) Watcher {
	return Watcher{
		Found: func(retrieval.Result) {},
		Status: func(state string) {
			r.mu.Lock()
			r.state = state
			r.mu.Unlock()
			e.signal(r, Signal{Status: &Status{TurnID: r.turn.ID, State: state}})
		},
		Text: func(offset int, text string) {
			r.mu.Lock()
			r.text = append(r.text[:min(offset, len(r.text))], utf16.Encode([]rune(text))...)
			r.mu.Unlock()
			e.signal(r, Signal{Delta: &Delta{TurnID: r.turn.ID, Offset: offset, Text: text}})
		},
		Retract: func(from int, text string) {
			r.mu.Lock()
			r.text = append(r.text[:min(from, len(r.text))], utf16.Encode([]rune(text))...)
			r.mu.Unlock()
			e.signal(r, Signal{Retract: &Retract{TurnID: r.turn.ID, FromOffset: from, Text: text}})
		},
	}
}

func (e *Engine) signal(r *run, s Signal) {
	s.SiteID, s.ShopperID, s.ConversationID = r.turn.SiteID, r.turn.ShopperID, r.turn.ConversationID
	e.bus.Publish(s)
}

// keepLease renews until ctx ends, and ends it where the turn is no longer
// ours. A store that does not answer is asked again: the lease outlasts two
// failures.
func (e *Engine) keepLease(ctx context.Context, cancel func(), turnID string, log *slog.Logger) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		c, stop := context.WithTimeout(ctx, renewEvery)
		err := e.store.RenewLease(c, turnID, e.owner, leaseTime)
		stop()
		if CodeOf(err) == CodeTurnOver {
			cancel()
			return
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("lease not renewed", "error", err)
		}
	}
}

// finish stores the reply and tells everyone; false means that the turn was
// over: what was streamed of it is retracted. A store that fails is tried again
// as long as the lease lasts; then the rescue job runs the turn anew.
func (e *Engine) finish(r *run, reply Reply, log *slog.Logger) bool {
	f := FinishTurn{TurnID: r.turn.ID, Owner: e.owner, Text: reply.Text, BotName: BotName, Citations: reply.Citations, Outcome: reply.Outcome, Reason: reply.Reason, Offer: reply.Offer, Escalation: reply.Escalation, Record: reply.Record}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), leaseTime)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		did, err := e.store.FinishTurn(ctx, f)
		switch {
		case err == nil:
			e.publishFinished(r, did)
			if f.Escalation != nil {
				e.draft(did.Conversation, r.turn.QuestionSeq)
			}
			log.Info("turn finished", "outcome", reply.Outcome, "reason", reply.Reason, "model", reply.Record.Model, "confidence", reply.Record.Confidence, "ms", reply.Record.TotalMillis)
			return true
		case CodeOf(err) == CodeTurnOver:
			e.signal(r, Signal{Retract: &Retract{TurnID: r.turn.ID}})
			return false
		}
		log.Warn("turn not stored", "error", err)
		select {
		case <-ctx.Done():
			e.signal(r, Signal{Retract: &Retract{TurnID: r.turn.ID}})
			return false
		case <-time.After(wait):
		}
	}
}

// publishFinished tells everyone what a turn came to. The conversation says
// whose it is now: a shopper who signed in meanwhile is another one.
func (e *Engine) publishFinished(r *run, did Finished) {
	r.turn.ShopperID = did.Conversation.ShopperID
	if did.Event.Seq == 0 {
		e.signal(r, Signal{Retract: &Retract{TurnID: r.turn.ID}})
		return
	}
	for _, ev := range append([]Event{did.Event}, did.Replies...) {
		e.signal(r, Signal{Event: &ev})
	}
}

// handOver ends the lease of a turn that has to stop with the engine, so that
// another replica need not wait for it.
func (e *Engine) handOver(r *run, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), storeTime)
	defer cancel()
	if err := e.store.RenewLease(ctx, r.turn.ID, e.owner, 0); err != nil && !errors.Is(err, context.Canceled) && CodeOf(err) != CodeTurnOver {
		log.Warn("turn not handed over", "error", err)
	}
}
