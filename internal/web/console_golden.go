package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/golden"
)

// consoleGolden puts the playground, golden questions and replays on the group of
// those who are signed in; admins alone use them. docs/knowledge.md describes them.
func (s *Server) consoleGolden(in huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/v1/console/sites/{site}" + path, Summary: summary, Tags: []string{"golden"},
			Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}}
	}
	huma.Register(in, op("get-asking", http.MethodGet, "/ask", "What asking goes by"), s.getAsking)
	huma.Register(in, streamed(in, op("ask", http.MethodPost, "/ask", "Ask as a shopper would")), s.askQuestion)

	huma.Register(in, op("list-golden", http.MethodGet, "/golden", "Golden questions, the newest first"), s.listGolden)
	huma.Register(in, op("make-golden", http.MethodPost, "/golden", "Keep a golden question"), s.makeGolden)
	huma.Register(in, op("export-golden", http.MethodGet, "/golden/file", "All of them, as JSON Lines"), s.exportGolden)
	huma.Register(in, op("import-golden", http.MethodPost, "/golden/file", "Take a file of them, all or nothing"), s.importGolden)
	huma.Register(in, op("propose-golden", http.MethodGet, "/golden/proposals", "Past questions worth keeping"), s.proposeGolden)
	huma.Register(in, op("get-golden", http.MethodGet, "/golden/{id}", "One of them"), s.getGolden)
	huma.Register(in, op("change-golden", http.MethodPut, "/golden/{id}", "Change one"), s.changeGolden)
	huma.Register(in, op("delete-golden", http.MethodDelete, "/golden/{id}", "Let go of one"), s.deleteGolden)
	s.consoleReplays(in, op)
}

type listGoldenInput struct {
	SiteParam
	Q       string `query:"q" maxLength:"200" doc:"A part of the question or the note"`
	Verdict string `query:"verdict" enum:"answer,abstain,person,"`
	Locale  string `query:"locale" maxLength:"35"`
	Result  string `query:"result" enum:"right,wrong,none," doc:"How the last replay ended them"`
	Limit   int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Offset  int    `query:"offset" minimum:"0" maximum:"10000"`
}

func (s *Server) listGolden(ctx context.Context, in *listGoldenInput) (*body[golden.List], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, err := s.Golden.List(ctx, site.ID, golden.Filter{Q: in.Q, Verdict: golden.Verdict(in.Verdict), Locale: in.Locale, Result: in.Result, Limit: in.Limit, Offset: in.Offset})
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(list), nil
}

// GoldenParam names a golden question of a site.
type GoldenParam struct {
	SiteParam
	ID string `path:"id" maxLength:"36" doc:"The golden question"`
}

func (s *Server) getGolden(ctx context.Context, in *GoldenParam) (*body[golden.Question], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	q, err := s.Golden.Golden(ctx, site.ID, in.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(q), nil
}

type goldenBody struct {
	Question string           `json:"question" maxLength:"10000"`
	Locale   string           `json:"locale,omitempty" maxLength:"35" doc:"The shop's own, where it is left out"`
	History  []golden.Message `json:"history,omitempty" maxItems:"100"`
	Verdict  string           `json:"verdict" enum:"answer,abstain,person"`
	Articles []string         `json:"articles,omitempty" maxItems:"100" doc:"Their ids; any of them answers it"`
	Note     string           `json:"note,omitempty" maxLength:"10000"`
	SignedIn bool             `json:"signed_in,omitempty" doc:"Ask as a shopper whom the shop vouches for"`
}

func (b goldenBody) question(id string) golden.Question {
	q := golden.Question{ID: id, Text: b.Question, Locale: b.Locale, History: nonNil(b.History), Verdict: golden.Verdict(b.Verdict), Note: b.Note, SignedIn: b.SignedIn}
	for _, a := range b.Articles {
		q.Articles = append(q.Articles, golden.Article{ID: a})
	}
	return q
}

type makeGoldenInput struct {
	SiteParam
	Body goldenBody
}

func (s *Server) makeGolden(ctx context.Context, in *makeGoldenInput) (*body[golden.Question], error) {
	return s.saveGolden(ctx, in.Site, in.Body.question(""))
}

type changeGoldenInput struct {
	GoldenParam
	Body goldenBody
}

func (s *Server) changeGolden(ctx context.Context, in *changeGoldenInput) (*body[golden.Question], error) {
	return s.saveGolden(ctx, in.Site, in.Body.question(in.ID))
}

func (s *Server) saveGolden(ctx context.Context, key string, q golden.Question) (*body[golden.Question], error) {
	site, err := s.siteToSet(ctx, key)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	stored, err := s.Golden.Save(ctx, site, q, personOf(ctx).ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(stored), nil
}

func (s *Server) deleteGolden(ctx context.Context, in *GoldenParam) (*struct{}, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err == nil {
		err = s.Golden.Delete(ctx, site.ID, in.ID)
	}
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return nil, nil
}

type goldenFile struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *Server) exportGolden(ctx context.Context, in *SiteParam) (*goldenFile, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	text, err := s.Golden.Text(ctx, site.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &goldenFile{"application/jsonl; charset=utf-8", `attachment; filename="golden.jsonl"`, []byte(text)}, nil
}

type importGoldenInput struct {
	SiteParam
	Body struct {
		Text string `json:"text" doc:"JSON Lines"`
	}
}

func (s *Server) importGolden(ctx context.Context, in *importGoldenInput) (*body[golden.Added], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	added, err := s.Golden.Import(ctx, site.ID, in.Body.Text, personOf(ctx).ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(added), nil
}

type goldenProposals struct {
	Items []golden.Proposal `json:"items"`
	Total int               `json:"total"`
}

func (s *Server) proposeGolden(ctx context.Context, in *SiteParam) (*body[goldenProposals], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, err := s.Golden.Proposals(ctx, site.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(goldenProposals{list, len(list)}), nil
}

// goldenProblem adds to a problem what only golden questions have.
func goldenProblem(err error) *problem {
	switch code := assist.CodeOf(err); code {
	case golden.CodeUnknownGolden, golden.CodeUnknownArticle, golden.CodeUnknownReplay:
		return problemOf(http.StatusNotFound, string(code))
	case golden.CodeKnownQuestion, golden.CodeReplayRunning:
		return problemOf(http.StatusConflict, string(code))
	case golden.CodeBusy:
		return problemOf(http.StatusTooManyRequests, string(code))
	case golden.CodeBadFile:
		p := problemOf(http.StatusUnprocessableEntity, string(code))
		p.Lines = golden.Lines(err)
		return p
	}
	return nil
}
