package web

import (
	"context"
	"net/http"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// acted is what an agent's act did: what was appended to the timeline, and the
// row as it is now.
type acted struct {
	Event  *agentEvent  `json:"event,omitempty" doc:"The message or note itself"`
	Events []agentEvent `json:"events" doc:"What was appended, in order; empty where nothing had to be done"`
	Row    inbox.Row    `json:"row" doc:"The conversation as it is now"`
}

// act runs what an agent does to a conversation and answers with what came of it.
func (s *Server) act(ctx context.Context, in ConversationParam, clientID string, do func(inbox.Act) (inbox.Done, error)) (*body[acted], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	agent := personOf(ctx)
	done, err := do(inbox.Act{SiteID: site.ID, SiteKey: site.Key, ConversationID: in.ID, ClientID: clientID,
		Agent: inbox.Name{ID: agent.ID, Name: agent.Name}})
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	rows, err := s.Inbox.Store.Rows(ctx, site.ID, []string{in.ID})
	if err == nil && len(rows) == 0 {
		err = &assist.Error{Code: assist.CodeUnknownConversation}
	}
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := acted{Events: agentEvents(done.Events), Row: rows[0]}
	for i, e := range out.Events {
		if clientID != "" && e.ClientID == clientID {
			out.Event = &out.Events[i]
		}
	}
	return answer(out), nil
}

func (s *Server) claim(ctx context.Context, in *ConversationParam) (*body[acted], error) {
	return s.act(ctx, *in, "", func(a inbox.Act) (inbox.Done, error) { return s.Inbox.Claim(ctx, a) })
}

type transferInput struct {
	ConversationParam
	Body struct {
		AgentID string `json:"agent_id,omitempty" maxLength:"36" doc:"To this agent"`
		TeamID  string `json:"team_id,omitempty" maxLength:"36" doc:"To this team; without either back into the queue"`
		Note    string `json:"note,omitempty" doc:"For colleagues"`
	}
}

func (s *Server) transfer(ctx context.Context, in *transferInput) (*body[acted], error) {
	return s.act(ctx, in.ConversationParam, "", func(a inbox.Act) (inbox.Done, error) {
		return s.Inbox.Transfer(ctx, a, inbox.Transfer{AgentID: in.Body.AgentID, TeamID: in.Body.TeamID, Note: in.Body.Note})
	})
}

func (s *Server) handBack(ctx context.Context, in *ConversationParam) (*body[acted], error) {
	return s.act(ctx, *in, "", func(a inbox.Act) (inbox.Done, error) { return s.Inbox.HandBack(ctx, a) })
}

func (s *Server) resolve(ctx context.Context, in *ConversationParam) (*body[acted], error) {
	return s.act(ctx, *in, "", func(a inbox.Act) (inbox.Done, error) { return s.Inbox.Resolve(ctx, a) })
}

func (s *Server) reopen(ctx context.Context, in *ConversationParam) (*body[acted], error) {
	return s.act(ctx, *in, "", func(a inbox.Act) (inbox.Done, error) { return s.Inbox.Reopen(ctx, a) })
}

type replyInput struct {
	ConversationParam
	Body struct {
		ClientID           string       `json:"client_id" maxLength:"64" doc:"The same at every retry"`
		Text               string       `json:"text" doc:"At most 10,000 characters"`
		DraftID            string       `json:"draft_id,omitempty" maxLength:"36" doc:"The draft that it began as"`
		Citations          []attachment `json:"citations,omitempty" maxItems:"20"`
		Resolve            bool         `json:"resolve,omitempty" doc:"Resolves the conversation with it"`
		ConfirmUnsupported bool         `json:"confirm_unsupported,omitempty" doc:"Sends it although a fact in it stands nowhere"`
	}
}

type attachment struct {
	N         int    `json:"n" minimum:"1" maximum:"99" doc:"[n] in the text points to it"`
	ArticleID string `json:"article_id" maxLength:"36"`
}

func (s *Server) sendReply(ctx context.Context, in *replyInput) (*body[acted], error) {
	r := inbox.Reply{Text: in.Body.Text, DraftID: in.Body.DraftID, Resolve: in.Body.Resolve}
	for _, c := range in.Body.Citations {
		r.Attached = append(r.Attached, inbox.Attachment{N: c.N, ArticleID: c.ArticleID})
	}
	return s.act(ctx, in.ConversationParam, in.Body.ClientID, func(a inbox.Act) (inbox.Done, error) {
		return s.Inbox.Reply(ctx, a, r, in.Body.ConfirmUnsupported)
	})
}

type noteInput struct {
	ConversationParam
	Body struct {
		ClientID string   `json:"client_id" maxLength:"64" doc:"The same at every retry"`
		Text     string   `json:"text" doc:"At most 4,000 characters"`
		Mentions []string `json:"mentions,omitempty" maxItems:"50" doc:"Agents whom it is for"`
	}
}

func (s *Server) addNote(ctx context.Context, in *noteInput) (*body[acted], error) {
	return s.act(ctx, in.ConversationParam, in.Body.ClientID, func(a inbox.Act) (inbox.Done, error) {
		return s.Inbox.Note(ctx, a, in.Body.Text, in.Body.Mentions)
	})
}

type tagsBody struct {
	Tags []string `json:"tags" maxItems:"100"`
}

type tagsInput struct {
	ConversationParam
	Body tagsBody
}

func (s *Server) setTags(ctx context.Context, in *tagsInput) (*body[tagsBody], error) {
	site, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	tags, err := s.Inbox.SetTags(ctx, site.ID, in.ID, in.Body.Tags)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(tagsBody{Tags: nonNil(tags)}), nil
}

type summaryInput struct {
	ConversationParam
	Body struct {
		Wish string `json:"wish" doc:"At most 2,000 characters"`
	}
}

func (s *Server) setSummary(ctx context.Context, in *summaryInput) (*none, error) {
	site, err := s.siteOf(ctx, in.Site)
	if err == nil {
		err = s.Inbox.SetWish(ctx, site.ID, in.ID, in.Body.Wish)
	}
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &none{http.StatusNoContent}, nil
}

// none is an answer without a body.
type none struct {
	Status int
}
