// Package prompts holds every word that is said to a model, as templates in
// Markdown files beside this one, types what they need, and hashes them so that
// an answer can be traced to the words that led to it.
package prompts

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"strings"
	"text/template"
)

//go:embed *.md tools/*.md
var files embed.FS

var (
	answer     = parse("answer.md")
	answerUser = parse("answer-question.md")
)

func parse(name string) *template.Template {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded: cannot be missing in a built program
	}
	return template.Must(template.New(name).Funcs(template.FuncMap{"fence": fence}).Option("missingkey=error").Parse(string(b)))
}

// AnswerInput is what the answering prompt needs.
type AnswerInput struct {
	Shop     string
	Language string // name of the language, in English
	Passages []PassageInput
	Question string
}

// PassageInput is a passage as the model sees it: data between fences.
type PassageInput struct {
	N       int
	Title   string
	Heading string
	Text    string
}

// Answer gives the system message, the last user message, and the hash of the
// templates (not of their inputs).
func Answer(in AnswerInput) (system, user, hash string) {
	return render(answer, in), render(answerUser, in), hashOf("answer.md", "answer-question.md", "tools/escalate.md")
}

// ToolWords is what a model is told of a tool: what it does, and what each of
// its parameters is.
type ToolWords struct {
	Description string
	Parameters  map[string]string
}

// Tool gives the words of a tool, from tools/NAME.md: first the description,
// then a heading for each parameter.
func Tool(name string) ToolWords {
	b, err := files.ReadFile("tools/" + name + ".md")
	if err != nil {
		panic(err) // embedded: cannot be missing in a built program
	}
	parts := strings.Split(string(b), "\n## ")
	words := ToolWords{Description: strings.TrimSpace(parts[0]), Parameters: map[string]string{}}
	for _, part := range parts[1:] {
		parameter, text, _ := strings.Cut(part, "\n")
		words.Parameters[strings.TrimSpace(parameter)] = strings.TrimSpace(text)
	}
	return words
}

func render(t *template.Template, in any) string {
	var b strings.Builder
	if err := t.Execute(&b, in); err != nil {
		panic(err) // the input's type is fixed: a template that fails fails in every test
	}
	return strings.TrimSpace(b.String())
}

// fence makes a text harmless inside a fenced block: nothing in it can close
// the fence.
func fence(s string) string {
	return strings.NewReplacer("<", "‹", ">", "›").Replace(s)
}

func hashOf(names ...string) string {
	h := sha256.New()
	for _, n := range names {
		b, err := files.ReadFile(n)
		if err != nil {
			panic(err)
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
