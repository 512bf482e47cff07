// Package llmtest tests the way to a chat model: a server over real HTTP that
// speaks OpenAI's protocol by script, with every fault that such a server can
// show, and the suite that each llm.Model passes.
package llmtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Request is what the server was asked.
type Request struct {
	Path string
	// From is the caller's address: the same for requests over one connection.
	From   string
	Header http.Header
	Body   []byte
	// Chat is the body of a request for an answer, decoded.
	Chat Chat
	// At is when the body had been read, FirstText when the first piece of text
	// had been written to the connection (zero before).
	At, FirstText time.Time
}

// Chat is the part of a chat completion request that scripts choose by.
type Chat struct {
	Model    string `json:"model"`
	Messages []struct {
		Role       string `json:"role"`
		Content    string `json:"content"`
		ToolCallID string `json:"tool_call_id"`
	} `json:"messages"`
	Tools               []json.RawMessage `json:"tools"`
	Stream              bool              `json:"stream"`
	StreamOptions       json.RawMessage   `json:"stream_options"`
	MaxTokens           int               `json:"max_tokens"`
	MaxCompletionTokens int               `json:"max_completion_tokens"`
	Temperature         float64           `json:"temperature"`
}

// LastUser gives the text of the last message of the user role.
func (c Chat) LastUser() string {
	for i := len(c.Messages) - 1; i >= 0; i-- {
		if c.Messages[i].Role == "user" {
			return c.Messages[i].Content
		}
	}
	return ""
}

// Server speaks OpenAI's protocol. It is safe for concurrent use.
type Server struct {
	// URL is the base address, with /v1.
	URL string

	http   *http.Server
	cancel context.CancelFunc
	ended  chan struct{}

	mu       sync.Mutex
	choose   func(Request) Script
	requests []*Request
	count    int
	open     int
	changed  chan struct{}
	dims     int
}

// keep bounds how many requests are remembered.
const keep = 4096

// maxBody bounds a request's body.
const maxBody = 16 << 20

// Start starts a server on a free local port. The caller closes it.
func Start() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("llmtest: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		URL:     "http://" + listener.Addr().String() + "/v1",
		cancel:  cancel,
		ended:   make(chan struct{}),
		changed: make(chan struct{}),
		dims:    64,
	}
	s.Script(Answer("Yes."))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	mux.HandleFunc("POST /v1/embeddings", s.embeddings)
	mux.HandleFunc("GET /v1/models", s.models)
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go func() {
		defer close(s.ended)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(fmt.Sprintf("llmtest: %v", err))
		}
	}()
	return s, nil
}

// NewServer is Start for a test, which closes the server when it ends.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Close breaks all connections and waits until every answer has ended.
func (s *Server) Close() {
	s.cancel()
	_ = s.http.Close()
	<-s.ended
	s.await(func() bool { return s.open == 0 }, nil)
}

// Script sets the answers of the next requests, in order; the last one goes for
// all that follow.
func (s *Server) Script(scripts ...Script) {
	if len(scripts) == 0 {
		panic("llmtest: Script needs at least one script")
	}
	next := 0
	s.Choose(func(Request) Script { // called under s.mu
		script := scripts[next]
		if next < len(scripts)-1 {
			next++
		}
		return script
	})
}

// Choose sets a function that gives the answer to a request. Its calls come one
// at a time, and it must not call the server.
func (s *Server) Choose(choose func(Request) Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.choose = choose
}

// Dimensions sets the length of the vectors that /v1/embeddings gives; at the
// start it is 64. A request that names its own dimensions gets those.
func (s *Server) Dimensions(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dims = n
}

// Requests gives the requests so far, oldest first, at most the latest 4,096.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.requests))
	for i, r := range s.requests {
		out[i] = *r
	}
	return out
}

// Count gives how many requests came.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// WaitCount waits until n requests have come, or fails with ctx.
func (s *Server) WaitCount(ctx context.Context, n int) error {
	if !s.await(func() bool { return s.count >= n }, ctx.Done()) {
		return fmt.Errorf("llmtest: waited for request %d: %w", n, ctx.Err())
	}
	return nil
}

// WaitIdle waits until no answer is under way, or fails with ctx. A caller that
// gives up an answer makes the server idle by closing the connection.
func (s *Server) WaitIdle(ctx context.Context) error {
	if !s.await(func() bool { return s.open == 0 }, ctx.Done()) {
		return fmt.Errorf("llmtest: waited for the answers to end: %w", ctx.Err())
	}
	return nil
}

// await waits until cond, which is called under s.mu, is true.
func (s *Server) await(cond func() bool, stop <-chan struct{}) bool {
	for {
		s.mu.Lock()
		ok, changed := cond(), s.changed
		s.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-stop:
			return false
		}
	}
}

// change does f under s.mu and wakes who waits.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// begin records a request; the caller ends it.
func (s *Server) begin(r *http.Request) (*Request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	req := &Request{Path: r.URL.Path, From: r.RemoteAddr, Header: r.Header.Clone(), Body: body, At: time.Now()}
	s.change(func() {
		s.count++
		s.open++
		s.requests = append(s.requests, req)
		if len(s.requests) > keep {
			s.requests = s.requests[1:]
		}
	})
	return req, nil
}

func (s *Server) end() { s.change(func() { s.open-- }) }

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	req, err := s.begin(r)
	if err != nil {
		return
	}
	defer s.end()
	s.mu.Lock()
	parsed := json.Unmarshal(req.Body, &req.Chat)
	var script Script
	if parsed == nil {
		script = s.choose(*req)
	}
	s.mu.Unlock()
	if parsed != nil {
		script = Refusal(http.StatusBadRequest, "The body is not a chat completion request.", "", "", "")
	}
	for k, v := range script.Header {
		w.Header()[k] = v
	}
	if script.Status != 0 && script.Status != http.StatusOK {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(script.Status)
		_, _ = io.WriteString(w, script.Body)
		return
	}
	if !req.Chat.Stream {
		writeJSON(w, map[string]any{
			"id": "chatcmpl-test", "object": "chat.completion", "created": 1, "model": req.Chat.Model,
			"choices": []any{map[string]any{
				"index": 0, "finish_reason": "stop",
				"message": map[string]any{"role": "assistant", "content": script.text()},
			}},
			"usage": map[string]any{"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11},
		})
		return
	}
	s.stream(w, r, req, script.Steps)
}

// stream does the steps until they are done or the caller has gone.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, req *Request, steps []Step) {
	if len(steps) > 0 && steps[0].reset {
		reset(w)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	if out.Flush() != nil {
		return
	}
	gone := r.Context().Done()
	for _, step := range steps {
		switch {
		case step.reset:
			reset(w)
			return
		case step.hang:
			<-gone
			return
		case step.wait != nil:
			select {
			case <-step.wait:
			case <-gone:
				return
			}
		case step.pause > 0:
			if !pause(step.pause, gone) {
				return
			}
		case step.repeat != "":
			for {
				if _, err := io.WriteString(w, step.repeat); err != nil || out.Flush() != nil || !pause(step.every, gone) {
					return
				}
			}
		default:
			if _, err := io.WriteString(w, step.raw); err != nil || out.Flush() != nil {
				return
			}
			if step.text {
				s.mu.Lock()
				if req.FirstText.IsZero() {
					req.FirstText = time.Now()
				}
				s.mu.Unlock()
			}
		}
	}
}

func pause(d time.Duration, gone <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-gone:
		return false
	}
}

// reset closes the connection without the end that TCP otherwise sends.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func (s *Server) models(w http.ResponseWriter, r *http.Request) {
	if _, err := s.begin(r); err != nil {
		return
	}
	defer s.end()
	writeJSON(w, map[string]any{"object": "list", "data": []any{
		map[string]any{"id": "scripted", "object": "model", "created": 1, "owned_by": "careloop"},
	}})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// RefusedURL gives a base address at which nothing listens.
func RefusedURL() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("llmtest: %w", err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return "", fmt.Errorf("llmtest: %w", err)
	}
	return "http://" + address + "/v1", nil
}

// NoSuchHostURL is a base address whose name never resolves (RFC 6761).
const NoSuchHostURL = "http://careloop-model.invalid/v1"
