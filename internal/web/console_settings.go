package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/settings"
)

// consoleSettings puts what admins set for a site on the group of those who are
// signed in. Every agent may read teams and settings; admins alone change them.
func (s *Server) consoleSettings(in huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/v1/console/sites/{site}" + path, Summary: summary, Tags: []string{"settings"},
			Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity}}
	}
	huma.Register(in, op("get-settings", http.MethodGet, "/settings", "What is set for the shop"), s.getSettings)
	huma.Register(in, op("save-settings", http.MethodPut, "/settings", "Set it"), s.saveSettings)
	huma.Register(in, op("get-care-guide", http.MethodGet, "/care-guide", "The shop's definition of care"), s.getCareGuide)
	huma.Register(in, op("save-care-guide", http.MethodPut, "/care-guide", "Replace it"), s.saveCareGuide)
	huma.Register(in, op("list-care-guides", http.MethodGet, "/care-guide/versions", "Its versions, the newest first"), s.listCareGuides)
	huma.Register(in, op("list-teams", http.MethodGet, "/teams", "The shop's teams"), s.listTeams)
	huma.Register(in, op("make-team", http.MethodPost, "/teams", "Make a team"), s.makeTeam)
	huma.Register(in, op("change-team", http.MethodPatch, "/teams/{id}", "Change a team"), s.changeTeam)
	huma.Register(in, op("delete-team", http.MethodDelete, "/teams/{id}", "Let go of a team"), s.deleteTeam)
}

type settingsOutput struct {
	Body settings.Site
}

func (s *Server) getSettings(ctx context.Context, in *SiteParam) (*settingsOutput, error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	stored, err := s.Settings.Store.Settings(ctx, site.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	stored.Hours, stored.Holidays = nonNil(stored.Hours), nonNil(stored.Holidays)
	return &settingsOutput{stored}, nil
}

type saveSettingsInput struct {
	SiteParam
	Body settings.Site
}

func (s *Server) saveSettings(ctx context.Context, in *saveSettingsInput) (*settingsOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	stored, err := s.Settings.SaveSettings(ctx, site.ID, in.Body, actorOf(ctx))
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &settingsOutput{stored}, nil
}

// siteToSet is siteOf for admins. Errors: CodeUnknownSite, CodeNotAllowed.
func (s *Server) siteToSet(ctx context.Context, key string) (assist.Site, error) {
	site, err := s.siteOf(ctx, key)
	if err != nil {
		return assist.Site{}, err
	}
	return site, adminOnly(ctx)
}

// actorOf is who is written down for a change.
func actorOf(ctx context.Context) settings.Actor {
	p := personOf(ctx)
	return settings.Actor{ID: p.ID, Name: p.Name, Address: visitorOf(ctx).visit.Address}
}

type teamsOutput struct {
	Body struct {
		Teams []settings.Team `json:"teams"`
	}
}

type teamOutput struct {
	Body settings.Team
}

func (s *Server) listTeams(ctx context.Context, in *SiteParam) (*teamsOutput, error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	teams, err := s.Settings.Store.Teams(ctx, site.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &teamsOutput{}
	out.Body.Teams = nonNil(teams)
	return out, nil
}

type teamInput struct {
	Name      string   `json:"name" maxLength:"200"`
	Topics    []string `json:"topics,omitempty" maxItems:"50"`
	MemberIDs []string `json:"member_ids,omitempty" maxItems:"500"`
}

type makeTeamInput struct {
	SiteParam
	Body teamInput
}

func (s *Server) makeTeam(ctx context.Context, in *makeTeamInput) (*teamOutput, error) {
	return s.saveTeam(ctx, in.Site, "", in.Body)
}

type changeTeamInput struct {
	SiteParam
	ID   string `path:"id"`
	Body teamInput
}

func (s *Server) changeTeam(ctx context.Context, in *changeTeamInput) (*teamOutput, error) {
	return s.saveTeam(ctx, in.Site, in.ID, in.Body)
}

func (s *Server) saveTeam(ctx context.Context, key, id string, in teamInput) (*teamOutput, error) {
	site, err := s.siteToSet(ctx, key)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	team, err := s.Settings.SaveTeam(ctx, site.ID, settings.Team{ID: id, Name: in.Name, Topics: in.Topics, MemberIDs: in.MemberIDs}, actorOf(ctx))
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &teamOutput{team}, nil
}

type teamIDInput struct {
	SiteParam
	ID string `path:"id"`
}

func (s *Server) deleteTeam(ctx context.Context, in *teamIDInput) (*struct{}, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	if err := s.Settings.Store.DeleteTeam(ctx, site.ID, in.ID, actorOf(ctx)); err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return nil, nil
}

type careGuideOutput struct {
	Body settings.CareGuide
}

func (s *Server) getCareGuide(ctx context.Context, in *SiteParam) (*careGuideOutput, error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	guide, err := s.Settings.Guide(ctx, site.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &careGuideOutput{guide}, nil
}

type saveCareGuideInput struct {
	SiteParam
	Body struct {
		Markdown string   `json:"markdown" maxLength:"40000" doc:"Empty: Careloop's own"`
		Offers   []string `json:"offers,omitempty" maxItems:"200"`
	}
}

func (s *Server) saveCareGuide(ctx context.Context, in *saveCareGuideInput) (*careGuideOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	guide, err := s.Settings.SaveGuide(ctx, site.ID, in.Body.Markdown, in.Body.Offers, actorOf(ctx))
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &careGuideOutput{guide}, nil
}

type careGuidesOutput struct {
	Body struct {
		Items []settings.CareGuide `json:"items"`
	}
}

// shownGuides is how many versions of a care guide are listed.
const shownGuides = 50

func (s *Server) listCareGuides(ctx context.Context, in *SiteParam) (*careGuidesOutput, error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, err := s.Settings.Guides(ctx, site.ID, shownGuides)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &careGuidesOutput{}
	out.Body.Items = nonNil(list)
	return out, nil
}
