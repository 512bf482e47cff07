package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/careloop/careloop/assist"
)

// world is a store, a desk and a bus in memory, honest enough for the sockets.
type world struct {
	mu            sync.Mutex
	sites         map[string]assist.Site
	shoppers      map[string]assist.Shopper // by token hash
	conversations []*conversation
	listeners     map[string][]*func(assist.Signal)
	onResync      func()

	failStore  error // every read fails with it
	heard      []assist.Signal
	failDesk   error                // every frame fails with it
	dropEvents bool                 // the bus loses events
	answers    bool                 // the bot answers each message
	writing    map[string][3]string // turn id, state, text by conversation
	visits     []assist.Visit
	said       chan string   // tells of each message that the desk saw, if set
	hold       chan struct{} // the desk waits for it, if set
	eventReads int
	library    *library
}

type conversation struct {
	assist.Conversation
	events []assist.Event
}

const ownSite = "demo"

func newWorld() *world {
	return &world{
		sites: map[string]assist.Site{
			"": site("site-1", ownSite), ownSite: site("site-1", ownSite), "other": site("site-2", "other"),
		},
		shoppers:  map[string]assist.Shopper{},
		listeners: map[string][]*func(assist.Signal){},
		writing:   map[string][3]string{},
		library:   newLibrary(),
	}
}

func site(id, key string) assist.Site {
	return assist.Site{
		ID: id, Key: key, Name: "Dunnock", Locale: "en",
		AllowedOrigins: []string{"https://" + key + ".example"},
		IdentitySecret: "secret of " + key,
		Greeting:       map[string]string{"en": "Hello!", "de": "Hallo!"},
		Suggestions:    map[string][]string{"en": {"Where is my parcel?"}},
	}
}

func (w *world) SiteByKey(_ context.Context, key string) (assist.Site, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failStore != nil {
		return assist.Site{}, w.failStore
	}
	s, ok := w.sites[key]
	if !ok {
		return assist.Site{}, &assist.Error{Code: assist.CodeUnknownSite}
	}
	return s, nil
}

func (w *world) AllOrigins(context.Context) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failStore != nil {
		return nil, w.failStore
	}
	var all []string
	for _, s := range w.sites {
		all = append(all, s.AllowedOrigins...)
	}
	return all, nil
}

func (w *world) ShopperByToken(_ context.Context, siteID string, hash []byte, life time.Duration) (assist.Shopper, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.shoppers[string(hash)]
	if !ok || s.SiteID != siteID || life <= 0 {
		return assist.Shopper{}, &assist.Error{Code: assist.CodeBadToken}
	}
	return s, nil
}

func (w *world) CreateShopper(_ context.Context, s assist.Shopper, hash []byte) (assist.Shopper, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.ID = uuid.NewString()
	for _, known := range w.shoppers {
		if s.ExternalID != "" && known.ExternalID == s.ExternalID && known.SiteID == s.SiteID {
			s.ID = known.ID
		}
	}
	w.shoppers[string(hash)] = s
	return s, nil
}

func (w *world) IdentifyShopper(_ context.Context, id string, known assist.Shopper) (assist.Shopper, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known.ID = id
	for _, s := range w.shoppers {
		if s.ExternalID == known.ExternalID && s.SiteID == known.SiteID {
			known.ID = s.ID
		}
	}
	for hash, s := range w.shoppers {
		if s.ID == id {
			w.shoppers[hash] = known
		}
	}
	for _, c := range w.conversations {
		if c.ShopperID == id {
			c.ShopperID = known.ID
		}
	}
	return known, nil
}

func (w *world) AgentsOnline(context.Context, string) (int, error) { return 2, nil }

func (w *world) find(shopperID, id string) (*conversation, error) {
	for _, c := range w.conversations {
		if c.ID == id && c.ShopperID == shopperID {
			return c, nil
		}
	}
	return nil, &assist.Error{Code: assist.CodeUnknownConversation}
}

func (w *world) Conversation(_ context.Context, shopperID, id string) (assist.Conversation, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.find(shopperID, id)
	if err != nil {
		return assist.Conversation{}, err
	}
	return c.Conversation, nil
}

func (w *world) LatestConversation(_ context.Context, shopperID string) (assist.Conversation, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.latest(shopperID)
}

func (w *world) latest(shopperID string) (assist.Conversation, error) {
	for _, c := range slices.Backward(w.conversations) {
		if c.ShopperID == shopperID {
			return c.Conversation, nil
		}
	}
	return assist.Conversation{}, &assist.Error{Code: assist.CodeUnknownConversation}
}

func (w *world) Events(_ context.Context, shopperID, id string, after int64, limit int) ([]assist.Event, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.eventReads++
	if w.failStore != nil {
		return nil, w.failStore
	}
	c, err := w.find(shopperID, id)
	if err != nil {
		return nil, err
	}
	rest := c.events[min(int(after), len(c.events)):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

// append adds an event to a conversation and returns the signal for it.
func (w *world) append(c *conversation, e assist.Event) assist.Signal {
	c.LastSeq++
	e.ConversationID, e.Seq, e.At = c.ID, c.LastSeq, time.Now()
	c.events = append(c.events, e)
	return assist.Signal{ShopperID: c.ShopperID, ConversationID: c.ID, Event: &e}
}

func (w *world) accept(v assist.Visit, e assist.Event) (assist.Accepted, error) {
	w.mu.Lock()
	hold := w.hold
	w.mu.Unlock()
	if hold != nil {
		<-hold
	}
	w.mu.Lock()
	w.visits = append(w.visits, v)
	if w.failDesk != nil {
		defer w.mu.Unlock()
		return assist.Accepted{}, w.failDesk
	}
	if v.ClientID == "" || len(v.ClientID) > 64 || strings.Contains(v.ClientID, " ") {
		w.mu.Unlock()
		return assist.Accepted{}, &assist.Error{Code: assist.CodeBadClientID}
	}
	id := v.ConversationID
	if id == "" {
		if latest, err := w.latest(v.ShopperID); err == nil {
			id = latest.ID
		} else {
			id = uuid.NewString()
			w.conversations = append(w.conversations, &conversation{Conversation: assist.Conversation{ID: id, SiteID: v.SiteID, ShopperID: v.ShopperID}})
		}
	}
	c, err := w.find(v.ShopperID, id)
	if err != nil {
		w.mu.Unlock()
		return assist.Accepted{}, err
	}
	for _, old := range c.events {
		if old.ClientID == v.ClientID {
			w.mu.Unlock()
			return assist.Accepted{Event: old, Conversation: c.Conversation, Duplicate: true}, nil
		}
	}
	e.ClientID, e.Author = v.ClientID, assist.Author{Kind: assist.ByShopper}
	signals := []assist.Signal{w.append(c, e)}
	accepted := assist.Accepted{Event: *signals[0].Event, Conversation: c.Conversation}
	if w.answers {
		answer := assist.Event{Kind: assist.KindMessage, Text: "Yes.", Outcome: assist.Answered, Author: assist.Author{Kind: assist.ByBot}}
		signals = append(signals, w.append(c, answer))
	}
	w.mu.Unlock()
	for _, s := range signals {
		w.publish(s)
	}
	if w.said != nil {
		w.said <- e.Text
	}
	return accepted, nil
}

func (w *world) Say(_ context.Context, v assist.Visit, text string) (assist.Accepted, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return assist.Accepted{}, &assist.Error{Code: assist.CodeEmptyText}
	case utf8.RuneCountInString(text) > 4000:
		return assist.Accepted{}, &assist.Error{Code: assist.CodeTooLong}
	case text == "panic":
		panic("the desk fell over")
	}
	return w.accept(v, assist.Event{Kind: assist.KindMessage, Text: text})
}

func (w *world) AskForPerson(_ context.Context, v assist.Visit, email, note string) (assist.Accepted, error) {
	if email != "" && !strings.Contains(email, "@") {
		return assist.Accepted{}, &assist.Error{Code: assist.CodeBadEmail}
	}
	return w.accept(v, assist.Event{Kind: assist.KindHandoff, Text: note, Handoff: &assist.Handoff{State: assist.HandoffRequested, Email: email}})
}

func (w *world) CorrectSummary(_ context.Context, v assist.Visit, text string) (assist.Accepted, error) {
	if strings.TrimSpace(text) == "" {
		return assist.Accepted{}, &assist.Error{Code: assist.CodeNoHandoff}
	}
	return w.accept(v, assist.Event{Kind: assist.KindHandoff, Handoff: &assist.Handoff{State: assist.HandoffCorrected, Summary: text}})
}

func (w *world) Typing(v assist.Visit) {
	w.hear(assist.Signal{ConversationID: v.ConversationID, Typing: &assist.Typing{By: assist.ByShopper}})
}

func (w *world) Read(_ context.Context, v assist.Visit, seq int64) error {
	w.hear(assist.Signal{ConversationID: v.ConversationID, Read: &assist.Read{By: assist.ByShopper, Seq: seq}})
	return nil
}

// hear keeps what agents would be told.
func (w *world) hear(s assist.Signal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, s)
}

func (w *world) Rate(_ context.Context, v assist.Visit, r assist.Rating) (assist.Accepted, error) {
	if r.Score != 1 && r.Score != -1 {
		return assist.Accepted{}, &assist.Error{Code: assist.CodeBadRating}
	}
	return w.accept(v, assist.Event{Kind: assist.KindRating, Rating: &r})
}

func (w *world) Writing(conversationID string) (turnID, state, text string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, ok := w.writing[conversationID]
	return now[0], now[1], now[2], ok
}

func (w *world) Subscribe(shopperID string, fn func(assist.Signal)) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listeners[shopperID] = append(slices.Clip(w.listeners[shopperID]), &fn)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.listeners[shopperID] = slices.DeleteFunc(slices.Clone(w.listeners[shopperID]), func(l *func(assist.Signal)) bool { return l == &fn })
	}
}

func (w *world) SubscribeSite(siteID string, fn func(assist.Signal)) func() {
	return w.Subscribe("site "+siteID, fn)
}

func (w *world) OnResync(fn func()) { w.onResync = fn }

func (w *world) publish(s assist.Signal) {
	w.mu.Lock()
	listeners := w.listeners[s.ShopperID]
	dropped := w.dropEvents && s.Event != nil
	w.mu.Unlock()
	if dropped {
		return
	}
	for _, fn := range listeners {
		(*fn)(s)
	}
}

// set changes the world under its lock.
func (w *world) set(change func(w *world)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

func phrase(locale, code string) string { return fmt.Sprintf("[%s] %s", locale, code) }
