package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist/golden"
)

func (s *Server) consoleReplays(in huma.API, op func(id, method, path, summary string) huma.Operation) {
	huma.Register(in, op("list-replays", http.MethodGet, "/replays", "Replays, the newest first"), s.listReplays)
	huma.Register(in, op("start-replay", http.MethodPost, "/replays", "Ask golden and past questions anew"), s.startReplay)
	huma.Register(in, op("get-replay", http.MethodGet, "/replays/{id}", "A replay beside an earlier one"), s.getReplay)
	huma.Register(in, op("list-results", http.MethodGet, "/replays/{id}/results", "Its questions, those that got worse first"), s.listResults)
	huma.Register(in, op("cancel-replay", http.MethodPost, "/replays/{id}/cancel", "Stop it"), s.cancelReplay)
}

type listReplaysInput struct {
	SiteParam
	Limit  int `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Offset int `query:"offset" minimum:"0" maximum:"10000"`
}

type replayList struct {
	Items []golden.Replay `json:"items"`
	Total int             `json:"total"`
}

func (s *Server) listReplays(ctx context.Context, in *listReplaysInput) (*body[replayList], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, total, err := s.Golden.Replays(ctx, site.ID, in.Limit, in.Offset)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(replayList{nonNil(list), total}), nil
}

type startReplayInput struct {
	SiteParam
	Body struct {
		Golden bool  `json:"golden" doc:"All golden questions"`
		Past   int   `json:"past" minimum:"0" maximum:"1000" doc:"How many of the newest questions that the bot ended"`
		Model  bool  `json:"model,omitempty" doc:"Whether models may write"`
		Budget int64 `json:"budget_micros,omitempty" minimum:"0" maximum:"1000000000" doc:"What it may cost at most, in millionths of a dollar; 0: the day's budget alone bounds it"`
	}
}

func (s *Server) startReplay(ctx context.Context, in *startReplayInput) (*body[golden.Replay], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	r, err := s.Golden.Start(ctx, site, golden.Start{Golden: in.Body.Golden, Past: in.Body.Past, Model: in.Body.Model, Budget: in.Body.Budget}, personOf(ctx).ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(r), nil
}

// ReplayParam names a replay of a site.
type ReplayParam struct {
	SiteParam
	ID string `path:"id" maxLength:"36" doc:"The replay"`
}

// ReplayInput names a replay and what it is compared with.
type ReplayInput struct {
	ReplayParam
	Against string `query:"against" maxLength:"36" doc:"Another replay; without it the last that was done before"`
}

type replayBeside struct {
	Replay  golden.Replay   `json:"replay"`
	Against *golden.Replay  `json:"against" doc:"Null: there was none before"`
	Common  int             `json:"common" doc:"How many questions both asked, with the same verdict and articles"`
	Changes []golden.Change `json:"changes"`
}

func (s *Server) getReplay(ctx context.Context, in *ReplayInput) (*body[replayBeside], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	got, err := s.Golden.Against(ctx, site.ID, in.ID, in.Against)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(replayBeside{got.Replay, got.Earlier, got.Common, got.Changes}), nil
}

type resultsInput struct {
	ReplayInput
	Show    string `query:"show" enum:"all,worse,better,wrong,changed" default:"all"`
	Kind    string `query:"kind" enum:"golden,past,"`
	Verdict string `query:"verdict" enum:"answer,abstain,person,"`
	Q       string `query:"q" maxLength:"200" doc:"A part of the question"`
	Limit   int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Offset  int    `query:"offset" minimum:"0" maximum:"10000"`
}

type replayResults struct {
	Items  []golden.Pairing `json:"items"`
	Total  int              `json:"total"`
	Counts replayCounts     `json:"counts"`
}

// replayCounts are of all that fits the other filters.
type replayCounts struct {
	All     int `json:"all"`
	Worse   int `json:"worse"`
	Better  int `json:"better"`
	Wrong   int `json:"wrong"`
	Changed int `json:"changed"`
}

func (s *Server) listResults(ctx context.Context, in *resultsInput) (*body[replayResults], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	got, err := s.Golden.Against(ctx, site.ID, in.ID, in.Against)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := replayResults{Items: []golden.Pairing{}}
	q := strings.ToLower(strings.TrimSpace(in.Q))
	for _, p := range got.Pairs {
		if in.Kind != "" && p.Now.Kind != in.Kind || in.Verdict != "" && string(p.Now.Verdict) != in.Verdict || !strings.Contains(strings.ToLower(p.Now.Question), q) {
			continue
		}
		if !out.Counts.count(p, in.Show) {
			continue
		}
		if out.Total++; out.Total > in.Offset && len(out.Items) < in.Limit {
			out.Items = append(out.Items, p)
		}
	}
	return answer(out), nil
}

// count counts a question wherever it belongs, and says whether it is shown.
func (c *replayCounts) count(p golden.Pairing, show string) bool {
	fits := map[string]bool{
		"all": true, "worse": p.Change == golden.Worse, "better": p.Change == golden.Better, "wrong": !p.Now.Right,
		"changed": p.Change == golden.Worse || p.Change == golden.Better || p.Change == golden.Other,
	}
	for name, n := range map[string]*int{"all": &c.All, "worse": &c.Worse, "better": &c.Better, "wrong": &c.Wrong, "changed": &c.Changed} {
		if fits[name] {
			*n++
		}
	}
	return fits[show]
}

func (s *Server) cancelReplay(ctx context.Context, in *ReplayParam) (*body[golden.Replay], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	r, err := s.Golden.Cancel(ctx, site.ID, in.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(r), nil
}
