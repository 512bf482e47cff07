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

	// How things stand, and the name of an agent who is free; empty: nobody is.
	standing assist.Situation
	free     string
	asked    bool
	packet   *assist.Packet
	reason   assist.Reason
	read     int64
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
	if m.conv.Charge == assist.BotInCharge {
		turn := t.Turn
		acc.Turn = &turn
	}
	acc.Conversation = m.conv
	return acc, nil
}

func (m *memStore) AcceptHandoff(_ context.Context, a assist.AcceptHandoff) (assist.Accepted, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if acc, ok := m.known(a.ClientID); ok {
		return acc, nil
	}
	if a.Locale != "" {
		m.conv.Locale = a.Locale
	}
	acc := assist.Accepted{SupersededTurnID: m.supersede()}
	acc.Event = m.append(assist.Event{Kind: assist.KindHandoff, Author: assist.Author{Kind: assist.ByShopper}, ClientID: a.ClientID, Text: a.Escalation.Note, Handoff: &assist.Handoff{State: assist.HandoffRequested, Email: a.Escalation.Email}})
	acc.Replies = m.passOn(a.Escalation, "", assist.Event{Kind: assist.KindMessage, Outcome: assist.Escalated, Author: assist.Author{Kind: assist.ByBot, Name: a.BotName}})
	acc.Conversation = m.conv
	return acc, nil
}

func (m *memStore) AcceptSummary(_ context.Context, a assist.AcceptSummary) (assist.Accepted, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if acc, ok := m.known(a.ClientID); ok {
		return acc, nil
	}
	if m.packet == nil {
		return assist.Accepted{}, &assist.Error{Code: assist.CodeNoHandoff}
	}
	m.packet.Wish = a.Text
	acc := assist.Accepted{}
	acc.Event = m.append(assist.Event{Kind: assist.KindHandoff, Author: assist.Author{Kind: assist.ByShopper}, ClientID: a.ClientID, Handoff: &assist.Handoff{State: assist.HandoffCorrected, Summary: a.Text}})
	acc.Conversation = m.conv
	return acc, nil
}

func (m *memStore) ShopperRead(_ context.Context, _, _ string, seq int64) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read = max(m.read, min(seq, m.conv.LastSeq))
	return m.read, nil
}

// passOn does what the real store does, for one conversation alone in its queue.
func (m *memStore) passOn(e *assist.Escalation, lead string, tell assist.Event) []assist.Event {
	var messages []assist.Event
	for _, ev := range m.events {
		if ev.Kind == assist.KindMessage {
			messages = append(messages, ev)
		}
	}
	packet := e.Pack(messages)
	s := m.standing
	s.Locale = m.conv.Locale
	s.Waited = m.conv.WaitingSince != nil || m.conv.Charge == assist.PersonInCharge
	if e.Email != "" {
		s.Email = e.Email
	} else if m.conv.ReplyEmail != "" {
		s.Email = m.conv.ReplyEmail
	}
	var given *assist.Assignment
	if !s.Waited && m.free != "" {
		m.conv.Charge, m.conv.AssigneeID, s.Agent = assist.PersonInCharge, "agent", m.free
		given = &assist.Assignment{AgentID: "agent", AgentName: m.free}
	} else if m.conv.Charge == assist.PersonInCharge {
		s.Agent = m.free
	}
	if s.Agent == "" {
		s.Queue = 1
	} else {
		s.OpensAt = nil
	}
	m.conv.ReplyEmail = s.Email
	if !e.Letters {
		s.Email = ""
	}
	s.AskEmail = e.Letters && s.Agent == "" && s.Online == 0 && s.Email == "" && !m.asked
	m.asked = m.asked || s.AskEmail
	if m.conv.WaitingSince == nil {
		now := time.Now()
		m.conv.WaitingSince = &now
	}
	if !s.Waited {
		m.packet, m.reason = &packet, e.Reason
	}
	tell.Text = e.Tell(packet, s)
	if lead != "" {
		tell.Text = lead + "\n\n" + tell.Text
	}
	tell.Handoff = &assist.Handoff{State: assist.HandoffPassed, Reason: e.Reason, Email: s.Email, Summary: packet.Wish, Queue: s.Queue, WaitSeconds: int(s.Wait.Seconds()), OpensAt: s.OpensAt, AskEmail: s.AskEmail}
	events := []assist.Event{m.append(tell)}
	if given != nil {
		events = append(events, m.append(assist.Event{Kind: assist.KindAssignment, Author: assist.Author{Kind: assist.BySystem}, Assignment: given}))
	}
	return events
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

func (m *memStore) FinishTurn(_ context.Context, f assist.FinishTurn) (assist.Finished, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail("finish"); err != nil {
		return assist.Finished{}, err
	}
	t := m.turns[f.TurnID]
	if t.state != "running" || t.owner != f.Owner || m.conv.Charge != assist.BotInCharge {
		return assist.Finished{}, &assist.Error{Code: assist.CodeTurnOver}
	}
	t.state = "finished"
	m.finished = append(m.finished, f)
	e := assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.ByBot, Name: f.BotName}, Text: f.Text, TurnID: f.TurnID, Outcome: f.Outcome, Citations: f.Citations}
	did := assist.Finished{}
	switch {
	case f.Escalation != nil:
		events := m.passOn(f.Escalation, f.Text, e)
		did.Event, did.Replies = events[0], events[1:]
	case f.Text != "":
		if f.Offer {
			e.Handoff = &assist.Handoff{State: assist.HandoffOffered, Reason: f.Reason}
		}
		did.Event = m.append(e)
	}
	did.Conversation = m.conv
	return did, nil
}

func (m *memStore) lastFinished() (assist.FinishTurn, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.finished) == 0 {
		return assist.FinishTurn{}, false
	}
	return m.finished[len(m.finished)-1], true
}

// forget empties the timeline, but for its numbers.
func (m *memStore) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = nil
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
