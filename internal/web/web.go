// Package web is the server: the sockets of the widget, the pages and assets
// that go with it, and the REST interface. It is the only place that knows
// HTTP.
package web

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/assist/golden"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/assist/insight"
	"github.com/careloop/careloop/assist/settings"
	"github.com/careloop/careloop/retrieval"
)

// Desk takes what shoppers send. Errors are *assist.Error where the shopper can
// do something about them.
type Desk interface {
	// Say takes a message. Errors: CodeBadClientID, CodeEmptyText, CodeTooLong,
	// CodeUnknownConversation.
	Say(ctx context.Context, v assist.Visit, text string) (assist.Accepted, error)
	// AskForPerson takes a wish for a person. Errors: CodeBadClientID,
	// CodeBadEmail, CodeTooLong, CodeUnknownConversation.
	AskForPerson(ctx context.Context, v assist.Visit, email, note string) (assist.Accepted, error)
	// CorrectSummary takes the shopper's words for what the agent is told. Errors:
	// CodeBadClientID, CodeEmptyText, CodeTooLong, CodeNoHandoff,
	// CodeUnknownConversation.
	CorrectSummary(ctx context.Context, v assist.Visit, text string) (assist.Accepted, error)
	// Typing tells agents that the shopper writes.
	Typing(v assist.Visit)
	// Read notes how far the shopper has read. Errors: CodeUnknownConversation.
	Read(ctx context.Context, v assist.Visit, seq int64) error
	// Rate takes a verdict. Errors: CodeBadClientID, CodeBadRating,
	// CodeUnknownConversation.
	Rate(ctx context.Context, v assist.Visit, r assist.Rating) (assist.Accepted, error)
	// Writing is the answer that is being written on this replica right now, if
	// any.
	Writing(conversationID string) (turnID, state, text string, ok bool)
}

// Store is what is read here; see assist.Store for the contracts.
type Store interface {
	SiteByKey(ctx context.Context, key string) (assist.Site, error)
	ShopperByToken(ctx context.Context, siteID string, tokenHash []byte, tokenLife time.Duration) (assist.Shopper, error)
	CreateShopper(ctx context.Context, s assist.Shopper, tokenHash []byte) (assist.Shopper, error)
	IdentifyShopper(ctx context.Context, id string, known assist.Shopper) (assist.Shopper, error)
	Conversation(ctx context.Context, shopperID, id string) (assist.Conversation, error)
	LatestConversation(ctx context.Context, shopperID string) (assist.Conversation, error)
	Events(ctx context.Context, shopperID, conversationID string, after int64, limit int) ([]assist.Event, error)

	// AgentsOnline counts the agents who are there for a site.
	AgentsOnline(ctx context.Context, siteID string) (int, error)
	// AllOrigins lists the web origins that any site allows.
	AllOrigins(ctx context.Context) ([]string, error)
}

// Signals wakes sockets. Neither fn may wait for anything.
type Signals interface {
	Subscribe(shopperID string, fn func(assist.Signal)) (cancel func())
	// SubscribeSite brings every signal of a site, also those for agents alone.
	SubscribeSite(siteID string, fn func(assist.Signal)) (cancel func())
	// OnResync sets what is called when signals may have been lost.
	OnResync(fn func())
}

// Options are what a Server is made of. Desk, Store, Signals and Phrase are
// needed; Articles and Searcher switch the help centre and its search on.
type Options struct {
	Desk     Desk
	Store    Store
	Signals  Signals
	Articles Articles
	Searcher retrieval.Searcher
	// Accounts lets the shop's people in; without it there is no console. OIDC,
	// if set, is a way in beside passwords.
	Accounts Accounts
	OIDC     OIDC
	Version  string
	// Mail takes a raw e-mail that a mail service hands over, under the secret;
	// nil: there is none. A refusal is CodeNotMail.
	Mail       func(ctx context.Context, raw io.Reader) error
	MailSecret string
	// Tell sends a plain e-mail to one of the shop's people; nil: there is no mail.
	Tell func(ctx context.Context, to, subject, text string) error
	// Settings is what admins set for a site; needed with Accounts.
	Settings settings.Keeper
	// Editor is what admins write articles with; needed with Accounts.
	Editor *article.Editor
	// Inbox is what agents work in. Drafts, if set, writes drafts
	// that agents ask for.
	Inbox  *inbox.Desk
	Drafts Drafts
	// Insight tells how a shop does; needed with Accounts.
	Insight *insight.Desk
	// Golden is where admins ask, keep golden questions and replay them; needed with
	// Accounts.
	Golden *golden.Desk
	// Phrase is the sentence for people that goes with an error code.
	Phrase func(locale, code string) string
	// Words is a sentence by its key; needed with Tell.
	Words func(locale, key string) string
	// Ready fails while the server cannot work, for instance without its
	// database.
	Ready func(ctx context.Context) error

	// Widget holds widget.js, frame.html and what the frame loads; Console the
	// agents' pages, as index.html and what it loads. Storefront, if set, is
	// served at the root.
	Widget     fs.FS
	Console    fs.FS
	Storefront fs.FS

	// PublicURL is where shoppers reach this server, scheme://host[:port]; where
	// it is empty, the request's Host is believed.
	PublicURL string
	// TrustedProxies may name the shopper's address in X-Forwarded-For.
	TrustedProxies []netip.Prefix
	// TokenLife is how long a visitor token lives without being seen; 0 means
	// 180 days.
	TokenLife time.Duration
	// Letters says that replies can reach shoppers by e-mail; without it widgets
	// ask for no address.
	Letters bool
	// MaxText is what the widget is told of the Desk's limit, in code points; 0
	// means 4,000.
	MaxText int

	Limits  Limits
	Timing  Timing
	Metrics *Metrics
	Logger  *slog.Logger
}

// Timing holds the waits of a socket and of the shutdown; each 0 means its
// default.
type Timing struct {
	Hello    time.Duration // until the first frame; 10 s
	Frame    time.Duration // for the rest of a frame once it began; 10 s
	Ping     time.Duration // between pings; 30 s; silence of 2.5 times that is death
	Write    time.Duration // for one frame to leave; 10 s
	Linger   time.Duration // for the other side to answer a close; 1 s
	Accept   time.Duration // for the desk and the store to answer a frame; 15 s
	Spread   time.Duration // over which a shutdown closes the sockets; 5 s
	Renew    time.Duration // between signs that a console is open still; 15 s
	Sessions time.Duration // between looks whether a console's session is over; 5 s
	Origins  time.Duration // for which the sites' origins are remembered; 10 s
	ReadHead time.Duration // for an HTTP request's head; 10 s
	Idle     time.Duration // of a kept-alive HTTP connection; 2 min
}

func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, standard time.Duration) {
		if *d == 0 {
			*d = standard
		}
	}
	set(&t.Hello, 10*time.Second)
	set(&t.Frame, 10*time.Second)
	set(&t.Ping, 30*time.Second)
	set(&t.Write, 10*time.Second)
	set(&t.Linger, time.Second)
	set(&t.Accept, 15*time.Second)
	set(&t.Spread, 5*time.Second)
	set(&t.Renew, 15*time.Second)
	set(&t.Sessions, 5*time.Second)
	set(&t.Origins, 10*time.Second)
	set(&t.ReadHead, 10*time.Second)
	set(&t.Idle, 2*time.Minute)
	return t
}
