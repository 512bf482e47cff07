package tool

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/prompts"
)

// maxWish is the longest summary that is taken from a model, in code points.
const maxWish = 300

// modelReasons are those of the fixed list that a model may give.
var modelReasons = []assist.Reason{assist.ReasonModelAsked, assist.ReasonPersonOnly, assist.ReasonFeeling, assist.ReasonLegal, assist.ReasonAsked}

// Escalate lets the model ask for a person.
type Escalate struct{}

// Spec is the tool as the model sees it.
func (Escalate) Spec() llm.Tool {
	words := prompts.Tool("escalate")
	schema, err := json.Marshal(map[string]any{
		"type": "object",
		"properties": map[string]any{
			"reason":  map[string]any{"type": "string", "enum": modelReasons, "description": words.Parameters["reason"]},
			"summary": map[string]any{"type": "string", "maxLength": maxWish, "description": words.Parameters["summary"]},
		},
		"required":             []string{"reason", "summary"},
		"additionalProperties": false,
	})
	if err != nil {
		panic("tool: the schema of escalate: " + err.Error()) // made of constants
	}
	return llm.Tool{Name: "escalate", Description: words.Description, Parameters: schema}
}

// Call reads a model's wish for a person. A reason that is not on the list
// counts as the model's own; the summary is data, cut to one line of its length.
func (Escalate) Call(arguments json.RawMessage) (assist.Asked, error) {
	var in struct {
		Reason  string `json:"reason"`
		Summary string `json:"summary"`
	}
	if err := json.Unmarshal(arguments, &in); err != nil {
		return assist.Asked{}, errors.New("the arguments of escalate are not what they should be")
	}
	asked := assist.Asked{Escalate: assist.Reason(in.Reason)}
	if !slices.Contains(modelReasons, asked.Escalate) {
		asked.Escalate = assist.ReasonModelAsked
	}
	wish := []rune(strings.Join(strings.FieldsFunc(in.Summary, func(r rune) bool { return r <= ' ' || r == 0x7f }), " "))
	asked.Wish = string(wish[:min(len(wish), maxWish)])
	return asked, nil
}
