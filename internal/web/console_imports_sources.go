package web

import (
	"context"

	"github.com/careloop/careloop/assist/intake"
)

type importSourcesOutput struct {
	Body struct {
		Items []intake.Source `json:"items"`
	}
}

func (s *Server) listImportSources(ctx context.Context, in *SiteParam) (*importSourcesOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, err := s.Intake.Store.Sources(ctx, site.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &importSourcesOutput{}
	out.Body.Items = nonNil(list)
	return out, nil
}

type addImportSourceInput struct {
	SiteParam
	Body struct {
		Kind       intake.Kind `json:"kind" enum:"page,sitemap,crawl"`
		Address    string      `json:"address" maxLength:"2000"`
		EveryHours int         `json:"every_hours,omitempty" minimum:"0" doc:"0: by hand"`
		Auto       bool        `json:"auto,omitempty" doc:"Apply what is new and changed by itself"`
	}
}

type addedImportSourceOutput struct {
	Body struct {
		Source intake.Source `json:"source"`
		Run    intake.Run    `json:"run"`
	}
}

func (s *Server) addImportSource(ctx context.Context, in *addImportSourceInput) (*addedImportSourceOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &addedImportSourceOutput{}
	wanted := intake.Source{Kind: in.Body.Kind, Address: in.Body.Address, EveryHours: in.Body.EveryHours, Auto: in.Body.Auto}
	out.Body.Source, out.Body.Run, err = s.Intake.AddSource(ctx, site.ID, wanted, importActor(ctx))
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return out, nil
}

type changeImportSourceInput struct {
	ImportParam
	Body intake.SourceChange
}

type importSourceOutput struct {
	Body intake.Source
}

func (s *Server) changeImportSource(ctx context.Context, in *changeImportSourceInput) (*importSourceOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	source, err := s.Intake.ChangeSource(ctx, site.ID, in.ID, in.Body)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &importSourceOutput{source}, nil
}

func (s *Server) readImportSource(ctx context.Context, in *ImportParam) (*importOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	run, err := s.Intake.Store.StartSource(ctx, site.ID, in.ID, importActor(ctx))
	return s.importAnswer(ctx, run, err)
}

type removeImportSourceInput struct {
	ImportParam
	Articles string `query:"articles" enum:"keep,unpublish" default:"keep"`
}

type removedImportSourceOutput struct {
	Body struct {
		Unpublished int `json:"unpublished"`
	}
}

func (s *Server) removeImportSource(ctx context.Context, in *removeImportSourceInput) (*removedImportSourceOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &removedImportSourceOutput{}
	if out.Body.Unpublished, err = s.Intake.Store.RemoveSource(ctx, site.ID, in.ID, in.Articles == "unpublish"); err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return out, nil
}
