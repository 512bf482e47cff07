package web

import (
	"context"

	"github.com/careloop/careloop/assist"
)

const (
	// eventsPage is how many events are read from the store at a time.
	eventsPage = 50
	// maxEarly bounds the signals kept while a hello is being answered.
	maxEarly = 256
)

// follow keeps a socket in step with the timeline of a conversation: each event
// is sent once, in order and without gaps. The socket's lock guards it.
type follow struct {
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
func (f *follow) adopt(conversationID string) {
	f.conversationID, f.held, f.target = conversationID, 0, 0
}

// onSignal takes what the bus brings. It never waits.
func (s *pump) onSignal(sig assist.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.talk.following()
	switch {
	case !f.opening:
		s.talk.apply(sig)
	case len(f.early) < maxEarly:
		f.early = append(f.early, sig)
	default:
		f.missed = true
	}
}

// applyEvent sends an event of the conversation that is followed, or finds out
// that something is missing before it. The lock is held.
func (s *pump) applyEvent(e assist.Event) {
	f := s.talk.following()
	switch {
	case e.Seq <= f.held:
	case f.filling:
		f.target = max(f.target, e.Seq)
	case e.Seq == f.held+1:
		f.held = e.Seq
		s.talk.show(e)
	default:
		s.startFill(e.Seq)
	}
}

// startFill reads what lies between held and target, and what came after. The
// lock is held.
func (s *pump) startFill(target int64) {
	if s.dead || s.closeCode != 0 {
		return
	}
	f := s.talk.following()
	f.filling, f.target = true, target
	s.hub.Metrics.gaps.Inc()
	s.hub.goWork(func() { s.fill() })
}

// fill sends events out of the store until there are no more, at the reader's
// pace. It reports false when that failed; the socket is closed then, so that
// the client comes back and asks again.
func (s *pump) fill() bool {
	for {
		s.mu.Lock()
		f := s.talk.following()
		conversationID, after := f.conversationID, f.held
		if conversationID == "" {
			f.filling = false
			s.mu.Unlock()
			return true
		}
		s.mu.Unlock()
		ctx, cancel := context.WithTimeout(s.hub.ctx, s.hub.Timing.Accept)
		events, err := s.talk.events(ctx, conversationID, after, eventsPage)
		cancel()
		if err != nil {
			s.hub.log.Error("socket: cannot read events", "conversation", conversationID, "error", err)
			s.close(closeInternal, "unavailable")
			return false
		}
		s.mu.Lock()
		if f.conversationID != conversationID {
			// The socket turned to another conversation meanwhile.
			s.mu.Unlock()
			continue
		}
		for _, e := range events {
			if e.Seq == f.held+1 {
				f.held = e.Seq
				s.talk.show(e)
			}
		}
		if len(events) < eventsPage && (f.held >= f.target || len(events) == 0) {
			// An event that was signalled is committed; a target that the store
			// does not know cannot be waited for.
			f.filling = false
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
