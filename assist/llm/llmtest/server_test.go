package llmtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ask(t *testing.T, client *http.Client, url, body string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func newClient(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestScriptsComeInOrderAndTheLastStays(t *testing.T) {
	srv, client := NewServer(t), newClient(t)
	srv.Script(Answer("one"), Answer("two"))
	for _, want := range []string{"one", "two", "two"} {
		if got := ask(t, client, srv.URL+"/chat/completions", `{"model":"m","stream":true}`); !strings.Contains(got, `"content":"`+want+`"`) || !strings.HasSuffix(got, "data: [DONE]\n\n") {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := ask(t, client, srv.URL+"/chat/completions", `{"model":"m"}`); !strings.Contains(got, `"content":"two"`) || strings.Contains(got, "data:") {
		t.Errorf("without stream: %s", got)
	}
	if srv.Count() != 4 || len(srv.Requests()) != 4 || srv.Requests()[0].FirstText.Before(srv.Requests()[0].At) {
		t.Errorf("%d requests: %+v", srv.Count(), srv.Requests())
	}
}

func TestScriptByRequest(t *testing.T) {
	srv, client := NewServer(t), newClient(t)
	srv.Choose(func(r Request) Script { return Answer("You said " + r.Chat.LastUser()) })
	got := ask(t, client, srv.URL+"/chat/completions", `{"messages":[{"role":"user","content":"hello"},{"role":"assistant","content":"x"}],"stream":true}`)
	if !strings.Contains(got, " hello") {
		t.Error(got)
	}
}

func TestWaitHoldsTheAnswerBack(t *testing.T) {
	srv, client := NewServer(t), newClient(t)
	gate := make(chan struct{})
	srv.Script(Stream(Token("before"), Wait(gate), Token("after"), Finish("stop"), Done()))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got := make(chan string)
	go func() { got <- ask(t, client, srv.URL+"/chat/completions", `{"stream":true}`) }()
	if err := srv.WaitCount(ctx, 1); err != nil {
		t.Fatal(err)
	}
	select {
	case s := <-got:
		t.Fatalf("answered before the gate was opened: %s", s)
	default:
	}
	close(gate)
	if s := <-got; !strings.Contains(s, "after") {
		t.Error(s)
	}
	if err := srv.WaitIdle(ctx); err != nil {
		t.Error(err)
	}
}

func TestCloseEndsWhatHangs(t *testing.T) {
	srv, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	srv.Script(NoFirstToken())
	client, ended := newClient(t), make(chan struct{})
	go func() {
		defer close(ended)
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/chat/completions", strings.NewReader(`{"stream":true}`))
		if res, err := client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	}()
	if err := srv.WaitCount(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	srv.Close()
	<-ended
}

func TestEmbeddings(t *testing.T) {
	srv, client := NewServer(t), newClient(t)
	srv.Dimensions(32)
	type reply struct {
		Data []struct {
			Index     int
			Embedding []float32
		}
	}
	var one, two reply
	if err := json.Unmarshal([]byte(ask(t, client, srv.URL+"/embeddings", `{"model":"m","input":["return shoes","how to return the shoes","gift card"]}`)), &one); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(ask(t, client, srv.URL+"/embeddings", `{"model":"m","input":"return shoes","dimensions":32}`)), &two); err != nil {
		t.Fatal(err)
	}
	if len(one.Data) != 3 || len(two.Data) != 1 || len(one.Data[0].Embedding) != 32 {
		t.Fatalf("%d and %d vectors", len(one.Data), len(two.Data))
	}
	a, b, c := one.Data[0].Embedding, one.Data[1].Embedding, one.Data[2].Embedding
	if dot(a, two.Data[0].Embedding) < 0.9999 || math.Abs(dot(a, a)-1) > 1e-5 {
		t.Error("the same text has another vector, or not one of length 1")
	}
	if dot(a, b) <= dot(a, c) {
		t.Error("texts that share words are not nearer")
	}
	if got := ask(t, client, srv.URL+"/embeddings", `{"model":"m"}`); !strings.Contains(got, "error") {
		t.Error(got)
	}
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestModels(t *testing.T) {
	srv, client := NewServer(t), newClient(t)
	res, err := client.Get(srv.URL + "/models")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || !bytes.Contains(body, []byte(`"id":"scripted"`)) {
		t.Errorf("%s, %v", body, err)
	}
}

func TestBadRequestIsRefused(t *testing.T) {
	srv, client := NewServer(t), newClient(t)
	if got := ask(t, client, srv.URL+"/chat/completions", `{"model":`); !strings.Contains(got, "not a chat completion request") {
		t.Error(got)
	}
}
