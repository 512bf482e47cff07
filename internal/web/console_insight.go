package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist/insight"
)

// consoleInsight puts the figures of a shop on the group of those who are signed
// in. They are for admins.
func (s *Server) consoleInsight(in huma.API) {
	op := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: pathSite + "/insight" + path, Summary: summary, Tags: []string{"insight"},
			Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity}}
	}
	table := op("export-insight", "/{plot}/csv", "A plot as comma-separated values")
	table.Responses = map[string]*huma.Response{"200": {Description: "RFC 4180, UTF-8 with a byte order mark",
		Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	huma.Register(in, op("about-insight", "", "What there is to look at"), s.aboutInsight)
	huma.Register(in, op("read-insight", "/{plot}", "A plot"), s.readInsight)
	huma.Register(in, op("list-insight", "/{plot}/conversations", "The conversations behind a point of a plot, the newest first"), s.listInsight)
	huma.Register(in, table, s.exportInsight)
}

// InsightParams say which plot of which days.
type InsightParams struct {
	SiteParam
	Plot     string `path:"plot" enum:"outcomes,topics,confidence,first_answer,wait,drafts,edits,cost,ratings,articles"`
	From     string `query:"from" required:"true" maxLength:"10" doc:"The first day at the shop, YYYY-MM-DD"`
	To       string `query:"to" required:"true" maxLength:"10" doc:"The last day"`
	By       string `query:"by" enum:"day,week" default:"day" doc:"What a point is"`
	Language string `query:"language" maxLength:"8" pattern:"^[a-z]*$" doc:"Conversations in this one alone; empty: all"`
	AsOf     string `query:"as_of" format:"date-time" maxLength:"40" doc:"Counted as of then; empty: now"`
}

// insightQuestion is what is asked of the desk, for admins alone.
// Errors: CodeUnknownSite, CodeNotAllowed.
func (s *Server) insightQuestion(ctx context.Context, in *InsightParams) (insight.Question, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return insight.Question{}, err
	}
	q := insight.Question{SiteID: site.ID, Plot: insight.Plot(in.Plot), From: in.From, To: in.To, ByWeek: in.By == "week", Language: in.Language}
	if in.AsOf != "" {
		if q.AsOf, err = time.Parse(time.RFC3339Nano, in.AsOf); err != nil {
			return insight.Question{}, err // its format was checked
		}
	}
	return q, nil
}

func (s *Server) aboutInsight(ctx context.Context, in *SiteParam) (*body[insight.About], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	about, err := s.Insight.About(ctx, site.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	about.Languages = nonNil(about.Languages)
	return answer(about), nil
}

func (s *Server) readInsight(ctx context.Context, in *InsightParams) (*body[insight.Figures], error) {
	q, err := s.insightQuestion(ctx, in)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	f, err := s.Insight.Figures(ctx, q)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(f), nil
}

type listInsightInput struct {
	InsightParams
	Series string `query:"series" maxLength:"80" doc:"Of this one; empty: of all"`
	At     string `query:"at" maxLength:"10" doc:"The day on which a bucket begins; empty: the whole range"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Offset int    `query:"offset" minimum:"0" maximum:"1000000"`
}

type insightList struct {
	Items []insight.Found `json:"items"`
	Total int             `json:"total"`
}

func (s *Server) listInsight(ctx context.Context, in *listInsightInput) (*body[insightList], error) {
	q, err := s.insightQuestion(ctx, &in.InsightParams)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	found, total, err := s.Insight.Behind(ctx, q, in.Series, in.At, in.Limit, in.Offset)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(insightList{Items: nonNil(found), Total: total}), nil
}

type fileOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *Server) exportInsight(ctx context.Context, in *InsightParams) (*fileOutput, error) {
	q, err := s.insightQuestion(ctx, in)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	data, err := s.Insight.CSV(ctx, q)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	// All of it is made of letters, digits, - and _: a key, a plot, two days that
	// were read.
	name := fmt.Sprintf("careloop-%s-%s-%s-%s.csv", in.Site, in.Plot, q.From, q.To)
	return &fileOutput{ContentType: "text/csv; charset=utf-8; header=present", Disposition: `attachment; filename="` + name + `"`, Body: data}, nil
}
