// Package assist is the domain: conversations as append-only timelines of
// events, turns that answer them, and the ways in which a turn may end. It
// knows no SQL, HTTP or queue.
package assist

import "time"

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

// Charge says who answers a conversation.
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
}

// EventKind names what an event is.
type EventKind string

// Kinds of events.
const (
	KindMessage EventKind = "message"
	KindHandoff EventKind = "handoff"
	KindRating  EventKind = "rating"
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
	HandoffOffered   HandoffState = "offered"
	HandoffRequested HandoffState = "requested"
)

// Handoff stands on an event that offers or asks for a person.
type Handoff struct {
	State  HandoffState `json:"state"`
	Reason Reason       `json:"reason,omitempty"`
	Email  string       `json:"email,omitempty"`
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
