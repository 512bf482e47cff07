package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/careloop/careloop/assist/llm"
)

// Bounds on what a server may send.
const (
	maxLine      = 1 << 20  // bytes of one line of a stream
	maxStream    = 32 << 20 // bytes of a stream, keepalives included
	maxErrorBody = 64 << 10
	errorWait    = 3 * time.Second // for the body of an error
	maxRetry     = time.Hour
	drainWait    = 100 * time.Millisecond
	drainBytes   = 4 << 10
)

func newTransport(headerTimeout time.Duration) *http.Transport {
	if headerTimeout <= 0 {
		headerTimeout = time.Minute
	}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  headerTimeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    256,
		MaxResponseHeaderBytes: 64 << 10,
		// A stream is not compressed; a small body must not become a huge one.
		DisableCompression: true,
	}
}

// transport stands between the library and the network: it turns refusals into
// errors that repeat nothing of the body, and bounds and cleans streams.
type transport struct{ next http.RoundTripper }

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, refusal(res)
	}
	res.Body = &stream{body: res.Body, lines: bufio.NewReaderSize(res.Body, 8<<10)}
	return res, nil
}

// statusError is an answer with a status other than 200.
type statusError struct {
	code       int
	reason     string // the server's own code for it, if it is one word
	retryAfter time.Duration
	filtered   bool
	explained  bool // the server said what is wrong
	names      struct{ streamOptions, maxTokens, temperature bool }
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("status %d", e.code)
	if e.reason != "" {
		text += " (" + e.reason + ")"
	}
	switch {
	case e.code >= 300 && e.code < 400:
		text += ": the server redirects, which is not followed; configure the address that it redirects to"
	case e.code == http.StatusNotFound:
		text += ": check the model's name, and that the base URL is complete (most end in /v1)"
	}
	return text
}

// refusal reads what the server says about it and closes the body.
func refusal(res *http.Response) *statusError {
	timer := time.AfterFunc(errorWait, func() { _ = res.Body.Close() })
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	timer.Stop()
	_ = res.Body.Close()
	e := &statusError{code: res.StatusCode, retryAfter: retryAfter(res.Header, time.Now())}
	var said serverError
	if json.Unmarshal(body, &struct {
		Error *serverError `json:"error"`
	}{&said}) != nil {
		said = serverError{}
	}
	e.reason = said.reason()
	e.filtered = said.filtered()
	text := strings.ToLower(string(body))
	e.names.streamOptions = strings.Contains(text, "stream_options") || strings.Contains(text, "include_usage")
	e.names.maxTokens = said.Param == "max_tokens" || said.Param == "max_completion_tokens" ||
		strings.Contains(text, "max_completion_tokens") ||
		strings.Contains(text, "max_tokens") && (strings.Contains(text, "unsupported") || strings.Contains(text, "not supported") || strings.Contains(text, "unknown") || strings.Contains(text, "extra"))
	e.names.temperature = said.Param == "temperature" || strings.Contains(text, "temperature")
	e.explained = said.Param != "" || e.reason == "context_length_exceeded" || e.reason == "model_not_found"
	return e
}

// retryAfter reads the two headers in use, as a time to wait of at most an hour.
func retryAfter(h http.Header, now time.Time) time.Duration {
	var wait time.Duration
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < float64(maxRetry/time.Millisecond) {
		return time.Duration(ms * float64(time.Millisecond))
	}
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if !(seconds < maxRetry.Seconds()) {
			seconds = maxRetry.Seconds()
		}
		wait = time.Duration(seconds * float64(time.Second))
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetry)
}

// stream gives the data lines of a stream of server-sent events to the library
// and nothing else, which would collect the rest in memory.
type stream struct {
	body  io.ReadCloser
	lines *bufio.Reader
	line  []byte // the line under way
	ready []byte // what Read still has to give
	total int
	done  bool // the closing mark came
	err   error
}

var (
	dataField = []byte("data:")
	doneMark  = []byte("[DONE]")
)

func (s *stream) Read(p []byte) (int, error) {
	for len(s.ready) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.ready, s.err = s.next()
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

// next reads a line and gives what of it the library shall see.
func (s *stream) next() ([]byte, error) {
	s.line = s.line[:0]
	for {
		part, err := s.lines.ReadSlice('\n')
		s.line = append(s.line, part...)
		s.total += len(part)
		switch {
		case len(s.line) > maxLine:
			return nil, faultf(llm.Malformed, "a line of the stream is longer than %d bytes", maxLine)
		case s.total > maxStream:
			return nil, faultf(llm.TooLong, "the stream is longer than %d bytes", maxStream)
		case err == nil:
			return s.data()
		case !errors.Is(err, bufio.ErrBufferFull):
			// What stands before the end without a line break is not whole.
			return nil, err
		}
	}
}

func (s *stream) data() ([]byte, error) {
	line := bytes.TrimSpace(s.line)
	if len(line) == 0 || line[0] == ':' {
		return nil, nil
	}
	if line[0] == '{' { // some servers send an error without the field's name
		return withPrefix(line), nil
	}
	if data, ok := bytes.CutPrefix(line, dataField); ok {
		data = bytes.TrimSpace(data)
		if len(data) == 0 {
			return nil, nil
		}
		s.done = s.done || bytes.Equal(data, doneMark)
		return withPrefix(data), nil
	}
	for _, field := range []string{"event", "id", "retry"} {
		if rest, ok := bytes.CutPrefix(line, []byte(field)); ok && (len(rest) == 0 || rest[0] == ':') {
			return nil, nil
		}
	}
	return nil, faultf(llm.Malformed, "the answer is not a stream of events")
}

// withPrefix writes a data line so that the library hands it on as it is: it
// looks for errors itself, at one place in the line, and would then wait for
// the next line.
func withPrefix(data []byte) []byte {
	out := make([]byte, 0, len(data)+8)
	out = append(out, "data: "...)
	if data[0] == '{' {
		out = append(out, '{', ' ')
		data = data[1:]
	}
	out = append(out, data...)
	return append(out, '\n')
}

// Close takes the few bytes that follow the closing mark off the connection:
// without that it could not be used for the next request.
func (s *stream) Close() error {
	if s.done && s.err == nil {
		timer := time.AfterFunc(drainWait, func() { _ = s.body.Close() })
		_, _ = io.CopyN(io.Discard, s.lines, drainBytes)
		timer.Stop()
	}
	return s.body.Close()
}
