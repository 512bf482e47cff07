package assist_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/careloop/careloop/assist"
)

// memStore is the part of assist.Store that the engine uses, in memory. The
// real store's own suite tests the rest of the contract.
type memStore struct {
	assist.Store
	mu       sync.Mutex
	site     assist.Site
	conv     assist.Conversation
	events   []assist.Event
	turns    map[string]*memTurn
	finished []assist.FinishTurn
	spent    int64
	fail     func(op string) error
}

type memTurn struct {
	assist.Turn
	state, owner string
	until        time.Time
}

func newMemStore() *memStore {
	return &memStore{
		site:  assist.Site{ID: "site", Name: "Northpath", Locale: "en"},
		conv:  assist.Conversation{ID: "conv", SiteID: "site", ShopperID: "shopper", Locale: "en", Charge: assist.BotInCharge},
		turns: map[string]*memTurn{},
		fail:  func(string) error { return nil },
	}
}

func (m *memStore) append(e assist.Event) assist.Event {
	m.conv.LastSeq++
	e.ConversationID, e.Seq, e.At = m.conv.ID, m.conv.LastSeq, time.Now()
	m.events = append(m.events, e)
	return e
}

func (m *memStore) known(clientID string) (assist.Accepted, bool) {
	for _, e := range m.events {
		if e.ClientID == clientID {
			return assist.Accepted{Event: e, Conversation: m.conv, Duplicate: true}, true
		}
	}
	return assist.Accepted{}, false
}

func (m *memStore) supersede() string {
	for id, t := range m.turns {
		if t.state == "running" {
			t.state = "superseded"
			return id
		}
	}
	return ""
}

func (m *memStore) Accept(_ context.Context, a assist.AcceptMessage) (assist.Accepted, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail("accept"); err != nil {
		return assist.Accepted{}, err
	}
	if acc, ok := m.known(a.ClientID); ok {
		return acc, nil
	}
	acc := assist.Accepted{SupersededTurnID: m.supersede()}
	acc.Event = m.append(assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.ByShopper}, Text: a.Text, ClientID: a.ClientID})
	t := &memTurn{Turn: assist.Turn{ID: fmt.Sprint("turn", len(m.turns)+1), SiteID: "site", ShopperID: "shopper", ConversationID: "conv", QuestionSeq: acc.Event.Seq, Attempt: 1}, state: "running", owner: a.Owner, until: time.Now().Add(a.Lease)}
	m.turns[t.ID] = t
	turn := t.Turn
	acc.Turn, acc.Conversation = &turn, m.conv
	return acc, nil
}

func (m *memStore) AcceptHandoff(_ context.Context, a assist.AcceptHandoff) (assist.Accepted, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	acc := assist.Accepted{SupersededTurnID: m.supersede()}
	acc.Event = m.append(assist.Event{Kind: assist.KindHandoff, Author: assist.Author{Kind: assist.ByShopper}, ClientID: a.ClientID, Text: a.Note, Handoff: &assist.Handoff{State: assist.HandoffRequested, Email: a.Email}})
	acc.Replies = []assist.Event{m.append(assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.BySystem}, Text: a.Reply})}
	acc.Conversation = m.conv
	return acc, nil
}

func (m *memStore) TurnInput(_ context.Context, turnID string, limit int) (assist.TurnInput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail("input"); err != nil {
		return assist.TurnInput{}, err
	}
	in := assist.TurnInput{Site: m.site, Conversation: m.conv}
	for _, e := range m.events {
		if e.Kind == assist.KindMessage && e.Seq <= m.turns[turnID].QuestionSeq {
			in.Messages = append(in.Messages, e)
		}
	}
	in.Messages = in.Messages[max(0, len(in.Messages)-limit):]
	return in, nil
}

func (m *memStore) RenewLease(_ context.Context, turnID, owner string, until time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.turns[turnID]
	if t.state != "running" || t.owner != owner {
		return &assist.Error{Code: assist.CodeTurnOver}
	}
	t.until = time.Now().Add(until)
	return nil
}

func (m *memStore) TakeTurn(_ context.Context, turnID, owner string, until time.Duration) (assist.Turn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.turns[turnID]
	if t.state != "running" {
		return assist.Turn{}, &assist.Error{Code: assist.CodeTurnOver}
	}
	if time.Now().Before(t.until) {
		return assist.Turn{}, &assist.Error{Code: assist.CodeTurnHeld}
	}
	t.owner, t.until = owner, time.Now().Add(until)
	t.Attempt++
	return t.Turn, nil
}

func (m *memStore) ReserveBudget(_ context.Context, _, _ string, amount, daily int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail("reserve"); err != nil {
		return false, err
	}
	if m.spent+amount > daily {
		return false, nil
	}
	m.spent += amount
	return true, nil
}

func (m *memStore) FinishTurn(_ context.Context, f assist.FinishTurn) (assist.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail("finish"); err != nil {
		return assist.Event{}, err
	}
	t := m.turns[f.TurnID]
	if t.state != "running" || t.owner != f.Owner || m.conv.Charge != assist.BotInCharge {
		return assist.Event{}, &assist.Error{Code: assist.CodeTurnOver}
	}
	t.state = "finished"
	m.finished = append(m.finished, f)
	e := assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.ByBot, Name: f.BotName}, Text: f.Text, TurnID: f.TurnID, Outcome: f.Outcome, Citations: f.Citations}
	if f.Outcome == assist.Escalated {
		e.Handoff = &assist.Handoff{State: assist.HandoffOffered, Reason: f.Reason}
	}
	return m.append(e), nil
}

func (m *memStore) lastFinished() (assist.FinishTurn, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.finished) == 0 {
		return assist.FinishTurn{}, false
	}
	return m.finished[len(m.finished)-1], true
}

// watchBus keeps every signal, in order, and lets a test wait for one.
type watchBus struct {
	mu      sync.Mutex
	signals []assist.Signal
	changed chan struct{}
}

func newWatchBus() *watchBus { return &watchBus{changed: make(chan struct{})} }

func (b *watchBus) Publish(s assist.Signal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signals = append(b.signals, s)
	close(b.changed)
	b.changed = make(chan struct{})
}

// wait returns when a signal satisfies want, or false after a minute.
func (b *watchBus) wait(want func(assist.Signal) bool) (assist.Signal, bool) {
	deadline := time.After(time.Minute)
	for seen := 0; ; {
		b.mu.Lock()
		for ; seen < len(b.signals); seen++ {
			if want(b.signals[seen]) {
				s := b.signals[seen]
				b.mu.Unlock()
				return s, true
			}
		}
		changed := b.changed
		b.mu.Unlock()
		select {
		case <-changed:
		case <-deadline:
			return assist.Signal{}, false
		}
	}
}

// screen is what a shopper sees of a turn in the end.
func (b *watchBus) screen(turnID string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := ""
	for _, s := range b.signals {
		switch {
		case s.Delta != nil && s.Delta.TurnID == turnID:
			text = text[:s.Delta.Offset] + s.Delta.Text
		case s.Retract != nil && s.Retract.TurnID == turnID:
			text = text[:min(len(text), s.Retract.FromOffset)] + s.Retract.Text
		case s.Event != nil && s.Event.TurnID == turnID:
			return s.Event.Text
		}
	}
	return text
}
