package web

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// agentEvent is an assist.Event as agents see it: whole, and with what shoppers
// are not shown.
type agentEvent struct {
	ConversationID string             `json:"conversation_id"`
	Seq            int64              `json:"seq"`
	Kind           assist.EventKind   `json:"kind" enum:"message,handoff,rating,note,assignment,status"`
	At             time.Time          `json:"at"`
	Author         agentAuthor        `json:"author"`
	Text           string             `json:"text"`
	ClientID       string             `json:"client_id,omitempty"`
	TurnID         string             `json:"turn_id,omitempty"`
	Outcome        assist.Outcome     `json:"outcome,omitempty"`
	Citations      []assist.Citation  `json:"citations"`
	Handoff        *assist.Handoff    `json:"handoff,omitempty"`
	Rating         *assist.Rating     `json:"rating,omitempty"`
	AgentID        string             `json:"agent_id,omitempty"`
	Assignment     *assist.Assignment `json:"assignment,omitempty"`
	Change         assist.Change      `json:"change,omitempty"`
	Mentions       []string           `json:"mentions"`
	Via            assist.Via         `json:"via,omitempty" doc:"email, or nothing for the chat"`
	DraftID        string             `json:"draft_id,omitempty"`
}

type agentAuthor struct {
	Kind assist.AuthorKind `json:"kind" enum:"shopper,bot,agent,system"`
	Name string            `json:"name"`
}

func agentEventOf(e assist.Event) agentEvent {
	return agentEvent{
		ConversationID: e.ConversationID, Seq: e.Seq, Kind: e.Kind, At: e.At.UTC().Truncate(time.Millisecond),
		Author: agentAuthor{e.Author.Kind, e.Author.Name}, Text: e.Text, ClientID: e.ClientID, TurnID: e.TurnID,
		Outcome: e.Outcome, Citations: nonNil(e.Citations), Handoff: e.Handoff, Rating: e.Rating, AgentID: e.AgentID,
		Assignment: e.Assignment, Change: e.Change, Mentions: nonNil(e.Mentions), Via: e.Via, DraftID: e.DraftID,
	}
}

func agentEvents(list []assist.Event) []agentEvent {
	out := make([]agentEvent, 0, len(list))
	for _, e := range list {
		out = append(out, agentEventOf(e))
	}
	return out
}

// The frames of the console's socket, as docs/console.md describes them.

type consoleHello struct {
	Site           string `json:"site"`
	ConversationID string `json:"conversation_id,omitempty"`
	AfterSeq       int64  `json:"after_seq,omitempty"`
}

type openFrame struct {
	ConversationID string `json:"conversation_id"`
	AfterSeq       int64  `json:"after_seq"`
}

type consoleTyping struct {
	ConversationID string `json:"conversation_id"`
}

type consoleRead struct {
	ConversationID string `json:"conversation_id"`
	Seq            int64  `json:"seq"`
}

type consoleWelcome struct {
	AgentsOnline []string     `json:"agents_online"`
	Counts       inbox.Counts `json:"counts"`
}

// inConversation puts the conversation on a frame of its own.
type inConversation[T any] struct {
	ConversationID string `json:"conversation_id"`
	Frame          T      `json:"-"`
}

// MarshalJSON writes the frame's fields beside the conversation's.
func (f inConversation[T]) MarshalJSON() ([]byte, error) {
	rest, err := json.Marshal(f.Frame)
	if err != nil {
		return nil, err
	}
	id, err := json.Marshal(f.ConversationID)
	if err != nil {
		return nil, err
	}
	out := append([]byte(`{"conversation_id":`), id...)
	if len(rest) > len("{}") {
		out = append(out, ',')
	}
	return append(out, rest[1:]...), nil
}

func inside[T any](conversationID string, f T) inConversation[T] {
	return inConversation[T]{conversationID, f}
}

type rowFrame struct {
	Row inbox.Row `json:"row"`
	// Counts come twice a second at most.
	Counts *inbox.Counts `json:"counts,omitempty"`
}

type draftFrame struct {
	DraftID string       `json:"draft_id"`
	ForSeq  int64        `json:"for_seq"`
	Offset  int          `json:"offset"`
	Text    string       `json:"text"`
	Done    bool         `json:"done"`
	Draft   *inbox.Draft `json:"draft,omitempty"`
}

type lookingFrame struct {
	AgentID string `json:"agent_id"`
	Name    string `json:"name"`
	Gone    bool   `json:"gone"`
}

type presenceFrame struct {
	AgentID string `json:"agent_id"`
	Online  bool   `json:"online"`
}

// notifyFrame is what is worth a sound.
type notifyFrame struct {
	Kind           string `json:"kind"`
	ConversationID string `json:"conversation_id"`
	Title          string `json:"title"`
	Text           string `json:"text"`
}

// Kinds of what is worth a sound.
const (
	notifyAssigned = "assigned"
	notifyWaiting  = "waiting"
	notifyMessage  = "message"
	notifyMention  = "mention"
)

// decodeConsoleFrame reads one text frame of the console's; its name comes with
// it. Any error is errBadFrame.
func decodeConsoleFrame(data []byte) (frame any, name string, err error) {
	var envelope struct {
		Type string `json:"type"`
	}
	if !utf8.Valid(data) || json.Unmarshal(data, &envelope) != nil {
		return nil, "", errBadFrame
	}
	switch envelope.Type {
	case "hello":
		frame = &consoleHello{}
	case "open":
		frame = &openFrame{}
	case "typing":
		frame = &consoleTyping{}
	case "read":
		frame = &consoleRead{}
	default:
		return nil, "", errBadFrame
	}
	if json.Unmarshal(data, frame) != nil {
		return nil, "", errBadFrame
	}
	return frame, envelope.Type, nil
}
