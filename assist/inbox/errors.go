package inbox

import (
	"errors"

	"github.com/careloop/careloop/assist"
)

// Codes of refusals; docs/console.md describes them.
const (
	CodeClaimed        assist.Code = "claimed"
	CodeClosed         assist.Code = "closed"
	CodeUnsupported    assist.Code = "unsupported"
	CodeUnknownAgent   assist.Code = "unknown_agent"
	CodeUnknownTeam    assist.Code = "unknown_team"
	CodeUnknownFilter  assist.Code = "unknown_filter"
	CodeUnknownMacro   assist.Code = "unknown_macro"
	CodeUnknownTurn    assist.Code = "unknown_turn"
	CodeUnknownDraft   assist.Code = "unknown_draft"
	CodeUnknownArticle assist.Code = "unknown_article"
	CodeNameTaken      assist.Code = "name_taken"
	CodeTooMany        assist.Code = "too_many"
	CodeBadCursor      assist.Code = "bad_cursor"
	CodeBadTags        assist.Code = "bad_tags"
	CodeNoHandoff      assist.Code = "no_handoff"
)

// Claimed says who has the conversation that somebody else wants.
type Claimed struct{ By Name }

func (c *Claimed) Error() string { return "it is with agent " + c.By.ID }

// ClaimedBy makes a refusal with CodeClaimed.
func ClaimedBy(who Name) error { return &assist.Error{Code: CodeClaimed, Err: &Claimed{who}} }

// Unsupported lists the facts of a reply that nothing supports.
type Unsupported struct{ Facts []Fact }

func (u *Unsupported) Error() string { return "facts without support" }

// Holder is who has the conversation that err refuses, if it does so for that.
func Holder(err error) (Name, bool) {
	var c *Claimed
	if errors.As(err, &c) {
		return c.By, true
	}
	return Name{}, false
}

// Facts are those for which err refuses a reply, if it does so for that.
func Facts(err error) ([]Fact, bool) {
	var u *Unsupported
	if errors.As(err, &u) {
		return u.Facts, true
	}
	return nil, false
}
