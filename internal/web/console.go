package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// Doorkeeper knows who is signed in at the console.
type Doorkeeper interface {
	// Who finds out whose session a request carries. Errors: codeSignedOut.
	Who(r *http.Request) (inbox.Agent, error)
	// Ended tells which of these sessions are over.
	Ended(ctx context.Context, sessionIDs []string) ([]string, error)
}

// sessionCookie holds the token of a console's session.
const sessionCookie = "careloop_session"

// crossOrigin refuses requests that change something and come from another
// site's page.
var crossOrigin = http.NewCrossOriginProtection()

type agentKey struct{}

// console puts the console's REST interface on its routes, as docs/console.md
// describes it. The OpenAPI document is at /v1/console/openapi.json.
func (s *Server) console(e *echo.Echo) huma.API {
	g := e.Group("", s.pace, s.consoleVisit, compress())
	config := huma.DefaultConfig("Careloop console", "1")
	config.Info.Description = "What agents and admins do. A sign-in sets the cookie " + sessionCookie + "."
	config.OpenAPIPath = "/v1/console/openapi"
	config.DocsPath, config.SchemasPath = "", ""
	config.CreateHooks = nil
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie},
	}
	open := humaecho.NewWithGroup(e, g, config)
	in := huma.NewGroup(open)
	in.UseMiddleware(s.signedInOnly)
	in.UseSimpleModifier(func(o *huma.Operation) {
		o.Security = []map[string][]string{{"session": {}}}
		o.Errors = append(o.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	})

	s.consoleInbox(in)

	tellNulls(open.OpenAPI())
	return open
}

// consoleVisit refuses what another site's page sent, and keeps answers out of
// caches.
func (s *Server) consoleVisit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := crossOrigin.Check(c.Request()); err != nil {
			return problemOf(http.StatusForbidden, codeOriginNotAllowed)
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return next(c)
	}
}

// signedInOnly lets nobody through without a session.
func (s *Server) signedInOnly(c huma.Context, next func(huma.Context)) {
	echoContext := humaecho.Unwrap(c)
	agent, err := s.Doorkeeper.Who(echoContext.Request())
	if err != nil {
		s.answerError(s.consoleError(c.Context(), err), echoContext)
		return
	}
	next(huma.WithContext(c, context.WithValue(c.Context(), agentKey{}, agent)))
}

// agentOf is who asks; the route lets nobody else in.
func agentOf(ctx context.Context) inbox.Agent { return ctx.Value(agentKey{}).(inbox.Agent) }

// siteOf finds a site that whoever asks may see; another's is unknown to them.
func (s *Server) siteOf(ctx context.Context, key string) (assist.Site, error) {
	if !plain(key, maxSiteKey) {
		return assist.Site{}, &assist.Error{Code: assist.CodeUnknownSite}
	}
	return s.Inbox.Store.Site(ctx, agentOf(ctx).ID, key)
}

// consoleError is what a handler of the console returns for an error, with a
// sentence in the language of whoever asks.
func (s *Server) consoleError(ctx context.Context, err error) error {
	p := problemFor(err)
	if p.Code == codeUnavailable {
		s.Logger.ErrorContext(ctx, "request failed", "error", err)
	}
	locale := "en"
	if agent, ok := ctx.Value(agentKey{}).(inbox.Agent); ok {
		locale = agent.Locale
	}
	p.Detail = s.Phrase(locale, p.Code)
	return p
}

// tellNulls makes the document say what is really sent: lists are never null,
// and objects that may be are.
func tellNulls(doc *huma.OpenAPI) {
	for _, schema := range doc.Components.Schemas.Map() {
		for _, property := range schema.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false
			}
		}
	}
	for name, fields := range map[string][]string{
		"Row": {"assignee", "team"}, "Detail": {"assignee", "team"}, "Opened": {"packet", "draft"},
	} {
		schema := doc.Components.Schemas.Map()[name]
		if schema == nil {
			continue
		}
		for _, field := range fields {
			schema.Properties[field] = &huma.Schema{
				Description: schema.Properties[field].Description,
				AnyOf:       []*huma.Schema{{Ref: schema.Properties[field].Ref}, {Type: "null"}},
			}
		}
	}
}
