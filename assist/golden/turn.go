package golden

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Reservation is money set aside for a call of a model, in millionths of a
// dollar, out of one day's budget.
type Reservation struct {
	Amount int64
	Day    time.Time
}

// Spending keeps a site's budget, which asking spends of as turns do.
type Spending interface {
	// Reserve sets an amount aside from what the site may still spend today (UTC);
	// false: there is not as much left.
	Reserve(ctx context.Context, siteID string, amount, daily int64) (Reservation, bool, error)
	// Settle gives reservations back, counts the calls and spends cost. What a
	// process that died had set aside comes back with the next day.
	Settle(ctx context.Context, siteID string, reserved []Reservation, calls []assist.CallRecord, cost int64) error
}

// Asker asks outside of conversations.
type Asker struct {
	Answerer *assist.Answerer
	// Spending keeps the budget; nil: the caller's own bound is the only one.
	Spending Spending
	// DailyBudget is that of sites which have none of their own, in millionths of
	// a dollar.
	DailyBudget int64
	Log         *slog.Logger
}

// askSlack is what a turn may take beside its calls of models.
const askSlack = 15 * time.Second

// turn is one that was run outside of a conversation.
type turn struct {
	question assist.Question
	reply    assist.Reply
	found    retrieval.Result
	took     time.Duration
	// refused says that a model was not asked for want of money.
	refused bool
}

// run runs one turn. purse is what may still be spent beside the daily budget,
// negative for no bound; what was spent is taken off. search stands in for the
// answerer's, if set. It fails with the context's error alone.
func (a *Asker) run(ctx context.Context, q assist.Question, search retrieval.Searcher, model bool, purse *purse, w assist.Watcher) (turn, error) {
	answerer := *a.Answerer
	if search != nil {
		answerer.Search = search
	}
	if !model {
		answerer.Writers = nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerer.Limits.TurnTime+askSlack)
	defer cancel()
	t := turn{question: q}
	found := w.Found
	w.Found = func(r retrieval.Result) {
		// The turn shortens the texts in place; what was found is shown whole.
		t.found = r
		t.found.Passages = slices.Clone(r.Passages)
		found(r)
	}
	var reserved []Reservation
	daily := a.DailyBudget
	if q.Site.DailyBudget != nil {
		daily = *q.Site.DailyBudget
	}
	reserve := func(ctx context.Context, _ int, amount int64) (bool, error) {
		if amount == 0 {
			return true, nil
		}
		if !purse.take(amount) {
			t.refused = true
			return false, nil
		}
		if a.Spending == nil {
			reserved = append(reserved, Reservation{Amount: amount})
			return true, nil
		}
		r, ok, err := a.Spending.Reserve(ctx, q.Site.ID, amount, daily)
		if err != nil || !ok {
			purse.giveBack(amount)
			t.refused = true
			return false, err
		}
		reserved = append(reserved, r)
		return true, nil
	}
	started := time.Now()
	reply, err := answerer.Answer(ctx, q, reserve, w)
	t.reply, t.took = reply, time.Since(started)
	a.settle(ctx, q.Site.ID, t, reserved, purse, err != nil)
	return t, err
}

// settle counts what a turn took. One that was stopped tells nothing of it: it
// counts as what it might have taken.
func (a *Asker) settle(ctx context.Context, siteID string, t turn, reserved []Reservation, p *purse, stopped bool) {
	var held int64
	for _, r := range reserved {
		held += r.Amount
	}
	cost := t.cost()
	if stopped {
		cost = held
	}
	p.giveBack(held - cost)
	if a.Spending == nil || len(reserved) == 0 && cost == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := a.Spending.Settle(ctx, siteID, reserved, t.reply.Record.Calls, cost); err != nil {
		a.Log.Error("the cost of a question that was asked is not counted", "site", siteID, "micros", cost, "error", err)
	}
}

func (t turn) cost() int64 {
	var sum int64
	for _, c := range t.reply.Record.Calls {
		sum += c.Cost
	}
	return sum
}

// told is what a shopper reads where a person is called, at a shop whose people
// are there; empty where none is.
func (t turn) told() string {
	if t.reply.Escalation == nil {
		return ""
	}
	asked := assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.ByShopper}, Text: t.question.Text}
	packet := t.reply.Escalation.Pack(append(slices.Clone(t.question.Earlier), asked))
	return t.reply.Escalation.Tell(packet, assist.Situation{Locale: t.question.Locale, Online: 1})
}

// text is all that the shopper reads.
func (t turn) text() string { return strings.TrimSpace(t.reply.Text + "\n\n" + t.told()) }

// grounding judges an answer that was made of passages.
func (t turn) grounding(locale string) []Sentence {
	if t.reply.Outcome != assist.Answered || len(t.found.Passages) == 0 {
		return []Sentence{}
	}
	return Ground(t.reply.Text, locale, sources(t.reply, t.found.Passages))
}
