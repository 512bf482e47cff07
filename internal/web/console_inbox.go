package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

const (
	pathSite         = "/v1/console/sites/{site}"
	pathConversation = pathSite + "/conversations/{id}"
)

// operation describes one of the inbox's.
func operation(method, path, id, summary string, errors ...int) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary,
		Errors: append([]int{http.StatusNotFound}, errors...)}
}

// consoleInbox is the inbox's table of contents.
func (s *Server) consoleInbox(api huma.API) {
	const conflict, invalid = http.StatusConflict, http.StatusUnprocessableEntity
	get, post, put, remove := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete

	huma.Register(api, operation(get, pathSite+"/conversations", "list-conversations", "A page of one of the lists, and how many each has", invalid), s.listConversations)
	huma.Register(api, operation(get, pathConversation, "open-conversation", "What an agent finds when they open a conversation"), s.openConversation)
	huma.Register(api, operation(get, pathConversation+"/events", "read-timeline", "Events of a conversation, in order", invalid), s.readTimeline)
	huma.Register(api, operation(get, pathConversation+"/turns/{turn}", "inspect-turn", "What the bot did for one of its messages"), s.inspectTurn)

	huma.Register(api, operation(post, pathConversation+"/claim", "claim", "Gives it to me", conflict), s.claim)
	huma.Register(api, operation(post, pathConversation+"/transfer", "transfer", "Passes it to an agent, to a team, or back into the queue", conflict, invalid), s.transfer)
	huma.Register(api, operation(post, pathConversation+"/hand-back", "hand-back", "Puts the bot in charge again", conflict), s.handBack)
	huma.Register(api, operation(post, pathConversation+"/resolve", "resolve", "Closes it", conflict), s.resolve)
	huma.Register(api, operation(post, pathConversation+"/reopen", "reopen", "Opens it again and gives it to me"), s.reopen)
	huma.Register(api, operation(post, pathConversation+"/messages", "send-reply", "Sends a reply; claims the conversation where nobody has it", conflict, invalid), s.sendReply)
	huma.Register(api, operation(post, pathConversation+"/notes", "add-note", "Adds a note that agents alone read", invalid), s.addNote)
	huma.Register(api, operation(put, pathConversation+"/tags", "set-tags", "Replaces the tags", invalid), s.setTags)
	huma.Register(api, operation(put, pathConversation+"/summary", "set-summary", "Corrects what the shopper wants", conflict, invalid), s.setSummary)

	huma.Register(api, operation(get, pathSite+"/people", "list-people", "To whom conversations can be passed"), s.listPeople)
	huma.Register(api, operation(get, pathSite+"/filters", "list-filters", "My saved filters"), s.listFilters)
	huma.Register(api, operation(post, pathSite+"/filters", "save-filter", "Keeps a filter under a name", conflict, invalid), s.saveFilter)
	huma.Register(api, operation(remove, pathSite+"/filters/{filter}", "drop-filter", "Forgets a filter"), s.dropFilter)
	huma.Register(api, operation(get, pathSite+"/mentions", "list-mentions", "Notes that are meant for me, newest first"), s.listMentions)
	huma.Register(api, operation(get, pathSite+"/macros", "list-macros", "Texts at hand, the most used first"), s.listMacros)
	huma.Register(api, operation(post, pathSite+"/macros", "add-macro", "Keeps a text at hand", conflict, invalid), s.addMacro)
	huma.Register(api, operation(put, pathSite+"/macros/{macro}", "change-macro", "Changes a text", conflict, invalid), s.changeMacro)
	huma.Register(api, operation(remove, pathSite+"/macros/{macro}", "drop-macro", "Forgets a text"), s.dropMacro)
	huma.Register(api, operation(get, pathSite+"/articles/search", "search-articles", "Articles for the composer, best first", invalid), s.searchArticles)
	s.consoleDrafts(api)
}

// SiteParam names the site of a route. It is exported because parameters are read
// into exported parts of an input alone.
type SiteParam struct {
	Site string `path:"site" maxLength:"100" doc:"The shop's key"`
}

// ConversationParam names a conversation of a site.
type ConversationParam struct {
	SiteParam
	ID string `path:"id" maxLength:"36" doc:"The conversation"`
}

type body[T any] struct{ Body T }

func answer[T any](v T) *body[T] { return &body[T]{v} }

type listInput struct {
	SiteParam
	View   string `query:"view" enum:"mine,waiting,all,resolved" default:"waiting" doc:"waiting: for me or for anybody, the most urgent first; all: resolved ones, too"`
	Q      string `query:"q" maxLength:"200" doc:"Words that were said, or beginnings of words"`
	Person string `query:"person" maxLength:"200" doc:"A shopper's name or address, a part of it, or an id"`
	Tag    string `query:"tag" maxLength:"40"`
	Team   string `query:"team" maxLength:"36"`
	Cursor string `query:"cursor" maxLength:"300" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type conversationList struct {
	Items  []inbox.Row  `json:"items"`
	Next   string       `json:"next" doc:"cursor of the next page; empty after the last"`
	Counts inbox.Counts `json:"counts" doc:"Of the whole site, whatever is searched; at most 1,000 each"`
}

func (s *Server) listConversations(ctx context.Context, in *listInput) (*body[conversationList], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	page, err := s.Inbox.List(ctx, inbox.Query{
		SiteID: site.ID, AgentID: personOf(ctx).ID, Limit: in.Limit,
		Filter: inbox.Filter{View: inbox.View(in.View), Words: in.Q, Person: in.Person, Tag: in.Tag, TeamID: in.Team},
	}, in.Cursor)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(conversationList{Items: nonNil(page.Items), Next: page.Next, Counts: page.Counts}), nil
}

func (s *Server) openConversation(ctx context.Context, in *ConversationParam) (*body[inbox.Opened], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	opened, err := s.Inbox.Store.Open(ctx, site.ID, in.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	me := personOf(ctx).ID
	opened.Looking = nonNil(slices.DeleteFunc(opened.Looking, func(l inbox.LookingPerson) bool { return l.AgentID == me }))
	return answer(opened), nil
}

type timelineInput struct {
	ConversationParam
	AfterSeq  int64 `query:"after_seq" minimum:"0" doc:"Events after this one, the oldest of them first"`
	BeforeSeq int64 `query:"before_seq" minimum:"0" doc:"Events before this one, the newest of them; without either, the newest of all"`
	Limit     int   `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

type timeline struct {
	Events []agentEvent `json:"events"`
	More   bool         `json:"more" doc:"Whether there are more in the direction that was asked for"`
}

func (s *Server) readTimeline(ctx context.Context, in *timelineInput) (*body[timeline], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	var events []assist.Event
	if in.AfterSeq > 0 {
		events, err = s.Inbox.Store.EventsAfter(ctx, site.ID, in.ID, in.AfterSeq, in.Limit+1)
	} else {
		events, err = s.Inbox.Store.EventsBefore(ctx, site.ID, in.ID, in.BeforeSeq, in.Limit+1)
	}
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	more := len(events) > in.Limit
	switch {
	case more && in.AfterSeq > 0:
		events = events[:in.Limit]
	case more:
		events = events[1:]
	}
	return answer(timeline{Events: agentEvents(events), More: more}), nil
}

type turnInput struct {
	ConversationParam
	Turn string `path:"turn" maxLength:"36"`
}

func (s *Server) inspectTurn(ctx context.Context, in *turnInput) (*body[inbox.Turn], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	turn, err := s.Inbox.Store.Turn(ctx, site.ID, in.ID, in.Turn)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	for i := range turn.Passages {
		turn.Passages[i].URL = articleAddress(turn.Passages[i].Article, in.Site)
	}
	return answer(turn), nil
}
