// Package account knows the shop's people: agents and admins, how they sign in,
// who invited them, and what they may do. Shoppers are no accounts; see
// internal/auth.
package account

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist"
)

// Role says what a person may do.
type Role string

// Roles. An admin may do what an agent may, on every site, and changes rights
// and settings.
const (
	Agent Role = "agent"
	Admin Role = "admin"
)

// Codes of refusals; their sentences are phrases like those of the wire.
const (
	CodeSignedOut         assist.Code = "signed_out"
	CodeWrongCredentials  assist.Code = "wrong_credentials"
	CodeTooManyTries      assist.Code = "too_many_tries"
	CodeNotAllowed        assist.Code = "not_allowed"
	CodeUnknownInvitation assist.Code = "unknown_invitation"
	CodeUnknownAgent      assist.Code = "unknown_agent"
	CodeUnknownSession    assist.Code = "unknown_session"
	CodeWeakPassword      assist.Code = "weak_password"
	CodeBadName           assist.Code = "bad_name"
	CodeBadSetting        assist.Code = "bad_setting"
	CodeEmailTaken        assist.Code = "email_taken"
	CodeLastAdmin         assist.Code = "last_admin"
	CodeNoAccount         assist.Code = "no_account"
	CodeSignInFailed      assist.Code = "sign_in_failed"
)

// Person is an agent or an admin.
type Person struct {
	ID          string
	Email       string
	Name        string
	Role        Role
	Locale      string
	Preferences Preferences
	Presence    Presence
	// Online says that a console of theirs is open and they are not away.
	Online   bool
	Capacity int
	Disabled bool
	// HasPassword is false for those who sign in by OpenID Connect alone.
	HasPassword bool
	// SiteKeys are the sites that an agent answers for; an admin has them all.
	SiteKeys  []string
	CreatedAt time.Time
}

// Presence is what a person says of themselves.
type Presence string

// Presences.
const (
	Online Presence = "online"
	Away   Presence = "away"
)

// Preferences are a person's own; the zero value is what they begin with.
type Preferences struct {
	// Mute turns the sound off, Quiet the browser's notifications.
	Mute  bool `json:"mute,omitempty"`
	Quiet bool `json:"quiet,omitempty"`
	// NoSingleKeys turns shortcuts of a single letter off (WCAG 2.1.4).
	NoSingleKeys bool `json:"no_single_keys,omitempty"`
	// Theme is light, dark or, empty, the system's.
	Theme string `json:"theme,omitempty"`
}

// Session is one browser that is signed in.
type Session struct {
	ID        string
	PersonID  string
	UserAgent string
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// Invitation is a way in, good once.
type Invitation struct {
	ID        string
	Email     string // empty: whoever holds the link says
	Name      string
	Role      Role
	SiteKeys  []string
	InvitedBy string // a name; empty: the command line
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
	RevokedAt *time.Time
}

// Entry is one line of the audit log.
type Entry struct {
	ID      int64
	At      time.Time
	SiteKey string
	Actor   string
	Action  string
	Subject string
	Details map[string]any
	Address string
}

// Actor is who does something that is written down: a person, or (empty ID) the
// command line.
type Actor struct {
	ID, Name, Address string
}

// Change is what of a person an admin changes; nil leaves it.
type Change struct {
	Name     *string
	Role     *Role
	SiteKeys *[]string
	Capacity *int
	Disabled *bool
}

// Own is what a person changes of themselves; nil leaves it.
type Own struct {
	Name         *string
	Locale       *string
	Preferences  *Preferences
	PasswordHash *string
}

// Store keeps accounts. Each method is one transaction; whoever changes rights
// writes the audit entry in the same one. Errors are *assist.Error with a code
// where one is named.
type Store interface {
	// PersonByEmail finds an account by its address, whatever its case, with the
	// hash of its password. Errors: CodeUnknownAgent.
	PersonByEmail(ctx context.Context, email string) (Person, string, error)
	// PersonBySubject finds the account that an OpenID Connect subject was tied
	// to. Errors: CodeUnknownAgent.
	PersonBySubject(ctx context.Context, subject string) (Person, error)
	// TieSubject ties a subject to the account of a verified address.
	// Errors: CodeUnknownAgent where there is none, or another subject has it.
	TieSubject(ctx context.Context, email, subject string) (Person, error)
	// People lists everybody, by name.
	People(ctx context.Context) ([]Person, error)
	// ChangePerson changes rights. The last admin who can sign in stays one;
	// disabling ends all sessions.
	// Errors: CodeUnknownAgent, CodeLastAdmin, assist.CodeUnknownSite.
	ChangePerson(ctx context.Context, id string, c Change, by Actor) (Person, error)
	// ChangeOwn changes what is a person's own; a new password ends every
	// session but keep. Errors: CodeUnknownAgent.
	ChangeOwn(ctx context.Context, id string, o Own, keep string, by Actor) (Person, error)
	// PasswordHash reads the hash of somebody's password, empty for none.
	// Errors: CodeUnknownAgent.
	PasswordHash(ctx context.Context, id string) (string, error)

	// StartSession stores a session and writes the sign-in down.
	StartSession(ctx context.Context, s Session, tokenHash []byte, by Actor) error
	// PersonBySession finds who a session belongs to, and notes the visit (once a
	// minute at most). Errors: CodeSignedOut where it is unknown or over, not
	// seen for idle, or the person disabled.
	PersonBySession(ctx context.Context, tokenHash []byte, idle time.Duration) (Person, Session, error)
	// Sessions lists a person's, the newest visit first.
	Sessions(ctx context.Context, personID string) ([]Session, error)
	// EndedSessions tells which of these sessions are over, not seen for idle, or
	// of somebody who is disabled.
	EndedSessions(ctx context.Context, ids []string, idle time.Duration) ([]string, error)
	// EndSession ends one of a person's. Errors: CodeUnknownSession.
	EndSession(ctx context.Context, personID, id string) error

	// Invite stores an invitation; an open one for the same address is revoked.
	// Errors: CodeEmailTaken, assist.CodeUnknownSite.
	Invite(ctx context.Context, i Invitation, tokenHash []byte, by Actor) (Invitation, error)
	// Invitations lists the newest, at most limit.
	Invitations(ctx context.Context, limit int) ([]Invitation, error)
	// Revoke ends an open invitation. Errors: CodeUnknownInvitation.
	Revoke(ctx context.Context, id string, by Actor) error
	// InvitationByToken finds one that can still be taken.
	// Errors: CodeUnknownInvitation.
	InvitationByToken(ctx context.Context, tokenHash []byte) (Invitation, error)
	// TakeInvitation makes the account and uses the invitation up, both or
	// neither. Errors: CodeUnknownInvitation, CodeEmailTaken.
	TakeInvitation(ctx context.Context, tokenHash []byte, p Person, passwordHash, subject string, by Actor) (Person, error)
	// AnyAdmin reports whether somebody can sign in as an admin.
	AnyAdmin(ctx context.Context) (bool, error)

	// BlockedFor says how long a key may not try; 0: it may.
	BlockedFor(ctx context.Context, keys []string) (time.Duration, error)
	// CountFailure counts one for each key and blocks those over their limit:
	// twice as long with each failure more, up to most.
	CountFailure(ctx context.Context, keys []string, limit int, window, block, most time.Duration) error
	// ForgetFailures clears a key after a success.
	ForgetFailures(ctx context.Context, key string) error

	// Audit writes one line down; siteID may be empty.
	Audit(ctx context.Context, siteID string, by Actor, action, subject string, details map[string]any) error
	// AuditLog lists entries below before (0: the newest), at most limit.
	AuditLog(ctx context.Context, before int64, limit int) ([]Entry, error)
}
