package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/assist/triage/measure"
	"github.com/careloop/careloop/retrieval/embed/static"
)

// evalTriage compares what triage reads with labels. It needs no database.
func evalTriage(_ context.Context, c *call) error {
	file := c.flags.String("file", "", "labelled messages, a JSON object a line: text with human (true or false), or label (negative and others, or in and out)")
	examples := c.flags.String("examples", "", "messages that the shop has an answer to, the same: text, intent; needed for in and out")
	locale := c.flags.String("locale", "en", "the language of the messages")
	asJSON := c.flags.Bool("json", false, "print one JSON object")
	if err := c.parse(0, 0); err != nil {
		return err
	}
	if err := c.need(map[string]*string{"file": file}); err != nil {
		return err
	}
	rows, err := messages(*file)
	if err != nil {
		return err
	}
	var scope *triage.Scope
	if *examples != "" {
		bank, err := messages(*examples)
		if err != nil {
			return err
		}
		if scope, err = newScope(bank); err != nil {
			return err
		}
	}
	result, err := measure.Measure(rows, triage.New(), *locale, scope)
	if err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	if *asJSON {
		return printJSON(c.out, result)
	}
	fmt.Fprintf(c.out, "%d messages, 99 of 100 read in less than %.0f µs\n\n%-9s %9s %6s %5s %6s\n", result.Rows, result.P99, "", "precision", "recall", "F1", "AUROC")
	for _, name := range []string{"human", "negative", "in_scope"} {
		if f, ok := result.Labels[name]; ok {
			fmt.Fprintf(c.out, "%-9s %9.3f %6.3f %5.3f %6.3f\n", name, f.Precision, f.Recall, f.F1, f.AUROC)
		}
	}
	return nil
}

// messages reads a file of messages.
func messages(path string) ([]measure.Row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the messages cannot be read: %w", err)
	}
	defer f.Close()
	rows, err := measure.Rows(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(rows) == 0 {
		return nil, errors.New(path + " holds no message")
	}
	return rows, nil
}

// newScope makes a scope of known messages with the vectors of the embedder that
// comes along.
func newScope(bank []measure.Row) (*triage.Scope, error) {
	embedder, err := static.New()
	if err != nil {
		return nil, err
	}
	var known []triage.Known
	for _, row := range bank {
		known = append(known, triage.Known{Text: row.Text, Answer: row.Intent})
	}
	return triage.NewScope(known, func(text string) []float32 {
		// The embedder that comes along fails only with its context.
		list, _ := embedder.Embed(context.Background(), []string{text}, true)
		return list[0]
	}), nil
}
