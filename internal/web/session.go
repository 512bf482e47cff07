package web

import (
	"context"
	"slices"

	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist"
)

const (
	// eventsPage is how many events are read from the store at a time.
	eventsPage = 50
	// maxEarly bounds the signals kept while a hello is being answered.
	maxEarly = 256
)

// session is what a socket knows after hello. The socket's lock guards what
// changes.
type session struct {
	siteID, shopperID, locale string
	page                      assist.Page
	cancel                    func() // ends the subscription

	conversationID string // empty: none yet
	// held is the seq of the newest event that was sent.
	held int64
	// filling says that events are being read from the store, up to target at
	// least; newer ones wait for that.
	filling bool
	target  int64
	// opening says that hello is being answered: signals are kept in early, so
	// that nothing falls between what the store holds and what comes live.
	opening bool
	early   []assist.Signal
	missed  bool // early was full
}

// adopt turns to another conversation.
func (se *session) adopt(conversationID string) {
	se.conversationID, se.held, se.target = conversationID, 0, 0
}

func (s *socket) shopperID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == nil {
		return ""
	}
	return s.session.shopperID
}

func (s *socket) locale() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == nil {
		return ""
	}
	return s.session.locale
}

func (s *socket) visit(clientID string) assist.Visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	se := s.session
	return assist.Visit{
		SiteID:         se.siteID,
		ShopperID:      se.shopperID,
		ConversationID: se.conversationID,
		Locale:         se.locale,
		Page:           se.page,
		ClientID:       clientID,
		Address:        s.address,
	}
}

// onSignal takes what the bus brings. It never waits.
func (s *socket) onSignal(sig assist.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	se := s.session
	switch {
	case !se.opening:
		s.apply(sig)
	case len(se.early) < maxEarly:
		se.early = append(se.early, sig)
	default:
		se.missed = true
	}
}

// apply sends on what a signal brings, or finds out that something is missing
// before it. The lock is held.
func (s *socket) apply(sig assist.Signal) {
	se := s.session
	if sig.Event != nil {
		if se.conversationID == "" {
			// Another tab, or this very message, began the conversation.
			se.adopt(sig.ConversationID)
		}
		if sig.ConversationID == se.conversationID {
			s.applyEvent(*sig.Event)
		}
		return
	}
	if sig.ConversationID != se.conversationID {
		return
	}
	switch {
	case sig.Delta != nil:
		s.sendLocked(textFrame("delta", deltaFrame(*sig.Delta)))
	case sig.Retract != nil:
		s.sendLocked(textFrame("retract", retractFrame(*sig.Retract)))
	case sig.Status != nil:
		s.sendLocked(textFrame("status", statusFrame{TurnID: sig.Status.TurnID, State: sig.Status.State}))
	case sig.Typing != nil && sig.Typing.By == assist.ByAgent:
		s.sendLocked(textFrame("status", statusFrame{State: stateTyping, Name: sig.Typing.Name}))
	case sig.Read != nil && sig.Read.By == assist.ByAgent:
		s.sendLocked(textFrame("read", readFrame{Seq: sig.Read.Seq}))
	}
}

func (s *socket) applyEvent(e assist.Event) {
	se := s.session
	switch {
	case e.Seq <= se.held:
	case se.filling:
		se.target = max(se.target, e.Seq)
	case e.Seq == se.held+1:
		se.held = e.Seq
		s.sendEvent(e)
	default:
		s.startFill(e.Seq)
	}
}

func (s *socket) sendEvent(e assist.Event) { s.sendLocked(textFrame("event", eventFrameOf(e))) }

// startFill reads what lies between held and target, and what came after. The
// lock is held.
func (s *socket) startFill(target int64) {
	if s.dead || s.closeCode != 0 {
		return
	}
	s.session.filling, s.session.target = true, target
	s.hub.Metrics.gaps.Inc()
	s.hub.goWork(func() { s.fill() })
}

// fill sends events out of the store until there are no more, at the reader's
// pace. It reports false when that failed; the socket is closed then, so that
// the client comes back and asks again.
func (s *socket) fill() bool {
	for {
		s.mu.Lock()
		se := s.session
		conversationID, after := se.conversationID, se.held
		s.mu.Unlock()
		ctx, cancel := context.WithTimeout(s.hub.ctx, s.hub.Timing.Accept)
		events, err := s.hub.Store.Events(ctx, se.shopperID, conversationID, after, eventsPage)
		cancel()
		if err != nil {
			s.hub.log.Error("socket: cannot read events", "conversation", conversationID, "error", err)
			s.close(closeInternal, "unavailable")
			return false
		}
		s.mu.Lock()
		if se.conversationID != conversationID {
			// The socket turned to another conversation meanwhile.
			s.mu.Unlock()
			continue
		}
		for _, e := range events {
			if e.Seq == se.held+1 {
				se.held = e.Seq
				s.sendEvent(e)
			}
		}
		if len(events) < eventsPage && (se.held >= se.target || len(events) == 0) {
			// An event that was signalled is committed; a target that the store
			// does not know cannot be waited for.
			se.filling = false
			s.mu.Unlock()
			return true
		}
		s.mu.Unlock()
		if !s.waitForRoom() {
			s.close(closeSlowReader, "too slow a reader")
			return false
		}
	}
}

// resync looks whether the store holds more than the client. It waits.
func (s *socket) resync() {
	s.mu.Lock()
	se := s.session
	if se == nil || se.opening || se.filling || s.dead || s.closeCode != 0 {
		s.mu.Unlock()
		return
	}
	if se.conversationID != "" {
		se.filling, se.target = true, se.held
		s.mu.Unlock()
		s.fill()
		return
	}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(s.hub.ctx, s.hub.Timing.Accept)
	defer cancel()
	c, err := s.hub.Store.LatestConversation(ctx, se.shopperID)
	if err != nil {
		if assist.CodeOf(err) != assist.CodeUnknownConversation {
			s.hub.log.Error("socket: cannot look for a conversation", "shopper", se.shopperID, "error", err)
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if se.conversationID == "" && c.LastSeq > 0 {
		se.adopt(c.ID)
		s.startFill(c.LastSeq)
	}
}

// leave ends what the session holds.
func (s *socket) leave() {
	s.mu.Lock()
	se := s.session
	s.mu.Unlock()
	if se != nil {
		if se.cancel != nil {
			se.cancel()
		}
		s.hub.limiter.shopperSockets.release(se.shopperID)
	}
	s.hub.limiter.addressSockets.release(s.address)
}

// goLive ends the answer to hello: what is being written right now, then what
// came in meanwhile.
func (s *socket) goLive() {
	s.mu.Lock()
	conversationID := s.session.conversationID
	s.mu.Unlock()
	var now []frame
	if conversationID != "" {
		if turnID, state, text, ok := s.hub.Desk.Writing(conversationID); ok {
			now = append(now, textFrame("status", statusFrame{TurnID: turnID, State: state}))
			if text != "" {
				now = append(now, textFrame("delta", deltaFrame{TurnID: turnID, Text: text}))
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	se := s.session
	se.opening = false
	for _, f := range now {
		s.sendLocked(f)
	}
	// Deltas that are in the text above come again here; clients take what is
	// new of them.
	for _, sig := range se.early {
		s.apply(sig)
	}
	se.early = nil
	if se.missed && !se.filling {
		s.startFill(se.held)
	}
}

func textFrame(kind string, f any) frame {
	return frame{websocket.TextMessage, encode(kind, f)}
}

// byLocale picks what is meant for a locale: for itself, its language, the
// site's locale, English, or for whatever there is.
func byLocale[T any](m map[string]T, locale, site string) (none T) {
	for _, l := range []string{locale, baseLanguage(locale), site, baseLanguage(site), "en"} {
		if v, ok := m[l]; ok {
			return v
		}
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return none
	}
	return m[slices.Min(keys)]
}

// trimPage bounds what a page says of itself, in code points.
func trimPage(p assist.Page) assist.Page {
	const maxURL, maxTitle = 2000, 300
	return assist.Page{URL: cleanText(p.URL, maxURL), Title: cleanText(p.Title, maxTitle)}
}
