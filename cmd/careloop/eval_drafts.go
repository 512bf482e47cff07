package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/draft/check"
	"github.com/careloop/careloop/assist/llm/extractive"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

// dialogue is a line of a set of conversations.
type dialogue struct {
	ID    string `json:"id"`
	Lang  string `json:"lang_guess"`
	Turns []struct {
		Role string `json:"role"` // customer, agent, tool, action
		Text string `json:"text"`
	} `json:"turns"`
}

// draftsReport is what eval drafts --json prints: the shares of replies that
// pass each check, out of those that it applies to, and the same of what the
// agents of the set really wrote there.
type draftsReport struct {
	Rows        int                    `json:"rows"`
	Checks      map[check.Name]float64 `json:"checks"`
	Applies     map[check.Name]int     `json:"applies"`
	MedianWords int                    `json:"median_words"`
	MeanFlesch  float64                `json:"mean_flesch"`
	Openings    int                    `json:"distinct_openings"`
	Models      map[string]int         `json:"models"`
	Cost        float64                `json:"cost"`
	P50MS       float64                `json:"p50_ms"`
	Human       *draftsReport          `json:"human,omitempty"`
	// Rubric holds a judge model's mean marks, 1 to 5, where one was asked.
	Rubric map[string]float64 `json:"rubric,omitempty"`
	Judged int                `json:"judged,omitempty"`
}

func evalDrafts(ctx context.Context, c *call) error {
	file := c.flags.String("file", "", "conversations, one JSON object a line: id, turns[{role, text}]")
	count := c.flags.Int("count", 0, "how many conversations at most, spread over the file; 0: all")
	show := c.flags.Int("show", 0, "print so many drafts with what they answer")
	tone := c.flags.String("tone", string(draft.Standard), "standard, warmer, shorter, formal or apologise")
	judge := c.flags.Bool("judge", false, "have the first model that is configured mark each draft by the rubric in prompts/draft-judge.md")
	asJSON := c.flags.Bool("json", false, "print one JSON object")
	if err := c.parse(0, 0); err != nil {
		return err
	}
	if *file == "" || !draft.Tone(*tone).Known() {
		fmt.Fprintf(c.err, "%s: --file and a tone that there is are needed; see --help\n", c.flags.Name())
		return errUsage
	}
	cfg, err := configuration(c)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	writers, err := newWriters(cfg, log)
	if err != nil {
		return err
	}
	if *judge && len(writers) == 0 {
		return errors.New("a judge needs a model: set OPENAI_API_KEY or OPENAI_BASE_URL")
	}
	list, err := readDialogues(*file)
	if err != nil {
		return err
	}
	reader := triage.New()
	run := &draftsRun{
		composer: &draft.Composer{Search: nothingFound{}, Writers: writers, Quoter: extractive.New(), Read: reader.Read, Limits: draft.DefaultLimits,
			HelpURL: func(assist.Site, retrieval.Article) string { return "" }},
		reader: reader, tone: draft.Tone(*tone), drafts: newTally(), humans: newTally(),
	}
	if *judge {
		run.judge = &writers[0]
	}
	shown := 0
	for _, d := range spread(list, *count) {
		did, err := run.one(ctx, d)
		if err != nil {
			return err
		}
		if did != "" && shown < *show && !*asJSON {
			shown++
			fmt.Fprintln(c.out, did)
		}
	}
	report := run.report()
	if *asJSON {
		return json.NewEncoder(c.out).Encode(report)
	}
	printDrafts(c.out, report)
	return nil
}

// nothingFound is a search without a knowledge base: the sets have none.
type nothingFound struct{}

func (nothingFound) Search(context.Context, retrieval.Query) (retrieval.Result, error) {
	return retrieval.Result{}, nil
}

func readDialogues(file string) ([]dialogue, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []dialogue
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var d dialogue
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
		list = append(list, d)
	}
	return list, lines.Err()
}

// spread takes n of a list, evenly.
func spread(list []dialogue, n int) []dialogue {
	if n <= 0 || n >= len(list) {
		return list
	}
	out := make([]dialogue, 0, n)
	for i := range n {
		out = append(out, list[i*len(list)/n])
	}
	return out
}

// addressed is how people on social networks name whom they write to: chats of a
// shop have none of it.
var addressed = regexp.MustCompile(`(?:^|\s)(?:@\w+|__\w+__)|https?://\S+|(?:\^|\*|-|/)[A-Z][A-Za-z]{0,3}\s*$`)

func unaddressed(s string) string {
	return strings.TrimSpace(strings.Join(strings.Fields(addressed.ReplaceAllString(s, " ")), " "))
}

// cutDialogue ends a conversation before one of the agent's turns that follow a
// shopper's, chosen by the conversation's id, and gives that turn's text. False
// where there is none.
func cutDialogue(d dialogue) (before []assist.Event, human string, ok bool) {
	kinds := map[string]assist.AuthorKind{"customer": assist.ByShopper, "agent": assist.ByAgent, "tool": "tool", "action": "tool"}
	var at []int
	for i := 1; i < len(d.Turns); i++ {
		if d.Turns[i].Role == "agent" && d.Turns[i-1].Role == "customer" && len(strings.Fields(unaddressed(d.Turns[i-1].Text))) >= 4 {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return nil, "", false
	}
	h := fnv.New32a()
	_, _ = io.WriteString(h, d.ID) // never fails
	end := at[int(h.Sum32()%uint32(len(at)))]
	for _, t := range d.Turns[:end] {
		if text := unaddressed(t.Text); text != "" {
			before = append(before, assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: kinds[t.Role]}, Text: text})
		}
	}
	return before, unaddressed(d.Turns[end].Text), true
}

// draftsRun writes and scores drafts.
type draftsRun struct {
	composer       *draft.Composer
	reader         *triage.Reader
	tone           draft.Tone
	judge          *assist.Writer
	drafts, humans *tally
	marks          map[string]float64
	judged         int
}

// one writes and scores the draft of one conversation, and gives it with what it
// answers; empty where there is nothing to answer.
func (r *draftsRun) one(ctx context.Context, d dialogue) (string, error) {
	before, human, ok := cutDialogue(d)
	if !ok {
		return "", nil
	}
	locale := cmp.Or(d.Lang, "en")
	in := draft.Input{Site: assist.Site{ID: "eval", Name: "the shop", Locale: locale}, Conversation: assist.Conversation{ID: d.ID, Locale: locale},
		ForSeq: int64(len(before)), Tone: r.tone, Messages: before}
	begun := time.Now()
	result, err := r.composer.Compose(ctx, in, draft.Means{
		Reserve: func(context.Context, int64) (bool, error) { return true, nil },
		Text:    func(int, string) {},
	})
	if err != nil {
		return "", err
	}
	took := time.Since(begun)
	problem, sources, shopper := "", []string{}, []string{}
	for _, e := range before {
		switch e.Author.Kind {
		case assist.ByShopper:
			problem += e.Text + "\n"
			shopper = append(shopper, e.Text)
		default:
			problem = ""
			sources = append(sources, e.Text)
		}
	}
	reading := r.reader.Read(problem, locale)
	language, _, _ := strings.Cut(locale, "-")
	c := check.Case{Problem: problem, Feeling: reading.Feeling, Fault: draft.AtFault(problem, language, triage.Topic(result.Topic), reading.Feeling),
		Evidence: draft.NewEvidence(sources, shopper), Locale: locale}
	v := check.Judge(result.Text, c)
	r.drafts.add(result.Text, v, took)
	r.drafts.models[cmp.Or(result.Model, "templates")]++
	for _, call := range result.Calls {
		r.drafts.cost += call.Cost
	}
	r.humans.add(human, check.Judge(human, c), 0)
	if r.judge != nil {
		if err := r.mark(ctx, before, result.Text); err != nil {
			return "", err
		}
	}
	return shownDraft(d.ID, before, result, v, human), nil
}

// mark has the judge model mark a draft; marks that cannot be read are left out.
func (r *draftsRun) mark(ctx context.Context, before []assist.Event, reply string) error {
	marks, err := check.Marks(ctx, r.judge.Model, before, reply)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return nil //nolint:nilerr // counted by what is missing from judged
	}
	if r.marks == nil {
		r.marks = map[string]float64{}
	}
	for k, n := range marks {
		r.marks[k] += float64(n)
	}
	r.judged++
	return nil
}

func shownDraft(id string, before []assist.Event, result draft.Result, v check.Verdict, human string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "=== %s\n", id)
	for _, e := range before {
		fmt.Fprintf(&b, "%-8s %s\n", e.Author.Kind, e.Text)
	}
	fmt.Fprintf(&b, "--- draft (%s, topic %s)\n%s\n", cmp.Or(result.Model, "templates"), result.Topic, result.Text)
	var failed []string
	for _, n := range check.Names {
		if pass, applies := v.Passed[n]; applies && !pass {
			failed = append(failed, string(n))
		}
	}
	fmt.Fprintf(&b, "--- failed: %s\n--- the agent wrote: %s\n", cmp.Or(strings.Join(failed, ", "), "nothing"), human)
	return b.String()
}

// tally sums verdicts.
type tally struct {
	passed, applies map[check.Name]int
	words           []int
	took            []time.Duration
	flesch          float64
	openings        map[string]bool
	models          map[string]int
	cost            int64
}

func newTally() *tally {
	return &tally{passed: map[check.Name]int{}, applies: map[check.Name]int{}, openings: map[string]bool{}, models: map[string]int{}}
}

func (t *tally) add(text string, v check.Verdict, took time.Duration) {
	for n, pass := range v.Passed {
		t.applies[n]++
		if pass {
			t.passed[n]++
		}
	}
	t.words = append(t.words, v.Words)
	t.took = append(t.took, took)
	t.flesch += v.Flesch
	first := strings.Fields(text)
	t.openings[strings.Join(first[:min(6, len(first))], " ")] = true
}

func (t *tally) report() draftsReport {
	r := draftsReport{Rows: len(t.words), Checks: map[check.Name]float64{}, Applies: t.applies, Openings: len(t.openings), Models: t.models, Cost: float64(t.cost) / 1e6}
	for n, all := range t.applies {
		r.Checks[n] = float64(t.passed[n]) / float64(all)
	}
	if r.Rows > 0 {
		slices.Sort(t.words)
		slices.Sort(t.took)
		r.MedianWords = t.words[r.Rows/2]
		r.P50MS = float64(t.took[r.Rows/2].Microseconds()) / 1000
		r.MeanFlesch = t.flesch / float64(r.Rows)
	}
	return r
}

func (r *draftsRun) report() draftsReport {
	out, human := r.drafts.report(), r.humans.report()
	human.Models, out.Human = nil, &human
	if r.judged > 0 {
		out.Rubric, out.Judged = map[string]float64{}, r.judged
		for k, sum := range r.marks {
			out.Rubric[k] = sum / float64(r.judged)
		}
	}
	return out
}

func printDrafts(w io.Writer, r draftsReport) {
	fmt.Fprintf(w, "%d drafts, median %d words, reading ease %.0f, %d openings, half of them within %.1f ms; written by %v, for $%.4f\n\n", r.Rows, r.MedianWords, r.MeanFlesch, r.Openings, r.P50MS, r.Models, r.Cost)
	fmt.Fprintf(w, "%-22s %8s %8s %8s\n", "check", "of", "drafts", "agents")
	for _, n := range check.Names {
		if r.Applies[n] > 0 {
			fmt.Fprintf(w, "%-22s %8d %8.3f %8.3f\n", n, r.Applies[n], r.Checks[n], r.Human.Checks[n])
		}
	}
	if r.Judged > 0 {
		fmt.Fprintf(w, "\nmarks by the judge, of %d: %v\n", r.Judged, r.Rubric)
	}
}
