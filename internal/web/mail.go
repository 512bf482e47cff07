package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	mailPath = "/v1/mail"
	// maxMail is how much of a mail is listened to, in bytes, before the sender is
	// cut off. How much of it counts is the reader's business.
	maxMail = 32 << 20
)

// takeMail takes a raw message (message/rfc822) from a mail service that knows
// the secret. 503 asks it to come again; everything else is dealt with.
func (s *Server) takeMail(c echo.Context) error {
	r := c.Request()
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	// Hashed first, so that the comparison tells nothing of the length either.
	want, got := sha256.Sum256([]byte(s.MailSecret)), sha256.Sum256([]byte(given))
	if !ok || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
		return problemOf(http.StatusUnauthorized, codeBadToken)
	}
	body := http.MaxBytesReader(c.Response(), r.Body, maxMail)
	if err := s.Mail(r.Context(), body); err != nil {
		return problemFor(err)
	}
	_, _ = io.Copy(io.Discard, body) // so that the connection can be used again
	return c.NoContent(http.StatusNoContent)
}
