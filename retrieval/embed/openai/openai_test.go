package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/retrieval"
)

var _ retrieval.Embedder = (*Embedder)(nil)

// serve gives an embedder of a server that answers by h, and the number of
// requests so far.
func serve(t *testing.T, o Options, h http.HandlerFunc) (*Embedder, *atomic.Int32) {
	t.Helper()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		h(w, r)
	}))
	t.Cleanup(server.Close)
	o.BaseURL = server.URL + "/v1"
	if o.Model == "" {
		o.Model = "m"
	}
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	e.pause = time.Millisecond
	return e, &calls
}

func read(t *testing.T, r *http.Request) request {
	t.Helper()
	var q request
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		t.Error(err)
	}
	return q
}

// give answers with a vector for each text, (its length in bytes, 1), last
// first.
func give(w http.ResponseWriter, inputs []string) {
	var items []string
	for i := len(inputs) - 1; i >= 0; i-- {
		items = append(items, fmt.Sprintf(`{"index":%d,"embedding":[%d,1]}`, i, len(inputs[i])))
	}
	fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(items, ","))
}

func TestEmbed(t *testing.T) {
	e, calls := serve(t, Options{APIKey: "secret", Batch: 2, PassagePrefix: "p: ", QueryPrefix: "q: "}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/embeddings" || r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("%s %s %v", r.Method, r.URL.Path, r.Header)
		}
		q := read(t, r)
		if q.Model != "m" || len(q.Input) > 2 || !strings.HasPrefix(q.Input[0], "p: ") {
			t.Errorf("the request is %+v", q)
		}
		give(w, q.Input)
	})
	if e.Dimensions() != 0 {
		t.Error("the length is known before the first call")
	}
	texts := []string{"a", "bb", "ccc", "dddd", ""}
	vectors, err := e.Embed(t.Context(), texts, false)
	if err != nil || len(vectors) != 5 || calls.Load() != 3 || e.Dimensions() != 2 {
		t.Fatalf("%d vectors by %d calls, %v", len(vectors), calls.Load(), err)
	}
	for i, v := range vectors {
		if length := math.Hypot(float64(v[0]), float64(v[1])); math.Abs(length-1) > 1e-6 {
			t.Errorf("a vector of length %v", length)
		}
		if got, want := float64(v[0]/v[1]), float64(len(texts[i])+3); math.Abs(got-want) > 1e-3 {
			t.Errorf("text %d has the vector of another: %v, want %v", i, got, want)
		}
	}
	if none, err := e.Embed(t.Context(), nil, false); err != nil || len(none) != 0 {
		t.Errorf("nothing gives %v, %v", none, err)
	}
}

func TestNames(t *testing.T) {
	names := map[string]bool{}
	for _, o := range []Options{{}, {Dimensions: 2}, {QueryPrefix: "q"}, {PassagePrefix: "q"}} {
		e, _ := serve(t, o, nil)
		names[e.Name()] = true
		if e.Dimensions() != o.Dimensions {
			t.Errorf("the length is %d", e.Dimensions())
		}
	}
	if len(names) != 4 {
		t.Errorf("names are %v", names)
	}
}

func TestQueriesAndLongTexts(t *testing.T) {
	e, calls := serve(t, Options{QueryPrefix: "q: ", Dimensions: 2}, func(w http.ResponseWriter, r *http.Request) {
		q := read(t, r)
		size := 0
		for _, text := range q.Input {
			size += len(text)
			if !strings.HasPrefix(text, "q: ") || len(text) > maxText+3 {
				t.Errorf("a text of %d bytes begins %.5q", len(text), text)
			}
		}
		if size > maxBatch+3 || q.Dimensions != 2 {
			t.Errorf("a request of %d bytes for vectors of length %d", size, q.Dimensions)
		}
		give(w, q.Input)
	})
	texts := make([]string, 40)
	for i := range texts {
		texts[i] = strings.Repeat("ü", 10_000)
	}
	texts[0] = "broken \xff"
	if vectors, err := e.Embed(t.Context(), texts, true); err != nil || len(vectors) != 40 || calls.Load() < 3 {
		t.Errorf("%d vectors by %d calls, %v", len(vectors), calls.Load(), err)
	}
}

func TestTriesAgain(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"429": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) },
		"429 with Retry-After": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(429)
		},
		"500": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "oops", 500) },
		"503 with a date that is over": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")
			w.WriteHeader(503)
		},
		"an answer that breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"data":[`)
		},
		"a connection that is cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			var first atomic.Bool
			e, calls := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
				if first.CompareAndSwap(false, true) {
					fault(w, r)
					return
				}
				give(w, read(t, r).Input)
			})
			if vectors, err := e.Embed(t.Context(), []string{"a"}, false); err != nil || len(vectors) != 1 || calls.Load() != 2 {
				t.Errorf("%d vectors by %d calls, %v", len(vectors), calls.Load(), err)
			}
		})
	}
}

func TestGivesUp(t *testing.T) {
	write := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		calls  int32
		says   string
	}{
		"401":             {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such key", http.StatusUnauthorized) }, 1, "no such key"},
		"404":             {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such model", 404) }, 1, "no such model"},
		"always 500":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, maxAttempts, "500"},
		"come back later": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "999"); w.WriteHeader(429) }, 1, "too late"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, 1, "307"},
		"no JSON":          {write("<html>"), 1, "no list"},
		"half":             {write(`{"data":[{"index":0,"embedding":[1,`), 1, "no list"},
		"nothing":          {write(`{}`), 1, "gave 0 vectors"},
		"too many":         {write(`{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]},{"index":2,"embedding":[1]}]}`), 1, "gave 3 vectors"},
		"twice the same":   {write(`{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`), 1, "twice"},
		"a wrong index":    {write(`{"data":[{"index":0,"embedding":[1]},{"index":7,"embedding":[1]}]}`), 1, "missing"},
		"two lengths":      {write(`{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}`), 1, "length 2 instead of 1"},
		"an empty vector":  {write(`{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}`), 1, "length 0"},
		"a vector of zero": {write(`{"data":[{"index":0,"embedding":[0,0]},{"index":1,"embedding":[1,0]}]}`), 1, "direction"},
		"text for numbers": {write(`{"data":[{"index":0,"embedding":"AAAA"},{"index":1,"embedding":[1,0]}]}`), 1, "no list"},
		"an endless answer": {func(w http.ResponseWriter, _ *http.Request) {
			for line := strings.Repeat(" ", 1<<16); ; {
				if _, err := io.WriteString(w, line); err != nil {
					return
				}
			}
		}, 1, "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			e, calls := serve(t, Options{APIKey: "secret"}, c.answer)
			_, err := e.Embed(t.Context(), []string{"a", "b"}, false)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") || calls.Load() != c.calls {
				t.Errorf("after %d calls: %v", calls.Load(), err)
			}
		})
	}
}

func TestRefusedTexts(t *testing.T) {
	for code, text := range map[int]bool{400: true, 413: true, 422: true, 401: false, 403: false, 404: false} {
		e, calls := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", code) })
		_, err := e.Embed(t.Context(), []string{"a"}, false)
		var refused *retrieval.RefusedError
		if errors.As(err, &refused) != text || calls.Load() != 1 {
			t.Errorf("%d gives %v after %d calls", code, err, calls.Load())
		}
	}
}

// TestAPauseIsForAll: a server limits its caller, not one request of it.
func TestAPauseIsForAll(t *testing.T) {
	var busy atomic.Bool
	busy.Store(true)
	e, calls := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if busy.Load() {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(429)
			return
		}
		give(w, read(t, r).Input)
	})
	for range 3 {
		_, err := e.Embed(t.Context(), []string{"a"}, false)
		var later *retrieval.LaterError
		if !errors.As(err, &later) || later.After < 50*time.Second || later.After > time.Minute {
			t.Fatalf("got %v", err)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("a server that asked for a pause was asked %d times", calls.Load())
	}
	busy.Store(false)
	e.notBefore.Store(time.Now().Add(20 * time.Millisecond).UnixNano())
	if _, err := e.Embed(t.Context(), []string{"a"}, false); err != nil || calls.Load() != 2 || time.Now().UnixNano() < e.notBefore.Load() {
		t.Errorf("after the pause: %v, %d calls", err, calls.Load())
	}
}

// TestAgainstTheScriptedServer embeds many texts through the server that the
// tests of chat models use.
func TestAgainstTheScriptedServer(t *testing.T) {
	server, err := llmtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	e, err := New(Options{BaseURL: server.URL, Model: "words", Dimensions: 32, Batch: 10})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := range 95 {
		texts = append(texts, fmt.Sprint("text number ", i))
	}
	vectors, err := e.Embed(t.Context(), texts, false)
	if err != nil || len(vectors) != 95 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for i, v := range vectors {
		want := llmtest.Embed(texts[i], 32)
		for j := range v {
			if math.Abs(float64(v[j]-want[j])) > 1e-5 {
				t.Fatalf("text %d has the vector of another", i)
			}
		}
	}
}

func TestLengthNeverChanges(t *testing.T) {
	answers := make(chan string, 2)
	answers <- `{"data":[{"index":0,"embedding":[1,0]}]}`
	answers <- `{"data":[{"index":0,"embedding":[1,0,0]}]}`
	e, _ := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, <-answers) })
	if _, err := e.Embed(t.Context(), []string{"a"}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Embed(t.Context(), []string{"a"}, false); err == nil || e.Dimensions() != 2 {
		t.Errorf("vectors of another length were taken: %v", err)
	}
}

func TestTimesOut(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // so that the server notices when the client leaves
		<-r.Context().Done()
	}
	t.Run("by its own limit, each attempt", func(t *testing.T) {
		e, calls := serve(t, Options{Timeout: 5 * time.Millisecond}, hang)
		if _, err := e.Embed(t.Context(), []string{"a"}, false); !errors.Is(err, context.DeadlineExceeded) || calls.Load() > maxAttempts {
			t.Errorf("after %d calls: %v", calls.Load(), err)
		}
	})
	t.Run("by the caller's", func(t *testing.T) {
		e, calls := serve(t, Options{}, hang)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := e.Embed(ctx, []string{"a"}, false); !errors.Is(err, context.DeadlineExceeded) || calls.Load() > 1 {
			t.Errorf("after %d calls: %v", calls.Load(), err)
		}
	})
}

func TestRefusedConnection(t *testing.T) {
	e, err := New(Options{BaseURL: "http://127.0.0.1:1/v1", Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	e.pause = time.Millisecond
	if _, err := e.Embed(t.Context(), []string{"a"}, false); err == nil {
		t.Error("no error")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []Options{
		{BaseURL: "", Model: "m"}, {BaseURL: "localhost:8080", Model: "m"}, {BaseURL: "ftp://a/v1", Model: "m"},
		{BaseURL: "http://a/v1"}, {BaseURL: "http://a/v1", Model: "m", Dimensions: -1},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
