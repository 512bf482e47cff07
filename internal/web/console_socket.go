package web

import (
	"context"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/internal/account"
)

// consoleSubprotocol names the console's wire and its version.
const consoleSubprotocol = "careloop-console.v1"

// console is an agent's socket.
type console struct {
	pump
	id        string // names it among the open consoles
	person    account.Person
	sessionID string
	refused   error // why nobody is let in with it; nil: somebody is

	// What follows is set by hello. The lock guards what changes.
	watch *watch // nil before hello
	site  assist.Site
	follow
	open assist.Conversation // the one on the screen; zero: none
}

func (k *console) me() inbox.Name { return inbox.Name{ID: k.person.ID, Name: k.person.Name} }

func (k *console) locale() string { return k.person.Locale }

func (k *console) who() string { return k.person.ID }

func (k *console) following() *follow { return &k.follow }

func (k *console) events(ctx context.Context, conversationID string, after int64, limit int) ([]assist.Event, error) {
	return k.hub.Inbox.Store.EventsAfter(ctx, k.site.ID, conversationID, after, limit)
}

func (k *console) show(e assist.Event) { k.sendLocked(textFrame("event", agentEventOf(e))) }

// handle does what one frame asks for.
func (k *console) handle(kind int, data []byte) {
	if k.refused != nil {
		k.fail("let an agent in", "", k.refused)
		k.close(closeInternal, codeUnavailable)
		return
	}
	if kind != websocket.TextMessage {
		k.refuse(codeBadFrame, "", 0)
		return
	}
	if len(data) > maxFrame {
		k.refuse(codeFrameTooLarge, "", 0)
		return
	}
	f, name, err := decodeConsoleFrame(data)
	if err != nil {
		k.refuse(codeBadFrame, "", 0)
		return
	}
	k.hub.Metrics.frameReceived("console_" + name)
	hello, isHello := f.(*consoleHello)
	switch greeted := k.greeted(); {
	case isHello && greeted:
		k.refuse(codeHelloAgain, "", 0)
		return
	case !isHello && !greeted:
		k.refuse(codeHelloExpected, "", 0)
		return
	}
	if !k.pace.allow(k.hub.Limits, len(data), time.Now()) {
		k.tooFast("", time.Second)
		return
	}
	k.refusals = 0
	ctx, cancel := context.WithTimeout(k.hub.ctx, k.hub.Timing.Accept)
	defer cancel()
	ctx, span := tracer.Start(ctx, "console "+name)
	defer span.End()
	switch f := f.(type) {
	case *consoleHello:
		k.greet(ctx, hello)
	case *openFrame:
		k.turnTo(ctx, f.ConversationID, f.AfterSeq)
	case *consoleTyping:
		if c := k.onScreen(); c.ID != "" && c.ID == f.ConversationID {
			k.hub.Inbox.Typing(c, k.me())
		}
	case *consoleRead:
		if err := k.hub.Inbox.Read(ctx, k.site.ID, k.person.ID, f.ConversationID, f.Seq); err != nil {
			k.fail("note what was read", "", err)
		}
	}
}

func (k *console) onScreen() assist.Conversation {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.open
}

// greet answers hello: it joins those who watch the site, and opens the
// conversation that the console has on its screen.
func (k *console) greet(ctx context.Context, h *consoleHello) {
	if !slices.Contains(k.person.SiteKeys, h.Site) {
		k.refuse(codeUnknownSite, "", 0)
		return
	}
	site, err := k.hub.Store.SiteByKey(ctx, h.Site)
	if err != nil {
		k.fail("answer hello", "", err)
		k.close(closeInternal, codeUnavailable)
		return
	}
	k.mu.Lock()
	k.site, k.opening, k.known = site, true, true
	k.mu.Unlock()
	// Watched before anything is read: what happens meanwhile is kept.
	watch := k.hub.consoles.join(k)
	k.mu.Lock()
	k.watch = watch
	k.mu.Unlock()
	if err := k.hub.Inbox.Arrive(ctx, k.id, k.person.ID); err != nil {
		k.fail("note a console", "", err)
		k.close(closeInternal, codeUnavailable)
		return
	}
	online, err := k.hub.Inbox.Store.Online(ctx, site.ID)
	var counts inbox.Counts
	if err == nil {
		counts, err = k.hub.Inbox.Store.Counts(ctx, site.ID, k.person.ID)
	}
	if err != nil {
		k.fail("answer hello", "", err)
		k.close(closeInternal, codeUnavailable)
		return
	}
	k.send(textFrame("welcome", consoleWelcome{AgentsOnline: nonNil(online), Counts: counts}))
	if h.ConversationID != "" && !k.turnTo(ctx, h.ConversationID, h.AfterSeq) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.opening = false
	for _, sig := range k.early {
		k.apply(sig)
	}
	k.early = nil
	if k.missed && k.conversationID != "" && !k.filling {
		k.startFill(k.held)
	}
}

// turnTo opens a conversation, or none, and brings the console up to date with
// it: the events that it does not hold, who else looks, what the bot is writing.
// It reports false where the socket was closed.
func (k *console) turnTo(ctx context.Context, id string, after int64) bool {
	var c assist.Conversation
	if id != "" {
		var err error
		if c, err = k.hub.Inbox.Store.Conversation(ctx, k.site.ID, id); err != nil {
			k.fail("open a conversation", "", err)
			c = assist.Conversation{}
		}
	}
	k.mu.Lock()
	before := k.open.ID
	k.open = c
	k.adopt(c.ID)
	k.held = min(max(after, 0), c.LastSeq)
	behind := k.held < c.LastSeq
	k.filling, k.target = behind, c.LastSeq
	k.mu.Unlock()
	if err := k.hub.Inbox.Look(ctx, k.site.ID, k.id, k.me(), before, c.ID); err != nil {
		k.hub.log.Warn("console: not noted what is looked at", "error", err)
	}
	if c.ID == "" {
		return true
	}
	if behind && !k.fill() {
		return false
	}
	looking, err := k.hub.Inbox.Store.Looking(ctx, k.site.ID, c.ID)
	if err != nil {
		k.hub.log.Warn("console: not found out who looks", "error", err)
	}
	for _, l := range looking {
		if l.AgentID != k.person.ID {
			k.send(textFrame("looking", inside(c.ID, lookingFrame{AgentID: l.AgentID, Name: l.Name})))
		}
	}
	if turnID, state, text, ok := k.hub.Desk.Writing(c.ID); ok {
		k.send(textFrame("status", inside(c.ID, statusFrame{TurnID: turnID, State: state})))
		if text != "" {
			k.send(textFrame("delta", inside(c.ID, deltaFrame{TurnID: turnID, Text: text})))
		}
	}
	return true
}

// apply sends on what a signal brings. The lock is held.
func (k *console) apply(sig assist.Signal) {
	if sig.Presence != nil {
		k.sendLocked(textFrame("presence", presenceFrame(*sig.Presence)))
		return
	}
	id := k.conversationID
	if id == "" || sig.ConversationID != id {
		return
	}
	switch {
	case sig.Event != nil:
		k.applyEvent(*sig.Event)
	case sig.Delta != nil:
		k.sendLocked(textFrame("delta", inside(id, *sig.Delta)))
	case sig.Retract != nil:
		k.sendLocked(textFrame("retract", inside(id, *sig.Retract)))
	case sig.Status != nil:
		k.sendLocked(textFrame("status", inside(id, *sig.Status)))
	case sig.Draft != nil:
		k.applyDraft(*sig.Draft)
	case sig.Typing != nil && sig.Typing.AgentID != k.person.ID:
		k.sendLocked(textFrame("typing", inside(id, *sig.Typing)))
	case sig.Read != nil:
		k.sendLocked(textFrame("read", inside(id, *sig.Read)))
	case sig.Looking != nil && sig.Looking.AgentID != k.person.ID:
		k.sendLocked(textFrame("looking", inside(id, lookingFrame(*sig.Looking))))
	}
}

// applyDraft sends a piece of a draft; the whole one is read from the store when
// it is done. The lock is held.
func (k *console) applyDraft(d assist.DraftDelta) {
	id := k.conversationID
	f := draftFrame{DraftID: d.DraftID, ForSeq: d.ForSeq, Offset: d.Offset, Text: d.Text, Done: d.Done}
	if !d.Done {
		k.sendLocked(textFrame("draft", inside(id, f)))
		return
	}
	if k.dead || k.closeCode != 0 {
		return
	}
	k.hub.goWork(func() {
		ctx, cancel := context.WithTimeout(k.hub.ctx, k.hub.Timing.Accept)
		defer cancel()
		draft, err := k.hub.Inbox.Store.Draft(ctx, k.site.ID, id)
		if err != nil {
			k.hub.log.Error("console: cannot read a draft", "conversation", id, "error", err)
			return
		}
		f.Draft = draft
		k.send(textFrame("draft", inside(id, f)))
	})
}

// resync looks whether the store holds more of the open conversation, and reads
// the counts again.
func (k *console) resync() {
	k.mu.Lock()
	if k.watch == nil || k.opening || k.dead || k.closeCode != 0 {
		k.mu.Unlock()
		return
	}
	fills := k.conversationID != "" && !k.filling
	if fills {
		k.filling, k.target = true, k.held
	}
	k.mu.Unlock()
	if fills {
		k.fill()
	}
}

// leave ends what the socket holds.
func (k *console) leave() {
	k.mu.Lock()
	watch, open := k.watch, k.open.ID
	k.watch = nil
	k.mu.Unlock()
	k.hub.limiter.addressSockets.release(k.address)
	if watch == nil {
		return
	}
	k.hub.consoles.part(k, watch)
	// The server may be stopping, and the agent is gone all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(k.hub.ctx), k.hub.Timing.Accept)
	defer cancel()
	if err := k.hub.Inbox.Look(ctx, k.site.ID, k.id, k.me(), open, ""); err != nil {
		k.hub.log.Warn("console: not noted that nothing is looked at", "error", err)
	}
	k.hub.consoles.presence.Lock()
	defer k.hub.consoles.presence.Unlock()
	if err := k.hub.Inbox.Leave(ctx, k.id, k.person.ID); err != nil {
		k.hub.log.Warn("console: not noted that it is closed; it is forgotten in a moment", "error", err)
	}
}
