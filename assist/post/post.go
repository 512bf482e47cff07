// Package post sends replies by e-mail to shoppers who are away and takes their
// answers back into the same conversation. It knows no SMTP, IMAP or SQL.
package post

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist"
)

// Letter is one e-mail to a shopper: what was said since the last one.
type Letter struct {
	ConversationID, SiteID string
	// Shop and Sender are how the letter is signed; Sender is the agent's name,
	// or empty where the bot answered.
	Shop, Sender string
	// From is the site's own address; empty: the server's.
	From string
	// To is the shopper's address, ReplyTo the signed one that leads back.
	To, ReplyTo string
	Locale      string
	// MessageID and References join letters of a conversation into a thread.
	MessageID  string
	References []string
	// Said is what the letter carries, oldest first, in Markdown.
	Said []string
	// Asked is the shopper's newest message before it.
	Asked          string
	FromSeq, ToSeq int64
}

// Due is what there is to send in a conversation.
type Due struct {
	SiteID, Shop, From string
	To, Locale         string
	Sender             string
	// Said are messages for the shopper that neither the widget nor a letter has
	// shown them, oldest first.
	Said  []assist.Event
	Asked string
	// Earlier are the message ids of the conversation's letters, oldest first.
	Earlier []string
}

// Place is the conversation that a letter from a shopper leads to.
type Place struct {
	SiteID, ShopperID, ConversationID string
	Locale                            string
	// Email is the address that the shopper left.
	Email string
	// Taken counts the letters that came in within the last hour.
	Taken int
}

// State says what became of a letter.
type State string

// States of letters.
const (
	Queued  State = "queued"
	Sent    State = "sent"
	Failed  State = "failed"
	Taken   State = "taken"
	Refused State = "refused"
)

// Reason says why a letter was refused.
type Reason string

// Reasons.
const (
	ReasonAutomatic Reason = "automatic"    // an out-of-office note, a bounce, a list
	ReasonTooMany   Reason = "too_many"     // a loop, most likely
	ReasonEmpty     Reason = "empty"        // nothing but quotes or attachments
	ReasonStranger  Reason = "other_sender" // not the address that the shopper left
)

// Incoming is a letter that came in, on its way into the store.
type Incoming struct {
	Place
	MessageID, Address, Subject string
	State                       State
	Reason                      Reason
}

// Store keeps letters. Errors are failures of the store but where a code is
// named.
type Store interface {
	// LetterDue reads what there is to send up to an event.
	// Errors: assist.CodeUnknownConversation.
	LetterDue(ctx context.Context, conversationID string, seq int64) (Due, error)
	// StartLetter notes that a letter is about to be sent; false where one of the
	// same message id was sent already.
	StartLetter(ctx context.Context, l Letter) (bool, error)
	// EndLetter notes what became of it.
	EndLetter(ctx context.Context, messageID string, state State, reason string) error
	// PlaceOfLetter finds the conversation of a signed address.
	// Errors: assist.CodeUnknownConversation.
	PlaceOfLetter(ctx context.Context, conversationID string) (Place, error)
	// LetterKnown reports whether a letter of this message id was dealt with.
	LetterKnown(ctx context.Context, messageID string) (bool, error)
	// NoteIncoming stores what became of a letter that came in, once; with a note
	// for the agents, if there is one, which is returned.
	NoteIncoming(ctx context.Context, in Incoming, note string) (*assist.Event, error)
	// NoteFailure writes a note that a letter could not be delivered.
	NoteFailure(ctx context.Context, conversationID, note string) (assist.Event, error)
}

// Carrier sends letters.
type Carrier interface {
	// Send hands a letter over. A *Permanent error will not go away by itself.
	Send(ctx context.Context, l Letter) error
	// ReplyDomain is where message ids and signed addresses live.
	ReplyDomain() string
	// ReplyAddress is the address that leads back to a conversation.
	ReplyAddress(conversationID string) string
	// ConversationOf finds the conversation that an address was signed for.
	ConversationOf(address string) (string, bool)
}

// Permanent says that sending again is no use.
type Permanent struct{ Err error }

func (p *Permanent) Error() string { return p.Err.Error() }

// Unwrap gives the cause.
func (p *Permanent) Unwrap() error { return p.Err }

// Desk takes what shoppers say; see assist.Engine.
type Desk interface {
	Say(ctx context.Context, v assist.Visit, text string) (assist.Accepted, error)
}

// Bounds of what comes in.
const (
	// perHour is how many letters of a conversation are taken in an hour: more
	// than a person writes, fewer than a loop.
	perHour = 20
	// parts is into how many messages a long letter is cut.
	parts = 5
	// storeTime bounds one step at the store.
	storeTime = 10 * time.Second
)
