package assist

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

// Store keeps sites, shoppers, conversations and turns. Each method is one
// transaction; owner filters (site, shopper) are part of it. Errors are *Error
// with a code where one is named, anything else is a failure of the store.
type Store interface {
	// SiteByKey finds a site; the empty key is the default site.
	// Errors: CodeUnknownSite.
	SiteByKey(ctx context.Context, key string) (Site, error)

	// ShopperByToken finds whom a visitor token belongs to and notes the visit.
	// Errors: CodeBadToken for a token that is unknown, expired (not seen for
	// tokenLife) or another site's.
	ShopperByToken(ctx context.Context, siteID string, tokenHash []byte, tokenLife time.Duration) (Shopper, error)

	// CreateShopper makes a shopper, or, where an external id is given that is
	// known already, gives that shopper one more token.
	CreateShopper(ctx context.Context, s Shopper, tokenHash []byte) (Shopper, error)

	// IdentifyShopper makes a shopper without an external id the one whom the shop
	// vouches for, with all conversations and tokens. The caller has seen the
	// first's visitor token.
	// Errors: CodeBadToken where the first is not there, or is somebody already.
	IdentifyShopper(ctx context.Context, id string, known Shopper) (Shopper, error)

	// Conversation finds one of the shopper's own.
	// Errors: CodeUnknownConversation, also for another shopper's.
	Conversation(ctx context.Context, shopperID, id string) (Conversation, error)

	// LatestConversation finds the shopper's newest open conversation.
	// Errors: CodeUnknownConversation where there is none.
	LatestConversation(ctx context.Context, shopperID string) (Conversation, error)

	// Events returns events with seq above after, in order, at most limit.
	// Errors: CodeUnknownConversation where it is not the shopper's.
	Events(ctx context.Context, shopperID, conversationID string, after int64, limit int) ([]Event, error)

	// Accept stores a shopper's message and, if the bot is in charge, opens a
	// turn for it, leased to a.Owner, enqueues its rescue and supersedes a turn
	// that was running. Without a conversation it goes to the shopper's newest
	// open one, or to a new one. A client id that is known in the conversation
	// stores nothing and returns the first event with Duplicate set.
	// Errors: CodeUnknownConversation.
	Accept(ctx context.Context, a AcceptMessage) (Accepted, error)

	// AcceptHandoff stores a wish for a person with its event, passes the
	// conversation on to one, supersedes a running turn, and is idempotent like
	// Accept.
	AcceptHandoff(ctx context.Context, a AcceptHandoff) (Accepted, error)

	// AcceptSummary stores the shopper's correction of what the agent is told
	// that they want; idempotent like Accept.
	// Errors: CodeNoHandoff where the conversation is not passed on.
	AcceptSummary(ctx context.Context, a AcceptSummary) (Accepted, error)

	// ShopperRead notes how far the shopper has read and gives what is noted
	// now: never less than before, never more than there is.
	// Errors: CodeUnknownConversation.
	ShopperRead(ctx context.Context, shopperID, conversationID string, seq int64) (int64, error)

	// AcceptRating stores a verdict on one of the bot's messages, replacing an
	// earlier one; idempotent like Accept.
	// Errors: CodeBadRating where that event is not a message of the bot.
	AcceptRating(ctx context.Context, a AcceptRating) (Accepted, error)

	// TurnInput reads what a turn works with: its conversation and the newest
	// messages up to its question, oldest first, at most limit.
	TurnInput(ctx context.Context, turnID string, limit int) (TurnInput, error)

	// RenewLease keeps a running turn. Errors: CodeTurnOver where the turn is no
	// longer running or no longer leased to owner.
	RenewLease(ctx context.Context, turnID, owner string, until time.Duration) error

	// TakeTurn leases a running turn whose lease ran out and counts the attempt.
	// Errors: CodeTurnOver where it is not running any more, CodeTurnHeld while
	// somebody's lease holds.
	TakeTurn(ctx context.Context, turnID, owner string, until time.Duration) (Turn, error)

	// ReserveBudget sets amount aside from what the site may still spend today.
	// It reports false, and reserves nothing, where less is left.
	ReserveBudget(ctx context.Context, siteID, turnID string, amount, daily int64) (bool, error)

	// FinishTurn ends a turn: appends its answer, records what it took, settles
	// the reservation, and where it escalates makes the handoff packet and gives
	// the conversation to a free agent or into the queue. Errors: CodeTurnOver
	// where the turn is not running, not leased to f.Owner, or the bot is no
	// longer in charge; then nothing is changed but the usage, which was spent
	// all the same.
	FinishTurn(ctx context.Context, f FinishTurn) (Finished, error)
}

// Visit is what every accepted frame says of its sender.
type Visit struct {
	SiteID         string
	ShopperID      string
	ConversationID string // empty: the newest open one, or a new one
	Locale         string
	Page           Page
	ClientID       string
	// Via says how it came; empty: by the chat.
	Via Via
	// Address is where the shopper's socket comes from; it is counted by, and
	// never stored.
	Address string
}

// AcceptMessage is a shopper's message on its way in.
type AcceptMessage struct {
	Visit
	Text  string
	Owner string
	// Lease is how long the turn is this replica's without renewal; RescueAfter
	// is when a job looks whether it still runs.
	Lease, RescueAfter time.Duration
}

// AcceptHandoff is a shopper's wish for a person on its way in.
type AcceptHandoff struct {
	Visit
	// Escalation says what belongs to it. What it tells is a second event, with
	// the handoff's seq and one, so that the shopper reads what happens next on
	// every device.
	Escalation *Escalation
	BotName    string
}

// AcceptSummary is a shopper's correction of their summary on its way in.
type AcceptSummary struct {
	Visit
	Text string
}

// AcceptRating is a shopper's verdict on its way in.
type AcceptRating struct {
	Visit
	Rating Rating
}

// Accepted is what an Accept did.
type Accepted struct {
	Event Event
	// Replies are events that were stored along with it.
	Replies      []Event
	Conversation Conversation
	Duplicate    bool
	// Turn is the one that was opened, if one was.
	Turn *Turn
	// SupersededTurnID is a turn that ran and was ended by this frame.
	SupersededTurnID string
}

// Turn is one answer on its way.
type Turn struct {
	ID             string
	SiteID         string
	ShopperID      string
	ConversationID string
	// QuestionSeq is the newest message that the turn answers.
	QuestionSeq int64
	// Attempt is 1 at first and grows with each rescue.
	Attempt int
}

// TurnInput is what a turn works with.
type TurnInput struct {
	Site         Site
	Conversation Conversation
	Messages     []Event
	// Audience is what the shopper may read of.
	Audience retrieval.Audience
}

// Finished is what FinishTurn did.
type Finished struct {
	// Event is the bot's message; its seq is 0 where the turn ended without one.
	Event Event
	// Replies are events that were stored along with it.
	Replies      []Event
	Conversation Conversation
}

// FinishTurn is the end of a turn on its way in.
type FinishTurn struct {
	TurnID, Owner string
	Text          string
	BotName       string
	Citations     []Citation
	Outcome       Outcome
	Reason        Reason
	// Offer says that the message offers a person.
	Offer bool
	// Escalation, if set, passes the conversation on; what it tells comes after
	// Text, or is all there is.
	Escalation *Escalation
	Record     TurnRecord
}

// TurnRecord is what is kept of a turn for people who look into it later.
type TurnRecord struct {
	// Topic is what the question is about; empty: nothing was asked.
	Topic      triage.Topic
	Confidence float64
	Passages   []PassageRecord
	Held       []string // facts that the gate did not let through
	Model      string   // who wrote what was sent; empty: a fixed phrase
	PromptHash string
	Calls      []CallRecord
	// From the turn's start, in milliseconds; FirstDelta is 0 where nothing was
	// streamed.
	SearchMillis, FirstDeltaMillis, TotalMillis int64
}

// CallRecord is one call of a model, counted whether or not it was of use.
type CallRecord struct {
	Model            string `json:"model"`
	PromptTokens     int    `json:"prompt_tokens"`
	CompletionTokens int    `json:"completion_tokens"`
	Estimated        bool   `json:"estimated,omitempty"`
	// Cost is in millionths of a dollar.
	Cost    int64  `json:"cost_micros"`
	Failure string `json:"failure,omitempty"`
}

// PassageRecord is a passage that a turn consulted.
type PassageRecord struct {
	ChunkID   int64   `json:"chunk_id"`
	ArticleID string  `json:"article_id"`
	Version   int     `json:"version"`
	Lexical   float64 `json:"lexical"`
	Semantic  float64 `json:"semantic"`
	Fused     float64 `json:"fused"`
	Cited     bool    `json:"cited,omitempty"`
}

// RescueTurn asks for a look at a turn whose process may have died.
type RescueTurn struct {
	TurnID string `json:"turn_id"`
}

// Kind names the job in the queue.
func (RescueTurn) Kind() string { return "rescue_turn" }
