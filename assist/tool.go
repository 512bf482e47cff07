package assist

import (
	"encoding/json"
	"errors"

	"github.com/careloop/careloop/assist/llm"
)

// Tool is something that a model may call while it writes. Its arguments are as
// untrusted as everything that a model says.
type Tool interface {
	Spec() llm.Tool
	// Call says what the call asks for, or fails where the arguments make no
	// sense.
	Call(arguments json.RawMessage) (Asked, error)
}

// Asked is what a model asked for by a tool.
type Asked struct {
	// Escalate asks for a person, with a reason out of the fixed list.
	Escalate Reason
	// Wish is what the shopper wants as the model put it.
	Wish string
}

func (a *Answerer) specs() []llm.Tool {
	var out []llm.Tool
	for _, t := range a.Tools {
		out = append(out, t.Spec())
	}
	return out
}

// call does what the first call asks for; the turn ends with it.
func (t *answering) call(calls []llm.ToolCall) (Reply, error) {
	for _, tool := range t.a.Tools {
		if tool.Spec().Name != calls[0].Name {
			continue
		}
		asked, err := tool.Call(calls[0].Arguments)
		if err != nil {
			return Reply{}, err
		}
		reply := t.escalate(asked.Escalate)
		if e := reply.Escalation; e != nil && asked.Wish != "" {
			pack := e.Pack
			e.Pack = func(messages []Event) Packet {
				p := pack(messages)
				if numbersIn(asked.Wish, messages) {
					p.Wish = asked.Wish
				}
				return p
			}
		}
		return reply, nil
	}
	return Reply{}, errors.New("the model called a tool that there is not")
}
