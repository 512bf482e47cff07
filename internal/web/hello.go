package web

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/auth"
)

// maxSiteKey is the longest site key that is looked up, in bytes.
const maxSiteKey = 100

// refusal is an error code that ends a hello.
type refusal string

func (r refusal) Error() string { return string(r) }

// greet answers hello: it finds out whose socket this is, and brings the client
// up to date.
func (s *socket) greet(ctx context.Context, h *helloFrame) {
	site, shopper, token, err := s.identify(ctx, h)
	if err == nil && !s.hub.limiter.shopperSockets.hold(shopper.ID, s.hub.Limits.SocketsPerShopper) {
		err = refusal(codeTooManySockets)
	}
	if err != nil {
		s.refuseHello(err)
		return
	}
	se := &session{
		siteID:    site.ID,
		shopperID: shopper.ID,
		locale:    chooseLocale(h.Locale, site.Locale),
		page:      trimPage(h.Page),
		follow:    follow{opening: true},
	}
	s.mu.Lock()
	s.session, s.known = se, true
	s.mu.Unlock()
	// Subscribed before anything is read: what happens meanwhile is kept.
	se.cancel = s.hub.Signals.Subscribe(shopper.ID, s.onSignal)

	conversation, unknown, err := s.resume(ctx, shopper.ID, h.ConversationID)
	if err != nil {
		s.refuseHello(err)
		return
	}
	if unknown {
		s.refuse(codeUnknownConv, "", 0)
	}
	online, err := s.hub.Store.AgentsOnline(ctx, site.ID)
	if err != nil {
		s.refuseHello(err)
		return
	}
	s.mu.Lock()
	if conversation.ID != "" {
		se.adopt(conversation.ID)
		if conversation.ID == h.ConversationID {
			// A client cannot hold what does not exist yet.
			se.held = min(max(h.AfterSeq, 0), conversation.LastSeq)
		}
	}
	behind := se.held < conversation.LastSeq
	se.filling, se.target = behind, conversation.LastSeq
	s.sendLocked(textFrame("welcome", welcomeFrame{
		VisitorToken:   token,
		ConversationID: conversation.ID,
		LastSeq:        conversation.LastSeq,
		Greeting:       byLocale(site.Greeting, se.locale, site.Locale),
		Suggestions:    nonNil(byLocale(site.Suggestions, se.locale, site.Locale)),
		AgentsOnline:   online,
		ReadSeq:        conversation.AgentReadSeq,
		Letters:        s.hub.Letters,
		Limits:         limitsOfWire{MaxText: s.hub.MaxText},
	}))
	s.mu.Unlock()
	if behind && !s.fill() {
		return
	}
	s.goLive()
}

// refuseHello ends a socket that never got going. Where that is not the
// client's fault it is to come back, so it is closed with 1011.
func (s *socket) refuseHello(err error) {
	var r refusal
	if errors.As(err, &r) {
		s.refuse(string(r), "", 0)
	} else {
		s.fail("answer hello", "", err)
	}
	// Does nothing where the refusal has closed the socket already.
	s.close(closeInternal, codeUnavailable)
}

// identify finds the site and the shopper, who may be new; token is set then.
func (s *socket) identify(ctx context.Context, h *helloFrame) (site assist.Site, shopper assist.Shopper, token string, err error) {
	if !plain(h.SiteKey, maxSiteKey) {
		return site, shopper, "", refusal(codeUnknownSite)
	}
	if site, err = s.hub.Store.SiteByKey(ctx, h.SiteKey); err != nil {
		return site, shopper, "", err
	}
	if s.origin != "" && !siteAllows(site.AllowedOrigins, s.origin) {
		return site, shopper, "", refusal(codeOriginNotAllowed)
	}
	wanted := assist.Shopper{SiteID: site.ID}
	if h.Identity != "" {
		id, err := auth.VerifyIdentity(h.Identity, site.IdentitySecret, time.Now)
		if err != nil {
			s.hub.log.Info("socket: identity refused", "site", site.ID, "error", err)
			return site, shopper, "", refusal(codeBadIdentity)
		}
		wanted.ExternalID, wanted.Name, wanted.Email = id.ExternalID, id.Name, id.Email
	}
	if h.VisitorToken != "" {
		shopper, err = s.hub.shopperByToken(ctx, site.ID, h.VisitorToken)
		if err == nil && (wanted.ExternalID == "" || wanted.ExternalID == shopper.ExternalID) {
			return site, shopper, "", nil
		}
		if err == nil && shopper.ExternalID == "" {
			// They chatted before they signed in, in this very browser.
			shopper, err = s.hub.Store.IdentifyShopper(ctx, shopper.ID, wanted)
			return site, shopper, "", err
		}
		// Whoever the shop vouches for needs no token: a stale one, or that of
		// another shopper on the same device, gives way to a new one.
		if err != nil && (wanted.ExternalID == "" || assist.CodeOf(err) != assist.CodeBadToken) {
			return site, shopper, "", err
		}
	}
	if wait := s.hub.limiter.newShopper(s.address, time.Now()); wait > 0 {
		return site, shopper, "", refusal(codeTooManySockets)
	}
	token = auth.NewToken()
	shopper, err = s.hub.Store.CreateShopper(ctx, wanted, auth.Hash(token))
	return site, shopper, token, err
}

// shopperByToken finds a shopper without asking the store about nonsense.
func (h *hub) shopperByToken(ctx context.Context, siteID, token string) (assist.Shopper, error) {
	if !auth.WellFormed(token) {
		return assist.Shopper{}, &assist.Error{Code: assist.CodeBadToken}
	}
	return h.Store.ShopperByToken(ctx, siteID, auth.Hash(token), h.TokenLife)
}

// resume finds the conversation to go on with: the one that is asked for if it
// is the shopper's own, else the latest open one, else none. unknown says that
// the one asked for is not theirs.
func (s *socket) resume(ctx context.Context, shopperID, id string) (c assist.Conversation, unknown bool, err error) {
	if id != "" {
		c, err = s.hub.conversation(ctx, shopperID, id)
		if err == nil {
			return c, false, nil
		}
		if assist.CodeOf(err) != assist.CodeUnknownConversation {
			return assist.Conversation{}, false, err
		}
		unknown = true
	}
	c, err = s.hub.Store.LatestConversation(ctx, shopperID)
	if assist.CodeOf(err) == assist.CodeUnknownConversation {
		return assist.Conversation{}, unknown, nil
	}
	return c, unknown, err
}

// conversation finds one of a shopper's own. Ids are UUIDs; anything else is
// unknown, and not asked for.
func (h *hub) conversation(ctx context.Context, shopperID, id string) (assist.Conversation, error) {
	if uuid.Validate(id) != nil || len(id) != 36 {
		return assist.Conversation{}, &assist.Error{Code: assist.CodeUnknownConversation}
	}
	return h.Store.Conversation(ctx, shopperID, id)
}

// maxLocale is the longest language tag that is read, in bytes.
const maxLocale = 35

// chooseLocale is the shopper's language as a canonical tag, or the site's
// where they sent none that makes sense.
func chooseLocale(shopper, site string) string {
	if shopper == "" || len(shopper) > maxLocale {
		return site
	}
	tag, err := language.Parse(shopper)
	if err != nil || tag == language.Und {
		return site
	}
	return tag.String()
}

// baseLanguage is "de" for "de-AT".
func baseLanguage(locale string) string {
	base, _, _ := strings.Cut(locale, "-")
	return base
}

// plain tells whether a name from outside is short and without control
// characters.
func plain(s string, max int) bool {
	return len(s) <= max && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// cleanText drops control characters and what is longer than max code points.
func cleanText(s string, max int) string {
	out := make([]rune, 0, min(len(s), max))
	for _, r := range s {
		if len(out) == max {
			break
		}
		if r >= ' ' && r != 0x7f {
			out = append(out, r)
		}
	}
	return string(out)
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
