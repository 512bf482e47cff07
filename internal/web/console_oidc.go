package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/account"
)

// OIDC signs people in by OpenID Connect; see account.OIDC for the contracts.
type OIDC interface {
	Name() string
	Start(ctx context.Context, invitation string) (account.Attempt, string, error)
	Finish(ctx context.Context, t account.Attempt, state, code, locale string, v account.Visit) (account.SignedIn, error)
}

// attemptCookie holds what the browser brings back from the issuer, for as long
// as a person takes to sign in there.
const (
	attemptCookie = "careloop_sign_in"
	attemptPath   = "/v1/console/oidc/"
	attemptLife   = 10 * time.Minute
)

// startOIDC sends the browser to the issuer.
func (s *Server) startOIDC(c echo.Context) error {
	ctx := c.Request().Context()
	attempt, address, err := s.OIDC.Start(ctx, c.QueryParam("invitation"))
	if err != nil {
		return s.backToSignIn(c, err)
	}
	c.SetCookie(&http.Cookie{Name: attemptCookie, Value: attempt.Encode(), Path: attemptPath, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: visitorOf(ctx).secure, MaxAge: int(attemptLife.Seconds())})
	return c.Redirect(http.StatusFound, address)
}

// finishOIDC takes what the issuer sent back.
func (s *Server) finishOIDC(c echo.Context) error {
	ctx := c.Request().Context()
	cookie, err := c.Cookie(attemptCookie)
	if err != nil {
		return s.backToSignIn(c, &assist.Error{Code: account.CodeSignInFailed})
	}
	c.SetCookie(&http.Cookie{Name: attemptCookie, Path: attemptPath, HttpOnly: true, MaxAge: -1})
	attempt, ok := account.DecodeAttempt(cookie.Value)
	if !ok {
		return s.backToSignIn(c, &assist.Error{Code: account.CodeSignInFailed})
	}
	v := visitorOf(ctx)
	done, err := s.OIDC.Finish(ctx, attempt, c.QueryParam("state"), c.QueryParam("code"), v.locale, v.visit)
	if err != nil {
		return s.backToSignIn(c, err)
	}
	session := sessionCookieFor(ctx, done.Token, done.Session.ExpiresAt)
	c.SetCookie(&session)
	return c.Redirect(http.StatusFound, "/console/")
}

// backToSignIn shows the sign-in page with what went wrong: a person is looking
// at the browser, not a program.
func (s *Server) backToSignIn(c echo.Context, err error) error {
	s.Logger.WarnContext(c.Request().Context(), "sign-in failed", "error", err)
	return c.Redirect(http.StatusFound, "/console/sign-in?error="+url.QueryEscape(string(assist.CodeOf(err))))
}
