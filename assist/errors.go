package assist

import "errors"

// Code names an error for machines; people read a phrase by its code.
type Code string

// Codes that cross a seam. Those of the wire are described in docs/protocol.md.
const (
	CodeUnknownSite         Code = "unknown_site"
	CodeBadToken            Code = "bad_token"
	CodeUnknownConversation Code = "unknown_conversation"
	CodeBadClientID         Code = "bad_client_id"
	CodeEmptyText           Code = "empty_text"
	CodeTooLong             Code = "too_long"
	CodeBadEmail            Code = "bad_email"
	CodeBadRating           Code = "bad_rating"
	CodeUnavailable         Code = "unavailable"
	CodeTurnOver            Code = "turn_over"
	CodeTurnHeld            Code = "turn_held"
	CodeNotMail             Code = "not_mail"
)

// Error is a refusal that has a name. Anything else is a failure.
type Error struct {
	Code Code
	Err  error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of an error, CodeUnavailable where it has none, and empty
// for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeUnavailable
}
