package safehttp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// port is the port that a test's server listens on.
func port(t *testing.T, address string) int {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if _, err := fmt.Sscan(u.Port(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func serve(t *testing.T, h http.HandlerFunc) (address string, allowing Options) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, Options{Allow: loopback, Ports: []int{port(t, server.URL)}, Timeout: 20 * time.Second}
}

func get(t *testing.T, c *http.Client, address string) (string, error) {
	t.Helper()
	defer c.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	res, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func TestAllowedAddressIsReached(t *testing.T) {
	address, o := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") })
	if body, err := get(t, New(o), address); err != nil || body != "hello" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestLoopbackIsRefusedByDefault(t *testing.T) {
	address, o := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the server was reached") })
	o.Allow = nil
	p := o.Ports[0]
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]", "127.0.0.2", "0.0.0.0", "[::]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"} {
		_, err := get(t, New(o), fmt.Sprintf("http://%s:%d/", host, p))
		var r *Refused
		if !errors.As(err, &r) {
			t.Errorf("%s: %v", host, err)
		}
	}
	_, err := get(t, New(o), address)
	if err == nil || !strings.Contains(err.Error(), "refused: 127.0.0.1 is a loopback address") {
		t.Errorf("%v", err)
	}
}

func TestURLsAreRefusedBeforeTheyAreResolved(t *testing.T) {
	o := Options{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a name was looked up")
		return nil, errors.New("no")
	}}}
	for address, why := range map[string]string{
		"ftp://example.com/":         "is not http or https",
		"file:///etc/passwd":         "is not http or https",
		"gopher://example.com:80/":   "is not http or https",
		"http:///x":                  "no host",
		"http://example.com:22/":     "port 22",
		"http://example.com:6379/":   "port 6379",
		"https://example.com:80443/": "port 80443",
		"http://2130706433/":         "an address in disguise",
		"http://0x7f000001/":         "an address in disguise",
		"http://0X7F.1/":             "an address in disguise",
		"http://0177.0.0.1/":         "an address in disguise",
		"http://127.1/":              "an address in disguise",
		"http://127.0.0.1./":         "an address in disguise",
		"http://0x7f.0.0.0x1/":       "an address in disguise",
		"http://example.com.0x/":     "an address in disguise",
	} {
		_, err := get(t, New(o), address)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", address, err, why)
		}
	}
}

// names is a DNS server that gives each name its addresses in turn, the last
// for ever.
func names(t *testing.T, answers map[string][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	asked := map[string]int{}
	var running sync.WaitGroup
	running.Go(func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Header.Response, m.Header.Authoritative = true, true
			m.Additionals = nil
			name := strings.TrimSuffix(q.Name.String(), ".")
			list := answers[name]
			header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
			mu.Lock()
			if len(list) > 0 {
				addr := netip.MustParseAddr(list[min(asked[name], len(list)-1)])
				switch {
				case q.Type == dnsmessage.TypeA && addr.Is4():
					asked[name]++
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: addr.As4()}})
				case q.Type == dnsmessage.TypeAAAA && addr.Is6():
					asked[name]++
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
				}
			} else {
				m.Header.RCode = dnsmessage.RCodeNameError
			}
			mu.Unlock()
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	})
	t.Cleanup(func() {
		conn.Close()
		running.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestNamesOfPrivateAddressesAreRefused(t *testing.T) {
	resolver := names(t, map[string][]string{
		"loop.test":   {"127.0.0.1"},
		"ten.test":    {"10.0.0.1"},
		"meta.test":   {"169.254.169.254"},
		"mapped.test": {"::ffff:127.0.0.1"},
		"nat64.test":  {"64:ff9b::a00:1"},
		"ula.test":    {"fd00::1"},
	})
	for name, why := range map[string]string{
		"loop.test": "127.0.0.1 is a loopback", "ten.test": "10.0.0.1 is a private", "meta.test": "a cloud metadata",
		"mapped.test": "a loopback address", "nat64.test": "a way to 10.0.0.1", "ula.test": "a private address",
	} {
		_, err := get(t, New(Options{Resolver: resolver}), "http://"+name+"/")
		var r *Refused
		if !errors.As(err, &r) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestANameThatChangesItsMindIsRefused(t *testing.T) {
	address, o := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "reached") })
	o.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	o.Resolver = names(t, map[string][]string{"rebinding.test": {"127.0.0.1", "127.0.0.2"}})
	target := fmt.Sprintf("http://rebinding.test:%d/", port(t, address))
	c := New(o)
	if body, err := get(t, c, target); err != nil || body != "reached" {
		t.Fatalf("%q, %v", body, err)
	}
	_, err := get(t, c, target)
	var r *Refused
	if !errors.As(err, &r) || r.Addr != netip.MustParseAddr("127.0.0.2") {
		t.Errorf("%v", err)
	}
}

func TestRedirectsAreChecked(t *testing.T) {
	var to string
	address, o := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	o.Ports = append(o.Ports, 80)
	for _, c := range []struct{ to, want string }{
		{"http://10.0.0.1/", "refused: 10.0.0.1 is a private address"},
		{"http://[::ffff:169.254.169.254]/latest/meta-data", "a cloud metadata address"},
		{"file:///etc/passwd", "not http or https"},
		{"http://0x7f000001/", "an address in disguise"},
		{"http://127.0.0.1:22/", "port 22"},
		{address, "too many redirects"},
	} {
		to = c.to
		if _, err := get(t, New(o), address); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("to %s: %v, want %q", c.to, err, c.want)
		}
	}
	to = address
	o.MaxRedirects = -1
	if _, err := get(t, New(o), address); err != nil {
		t.Errorf("redirects that are not followed: %v", err)
	}
}

func TestRedirectsAreCounted(t *testing.T) {
	address, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		if fmt.Sscanf(r.URL.Path, "/%d", &n); n > 0 {
			http.Redirect(w, r, fmt.Sprintf("/%d", n-1), http.StatusFound)
		}
	})
	o.MaxRedirects = 3
	if _, err := get(t, New(o), address+"/3"); err != nil {
		t.Error(err)
	}
	if _, err := get(t, New(o), address+"/4"); !errors.Is(err, ErrTooManyRedirects) {
		t.Errorf("%v", err)
	}
}

func TestCredentialsAreNotCarriedDown(t *testing.T) {
	g := &guard{Options{Ports: []int{80, 443}, MaxRedirects: 5}}
	request := func(address, auth string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		if auth != "" {
			r.Header.Set("Authorization", auth)
		}
		return r
	}
	if err := g.redirect(request("http://a.example/", ""), []*http.Request{request("https://a.example/", "Bearer x")}); err == nil {
		t.Error("credentials may go from https to http")
	}
	if err := g.redirect(request("http://a.example/", ""), []*http.Request{request("https://a.example/", "")}); err != nil {
		t.Error(err)
	}
}

func TestNoProxyIsUsed(t *testing.T) {
	proxy, _ := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") })
	t.Setenv("HTTP_PROXY", proxy)
	t.Setenv("http_proxy", proxy)
	if _, err := get(t, New(Options{}), "http://10.0.0.1/"); err == nil || !strings.Contains(err.Error(), "a private address") {
		t.Errorf("%v", err)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	if _, err := io.CopyN(zip, zeros{}, 20<<20); err != nil {
		t.Fatal(err)
	}
	zip.Close()
	address, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/exact":
			_, _ = w.Write(make([]byte, 1000))
		case "/declared":
			_, _ = w.Write(make([]byte, 1001))
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 500)); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			fmt.Fprint(z, "hello")
			z.Close()
		case "/not-packed":
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, "hello")
		case "/headers":
			for i := range 1000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 100))
			}
		}
	})
	o.MaxBytes = 1000
	c := New(o)
	if body, err := get(t, c, address+"/exact"); err != nil || len(body) != 1000 {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	for _, path := range []string{"/declared", "/endless", "/bomb"} {
		body, err := get(t, c, address+path)
		var large *TooLarge
		if !errors.As(err, &large) || large.Limit != 1000 || len(body) > 1000 {
			t.Errorf("%s: %d bytes, %v", path, len(body), err)
		}
	}
	if body, err := get(t, c, address+"/packed"); err != nil || body != "hello" {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := get(t, c, address+"/not-packed"); !errors.Is(err, gzip.ErrHeader) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	if _, err := get(t, c, address+"/headers"); err == nil {
		t.Error("a header of 100 KB is read")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTimeIsBounded(t *testing.T) {
	release := make(chan struct{})
	address, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
		}
		<-release
	})
	defer close(release)
	o.Timeout = 50 * time.Millisecond
	for _, path := range []string{"/", "/body"} {
		_, err := get(t, New(o), address+path)
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %v", path, err)
		}
	}
}
