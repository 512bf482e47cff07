package openai

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	api "github.com/sashabaranov/go-openai"

	"github.com/careloop/careloop/assist/llm"
)

// tailWait bounds the wait for the counts of tokens and the closing mark once
// the finish reason is there: the answer is whole without them.
const tailWait = 2 * time.Second

// event is one chunk of a stream, or an error in its place.
type event struct {
	api.ChatCompletionStreamResponse
	Error *serverError `json:"error"`
}

// reader makes deltas and a result of a stream.
type reader struct {
	begun time.Time
	emit  func(llm.Delta) error
	abort func()

	think   thinking
	calls   calls
	started bool
	refused bool
	first   time.Duration
	runes   int
	usage   *api.Usage
	finish  api.FinishReason
	emitErr error
}

// read reads to the end of the stream. The error is a *fault or the network's.
func (r *reader) read(stream *api.ChatCompletionStream) (llm.Finish, error) {
	err := r.receive(stream)
	if r.emitErr != nil {
		return "", r.emitErr
	}
	if r.finish == "" {
		return "", err
	}
	if err := r.text(r.think.rest()); err != nil {
		return "", err
	}
	return r.close()
}

// receive takes events until the stream ends, and gives the reason: io.EOF for a
// clean end. After the finish reason any end will do.
func (r *reader) receive(stream *api.ChatCompletionStream) error {
	for {
		line, err := stream.RecvRaw()
		if err != nil {
			return err
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			if r.finish != "" {
				return nil
			}
			return faultf(llm.Malformed, "an event of the stream is not the JSON of the protocol")
		}
		if e.Error != nil {
			if r.finish != "" {
				return nil
			}
			return e.Error.fault()
		}
		if e.Usage != nil {
			r.usage = e.Usage
		}
		if r.finish != "" || len(e.Choices) == 0 {
			continue
		}
		if err := r.choice(e.Choices[0]); err != nil {
			return err
		}
		if r.finish != "" {
			timer := time.AfterFunc(tailWait, r.abort)
			defer timer.Stop()
		}
	}
}

func (r *reader) choice(c api.ChatCompletionStreamChoice) error {
	r.refused = r.refused || c.Delta.Refusal != ""
	if err := r.text(r.think.visible(c.Delta.Content)); err != nil {
		return err
	}
	if len(c.Delta.ToolCalls) > 0 {
		if err := r.calls.add(c.Delta.ToolCalls); err != nil {
			return err
		}
		if err := r.send(llm.Delta{}); err != nil {
			return err
		}
	}
	r.finish = c.FinishReason
	return nil
}

func (r *reader) text(s string) error {
	if s == "" {
		return nil
	}
	if r.runes == 0 {
		r.first = time.Since(r.begun)
	}
	r.runes += utf8.RuneCountInString(s)
	return r.send(llm.Delta{Text: s})
}

func (r *reader) send(d llm.Delta) error {
	r.started = true
	if err := r.emit(d); err != nil {
		r.emitErr = err
		return err
	}
	return nil
}

// close judges a stream that had a finish reason.
func (r *reader) close() (llm.Finish, error) {
	finish := llm.FinishStop
	switch reason := strings.ToLower(string(r.finish)); reason {
	case "stop", "eos", "eos_token", "end_turn", "stop_sequence", "tool_calls", "tool_use", "function_call":
	case "length", "max_tokens":
		finish = llm.FinishLength
	case "content_filter", "safety", "recitation":
		return "", faultf(llm.Filtered, "the provider's filter stopped the answer")
	case "abort", "error", "insufficient_system_resource":
		return "", faultf(llm.Truncated, "the server gave the answer up")
	default:
		return "", faultf(llm.Malformed, "the finish reason is not one of the protocol's")
	}
	if err := r.calls.check(); err != nil {
		return "", err
	}
	switch {
	case len(r.calls.done) > 0:
		if finish == llm.FinishStop { // some servers say stop with a tool call
			finish = llm.FinishToolCalls
		}
	case r.runes == 0 && r.refused:
		return "", faultf(llm.Filtered, "the model refused")
	case r.runes == 0:
		return "", faultf(llm.Empty, "finished without text or tool call")
	}
	return finish, nil
}

// usageFor gives the counts of tokens, estimated where the server did not say.
func (r *reader) usageFor(req llm.Request) llm.Usage {
	if u := r.usage; u != nil && u.PromptTokens >= 0 && u.CompletionTokens >= 0 && u.PromptTokens+u.CompletionTokens > 0 {
		return llm.Usage{PromptTokens: u.PromptTokens, CompletionTokens: u.CompletionTokens}
	}
	prompt := 0
	for _, m := range req.Messages {
		prompt += utf8.RuneCountInString(m.Text) + 16
		for _, c := range m.ToolCalls {
			prompt += len(c.Name) + len(c.Arguments)
		}
	}
	for _, t := range req.Tools {
		prompt += len(t.Name) + len(t.Description) + len(t.Parameters)
	}
	return llm.Usage{
		PromptTokens:     (prompt + 3) / 4,
		CompletionTokens: (r.runes + r.think.hidden + r.calls.size + 3) / 4,
		Estimated:        true,
	}
}
