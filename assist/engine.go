package assist

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// What a shopper may send.
const (
	MaxText    = 4000 // runes
	MaxNote    = 2000
	MaxComment = 1000
	MaxSummary = 600
)

// MaxReply is the longest text, in runes, that an agent sends, or has rewritten
// before.
const MaxReply = 10_000

// Timing of turns.
const (
	leaseTime   = 15 * time.Second
	renewEvery  = 5 * time.Second
	rescueAfter = 20 * time.Second
	storeTime   = 10 * time.Second // for one step at the store
	maxAttempts = 3
	turnHistory = 20 // messages read for a turn
)

// Engine takes what shoppers send and runs the turns that answer it.
type Engine struct {
	store    Store
	bus      Bus
	answerer *Answerer
	log      *slog.Logger
	observe  func(TurnEnd)
	drafter  Drafter
	owner    string
	budget   int64
	allowed  *allowances

	// ctx is every turn's: it outlives the request that began the turn and ends
	// with the engine.
	ctx    context.Context
	cancel context.CancelFunc
	turns  sync.WaitGroup

	mu      sync.Mutex
	stopped bool
	running map[string]*run   // by turn
	current map[string]string // conversation to its turn
	slots   chan struct{}
}

// Options make an Engine.
type Options struct {
	Store    Store
	Bus      Bus
	Answerer *Answerer
	Log      *slog.Logger
	// Observe is told of every turn's end; nil is fine.
	Observe func(TurnEnd)
	// Drafter writes replies for agents; nil: nobody does.
	Drafter Drafter
	// Owner names this replica in leases; no two may share it.
	Owner string
	// DailyBudget is a site's where it has none of its own, in millionths of a
	// dollar.
	DailyBudget int64
	// Tokens bounds what models spend on a shopper or an address; 0 means 100,000
	// and 1,000,000 tokens an hour.
	Tokens TokenLimits
	// MaxTurns bounds the turns that run at once; further ones wait for a place
	// in their own goroutine, with their lease kept. 0 means 256.
	MaxTurns int
}

// TurnEnd is what an observer learns of a turn.
type TurnEnd struct {
	Outcome Outcome // empty: superseded, or over before it ended
	Reason  Reason
	Model   string
	Took    time.Duration
	// ToFirstDelta is 0 where nothing was streamed.
	ToFirstDelta time.Duration
	Calls        []CallRecord
}

// NewEngine makes an engine that runs until Stop.
func NewEngine(o Options) *Engine {
	if o.MaxTurns == 0 {
		o.MaxTurns = 256
	}
	if o.Observe == nil {
		o.Observe = func(TurnEnd) {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Engine{
		store: o.Store, bus: o.Bus, answerer: o.Answerer, log: o.Log, observe: o.Observe, drafter: o.Drafter, owner: o.Owner, budget: o.DailyBudget, allowed: newAllowances(o.Tokens),
		ctx: ctx, cancel: cancel,
		running: map[string]*run{}, current: map[string]string{}, slots: make(chan struct{}, o.MaxTurns),
	}
}

var clientID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Say takes a shopper's message. When it returns without an error the message
// is stored, and the turn that answers it has begun.
// Errors: CodeBadClientID, CodeEmptyText, CodeTooLong, CodeUnknownConversation.
func (e *Engine) Say(ctx context.Context, v Visit, text string) (Accepted, error) {
	if !clientID.MatchString(v.ClientID) {
		return Accepted{}, &Error{Code: CodeBadClientID}
	}
	text, err := checkText(text, MaxText)
	if err != nil {
		return Accepted{}, err
	}
	if text == "" {
		return Accepted{}, &Error{Code: CodeEmptyText}
	}
	acc, err := e.store.Accept(ctx, AcceptMessage{Visit: v, Text: text, Owner: e.owner, Lease: leaseTime, RescueAfter: rescueAfter})
	if err != nil {
		return Accepted{}, err
	}
	e.publishAccepted(acc)
	if !acc.Duplicate {
		e.draft(acc.Conversation, acc.Event.Seq)
	}
	if acc.Turn != nil {
		e.begin(*acc.Turn, v.Address)
	}
	return acc, nil
}

// AskForPerson takes a shopper's wish for a person.
// Errors: CodeBadClientID, CodeBadEmail, CodeTooLong, CodeUnknownConversation.
func (e *Engine) AskForPerson(ctx context.Context, v Visit, email, note string) (Accepted, error) {
	if !clientID.MatchString(v.ClientID) {
		return Accepted{}, &Error{Code: CodeBadClientID}
	}
	email = strings.TrimSpace(email)
	if email != "" && !validEmail(email) {
		return Accepted{}, &Error{Code: CodeBadEmail}
	}
	note, err := checkText(note, MaxNote)
	if err != nil {
		return Accepted{}, err
	}
	escalation := e.answerer.Escalation(v.Locale, ReasonAsked)
	escalation.Email, escalation.Note = email, note
	acc, err := e.store.AcceptHandoff(ctx, AcceptHandoff{Visit: v, Escalation: escalation, BotName: BotName})
	if err != nil {
		return Accepted{}, err
	}
	e.publishAccepted(acc)
	if !acc.Duplicate {
		e.draft(acc.Conversation, acc.Event.Seq)
	}
	return acc, nil
}

// CorrectSummary takes the shopper's own words for what the agent is told that
// they want.
// Errors: CodeBadClientID, CodeEmptyText, CodeTooLong, CodeNoHandoff,
// CodeUnknownConversation.
func (e *Engine) CorrectSummary(ctx context.Context, v Visit, text string) (Accepted, error) {
	if !clientID.MatchString(v.ClientID) {
		return Accepted{}, &Error{Code: CodeBadClientID}
	}
	if v.ConversationID == "" {
		return Accepted{}, &Error{Code: CodeNoHandoff}
	}
	text, err := checkText(text, MaxSummary)
	if err != nil {
		return Accepted{}, err
	}
	if text == "" {
		return Accepted{}, &Error{Code: CodeEmptyText}
	}
	acc, err := e.store.AcceptSummary(ctx, AcceptSummary{Visit: v, Text: text})
	if err != nil {
		return Accepted{}, err
	}
	e.publishAccepted(acc)
	return acc, nil
}

// Typing tells the other side that the shopper writes.
func (e *Engine) Typing(v Visit) {
	if v.ConversationID == "" {
		return
	}
	e.bus.Publish(Signal{SiteID: v.SiteID, ShopperID: v.ShopperID, ConversationID: v.ConversationID, Typing: &Typing{By: ByShopper}})
}

// Read notes how far the shopper has read and tells the other side.
// Errors: CodeUnknownConversation.
func (e *Engine) Read(ctx context.Context, v Visit, seq int64) error {
	if v.ConversationID == "" {
		return &Error{Code: CodeUnknownConversation}
	}
	seq, err := e.store.ShopperRead(ctx, v.ShopperID, v.ConversationID, max(seq, 0))
	if err != nil {
		return err
	}
	e.bus.Publish(Signal{SiteID: v.SiteID, ShopperID: v.ShopperID, ConversationID: v.ConversationID, Read: &Read{By: ByShopper, Seq: seq}})
	return nil
}

// draft has a reply begun for the agent, where a person is in charge or waited
// for.
func (e *Engine) draft(c Conversation, seq int64) {
	if e.drafter == nil || c.Charge == BotInCharge && c.WaitingSince == nil {
		return
	}
	e.drafter.Draft(DraftFor{SiteID: c.SiteID, ShopperID: c.ShopperID, ConversationID: c.ID, Seq: seq})
}

// Rate takes a shopper's verdict on one of the bot's messages.
// Errors: CodeBadClientID, CodeBadRating, CodeTooLong, CodeUnknownConversation.
func (e *Engine) Rate(ctx context.Context, v Visit, r Rating) (Accepted, error) {
	if !clientID.MatchString(v.ClientID) {
		return Accepted{}, &Error{Code: CodeBadClientID}
	}
	if r.Score != 1 && r.Score != -1 || r.EventSeq < 1 || v.ConversationID == "" {
		return Accepted{}, &Error{Code: CodeBadRating}
	}
	var err error
	if r.Comment, err = checkText(r.Comment, MaxComment); err != nil {
		return Accepted{}, err
	}
	acc, err := e.store.AcceptRating(ctx, AcceptRating{Visit: v, Rating: r})
	if err != nil {
		return Accepted{}, err
	}
	e.publishAccepted(acc)
	return acc, nil
}

func checkText(s string, most int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if utf8.RuneCountInString(s) > most {
		return "", &Error{Code: CodeTooLong}
	}
	if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
		return "", &Error{Code: CodeEmptyText, Err: fmt.Errorf("not plain text")}
	}
	return s, nil
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return false
	}
	_, host, _ := strings.Cut(s, "@")
	return strings.Contains(host, ".")
}

// publishAccepted tells everyone what was stored, after it was.
func (e *Engine) publishAccepted(acc Accepted) {
	to := Signal{SiteID: acc.Conversation.SiteID, ShopperID: acc.Conversation.ShopperID, ConversationID: acc.Conversation.ID}
	if old := acc.SupersededTurnID; old != "" {
		e.Superseded(old)
		s := to
		s.Superseded = old
		e.bus.Publish(s)
		s = to
		s.Retract = &Retract{TurnID: old}
		e.bus.Publish(s)
	}
	if !acc.Duplicate {
		for _, ev := range append([]Event{acc.Event}, acc.Replies...) {
			s := to
			s.Event = &ev
			e.bus.Publish(s)
		}
	}
}

// Superseded stops a turn if it runs here: a newer message or a person took its
// place.
func (e *Engine) Superseded(turnID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.running[turnID]; r != nil {
		r.cancel()
	}
}

// Writing is the answer that is being written in a conversation on this
// replica, if one is.
func (e *Engine) Writing(conversationID string) (turnID, state, text string, ok bool) {
	e.mu.Lock()
	r := e.running[e.current[conversationID]]
	e.mu.Unlock()
	if r == nil {
		return "", "", "", false
	}
	state, text = r.screen()
	return r.turn.ID, state, text, true
}

// Running counts the turns under way on this replica.
func (e *Engine) Running() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.running)
}

// Stop lets running turns finish until ctx ends, then hands the others over:
// their leases end and another replica's rescue takes them. No turn begins
// after it was called. It may be called more than once.
func (e *Engine) Stop(ctx context.Context) error {
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	done := make(chan struct{})
	go func() { e.turns.Wait(); close(done) }()
	select {
	case <-done:
		e.cancel()
		return nil
	case <-ctx.Done():
	}
	left := e.Running()
	e.cancel()
	<-done // each ends within storeTime once its context is cancelled
	return fmt.Errorf("%d turns were handed over", left)
}
