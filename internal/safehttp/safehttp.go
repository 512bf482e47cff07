// Package safehttp is an HTTP client for addresses that come from outside. It
// reaches hosts on the public internet only: every address is checked when the
// connection is made, after the name was resolved, so that neither a redirect
// nor a name that changes its mind leads into the private network.
package safehttp

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Options of New. The zero value is the strict default.
type Options struct {
	// Allow lists address blocks that may be reached although they are not public,
	// an intranet's help centre for example.
	Allow []netip.Prefix
	// Ports that may be reached; empty means 80, 443, 8080 and 8443.
	Ports []int
	// MaxRedirects bounds how many redirects are followed; 0 means 5, below 0 none.
	MaxRedirects int
	// MaxBytes bounds a response's body, after unpacking; 0 means 64 MB.
	MaxBytes int64
	// MaxHeaderBytes bounds a response's header; 0 means 64 KB.
	MaxHeaderBytes int64
	// Timeout bounds a request from the connection to the last byte of the body;
	// 0 means 60 s.
	Timeout time.Duration
	// Resolver looks names up; nil means the system's.
	Resolver *net.Resolver
}

// ErrTooManyRedirects says that a page leads on and on.
var ErrTooManyRedirects = errors.New("too many redirects")

// TooLarge is the error of reading a body beyond its limit.
type TooLarge struct{ Limit int64 }

// Error gives a plain sentence.
func (e *TooLarge) Error() string {
	return fmt.Sprintf("the response is larger than %d bytes", e.Limit)
}

// BadURL is the error for a URL that the client does not go to.
type BadURL struct{ Why string }

// Error gives a plain sentence.
func (e *BadURL) Error() string { return "refused: " + e.Why }

// New returns a client that refuses what Check refuses (a *Refused inside the
// client's *url.Error), uses no proxy, keeps no cookies, and bounds redirects,
// time and size. Its bodies are unpacked already.
func New(o Options) *http.Client {
	if len(o.Ports) == 0 {
		o.Ports = []int{80, 443, 8080, 8443}
	}
	if o.MaxRedirects == 0 {
		o.MaxRedirects = 5
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.MaxHeaderBytes == 0 {
		o.MaxHeaderBytes = 64 << 10
	}
	if o.Timeout == 0 {
		o.Timeout = 60 * time.Second
	}
	g := &guard{o}
	dialer := &net.Dialer{
		Timeout:        10 * time.Second,
		KeepAlive:      30 * time.Second,
		Resolver:       o.Resolver,
		ControlContext: g.control,
	}
	transport := &http.Transport{
		// A proxy would connect on our behalf, past the guard.
		Proxy:                  nil,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  o.Timeout,
		MaxResponseHeaderBytes: o.MaxHeaderBytes,
		MaxIdleConns:           20,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		DisableCompression:     true, // bounded unpacking is done below
	}
	return &http.Client{
		Transport:     &bounded{next: transport, guard: g},
		CheckRedirect: g.redirect,
		Timeout:       o.Timeout,
	}
}

type guard struct{ Options }

// control sees the address that is about to be connected to.
func (g *guard) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return &BadURL{"the network " + network + " is not TCP"}
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return &BadURL{"the address cannot be read"}
	}
	return g.checkAddrPort(at)
}

func (g *guard) checkAddrPort(at netip.AddrPort) error {
	if !slices.Contains(g.Ports, int(at.Port())) {
		return &BadURL{fmt.Sprintf("port %d is not one that web pages are on", at.Port())}
	}
	plain := at.Addr().WithZone("").Unmap()
	for _, p := range g.Allow {
		if p.Contains(plain) {
			return nil
		}
	}
	return Check(at.Addr())
}

// checkURL refuses, before anything is resolved, what no address could make
// right.
func (g *guard) checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return &BadURL{fmt.Sprintf("the scheme %q is not http or https", u.Scheme)}
	}
	host := u.Hostname()
	if host == "" {
		return &BadURL{"the URL has no host"}
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if n, err := strconv.Atoi(port); err != nil || !slices.Contains(g.Ports, n) {
		return &BadURL{fmt.Sprintf("port %s is not one that web pages are on", port)}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil // checked when it is dialled
	}
	if looksNumeric(host) {
		return &BadURL{fmt.Sprintf("%q is an address in disguise", host)}
	}
	return nil
}

// looksNumeric tells hosts such as 0x7f000001, 2130706433, 0177.0.0.1 or 127.1,
// which some resolvers read as addresses: their last label is a number, and no
// top-level domain is.
func looksNumeric(host string) bool {
	host = strings.TrimSuffix(host, ".")
	label := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	if hex, found := strings.CutPrefix(label, "0x"); found {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return label != "" && strings.Trim(label, "0123456789") == ""
}

func (g *guard) redirect(req *http.Request, via []*http.Request) error {
	if g.MaxRedirects < 0 {
		return http.ErrUseLastResponse
	}
	if len(via) > g.MaxRedirects {
		return ErrTooManyRedirects
	}
	first := via[0]
	hasSecrets := first.URL.User != nil || first.Header.Get("Authorization") != "" || first.Header.Get("Cookie") != ""
	if hasSecrets && req.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https" {
		return &BadURL{"the redirect leads from https to http with credentials"}
	}
	return g.checkURL(req.URL)
}

// bounded checks each request, those of redirects too, and bounds and unpacks
// each body.
type bounded struct {
	next  *http.Transport
	guard *guard
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the transport.
func (b *bounded) CloseIdleConnections() { b.next.CloseIdleConnections() }

// RoundTrip implements http.RoundTripper.
func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := b.guard.checkURL(req.URL); err != nil {
		return nil, err
	}
	unpack := req.Header.Get("Accept-Encoding") == "" && req.Header.Get("Range") == ""
	if unpack {
		req = req.Clone(req.Context())
		req.Header.Set("Accept-Encoding", "gzip")
	}
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body := &limitedBody{raw: res.Body, from: res.Body, left: b.guard.MaxBytes, limit: b.guard.MaxBytes}
	if unpack && strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") {
		res.Header.Del("Content-Encoding")
		res.Header.Del("Content-Length")
		res.ContentLength = -1
		res.Uncompressed = true
		body.from = &lazyGzip{raw: res.Body}
	} else if res.ContentLength > b.guard.MaxBytes {
		res.Body.Close()
		return nil, &TooLarge{b.guard.MaxBytes}
	}
	res.Body = body
	return res, nil
}

// limitedBody gives a *TooLarge where the body goes on beyond its limit.
type limitedBody struct {
	raw   io.Closer
	from  io.Reader
	left  int64
	limit int64
}

func (l *limitedBody) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, &TooLarge{l.limit}
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.from.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return n - 1, &TooLarge{l.limit}
	}
	return n, err
}

func (l *limitedBody) Close() error { return l.raw.Close() }

// lazyGzip reads the packed body's header at the first Read, so that a response
// without a body is no error.
type lazyGzip struct {
	raw io.Reader
	zip *gzip.Reader
	err error
}

func (l *lazyGzip) Read(p []byte) (int, error) {
	if l.zip == nil && l.err == nil {
		l.zip, l.err = gzip.NewReader(l.raw)
	}
	if l.err != nil {
		return 0, l.err
	}
	return l.zip.Read(p)
}
