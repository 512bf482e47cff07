package draft

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/prompts"
)

// What of a conversation a model is given, and what it may take.
const (
	passageRunes = 2400
	saidRunes    = 800
	temperature  = 0.4
)

// Limits bound a draft.
type Limits struct {
	// Threshold is the confidence below which no passage is used.
	Threshold float64
	// Tokens bounds one reply, unless what it rewrites is longer.
	Tokens int
	// Cost bounds what all calls for a draft may cost together, in millionths of
	// a dollar, Time how long they may take.
	Cost int64
	Time time.Duration
}

// DefaultLimits suit a reply of some hundred words.
var DefaultLimits = Limits{Threshold: 0.35, Tokens: 700, Cost: 50_000, Time: 60 * time.Second}

// Result is a draft's text with all that is kept of it.
type Result struct {
	Text        string
	Citations   []assist.Citation
	Unsupported []Unsupported
	Model       string // empty: templates
	PromptHash  string
	CareVersion int
	Note        Note
	Topic       string
	Calls       []assist.CallRecord
}

// Means are what a composer may do for one draft.
type Means struct {
	// Reserve sets money aside for a call, in millionths of a dollar; false means
	// that the site has spent its day's.
	Reserve func(ctx context.Context, amount int64) (bool, error)
	// GoodReplies finds replies to similar questions.
	GoodReplies func(ctx context.Context, embedder string, vector []float32, limit int) ([]GoodReply, error)
	// Text is told what is written, as it is; an offset (UTF-16) below what was
	// told before takes back what stands from there.
	Text func(offset int, text string)
}

// Compose writes one draft: by the first model that can, else from templates.
// It fails only with the context's error; its result then still tells what was
// spent.
func (c *Composer) Compose(ctx context.Context, in Input, m Means) (Result, error) {
	mat, err := c.gather(ctx, in, m)
	if err != nil {
		return Result{}, err
	}
	result := c.byModel(ctx, mat, m)
	if err := ctx.Err(); err != nil {
		return result, err
	}
	if result.Text == "" {
		r := mat.withoutModel(ctx, c.Quoter)
		r.Calls = result.Calls
		result = r
		m.Text(0, result.Text)
	}
	result.CareVersion, result.Topic = in.Guide.Version, string(mat.reading.Topic)
	result.Unsupported = Judge(result.Text, mat.evidence())
	return result, nil
}

// byModel asks one writer after the other; a result without a text means that
// none of them wrote one.
func (c *Composer) byModel(ctx context.Context, mat *material, m Means) Result {
	var result Result
	if len(c.Writers) == 0 {
		return result
	}
	// What is rewritten may be longer than a reply that is written anew; a token
	// is some three characters.
	tokens := max(c.Limits.Tokens, utf8.RuneCountInString(mat.in.Given)/3)
	req, hash := mat.request(tokens)
	ctx, cancel := context.WithTimeout(ctx, c.Limits.Time)
	defer cancel()
	spent := int64(0)
	for _, w := range c.Writers {
		if ctx.Err() != nil {
			break
		}
		most := w.Price.Cost(promptTokens(req), tokens)
		affordable := spent+most <= c.Limits.Cost
		if affordable {
			ok, err := m.Reserve(ctx, most)
			affordable = ok && err == nil // a store that cannot be asked is an empty purse
		}
		if !affordable {
			result.Calls = append(result.Calls, assist.CallRecord{Model: w.Model.Name(), Failure: "budget"})
			continue
		}
		text, call := write(ctx, w, req, m.Text)
		spent += call.Cost
		result.Calls = append(result.Calls, call)
		if text == "" {
			continue
		}
		result.Text, result.Citations = mat.cite(text)
		result.Model, result.PromptHash = w.Model.Name(), hash
		return result
	}
	return result
}

// write has one model write; an empty text means that nothing usable came.
func write(ctx context.Context, w assist.Writer, req llm.Request, told func(int, string)) (string, assist.CallRecord) {
	call := assist.CallRecord{Model: w.Model.Name()}
	var b strings.Builder
	units := 0
	res, err := w.Model.Write(ctx, req, func(d llm.Delta) error {
		text := plain(d.Text)
		if text != "" {
			told(units, text)
			b.WriteString(text)
			units += utf16Len(text)
		}
		return ctx.Err()
	})
	text := strings.TrimSpace(b.String())
	if err != nil && text != "" && res.Usage == (llm.Usage{}) {
		// What was written before a failure was paid for, whoever counts it.
		res.Usage = llm.Usage{PromptTokens: promptTokens(req), CompletionTokens: len(text)/4 + 1, Estimated: true}
	}
	call.PromptTokens, call.CompletionTokens, call.Estimated = res.Usage.PromptTokens, res.Usage.CompletionTokens, res.Usage.Estimated
	call.Cost = w.Price.Cost(call.PromptTokens, call.CompletionTokens)
	var failure *llm.Error
	switch {
	case errors.As(err, &failure):
		call.Failure = string(failure.Kind)
	case err != nil:
		call.Failure = "cancelled"
	case res.Finish == llm.FinishLength, utf8.RuneCountInString(text) > assist.MaxReply:
		call.Failure = string(llm.TooLong)
	case text == "":
		call.Failure = string(llm.Empty)
	}
	if call.Failure != "" {
		return "", call
	}
	return text, call
}

// plain drops characters that nobody sees.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == '\u200b' || r == '\u2060' || r == '\ufeff' || r == '\u00ad' || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

// request makes what is sent to a model, and the hash of its prompt.
func (m *material) request(tokens int) (llm.Request, string) {
	in := prompts.DraftInput{
		Shop: m.in.Site.Name, Language: languageName(m.locale), CareGuide: m.guide(), Offers: m.in.Guide.Offers, Tone: string(m.in.Tone),
		Name: m.in.Shopper.Name, Topic: string(m.reading.Topic), Feeling: string(m.reading.Feeling), Wish: cut(m.in.Packet.Wish, saidRunes),
		Orders: m.orders, Given: cut(m.in.Given, assist.MaxReply),
	}
	for _, e := range m.in.Messages {
		if by := speaker(e); by != "" && e.Text != "" {
			in.Timeline = append(in.Timeline, prompts.SaidInput{By: by, Text: cut(e.Text, saidRunes)})
		}
	}
	for i, p := range m.passages {
		in.Passages = append(in.Passages, prompts.PassageInput{N: i + 1, Title: p.Article.Title, Heading: strings.Join(p.Heading, " › "), Text: p.Text})
	}
	for _, g := range m.good {
		in.GoodReplies = append(in.GoodReplies, prompts.GoodReplyInput{Question: cut(g.Question, saidRunes), Reply: cut(g.Reply, saidRunes)})
	}
	system, user, hash := prompts.Draft(in)
	return llm.Request{Messages: []llm.Message{{Role: llm.System, Text: system}, {Role: llm.User, Text: user}}, MaxTokens: tokens, Temperature: temperature}, hash
}

// guide is the shop's own definition of care, else ours.
func (m *material) guide() string {
	if strings.TrimSpace(m.in.Guide.Markdown) != "" {
		return m.in.Guide.Markdown
	}
	return prompts.CareGuide()
}

// speaker names who says something that a reply may build on. Notes are between
// agents, and what the system says is no part of the talk.
func speaker(e assist.Event) string {
	switch {
	case e.Kind == assist.KindNote, e.Author.Kind == assist.BySystem:
		return ""
	case e.Kind == assist.KindMessage, e.Kind == assist.KindHandoff && e.Author.Kind == assist.ByShopper:
		return string(e.Author.Kind)
	}
	return ""
}

// promptTokens is a high estimate: three bytes a token.
func promptTokens(req llm.Request) int {
	n := 0
	for _, m := range req.Messages {
		n += len(m.Text)/3 + 8
	}
	return n
}

// languageName is what a model is told to write in.
func languageName(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return "English"
	}
	base, _ := tag.Base()
	if name := display.English.Languages().Name(base); name != "" {
		return name
	}
	return "English"
}

// cut shortens a text to n runes.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + " …"
}
