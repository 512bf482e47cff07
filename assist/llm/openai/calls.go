package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	api "github.com/sashabaranov/go-openai"

	"github.com/careloop/careloop/assist/llm"
)

// Bounds on the tool calls of one answer.
const (
	maxCalls     = 32
	maxArguments = 256 << 10 // bytes, all calls together
)

// calls puts tool calls together from their pieces.
type calls struct {
	open []*call
	size int
	done []llm.ToolCall
}

type call struct {
	index     int
	id, name  string
	arguments strings.Builder
}

func (c *calls) add(pieces []api.ToolCall) error {
	for _, p := range pieces {
		to := c.find(p)
		if to == nil {
			if len(c.open) == maxCalls {
				return faultf(llm.TooLong, "more than %d tool calls", maxCalls)
			}
			to = &call{index: len(c.open), id: p.ID}
			if p.Index != nil {
				to.index = *p.Index
			}
			c.open = append(c.open, to)
		}
		if to.name == "" {
			to.name = p.Function.Name
		}
		c.size += len(p.Function.Arguments)
		if c.size > maxArguments {
			return faultf(llm.TooLong, "tool arguments of more than %d bytes", maxArguments)
		}
		to.arguments.WriteString(p.Function.Arguments)
	}
	return nil
}

// find gives the call that a piece belongs to, or nil for a new one. Some
// servers give every call the same index, or none, but an id of its own.
func (c *calls) find(p api.ToolCall) *call {
	for i := len(c.open) - 1; i >= 0; i-- {
		o := c.open[i]
		if p.Index != nil && *p.Index != o.index {
			continue
		}
		if p.ID != "" && o.id != "" && p.ID != o.id {
			continue
		}
		if p.Index == nil && p.ID == "" && i != len(c.open)-1 {
			continue
		}
		return o
	}
	return nil
}

// check makes whole calls of the pieces, or says why they are none.
func (c *calls) check() error {
	for i, o := range c.open {
		if o.name == "" {
			return faultf(llm.Malformed, "a tool call without a name")
		}
		arguments := bytes.TrimSpace([]byte(o.arguments.String()))
		if len(arguments) == 0 {
			arguments = []byte("{}")
		}
		if arguments[0] != '{' || !json.Valid(arguments) {
			return faultf(llm.Malformed, "the arguments of a tool call are not a JSON object")
		}
		id := o.id
		if id == "" {
			id = fmt.Sprintf("call_%d", i+1)
		}
		c.done = append(c.done, llm.ToolCall{ID: id, Name: o.name, Arguments: arguments})
	}
	return nil
}
