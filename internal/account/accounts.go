package account

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/careloop/careloop/assist"
)

// Times of sessions and invitations.
const (
	sessionLife    = 30 * 24 * time.Hour
	sessionIdle    = 7 * 24 * time.Hour
	invitationLife = 7 * 24 * time.Hour
)

// Throttling of sign-ins. Five failures are free for an account, twenty for an
// address (a whole office may sit behind one); then each costs twice the wait of
// the one before.
const (
	accountFailures = 5
	addressFailures = 20
	failureWindow   = 15 * time.Minute
	firstBlock      = 30 * time.Second
	longestBlock    = 15 * time.Minute
)

// maxName bounds a name, in characters.
const maxName = 80

// Accounts is what the console and the command line do with accounts.
type Accounts struct {
	store Store
	now   func() time.Time
	// dummy is compared with where there is no account, so that a stranger's
	// address takes as long as a colleague's.
	dummy string
}

// New makes Accounts over a store.
func New(ctx context.Context, store Store) (*Accounts, error) {
	dummy, err := hashPassword(ctx, newToken(""))
	if err != nil {
		return nil, err
	}
	return &Accounts{store: store, now: time.Now, dummy: dummy}, nil
}

// Visit is where a request comes from.
type Visit struct {
	Address, UserAgent string
	// Network is what failures are counted by: the address, or of an IPv6 one the
	// network that its owner has whole.
	Network string
}

// SignedIn is a session that was just begun; Token is shown to the browser once.
type SignedIn struct {
	Person  Person
	Session Session
	Token   string
}

// Throttled is the refusal of somebody who tried too often.
type Throttled struct{ After time.Duration }

func (t *Throttled) Error() string { return "too many tries" }

// Unwrap gives the refusal its code.
func (t *Throttled) Unwrap() error { return &assist.Error{Code: CodeTooManyTries} }

// SignIn begins a session for an address and a password.
// Errors: CodeWrongCredentials, which never says what was wrong; *Throttled.
func (a *Accounts) SignIn(ctx context.Context, email, password string, v Visit) (SignedIn, error) {
	// What no address can hold is no reason to fail otherwise than by being unknown.
	email = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(email)))
	email = cut(email, 254)
	account, address := "account:"+email, "address:"+v.Network
	wait, err := a.store.BlockedFor(ctx, []string{account, address})
	if err != nil {
		return SignedIn{}, err
	}
	if wait > 0 {
		return SignedIn{}, &Throttled{After: wait}
	}
	p, hash, err := a.store.PersonByEmail(ctx, email)
	known := err == nil && !p.Disabled && hash != ""
	if err != nil && assist.CodeOf(err) != CodeUnknownAgent {
		return SignedIn{}, err
	}
	if !known {
		hash = a.dummy
	}
	fits, err := verifyPassword(ctx, password, hash)
	if err != nil {
		return SignedIn{}, err
	}
	if !fits || !known {
		err := errors.Join(
			a.store.CountFailure(ctx, []string{account}, accountFailures, failureWindow, firstBlock, longestBlock),
			a.store.CountFailure(ctx, []string{address}, addressFailures, failureWindow, firstBlock, longestBlock))
		if err != nil {
			return SignedIn{}, err
		}
		return SignedIn{}, &assist.Error{Code: CodeWrongCredentials}
	}
	if err := a.store.ForgetFailures(ctx, account); err != nil {
		return SignedIn{}, err
	}
	return a.begin(ctx, p, v)
}

func (a *Accounts) begin(ctx context.Context, p Person, v Visit) (SignedIn, error) {
	now := a.now().UTC()
	token := newToken(sessionPrefix)
	s := Session{PersonID: p.ID, UserAgent: cut(v.UserAgent, 300), Address: v.Address, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(sessionLife)}
	if err := a.store.StartSession(ctx, s, hashToken(token), Actor{ID: p.ID, Name: p.Name, Address: v.Address}); err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Person: p, Session: s, Token: token}, nil
}

// Who finds out who a session's token belongs to. Errors: CodeSignedOut.
func (a *Accounts) Who(ctx context.Context, token string) (Person, Session, error) {
	if !isToken(token, sessionPrefix) {
		return Person{}, Session{}, &assist.Error{Code: CodeSignedOut}
	}
	return a.store.PersonBySession(ctx, hashToken(token), sessionIdle)
}

// Sessions lists a person's.
func (a *Accounts) Sessions(ctx context.Context, p Person) ([]Session, error) {
	return a.store.Sessions(ctx, p.ID)
}

// EndSession ends one of a person's own. Errors: CodeUnknownSession.
func (a *Accounts) EndSession(ctx context.Context, p Person, id string) error {
	return a.store.EndSession(ctx, p.ID, id)
}

// Invite makes a way in for somebody and returns it with its token, which is
// shown once. Only admins invite.
// Errors: CodeNotAllowed, assist.CodeBadEmail, CodeBadName, CodeEmailTaken,
// CodeBadSetting (an agent without a site), assist.CodeUnknownSite.
func (a *Accounts) Invite(ctx context.Context, by Person, i Invitation, v Visit) (Invitation, string, error) {
	if by.Role != Admin {
		return Invitation{}, "", &assist.Error{Code: CodeNotAllowed}
	}
	if !ValidEmail(i.Email) {
		return Invitation{}, "", &assist.Error{Code: assist.CodeBadEmail}
	}
	return a.invite(ctx, i, Actor{ID: by.ID, Name: by.Name, Address: v.Address})
}

func (a *Accounts) invite(ctx context.Context, i Invitation, by Actor) (Invitation, string, error) {
	switch {
	case i.Role != Agent && i.Role != Admin, i.Role == Agent && len(i.SiteKeys) == 0:
		return Invitation{}, "", &assist.Error{Code: CodeBadSetting}
	case i.Name != "":
		name, err := cleanName(i.Name)
		if err != nil {
			return Invitation{}, "", err
		}
		i.Name = name
	}
	i.Email = strings.ToLower(strings.TrimSpace(i.Email))
	i.ExpiresAt = a.now().UTC().Add(invitationLife)
	token := newToken(invitationPrefix)
	stored, err := a.store.Invite(ctx, i, hashToken(token), by)
	return stored, token, err
}

// Invitation finds one that can still be taken. Errors: CodeUnknownInvitation.
func (a *Accounts) Invitation(ctx context.Context, token string) (Invitation, error) {
	if !isToken(token, invitationPrefix) {
		return Invitation{}, &assist.Error{Code: CodeUnknownInvitation}
	}
	return a.store.InvitationByToken(ctx, hashToken(token))
}

// Take uses an invitation up: an account is made and signed in.
// Errors: CodeUnknownInvitation, CodeBadName, assist.CodeBadEmail,
// CodeWeakPassword, CodeEmailTaken.
func (a *Accounts) Take(ctx context.Context, token, name, email, password, locale string, v Visit) (SignedIn, error) {
	i, err := a.Invitation(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	if i.Email != "" {
		email = i.Email // an invitation is for one address
	}
	p, err := newPerson(i, name, email, locale)
	if err != nil {
		return SignedIn{}, err
	}
	if err := checkPassword(password, p.Email, p.Name); err != nil {
		return SignedIn{}, err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return SignedIn{}, err
	}
	p, err = a.store.TakeInvitation(ctx, hashToken(token), p, hash, "", Actor{Name: p.Name, Address: v.Address})
	if err != nil {
		return SignedIn{}, err
	}
	return a.begin(ctx, p, v)
}

func newPerson(i Invitation, name, email, locale string) (Person, error) {
	name, err := cleanName(name)
	if err != nil {
		return Person{}, err
	}
	email = strings.ToLower(strings.TrimSpace(email))
	if !ValidEmail(email) {
		return Person{}, &assist.Error{Code: assist.CodeBadEmail}
	}
	return Person{Email: email, Name: name, Role: i.Role, Locale: cleanLocale(locale), SiteKeys: i.SiteKeys}, nil
}

// People lists everybody. Errors: CodeNotAllowed.
func (a *Accounts) People(ctx context.Context, by Person) ([]Person, error) {
	if by.Role != Admin {
		return nil, &assist.Error{Code: CodeNotAllowed}
	}
	return a.store.People(ctx)
}

// Change changes somebody's rights.
// Errors: CodeNotAllowed, CodeUnknownAgent, CodeLastAdmin, CodeBadName,
// CodeBadSetting, assist.CodeUnknownSite.
func (a *Accounts) Change(ctx context.Context, by Person, id string, c Change, v Visit) (Person, error) {
	if by.Role != Admin {
		return Person{}, &assist.Error{Code: CodeNotAllowed}
	}
	if c.Name != nil {
		name, err := cleanName(*c.Name)
		if err != nil {
			return Person{}, err
		}
		c.Name = &name
	}
	if c.Role != nil && *c.Role != Agent && *c.Role != Admin || c.Capacity != nil && (*c.Capacity < 0 || *c.Capacity > 100) {
		return Person{}, &assist.Error{Code: CodeBadSetting}
	}
	return a.store.ChangePerson(ctx, id, c, Actor{ID: by.ID, Name: by.Name, Address: v.Address})
}

// OwnChange is what a person asks to change of themselves.
type OwnChange struct {
	Name, Locale              *string
	Preferences               *Preferences
	CurrentPassword, Password string
	KeepSession               string // the session that a new password leaves
}

// ChangeOwn changes a person's own name, language, preferences or password. A
// new password needs the current one and ends all other sessions.
// Errors: CodeBadName, CodeWrongCredentials, CodeWeakPassword, *Throttled.
func (a *Accounts) ChangeOwn(ctx context.Context, p Person, c OwnChange, v Visit) (Person, error) {
	var o Own
	if c.Name != nil {
		name, err := cleanName(*c.Name)
		if err != nil {
			return Person{}, err
		}
		o.Name = &name
	}
	if c.Locale != nil {
		locale := cleanLocale(*c.Locale)
		o.Locale = &locale
	}
	if c.Preferences != nil {
		if t := c.Preferences.Theme; t != "" && t != "light" && t != "dark" {
			return Person{}, &assist.Error{Code: CodeBadSetting}
		}
		o.Preferences = c.Preferences
	}
	if c.Password != "" {
		hash, err := a.newPassword(ctx, p, c)
		if err != nil {
			return Person{}, err
		}
		o.PasswordHash = &hash
	}
	return a.store.ChangeOwn(ctx, p.ID, o, c.KeepSession, Actor{ID: p.ID, Name: p.Name, Address: v.Address})
}

func (a *Accounts) newPassword(ctx context.Context, p Person, c OwnChange) (string, error) {
	key := "password:" + p.ID
	wait, err := a.store.BlockedFor(ctx, []string{key})
	if err != nil {
		return "", err
	}
	if wait > 0 {
		return "", &Throttled{After: wait}
	}
	current, err := a.store.PasswordHash(ctx, p.ID)
	if err != nil {
		return "", err
	}
	fits, err := verifyPassword(ctx, c.CurrentPassword, current)
	if err != nil {
		return "", err
	}
	if !fits && current != "" {
		if err := a.store.CountFailure(ctx, []string{key}, accountFailures, failureWindow, firstBlock, longestBlock); err != nil {
			return "", err
		}
		return "", &assist.Error{Code: CodeWrongCredentials}
	}
	if err := checkPassword(c.Password, p.Email, p.Name); err != nil {
		return "", err
	}
	return hashPassword(ctx, c.Password)
}

// Ended tells which of these sessions are over, or whose person is disabled: what
// they hold open is to be closed.
func (a *Accounts) Ended(ctx context.Context, sessionIDs []string) ([]string, error) {
	return a.store.EndedSessions(ctx, sessionIDs, sessionIdle)
}

// Invitations lists the newest. Errors: CodeNotAllowed.
func (a *Accounts) Invitations(ctx context.Context, by Person) ([]Invitation, error) {
	if by.Role != Admin {
		return nil, &assist.Error{Code: CodeNotAllowed}
	}
	const newest = 200
	return a.store.Invitations(ctx, newest)
}

// Revoke ends an open invitation. Errors: CodeNotAllowed, CodeUnknownInvitation.
func (a *Accounts) Revoke(ctx context.Context, by Person, id string, v Visit) error {
	if by.Role != Admin {
		return &assist.Error{Code: CodeNotAllowed}
	}
	return a.store.Revoke(ctx, id, Actor{ID: by.ID, Name: by.Name, Address: v.Address})
}

// AuditLog lists what was changed. Errors: CodeNotAllowed.
func (a *Accounts) AuditLog(ctx context.Context, by Person, before int64, limit int) ([]Entry, error) {
	if by.Role != Admin {
		return nil, &assist.Error{Code: CodeNotAllowed}
	}
	return a.store.AuditLog(ctx, before, limit)
}

// ValidEmail reports whether s is one plain address with a dotted host.
func ValidEmail(s string) bool {
	s = strings.TrimSpace(s)
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s || len(s) > 254 {
		return false
	}
	_, host, _ := strings.Cut(s, "@")
	return strings.Contains(host, ".")
}

// cleanName bounds a name and takes out what cannot be seen. Errors: CodeBadName.
func cleanName(s string) (string, error) {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxName {
		return "", &assist.Error{Code: CodeBadName, Err: fmt.Errorf("%d characters", utf8.RuneCountInString(s))}
	}
	return s, nil
}

func cleanLocale(s string) string {
	tag, err := language.Parse(s)
	if err != nil || s == "" {
		return "en"
	}
	return tag.String()
}

func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
