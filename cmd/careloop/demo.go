package main

import (
	"context"
	"fmt"
	"os"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/demo"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/retrieval/source"
)

// loadDemo makes sure of the demo shop and its articles and returns its key.
// What is loaded already costs a look at its hashes.
func loadDemo(ctx context.Context, inst *instance) (string, error) {
	s := assist.Site{Key: demo.SiteKey, Name: demo.Name, Locale: demo.DefaultLocale, Greeting: map[string]string{}, Suggestions: map[string][]string{}}
	for _, l := range demo.Locales() {
		s.Greeting[l], s.Suggestions[l] = demo.Greeting(l), demo.Suggestions(l)
	}
	s, err := inst.db.EnsureSite(ctx, s)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "careloop-demo-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, demo.Articles()); err != nil {
		return "", err
	}
	src, err := source.Open(ctx, dir, source.Options{})
	if err != nil {
		return "", err
	}
	report, err := runImport(ctx, inst, s, src, retrieval.ImportOptions{Source: "demo", Remove: true}, nil)
	if err != nil {
		return "", fmt.Errorf("the demo shop's articles were not loaded: %w", err)
	}
	if report.Skipped > 0 {
		return "", fmt.Errorf("a demo article cannot be read: %s", report.Problems[0])
	}
	// Where an endpoint fails, the shop answers by words alone until its job has
	// tried again.
	if _, err := inst.embedding.now(ctx, s.ID, nil); err != nil {
		inst.log.Warn("the demo shop's articles were not embedded", "error", err)
	}
	return s.Key, nil
}
