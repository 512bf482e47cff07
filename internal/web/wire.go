package web

import (
	"encoding/json"
	"time"

	"github.com/careloop/careloop/assist"
)

// The types of the wire, as docs/protocol.md describes them. A frame is one
// JSON object whose field type names it.

type helloFrame struct {
	SiteKey        string      `json:"site_key,omitempty"`
	VisitorToken   string      `json:"visitor_token,omitempty"`
	Identity       string      `json:"identity,omitempty"`
	ConversationID string      `json:"conversation_id,omitempty"`
	AfterSeq       int64       `json:"after_seq,omitempty"`
	Locale         string      `json:"locale,omitempty"`
	Page           assist.Page `json:"page,omitzero"`
}

type messageFrame struct {
	ClientID string `json:"client_id"`
	Text     string `json:"text"`
}

type handoffFrame struct {
	ClientID string `json:"client_id"`
	Email    string `json:"email,omitempty"`
	Note     string `json:"note,omitempty"`
}

type summaryFrame struct {
	ClientID string `json:"client_id"`
	Text     string `json:"text"`
}

type typingFrame struct{}

// readFrame says how far the other side has read; both sides send it.
type readFrame struct {
	Seq int64 `json:"seq"`
}

type rateFrame struct {
	ClientID string `json:"client_id"`
	EventSeq int64  `json:"event_seq"`
	Score    int    `json:"score"`
	Comment  string `json:"comment,omitempty"`
}

type welcomeFrame struct {
	VisitorToken   string       `json:"visitor_token,omitempty"`
	ConversationID string       `json:"conversation_id"`
	LastSeq        int64        `json:"last_seq"`
	Greeting       string       `json:"greeting"`
	Suggestions    []string     `json:"suggestions"`
	AgentsOnline   int          `json:"agents_online"`
	ReadSeq        int64        `json:"read_seq,omitempty"`
	Letters        bool         `json:"letters,omitempty"`
	Limits         limitsOfWire `json:"limits"`
}

type limitsOfWire struct {
	MaxText int `json:"max_text"`
}

// eventFrame is an assist.Event as shoppers see it: without what only the
// store needs, such as the ids of articles.
type eventFrame struct {
	ConversationID string           `json:"conversation_id"`
	Seq            int64            `json:"seq"`
	Kind           assist.EventKind `json:"kind"`
	At             time.Time        `json:"at"`
	Author         assist.Author    `json:"author"`
	Text           string           `json:"text,omitempty"`
	ClientID       string           `json:"client_id,omitempty"`
	TurnID         string           `json:"turn_id,omitempty"`
	Outcome        assist.Outcome   `json:"outcome,omitempty"`
	Citations      []citation       `json:"citations,omitempty"`
	Handoff        *assist.Handoff  `json:"handoff,omitempty"`
	Rating         *assist.Rating   `json:"rating,omitempty"`
	// Assignee is the name of who has the conversation, on kind assignment.
	Assignee string        `json:"assignee,omitempty"`
	Change   assist.Change `json:"change,omitempty"`
	Via      assist.Via    `json:"via,omitempty"`
}

type citation struct {
	N     int    `json:"n"`
	Title string `json:"title"`
	URL   string `json:"url"`
	Quote string `json:"quote"`
}

// kindInternal stands on the timeline where something was said among agents:
// the shopper's client counts it and shows nothing.
const kindInternal assist.EventKind = "internal"

// eventFrameOf is the one place where an event becomes what a shopper may see.
func eventFrameOf(e assist.Event) eventFrame {
	if e.Kind == assist.KindNote {
		return eventFrame{ConversationID: e.ConversationID, Seq: e.Seq, Kind: kindInternal,
			At: e.At.UTC().Truncate(time.Millisecond), Author: assist.Author{Kind: assist.BySystem}}
	}
	f := eventFrame{
		ConversationID: e.ConversationID,
		Seq:            e.Seq,
		Kind:           e.Kind,
		At:             e.At.UTC().Truncate(time.Millisecond),
		Author:         e.Author,
		Text:           e.Text,
		ClientID:       e.ClientID,
		TurnID:         e.TurnID,
		Outcome:        e.Outcome,
		Handoff:        handoffOf(e.Handoff),
		Rating:         e.Rating,
		Change:         e.Change,
		Via:            e.Via,
	}
	if e.Assignment != nil {
		f.Assignee = e.Assignment.AgentName
	}
	for _, c := range e.Citations {
		f.Citations = append(f.Citations, citation{N: c.N, Title: c.Title, URL: c.URL, Quote: c.Quote})
	}
	return f
}

// handoffOf leaves out the reason: how a shopper was read is said to agents.
func handoffOf(h *assist.Handoff) *assist.Handoff {
	if h == nil {
		return nil
	}
	shown := *h
	shown.Reason = ""
	return &shown
}

type deltaFrame = assist.Delta

type retractFrame = assist.Retract

type statusFrame struct {
	TurnID string `json:"turn_id,omitempty"`
	State  string `json:"state"`
	// Name is who types.
	Name string `json:"name,omitempty"`
}

// stateTyping says that an agent writes.
const stateTyping = "typing"

type errorFrame struct {
	Code         string `json:"code"`
	Message      string `json:"message"`
	ClientID     string `json:"client_id,omitempty"`
	RetryAfterMs int64  `json:"retry_after_ms"`
}

// encode writes a frame with its type first. The value is one of the frame
// types above, so encoding cannot fail.
func encode(kind string, frame any) []byte {
	body, err := json.Marshal(frame)
	if err != nil {
		panic("web: encode " + kind + " frame: " + err.Error())
	}
	data := make([]byte, 0, len(body)+len(kind)+12)
	data = append(data, `{"type":"`...)
	data = append(data, kind...)
	data = append(data, '"')
	if len(body) > len("{}") {
		data = append(data, ',')
	}
	return append(data, body[1:]...)
}
