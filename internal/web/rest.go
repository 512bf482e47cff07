package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

// Bounds of what the REST interface returns at a time.
const (
	maxEventsPage  = 200
	maxSearchLimit = 20
)

// api puts the REST interface on the group. The OpenAPI document at
// /v1/openapi.json and .yaml is made from the same descriptions.
func (s *Server) api(e *echo.Echo, g *echo.Group) {
	config := huma.DefaultConfig("Careloop", "1")
	config.Info.Description = "What a shop's pages and a shopper's own programs may read. " +
		"The chat itself runs over a WebSocket at /v1/chat."
	config.OpenAPIPath = "/v1/openapi"
	config.DocsPath, config.SchemasPath = "", ""
	// No $schema in answers: there is no page that it could point to.
	config.CreateHooks = nil
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"visitor": {Type: "http", Scheme: "bearer", Description: "The visitor token that welcome carried"},
	}
	api := humaecho.NewWithGroup(e, g, config)

	huma.Register(api, huma.Operation{
		OperationID: "get-site", Method: http.MethodGet, Path: "/v1/site",
		Summary: "What the widget shows of a shop before a chat begins",
		Errors:  []int{http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}, s.getSite)
	huma.Register(api, huma.Operation{
		OperationID: "list-events", Method: http.MethodGet, Path: "/v1/conversations/{id}/events",
		Summary:  "The events of one of the shopper's own conversations, in order",
		Security: []map[string][]string{{"visitor": {}}},
		Errors:   []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}, s.listEvents)
	if s.Searcher != nil && s.Articles != nil {
		huma.Register(api, huma.Operation{
			OperationID: "search-help", Method: http.MethodGet, Path: "/v1/help/search",
			Summary: "Passages of the help centre that answer a question, best first",
			Errors:  []int{http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable},
		}, s.searchHelp)
	}
}

type siteInput struct {
	SiteKey string `query:"site_key" maxLength:"100" doc:"Which shop; without it the default one"`
	Locale  string `query:"locale" maxLength:"35" doc:"BCP 47 tag; without it the shop's own language"`
}

type siteOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         siteBody
}

type siteBody struct {
	Name        string   `json:"name"`
	Locale      string   `json:"locale" doc:"The language that greeting and suggestions were asked for"`
	Greeting    string   `json:"greeting"`
	Suggestions []string `json:"suggestions"`
	MaxText     int      `json:"max_text" doc:"Longest message, in code points"`
}

func (s *Server) getSite(ctx context.Context, in *siteInput) (*siteOutput, error) {
	site, err := s.site(ctx, in.SiteKey)
	if err != nil {
		return nil, s.apiError(ctx, err)
	}
	locale := chooseLocale(in.Locale, site.Locale)
	return &siteOutput{
		CacheControl: "public, max-age=60",
		Body: siteBody{
			Name:        site.Name,
			Locale:      locale,
			Greeting:    byLocale(site.Greeting, locale, site.Locale),
			Suggestions: nonNil(byLocale(site.Suggestions, locale, site.Locale)),
			MaxText:     s.MaxText,
		},
	}, nil
}

type eventsInput struct {
	ID            string `path:"id" doc:"The conversation"`
	AfterSeq      int64  `query:"after_seq" minimum:"0" doc:"Only events after this one"`
	SiteKey       string `query:"site_key" maxLength:"100" doc:"Which shop; without it the default one"`
	Authorization string `header:"Authorization" doc:"Bearer and the visitor token"`
}

type eventsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         eventsBody
}

type eventsBody struct {
	Events []eventFrame `json:"events"`
	More   bool         `json:"more" doc:"Whether there are more; ask again with the last seq as after_seq"`
}

func (s *Server) listEvents(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	site, err := s.site(ctx, in.SiteKey)
	if err != nil {
		return nil, s.apiError(ctx, err)
	}
	token, _ := strings.CutPrefix(in.Authorization, "Bearer ")
	shopper, err := s.hub.shopperByToken(ctx, site.ID, token)
	if err != nil {
		return nil, s.apiError(ctx, err)
	}
	conversation, err := s.hub.conversation(ctx, shopper.ID, in.ID)
	if err != nil {
		return nil, s.apiError(ctx, err)
	}
	events, err := s.Store.Events(ctx, shopper.ID, conversation.ID, in.AfterSeq, maxEventsPage+1)
	if err != nil {
		return nil, s.apiError(ctx, err)
	}
	out := &eventsOutput{CacheControl: "no-store", Body: eventsBody{Events: []eventFrame{}}}
	if len(events) > maxEventsPage {
		events, out.Body.More = events[:maxEventsPage], true
	}
	for _, e := range events {
		out.Body.Events = append(out.Body.Events, eventFrameOf(e))
	}
	return out, nil
}

type searchInput struct {
	Q       string `query:"q" required:"true" minLength:"1" maxLength:"500" doc:"The question"`
	SiteKey string `query:"site_key" maxLength:"100" doc:"Which shop; without it the default one"`
	Locale  string `query:"locale" maxLength:"35" doc:"BCP 47 tag; without it the shop's own language"`
	Limit   int    `query:"limit" minimum:"1" maximum:"20" default:"6"`
}

type searchOutput struct {
	Body searchBody
}

type searchBody struct {
	Confidence float64       `json:"confidence" doc:"Estimated probability that the passages answer the question"`
	Passages   []passageBody `json:"passages"`
}

type passageBody struct {
	Title   string   `json:"title"`
	Heading []string `json:"heading" doc:"Headings above the text, outermost first"`
	Text    string   `json:"text"`
	URL     string   `json:"url"`
}

func (s *Server) searchHelp(ctx context.Context, in *searchInput) (*searchOutput, error) {
	site, err := s.site(ctx, in.SiteKey)
	if err != nil {
		return nil, s.apiError(ctx, err)
	}
	found, err := s.Searcher.Search(ctx, retrieval.Query{
		SiteID: site.ID, Text: in.Q, Locale: chooseLocale(in.Locale, site.Locale), SiteLocale: site.Locale, Limit: min(in.Limit, maxSearchLimit),
	})
	if err != nil {
		return nil, s.apiError(ctx, err)
	}
	shown, err := s.shown(ctx, site.ID, found.Passages)
	if err != nil {
		return nil, s.apiError(ctx, err)
	}
	out := &searchOutput{Body: searchBody{Confidence: found.Confidence, Passages: []passageBody{}}}
	for _, p := range found.Passages {
		if _, ok := shown[p.Article.ID]; !ok {
			continue
		}
		out.Body.Passages = append(out.Body.Passages, passageBody{
			Title: p.Article.Title, Heading: nonNil(p.Heading), Text: p.Text, URL: help.At(articleAddress(p.Article, site.Key), p.Heading, p.Text),
		})
	}
	return out, nil
}

// site finds a site without asking the store about nonsense.
func (s *Server) site(ctx context.Context, key string) (assist.Site, error) {
	if !plain(key, maxSiteKey) {
		return assist.Site{}, &assist.Error{Code: assist.CodeUnknownSite}
	}
	return s.Store.SiteByKey(ctx, key)
}

// apiError is what a handler of the REST interface returns for an error.
func (s *Server) apiError(ctx context.Context, err error) error {
	p := problemFor(err)
	if p.Code == codeUnavailable {
		s.Logger.ErrorContext(ctx, "request failed", "error", err)
	}
	p.Detail = s.Phrase("en", p.Code)
	return p
}

// articleAddress is where shoppers read an article: on the shop's own page if
// it has one, else on ours, which shows what is for everyone.
func articleAddress(a retrieval.Article, siteKey string) string {
	if a.URL != "" || a.Audience != retrieval.Everyone {
		return a.URL
	}
	return help.Path(siteKey, a.Slug, a.Locale)
}
