// Package extractive writes answers without a language model: it quotes the
// sentences of the passages that answer the question, word for word, and cites
// each. It is what a shop without a key runs on, and what remains when every
// model fails.
package extractive

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/careloop/careloop/assist/llm"
)

// Name is the name of the extractive model.
const Name = "extractive"

// Model answers from Request.Grounding alone and reads nothing else of the
// request. The same grounding always gives the same answer. It is safe for
// concurrent use and starts no goroutines.
type Model struct{}

// New makes a Model.
func New() Model { return Model{} }

// Name is Name.
func (Model) Name() string { return Name }

var _ llm.Model = Model{}

// Write implements llm.Model. Where no sentence fits the question it fails with
// kind Empty. It uses no tokens.
func (Model) Write(ctx context.Context, req llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
	result := llm.Result{Model: Name}
	if err := ctx.Err(); err != nil {
		return result, err
	}
	begun := time.Now()
	language := languageOf(req.Grounding.Locale)
	r := newReading(req.Grounding, language)
	a := r.pick(language)
	if len(a.quotes) == 0 {
		return result, &llm.Error{Kind: llm.Empty, Model: Name, Err: errors.New("no sentence of the passages fits the question")}
	}
	for _, piece := range pieces(r.render(a)) {
		if err := ctx.Err(); err != nil {
			return result, err
		}
		if result.FirstDelta == 0 {
			result.FirstDelta = max(time.Since(begun), 1)
		}
		if err := emit(llm.Delta{Text: piece}); err != nil {
			return result, err
		}
	}
	result.Finish = llm.FinishStop
	return result, nil
}

func languageOf(locale string) string {
	language, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	if language == "" {
		language = "en"
	}
	return strings.ToLower(language)
}

// render writes the answer: sentences of a paragraph side by side, items of a
// list on lines of their own, passages apart.
func (r *reading) render(a answer) string {
	var b strings.Builder
	b.WriteString(a.lead)
	items := 0
	for _, q := range a.quotes {
		if r.unit(q).shape != prose {
			items++
		}
	}
	for i, q := range a.quotes {
		u := r.unit(q)
		listed := u.shape != prose && items > 1
		first := i == 0 || r.unit(a.quotes[i-1]).block != u.block || a.quotes[i-1].page != q.page ||
			r.unit(a.quotes[i-1]).item != u.item || r.unit(a.quotes[i-1]).shape != u.shape
		switch {
		case b.Len() == 0:
		case i == 0:
			b.WriteString("\n\n")
		case a.quotes[i-1].page != q.page:
			b.WriteString("\n\n")
		case listed && first && r.unit(a.quotes[i-1]).shape == prose:
			b.WriteString("\n\n")
		case listed && first:
			b.WriteString("\n")
		case !listed && r.unit(a.quotes[i-1]).shape != prose && items > 1:
			b.WriteString("\n\n")
		default:
			b.WriteString(" ")
		}
		if listed && first {
			if u.shape == numbered {
				b.WriteString(strconv.Itoa(u.item+1) + ". ")
			} else {
				b.WriteString("- ")
			}
		}
		said := r.said(q)
		b.WriteString(said)
		if !strings.HasSuffix(said, ":") || hasDigit(said) { // a line that leads to a list says nothing itself
			b.WriteString(" [" + strconv.Itoa(r.pages[q.page].n) + "]")
		}
	}
	return b.String()
}

// said gives the words of a quote: an item that is no sentence, and that no line
// leads to, has its heading before it.
func (r *reading) said(q quote) string {
	u := r.unit(q)
	if u.fragment() && u.lead == "" && u.heading != "" && r.intro(q).at < 0 {
		return strings.TrimRight(u.heading, ":?!. ") + ": " + u.text
	}
	return u.whole()
}

// pieces cuts a text for streaming, between words, about six words each.
func pieces(text string) []string {
	var out []string
	start, words := 0, 0
	for i := range len(text) {
		if text[i] != ' ' {
			continue
		}
		words++
		if words%6 == 0 && i > start {
			out = append(out, text[start:i])
			start = i
		}
	}
	last := text[start:]
	if at := strings.LastIndexByte(last, ' '); len(out) == 0 && at > 0 {
		return []string{last[:at], last[at:]} // a stream even if short
	}
	return append(out, last)
}
