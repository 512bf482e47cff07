// Package openai writes answers by any server that speaks OpenAI's chat
// completion protocol: OpenAI, Ollama, llama.cpp, vLLM and many more.
//
// The library speaks HTTP and knows the request's fields; this package does not
// trust what comes back. The transport bounds lines, streams and error bodies
// and takes keepalives out; the stream counts as an answer only with a finish
// reason. Waiting is bounded by llm.Guard, which every Model stands behind.
package openai

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	api "github.com/sashabaranov/go-openai"

	"github.com/careloop/careloop/assist/llm"
)

// DefaultBaseURL is where requests go unless Options say otherwise.
const DefaultBaseURL = "https://api.openai.com/v1"

// Options configure New.
type Options struct {
	// BaseURL is the address before /chat/completions, usually ending in /v1;
	// DefaultBaseURL if empty. It is the operator's own and may be local.
	BaseURL string
	// APIKey may be empty for servers that want none.
	APIKey string
	// Model is the model's name on that server.
	Model string
	// ReasoningEffort is passed on where it is not empty.
	ReasoningEffort string
	// HTTPClient replaces the client's transport and time limits; redirects are
	// not followed and answers are bounded all the same.
	HTTPClient *http.Client
	// HeaderTimeout bounds the wait for the head of an answer, 60 s if zero.
	// Some servers send it only with the first token. It is not used with an
	// HTTPClient of one's own.
	HeaderTimeout time.Duration
}

// Model is an llm.Model on a server. It is safe for concurrent use.
type Model struct {
	name      string
	effort    string
	client    *api.Client
	transport *transport
	// habits is what the server has been found to accept.
	habits atomic.Pointer[habits]
}

// New makes a Model. It does not call the server.
func New(o Options) (*Model, error) {
	if o.Model == "" {
		return nil, errors.New("the model's name is missing")
	}
	base := strings.TrimRight(strings.TrimSpace(o.BaseURL), "/")
	base = strings.TrimSuffix(base, "/chat/completions")
	if base == "" {
		base = DefaultBaseURL
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		// The address is not repeated: it may hold a password.
		return nil, errors.New("the model server's address must look like https://host/v1")
	}
	key := strings.TrimSpace(o.APIKey)
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("the model server's key holds characters that a key cannot have")
	}
	client := http.Client{}
	if o.HTTPClient != nil {
		client = *o.HTTPClient
	} else {
		client.Transport = newTransport(o.HeaderTimeout)
	}
	t := &transport{next: client.Transport}
	if t.next == nil {
		t.next = http.DefaultTransport
	}
	client.Transport = t
	// A redirect would carry the shop's material, and perhaps the key, to
	// somewhere that the operator has not named.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	config := api.DefaultConfig(key)
	config.BaseURL = base
	config.HTTPClient = &client
	m := &Model{name: o.Model, effort: o.ReasoningEffort, client: api.NewClientWithConfig(config), transport: t}
	m.habits.Store(firstHabits(u.Hostname(), o.Model))
	return m, nil
}

// Name is the model's name as configured.
func (m *Model) Name() string { return m.name }

// CloseIdle closes the connections that are not in use.
func (m *Model) CloseIdle() {
	if t, ok := m.transport.next.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// Write implements llm.Model. A temperature of 0, like MaxTokens of 0, leaves
// the matter to the server. The Result that comes with an error holds the usage
// so far, since it may have to be paid for.
func (m *Model) Write(ctx context.Context, req llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
	if err := ctx.Err(); err != nil {
		return llm.Result{Model: m.name}, err
	}
	begun := time.Now()
	call, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := m.open(call, req)
	if err != nil {
		return llm.Result{Model: m.name}, m.failure(ctx, err, false)
	}
	// Closing takes the rest of a finished stream off the connection, so that it
	// can be used again; there is nothing to do about an error.
	defer func() { _ = stream.Close() }()

	r := reader{begun: begun, emit: emit, abort: cancel}
	finish, err := r.read(stream)
	result := llm.Result{Model: m.name, FirstDelta: r.first, Usage: r.usageFor(req)}
	if r.emitErr != nil {
		return result, r.emitErr
	}
	if err != nil {
		return result, m.failure(ctx, err, r.started)
	}
	result.Finish, result.ToolCalls = finish, r.calls.done
	return result, nil
}

// open sends the request, at most a few times: a server that refuses a field is
// asked again without it, and the model remembers.
func (m *Model) open(ctx context.Context, req llm.Request) (*api.ChatCompletionStream, error) {
	known := m.habits.Load()
	h := *known
	for {
		stream, err := m.client.CreateChatCompletionStream(ctx, m.build(req, h))
		if err == nil {
			h.proven = true
			if h != *known {
				// Where another call was faster, what it learned stays.
				m.habits.CompareAndSwap(known, &h)
			}
			return stream, nil
		}
		next, changed := h.after(err)
		if !changed {
			return nil, err
		}
		h = next
	}
}

// failure makes an *llm.Error of what went wrong, or the context's own error.
func (m *Model) failure(ctx context.Context, err error, started bool) error {
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	e := &llm.Error{Model: m.name, Started: started}
	e.Kind, e.RetryAfter, e.Err = classify(err, started)
	return e
}

var _ llm.Model = (*Model)(nil)

// fault is a failure that is known by its kind. Its text is made of words of
// this package and never of the server's.
type fault struct {
	kind llm.Kind
	text string
}

func (f *fault) Error() string { return f.text }

func faultf(kind llm.Kind, format string, args ...any) *fault {
	return &fault{kind: kind, text: fmt.Sprintf(format, args...)}
}
