package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html/charset"

	"github.com/careloop/careloop/retrieval"
)

// How the crawler treats the host that it reads.
const (
	atOnce         = 2 // requests
	defaultDelay   = 250 * time.Millisecond
	defaultTimeout = 20 * time.Second
	maxCrawlDelay  = 10 * time.Second
	attempts       = 3 // at a page whose host says it is busy
	busyWait       = 5 * time.Second
	maxRetryAfter  = 60 * time.Second
)

// crawler fetches the pages of one host.
type crawler struct {
	client  *http.Client
	host    string
	timeout time.Duration
	robots  robots
	gate    gate
	sleep   func(context.Context, time.Duration) error

	// links takes the address and the HTML of each page, where links are followed.
	links func(at *url.URL, page []byte)

	mu   sync.Mutex
	seen map[string]bool // pages given out, by the address they call their own
}

func newCrawler(o Options, host string) *crawler {
	c := &crawler{client: o.Client, host: host, timeout: o.PageTimeout, sleep: sleep, seen: map[string]bool{}}
	if o.sleep != nil {
		c.sleep = o.sleep
	}
	if c.timeout == 0 {
		c.timeout = defaultTimeout
	}
	c.gate.interval = o.Delay
	if c.gate.interval == 0 {
		c.gate.interval = defaultDelay
	}
	return c
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gate spaces the requests to a host.
type gate struct {
	mu       sync.Mutex
	interval time.Duration
	next     time.Time
}

// take reserves the next moment for a request and returns how long it is until
// then.
func (g *gate) take() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.next.Before(now) {
		g.next = now
	}
	wait := g.next.Sub(now)
	g.next = g.next.Add(g.interval)
	return wait
}

// hold keeps all requests back for a time.
func (g *gate) hold(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.next) {
		g.next = until
	}
}

// answer is a response, read.
type answer struct {
	status int
	url    *url.URL // after redirects
	header http.Header
	body   []byte
}

var errPageTooLarge = errors.New("it is too large")

// get fetches once, after waiting for its turn. The error is for people; beside
// errPageTooLarge comes the beginning of what is too large.
func (c *crawler) get(ctx context.Context, address string, limit int64) (answer, error) {
	if err := c.sleep(ctx, c.gate.take()); err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, errors.New("the address is not valid")
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.1")
	res, err := c.client.Do(req)
	if err != nil {
		return answer{}, fetchError(ctx, address, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return answer{}, fetchError(ctx, address, err)
	}
	if int64(len(body)) > limit {
		return answer{res.StatusCode, res.Request.URL, res.Header, body}, errPageTooLarge
	}
	return answer{res.StatusCode, res.Request.URL, res.Header, body}, nil
}

// refusal is the error of a client that does not go to internal addresses.
type refusal interface {
	error
	Internal() bool
}

// fetchError says in plain words why a request to an address failed.
func fetchError(ctx context.Context, address string, err error) error {
	var ue *url.Error
	led := false
	if errors.As(err, &ue) {
		led = ue.URL != address
		err = ue.Err
	}
	if no := refusal(nil); errors.As(err, &no) && no.Internal() {
		if led {
			return errors.New("this page led to an internal address, so it was not read")
		}
		return errors.New("this is an internal address, so it was not read; only pages on the public internet are")
	}
	if errors.Is(err, context.DeadlineExceeded) || ctx.Err() == context.DeadlineExceeded {
		return errors.New("it did not answer in time")
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return fmt.Errorf("there is no host %s", dns.Name)
	}
	var op *net.OpError // "dial tcp …" says nothing to a reader
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("it cannot be fetched: %w", err)
}

// getPatiently fetches, and where the host says that it is busy waits as long as
// it asks (within bounds) and tries again.
func (c *crawler) getPatiently(ctx context.Context, address string, limit int64) (answer, error) {
	for attempt := 1; ; attempt++ {
		a, err := c.get(ctx, address, limit)
		busy := err == nil && (a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable)
		if !busy || attempt == attempts {
			return a, err
		}
		c.gate.hold(retryAfter(a.header.Get("Retry-After"), attempt))
	}
}

// retryAfter reads the header, in seconds or as a date.
func retryAfter(header string, attempt int) time.Duration {
	wait := busyWait * time.Duration(attempt)
	if s, err := strconv.Atoi(strings.TrimSpace(header)); err == nil && s >= 0 {
		wait = min(time.Duration(min(s, 3600))*time.Second, maxRetryAfter)
	} else if at, err := http.ParseTime(header); err == nil {
		wait = max(time.Until(at), 0)
	}
	return min(wait, maxRetryAfter)
}

// readRobots fetches the host's robots.txt. It returns an error where it cannot
// be known what the host permits: then nothing is fetched.
func (c *crawler) readRobots(ctx context.Context, at *url.URL) error {
	address := (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/robots.txt"}).String()
	a, err := c.getPatiently(ctx, address, maxSitemap)
	switch {
	case err != nil:
		return fmt.Errorf("%s tells what may be read: %w", address, err)
	case a.status >= 500 || a.status == http.StatusTooManyRequests:
		return fmt.Errorf("%s tells what may be read, and answers %d", address, a.status)
	case a.status >= 200 && a.status < 300:
		c.robots = parseRobots(string(a.body[:min(len(a.body), maxRobots)]))
		if d := min(c.robots.delay, maxCrawlDelay); d > c.gate.interval {
			c.gate.interval = d
		}
	}
	return nil
}

// page fetches a page as an article. ok is false where there is nothing to say
// about it: another address has given it already.
func (c *crawler) page(ctx context.Context, address string) (item retrieval.Item, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || !isWebURL(address) {
		return gone(address, "this is not the address of a web page"), true
	}
	if !strings.EqualFold(u.Host, c.host) {
		return gone(address, "it is on another host than "+c.host), true
	}
	u.Fragment = ""
	address = u.String()
	if !c.robots.allows(u.RequestURI()) {
		return gone(address, "robots.txt does not permit reading it"), true
	}
	a, err := c.getPatiently(ctx, address, maxFile)
	switch {
	case errors.Is(err, errPageTooLarge):
		return gone(address, fmt.Sprintf("the page is larger than %d MB", maxFile>>20)), true
	case err != nil:
		return problem("", address, 0, "%s", err), true
	case a.status == http.StatusNotFound || a.status == http.StatusGone:
		return gone(address, fmt.Sprintf("there is no such page (%d)", a.status)), true
	case a.status != http.StatusOK:
		return problem("", address, 0, "the host answers %d %s", a.status, http.StatusText(a.status)), true
	case !strings.EqualFold(a.url.Host, c.host):
		return gone(address, "it leads to another host, "+a.url.Host), true
	case !c.robots.allows(a.url.RequestURI()):
		return gone(address, "it leads to a page that robots.txt does not permit to read"), true
	}
	return c.article(address, a)
}

func (c *crawler) article(address string, a answer) (retrieval.Item, bool) {
	contentType := a.header.Get("Content-Type")
	kind, _, _ := mime.ParseMediaType(contentType)
	if kind == "" {
		kind, _, _ = mime.ParseMediaType(http.DetectContentType(a.body))
	}
	if kind != "text/html" && kind != "application/xhtml+xml" {
		return gone(address, fmt.Sprintf("it is %s, not an HTML page", clip(kind))), true
	}
	encoding, _, _ := charset.DetermineEncoding(a.body, contentType)
	utf8, err := encoding.NewDecoder().Bytes(a.body)
	if err != nil {
		return gone(address, "its character encoding cannot be read"), true
	}
	if c.links != nil {
		c.links(a.url, utf8)
	}
	page, err := retrieval.CleanHTML(utf8, a.url.String())
	if err != nil {
		return gone(address, err.Error()), true
	}
	if page.NoIndex || retrieval.NoIndex(strings.Join(a.header.Values("X-Robots-Tag"), ",")) {
		return gone(address, "the page asks not to be indexed"), true
	}
	key := a.url.String()
	if canonical, err := url.Parse(page.Canonical); err == nil && strings.EqualFold(canonical.Host, c.host) {
		key = page.Canonical
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen[key] {
		return retrieval.Item{}, false
	}
	c.seen[key] = true
	doc := retrieval.Document{Key: key, URL: key, Title: page.Title, Markdown: page.Markdown}
	if locale, err := checkLocale(page.Locale); err == nil {
		doc.Locale = locale
	}
	return retrieval.Item{Doc: doc}, true
}

func gone(address, reason string) retrieval.Item {
	item := problem(address, address, 0, "%s", reason)
	item.Gone = true
	return item
}
