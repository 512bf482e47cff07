package llmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Script says how the server answers one request. The zero Script answers with
// a stream that ends at once.
type Script struct {
	// Name shows up in test names.
	Name string
	// Status other than 0 and 200 is answered with Body and without any Steps.
	Status int
	Header http.Header
	Body   string
	// Steps are done one after the other; then the answer ends cleanly.
	Steps []Step
}

// Step is one thing that the server does while it streams. Exactly one field is
// set; the functions below make them.
type Step struct {
	raw    string
	text   bool
	pause  time.Duration
	wait   <-chan struct{}
	hang   bool
	repeat string
	every  time.Duration
	reset  bool
}

// Token sends a piece of the answer's text.
func Token(text string) Step {
	return Step{raw: event(chunk(map[string]any{"content": text}, nil)), text: true}
}

// ToolPiece sends a piece of a tool call. ID and name stand on the first piece
// of the call with that index, the arguments are spread over all of them.
func ToolPiece(index int, id, name, arguments string) Step {
	function := map[string]any{"arguments": arguments}
	call := map[string]any{"index": index, "function": function}
	if id != "" {
		call["id"], call["type"] = id, "function"
	}
	if name != "" {
		function["name"] = name
	}
	return Step{raw: event(chunk(map[string]any{"tool_calls": []any{call}}, nil))}
}

// Role sends what OpenAI sends first: a delta with a role and empty text.
func Role() Step {
	return Step{raw: event(chunk(map[string]any{"role": "assistant", "content": ""}, nil))}
}

// Finish sends the finish reason.
func Finish(reason string) Step {
	return Step{raw: event(chunk(map[string]any{}, &reason))}
}

// Usage sends the counts of tokens in a chunk without choices.
func Usage(prompt, completion int) Step {
	return Step{raw: event(map[string]any{
		"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": []any{},
		"usage": map[string]any{"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
	})}
}

// Done sends the mark that closes a stream.
func Done() Step { return Raw("data: [DONE]\n\n") }

// Raw sends these bytes as they are.
func Raw(bytes string) Step { return Step{raw: bytes} }

// Pause waits so long, or until the caller has gone.
func Pause(d time.Duration) Step { return Step{pause: d} }

// Wait waits until c is closed or gives a value, or until the caller has gone.
func Wait(c <-chan struct{}) Step { return Step{wait: c} }

// Hang says nothing more until the caller has gone.
func Hang() Step { return Step{hang: true} }

// Repeat sends these bytes again and again, with a pause of every between,
// until the caller has gone.
func Repeat(bytes string, every time.Duration) Step { return Step{repeat: bytes, every: every} }

// Reset breaks the connection as a crashed server does.
func Reset() Step { return Step{reset: true} }

func chunk(delta map[string]any, finish *string) map[string]any {
	return map[string]any{
		"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
		"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}},
	}
}

func event(data any) string {
	b, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("llmtest: %v", err)) // only maps of strings and numbers come here
	}
	return "data: " + string(b) + "\n\n"
}

// tokens cuts a text as models do: each word with the blank before it.
func tokens(text string) []string {
	var out []string
	start := 0
	for i := 1; i < len(text); i++ {
		if text[i] == ' ' || text[i] == '\n' {
			out = append(out, text[start:i])
			start = i
		}
	}
	if text != "" {
		out = append(out, text[start:])
	}
	return out
}

func said(text string) []Step {
	steps := []Step{Role()}
	for _, t := range tokens(text) {
		steps = append(steps, Token(t))
	}
	return steps
}

// Stream is a script of these steps.
func Stream(steps ...Step) Script { return Script{Steps: steps} }

// Answer streams the text a word at a time and ends as a good server does, with
// 10 tokens of prompt and one of completion per word.
func Answer(text string) Script {
	steps := append(said(text), Finish("stop"), Usage(10, len(tokens(text))), Done())
	return Script{Name: "answer", Steps: steps}
}

// Paced is Answer with a pause before the first word and between words.
func Paced(text string, first, between time.Duration) Script {
	steps := []Step{Role(), Pause(first)}
	for i, t := range tokens(text) {
		if i > 0 {
			steps = append(steps, Pause(between))
		}
		steps = append(steps, Token(t))
	}
	steps = append(steps, Finish("stop"), Usage(10, len(tokens(text))), Done())
	return Script{Name: "paced", Steps: steps}
}

// CallTool answers with one tool call whose arguments come in pieces.
func CallTool(id, name, arguments string) Script {
	half := len(arguments) / 2
	return Script{Name: "tool call", Steps: []Step{
		Role(), ToolPiece(0, id, name, ""), ToolPiece(0, "", "", arguments[:half]), ToolPiece(0, "", "", arguments[half:]),
		Finish("tool_calls"), Usage(10, 5), Done(),
	}}
}

// Status answers with an HTTP error in OpenAI's format.
func Status(code int, retryAfter string) Script {
	return Refusal(code, "The server says no.", "", "", retryAfter)
}

// Refusal is Status with the error's message, code and parameter.
func Refusal(status int, message, code, param, retryAfter string) Script {
	fault := map[string]any{"message": message, "type": "invalid_request_error", "param": nil, "code": nil}
	if code != "" {
		fault["code"] = code
	}
	if param != "" {
		fault["param"] = param
	}
	body, err := json.Marshal(map[string]any{"error": fault})
	if err != nil {
		panic(fmt.Sprintf("llmtest: %v", err))
	}
	s := Script{Name: fmt.Sprintf("status %d", status), Status: status, Body: string(body), Header: http.Header{}}
	if retryAfter != "" {
		s.Header.Set("Retry-After", retryAfter)
	}
	return s
}

// text gives all the text that the script says: for answers without streaming.
func (s Script) text() string {
	var b strings.Builder
	for _, step := range s.Steps {
		if !step.text {
			continue
		}
		var c struct {
			Choices []struct {
				Delta struct{ Content string }
			}
		}
		if json.Unmarshal([]byte(strings.TrimPrefix(step.raw, "data: ")), &c) == nil && len(c.Choices) > 0 {
			b.WriteString(c.Choices[0].Delta.Content)
		}
	}
	return b.String()
}
