package openai

import (
	"encoding/json"
	"errors"
	"strings"

	api "github.com/sashabaranov/go-openai"

	"github.com/careloop/careloop/assist/llm"
)

// habits says which form of request a server accepts. Servers differ: some
// refuse stream_options, newer models of OpenAI refuse max_tokens and any
// temperature but their own.
type habits struct {
	noUsage       bool // without stream_options
	completionMax bool // max_completion_tokens instead of max_tokens
	noTemperature bool
	noEffort      bool // reasoning_effort "none", for models that want it with tools
	// turned is set once the name of the bound was changed, so that two refusals
	// do not go to and fro.
	turned bool
	// proven is set once the server has accepted a request: from then on a
	// refusal that names no field is taken for what it says.
	proven bool
}

// firstHabits guesses from the names. OpenAI accepts max_completion_tokens for
// every model; elsewhere max_tokens is what all servers know, and a bound that a
// server ignores would be worse than one that it refuses.
func firstHabits(host, model string) *habits {
	host, model = strings.ToLower(host), strings.ToLower(model)
	if i := strings.LastIndexByte(model, '/'); i >= 0 {
		model = model[i+1:]
	}
	h := &habits{}
	h.completionMax = host == "api.openai.com" || strings.HasSuffix(host, ".openai.azure.com")
	for _, prefix := range []string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(model, prefix) {
			h.completionMax, h.noTemperature = true, true
		}
	}
	return h
}

// after gives the habits to try next when a request was refused, and false where
// there is nothing left to try.
func (h habits) after(err error) (habits, bool) {
	changed := false
	switch refused(err, h.proven) {
	case fieldUsage:
		changed, h.noUsage = !h.noUsage, true
	case fieldTemperature:
		changed, h.noTemperature = !h.noTemperature, true
	case fieldEffort:
		changed, h.noEffort = !h.noEffort, true
	case fieldMax:
		if !h.turned {
			changed, h.turned, h.completionMax = true, true, !h.completionMax
		}
	}
	return h, changed
}

// field is a part of the request that a server may refuse.
type field int

const (
	fieldNone field = iota
	fieldUsage
	fieldMax
	fieldTemperature
	fieldEffort
)

// refused says which field an error is about.
func refused(err error, proven bool) field {
	switch { // the library refuses some fields itself, by the model's name
	case errors.Is(err, api.ErrReasoningModelMaxTokensDeprecated):
		return fieldMax
	case errors.Is(err, api.ErrReasoningModelLimitationsOther), errors.Is(err, api.ErrReasoningSamplingUnsupported):
		return fieldTemperature
	case errors.Is(err, api.ErrReasoningToolsRequireResponses):
		return fieldEffort
	}
	var status *statusError
	if !errors.As(err, &status) || (status.code != 400 && status.code != 422) || status.filtered {
		return fieldNone
	}
	switch {
	case status.names.streamOptions:
		return fieldUsage
	case status.names.maxTokens:
		return fieldMax
	case status.names.temperature:
		return fieldTemperature
	case !proven && !status.explained: // the server does not say what it dislikes
		return fieldUsage
	}
	return fieldNone
}

// build makes the library's request.
func (m *Model) build(req llm.Request, h habits) api.ChatCompletionRequest {
	out := api.ChatCompletionRequest{
		Model:           m.name,
		Messages:        make([]api.ChatCompletionMessage, 0, len(req.Messages)),
		ReasoningEffort: m.effort,
	}
	for _, msg := range req.Messages {
		out.Messages = append(out.Messages, message(msg))
	}
	for _, t := range req.Tools {
		parameters := t.Parameters
		if len(parameters) == 0 {
			parameters = json.RawMessage(`{"type":"object","properties":{}}`)
		}
		out.Tools = append(out.Tools, api.Tool{Type: api.ToolTypeFunction, Function: &api.FunctionDefinition{
			Name: t.Name, Description: t.Description, Parameters: parameters,
		}})
	}
	if !h.noUsage {
		out.StreamOptions = &api.StreamOptions{IncludeUsage: true}
	}
	if h.completionMax {
		out.MaxCompletionTokens = req.MaxTokens
	} else {
		//lint:ignore SA1019 most servers other than OpenAI's know this field alone
		out.MaxTokens = req.MaxTokens
	}
	if !h.noTemperature {
		out.Temperature = req.Temperature
	}
	if h.noEffort {
		out.ReasoningEffort = api.ReasoningEffortNone
	}
	return out
}

func message(msg llm.Message) api.ChatCompletionMessage {
	out := api.ChatCompletionMessage{Role: string(msg.Role), Content: msg.Text, ToolCallID: msg.ToolCallID}
	for _, c := range msg.ToolCalls {
		arguments := string(c.Arguments)
		if arguments == "" {
			arguments = "{}"
		}
		out.ToolCalls = append(out.ToolCalls, api.ToolCall{
			ID: c.ID, Type: api.ToolTypeFunction, Function: api.FunctionCall{Name: c.Name, Arguments: arguments},
		})
	}
	if out.Content == "" && len(out.ToolCalls) == 0 {
		out.Content = " " // the library leaves empty content out, and servers refuse a message without it
	}
	return out
}
