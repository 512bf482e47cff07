package draft

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist"
)

// Store keeps drafts and what is learnt from them. Each method is one
// transaction with the site as part of its filter.
type Store interface {
	// BeginDraft opens a draft leased to b.Owner, or takes over the one that it
	// names, and supersedes one that was being written for an earlier message.
	// Errors: CodeUnknownConversation, CodeClosed; CodeOver where there is
	// nothing to write (an automatic draft that is there already, or a newer
	// message), CodeHeld while somebody's lease on it holds.
	BeginDraft(ctx context.Context, b Begin) (Work, error)

	// RenewDraft keeps a draft that is being written.
	// Errors: CodeOver where it is not any more, or not by owner.
	RenewDraft(ctx context.Context, draftID, owner string, until time.Duration) error

	// DraftInput reads what a draft is made of: the newest messages, oldest
	// first, at most limit. Errors: CodeOver where there is no such draft.
	DraftInput(ctx context.Context, draftID string, limit int) (Input, error)

	// Talk reads a conversation without a draft: what suggestions are made for.
	// Errors: CodeUnknownConversation.
	Talk(ctx context.Context, siteID, conversationID string, limit int) (Input, error)

	// ReserveDraftBudget is ReserveBudget for a draft.
	ReserveDraftBudget(ctx context.Context, siteID, draftID string, amount, daily int64) (bool, error)

	// FinishDraft ends a draft and, where it is ready, supersedes those before it
	// that nobody used. Errors: CodeOver where it is not being written any more,
	// or not by f.Owner; then only what was spent is counted.
	FinishDraft(ctx context.Context, f Finish) (Draft, error)

	// LatestDraft is the newest draft of a conversation that nothing took the
	// place of, and that was neither sent nor discarded.
	LatestDraft(ctx context.Context, siteID, conversationID string) (Draft, bool, error)

	// DraftEvidence is what supports facts in a reply besides passages of a
	// search. Errors: CodeUnknownConversation.
	DraftEvidence(ctx context.Context, siteID, conversationID string, articleIDs []string) (Statements, error)

	// GoodReplies finds replies to similar questions, the most similar first.
	GoodReplies(ctx context.Context, siteID, embedder string, vector []float32, limit int) ([]GoodReply, error)

	// LearnableReplies lists what may be kept of a conversation: sent replies
	// that were accepted or edited, where it was resolved or rated well and never
	// rated badly. What is kept already is left out.
	LearnableReplies(ctx context.Context, siteID, conversationID string) ([]Learnable, error)

	// SaveGoodReply keeps a reply, once for each draft.
	SaveGoodReply(ctx context.Context, siteID string, g NewGoodReply) error

	// Macros lists a site's macros, most used first, at most limit.
	Macros(ctx context.Context, siteID string, limit int) ([]Macro, error)
}

// Begin opens a draft. Without DraftID it is a new one; without Seq it answers
// the shopper's newest message.
type Begin struct {
	SiteID, ConversationID string
	DraftID                string // take over this one
	Seq                    int64  // automatic, for this message alone
	Tone                   Tone
	// Locale is the language that was asked for; empty: the conversation's.
	Locale string
	// Given is what stood in the composer.
	Given   string
	AgentID string // who asked; empty: automatic
	Owner   string
	Lease   time.Duration
	// RescueAfter is when a job looks whether it is still being written; 0: the
	// job is there already.
	RescueAfter time.Duration
}

// Work is a draft on its way.
type Work struct {
	Draft
	ShopperID string
	// Attempt is 1 at first and grows with each rescue.
	Attempt int
	// SupersededID is a draft that was being written and is not wanted any more.
	SupersededID string
}

// Input is what a draft is made of.
type Input struct {
	Site         assist.Site
	Conversation assist.Conversation
	Shopper      assist.Shopper
	ForSeq       int64
	Tone         Tone
	Locale       string // asked for; empty: the conversation's
	Given        string
	// Previous is the draft that stood in the composer, as it was written.
	Previous          string
	PreviousCitations []assist.Citation
	Messages          []assist.Event // messages, wishes for a person, agents' notes
	Packet            Packet
	Guide             CareGuide
}

// Packet is what the handoff's packet tells, empty where there was no handoff.
type Packet struct {
	Wish, Feeling, Topic string
	Reason               assist.Reason
	Orders               []string
}

// CareGuide is a shop's own definition of care. Version 0 is ours.
type CareGuide struct {
	Version  int
	Markdown string
	// Offers are what agents may offer without asking.
	Offers []string
}

// Finish is the end of a draft on its way in.
type Finish struct {
	DraftID, Owner string
	// State is Ready or Failed; empty: only what was spent is counted, and the
	// draft stays as it is.
	State  State
	Result Result
}

// Statements are what was said and stored that a fact may rest on.
type Statements struct {
	// Texts are passages and orders: the quotes of the draft and of the packet,
	// articles that the agent attached, and messages and notes of agents.
	Texts []string
	// Shopper holds what the shopper said: it supports their own numbers,
	// addresses and codes, and no promise.
	Shopper []string
	Site    assist.Site
	Locale  string
}

// GoodReply is a reply that went down well, without personal data.
type GoodReply struct {
	Question, Reply string
	Likeness        float64 // cosine similarity of the questions
}

// Learnable is a sent reply that may be kept.
type Learnable struct {
	DraftID, Locale, Topic string
	Question, Draft, Sent  string
	// Names are those of the people in the conversation.
	Names []string
}

// NewGoodReply is a reply as it is kept.
type NewGoodReply struct {
	DraftID, Locale, Topic, Question, Reply string
	Embedder                                string
	Embedding                               []float32
}

// Macro is a text that a shop's agents keep at hand.
type Macro struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Text   string `json:"text"`
	Locale string `json:"locale"`
	Uses   int64  `json:"uses"`
}
