package web

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"
)

// console puts the console's REST interface on its routes, as docs/console.md
// describes it. The OpenAPI document is at /v1/console/openapi.json.
func (s *Server) console(e *echo.Echo) *huma.OpenAPI {
	g := e.Group("", s.pace, s.consoleVisit, compress())
	config := huma.DefaultConfig("Careloop console", "1")
	config.Info.Description = "What agents and admins do. A sign-in sets the cookie " + sessionCookie + "."
	config.OpenAPIPath = "/v1/console/openapi"
	config.DocsPath, config.SchemasPath = "", ""
	config.CreateHooks = nil
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
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

	s.consoleAccounts(open, in)
	s.consolePeople(in)
	s.consoleSettings(in)
	s.consoleInbox(in)
	s.consoleArticles(in)
	s.consoleImports(in)
	s.consoleGolden(in)
	s.consoleGaps(in)
	s.consoleInsight(in)
	// The socket is no part of the REST interface, and bounded by itself.
	e.GET("/v1/console/live", s.serveConsole)
	if s.OIDC != nil {
		g.GET("/v1/console/oidc/start", s.startOIDC)
		g.GET("/v1/console/oidc/callback", s.finishOIDC)
	}
	tellNulls(open.OpenAPI())
	return open.OpenAPI()
}

// schemaName names a type in the document. Golden questions have messages,
// articles and passages of their own.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if strings.HasSuffix(t.PkgPath(), "/assist/golden") {
		return "Golden" + name
	}
	return name
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
		"GoldenQuestion": {"last"}, "GoldenItem": {"past"}, "GoldenResult": {"past"}, "GoldenPairing": {"before"}, "ReplayBeside": {"against"},
		"Row": {"assignee", "team"}, "Detail": {"assignee", "team"}, "Opened": {"packet", "draft"},
		"ArticleRow": {"owner"}, "WholeArticle": {"owner", "published", "gap"},
		"Gap": {"article", "since"},
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

// signedInOnly lets nobody through without a session.
func (s *Server) signedInOnly(c huma.Context, next func(huma.Context)) {
	echoContext := humaecho.Unwrap(c)
	who, err := s.whoAsks(echoContext.Request())
	if err != nil {
		s.answerError(s.consoleError(c.Context(), err), echoContext)
		return
	}
	next(huma.WithContext(c, context.WithValue(c.Context(), personKey{}, who)))
}
