package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

func ask(ctx context.Context, c *call) error {
	where := dataFlags(c)
	key := c.flags.String("site", "", "the site's key; empty is the default site")
	locale := c.flags.String("locale", "", "the shopper's language; the site's own by default")
	asJSON := c.flags.Bool("json", false, "print one JSON object")
	withDemo := c.flags.Bool("demo", false, "ask the demo shop, loading it where it is missing")
	var before []assist.Event
	c.flags.Var(earlier{&before, assist.ByShopper}, "before", "what the shopper said earlier in the conversation; may be repeated")
	c.flags.Var(earlier{&before, assist.ByBot}, "replied", "what was replied to them, in turn with --before; may be repeated")
	if err := c.parse(1, 1); err != nil {
		return err
	}
	inst, err := open(ctx, c, where)
	if err != nil {
		return err
	}
	defer inst.close()
	if *withDemo {
		if *key, err = loadDemo(ctx, inst); err != nil {
			return err
		}
	}
	s, err := inst.site(ctx, *key)
	if err != nil {
		return err
	}
	answerer, _, err := newAnswerer(inst)
	if err != nil {
		return err
	}
	q := assist.Question{Site: s, Locale: s.Locale, Text: strings.TrimSpace(c.args[0]), Earlier: before}
	if *locale != "" {
		q.Locale = *locale
	}
	t := &terminal{w: c.out, quiet: *asJSON}
	// Whoever can run this command has the key: the day's budget is the shop's
	// server's, each turn's bound holds.
	reserve := func(context.Context, int, int64) (bool, error) { return true, nil }
	reply, err := answerer.Answer(ctx, q, reserve, t.watcher())
	if err != nil {
		return err
	}
	if reply.Escalation != nil {
		reply.Text = passedOn(q, reply)
	}
	if *asJSON {
		e := json.NewEncoder(c.out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(newAnswerJSON(q, reply, t.found))
	}
	t.end(reply)
	return nil
}

// passedOn is what a shopper would read where the turn ends with a person, at a
// shop whose people are there.
func passedOn(q assist.Question, r assist.Reply) string {
	asked := assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.ByShopper}, Text: q.Text}
	packet := r.Escalation.Pack(append(slices.Clone(q.Earlier), asked))
	told := r.Escalation.Tell(packet, assist.Situation{Locale: q.Locale, Online: 1})
	return strings.TrimSpace(r.Text + "\n\n" + told)
}

// earlier is a flag that adds to what was said before, in the order of the
// command line.
type earlier struct {
	events *[]assist.Event
	by     assist.AuthorKind
}

func (e earlier) String() string { return "" }

func (e earlier) Set(text string) error {
	*e.events = append(*e.events, assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: e.by}, Text: text})
	return nil
}

// terminal shows a turn as it goes.
type terminal struct {
	w     io.Writer
	quiet bool
	found retrieval.Result
	text  []uint16
}

func (t *terminal) printf(format string, args ...any) {
	if !t.quiet {
		fmt.Fprintf(t.w, format, args...)
	}
}

func (t *terminal) watcher() assist.Watcher {
	return assist.Watcher{
		Status: func(string) {},
		Found: func(r retrieval.Result) {
			t.found = r
			t.printf("confidence %.2f, searched in %s\n", r.Confidence, r.Took.Total.Round(10_000))
			for i, p := range r.Passages {
				t.printf("  %d  %s  (fused %.3f, lexical %.2f, semantic %.3f)\n     %s\n", i+1, path(p), p.Fused, p.Lexical, p.Semantic, firstLine(p.Text, 110))
			}
			t.printf("\n")
		},
		Text: func(_ int, s string) {
			t.text = append(t.text, utf16.Encode([]rune(s))...)
			t.printf("%s", s)
		},
		// A terminal cannot take words back: it says so and begins again.
		Retract: func(from int, s string) {
			t.text = append(t.text[:from], utf16.Encode([]rune(s))...)
			t.printf("\n… taken back\n%s", string(utf16.Decode(t.text)))
		},
	}
}

func path(p retrieval.Passage) string {
	return strings.Join(append([]string{p.Article.Title}, p.Heading...), " › ")
}

func firstLine(s string, n int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > n {
		return string(r[:n]) + "…"
	}
	return string(r)
}

func (t *terminal) end(r assist.Reply) {
	if len(t.text) == 0 {
		t.printf("%s", r.Text)
	}
	t.printf("\n\n")
	for _, c := range r.Citations {
		t.printf("[%d] %s  %s\n", c.N, c.Title, c.URL)
	}
	outcome := string(r.Outcome)
	if r.Reason != "" {
		outcome += " (" + string(r.Reason) + ")"
	}
	t.printf("%s; %d ms, first words after %d ms\n", outcome, r.Record.TotalMillis, r.Record.FirstDeltaMillis)
	for _, call := range r.Record.Calls {
		t.printf("%s: %d tokens in, %d out, $%.6f %s\n", call.Model, call.PromptTokens, call.CompletionTokens, float64(call.Cost)/1e6, call.Failure)
	}
	if len(r.Record.Held) > 0 {
		t.printf("held back: %s\n", strings.Join(r.Record.Held, ", "))
	}
}

// answerJSON is what ask --json prints. Costs are in dollars.
type answerJSON struct {
	Question   string              `json:"question"`
	Text       string              `json:"text"`
	Outcome    assist.Outcome      `json:"outcome"`
	Reason     assist.Reason       `json:"reason,omitempty"`
	Confidence float64             `json:"confidence"`
	Model      string              `json:"model"`
	Citations  []assist.Citation   `json:"citations"`
	Passages   []passageJSON       `json:"passages"`
	Held       []string            `json:"held,omitempty"`
	Calls      []assist.CallRecord `json:"calls"`
	SearchMS   int64               `json:"search_ms"`
	FirstMS    int64               `json:"first_delta_ms"`
	TotalMS    int64               `json:"total_ms"`
	Cost       float64             `json:"cost"`
}

type passageJSON struct {
	Title    string   `json:"title"`
	Slug     string   `json:"slug"`
	Heading  []string `json:"heading,omitempty"`
	Text     string   `json:"text"`
	Lexical  float64  `json:"lexical"`
	Semantic float64  `json:"semantic"`
	Fused    float64  `json:"fused"`
	Cited    bool     `json:"cited"`
}

func newAnswerJSON(q assist.Question, r assist.Reply, found retrieval.Result) answerJSON {
	out := answerJSON{
		Question: q.Text, Text: r.Text, Outcome: r.Outcome, Reason: r.Reason, Confidence: r.Record.Confidence, Model: r.Record.Model,
		Citations: append([]assist.Citation{}, r.Citations...), Passages: []passageJSON{}, Held: r.Record.Held, Calls: append([]assist.CallRecord{}, r.Record.Calls...),
		SearchMS: r.Record.SearchMillis, FirstMS: r.Record.FirstDeltaMillis, TotalMS: r.Record.TotalMillis,
	}
	for i, p := range found.Passages {
		out.Passages = append(out.Passages, passageJSON{p.Article.Title, p.Article.Slug, p.Heading, p.Text, p.Lexical, p.Semantic, p.Fused, r.Record.Passages[i].Cited})
	}
	for _, call := range r.Record.Calls {
		out.Cost += float64(call.Cost) / 1e6
	}
	return out
}
