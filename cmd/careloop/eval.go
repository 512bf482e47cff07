package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/careloop/careloop/internal/eval"
)

// evaluations are the words behind careloop eval.
func evaluations() []command {
	return []command{
		{"retrieval", "", "rank the documents of a corpus for questions, by words, by meaning and by both", evalRetrieval},
		{"confidence", "", "tell questions that a corpus answers from others by the search's confidence", evalConfidence},
		{"triage", "", "read labelled messages and compare: asks for a person, negative, in scope", evalTriage},
		{"replay", "", "ask golden and past questions anew, and compare with the last time", evalReplay},
		{"drafts", "", "write replies to real conversations, cut before an agent's turn, and score them", evalDrafts},
		{"gaps", "", "put questions that were not answered with their like, and compare with their labels", evalGaps},
		{"all", "DIR", "both, on every set in a folder, as one table in Markdown", evalAll},
	}
}

func evaluate(ctx context.Context, c *call) error {
	if len(c.args) > 0 {
		for _, e := range evaluations() {
			if e.name != c.args[0] {
				continue
			}
			c.flags = flag.NewFlagSet("careloop eval "+e.name, flag.ContinueOnError)
			c.flags.SetOutput(c.err)
			c.flags.Usage = func() {
				fmt.Fprintf(c.out, "careloop eval %s %s\n  %s\n\nFlags:\n", e.name, strings.TrimSpace("[flags] "+e.args), e.about)
				c.flags.SetOutput(c.out)
				c.flags.PrintDefaults()
			}
			c.args = c.args[1:]
			return e.run(ctx, c)
		}
	}
	w := c.err
	asked := len(c.args) == 1 && (c.args[0] == "-h" || c.args[0] == "--help" || c.args[0] == "help")
	if asked {
		w = c.out
	} else if len(c.args) > 0 {
		fmt.Fprintf(w, "careloop eval: there is no evaluation %q\n", c.args[0])
	}
	for _, e := range evaluations() {
		fmt.Fprintf(w, "  careloop eval %-11s %-4s %s\n", e.name, e.args, e.about)
	}
	if asked {
		return nil
	}
	return errUsage
}

// evalFlags are the flags that all evaluations have.
type evalFlags struct {
	place
	embedder, locale *string
}

func newEvalFlags(c *call) evalFlags {
	return evalFlags{
		place:    place{c.flags.String("data-dir", "", "use the private PostgreSQL cluster in this directory; without it DATABASE_URL, and without that a temporary cluster")},
		embedder: c.flags.String("embedder", "", "\"built-in\", or a model at the server of CARELOOP_EMBEDDING_BASE_URL; by default the one that is configured"),
		locale:   c.flags.String("locale", "en", "the language of documents that name none, and of the questions"),
	}
}

// need refuses flags that are missing.
func (c *call) need(flags map[string]*string) error {
	for name, value := range flags {
		if *value == "" {
			fmt.Fprintf(c.err, "%s: --%s is needed; see --help\n", c.flags.Name(), name)
			return errUsage
		}
	}
	return nil
}

func evalRetrieval(ctx context.Context, c *call) error {
	flags := newEvalFlags(c)
	corpusFile := c.flags.String("corpus", "", "documents, a JSON object a line: id, title, text")
	queriesFile := c.flags.String("queries", "", "questions, a JSON object a line: id, query, relevant (ids of documents), history")
	asJSON := c.flags.Bool("json", false, "print one JSON object")
	if err := c.parse(0, 0); err != nil {
		return err
	}
	if err := c.need(map[string]*string{"corpus": corpusFile, "queries": queriesFile}); err != nil {
		return err
	}
	corpus, err := eval.ReadCorpus(*corpusFile)
	if err != nil {
		return err
	}
	questions, err := eval.ReadQuestions(*queriesFile)
	if err != nil {
		return err
	}
	if err := fits(c.err, *queriesFile, corpus, questions); err != nil {
		return err
	}
	lab, err := openLab(ctx, c, flags)
	if err != nil {
		return err
	}
	defer lab.close()
	var result eval.Retrieval
	err = lab.with(ctx, corpus, func(s *eval.Subject) error {
		result, err = s.Retrieval(ctx, questions)
		return err
	})
	if err != nil {
		return interrupted(ctx, err)
	}
	if *asJSON {
		return printJSON(c.out, result)
	}
	fmt.Fprintf(c.out, "%d documents in %d chunks, %d questions, embedder %s\n\n", result.Documents, result.Chunks, result.Queries, lab.embedder.Name())
	fmt.Fprintf(c.out, "%-9s %6s %6s %7s %9s %7s %8s %8s %8s\n", "", "hit@1", "hit@5", "hit@10", "recall@5", "mrr@10", "ndcg@10", "p50 ms", "p99 ms")
	for _, r := range []struct {
		name string
		eval.Ranking
	}{{"lexical", result.Lexical}, {"semantic", result.Semantic}, {"hybrid", result.Hybrid}} {
		fmt.Fprintf(c.out, "%-9s %6.3f %6.3f %7.3f %9.3f %7.3f %8.3f %8.2f %8.2f\n", r.name, r.Hit1, r.Hit5, r.Hit10, r.Recall5, r.MRR10, r.NDCG10, r.P50, r.P99)
	}
	return nil
}

// fits sees to it that the questions belong to the corpus.
func fits(w io.Writer, path string, corpus *eval.Corpus, questions []eval.Question) error {
	scored := eval.Scored(questions)
	strangers := 0
	for _, q := range scored {
		if !corpus.Holds(q.Relevant) {
			strangers++
		}
	}
	switch {
	case len(scored) == 0:
		return fmt.Errorf("%s: no row names a relevant document, so there is nothing to score", path)
	case strangers == len(scored):
		return fmt.Errorf("%s: the documents that answer its questions are not in %s", path, corpus.Name())
	case strangers > 0:
		fmt.Fprintf(w, "%d of %d questions name relevant documents that are not in the corpus; those count as not found\n", strangers, len(scored))
	}
	return nil
}

func evalConfidence(ctx context.Context, c *call) error {
	flags := newEvalFlags(c)
	corpusFile := c.flags.String("corpus", "", "documents, a JSON object a line: id, title, text")
	inFile := c.flags.String("in", "", "questions that the corpus answers, a JSON object a line: query or text, history")
	outFile := c.flags.String("out", "", "questions that it does not answer, the same")
	asJSON := c.flags.Bool("json", false, "print one JSON object")
	if err := c.parse(0, 0); err != nil {
		return err
	}
	if err := c.need(map[string]*string{"corpus": corpusFile, "in": inFile, "out": outFile}); err != nil {
		return err
	}
	corpus, err := eval.ReadCorpus(*corpusFile)
	if err != nil {
		return err
	}
	in, err := eval.ReadQuestions(*inFile)
	if err != nil {
		return err
	}
	out, err := eval.ReadQuestions(*outFile)
	if err != nil {
		return err
	}
	lab, err := openLab(ctx, c, flags)
	if err != nil {
		return err
	}
	defer lab.close()
	var result eval.Confidence
	err = lab.with(ctx, corpus, func(s *eval.Subject) error {
		result, err = s.Confidence(ctx, in, out)
		return err
	})
	if err != nil {
		return interrupted(ctx, err)
	}
	if *asJSON {
		return printJSON(c.out, result)
	}
	fmt.Fprintf(c.out, "%d questions to answer, %d not to\nAUROC %.3f\nanswered at 95 %% precision: %.3f of the first, from confidence %.3f on\n",
		len(in), len(out), result.AUROC, result.AnswerRate, result.Threshold)
	return nil
}

func evalAll(ctx context.Context, c *call) error {
	flags := newEvalFlags(c)
	only := c.flags.String("only", "", "names of sets, comma-separated; all by default")
	outFile := c.flags.String("out", "", "also write the table to this file")
	if err := c.parse(1, 1); err != nil {
		return err
	}
	sets, err := eval.FindSets(c.args[0])
	if err != nil {
		return err
	}
	lab, err := openLab(ctx, c, flags)
	if err != nil {
		return err
	}
	defer lab.close()
	var rows []eval.Row
	for _, set := range sets {
		if *only != "" && !strings.Contains(","+*only+",", ","+set.Name+",") {
			continue
		}
		row := eval.Row{Set: set.Name}
		lab.about = set.Name + ": "
		err := lab.with(ctx, set.Corpus, func(s *eval.Subject) (err error) {
			if row.Retrieval, err = s.Retrieval(ctx, set.Questions); err != nil {
				return err
			}
			for to, out := range map[**eval.Confidence][]eval.Question{&row.Foreign: set.Foreign(sets), &row.Unanswerable: set.Unanswerable()} {
				if len(out) == 0 {
					continue
				}
				result, err := s.Confidence(ctx, set.Answerable(), out)
				if err != nil {
					return err
				}
				*to = &result
			}
			return nil
		})
		if err != nil {
			return interrupted(ctx, fmt.Errorf("%s: %w", set.Name, err))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return fmt.Errorf("%s has none of the sets %s", c.args[0], *only)
	}
	if err := eval.WriteTable(c.out, lab.embedder.Name(), rows); err != nil || *outFile == "" {
		return err
	}
	f, err := os.Create(*outFile)
	if err != nil {
		return fmt.Errorf("the table cannot be written: %w", err)
	}
	defer f.Close()
	if err := eval.WriteTable(f, lab.embedder.Name(), rows); err != nil {
		return err
	}
	return f.Close()
}

func printJSON(w io.Writer, v any) error {
	return json.NewEncoder(w).Encode(v)
}
