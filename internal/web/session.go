package web

import (
	"context"
	"slices"

	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist"
)

// session is what a socket knows after hello. The socket's lock guards what
// changes.
type session struct {
	siteID, shopperID, locale string
	page                      assist.Page
	cancel                    func() // ends the subscription

	follow
}

func (s *socket) who() string { return s.shopperID() }

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
		s.sendLocked(textFrame("status", statusFrame(*sig.Status)))
	}
}

func (s *socket) show(e assist.Event) { s.sendLocked(textFrame("event", eventFrameOf(e))) }

func (s *socket) events(ctx context.Context, conversationID string, after int64, limit int) ([]assist.Event, error) {
	return s.hub.Store.Events(ctx, s.shopperID(), conversationID, after, limit)
}

func (s *socket) following() *follow {
	if s.session == nil {
		return nil
	}
	return &s.session.follow
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
