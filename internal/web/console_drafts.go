package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// Drafts writes replies for agents, who may ask for another one.
type Drafts interface {
	// Write begins another draft; its text comes over the socket.
	// Errors: assist.CodeUnknownConversation, inbox.CodeClosed.
	Write(ctx context.Context, siteID, conversationID, agentID string, w DraftWish) (inbox.Draft, error)
	// Opened notes that an agent sees a draft, Discard that they do not want it.
	// Errors: inbox.CodeUnknownDraft.
	Opened(ctx context.Context, siteID, conversationID, draftID, agentID string) error
	Discard(ctx context.Context, siteID, conversationID, draftID, agentID string) error
	// Suggest finds texts and articles that suit the shopper's newest message.
	// Errors: assist.CodeUnknownConversation.
	Suggest(ctx context.Context, siteID, conversationID string) ([]inbox.Macro, []inbox.Article, error)
}

// DraftWish says how another draft is to be.
type DraftWish struct {
	Tone     string `json:"tone" enum:"standard,warmer,shorter,formal,apologise,language"`
	Language string `json:"language,omitempty" maxLength:"35" doc:"For the tone language: a BCP 47 tag"`
	Text     string `json:"text,omitempty" maxLength:"10000" doc:"What stands in the composer, to begin from"`
}

// consoleDrafts is the part of the inbox that deals with drafts.
func (s *Server) consoleDrafts(api huma.API) {
	const conflict, invalid = http.StatusConflict, http.StatusUnprocessableEntity
	post := http.MethodPost
	huma.Register(api, operation(post, pathConversation+"/drafts", "write-draft", "Begins another draft", conflict, invalid), s.writeDraft)
	huma.Register(api, operation(post, pathConversation+"/drafts/{draft}/opened", "draft-opened", "The agent sees it"), s.draftOpened)
	huma.Register(api, operation(post, pathConversation+"/drafts/{draft}/discard", "discard-draft", "The agent does not want it"), s.discardDraft)
	huma.Register(api, operation(http.MethodGet, pathConversation+"/suggestions", "list-suggestions", "Texts and articles that suit the shopper's newest message"), s.listSuggestions)
}

type draftWishInput struct {
	ConversationParam
	Body DraftWish
}

type draftBody struct {
	Draft inbox.Draft `json:"draft"`
}

// drafts is who writes them. Errors: assist.CodeUnavailable where nobody does.
func (s *Server) drafts() (Drafts, error) {
	if s.Drafts == nil {
		return nil, &assist.Error{Code: assist.CodeUnavailable}
	}
	return s.Drafts, nil
}

func (s *Server) writeDraft(ctx context.Context, in *draftWishInput) (*body[draftBody], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	drafts, err := s.drafts()
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	d, err := drafts.Write(ctx, site.ID, in.ID, personOf(ctx).ID, in.Body)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(draftBody{d}), nil
}

type draftParam struct {
	ConversationParam
	Draft string `path:"draft" maxLength:"36"`
}

func (s *Server) draftOpened(ctx context.Context, in *draftParam) (*none, error) {
	return s.onDraft(ctx, in, Drafts.Opened)
}

func (s *Server) discardDraft(ctx context.Context, in *draftParam) (*none, error) {
	return s.onDraft(ctx, in, Drafts.Discard)
}

func (s *Server) onDraft(ctx context.Context, in *draftParam, do func(Drafts, context.Context, string, string, string, string) error) (*none, error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	drafts, err := s.drafts()
	if err == nil {
		err = do(drafts, ctx, site.ID, in.ID, in.Draft, personOf(ctx).ID)
	}
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &none{http.StatusNoContent}, nil
}

type suggestions struct {
	Macros   []inbox.Macro   `json:"macros"`
	Articles []inbox.Article `json:"articles"`
}

func (s *Server) listSuggestions(ctx context.Context, in *ConversationParam) (*body[suggestions], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := suggestions{Macros: []inbox.Macro{}, Articles: []inbox.Article{}}
	if s.Drafts == nil {
		return answer(out), nil
	}
	macros, articles, err := s.Drafts.Suggest(ctx, site.ID, in.ID)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out.Macros, out.Articles = nonNil(macros), nonNil(articles)
	return answer(out), nil
}
