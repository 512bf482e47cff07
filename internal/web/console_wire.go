package web

import (
	"time"

	"github.com/careloop/careloop/assist"
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
		Outcome: e.Outcome, Citations: orNone(e.Citations), Handoff: e.Handoff, Rating: e.Rating, AgentID: e.AgentID,
		Assignment: e.Assignment, Change: e.Change, Mentions: orNone(e.Mentions), Via: e.Via, DraftID: e.DraftID,
	}
}

func agentEvents(list []assist.Event) []agentEvent {
	out := make([]agentEvent, 0, len(list))
	for _, e := range list {
		out = append(out, agentEventOf(e))
	}
	return out
}
