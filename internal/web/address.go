package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// clientAddress is where a request came from. X-Forwarded-For is read from
// right to left, as long as the one who wrote the entry is a trusted proxy:
// what stands further left was written by somebody who may lie.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer := parseAddress(r.RemoteAddr)
	entries := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(entries) - 1; i >= 0 && isTrusted(peer, trusted); i-- {
		next := parseAddress(strings.TrimSpace(entries[i]))
		if !next.IsValid() {
			break
		}
		peer = next
	}
	return peer
}

// fromTrustedProxy tells whether the other end of the connection may speak for
// others.
func fromTrustedProxy(r *http.Request, trusted []netip.Prefix) bool {
	return isTrusted(parseAddress(r.RemoteAddr), trusted)
}

func isTrusted(a netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func parseAddress(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}
