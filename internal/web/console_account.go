package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/account"
)

// Accounts is how the shop's people come in; see account.Accounts for the
// contracts.
type Accounts interface {
	SignIn(ctx context.Context, email, password string, v account.Visit) (account.SignedIn, error)
	Who(ctx context.Context, token string) (account.Person, account.Session, error)
	Sessions(ctx context.Context, p account.Person) ([]account.Session, error)
	EndSession(ctx context.Context, p account.Person, id string) error
	Invite(ctx context.Context, by account.Person, i account.Invitation, v account.Visit) (account.Invitation, string, error)
	Invitation(ctx context.Context, token string) (account.Invitation, error)
	Invitations(ctx context.Context, by account.Person) ([]account.Invitation, error)
	Revoke(ctx context.Context, by account.Person, id string, v account.Visit) error
	Take(ctx context.Context, token, name, email, password, locale string, v account.Visit) (account.SignedIn, error)
	People(ctx context.Context, by account.Person) ([]account.Person, error)
	Change(ctx context.Context, by account.Person, id string, c account.Change, v account.Visit) (account.Person, error)
	ChangeOwn(ctx context.Context, p account.Person, c account.OwnChange, v account.Visit) (account.Person, error)
	// Ended tells which of these sessions are over.
	Ended(ctx context.Context, sessionIDs []string) ([]string, error)
	AuditLog(ctx context.Context, by account.Person, before int64, limit int) ([]account.Entry, error)
}

type agentBody struct {
	ID          string           `json:"id"`
	Email       string           `json:"email"`
	Name        string           `json:"name"`
	Role        string           `json:"role" enum:"agent,admin"`
	Locale      string           `json:"locale"`
	Preferences preferencesBody  `json:"preferences"`
	Presence    account.Presence `json:"presence" enum:"online,away"`
	Online      bool             `json:"online" doc:"A console of theirs is open and they are not away"`
	Capacity    int              `json:"capacity" doc:"How many open conversations are given to them by themselves"`
	Disabled    bool             `json:"disabled"`
	HasPassword bool             `json:"has_password"`
	SiteKeys    []string         `json:"site_keys"`
	CreatedAt   time.Time        `json:"created_at"`
}

type preferencesBody struct {
	Sound         bool   `json:"sound"`
	Notifications bool   `json:"notifications"`
	SingleKeys    bool   `json:"single_keys"`
	Theme         string `json:"theme" enum:",light,dark"`
}

func agentBodyOf(p account.Person) agentBody {
	return agentBody{
		ID: p.ID, Email: p.Email, Name: p.Name, Role: string(p.Role), Locale: p.Locale, Presence: p.Presence, Online: p.Online,
		Preferences: preferencesBody{Sound: !p.Preferences.Mute, Notifications: !p.Preferences.Quiet,
			SingleKeys: !p.Preferences.NoSingleKeys, Theme: p.Preferences.Theme},
		Capacity: p.Capacity, Disabled: p.Disabled, HasPassword: p.HasPassword, SiteKeys: nonNil(p.SiteKeys), CreatedAt: p.CreatedAt.UTC(),
	}
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"512"`
	}
}

type agentOutput struct {
	Body struct {
		Agent agentBody `json:"agent"`
	}
}

type signedInOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Agent agentBody `json:"agent"`
	}
}

type signInWays struct {
	OIDC string `json:"oidc" doc:"Name of the OpenID Connect provider; empty where none is configured"`
}

type signInWaysOutput struct {
	Body struct {
		SignIn signInWays `json:"sign_in"`
	}
}

type meOutput struct {
	Body meBody
}

type meBody struct {
	Agent   agentBody  `json:"agent"`
	Sites   []siteName `json:"sites"`
	SignIn  signInWays `json:"sign_in"`
	Version string     `json:"version"`
}

type siteName struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Locale string `json:"locale"`
}

// consoleAccounts puts signing in and what is a person's own on two groups: one
// for everybody, one for those who are signed in.
func (s *Server) consoleAccounts(open, in huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/v1/console" + path, Summary: summary, Tags: []string{"account"}}
	}
	huma.Register(open, op("sign-in-ways", http.MethodGet, "/sign-in", "How one may sign in"), s.signInWays)
	huma.Register(open, op("sign-in", http.MethodPost, "/session", "Sign in"), s.signIn)
	huma.Register(open, op("get-invitation", http.MethodGet, "/invitation/{token}", "Look at an invitation"), s.getInvitation)
	huma.Register(open, op("take-invitation", http.MethodPost, "/invitation/{token}", "Take an invitation and sign in"), s.takeInvitation)

	huma.Register(in, op("get-me", http.MethodGet, "/session", "Who I am"), s.getMe)
	huma.Register(in, op("sign-out", http.MethodDelete, "/session", "Sign out"), s.signOut)
	huma.Register(in, op("list-sessions", http.MethodGet, "/sessions", "My sessions"), s.listSessions)
	huma.Register(in, op("end-session", http.MethodDelete, "/sessions/{id}", "End one of my sessions"), s.endSession)
	huma.Register(in, op("change-me", http.MethodPatch, "/me", "Change my name, language, preferences or password"), s.changeMe)
	huma.Register(in, op("set-presence", http.MethodPut, "/presence", "Say whether I am there"), s.setPresence)
}

func (s *Server) signInWays(context.Context, *struct{}) (*signInWaysOutput, error) {
	out := &signInWaysOutput{}
	out.Body.SignIn = s.waysIn()
	return out, nil
}

func (s *Server) waysIn() signInWays {
	if s.OIDC == nil {
		return signInWays{}
	}
	return signInWays{OIDC: s.OIDC.Name()}
}

func (s *Server) signIn(ctx context.Context, in *signInInput) (*signedInOutput, error) {
	done, err := s.Accounts.SignIn(ctx, in.Body.Email, in.Body.Password, visitorOf(ctx).visit)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return signedInOutputOf(ctx, done), nil
}

func signedInOutputOf(ctx context.Context, done account.SignedIn) *signedInOutput {
	out := &signedInOutput{SetCookie: sessionCookieFor(ctx, done.Token, done.Session.ExpiresAt)}
	out.Body.Agent = agentBodyOf(done.Person)
	return out
}

func (s *Server) getMe(ctx context.Context, _ *struct{}) (*meOutput, error) {
	p := personOf(ctx)
	out := &meOutput{Body: meBody{Agent: agentBodyOf(p), Sites: []siteName{}, SignIn: s.waysIn(), Version: s.Version}}
	for _, key := range p.SiteKeys {
		site, err := s.Store.SiteByKey(ctx, key)
		if assist.CodeOf(err) == assist.CodeUnknownSite {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, s.consoleError(ctx, err)
		}
		out.Body.Sites = append(out.Body.Sites, siteName{site.Key, site.Name, site.Locale})
	}
	return out, nil
}

type signedOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) signOut(ctx context.Context, _ *struct{}) (*signedOutOutput, error) {
	if err := s.Accounts.EndSession(ctx, personOf(ctx), sessionOf(ctx).ID); err != nil && assist.CodeOf(err) != account.CodeUnknownSession {
		return nil, s.consoleError(ctx, err)
	}
	s.hub.consoles.endSession(sessionOf(ctx).ID)
	return &signedOutOutput{SetCookie: sessionCookieFor(ctx, "", time.Time{})}, nil
}

type sessionsOutput struct {
	Body struct {
		Sessions []sessionBody `json:"sessions"`
	}
}

type sessionBody struct {
	ID        string    `json:"id"`
	UserAgent string    `json:"user_agent"`
	Address   string    `json:"address"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	Current   bool      `json:"current"`
}

func (s *Server) listSessions(ctx context.Context, _ *struct{}) (*sessionsOutput, error) {
	list, err := s.Accounts.Sessions(ctx, personOf(ctx))
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &sessionsOutput{}
	out.Body.Sessions = []sessionBody{}
	for _, n := range list {
		out.Body.Sessions = append(out.Body.Sessions, sessionBody{n.ID, n.UserAgent, n.Address, n.CreatedAt.UTC(), n.SeenAt.UTC(), n.ID == sessionOf(ctx).ID})
	}
	return out, nil
}

type idInput struct {
	ID string `path:"id"`
}

func (s *Server) endSession(ctx context.Context, in *idInput) (*struct{}, error) {
	if err := s.Accounts.EndSession(ctx, personOf(ctx), in.ID); err != nil {
		return nil, s.consoleError(ctx, err)
	}
	s.hub.consoles.endSession(in.ID)
	return nil, nil
}

type changeMeInput struct {
	Body struct {
		Name            *string          `json:"name,omitempty" maxLength:"200"`
		Locale          *string          `json:"locale,omitempty" maxLength:"35"`
		Preferences     *preferencesBody `json:"preferences,omitempty"`
		CurrentPassword string           `json:"current_password,omitempty" maxLength:"512"`
		NewPassword     string           `json:"new_password,omitempty" maxLength:"512"`
	}
}

func (s *Server) changeMe(ctx context.Context, in *changeMeInput) (*agentOutput, error) {
	c := account.OwnChange{Name: in.Body.Name, Locale: in.Body.Locale, CurrentPassword: in.Body.CurrentPassword,
		Password: in.Body.NewPassword, KeepSession: sessionOf(ctx).ID}
	if p := in.Body.Preferences; p != nil {
		c.Preferences = &account.Preferences{Mute: !p.Sound, Quiet: !p.Notifications, NoSingleKeys: !p.SingleKeys, Theme: p.Theme}
	}
	p, err := s.Accounts.ChangeOwn(ctx, personOf(ctx), c, visitorOf(ctx).visit)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &agentOutput{}
	out.Body.Agent = agentBodyOf(p)
	return out, nil
}

type presenceInput struct {
	Body struct {
		Presence account.Presence `json:"presence" enum:"online,away"`
	}
}

func (s *Server) setPresence(ctx context.Context, in *presenceInput) (*struct{}, error) {
	if _, err := s.Inbox.SetPresence(ctx, personOf(ctx).ID, in.Body.Presence == account.Away); err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return nil, nil
}

type tokenInput struct {
	Token string `path:"token" maxLength:"100"`
}

type invitationOutput struct {
	Body struct {
		Email     string    `json:"email" doc:"Empty: to be chosen"`
		Name      string    `json:"name"`
		Role      string    `json:"role" enum:"agent,admin"`
		ExpiresAt time.Time `json:"expires_at"`
		First     bool      `json:"first" doc:"The first admin's own way in"`
	}
}

func (s *Server) getInvitation(ctx context.Context, in *tokenInput) (*invitationOutput, error) {
	i, err := s.Accounts.Invitation(ctx, in.Token)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &invitationOutput{}
	out.Body.Email, out.Body.Name, out.Body.Role, out.Body.ExpiresAt = i.Email, i.Name, string(i.Role), i.ExpiresAt.UTC()
	out.Body.First = i.Email == ""
	return out, nil
}

type takeInput struct {
	Token string `path:"token" maxLength:"100"`
	Body  struct {
		Name     string `json:"name" maxLength:"200"`
		Email    string `json:"email,omitempty" maxLength:"254"`
		Password string `json:"password" maxLength:"512"`
	}
}

func (s *Server) takeInvitation(ctx context.Context, in *takeInput) (*signedInOutput, error) {
	v := visitorOf(ctx)
	done, err := s.Accounts.Take(ctx, in.Token, in.Body.Name, in.Body.Email, in.Body.Password, v.locale, v.visit)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return signedInOutputOf(ctx, done), nil
}
