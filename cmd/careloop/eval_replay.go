package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/golden"
	"github.com/careloop/careloop/prompts"
)

// errRegression is an error that was reported already.
var errRegression = errors.New("worse than before")

// replayFlags say what is replayed and with what it is compared.
type replayFlags struct {
	place
	golden, site, baseline, out *string
	withDemo, asJSON, noModel   *bool
	past                        *int
	tolerance, budget           *float64
}

func newReplayFlags(c *call) replayFlags {
	return replayFlags{
		place:     dataFlags(c),
		golden:    c.flags.String("golden", "", "golden questions, a JSON object a line: question, locale, history, verdict (answer, abstain, person), articles (en/return-costs), note"),
		past:      c.flags.Int("past", 0, "also ask this many of the newest questions that the bot ended, and compare with what became of them"),
		site:      c.flags.String("site", "", "the site's key; empty is the default site"),
		withDemo:  c.flags.Bool("demo", false, "ask the demo shop, loading it where it is missing"),
		baseline:  c.flags.String("baseline", "", "compare with this file of an earlier --out; without it with the site's last replay"),
		out:       c.flags.String("out", "", "write what came out to this file"),
		tolerance: c.flags.Float64("tolerance", golden.Tolerance, "by how much a score may fall before it is a regression"),
		budget:    c.flags.Float64("budget", 1, "what models may cost altogether, in dollars; then answers are quoted"),
		noModel:   c.flags.Bool("no-model", false, "quote answers, though a model is configured"),
		asJSON:    c.flags.Bool("json", false, "print one JSON object"),
	}
}

func evalReplay(ctx context.Context, c *call) error {
	f := newReplayFlags(c)
	if err := c.parse(0, 0); err != nil {
		return err
	}
	if *f.golden == "" && *f.past <= 0 {
		fmt.Fprintln(c.err, "careloop eval replay: --golden or --past says what to ask; see --help")
		return errUsage
	}
	if *f.tolerance < 0 || *f.tolerance >= 1 || *f.budget < 0 || *f.past < 0 || *f.past > golden.MaxPast {
		fmt.Fprintf(c.err, "careloop eval replay: --tolerance is from 0 to 1, --budget not negative, --past at most %d\n", golden.MaxPast)
		return errUsage
	}
	// Files are read before anything takes time.
	questions, err := readGolden(*f.golden)
	if err != nil {
		return err
	}
	before, err := readBaseline(*f.baseline)
	if err != nil {
		return err
	}
	inst, err := open(ctx, c, f.place)
	if err != nil {
		return err
	}
	defer inst.close()
	if *f.withDemo {
		if *f.site, err = loadDemo(ctx, inst); err != nil {
			return err
		}
	}
	site, err := inst.site(ctx, *f.site)
	if err != nil {
		return err
	}
	if before == nil {
		if before, err = lastReplay(ctx, inst, site.ID); err != nil {
			return err
		}
	}
	run, err := replay(ctx, c, inst, site, f, questions)
	if err != nil {
		return interrupted(ctx, err)
	}
	if _, err := inst.db.StoreReplay(ctx, site.ID, run.Setting, run.Results, run.Scores); err != nil {
		return err
	}
	if *f.out != "" {
		if err := writeRun(*f.out, run); err != nil {
			return err
		}
	}
	return report(c, f, run, before)
}

func readGolden(path string) ([]golden.Question, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the golden questions cannot be read: %w", err)
	}
	defer file.Close()
	list, err := golden.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// earlier is a replay to compare with.
type earlierReplay struct {
	name string
	golden.Run
}

func readBaseline(path string) (*earlierReplay, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the baseline cannot be read: %w", err)
	}
	defer file.Close()
	run, err := golden.ReadRun(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &earlierReplay{path, run}, nil
}

func lastReplay(ctx context.Context, inst *instance, siteID string) (*earlierReplay, error) {
	last, err := inst.db.ReplayBefore(ctx, siteID, "")
	if assist.CodeOf(err) == golden.CodeUnknownReplay {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	results, err := inst.db.Results(ctx, siteID, last.ID)
	return &earlierReplay{"the replay of " + last.StartedAt.Format("2006-01-02 15:04"), golden.NewRun(last.Setting, results)}, err
}

func replay(ctx context.Context, c *call, inst *instance, site assist.Site, f replayFlags, questions []golden.Question) (golden.Run, error) {
	unknown, err := golden.Resolve(ctx, inst.db, site.ID, questions)
	if err != nil {
		return golden.Run{}, err
	}
	for _, address := range unknown {
		fmt.Fprintf(c.err, "the shop has no article at %s; it counts as not found\n", address)
	}
	answerer, _, err := newAnswerer(inst)
	if err != nil {
		return golden.Run{}, err
	}
	items := golden.Items(questions)
	past, err := golden.PastItems(ctx, inst.db, site.ID, *f.past, len(items))
	if err != nil {
		return golden.Run{}, err
	}
	items = append(items, past...)
	if len(items) == 0 {
		return golden.Run{}, errors.New("there is nothing to ask: the shop has no past questions yet")
	}
	searched, _, err := inst.db.Embedders(ctx)
	if err != nil {
		return golden.Run{}, err
	}
	s := golden.Setting{Golden: len(questions), Past: len(past), Model: !*f.noModel && len(answerer.Writers) > 0, Budget: max(1, int64(math.Round(*f.budget*1e6))), Models: []string{},
		Embedder: searched, Prompts: promptHash(), Threshold: answerer.Limits.Threshold, Version: version, Via: "command_line"}
	if *f.golden != "" {
		s.Name = filepath.Base(*f.golden)
	}
	if s.Model {
		for _, w := range answerer.Writers {
			s.Models = append(s.Models, w.Model.Name())
		}
	}
	results := make([]golden.Result, len(items))
	asker := &golden.Asker{Answerer: answerer, Log: inst.log}
	err = asker.Replay(ctx, site, items, s, 0, func(r golden.Result) error {
		results[r.N-1] = r
		return nil
	})
	return golden.NewRun(s, results), err
}

// promptHash names the words that an answer is asked for with.
func promptHash() string {
	_, _, hash := prompts.Answer(prompts.AnswerInput{})
	return hash
}

func writeRun(path string, run golden.Run) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("what came out cannot be written: %w", err)
	}
	defer f.Close()
	if err := run.Write(f); err != nil {
		return err
	}
	return f.Close()
}

// replayJSON is what --json prints.
type replayJSON struct {
	golden.Run
	Against   string           `json:"against,omitempty"`
	Common    int              `json:"common"`
	Changes   []golden.Change  `json:"changes"`
	Pairs     []golden.Pairing `json:"pairs"`
	Regressed bool             `json:"regressed"`
}

func report(c *call, f replayFlags, run golden.Run, before *earlierReplay) error {
	var cmp golden.Comparison
	if before != nil {
		cmp = golden.Compare(before.Results, run.Results, *f.tolerance)
	} else {
		cmp = golden.Compare(nil, run.Results, *f.tolerance)
	}
	if *f.asJSON {
		out := replayJSON{Run: run, Common: cmp.Common, Changes: cmp.Changes, Regressed: cmp.Regressed()}
		if before != nil {
			out.Against = before.name
			for _, p := range cmp.Pairs {
				if p.Change != golden.Same && p.Change != golden.Unasked {
					out.Pairs = append(out.Pairs, p)
				}
			}
		}
		if err := printJSON(c.out, out); err != nil {
			return err
		}
	} else {
		printScores(c.out, run)
		printWrong(c.out, cmp.Pairs)
		if before != nil {
			printComparison(c.out, before, cmp, *f.tolerance)
		}
	}
	if cmp.Regressed() {
		return errRegression
	}
	return nil
}

func printScores(w io.Writer, run golden.Run) {
	s := run.Scores
	how := "answers quoted, no model"
	if run.Setting.Model {
		how = strings.Join(run.Setting.Models, ", ")
	}
	fmt.Fprintf(w, "%d golden questions, %d past ones; %s; embedder %s\n\n", s.Questions, s.Past.Questions, how, run.Setting.Embedder)
	line := func(name string, n int, format string, args ...any) {
		if n > 0 {
			fmt.Fprintf(w, "  %-11s %4d  %s\n", name, n, fmt.Sprintf(format, args...))
		}
	}
	line("right", s.Questions, "%.3f end as they should", s.Right)
	line("retrieval", s.Retrieval.Questions, "hit@1 %.3f  hit@5 %.3f  MRR %.3f", s.Retrieval.Hit1, s.Retrieval.Hit5, s.Retrieval.MRR)
	line("answers", s.Answers.Questions, "%.3f answered by an expected article", s.Answers.Right)
	line("abstention", s.Abstention.Asked, "precision %.3f  recall %.3f", s.Abstention.Precision, s.Abstention.Recall)
	line("escalation", s.Escalation.Asked, "precision %.3f  recall %.3f", s.Escalation.Precision, s.Escalation.Recall)
	line("grounding", s.Grounding.Sentences, "%.3f of the factual sentences are supported by what they cite", s.Grounding.Supported)
	line("past", s.Past.Questions, "%.3f end as they did; %d newly answered, %d not any more; %d of %d disliked ones end otherwise",
		s.Past.Agreement, s.Past.NewlyAnswered, s.Past.NewlyUnanswered, s.Past.DislikedChanged, s.Past.Disliked)
	fmt.Fprintf(w, "  time              p50 %.0f ms  p95 %.0f ms;  cost $%.4f\n", s.P50, s.P95, float64(s.Cost)/1e6)
	if s.WithoutModel > 0 {
		fmt.Fprintf(w, "  for %d questions there was no money left: they were answered without a model; raise --budget\n", s.WithoutModel)
	}
}

func printWrong(w io.Writer, pairs []golden.Pairing) {
	head := "\nNot as they should:\n"
	for _, p := range pairs {
		if p.Now.Kind == golden.KindGolden && !p.Now.Right {
			fmt.Fprintf(w, "%s  %-9s %-13s %s\n", head, p.Now.Outcome, p.Now.Why, asked(p.Now))
			head = ""
		}
	}
}

func asked(r golden.Result) string { return r.Locale + "  " + firstLine(r.Question, 90) }

func printComparison(w io.Writer, before *earlierReplay, cmp golden.Comparison, tolerance float64) {
	fmt.Fprintf(w, "\nAgainst %s, over the %d questions of both", before.name, cmp.Common)
	if cmp.Mine+cmp.Theirs > 0 {
		fmt.Fprintf(w, " (%d are new or ask for something else now, %d were asked then alone)", cmp.Mine, cmp.Theirs)
	}
	fmt.Fprint(w, ":\n")
	for _, x := range cmp.Changes {
		mark := ""
		if x.Regressed {
			mark = fmt.Sprintf("  REGRESSION, more than %.3f", tolerance)
		}
		if x.Difference != 0 {
			fmt.Fprintf(w, "  %-21s %.3f -> %.3f  %+.3f%s\n", x.Score, x.Before, x.After, x.Difference, mark)
		}
	}
	for _, shift := range []golden.Shift{golden.Worse, golden.Better, golden.Other} {
		head := fmt.Sprintf("\n%s:\n", map[golden.Shift]string{golden.Worse: "Worse", golden.Better: "Better", golden.Other: "Otherwise, neither better nor worse"}[shift])
		for _, p := range cmp.Pairs {
			if p.Change == shift {
				fmt.Fprintf(w, "%s  %s\n      %s -> %s\n", head, asked(p.Now), ending(*p.Before), ending(p.Now))
				head = ""
			}
		}
	}
}

// ending is how a question ended, in a line.
func ending(r golden.Result) string {
	out := string(r.Outcome)
	var by []string
	for _, a := range r.Cited {
		by = append(by, a.Address)
	}
	if len(by) > 0 {
		out += " by " + strings.Join(by, ", ")
	}
	if r.Why != "" {
		out += " (" + string(r.Why) + ")"
	}
	return out
}
