package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/retrieval"
)

func (s *Server) listPeople(ctx context.Context, in *SiteParam) (*body[inbox.People], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	people, err := s.Inbox.Store.People(ctx, site.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	people.Agents, people.Teams = nonNil(people.Agents), nonNil(people.Teams)
	return answer(people), nil
}

type filterList struct {
	Items []inbox.SavedFilter `json:"items"`
}

func (s *Server) listFilters(ctx context.Context, in *SiteParam) (*body[filterList], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, err := s.Inbox.Store.Filters(ctx, site.ID, personOf(ctx).ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(filterList{nonNil(list)}), nil
}

type filterInput struct {
	SiteParam
	Body struct {
		Name  string       `json:"name" minLength:"1" maxLength:"80"`
		Query inbox.Filter `json:"query"`
	}
}

type filterBody struct {
	Filter inbox.SavedFilter `json:"filter"`
}

func (s *Server) saveFilter(ctx context.Context, in *filterInput) (*body[filterBody], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	f, err := s.Inbox.SaveFilter(ctx, site.ID, personOf(ctx).ID, inbox.SavedFilter{Name: in.Body.Name, Query: in.Body.Query})
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(filterBody{f}), nil
}

type filterParam struct {
	SiteParam
	Filter string `path:"filter" maxLength:"36"`
}

func (s *Server) dropFilter(ctx context.Context, in *filterParam) (*none, error) {
	site, err := s.siteOf(ctx, in.Site)
	if err == nil {
		err = s.Inbox.Store.DropFilter(ctx, site.ID, personOf(ctx).ID, in.Filter)
	}
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &none{http.StatusNoContent}, nil
}

type mentionsInput struct {
	SiteParam
	Unread bool `query:"unread" doc:"Only those in conversations that I have not read so far"`
	Limit  int  `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type mentionList struct {
	Items []inbox.Mention `json:"items"`
}

func (s *Server) listMentions(ctx context.Context, in *mentionsInput) (*body[mentionList], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, err := s.Inbox.Store.Mentions(ctx, site.ID, personOf(ctx).ID, in.Unread, in.Limit)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(mentionList{nonNil(list)}), nil
}

type macrosInput struct {
	SiteParam
	Q string `query:"q" maxLength:"100" doc:"A part of the name or the text"`
}

type macroList struct {
	Items []inbox.Macro `json:"items"`
}

func (s *Server) listMacros(ctx context.Context, in *macrosInput) (*body[macroList], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, err := s.Inbox.Store.Macros(ctx, site.ID, strings.TrimSpace(in.Q), inbox.MaxMacros)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(macroList{nonNil(list)}), nil
}

type macroBody struct {
	Name   string `json:"name" minLength:"1" maxLength:"80"`
	Text   string `json:"text" minLength:"1" maxLength:"10000" doc:"{shopper}, {agent} and {shop} are filled in by the console"`
	Locale string `json:"locale,omitempty" maxLength:"35"`
}

type macroInput struct {
	SiteParam
	Body macroBody
}

func (s *Server) addMacro(ctx context.Context, in *macroInput) (*body[inbox.Macro], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	m, err := s.Inbox.AddMacro(ctx, site.ID, personOf(ctx).ID, inbox.Macro{Name: in.Body.Name, Text: in.Body.Text, Locale: in.Body.Locale})
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(m), nil
}

// MacroParam names a macro of a site.
type MacroParam struct {
	SiteParam
	Macro string `path:"macro" maxLength:"36"`
}

type macroChangeInput struct {
	MacroParam
	Body macroBody
}

func (s *Server) changeMacro(ctx context.Context, in *macroChangeInput) (*body[inbox.Macro], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	m, err := s.Inbox.ChangeMacro(ctx, site.ID, inbox.Macro{ID: in.Macro, Name: in.Body.Name, Text: in.Body.Text, Locale: in.Body.Locale})
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(m), nil
}

func (s *Server) dropMacro(ctx context.Context, in *MacroParam) (*none, error) {
	site, err := s.siteOf(ctx, in.Site)
	if err == nil {
		err = s.Inbox.Store.DropMacro(ctx, site.ID, in.Macro)
	}
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &none{http.StatusNoContent}, nil
}

type articlesInput struct {
	SiteParam
	Q string `query:"q" required:"true" minLength:"1" maxLength:"500"`
}

type articleHits struct {
	Articles []inbox.Article `json:"articles"`
}

// articleHitLimit is how many passages are looked at; several may be of one
// article, which is listed once.
const articleHitLimit = 12

func (s *Server) searchArticles(ctx context.Context, in *articlesInput) (*body[articleHits], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := articleHits{Articles: []inbox.Article{}}
	if s.Searcher == nil {
		return answer(out), nil
	}
	found, err := s.Searcher.Search(ctx, retrieval.Query{SiteID: site.ID, Text: in.Q, Locale: site.Locale, SiteLocale: site.Locale, Limit: articleHitLimit, Audience: retrieval.Agents})
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	seen := map[string]bool{}
	for _, p := range found.Passages {
		if !seen[p.Article.ID] {
			seen[p.Article.ID] = true
			out.Articles = append(out.Articles, inbox.Article{ID: p.Article.ID, Title: p.Article.Title, URL: articleAddress(p.Article, site.Key), Quote: p.Text,
				Internal: p.Article.Audience == retrieval.Agents})
		}
	}
	return answer(out), nil
}
