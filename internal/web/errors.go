package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/assist/golden"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/assist/intake"
	"github.com/careloop/careloop/assist/settings"
	"github.com/careloop/careloop/internal/account"
)

// problem is an error as the REST interface tells it (RFC 9457).
type problem struct {
	Title     string `json:"title" doc:"The HTTP status in words"`
	Status    int    `json:"status" doc:"The HTTP status"`
	Code      string `json:"code" doc:"Names the error for programs; see the widget's wire"`
	Detail    string `json:"detail" doc:"A sentence for people"`
	RequestID string `json:"request_id,omitempty" doc:"Names the request in the server's log"`

	// For the console alone.
	ClaimedBy *inbox.Name  `json:"claimed_by,omitempty" doc:"With claimed: who has the conversation"`
	Facts     []inbox.Fact `json:"facts,omitempty" doc:"With unsupported: what stands nowhere"`
	// Theirs is, with changed_meanwhile, the draft that came between.
	Theirs *articleDraft `json:"theirs,omitempty" doc:"With changed_meanwhile: the draft that came between"`
	// Lines are of a file of golden questions.
	Lines []golden.LineError `json:"lines,omitempty" doc:"With bad_file: what is wrong, line by line"`
}

// Error is for logs.
func (p *problem) Error() string { return http.StatusText(p.Status) + ": " + p.Code }

// GetStatus makes a problem an error that huma answers with.
func (p *problem) GetStatus() int { return p.Status }

// ContentType is that of a problem.
func (p *problem) ContentType(string) string { return "application/problem+json" }

func problemOf(status int, code string) *problem {
	return &problem{Title: http.StatusText(status), Status: status, Code: code}
}

// problemFor turns an error of the store or the desk into a problem.
func problemFor(err error) *problem {
	if p := goldenProblem(err); p != nil {
		return p
	}
	switch code := assist.CodeOf(err); code {
	case assist.CodeUnknownSite, assist.CodeUnknownConversation,
		inbox.CodeUnknownFilter, inbox.CodeUnknownMacro, inbox.CodeUnknownTurn, inbox.CodeUnknownDraft,
		account.CodeUnknownInvitation, account.CodeUnknownAgent, account.CodeUnknownSession, settings.CodeUnknownTeam,
		intake.CodeUnknownImport, intake.CodeUnknownSource, gap.CodeUnknown:
		return problemOf(http.StatusNotFound, string(code))
	case assist.CodeBadToken, account.CodeSignedOut, account.CodeWrongCredentials, account.CodeSignInFailed:
		return problemOf(http.StatusUnauthorized, string(code))
	case account.CodeNotAllowed, account.CodeNoAccount:
		return problemOf(http.StatusForbidden, string(code))
	case account.CodeEmailTaken, account.CodeLastAdmin:
		return problemOf(http.StatusConflict, string(code))
	case account.CodeTooManyTries:
		return problemOf(http.StatusTooManyRequests, string(code))
	case inbox.CodeClaimed:
		p := problemOf(http.StatusConflict, string(code))
		if by, ok := inbox.Holder(err); ok {
			p.ClaimedBy = &by
		}
		return p
	case intake.CodeTooLarge:
		return problemOf(http.StatusRequestEntityTooLarge, string(code))
	case intake.CodeBusy, intake.CodeNotReady, intake.CodeSourceExists:
		return problemOf(http.StatusConflict, string(code))
	case inbox.CodeClosed, inbox.CodeNameTaken, inbox.CodeTooMany, inbox.CodeNoHandoff, gap.CodeSame, gap.CodeNoDraft:
		return problemOf(http.StatusConflict, string(code))
	case draft.CodeBusy, gap.CodeBusy:
		return problemOf(http.StatusTooManyRequests, string(code))
	case inbox.CodeUnsupported:
		p := problemOf(http.StatusUnprocessableEntity, string(code))
		p.Facts, _ = inbox.Facts(err)
		return p
	case assist.CodeUnavailable:
		return problemOf(http.StatusServiceUnavailable, string(code))
	default:
		return problemOf(http.StatusUnprocessableEntity, string(code))
	}
}

// codeOfStatus names errors that only have a status.
func codeOfStatus(status int) string {
	switch {
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return codeNotFound
	case status == http.StatusTooManyRequests:
		return codeRateLimited
	case status == http.StatusRequestEntityTooLarge:
		return "too_large"
	case status >= 500:
		return codeUnavailable
	}
	return codeBadRequest
}

// answerError is the one place where an error becomes an answer: a problem for
// programs, a small page for people. What the error says is for the log only.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status := http.StatusInternalServerError
	var p *problem
	var h *echo.HTTPError
	switch {
	case errors.As(err, &p):
		status = p.Status
	case errors.As(err, &h):
		status = h.Code
	}
	if p == nil {
		p = problemOf(status, codeOfStatus(status))
	}
	if status >= 500 {
		s.Logger.Error("request failed", "request_id", requestID(c), "path", c.Path(), "error", err)
	}
	if strings.HasPrefix(c.Request().URL.Path, "/v1/") {
		s.writeProblem(c, p)
		return
	}
	if err := s.renderErrorPage(c, status); err != nil {
		s.Logger.Error("error page cannot be written", "request_id", requestID(c), "error", err)
	}
}

func (s *Server) writeProblem(c echo.Context, p *problem) {
	full := *p
	full.Detail = s.detail(c, p)
	full.RequestID = requestID(c)
	body, err := json.Marshal(full)
	if err != nil {
		panic(err) // a struct of strings and a number
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	_ = c.Blob(p.Status, full.ContentType(""), body)
}

// detail is the sentence for people: the phrase of a code that the wire has, or
// one of HTTP's own.
func (s *Server) detail(c echo.Context, p *problem) string {
	locale := pageLocale(c.Request(), "en")
	switch p.Code {
	case codeNotFound, codeBadRequest, "too_large":
		return wordsOf(locale).problem[p.Code]
	}
	return s.Phrase(locale, p.Code)
}
