// Package llm is the seam to a chat model. A model is slow, may fail at any
// moment and says what it likes: this package makes failures plain (Error) and
// bounded (Guard); whether what was said may be shown is decided elsewhere.
package llm

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Model writes one answer. Implementations pass llmtest.Suite.
type Model interface {
	// Name is what is recorded with the answer, for example "gpt-4o-mini".
	Name() string

	// Write asks for an answer and calls emit for each piece in the order of
	// arrival, always from the calling goroutine. An error from emit ends the
	// call and is returned as it is. Every other failure is an *Error; a stream
	// that ends without a finish reason is one, too. After an error the pieces
	// already emitted must not be taken for an answer.
	Write(ctx context.Context, req Request, emit func(Delta) error) (Result, error)
}

// Request is one call of a model.
type Request struct {
	Messages []Message
	Tools    []Tool
	// Grounding is the same material as in Messages, in a form for writers that
	// read no prompt (the extractive one).
	Grounding Grounding
	// MaxTokens bounds the answer; 0 leaves it to the model.
	MaxTokens   int
	Temperature float32
}

// Role says who speaks in a Message.
type Role string

// The roles of the chat completion format.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	ToolRole  Role = "tool"
)

// Message is one entry of the conversation with the model.
type Message struct {
	Role Role
	Text string
	// ToolCalls stands on an Assistant message that called tools.
	ToolCalls []ToolCall
	// ToolCallID stands on a ToolRole message: which call it answers.
	ToolCallID string
}

// Tool is something that the model may call.
type Tool struct {
	Name        string
	Description string
	// Parameters is a JSON schema of an object.
	Parameters json.RawMessage
}

// ToolCall is a model's wish to have a tool called. Arguments are whole, valid
// JSON; what they ask for is as untrusted as the rest.
type ToolCall struct {
	ID        string
	Name      string
	Arguments json.RawMessage
}

// Grounding is a question and the passages that may answer it.
type Grounding struct {
	Question string
	// Locale is a BCP 47 tag of the language to answer in.
	Locale   string
	Passages []Passage
}

// Passage is a piece of a published article, numbered as citations name it.
type Passage struct {
	N       int
	Title   string
	Heading string
	Text    string
}

// Delta is a piece of an answer. One without text says that the model makes
// progress that is not text (it is writing a tool call).
type Delta struct {
	Text string
}

// Finish says why a model stopped.
type Finish string

// Reasons to stop that are not failures.
const (
	FinishStop      Finish = "stop"
	FinishLength    Finish = "length"
	FinishToolCalls Finish = "tool_calls"
)

// Result closes an answer.
type Result struct {
	Model     string
	Finish    Finish
	ToolCalls []ToolCall
	Usage     Usage
	// FirstDelta is the time from the call to the first piece with text.
	FirstDelta time.Duration
}

// Usage counts tokens. Estimated is set where the server did not say.
type Usage struct {
	PromptTokens     int
	CompletionTokens int
	Estimated        bool
}

// Kind names what went wrong.
type Kind string

// The kinds of failure. Retrying helps for Unavailable, RateLimited and
// NoFirstToken, and only while nothing was emitted.
const (
	Unavailable  Kind = "unavailable"    // refused, DNS, TLS, 5xx
	Unauthorized Kind = "unauthorized"   // 401, 403: the key is wrong
	RateLimited  Kind = "rate_limited"   // 429; RetryAfter where the server said
	BadRequest   Kind = "bad_request"    // other 4xx: we or the configuration are wrong
	NoFirstToken Kind = "no_first_token" // nothing said in time, keepalives do not count
	Stalled      Kind = "stalled"        // silence in mid-answer
	TooLong      Kind = "too_long"       // over the whole call's time or size
	Truncated    Kind = "truncated"      // the stream ended without a finish reason
	Malformed    Kind = "malformed"      // not what the protocol says
	Filtered     Kind = "filtered"       // the provider's content filter
	Empty        Kind = "empty"          // finished without text or tool call
	CircuitOpen  Kind = "circuit_open"   // failed too often lately: not asked
)

// Error is a failure of a model or of the way to it. Its text is for logs and
// never holds a key, a prompt or an answer.
type Error struct {
	Kind       Kind
	Model      string
	RetryAfter time.Duration
	// Started is set where pieces were emitted before the failure.
	Started bool
	Err     error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("model %s: %s", e.Model, e.Kind)
	}
	return fmt.Sprintf("model %s: %s: %v", e.Model, e.Kind, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
