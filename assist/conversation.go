// Package assist is the domain: conversations as append-only timelines of
// events, turns that answer them, and the ways in which a turn may end. It
// knows no SQL, HTTP or queue.
package assist

import (
	"time"

	"github.com/careloop/careloop/retrieval"
)

// Site is a shop. Careloop can serve several.
type Site struct {
	ID     string
	Key    string // public, stands in the shop's script tag
	Name   string
	Locale string // BCP 47, the shop's own language
	// AllowedOrigins are the web origins whose pages may carry the widget, each
	// as scheme://host[:port].
	AllowedOrigins []string
	// IdentitySecret signs the identity tokens of shoppers who are logged in to
	// the shop; empty means that none are accepted.
	IdentitySecret string
	// Greeting and Suggestions are by language.
	Greeting    map[string]string
	Suggestions map[string][]string
	// DailyBudget bounds what models may cost this site in a day (UTC), in
	// millionths of a dollar; nil means the server's default.
	DailyBudget *int64
}

// Shopper is a person who chats, known by the token that their browser holds.
type Shopper struct {
	ID     string
	SiteID string
	// ExternalID, Name and Email are set where the shop vouched for them.
	ExternalID, Name, Email string
}

// Audience is what of the shop's articles the shopper may read.
func (s Shopper) Audience() retrieval.Audience {
	if s.ExternalID != "" {
		return retrieval.SignedIn
	}
	return retrieval.Everyone
}

// Charge says who answers a conversation. A person is in charge from the moment
// that the conversation is assigned to one; while a shopper waits for that, the
// bot still is.
type Charge string

// Who may be in charge.
const (
	BotInCharge    Charge = "bot"
	PersonInCharge Charge = "person"
)

// Conversation is one shopper's timeline with one shop.
type Conversation struct {
	ID        string
	SiteID    string
	ShopperID string
	Locale    string
	Charge    Charge
	LastSeq   int64

	State ConversationState
	// AssigneeID is the agent who has it, TeamID the team that it waits for;
	// empty: nobody.
	AssigneeID, TeamID string
	// WaitingSince is when the shopper began to wait for a person; nil: they do
	// not.
	WaitingSince *time.Time
	// ReplyEmail is where a reply goes that comes later; empty: nowhere.
	ReplyEmail string
	// AgentReadSeq is how far an agent has read.
	AgentReadSeq int64
}

// ConversationState says whether a conversation goes on.
type ConversationState string

// States of a conversation.
const (
	Open   ConversationState = "open"
	Closed ConversationState = "closed"
)

// EventKind names what an event is.
type EventKind string

// Kinds of events. Notes are agents' own: no shopper ever reads one.
const (
	KindMessage    EventKind = "message"
	KindHandoff    EventKind = "handoff"
	KindRating     EventKind = "rating"
	KindNote       EventKind = "note"
	KindAssignment EventKind = "assignment"
	KindStatus     EventKind = "status"
)

// Change is what a status event says happened to the conversation.
type Change string

// Changes.
const (
	ChangeResolved   Change = "resolved"
	ChangeReopened   Change = "reopened"
	ChangeHandedBack Change = "handed_back"
)

// Via says how a message came in or went out.
type Via string

// Ways.
const (
	ViaChat  Via = "chat"
	ViaEmail Via = "email"
)

// AuthorKind says what sort of author wrote an event.
type AuthorKind string

// Kinds of authors.
const (
	ByShopper AuthorKind = "shopper"
	ByBot     AuthorKind = "bot"
	ByAgent   AuthorKind = "agent"
	BySystem  AuthorKind = "system"
)

// Author wrote an event.
type Author struct {
	Kind AuthorKind `json:"kind"`
	Name string     `json:"name,omitempty"`
}

// Event is one entry of a timeline. Its JSON form is that of the wire.
type Event struct {
	ConversationID string     `json:"conversation_id"`
	Seq            int64      `json:"seq"`
	Kind           EventKind  `json:"kind"`
	At             time.Time  `json:"at"`
	Author         Author     `json:"author"`
	Text           string     `json:"text,omitempty"`
	ClientID       string     `json:"client_id,omitempty"`
	TurnID         string     `json:"turn_id,omitempty"`
	Outcome        Outcome    `json:"outcome,omitempty"`
	Citations      []Citation `json:"citations,omitempty"`
	Handoff        *Handoff   `json:"handoff,omitempty"`
	Rating         *Rating    `json:"rating,omitempty"`

	// AgentID is who of the shop's people wrote it; empty for everybody else.
	AgentID    string      `json:"agent_id,omitempty"`
	Assignment *Assignment `json:"assignment,omitempty"`
	Change     Change      `json:"change,omitempty"`
	// Mentions are the agents whom a note is for.
	Mentions []string `json:"mentions,omitempty"`
	Via      Via      `json:"via,omitempty"`
	DraftID  string   `json:"draft_id,omitempty"`
}

// Assignment stands on an event that says who has the conversation now: a
// person, a team, or (both empty) nobody.
type Assignment struct {
	AgentID   string `json:"agent_id,omitempty"`
	AgentName string `json:"agent_name,omitempty"`
	TeamID    string `json:"team_id,omitempty"`
	TeamName  string `json:"team_name,omitempty"`
}

// Citation is a passage that an answer rests on; [N] in the text points to it.
type Citation struct {
	N     int    `json:"n"`
	Title string `json:"title"`
	URL   string `json:"url"`
	// Quote is the exact passage.
	Quote     string `json:"quote"`
	ArticleID string `json:"article_id"`
	Version   int    `json:"version"`
}

// HandoffState says how far a handoff is.
type HandoffState string

// States of a handoff.
const (
	// HandoffOffered stands on a bot's message that offers a person.
	HandoffOffered HandoffState = "offered"
	// HandoffRequested stands on a shopper's wish for one.
	HandoffRequested HandoffState = "requested"
	// HandoffPassed stands on the message that says that a person has it, or
	// will.
	HandoffPassed HandoffState = "passed"
	// HandoffCorrected stands on a shopper's correction of the summary.
	HandoffCorrected HandoffState = "corrected"
)

// Handoff stands on an event that offers or asks for a person, or passes the
// conversation on to one.
type Handoff struct {
	State  HandoffState `json:"state"`
	Reason Reason       `json:"reason,omitempty"`
	Email  string       `json:"email,omitempty"`
	// Summary is what the agent is told that the shopper wants; the shopper may
	// correct it.
	Summary string `json:"summary,omitempty"`
	// Queue is the shopper's place among those who wait, 1 for the next; 0 where
	// it is not known or somebody has the conversation already.
	Queue int `json:"queue,omitempty"`
	// WaitSeconds is the wait by recent handoffs; 0 where there is no telling.
	WaitSeconds int `json:"wait_seconds,omitempty"`
	// OpensAt is when the shop's people are back; nil while they are there.
	OpensAt *time.Time `json:"opens_at,omitempty"`
	// AskEmail asks for an address, once: the answer will not come at once.
	AskEmail bool `json:"ask_email,omitempty"`
}

// Rating is a shopper's verdict on one of the bot's messages: 1 or -1.
type Rating struct {
	EventSeq int64  `json:"event_seq"`
	Score    int    `json:"score"`
	Comment  string `json:"comment,omitempty"`
}

// Page is where on the shop's site the shopper was.
type Page struct {
	URL   string `json:"url,omitempty"`
	Title string `json:"title,omitempty"`
}
