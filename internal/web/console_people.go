package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/internal/account"
)

// consolePeople puts what admins do with accounts on the group of those who are
// signed in; account.Accounts refuses everybody else.
func (s *Server) consolePeople(in huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/v1/console" + path, Summary: summary, Tags: []string{"people"}}
	}
	huma.Register(in, op("list-agents", http.MethodGet, "/agents", "Everybody"), s.listAgents)
	huma.Register(in, op("change-agent", http.MethodPatch, "/agents/{id}", "Change somebody's rights"), s.changeAgent)
	huma.Register(in, op("list-invitations", http.MethodGet, "/invitations", "The newest invitations"), s.listInvitations)
	huma.Register(in, op("invite", http.MethodPost, "/invitations", "Invite somebody"), s.invite)
	huma.Register(in, op("revoke-invitation", http.MethodDelete, "/invitations/{id}", "Take an invitation back"), s.revokeInvitation)
	huma.Register(in, op("list-audit", http.MethodGet, "/audit", "What was changed, the newest first"), s.listAudit)
}

type agentsOutput struct {
	Body struct {
		Agents []agentBody `json:"agents"`
	}
}

func (s *Server) listAgents(ctx context.Context, _ *struct{}) (*agentsOutput, error) {
	list, err := s.Accounts.People(ctx, personOf(ctx))
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &agentsOutput{}
	out.Body.Agents = []agentBody{}
	for _, p := range list {
		out.Body.Agents = append(out.Body.Agents, agentBodyOf(p))
	}
	return out, nil
}

type changeAgentInput struct {
	ID   string `path:"id"`
	Body struct {
		Name     *string   `json:"name,omitempty" maxLength:"200"`
		Role     *string   `json:"role,omitempty" enum:"agent,admin"`
		SiteKeys *[]string `json:"site_keys,omitempty" maxItems:"1000"`
		Capacity *int      `json:"capacity,omitempty" minimum:"0" maximum:"100"`
		Disabled *bool     `json:"disabled,omitempty"`
	}
}

func (s *Server) changeAgent(ctx context.Context, in *changeAgentInput) (*agentOutput, error) {
	c := account.Change{Name: in.Body.Name, SiteKeys: in.Body.SiteKeys, Capacity: in.Body.Capacity, Disabled: in.Body.Disabled}
	if in.Body.Role != nil {
		role := account.Role(*in.Body.Role)
		c.Role = &role
	}
	p, err := s.Accounts.Change(ctx, personOf(ctx), in.ID, c, visitorOf(ctx).visit)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	if c.Capacity != nil || c.Disabled != nil || c.SiteKeys != nil {
		s.Inbox.GiveOut(ctx) // there may be room now
	}
	out := &agentOutput{}
	out.Body.Agent = agentBodyOf(p)
	return out, nil
}

type invitationBody struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Role      string    `json:"role" enum:"agent,admin"`
	SiteKeys  []string  `json:"site_keys"`
	InvitedBy string    `json:"invited_by"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	State     string    `json:"state" enum:"open,used,revoked,expired"`
}

func invitationBodyOf(i account.Invitation, now time.Time) invitationBody {
	b := invitationBody{ID: i.ID, Email: i.Email, Name: i.Name, Role: string(i.Role), SiteKeys: nonNil(i.SiteKeys), InvitedBy: i.InvitedBy,
		CreatedAt: i.CreatedAt.UTC(), ExpiresAt: i.ExpiresAt.UTC(), State: "open"}
	switch {
	case i.UsedAt != nil:
		b.State = "used"
	case i.RevokedAt != nil:
		b.State = "revoked"
	case !i.ExpiresAt.After(now):
		b.State = "expired"
	}
	return b
}

type invitationsOutput struct {
	Body struct {
		Invitations []invitationBody `json:"invitations"`
	}
}

func (s *Server) listInvitations(ctx context.Context, _ *struct{}) (*invitationsOutput, error) {
	list, err := s.Accounts.Invitations(ctx, personOf(ctx))
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &invitationsOutput{}
	out.Body.Invitations = []invitationBody{}
	for _, i := range list {
		out.Body.Invitations = append(out.Body.Invitations, invitationBodyOf(i, time.Now()))
	}
	return out, nil
}

type inviteInput struct {
	Body struct {
		Email    string   `json:"email" maxLength:"254"`
		Name     string   `json:"name,omitempty" maxLength:"200"`
		Role     string   `json:"role" enum:"agent,admin"`
		SiteKeys []string `json:"site_keys,omitempty" maxItems:"1000"`
	}
}

type invitedOutput struct {
	Body struct {
		Invitation invitationBody `json:"invitation"`
		Link       string         `json:"link" doc:"Shown once"`
		Mailed     bool           `json:"mailed" doc:"Whether it was sent to the address as well"`
	}
}

func (s *Server) invite(ctx context.Context, in *inviteInput) (*invitedOutput, error) {
	keys := slices.Compact(slices.Sorted(slices.Values(in.Body.SiteKeys)))
	i, token, err := s.Accounts.Invite(ctx, personOf(ctx), account.Invitation{Email: in.Body.Email, Name: in.Body.Name,
		Role: account.Role(in.Body.Role), SiteKeys: keys}, visitorOf(ctx).visit)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &invitedOutput{}
	out.Body.Invitation = invitationBodyOf(i, time.Now())
	out.Body.Link = s.consoleURL(ctx) + "/console/invitation/" + token
	out.Body.Mailed = s.mailInvitation(ctx, i.Email, out.Body.Link)
	return out, nil
}

// mailTime bounds how long an admin waits for the mail server; the link is on
// their screen in any case.
const mailTime = 10 * time.Second

// mailInvitation sends the link, in the language of whoever invites.
func (s *Server) mailInvitation(ctx context.Context, to, link string) bool {
	if s.Tell == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	p := personOf(ctx)
	text := strings.NewReplacer("{name}", p.Name, "{link}", link).Replace(s.Words(p.Locale, "mail.invitation"))
	if err := s.Tell(ctx, to, s.Words(p.Locale, "mail.invitation_subject"), text); err != nil {
		s.Logger.WarnContext(ctx, "invitation not mailed", "error", err)
		return false
	}
	return true
}

// consoleURL is where the console's own people reach this server.
func (s *Server) consoleURL(ctx context.Context) string {
	if s.PublicURL != "" {
		return normalOrigin(s.PublicURL)
	}
	v := visitorOf(ctx)
	if v.secure {
		return "https://" + v.host
	}
	return "http://" + v.host
}

func (s *Server) revokeInvitation(ctx context.Context, in *idInput) (*struct{}, error) {
	if err := s.Accounts.Revoke(ctx, personOf(ctx), in.ID, visitorOf(ctx).visit); err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return nil, nil
}

type auditInput struct {
	Before int64 `query:"before" minimum:"0" doc:"Only entries before this one"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type auditOutput struct {
	Body struct {
		Entries []entryBody `json:"entries"`
		Next    int64       `json:"next" doc:"Ask again with it as before; 0 at the end"`
	}
}

type entryBody struct {
	ID      int64          `json:"id"`
	At      time.Time      `json:"at"`
	SiteKey string         `json:"site_key"`
	Actor   string         `json:"actor"`
	Action  string         `json:"action"`
	Subject string         `json:"subject"`
	Details map[string]any `json:"details"`
	Address string         `json:"address"`
}

func (s *Server) listAudit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	list, err := s.Accounts.AuditLog(ctx, personOf(ctx), in.Before, in.Limit+1)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &auditOutput{}
	out.Body.Entries = []entryBody{}
	for i, e := range list {
		if i == in.Limit {
			out.Body.Next = out.Body.Entries[i-1].ID
			break
		}
		out.Body.Entries = append(out.Body.Entries, entryBody(e))
	}
	return out, nil
}
