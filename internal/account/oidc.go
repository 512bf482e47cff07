package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/careloop/careloop/assist"
)

// OIDCOptions say who vouches for the shop's people.
type OIDCOptions struct {
	// Name is what the button says, such as "Google".
	Name                           string
	Issuer, ClientID, ClientSecret string
	// RedirectURL is this server's /v1/console/oidc/callback as the browser
	// reaches it.
	RedirectURL string
	// Timeout bounds each request to the issuer; 0 means 10 seconds.
	Timeout time.Duration
}

// OIDC signs people in by OpenID Connect (authorization code flow with PKCE,
// state and nonce). The issuer is asked for its addresses at the first use, so
// that a start does not hang on it.
type OIDC struct {
	accounts *Accounts
	o        OIDCOptions
	client   *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
}

// NewOIDC makes a way in beside passwords.
func NewOIDC(a *Accounts, o OIDCOptions) *OIDC {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	return &OIDC{accounts: a, o: o, client: &http.Client{Timeout: o.Timeout}}
}

// Name is what the button says.
func (o *OIDC) Name() string { return o.o.Name }

// Attempt is what the browser has to bring back: it is kept in its cookie.
type Attempt struct {
	State, Nonce, Verifier string
	// Invitation is the token of an invitation that is being taken this way.
	Invitation string
}

// Encode is the attempt as a cookie's value.
func (t Attempt) Encode() string {
	return strings.Join([]string{t.State, t.Nonce, t.Verifier, t.Invitation}, ".")
}

// DecodeAttempt reads a cookie's value; false where it is none.
func DecodeAttempt(s string) (Attempt, bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return Attempt{}, false
	}
	return Attempt{State: parts[0], Nonce: parts[1], Verifier: parts[2], Invitation: parts[3]}, true
}

// Start gives the address at the issuer to send the browser to.
// Errors: CodeSignInFailed where the issuer does not answer.
func (o *OIDC) Start(ctx context.Context, invitation string) (Attempt, string, error) {
	config, _, err := o.config(ctx)
	if err != nil {
		return Attempt{}, "", err
	}
	if invitation != "" && !isToken(invitation, invitationPrefix) {
		invitation = ""
	}
	t := Attempt{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier(), Invitation: invitation}
	return t, config.AuthCodeURL(t.State, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), nil
}

// Finish takes what the issuer sent back and signs in: an account that was tied
// to this subject, one whose address the issuer vouches for, or an invitation to
// that address. Nobody comes in who was not asked to.
// Errors: CodeSignInFailed, CodeNoAccount, CodeUnknownInvitation.
func (o *OIDC) Finish(ctx context.Context, t Attempt, state, code, locale string, v Visit) (SignedIn, error) {
	if state == "" || state != t.State || code == "" {
		return SignedIn{}, failed(errors.New("state does not fit"))
	}
	config, provider, err := o.config(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	ctx = oidc.ClientContext(ctx, o.client)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return SignedIn{}, failed(fmt.Errorf("exchange the code: %w", err))
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: o.o.ClientID}).Verify(ctx, raw)
	if err != nil {
		return SignedIn{}, failed(fmt.Errorf("verify the identity: %w", err))
	}
	if id.Nonce != t.Nonce {
		return SignedIn{}, failed(errors.New("nonce does not fit"))
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
		Name     string `json:"name"`
	}
	if err := id.Claims(&claims); err != nil {
		return SignedIn{}, failed(fmt.Errorf("read the claims: %w", err))
	}
	p, err := o.find(ctx, id.Issuer+"#"+id.Subject, strings.ToLower(claims.Email), claims.Name, claims.Verified, t.Invitation, locale, v)
	if err != nil {
		return SignedIn{}, err
	}
	if p.Disabled {
		return SignedIn{}, &assist.Error{Code: CodeNoAccount}
	}
	return o.accounts.begin(ctx, p, v)
}

func (o *OIDC) find(ctx context.Context, subject, email, name string, verified bool, invitation, locale string, v Visit) (Person, error) {
	store := o.accounts.store
	p, err := store.PersonBySubject(ctx, subject)
	if assist.CodeOf(err) != CodeUnknownAgent {
		return p, err
	}
	if !verified || email == "" {
		return Person{}, &assist.Error{Code: CodeNoAccount, Err: errors.New("the issuer does not vouch for an address")}
	}
	p, err = store.TieSubject(ctx, email, subject)
	if assist.CodeOf(err) != CodeUnknownAgent {
		return p, err
	}
	if invitation == "" {
		return Person{}, &assist.Error{Code: CodeNoAccount}
	}
	i, err := o.accounts.Invitation(ctx, invitation)
	if err != nil {
		return Person{}, err
	}
	if i.Email != "" && i.Email != email {
		return Person{}, &assist.Error{Code: CodeNoAccount, Err: errors.New("the invitation is for another address")}
	}
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	if p, err = newPerson(i, name, email, locale); err != nil {
		return Person{}, err
	}
	return store.TakeInvitation(ctx, hashToken(invitation), p, "", subject, Actor{Name: p.Name, Address: v.Address})
}

// config asks the issuer for its addresses, once.
func (o *OIDC) config(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		// The provider keeps the context's client for its keys, not its deadline.
		provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), o.client), o.o.Issuer)
		if err != nil {
			return nil, nil, failed(fmt.Errorf("ask the issuer: %w", err))
		}
		o.provider = provider
	}
	return &oauth2.Config{ClientID: o.o.ClientID, ClientSecret: o.o.ClientSecret, RedirectURL: o.o.RedirectURL,
		Endpoint: o.provider.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}, o.provider, nil
}

func failed(err error) error { return &assist.Error{Code: CodeSignInFailed, Err: err} }

func random() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
