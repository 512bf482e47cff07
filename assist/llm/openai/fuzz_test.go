package openai_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/openai"
)

type replay struct {
	status int
	body   []byte
}

func (r replay) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: r.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(r.body))}, nil
}

// Whatever a server sends, a call ends in an answer with a finish reason or in
// an *llm.Error that holds none of it.
func FuzzStream(f *testing.F) {
	for _, body := range []string{
		"data: {\"choices\":[{\"delta\":{\"content\":\"Yes\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
		"data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"n\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n",
		": keepalive\n\ndata: {\"error\":{\"message\":\"no\",\"code\":429}}\n",
		"data: {\"error\":\"sk-Secret123\"}\n", "{\"error\":{\"code\":\"sk-Secret123\"}}", "data:\ndata: \ndata: null\ndata: []\ndata: 1\n",
		"data: {\"choices\":[{\"delta\":{\"content\":\"<think>\"}}]}\n", "data: {\"choices\":null,\"usage\":{\"prompt_tokens\":-1}}\n", "\xff\xfe",
	} {
		f.Add(200, []byte(body))
		f.Add(400, []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		m, err := openai.New(openai.Options{BaseURL: "http://localhost/v1", APIKey: key, Model: "test-model", HTTPClient: &http.Client{Transport: replay{status, body}}})
		if err != nil {
			t.Fatal(err)
		}
		emitted := false
		result, err := m.Write(t.Context(), request(), func(llm.Delta) error { emitted = true; return nil })
		if err == nil {
			if result.Finish == "" || !emitted {
				t.Fatalf("an answer without text or finish reason: %+v", result)
			}
			return
		}
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind == "" || e.Started != emitted {
			t.Fatalf("error is %v (emitted %v)", err, emitted)
		}
		if bytes.Contains([]byte(err.Error()), []byte(key)) {
			t.Fatalf("error %v holds the key", err)
		}
	})
}
