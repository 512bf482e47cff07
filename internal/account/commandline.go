package account

import (
	"context"
	"strings"

	"github.com/careloop/careloop/assist"
)

// Whoever can run a command on the machine may do everything; it is written down
// as done from there.
var commandLine = Actor{Name: "command line"}

// InviteFromCommandLine is Invite for whoever holds the machine.
func (a *Accounts) InviteFromCommandLine(ctx context.Context, i Invitation) (Invitation, string, error) {
	if i.Email != "" && !ValidEmail(i.Email) {
		return Invitation{}, "", &assist.Error{Code: assist.CodeBadEmail}
	}
	return a.invite(ctx, i, commandLine)
}

// FirstAdmin makes the link by which the first admin comes in. It reports false
// where somebody can already sign in as one.
func (a *Accounts) FirstAdmin(ctx context.Context) (token string, needed bool, err error) {
	any, err := a.store.AnyAdmin(ctx)
	if err != nil || any {
		return "", false, err
	}
	_, token, err = a.InviteFromCommandLine(ctx, Invitation{Role: Admin})
	return token, err == nil, err
}

// AddFromCommandLine makes an account with a password, without a link.
// Errors: those of Take.
func (a *Accounts) AddFromCommandLine(ctx context.Context, i Invitation, name, password string) (Person, error) {
	p, err := newPerson(i, name, i.Email, "")
	if err != nil {
		return Person{}, err
	}
	if err := checkPassword(password, p.Email, p.Name); err != nil {
		return Person{}, err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return Person{}, err
	}
	_, token, err := a.InviteFromCommandLine(ctx, i)
	if err != nil {
		return Person{}, err
	}
	return a.store.TakeInvitation(ctx, hashToken(token), p, hash, "", commandLine)
}

// ChangeFromCommandLine changes somebody's rights by address.
// Errors: CodeUnknownAgent, CodeLastAdmin.
func (a *Accounts) ChangeFromCommandLine(ctx context.Context, email string, c Change) (Person, error) {
	p, _, err := a.store.PersonByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return Person{}, err
	}
	return a.store.ChangePerson(ctx, p.ID, c, commandLine)
}

// PeopleFromCommandLine lists everybody.
func (a *Accounts) PeopleFromCommandLine(ctx context.Context) ([]Person, error) {
	return a.store.People(ctx)
}

// ResetFromCommandLine gives somebody a new password and ends their sessions:
// for whoever holds the machine. Errors: CodeUnknownAgent, CodeWeakPassword.
func (a *Accounts) ResetFromCommandLine(ctx context.Context, email, password string) error {
	p, _, err := a.store.PersonByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return err
	}
	if err := checkPassword(password, p.Email, p.Name); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	_, err = a.store.ChangeOwn(ctx, p.ID, Own{PasswordHash: &hash}, "", commandLine)
	return err
}
