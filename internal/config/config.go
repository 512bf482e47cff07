// Package config reads every setting of the server from environment variables.
// One table describes them all; the help and the documentation are made of it.
package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config is everything that can be set.
type Config struct {
	DatabaseURL Secret // it may hold a password; empty: a private cluster
	DataDir     string

	Addr           string
	PublicURL      string
	TrustedProxies []netip.Prefix
	ShutdownTime   time.Duration // for all of the shutdown
	ShutdownSpread time.Duration // over which sockets are closed

	Model           Model
	Embedding       Embedding
	Answer          Answer
	DailyBudget     int64 // millionths of a dollar, for each site
	MessageLimits   MessageLimits
	TokenLimits     TokenLimits
	SocketLimits    SocketLimits
	TokenLife       time.Duration
	OIDC            OIDC
	Mail            Mail
	NATSURL         string
	CrawlAllow      []netip.Prefix
	LogLevel        slog.Level
	LogFormat       string // json or text
	TracingEndpoint string
}

// Model says which chat models write.
type Model struct {
	APIKey    Secret
	BaseURL   string
	Name      string
	Fallbacks []string
	Prices    map[string]Price // by model
}

// Enabled tells whether a model is configured at all. A base URL alone is
// enough: local servers ask for no key.
func (m Model) Enabled() bool { return m.APIKey.IsSet() || m.BaseURL != "" }

// Names lists the models in the order in which they are tried.
func (m Model) Names() []string {
	if !m.Enabled() {
		return nil
	}
	return append([]string{m.Name}, m.Fallbacks...)
}

// Price is what a model costs, in millionths of a dollar per million tokens.
type Price struct{ In, Out int64 }

// Embedding says which model makes vectors; without a name, an embedder inside
// the process does, or none.
type Embedding struct {
	APIKey  Secret
	BaseURL string
	Model   string
}

// OIDC says who vouches for agents and admins, beside passwords.
type OIDC struct {
	Name, Issuer, ClientID string
	ClientSecret           Secret
}

// Enabled tells whether it is configured.
func (o OIDC) Enabled() bool { return o.Issuer != "" }

// Mail says how replies reach shoppers who are away, and theirs come back.
type Mail struct {
	// SMTP and IMAP are addresses that may hold passwords.
	SMTP, IMAP    Secret
	From          string
	ReplyTo       string
	Secret        Secret
	WebhookSecret Secret
	PollEvery     time.Duration
	Wait          time.Duration // from a reply to its letter
}

// Enabled tells whether letters are sent at all.
func (m Mail) Enabled() bool { return m.SMTP.IsSet() }

// Answer bounds a turn.
type Answer struct {
	FirstToken, Stall, Total time.Duration
	MaxTokens                int
	CostCap                  int64 // millionths of a dollar
	Confidence               float64
}

// TokenLimits bound what models may spend on one shopper and one address in an
// hour, in tokens.
type TokenLimits struct {
	PerShopper, PerAddress int
}

// MessageLimits bound what one shopper and one address may send.
type MessageLimits struct {
	PerMinute, Burst, PerHour, AddressPerHour int
}

// SocketLimits bound how many sockets are open at a time.
type SocketLimits struct {
	PerShopper, PerAddress int
}
