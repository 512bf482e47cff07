package web

import (
	"context"
	"time"

	"github.com/gorilla/websocket"
	"go.opentelemetry.io/otel"

	"github.com/careloop/careloop/assist"
)

// tracer makes spans; they cost next to nothing while nobody collects them.
var tracer = otel.Tracer("careloop/web")

// maxEchoedID bounds what of a client id an error repeats, in bytes: a valid
// one is shorter, and the client needs its own back to know what was refused.
const maxEchoedID = 256

// handle does what one frame asks for.
func (s *socket) handle(kind int, data []byte) {
	if kind != websocket.TextMessage {
		s.refuse(codeBadFrame, "", 0)
		return
	}
	if len(data) > maxFrame {
		s.refuse(codeFrameTooLarge, "", 0)
		return
	}
	f, err := decodeFrame(data)
	if err != nil {
		s.refuse(codeBadFrame, "", 0)
		return
	}
	s.hub.Metrics.frameReceived(frameName(f))
	hello, isHello := f.(*helloFrame)
	switch greeted := s.greeted(); {
	case isHello && greeted:
		s.refuse(codeHelloAgain, "", 0)
		return
	case !isHello && !greeted:
		s.refuse(codeHelloExpected, "", 0)
		return
	}
	if !s.pace.allow(s.hub.Limits, len(data), time.Now()) {
		s.tooFast(clientIDOf(f), time.Second)
		return
	}
	ctx, cancel := context.WithTimeout(s.hub.ctx, s.hub.Timing.Accept)
	defer cancel()
	ctx, span := tracer.Start(ctx, "socket "+frameName(f))
	defer span.End()
	switch f := f.(type) {
	case *helloFrame:
		s.greet(ctx, hello)
	case *messageFrame:
		s.message(ctx, f)
	case *handoffFrame:
		s.handoff(ctx, f)
	case *rateFrame:
		s.rate(ctx, f)
	case *typingFrame:
		// A hint for agents; the shopper's own sockets do not hear of it.
	}
}

func (s *socket) message(ctx context.Context, f *messageFrame) {
	if wait := s.hub.limiter.message(s.shopperID(), s.address, time.Now()); wait > 0 {
		s.tooFast(f.ClientID, wait)
		return
	}
	accepted, err := s.hub.Desk.Say(ctx, s.visit(f.ClientID), f.Text)
	s.answer(f.ClientID, accepted, err)
}

func (s *socket) handoff(ctx context.Context, f *handoffFrame) {
	if wait := s.hub.limiter.act(s.shopperID(), time.Now()); wait > 0 {
		s.tooFast(f.ClientID, wait)
		return
	}
	accepted, err := s.hub.Desk.AskForPerson(ctx, s.visit(f.ClientID), f.Email, f.Note)
	s.answer(f.ClientID, accepted, err)
}

func (s *socket) rate(ctx context.Context, f *rateFrame) {
	if wait := s.hub.limiter.act(s.shopperID(), time.Now()); wait > 0 {
		s.tooFast(f.ClientID, wait)
		return
	}
	rating := assist.Rating{EventSeq: f.EventSeq, Score: f.Score, Comment: f.Comment}
	accepted, err := s.hub.Desk.Rate(ctx, s.visit(f.ClientID), rating)
	s.answer(f.ClientID, accepted, err)
}

// answer acknowledges a frame by its event, or refuses it. The event may have
// arrived through the bus already; it is sent once, except to one who sends
// again what is stored already: they wait for the acknowledgement.
func (s *socket) answer(clientID string, accepted assist.Accepted, err error) {
	if err != nil {
		s.fail("accept a frame", clientID, err)
		if assist.CodeOf(err) == assist.CodeUnknownConversation {
			// It is over; what is sent again goes to the newest, or a new one.
			s.mu.Lock()
			s.session.adopt("")
			s.mu.Unlock()
		}
		return
	}
	s.refusals = 0
	s.hub.log.Info("frame accepted", "site", accepted.Conversation.SiteID, "conversation", accepted.Conversation.ID,
		"kind", accepted.Event.Kind, "seq", accepted.Event.Seq, "duplicate", accepted.Duplicate)
	s.mu.Lock()
	defer s.mu.Unlock()
	se := s.session
	if se.conversationID != accepted.Conversation.ID {
		// The first message made the conversation, or another tab did.
		se.adopt(accepted.Conversation.ID)
	}
	if accepted.Duplicate && accepted.Event.Seq <= se.held {
		s.show(accepted.Event)
		return
	}
	s.apply(assist.Signal{ConversationID: se.conversationID, Event: &accepted.Event})
}

// refuse sends an error and closes the socket where the code says so.
func (s *pump) refuse(code, clientID string, retryAfter time.Duration) {
	s.hub.Metrics.errorSent(code)
	if len(clientID) > maxEchoedID {
		clientID = ""
	}
	retryMs := retryAfter.Milliseconds()
	if retryAfter > 0 && retryMs == 0 {
		retryMs = 1
	}
	s.send(frame{websocket.TextMessage, encode("error", errorFrame{
		Code:         code,
		Message:      s.hub.Phrase(s.talk.locale(), code),
		ClientID:     clientID,
		RetryAfterMs: retryMs,
	})})
	if closing := closeFor(code); closing != 0 {
		s.close(closing, code)
	}
}

// unavailableRetry is when what failed for no fault of the shopper's is worth
// sending again.
const unavailableRetry = 2 * time.Second

// fail refuses a frame by an error's code. What has no code is logged: the
// shopper is told that it did not work, never why.
func (s *pump) fail(doing, clientID string, err error) {
	code := string(assist.CodeOf(err))
	if code != codeUnavailable {
		s.refuse(code, clientID, 0)
		return
	}
	s.hub.log.Error("socket: cannot "+doing, "who", s.talk.who(), "error", err)
	s.refuse(code, clientID, unavailableRetry)
}

// tooFast refuses a frame that came too soon, and closes when it goes on.
func (s *pump) tooFast(clientID string, wait time.Duration) {
	s.refuse(codeRateLimited, clientID, wait)
	if s.refusals++; s.refusals >= s.hub.Limits.Refusals {
		s.close(closeTooMany, codeRateLimited)
	}
}

func clientIDOf(f any) string {
	switch f := f.(type) {
	case *messageFrame:
		return f.ClientID
	case *handoffFrame:
		return f.ClientID
	case *rateFrame:
		return f.ClientID
	}
	return ""
}
