package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/account"
)

// sessionCookie holds the token of a console's session.
const sessionCookie = "careloop_session"

// crossOrigin refuses requests that change something and come from another
// site's page.
var crossOrigin = http.NewCrossOriginProtection()

type personKey struct{}

// signedIn is who asks.
type signedIn struct {
	person  account.Person
	session account.Session
}

// visitor is where a request comes from; every request of the console has one.
type visitor struct {
	visit  account.Visit
	locale string
	secure bool
	host   string // as the browser named this server
}

type visitorKey struct{}

// consoleVisit keeps what handlers need of a request, refuses what another
// site's page sent, and keeps answers out of caches.
func (s *Server) consoleVisit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if err := crossOrigin.Check(r); err != nil {
			return problemOf(http.StatusForbidden, codeOriginNotAllowed)
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		ok, err := storable(r)
		if err != nil {
			return err // it is too large, or did not come to its end
		}
		if !ok {
			return problemOf(http.StatusUnprocessableEntity, codeBadCharacters)
		}
		from := clientAddress(r, s.TrustedProxies)
		v := visitor{
			visit:  account.Visit{Address: from.String(), Network: addressKey(from), UserAgent: r.UserAgent()},
			locale: pageLocale(r, "en"),
			secure: s.behindTLS(r),
			host:   r.Host,
		}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), visitorKey{}, v)))
		return next(c)
	}
}

// storable says whether all that a request carries can be stored as text: its
// path and query, and its body where that is JSON. PostgreSQL takes neither NUL
// nor what is no UTF-8.
func storable(r *http.Request) (bool, error) {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil || !storableText(query) || !storableText(r.URL.Path) {
		return false, nil
	}
	if r.Body == nil || !strings.Contains(r.Header.Get("Content-Type"), "json") {
		return true, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return storableText(string(body)) && !holdsNUL(body), nil
}

func storableText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// holdsNUL finds the escape of NUL in JSON: a backslash that is not escaped
// itself, and u0000.
func holdsNUL(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(body[i+1:], []byte("u0000")) {
			return true
		}
		i++ // what is escaped
	}
	return false
}

// behindTLS says whether the browser came over TLS, as far as can be told.
func (s *Server) behindTLS(r *http.Request) bool {
	if s.PublicURL != "" {
		return len(s.PublicURL) > 8 && s.PublicURL[:8] == "https://"
	}
	return r.TLS != nil || fromTrustedProxy(r, s.TrustedProxies) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// whoAsks finds out whose session a request carries. Errors: CodeSignedOut.
func (s *Server) whoAsks(r *http.Request) (signedIn, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return signedIn{}, &assist.Error{Code: account.CodeSignedOut}
	}
	p, session, err := s.Accounts.Who(r.Context(), cookie.Value)
	return signedIn{p, session}, err
}

// personOf is who asks; the route lets nobody else in.
func personOf(ctx context.Context) account.Person { return ctx.Value(personKey{}).(signedIn).person }

func sessionOf(ctx context.Context) account.Session {
	return ctx.Value(personKey{}).(signedIn).session
}

func visitorOf(ctx context.Context) visitor {
	v, _ := ctx.Value(visitorKey{}).(visitor)
	return v
}

// siteOf finds a site that whoever asks may see; another's is unknown to them.
func (s *Server) siteOf(ctx context.Context, key string) (assist.Site, error) {
	if !slices.Contains(personOf(ctx).SiteKeys, key) {
		return assist.Site{}, &assist.Error{Code: assist.CodeUnknownSite}
	}
	return s.Store.SiteByKey(ctx, key)
}

// adminOnly refuses agents. Errors: CodeNotAllowed.
func adminOnly(ctx context.Context) error {
	if personOf(ctx).Role != account.Admin {
		return &assist.Error{Code: account.CodeNotAllowed}
	}
	return nil
}

// consoleError is what a handler of the console returns for an error, with a
// sentence in the language of whoever asks.
func (s *Server) consoleError(ctx context.Context, err error) error {
	p := problemFor(err)
	if p.Code == codeUnavailable {
		s.Logger.ErrorContext(ctx, "request failed", "error", err)
	}
	locale := visitorOf(ctx).locale
	if who, ok := ctx.Value(personKey{}).(signedIn); ok {
		locale = who.person.Locale
	}
	p.Detail = s.Phrase(locale, p.Code)
	var throttled *account.Throttled
	if errors.As(err, &throttled) {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(throttled.After.Seconds())))}})
	}
	return p
}

// sessionCookieFor is the cookie of a session; without a token it takes the
// cookie away.
func sessionCookieFor(ctx context.Context, token string, expires time.Time) http.Cookie {
	c := http.Cookie{Name: sessionCookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: visitorOf(ctx).secure, Expires: expires}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
