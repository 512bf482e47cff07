package gap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/fact"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/phrase"
	"github.com/careloop/careloop/prompts"
	"github.com/careloop/careloop/retrieval"
)

// WrittenArticle is an article that was drafted for a gap.
type WrittenArticle struct {
	ArticleID string      `json:"article_id"`
	Model     string      `json:"model" doc:"Who wrote it; empty: it is made of the agents' sentences"`
	Redacted  int         `json:"redacted" doc:"How many pieces of personal data were taken out of the replies"`
	Replies   int         `json:"replies" doc:"Replies that it is made of"`
	Flags     []DraftFlag `json:"flags" doc:"What an admin should look at"`
	Existed   bool        `json:"existed" doc:"It was there already: nothing was written"`
}

// DraftFlag is something in a draft, or left out of it, that an admin should look at.
type DraftFlag struct {
	Kind string `json:"kind" enum:"personal,unsupported,disagree" doc:"personal: left out, since it concerned one shopper; unsupported: marked in the text, since no reply says so; disagree: replies say different things"`
	Text string `json:"text"`
}

const (
	drawnReplies   = 50 // of which an article is made
	toldReplies    = 20 // that a model is given
	toldQuestions  = 12
	replyRunes     = 1500
	sameSentence   = 0.72 // likeness from which two replies say the same
	mostSentences  = 14
	articleTokens  = 900
	articleTime    = 60 * time.Second
	articleSpend   = 50_000 // at most, in millionths of a dollar
	leastWordsSaid = 4
)

// Draft writes an article for a gap out of what agents replied, and makes it one
// that is not published. Where there is one, it gives that. Errors: CodeUnknown,
// CodeBusy.
func (d *Desk) Draft(ctx context.Context, site assist.Site, id string, by Actor) (WrittenArticle, error) {
	select {
	case d.drafting <- struct{}{}:
		defer func() { <-d.drafting }()
	default:
		return WrittenArticle{}, &assist.Error{Code: CodeBusy}
	}
	g, err := d.store.Gap(ctx, site.ID, id)
	if err != nil {
		return WrittenArticle{}, err
	}
	if g.Article != nil {
		return WrittenArticle{ArticleID: g.Article.ID, Existed: true}, nil
	}
	m, err := d.gather(ctx, site, g)
	if err != nil {
		return WrittenArticle{}, err
	}
	w := WrittenArticle{Redacted: m.redacted, Replies: len(m.replies)}
	t, model := d.write(ctx, site, g, m)
	if w.Model = model; model == "" {
		if t, err = d.skeleton(ctx, g, m); err != nil {
			return WrittenArticle{}, err
		}
	}
	w.Flags = m.flags
	if w.ArticleID, err = d.o.Articles.Create(ctx, site, t, id, by); err != nil {
		return WrittenArticle{}, err
	}
	// Of two who draft at once, the one whose article the gap has is right.
	if g, err = d.store.Gap(ctx, site.ID, id); err == nil && g.Article != nil {
		w.ArticleID = g.Article.ID
	}
	return w, nil
}

// material is what an article is made of.
type material struct {
	questions []string
	replies   []said
	redacted  int
	flags     []DraftFlag
}

// said is what is left of one reply.
type said struct{ sentences []string }

func (d *Desk) gather(ctx context.Context, site assist.Site, g Gap) (*material, error) {
	m := &material{}
	questions, _, err := d.store.Questions(ctx, site.ID, g.ID, toldQuestions, 0)
	if err != nil {
		return nil, err
	}
	for _, q := range questions {
		m.questions = append(m.questions, q.Text)
	}
	replies, err := d.store.Replies(ctx, site.ID, g.ID, drawnReplies)
	if err != nil {
		return nil, err
	}
	for _, r := range replies {
		clean := draft.Redact(cut(r.Text, replyRunes), r.Names, r.Locale)
		m.redacted += len(redacted.FindAllString(clean, -1))
		var keep []string
		for _, s := range matter(sentencesOf(clean)) {
			if personal(s) {
				m.flag("personal", s)
				continue
			}
			if len(strings.Fields(s)) >= leastWordsSaid && !strings.HasSuffix(s, "?") {
				keep = append(keep, s)
			}
		}
		if len(keep) > 0 {
			m.replies = append(m.replies, said{keep})
		}
	}
	return m, nil
}

// mostFlags bounds what an admin is shown.
const mostFlags = 30

func (m *material) flag(kind, text string) {
	if f := (DraftFlag{kind, cut(text, quoteRunes)}); len(m.flags) < mostFlags && !slices.Contains(m.flags, f) {
		m.flags = append(m.flags, f)
	}
}

// write has the models write, one after the other; empty where none could.
func (d *Desk) write(ctx context.Context, site assist.Site, g Gap, m *material) (Text, string) {
	writers := d.o.Answerer.Writers
	if len(writers) == 0 || len(m.replies) == 0 {
		return Text{}, ""
	}
	in := prompts.GapArticleInput{Shop: site.Name, Language: languageName(g.Locale), Questions: m.questions}
	var sources []string
	for _, r := range m.replies[:min(len(m.replies), toldReplies)] {
		in.Replies = append(in.Replies, strings.Join(r.sentences, " "))
	}
	sources = append(sources, in.Replies...)
	if found, err := d.o.Answerer.Search.Search(ctx, retrieval.Query{SiteID: site.ID, Text: g.Title, Locale: g.Locale, SiteLocale: site.Locale}); err == nil {
		for _, p := range found.Passages[:min(len(found.Passages), 3)] {
			in.Passages = append(in.Passages, prompts.PassageInput{Title: p.Article.Title, Text: cut(p.Text, replyRunes)})
			sources = append(sources, p.Article.Title+"\n"+p.Text)
		}
	}
	system, user, _ := prompts.GapArticle(in)
	req := llm.Request{MaxTokens: articleTokens, Temperature: 0.2,
		Messages: []llm.Message{{Role: llm.System, Text: system}, {Role: llm.User, Text: user}}}
	ctx, cancel := context.WithTimeout(ctx, articleTime)
	defer cancel()
	for _, w := range writers {
		text := d.ask(ctx, site, w, req)
		if t, ok := d.articleOf(text, g, m, sources); ok {
			return t, w.Model.Name()
		}
	}
	return Text{}, ""
}

// ask has one model write, out of the site's budget; empty where it could not.
func (d *Desk) ask(ctx context.Context, site assist.Site, w assist.Writer, req llm.Request) string {
	prompt := 0
	for _, m := range req.Messages {
		prompt += len(m.Text)/3 + 8
	}
	most := w.Price.Cost(prompt, articleTokens)
	daily := d.o.DailyBudget
	if site.DailyBudget != nil {
		daily = *site.DailyBudget
	}
	if most > articleSpend {
		return ""
	}
	day, ok, err := d.o.Budget.ReserveArticle(ctx, site.ID, most, daily)
	if err != nil || !ok {
		return ""
	}
	call := assist.CallRecord{Model: w.Model.Name()}
	var b strings.Builder
	res, err := w.Model.Write(ctx, req, func(delta llm.Delta) error {
		b.WriteString(delta.Text)
		return ctx.Err()
	})
	if err != nil && b.Len() > 0 && res.Usage == (llm.Usage{}) {
		// What was written before a failure was paid for, whoever counts it.
		res.Usage = llm.Usage{PromptTokens: prompt, CompletionTokens: b.Len()/4 + 1, Estimated: true}
	}
	call.PromptTokens, call.CompletionTokens, call.Estimated = res.Usage.PromptTokens, res.Usage.CompletionTokens, res.Usage.Estimated
	call.Cost = w.Price.Cost(call.PromptTokens, call.CompletionTokens)
	var failure *llm.Error
	switch {
	case errors.As(err, &failure):
		call.Failure = string(failure.Kind)
	case err != nil:
		call.Failure = "cancelled"
	}
	// Whoever asked may be gone; what was spent counts all the same.
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := d.o.Budget.SettleArticle(settle, site.ID, most, day, []assist.CallRecord{call}); err != nil {
		d.o.Log.ErrorContext(ctx, "what an article cost is not counted", "error", err)
	}
	if call.Failure != "" || res.Finish == llm.FinishLength {
		return ""
	}
	return b.String()
}

// maxArticle bounds what is taken of a model, in characters.
const maxArticle = 8000

// articleOf makes an article of what a model wrote. A fact that stands in no source
// is marked where it stands.
func (d *Desk) articleOf(text string, g Gap, m *material, sources []string) (Text, bool) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == utf8.RuneError {
			return -1
		}
		return r
	}, text))
	title, rest, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(title, "# ") {
		title, rest = "# "+g.Title, text
	}
	title = cut(oneLine(strings.TrimPrefix(title, "# ")), maxTitle)
	rest = redacted.ReplaceAllString(strings.TrimSpace(rest), "…")
	if rest == "" || utf8.RuneCountInString(rest) > maxArticle {
		return Text{}, false
	}
	evidence := draft.NewEvidence(sources, nil)
	title, _ = d.marked(title, g.Locale, evidence, m)
	rest, _ = d.marked(rest, g.Locale, evidence, m)
	return Text{Title: title, Markdown: rest, Locale: g.Locale}, true
}

// marked puts a mark in the place of each fact that nothing supports.
func (d *Desk) marked(text, locale string, e draft.Evidence, m *material) (string, int) {
	unsupported := draft.Judge(text, e)
	raw := map[string]bool{}
	for _, u := range unsupported {
		raw[u.Text] = true
	}
	n := 0
	located := fact.Locate(text)
	for _, f := range slices.Backward(located) {
		if f.End <= len(text) && f.Start < f.End && raw[text[f.Start:f.End]] {
			m.flag("unsupported", text[f.Start:f.End])
			text = text[:f.Start] + fill(locale, "gap.check", "fact", text[f.Start:f.End]) + text[f.End:]
			n++
		}
	}
	return text, n
}

func fill(locale, key, name, value string) string {
	return strings.ReplaceAll(phrase.Text(locale, key), "{"+name+"}", value)
}

// telling is what one or several replies say.
type telling struct {
	text    string
	replies map[int]bool
	at      int // place in its reply
}

// skeleton makes an article of the replies' own sentences: those that most replies
// agree on first, and those that only one of several says as quotations.
func (d *Desk) skeleton(ctx context.Context, g Gap, m *material) (Text, error) {
	t := Text{Title: question(g.Title), Locale: g.Locale}
	if len(m.replies) == 0 {
		t.Markdown = phrase.Text(g.Locale, "gap.write_here")
		return t, nil
	}
	var sentences []string
	var owners, places []int
	for i, r := range m.replies {
		for j, s := range r.sentences {
			sentences, owners, places = append(sentences, s), append(owners, i), append(places, j)
		}
	}
	vectors, err := d.o.Embedder.Embed(ctx, sentences, false)
	if err != nil || len(vectors) != len(sentences) {
		return Text{}, fmt.Errorf("embed %d sentences: %w", len(sentences), err)
	}
	var tellings []telling
	var lead []int // of each telling, the sentence that it began with
	for i, s := range sentences {
		best, likeness := -1, sameSentence
		for k, l := range lead {
			if c := float64(retrieval.Dot(vectors[i], vectors[l])); c >= likeness && len(differing(tellable(s), tellable(sentences[l]))) == 0 {
				best, likeness = k, c
			}
		}
		if best < 0 {
			lead = append(lead, i)
			tellings = append(tellings, telling{text: s, replies: map[int]bool{owners[i]: true}, at: places[i]})
			continue
		}
		tellings[best].replies[owners[i]] = true
	}
	m.disagreements(tellings, func(a, b int) float64 { return float64(retrieval.Dot(vectors[lead[a]], vectors[lead[b]])) })
	order := make([]int, len(tellings))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if n := len(tellings[b].replies) - len(tellings[a].replies); n != 0 {
			return n
		}
		return tellings[a].at - tellings[b].at
	})
	order = order[:min(len(order), mostSentences)]
	agreed := 1
	if len(m.replies) > 1 && len(tellings[order[0]].replies) > 1 {
		agreed = 2
	}
	var plain, quoted []string
	for _, i := range order {
		if len(tellings[i].replies) >= agreed {
			plain = append(plain, tellings[i].text)
		} else {
			quoted = append(quoted, "> "+tellings[i].text)
		}
	}
	parts := []string{strings.Join(plain, " ")}
	if len(quoted) > 0 {
		parts = append(parts, strings.Join(quoted, "\n>\n"))
	}
	t.Markdown = strings.Join(parts, "\n\n")
	return t, nil
}

// disagreements flags sentences of different replies that speak of the same and
// give other facts.
func (m *material) disagreements(list []telling, likeness func(a, b int) float64) {
	for a := range list {
		for b := range a {
			if likeness(a, b) >= sameSubject && len(differing(tellable(list[a].text), tellable(list[b].text))) > 0 {
				m.flag("disagree", list[b].text+" / "+list[a].text)
			}
		}
	}
}

// question makes a title of a question: one sentence, with the mark that it lacks
// where it begins like a question.
func question(title string) string {
	title = upperFirst(oneLine(title))
	first, _, _ := strings.Cut(strings.ToLower(title), " ")
	switch first {
	case "how", "what", "when", "where", "why", "who", "which", "can", "could", "do", "does", "did", "is", "are", "will", "would", "should", "may",
		"wie", "was", "wann", "wo", "warum", "wer", "welche", "welcher", "welches", "kann", "können", "gibt", "ist", "sind", "darf", "muss",
		"comment", "quand", "où", "pourquoi", "qui", "quel", "quelle", "puis-je", "peut-on", "cómo", "qué", "cuándo", "dónde", "puedo":
		if !strings.ContainsAny(title[len(title)-1:], "?!.") {
			title += "?"
		}
	}
	return cut(title, maxTitle)
}

// languageName is what a model is told to write in.
func languageName(locale string) string {
	if tag, err := language.Parse(locale); err == nil {
		base, _ := tag.Base()
		if name := display.English.Languages().Name(base); name != "" {
			return name
		}
	}
	return "English"
}
