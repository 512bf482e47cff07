package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// origins decides from which web origins a socket may be opened.
type origins struct {
	store Store
	own   string // of the public URL; empty where the Host header is believed
	keep  time.Duration

	mu    sync.Mutex
	known map[string]bool
	until time.Time
}

func newOrigins(store Store, publicURL string, keep time.Duration) *origins {
	return &origins{store: store, own: normalOrigin(publicURL), keep: keep}
}

// isOwn tells whether an origin is that of this server as the request sees it.
func (o *origins) isOwn(origin string, r *http.Request) bool {
	origin = normalOrigin(origin)
	if origin == "" {
		return false
	}
	if o.own != "" && origin == o.own {
		return true
	}
	_, host, _ := strings.Cut(origin, "://")
	return strings.EqualFold(host, r.Host)
}

// anySite tells whether some site allows the origin. What the sites allow is
// remembered for a while; if it cannot be read again, the old answer stands.
func (o *origins) anySite(ctx context.Context, origin string) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	// The lock is held while reading, so that a crowd of upgrades reads once.
	if time.Now().After(o.until) {
		list, err := o.store.AllOrigins(ctx)
		switch {
		case err == nil:
			o.known = map[string]bool{}
			for _, allowed := range list {
				o.known[normalOrigin(allowed)] = true
			}
		case o.known == nil:
			return false, err
		}
		o.until = time.Now().Add(o.keep)
	}
	return o.known[normalOrigin(origin)], nil
}

// siteAllows tells whether an origin stands on one site's list.
func siteAllows(allowed []string, origin string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		n := normalOrigin(a)
		return n != "" && n == normalOrigin(origin)
	})
}

// normalOrigin is the scheme://host[:port] of an address, in lower case and
// without a port that the scheme implies; empty where there is none, as for the
// origin "null".
func normalOrigin(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + host
}
