// Package draft writes the replies that agents find waiting: from the care
// guide, the timeline, the passages that help and what the shop's agents wrote
// to others; by a model, or without one from templates. It says which facts of a
// text stand nowhere, measures what became of a draft, and remembers the replies
// that went down well. It knows no SQL, HTTP or queue.
package draft

import (
	"time"

	"github.com/careloop/careloop/assist"
)

// Tone is how a draft is to sound.
type Tone string

// Tones that an agent may ask for.
const (
	Standard  Tone = "standard"
	Warmer    Tone = "warmer"
	Shorter   Tone = "shorter"
	Formal    Tone = "formal"
	Apologise Tone = "apologise" // apologise properly: once, for what happened
	Language  Tone = "language"  // the same in another language
)

// Known says whether it is one of the tones.
func (t Tone) Known() bool {
	switch t {
	case Standard, Warmer, Shorter, Formal, Apologise, Language:
		return true
	}
	return false
}

// State says how far a draft is.
type State string

// States of a draft.
const (
	Writing    State = "writing"
	Ready      State = "ready"
	Failed     State = "failed"
	Superseded State = "superseded"
)

// Outcome is what became of a draft.
type Outcome string

// What an agent may do with a draft: send it as it is, send something else that
// was made of it, or not use it.
const (
	Accepted  Outcome = "accepted"
	Edited    Outcome = "edited"
	Discarded Outcome = "discarded"
)

// Note says, for the agent alone, what could not be done.
type Note string

// NoteNeedsModel says that the tone or language that was asked for needs a
// model, and that the text was kept as it stood, or changed as far as could be.
const NoteNeedsModel Note = "needs_model"

// Draft is a reply written for an agent. Its JSON form is that of the console's
// wire.
type Draft struct {
	ID             string `json:"id"`
	SiteID         string `json:"-"`
	ConversationID string `json:"-"`
	// ForSeq is the shopper's message that it answers.
	ForSeq      int64             `json:"for_seq"`
	State       State             `json:"state"`
	Tone        Tone              `json:"tone"`
	Text        string            `json:"text"`
	Citations   []assist.Citation `json:"citations"`
	Unsupported []Unsupported     `json:"unsupported"`
	// Model is who wrote it; empty: templates.
	Model     string    `json:"model"`
	Note      Note      `json:"note,omitempty"`
	Outcome   Outcome   `json:"outcome,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Unsupported is a fact that stands in no passage, no order and nothing that an
// agent or a tool said. Start and End count UTF-16 code units of the text, as
// the composer does.
type Unsupported struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// Codes of this package's refusals.
const (
	CodeClosed       assist.Code = "closed"        // the conversation is closed
	CodeUnknownDraft assist.Code = "unknown_draft" // no such draft in this conversation
	CodeBadTone      assist.Code = "bad_tone"
	CodeBusy         assist.Code = "busy"       // too many drafts are being written: ask again in a moment
	CodeOver         assist.Code = "draft_over" // nothing is left to write
	CodeHeld         assist.Code = "draft_held" // another replica writes it
)

// Rescue asks for a look at a draft whose process may have died: that of this
// id, or without one the automatic draft for a shopper's message. Whoever
// commits such a message enqueues it.
type Rescue struct {
	SiteID         string `json:"site_id"`
	ConversationID string `json:"conversation_id"`
	Seq            int64  `json:"seq,omitempty"`
	DraftID        string `json:"draft_id,omitempty"`
}

// Kind names the job in the queue.
func (Rescue) Kind() string { return "rescue_draft" }

// Learn asks to keep a conversation's good replies, now that it is resolved or
// rated.
type Learn struct {
	SiteID         string `json:"site_id"`
	ConversationID string `json:"conversation_id"`
}

// Kind names the job in the queue.
func (Learn) Kind() string { return "learn_replies" }
