package web

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/careloop/careloop/assist"
)

var (
	widgetFiles = fstest.MapFS{
		"widget.js":  {Data: []byte(strings.Repeat("/* loader */", 100))},
		"frame.html": {Data: []byte("<!doctype html><script src=\"/widget/app.js\"></script>")},
		"app.js":     {Data: []byte("app()")},
	}
	shopFiles = fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html>the shop")},
		"de.html":    {Data: []byte("<!doctype html>der Laden")},
		"style.css":  {Data: []byte("body{}")},
		"img/a.svg":  {Data: []byte("<svg/>")},
	}
)

func withFiles(o *Options) { o.Widget, o.Storefront = widgetFiles, shopFiles }

// get asks without following redirects and without transparent compression.
func get(t *testing.T, address string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	client := http.Client{
		Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestPages(t *testing.T) {
	_, address := serve(t, newWorld(), withFiles)
	for _, tc := range []struct {
		path   string
		status int
		kind   string
		holds  string
	}{
		{"/", 200, "text/html", "the shop"},
		{"/de.html", 200, "text/html", "der Laden"},
		{"/img/a.svg", 200, "image/svg+xml", "<svg/>"},
		{"/../secret", 404, "text/html", "This page does not exist"},
		{"/nothing", 404, "text/html", "This page does not exist"},
		{"/widget.js", 200, "text/javascript", "loader"},
		{"/widget/app.js?v=1", 200, "text/javascript", "app()"},
		{"/widget/frame?site=demo", 200, "text/html", "/widget/app.js"},
		{"/widget/frame", 200, "text/html", "/widget/app.js"},
		{"/widget/frame?site=nowhere", 404, "text/html", "[en] unknown_site"},
		{"/widget/frame.html", 404, "text/html", "does not exist"},
		{"/widget/%2e%2e/app.js", 404, "text/html", "does not exist"},
		{"/help", 301, "text/html", ""},
		{"/help/", 200, "text/html", `<a href="/help/returns?lang=en&amp;site=demo">Returns &lt;b&gt;&amp;</a>`},
		{"/help/?list=all", 200, "text/html", `<a href="/help/returns?lang=en&amp;site=demo">Returns &lt;b&gt;&amp;</a>`},
		{"/help/?q=shoes", 200, "text/html", `href="/help/returns?lang=en&amp;site=demo#how-long:~:text=You%20have%2030%20days`},
		{"/help/?q=nothing", 200, "text/html", "Nothing was found"},
		{"/help/?q=%3Cscript%3E&site=demo", 200, "text/html", `value="&lt;script&gt;"`},
		{"/help/?site=nowhere", 404, "text/html", "[en] unknown_site"},
		{"/help/?site=other", 200, "text/html", "There are no articles here yet"},
		{"/help/returns", 200, "text/html", "<strong>30 days</strong>"},
		{"/help/returns?lang=de", 200, "text/html", "Hilfe von Dunnock"},
		{"/help/imprint?lang=de", 302, "", ""},
		{"/help/none", 404, "text/html", "This page does not exist"},
		{"/help/broken", 503, "text/html", "Something went wrong on our side"},
		{"/help/assets/help.css", 200, "text/css", ":root"},
		{"/healthz", 200, "text/plain", "ok"},
		{"/readyz", 200, "text/plain", "ready"},
		{"/metrics", 200, "text/plain", "careloop_sockets 0"},
		{"/v1/openapi.json", 200, "application/openapi+json", `"/v1/conversations/{id}/events"`},
		{"/v1/openapi.yaml", 200, "application/openapi+yaml", "/v1/site"},
		{"/v1/nothing", 404, "application/problem+json", `"code":"not_found"`},
		{"/v1/chat", 400, "", ""},
	} {
		t.Run(tc.path, func(t *testing.T) {
			response, body := get(t, address+tc.path)
			if response.StatusCode != tc.status || !strings.HasPrefix(response.Header.Get("Content-Type"), tc.kind) && tc.status/100 != 3 {
				t.Errorf("%d, %s", response.StatusCode, response.Header.Get("Content-Type"))
			}
			if !strings.Contains(body, tc.holds) {
				t.Errorf("%q is not in %s", tc.holds, body)
			}
			h := response.Header
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Request-Id") == "" || h.Get("Referrer-Policy") == "" {
				t.Errorf("headers %v", h)
			}
			policy := h.Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("policy %q", policy)
			}
			if strings.Contains(body, "on fire") {
				t.Error("the cause of a failure is shown")
			}
		})
	}
}

func TestArticlesAreSafeAndWhole(t *testing.T) {
	_, address := serve(t, newWorld(), nil)
	_, body := get(t, address+"/help/returns")
	for _, absent := range []string{"alert(1)", "javascript:", "onerror", "<b>&"} {
		if strings.Contains(body, absent) {
			t.Errorf("%q is in the page", absent)
		}
	}
	for _, present := range []string{`<h2 id="how-long">How long</h2>`, "<td>30</td>", `href="https://shop.example/x"`, `datetime="2026-01-02"`, `<title>Returns &lt;b&gt;&amp; · Dunnock</title>`, `href="/help/sizes?lang=en&amp;site=demo#wide"`} {
		if !strings.Contains(body, present) {
			t.Errorf("%q is not in the page: %s", present, body)
		}
	}
	if strings.Count(body, "<h1") != 1 {
		t.Error("the title stands there twice")
	}
}

func TestFramePolicyNamesWhoMayEmbed(t *testing.T) {
	w := newWorld()
	w.sites["demo"] = assist.Site{ID: "site-1", AllowedOrigins: []string{
		"https://Demo.example:443/", "http://localhost:3000", "https://x; script-src *", "javascript:alert(1)", "*", "",
	}}
	_, address := serve(t, w, withFiles)
	response, _ := get(t, address+"/widget/frame?site=demo")
	want := "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws" + strings.TrimPrefix(address, "http") +
		"; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://demo.example http://localhost:3000"
	if got := response.Header.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy\n%s, want\n%s", got, want)
	}
	if response.Header.Get("X-Frame-Options") != "" {
		t.Error("X-Frame-Options stands against frame-ancestors")
	}

	_, public := serve(t, w, func(o *Options) { withFiles(o); o.PublicURL = "https://chat.example.com" })
	response, _ = get(t, public+"/widget/frame?site=demo")
	if got := response.Header.Get("Content-Security-Policy"); !strings.Contains(got, "connect-src 'self' wss://chat.example.com;") {
		t.Errorf("policy %s", got)
	}
	if response.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS behind an https address")
	}
}

func TestAssetsAreCachedAndCompressed(t *testing.T) {
	_, address := serve(t, newWorld(), withFiles)
	plain, body := get(t, address+"/widget.js")
	packed, packedBody := get(t, address+"/widget.js", "Accept-Encoding", "br, gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || len(packedBody) >= len(body) {
		t.Errorf("not compressed: %v", packed.Header)
	}
	r, err := gzip.NewReader(strings.NewReader(packedBody))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := io.ReadAll(r); err != nil || string(again) != body {
		t.Errorf("decompressed %q, %v", again, err)
	}
	tags := map[string]string{plain.Header.Get("ETag"): "", packed.Header.Get("ETag"): "gzip"}
	if len(tags) != 2 {
		t.Error("both forms have one tag")
	}
	for tag, encoding := range tags {
		if r, body := get(t, address+"/widget.js", "If-None-Match", `"other", W/`+tag, "Accept-Encoding", encoding); r.StatusCode != 304 || body != "" {
			t.Errorf("%s: %d %q", tag, r.StatusCode, body)
		}
	}
	if r, _ := get(t, address+"/widget.js", "If-None-Match", `"other"`); r.StatusCode != 200 {
		t.Errorf("a stale tag: %d", r.StatusCode)
	}
	if r, _ := get(t, address+"/widget.js", "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
		t.Error("gzip against the reader's wish")
	}
	for path, want := range map[string]string{"/widget.js": cacheLoader, "/widget/app.js": cacheFile, "/widget/app.js?v=1": cacheVersed, "/": "no-cache"} {
		if r, _ := get(t, address+path); r.Header.Get("Cache-Control") != want {
			t.Errorf("%s: %s", path, r.Header.Get("Cache-Control"))
		}
	}
}

func TestREST(t *testing.T) {
	w := newWorld()
	w.answers = true
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	token := c.hello("").VisitorToken
	c.say("c_1", "hello")
	id := c.expectEvent(1).ConversationID
	c.expectEvent(2)
	other := dial(t, address, nil).hello("").VisitorToken

	for _, tc := range []struct {
		name, path, token string
		status            int
		holds             string
	}{
		{"site", "/v1/site?site_key=demo&locale=de-AT", "", 200, `"greeting":"Hallo!"`},
		{"default site", "/v1/site", "", 200, `"max_text":4000`},
		{"unknown site", "/v1/site?site_key=nowhere", "", 404, `"code":"unknown_site"`},
		{"endless site key", "/v1/site?site_key=" + strings.Repeat("x", 101), "", 422, `"status":422`},
		{"events", "/v1/conversations/" + id + "/events", token, 200, `"seq":2`},
		{"events after", "/v1/conversations/" + id + "/events?after_seq=2", token, 200, `"events":[]`},
		{"negative", "/v1/conversations/" + id + "/events?after_seq=-1", token, 422, `"status":422`},
		{"not a number", "/v1/conversations/" + id + "/events?after_seq=x", token, 422, `"status":422`},
		{"no token", "/v1/conversations/" + id + "/events", "", 401, `"code":"bad_token"`},
		{"nonsense token", "/v1/conversations/" + id + "/events", "vt_x", 401, `"code":"bad_token"`},
		{"token for another site", "/v1/conversations/" + id + "/events?site_key=other", token, 401, `"code":"bad_token"`},
		{"another shopper", "/v1/conversations/" + id + "/events", other, 404, `"code":"unknown_conversation"`},
		{"no UUID", "/v1/conversations/x/events", token, 404, `"code":"unknown_conversation"`},
		{"search", "/v1/help/search?q=shoes", "", 200, `"url":"/help/returns?lang=en&site=demo#how-long:~:text=`},
		{"search for nothing", "/v1/help/search", "", 422, `"status":422`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			response, body := get(t, address+tc.path, "Authorization", "Bearer "+tc.token)
			if response.StatusCode != tc.status || !strings.Contains(body, tc.holds) {
				t.Errorf("%d %s", response.StatusCode, body)
			}
			kind := response.Header.Get("Content-Type")
			if want := "application/problem+json"; (tc.status >= 400) != (kind == want) {
				t.Errorf("%s for %d", kind, tc.status)
			}
			if strings.Contains(body, "$schema") {
				t.Error("a link to a schema that is not served")
			}
			if tc.token != "" && tc.status == 200 && response.Header.Get("Cache-Control") != "no-store" {
				t.Error("a shopper's events may be cached")
			}
		})
	}
	_, document := get(t, address+"/v1/openapi.json")
	var spec struct {
		OpenAPI string
		Paths   map[string]any
	}
	if err := json.Unmarshal([]byte(document), &spec); err != nil || len(spec.Paths) != 3 || !strings.HasPrefix(spec.OpenAPI, "3.") {
		t.Errorf("document: %v, %d paths", err, len(spec.Paths))
	}
}

func TestRequestsAreLimitedByAddress(t *testing.T) {
	_, address := serve(t, newWorld(), func(o *Options) {
		o.Limits = Limits{RequestsPerSecond: 1, RequestBurst: 3}
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	from := func(forwarded string) int {
		response, _ := get(t, address+"/v1/site", "X-Forwarded-For", forwarded)
		if response.StatusCode == 429 && response.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		return response.StatusCode
	}
	for range 3 {
		if status := from("198.51.100.7"); status != 200 {
			t.Fatalf("%d", status)
		}
	}
	if status := from("198.51.100.7"); status != 429 {
		t.Errorf("%d", status)
	}
	// The one who lies about what is left of their own address gains nothing.
	if status := from("203.0.113.1, 198.51.100.7"); status != 429 {
		t.Errorf("%d", status)
	}
	if status := from("203.0.113.1"); status != 200 {
		t.Errorf("%d", status)
	}
}

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, tc := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:1", "", "203.0.113.9"},
		{"203.0.113.9:1", "198.51.100.7", "203.0.113.9"}, // not a proxy of ours
		{"10.0.0.1:1", "198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:1", "6.6.6.6, 198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:1", "198.51.100.7, 10.2.2.2", "198.51.100.7"},
		{"10.0.0.1:1", "10.3.3.3, 10.2.2.2", "10.3.3.3"},
		{"10.0.0.1:1", "198.51.100.7, nonsense", "10.0.0.1"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"[::1]:1", "[2001:db8::1]:443", "2001:db8::1"},
		{"[::ffff:10.0.0.1]:1", "198.51.100.7:1234", "198.51.100.7"},
	} {
		r := &http.Request{RemoteAddr: tc.remote, Header: http.Header{}}
		if tc.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tc.forwarded)
		}
		if got := clientAddress(r, trusted).String(); got != tc.want {
			t.Errorf("%s, %q: %s, want %s", tc.remote, tc.forwarded, got, tc.want)
		}
	}
	if a, b := addressKey(netip.MustParseAddr("2001:db8::1")), addressKey(netip.MustParseAddr("2001:db8::ffff:2")); a != b {
		t.Errorf("one network counts as %s and %s", a, b)
	}
}

// heard keeps what is logged.
type heard struct {
	mu  sync.Mutex
	all strings.Builder
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all.String()
}

func TestLogsHoldNoMessagesAndNoTokens(t *testing.T) {
	var log heard
	w := newWorld()
	_, address := serve(t, w, func(o *Options) {
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
		o.Ready = func(context.Context) error { return errors.New("no database") }
	})
	c := dial(t, address, nil)
	token := c.hello("").VisitorToken
	c.say("c_1", "my secret question")
	id := c.expectEvent(1).ConversationID
	w.set(func(w *world) { w.failDesk = errors.New("trouble") })
	c.say("c_2", "my secret question")
	c.expectError(codeUnavailable)
	_, _ = get(t, address+"/v1/conversations/"+id+"/events?after_seq=0&x=confidential", "Authorization", "Bearer "+token)
	if response, body := get(t, address+"/readyz"); response.StatusCode != 503 || strings.Contains(body, "database") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	text := log.String()
	for _, absent := range []string{"secret question", token, "confidential"} {
		if strings.Contains(text, absent) {
			t.Errorf("the log holds %q: %s", absent, text)
		}
	}
	for _, present := range []string{`"request_id":"`, `"route":"/v1/conversations/:id/events"`, `"status":200`, "no database", "trouble"} {
		if !strings.Contains(text, present) {
			t.Errorf("the log lacks %q: %s", present, text)
		}
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	_, address := serve(t, newWorld(), withFiles)
	for path, want := range map[string]int{"/widget.js": 200, "/readyz": 200, "/": 200, "/nothing": 404} {
		response, err := http.Head(address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != want || len(body) != 0 || response.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d, %d bytes", path, response.StatusCode, len(body))
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

type falling struct{ *world }

func (falling) SiteByKey(context.Context, string) (assist.Site, error) { panic("the store fell over") }

func TestPanicsAreAnsweredAndLogged(t *testing.T) {
	var log heard
	w := newWorld()
	_, address := serve(t, w, func(o *Options) {
		o.Store = falling{w}
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	for path, kind := range map[string]string{"/v1/site": "application/problem+json", "/help/": "text/html"} {
		response, body := get(t, address+path)
		if response.StatusCode != 500 || !strings.HasPrefix(response.Header.Get("Content-Type"), kind) || strings.Contains(body, "fell over") {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
	if !strings.Contains(log.String(), "the store fell over") {
		t.Error("the panic is not logged")
	}
}

func TestServeAndShutdown(t *testing.T) {
	w := newWorld()
	s, err := New(Options{Desk: w, Store: w, Signals: w, Phrase: phrase, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Timing: Timing{Spread: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	address := "http://" + l.Addr().String()
	if r, _ := get(t, address+"/readyz"); r.StatusCode != 200 {
		t.Errorf("%d", r.StatusCode)
	}
	// Without articles and a storefront there are no such pages.
	for _, path := range []string{"/help/", "/", "/v1/help/search?q=x"} {
		if r, _ := get(t, address+path); r.StatusCode != 404 {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	s.Drain()
	if r, _ := get(t, address+"/readyz"); r.StatusCode != 503 {
		t.Errorf("%d", r.StatusCode)
	}
	if r, _ := get(t, address+"/healthz"); r.StatusCode != 200 {
		t.Errorf("%d", r.StatusCode)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	w := newWorld()
	if _, err := New(Options{}); err == nil {
		t.Error("a server of nothing")
	}
	if _, err := New(Options{Desk: w, Store: w, Signals: w, Phrase: phrase, PublicURL: "chat.example.com"}); err == nil {
		t.Error("a public URL without a scheme")
	}
}
