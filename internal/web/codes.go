package web

import (
	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/account"
)

// Codes of errors that are the wire's own; the others are the domain's.
const (
	codeBadFrame         = "bad_frame"
	codeFrameTooLarge    = "frame_too_large"
	codeHelloExpected    = "hello_expected"
	codeHelloAgain       = "hello_again"
	codeBadIdentity      = "bad_identity"
	codeOriginNotAllowed = "origin_not_allowed"
	codeRateLimited      = "rate_limited"
	codeTooManySockets   = "too_many_sockets"
	codeUnavailable      = string(assist.CodeUnavailable)
	codeUnknownSite      = string(assist.CodeUnknownSite)
	codeBadToken         = string(assist.CodeBadToken)
	codeUnknownConv      = string(assist.CodeUnknownConversation)
	codeSignedOut        = string(account.CodeSignedOut)
	codeNotFound         = "not_found"
	codeBadRequest       = "bad_request"
	codeBadCharacters    = "bad_characters"
	codeArticleTooLarge  = "article_too_large"
)

// Close codes; they tell the client whether to come back.
const (
	closeRestart    = websocket.CloseServiceRestart
	closeInternal   = websocket.CloseInternalServerErr
	closeBadFrame   = 4400
	closeWho        = 4401
	closeForbidden  = 4403
	closeSlowReader = 4408
	closeTooMany    = 4429
)

// closeFor is the close code that goes with an error code, 0 where the socket
// stays open.
func closeFor(code string) int {
	switch code {
	case codeBadFrame, codeFrameTooLarge, codeHelloAgain:
		return closeBadFrame
	case codeHelloExpected, codeBadToken, codeBadIdentity, codeSignedOut:
		return closeWho
	case codeUnknownSite, codeOriginNotAllowed:
		return closeForbidden
	case codeTooManySockets:
		return closeTooMany
	}
	return 0
}
