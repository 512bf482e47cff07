package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/assist/llm/openai"
)

const key = "sk-Secret123"

func newModel(t *testing.T, baseURL string) *openai.Model {
	t.Helper()
	m, err := openai.New(openai.Options{BaseURL: baseURL, APIKey: key, Model: "test-model"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.CloseIdle)
	return m
}

func request() llm.Request {
	return llm.Request{
		Messages: []llm.Message{
			{Role: llm.System, Text: "Answer from the passages."},
			{Role: llm.User, Text: "Is private-question answered?"},
		},
		MaxTokens:   200,
		Temperature: 0.5,
	}
}

// write calls m and gives the text, the number of deltas without text, and what
// Write returned. It fails a test that takes longer than 20 seconds.
func write(t *testing.T, m llm.Model, req llm.Request) (string, int, llm.Result, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var text strings.Builder
	silent := 0
	result, err := m.Write(ctx, req, func(d llm.Delta) error {
		if d.Text == "" {
			silent++
		}
		text.WriteString(d.Text)
		return nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		t.Fatal("the call did not end")
	}
	return text.String(), silent, result, err
}

func TestSuite(t *testing.T) {
	llmtest.Suite(t, func(t *testing.T, baseURL string) llm.Model { return newModel(t, baseURL) })
}

func TestAnswer(t *testing.T) {
	srv := llmtest.NewServer(t)
	srv.Script(llmtest.Answer("You can return shoes within 30 days. [1]"))
	m := newModel(t, srv.URL)
	text, _, result, err := write(t, m, request())
	if err != nil {
		t.Fatal(err)
	}
	if want := "You can return shoes within 30 days. [1]"; text != want {
		t.Errorf("text is %q, want %q", text, want)
	}
	if result.Finish != llm.FinishStop || result.Model != "test-model" || result.FirstDelta <= 0 {
		t.Errorf("result is %+v", result)
	}
	if want := (llm.Usage{PromptTokens: 10, CompletionTokens: 8}); result.Usage != want {
		t.Errorf("usage is %+v, want %+v", result.Usage, want)
	}
	got := srv.Requests()[0]
	if got.Header.Get("Authorization") != "Bearer "+key {
		t.Errorf("Authorization is %q", got.Header.Get("Authorization"))
	}
	if c := got.Chat; c.Model != "test-model" || !c.Stream || c.MaxTokens != 200 || c.Temperature != 0.5 ||
		!strings.Contains(string(c.StreamOptions), "include_usage") || len(c.Messages) != 2 || c.Messages[0].Role != "system" {
		t.Errorf("request is %s", got.Body)
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	srv := llmtest.NewServer(t)
	m := newModel(t, srv.URL)
	for range 5 {
		if _, _, _, err := write(t, m, request()); err != nil {
			t.Fatal(err)
		}
	}
	from := map[string]bool{}
	for _, r := range srv.Requests() {
		from[r.From] = true
	}
	if len(from) != 1 {
		t.Errorf("5 requests came over %d connections", len(from))
	}
}

func TestToolCalls(t *testing.T) {
	tool := llm.Tool{Name: "find_order", Description: "Finds an order.", Parameters: json.RawMessage(`{"type":"object","properties":{"id":{"type":"string"}}}`)}
	pieces := func(steps ...llmtest.Step) llmtest.Script {
		return llmtest.Stream(append(steps, llmtest.Finish("stop"), llmtest.Done())...)
	}
	for name, test := range map[string]struct {
		script llmtest.Script
		want   []llm.ToolCall
	}{
		"in pieces":         {llmtest.CallTool("c1", "find_order", `{"id": "A 7"}`), []llm.ToolCall{{ID: "c1", Name: "find_order", Arguments: json.RawMessage(`{"id": "A 7"}`)}}},
		"without arguments": {pieces(llmtest.ToolPiece(0, "c1", "hours", "")), []llm.ToolCall{{ID: "c1", Name: "hours", Arguments: json.RawMessage(`{}`)}}},
		"two interleaved": {pieces(
			llmtest.ToolPiece(0, "c1", "a", `{"x"`), llmtest.ToolPiece(1, "c2", "b", `{`),
			llmtest.ToolPiece(0, "", "", `:1}`), llmtest.ToolPiece(1, "", "", `}`)),
			[]llm.ToolCall{{ID: "c1", Name: "a", Arguments: json.RawMessage(`{"x":1}`)}, {ID: "c2", Name: "b", Arguments: json.RawMessage(`{}`)}}},
		"same index, other id": {pieces(llmtest.ToolPiece(0, "c1", "a", `{}`), llmtest.ToolPiece(0, "c2", "b", `{}`)),
			[]llm.ToolCall{{ID: "c1", Name: "a", Arguments: json.RawMessage(`{}`)}, {ID: "c2", Name: "b", Arguments: json.RawMessage(`{}`)}}},
		"without id": {pieces(llmtest.ToolPiece(0, "", "a", `{}`)), []llm.ToolCall{{ID: "call_1", Name: "a", Arguments: json.RawMessage(`{}`)}}},
		"without index": {pieces(
			llmtest.Raw(`data: {"choices":[{"delta":{"tool_calls":[{"id":"c1","function":{"name":"a","arguments":"{"}}]}}]}`+"\n"),
			llmtest.Raw(`data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"}"}}]}}]}`+"\n"),
			llmtest.Raw(`data: {"choices":[{"delta":{"tool_calls":[{"id":"c2","function":{"name":"b","arguments":"{}"}}]}}]}`+"\n")),
			[]llm.ToolCall{{ID: "c1", Name: "a", Arguments: json.RawMessage(`{}`)}, {ID: "c2", Name: "b", Arguments: json.RawMessage(`{}`)}}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := llmtest.NewServer(t)
			srv.Script(test.script)
			req := request()
			req.Tools = []llm.Tool{tool}
			text, silent, result, err := write(t, newModel(t, srv.URL), req)
			if err != nil {
				t.Fatal(err)
			}
			if text != "" || silent == 0 || result.Finish != llm.FinishToolCalls || result.FirstDelta != 0 {
				t.Errorf("text %q, %d deltas without text, %+v", text, silent, result)
			}
			got, _ := json.Marshal(result.ToolCalls)
			want, _ := json.Marshal(test.want)
			if string(got) != string(want) {
				t.Errorf("calls are %s, want %s", got, want)
			}
			if len(srv.Requests()[0].Chat.Tools) != 1 {
				t.Errorf("request is %s", srv.Requests()[0].Body)
			}
		})
	}
}

func TestToolConversationIsSent(t *testing.T) {
	srv := llmtest.NewServer(t)
	req := request()
	req.Messages = append(req.Messages,
		llm.Message{Role: llm.Assistant, ToolCalls: []llm.ToolCall{{ID: "c1", Name: "find_order", Arguments: json.RawMessage(`{"id":7}`)}}},
		llm.Message{Role: llm.ToolRole, ToolCallID: "c1"})
	if _, _, _, err := write(t, newModel(t, srv.URL), req); err != nil {
		t.Fatal(err)
	}
	body := string(srv.Requests()[0].Body)
	for _, want := range []string{`"tool_calls":[{"id":"c1","type":"function","function":{"name":"find_order","arguments":"{\"id\":7}"}}]`, `"tool_call_id":"c1"`, `"content":" "`} {
		if !strings.Contains(body, want) {
			t.Errorf("request lacks %s: %s", want, body)
		}
	}
}

// Each fault ends as the seam says. Those that are a matter of time are tested
// behind Guard, in package llm.
func TestFaults(t *testing.T) {
	for _, fault := range llmtest.Faults() {
		if fault.NeedsGuard {
			continue
		}
		t.Run(fault.Script.Name, func(t *testing.T) {
			srv := llmtest.NewServer(t)
			srv.Script(fault.Script)
			text, silent, result, err := write(t, newModel(t, srv.URL), request())
			check(t, fault, text+strings.Repeat(".", silent), result, err)
		})
	}
}

func check(t *testing.T, fault llmtest.Fault, seen string, result llm.Result, err error) {
	t.Helper()
	if started := seen != ""; started != fault.Started {
		t.Errorf("emitted %q, want started %v", seen, fault.Started)
	}
	if fault.Kind == "" {
		if err != nil || result.Finish != fault.Finish {
			t.Errorf("result is %+v, %v; want finish %s", result, err, fault.Finish)
		}
		return
	}
	var e *llm.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want kind %s", err, fault.Kind)
	}
	if e.Kind != fault.Kind || e.Started != fault.Started || e.Model != "test-model" {
		t.Errorf("error is %+v, want kind %s, started %v", e, fault.Kind, fault.Started)
	}
	if e.Err == nil {
		t.Error("the error says nothing about its cause")
	}
	secret(t, err)
}

// secret fails where an error repeats the key, the prompt, the answer or the
// server's words.
func secret(t *testing.T, err error) {
	t.Helper()
	for _, word := range []string{key, "private", "You can return", "server says", "nonsense", "doctype"} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("the error %q holds %q", err, word)
		}
	}
}

func TestNoServer(t *testing.T) {
	refused, err := llmtest.RefusedURL()
	if err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]string{"refused": refused, "no such host": llmtest.NoSuchHostURL, "no tls": strings.Replace(llmtest.NewServer(t).URL, "http:", "https:", 1)} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := write(t, newModel(t, url), request())
			var e *llm.Error
			if !errors.As(err, &e) || e.Kind != llm.Unavailable || e.Started {
				t.Errorf("error is %v, want unavailable", err)
			}
			secret(t, err)
		})
	}
}

func TestErrorsKeepSecrets(t *testing.T) {
	for _, script := range []llmtest.Script{
		llmtest.Refusal(401, "Incorrect API key provided: "+key, key, "", ""),
		llmtest.Refusal(400, "Bad: Is private-question answered?", "private-question", "", ""),
		llmtest.Refusal(500, strings.Repeat("private ", 1<<20), "", "", ""),
		llmtest.Stream(llmtest.Raw(`data: {"error":{"message":"` + key + ` private","code":"` + key + `"}}` + "\n")),
		{Status: 302, Header: http.Header{"Location": {"/" + key}}},
	} {
		srv := llmtest.NewServer(t)
		srv.Script(script)
		_, _, _, err := write(t, newModel(t, srv.URL), request())
		if err == nil {
			t.Fatal("no error")
		}
		secret(t, err)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := llmtest.NewServer(t)
	srv := llmtest.NewServer(t)
	srv.Script(llmtest.Script{Status: 307, Header: http.Header{"Location": {elsewhere.URL + "/chat/completions"}}})
	_, _, _, err := write(t, newModel(t, srv.URL), request())
	var e *llm.Error
	if !errors.As(err, &e) || e.Kind != llm.BadRequest || !strings.Contains(err.Error(), "redirect") {
		t.Errorf("error is %v", err)
	}
	if elsewhere.Count() != 0 {
		t.Error("the redirect was followed")
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string][2]time.Duration{
		"2":   {2 * time.Second, 2 * time.Second},
		"0.5": {500 * time.Millisecond, 500 * time.Millisecond},
		"-3":  {}, "soon": {}, "NaN": {0, time.Hour},
		"99999999999999999999": {time.Hour, time.Hour},
		time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat): {20 * time.Second, 30 * time.Second},
		time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat):       {},
	} {
		srv := llmtest.NewServer(t)
		srv.Script(llmtest.Status(429, value))
		_, _, _, err := write(t, newModel(t, srv.URL), request())
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind != llm.RateLimited || e.RetryAfter < want[0] || e.RetryAfter > want[1] {
			t.Errorf("%q: %v, retry after %v, want %v", value, err, e.RetryAfter, want)
		}
	}
}

func TestServerThatRefusesFields(t *testing.T) {
	type ask = llmtest.Chat
	for name, test := range map[string]struct {
		refuse func(ask) (message, code, param string)
		model  string
	}{
		"stream_options by name": {refuse: func(c ask) (string, string, string) {
			if c.StreamOptions != nil {
				return "Extra inputs are not permitted: stream_options", "", ""
			}
			return "", "", ""
		}},
		"stream_options without a word": {refuse: func(c ask) (string, string, string) {
			if c.StreamOptions != nil {
				return "Invalid request", "", ""
			}
			return "", "", ""
		}},
		"max_tokens": {refuse: func(c ask) (string, string, string) {
			if c.MaxTokens != 0 {
				return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "unsupported_parameter", "max_tokens"
			}
			return "", "", ""
		}},
		"max_completion_tokens": {model: "o1-of-another", refuse: func(c ask) (string, string, string) {
			if c.MaxCompletionTokens != 0 {
				return "unknown field max_completion_tokens", "", ""
			}
			return "", "", ""
		}},
		"temperature": {refuse: func(c ask) (string, string, string) {
			if c.Temperature != 0 {
				return "Unsupported value", "unsupported_value", "temperature"
			}
			return "", "", ""
		}},
		"everything": {refuse: func(c ask) (string, string, string) {
			switch {
			case c.StreamOptions != nil:
				return "stream_options?", "", ""
			case c.MaxTokens != 0:
				return "max_tokens is not supported", "", ""
			case c.Temperature != 0:
				return "temperature?", "", "temperature"
			}
			return "", "", ""
		}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := llmtest.NewServer(t)
			srv.Choose(func(r llmtest.Request) llmtest.Script {
				if message, code, param := test.refuse(r.Chat); message != "" {
					return llmtest.Refusal(400, message, code, param, "")
				}
				return llmtest.Answer("Yes.")
			})
			if test.model == "" {
				test.model = "test-model"
			}
			m, err := openai.New(openai.Options{BaseURL: srv.URL, Model: test.model})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.CloseIdle)
			if test.model != "test-model" { // the library itself refuses max_tokens for these names
				_, _, _, err := write(t, m, request())
				var e *llm.Error
				if !errors.As(err, &e) || e.Kind != llm.BadRequest {
					t.Errorf("error is %v", err)
				}
				return
			}
			if _, _, _, err := write(t, m, request()); err != nil {
				t.Fatal(err)
			}
			before := srv.Count()
			if before < 2 {
				t.Fatal("the server refused nothing")
			}
			if _, _, _, err := write(t, m, request()); err != nil {
				t.Fatal(err)
			}
			if asked := srv.Count() - before; asked != 1 {
				t.Errorf("the second call took %d requests: what was learned was forgotten", asked)
			}
			last := srv.Requests()[srv.Count()-1].Chat
			if last.MaxTokens+last.MaxCompletionTokens != 200 {
				t.Error("the answer is no longer bounded")
			}
		})
	}
}

func TestRefusalIsNotRepeatedForEver(t *testing.T) {
	srv := llmtest.NewServer(t)
	srv.Script(llmtest.Refusal(400, "stream_options max_completion_tokens temperature", "", "", ""))
	_, _, _, err := write(t, newModel(t, srv.URL), request())
	var e *llm.Error
	if !errors.As(err, &e) || e.Kind != llm.BadRequest {
		t.Errorf("error is %v", err)
	}
	if n := srv.Count(); n > 4 {
		t.Errorf("%d requests", n)
	}
}

func TestUsageIsEstimated(t *testing.T) {
	srv := llmtest.NewServer(t)
	srv.Script(llmtest.Stream(llmtest.Token(strings.Repeat("ä", 40)), llmtest.Finish("stop"), llmtest.Done()))
	_, _, result, err := write(t, newModel(t, srv.URL), request())
	if err != nil {
		t.Fatal(err)
	}
	if u := result.Usage; !u.Estimated || u.CompletionTokens != 10 || u.PromptTokens < 10 || u.PromptTokens > 40 {
		t.Errorf("usage is %+v", u)
	}
}

func TestAnswerIsWholeAfterTheFinishReason(t *testing.T) {
	for name, rest := range map[string][]llmtest.Step{
		"no mark":         {},
		"usage cut":       {llmtest.Raw(`data: {"usage":{"pro` + "\n")},
		"reset":           {llmtest.Reset()},
		"silence":         {llmtest.Hang()},
		"keepalives only": {llmtest.Repeat(": k\n", time.Millisecond)},
		"text":            {llmtest.Token(" More."), llmtest.Done()},
	} {
		t.Run(name, func(t *testing.T) {
			srv := llmtest.NewServer(t)
			srv.Script(llmtest.Stream(append([]llmtest.Step{llmtest.Token("Yes."), llmtest.Finish("stop")}, rest...)...))
			text, _, result, err := write(t, newModel(t, srv.URL), request())
			if err != nil || text != "Yes." || result.Finish != llm.FinishStop || !result.Usage.Estimated {
				t.Errorf("%q, %+v, %v", text, result, err)
			}
		})
	}
}

func TestThoughtsAreNotShown(t *testing.T) {
	for script, want := range map[string]string{
		"<think>|The shopper asks|.</think>|\n\n|Yes.": "Yes.",
		"\n<th|ink>a</thi|nk> Yes|.":                   "Yes.",
		"<think></think>|No|.":                         "No.",
		"<thin|ner> soles":                             "<thinner> soles",
		"Use |<think>| tags":                           "Use <think> tags",
		"<":                                            "<",
		"  \n|Yes. ":                                   "Yes. ",
	} {
		srv := llmtest.NewServer(t)
		var steps []llmtest.Step
		for _, piece := range strings.Split(script, "|") {
			steps = append(steps, llmtest.Token(piece))
		}
		srv.Script(llmtest.Stream(append(steps, llmtest.Finish("stop"), llmtest.Done())...))
		text, _, _, err := write(t, newModel(t, srv.URL), request())
		if err != nil || text != want {
			t.Errorf("%q shows %q (%v), want %q", script, text, err, want)
		}
	}
}

func TestLineEndsAndFields(t *testing.T) {
	srv := llmtest.NewServer(t)
	srv.Script(llmtest.Stream(
		llmtest.Raw(": hello\r\n\r\nevent: message\r\nid: 1\r\nretry: 10\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"Ye\"}}]}\r\n\r\n"),
		llmtest.Raw("data: {\"choices\":[{\"delta\":{\"content\":\"s.\"},\"finish_reason\":\"eos_token\"}]}\n\ndata:[DONE]\n\n")))
	text, _, _, err := write(t, newModel(t, srv.URL), request())
	if err != nil || text != "Yes." {
		t.Errorf("%q, %v", text, err)
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]openai.Options{
		"no model":      {BaseURL: "http://localhost/v1"},
		"no scheme":     {BaseURL: "localhost:11434/v1", Model: "m"},
		"no host":       {BaseURL: "http://", Model: "m"},
		"file":          {BaseURL: "file:///v1", Model: "m"},
		"key with line": {APIKey: "a\nb", Model: "m"},
	} {
		if _, err := openai.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "a\nb") {
			t.Errorf("%s: the error holds the key", name)
		}
	}
	srv := llmtest.NewServer(t)
	for _, base := range []string{srv.URL + "/", srv.URL + "/chat/completions", " " + srv.URL} {
		m, err := openai.New(openai.Options{BaseURL: base, Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := write(t, m, request()); err != nil {
			t.Errorf("%q: %v", base, err)
		}
		m.CloseIdle()
	}
}
