package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/prompts"
)

// Criteria are what a judge model marks, each from 1 to 5; prompts/draft-judge.md
// says what they mean.
var Criteria = []string{"matter", "feeling", "ownership", "solution", "step_beyond", "truth", "language"}

// judgeTokens bounds a judge's answer, which is one small object.
const judgeTokens = 200

// Marks has a model mark a reply by the rubric. An answer without every mark, or
// with one out of range, is an error.
func Marks(ctx context.Context, m llm.Model, before []assist.Event, reply string) (map[string]int, error) {
	in := prompts.JudgeInput{Reply: reply}
	for _, e := range before {
		in.Timeline = append(in.Timeline, prompts.SaidInput{By: string(e.Author.Kind), Text: e.Text})
	}
	system, user, _ := prompts.Judge(in)
	var b strings.Builder
	_, err := m.Write(ctx, llm.Request{Messages: []llm.Message{{Role: llm.System, Text: system}, {Role: llm.User, Text: user}}, MaxTokens: judgeTokens},
		func(d llm.Delta) error { b.WriteString(d.Text); return nil })
	if err != nil {
		return nil, err
	}
	text := b.String()
	from, to := strings.Index(text, "{"), strings.LastIndex(text, "}")
	if from < 0 || to < from {
		return nil, errors.New("the judge gave no object")
	}
	var marks map[string]int
	if err := json.Unmarshal([]byte(text[from:to+1]), &marks); err != nil {
		return nil, fmt.Errorf("the judge's marks: %w", err)
	}
	for _, k := range Criteria {
		if marks[k] < 1 || marks[k] > 5 {
			return nil, fmt.Errorf("the judge's mark for %s is %d", k, marks[k])
		}
	}
	return marks, nil
}
