package web

import (
	"compress/gzip"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// maxBody bounds an HTTP request's body. The largest is a care guide with its
// offers, some 35,000 characters of up to four bytes; the mail hook takes more,
// and bounds itself. Articles have a bound of their own.
const maxBody = "256K"

// maxArticleBody bounds a request with an article in it, in bytes: the largest
// text, which JSON makes somewhat longer.
const maxArticleBody = 8 << 20

var (
	boundedMost = middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: maxBody,
		Skipper: func(c echo.Context) bool { return c.Path() == mailPath || carriesArticle(c) }})
	boundedArticles = middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: strconv.Itoa(maxArticleBody),
		Skipper: func(c echo.Context) bool { return !carriesArticle(c) }})
)

// carriesArticle tells requests with an article's text in them.
func carriesArticle(c echo.Context) bool {
	switch strings.TrimPrefix(c.Path(), "/v1/console/sites/:site/articles") {
	case "", "/preview", "/:id/draft":
		return c.Request().Method != http.MethodGet && strings.HasPrefix(c.Path(), "/v1/console/")
	}
	return false
}

// bounded refuses bodies that are too large, articles in words of their own.
func bounded(next echo.HandlerFunc) echo.HandlerFunc {
	limited := boundedMost(boundedArticles(next))
	return func(c echo.Context) error {
		err := limited(c)
		var refused *echo.HTTPError
		if errors.As(err, &refused) && refused.Code == http.StatusRequestEntityTooLarge && carriesArticle(c) {
			return problemOf(refused.Code, codeArticleTooLarge)
		}
		return err
	}
}

// Policies by kind of page. Each allows what the page needs and nothing else.
const (
	policyNone = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	policyHelp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; frame-src 'self'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	policyShop = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

const keyRequestID = "request_id"

func requestID(c echo.Context) string {
	id, _ := c.Get(keyRequestID).(string)
	return id
}

// identifyRequest gives each request an id; one that a trusted proxy gave is
// kept, so that logs can be put side by side.
func (s *Server) identifyRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get("X-Request-Id")
		if id == "" || !fromTrustedProxy(c.Request(), s.TrustedProxies) || !plain(id, 100) {
			var b [12]byte
			_, _ = rand.Read(b[:]) // never fails
			id = hex.EncodeToString(b[:])
		}
		c.Set(keyRequestID, id)
		c.Response().Header().Set("X-Request-Id", id)
		return next(c)
	}
}

// observe logs and counts each request, and turns a panic into an error. It
// logs no body, no query and no token.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		started := time.Now()
		ctx, span := tracer.Start(c.Request().Context(), c.Request().Method+" "+c.Path(),
			trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		c.SetRequest(c.Request().WithContext(ctx))
		func() {
			defer func() {
				if p := recover(); p != nil {
					if p == http.ErrAbortHandler {
						panic(p)
					}
					s.Logger.Error("panic in a request", "request_id", requestID(c), "route", c.Path(),
						"panic", p, "stack", string(debug.Stack()))
					err = echo.NewHTTPError(http.StatusInternalServerError)
				}
			}()
			err = next(c)
		}()
		if err != nil {
			c.Error(err)
		}
		status, took := c.Response().Status, time.Since(started)
		route := c.Path()
		if route == "" {
			route = "none"
		}
		s.Metrics.requestServed(route, status, took)
		span.SetAttributes(attribute.Int("http.response.status_code", status), attribute.String("careloop.request_id", requestID(c)))
		path := c.Request().URL.Path
		if strings.Contains(route, ":token") {
			path = route
		}
		level := slog.LevelInfo
		if route == "/healthz" || route == "/readyz" || route == "/metrics" {
			level = slog.LevelDebug
		}
		s.Logger.Log(c.Request().Context(), level, "request",
			"request_id", requestID(c),
			"method", c.Request().Method,
			"route", route,
			"path", path,
			"status", status,
			"bytes", c.Response().Size,
			"millis", float64(took.Microseconds())/1000,
			"address", clientAddress(c.Request(), s.TrustedProxies).String(),
		)
		return nil
	}
}

// secure sets the headers that every answer carries; handlers of pages replace
// the policy by their own.
func (s *Server) secure(next echo.HandlerFunc) echo.HandlerFunc {
	https := strings.HasPrefix(normalOrigin(s.PublicURL), "https://")
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policyNone)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// pace bounds how fast an address asks.
func (s *Server) pace(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		address := addressKey(clientAddress(c.Request(), s.TrustedProxies))
		if wait := s.limiter.request(address, time.Now()); wait > 0 {
			seconds := int((wait + time.Second - 1) / time.Second)
			c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
			return problemOf(http.StatusTooManyRequests, codeRateLimited)
		}
		return next(c)
	}
}

// compress shrinks pages and JSON; files are compressed once, at the start.
func compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{Level: gzip.BestSpeed, MinLength: 1024})
}

// policy sets the policy of a kind of page.
func policy(value string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Response().Header().Set("Content-Security-Policy", value)
			return next(c)
		}
	}
}
