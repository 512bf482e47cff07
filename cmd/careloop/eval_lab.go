package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/eval"
	"github.com/careloop/careloop/internal/pgcluster"
	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/retrieval"
)

// lab is where evaluations are made: a database server on which each corpus gets
// a scratch schema, and the embedder.
type lab struct {
	log      *slog.Logger
	err      io.Writer
	address  string
	cluster  *pgcluster.Cluster // nil where the server is somebody else's
	temp     string             // the cluster's directory, where it is only for this
	embedder retrieval.Embedder
	locale   string
	about    string // stands before what the bar says
}

// embedWithin is how long an evaluated search waits for its embedder: latency is
// part of what is measured, a ranking that is left out is not.
const embedWithin = time.Minute

func openLab(ctx context.Context, c *call, flags evalFlags) (*lab, error) {
	cfg, err := configuration(c)
	if err != nil {
		return nil, err
	}
	l := &lab{err: c.err, locale: *flags.locale, log: slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	if *flags.embedder == "" {
		l.embedder, err = newEmbedder(cfg)
	} else {
		l.embedder, err = embedderNamed(cfg, *flags.embedder)
	}
	if err != nil {
		return nil, err
	}
	dir := *flags.dataDir
	if l.address = cfg.DatabaseURL.Reveal(); l.address != "" && dir == "" {
		return l, nil
	}
	o := pgcluster.Options{DataDir: dir, Log: l.log}
	if dir == "" {
		if l.temp, err = os.MkdirTemp("", "careloop-eval-"); err != nil {
			return nil, err
		}
		o.DataDir, o.Ephemeral = l.temp, true
	}
	if l.cluster, err = pgcluster.Start(ctx, o); err != nil {
		l.close()
		return nil, err
	}
	l.address = l.cluster.URL()
	return l, nil
}

// close lets go of everything and leaves nothing behind.
func (l *lab) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if l.cluster != nil {
		err = l.cluster.Stop(ctx)
	}
	if l.temp != "" {
		err = errors.Join(err, pgcluster.Remove(ctx, l.temp), os.RemoveAll(l.temp))
	}
	if err != nil {
		l.log.Warn("the evaluation's cluster was not removed", "error", err)
	}
}

// with indexes a corpus in a scratch schema, does something with it, and drops
// it again.
func (l *lab) with(ctx context.Context, corpus *eval.Corpus, do func(*eval.Subject) error) (err error) {
	scratch, err := postgres.OpenScratch(ctx, l.address, postgres.Options{})
	if err != nil {
		return fmt.Errorf("no scratch schema could be made: %w", err)
	}
	defer func() { err = errors.Join(err, scratch.Drop()) }()
	subject, err := l.index(ctx, scratch, corpus)
	if err != nil {
		return err
	}
	bar := l.bar("asking")
	defer l.end(bar)
	subject.Progress = func(done, total int) { show(bar, done, total) }
	return do(subject)
}

// index imports and embeds a corpus as a shop's articles.
func (l *lab) index(ctx context.Context, scratch *postgres.Scratch, corpus *eval.Corpus) (*eval.Subject, error) {
	site, err := scratch.EnsureSite(ctx, assist.Site{Key: "eval", Name: "Evaluation", Locale: l.locale})
	if err != nil {
		return nil, err
	}
	bar := l.bar("importing")
	importer := retrieval.Importer{Articles: scratch, Log: l.log}
	report, err := importer.Run(ctx, retrieval.Site{ID: site.ID, Locale: site.Locale}, corpus, retrieval.ImportOptions{
		Progress: func(done, total int, _ retrieval.Report) { show(bar, done, total) },
	})
	l.end(bar)
	for _, p := range report.Problems {
		fmt.Fprintf(l.err, "not indexed, and so never found: %s\n", p)
	}
	if err != nil {
		return nil, err
	}
	s := &eval.Subject{SiteID: site.ID, Locale: l.locale, Documents: report.Created}
	if s.Documents == 0 {
		return nil, fmt.Errorf("%s: none of its documents can be indexed", corpus.Name())
	}
	if s.Keys, err = scratch.ArticleKeys(ctx, site.ID, corpus.Name()); err != nil {
		return nil, err
	}
	if s.Chunks, err = scratch.Chunks(ctx, site.ID); err != nil {
		return nil, err
	}
	if err := scratch.Adopt(ctx, l.embedder.Name(), func(string) bool { return true }); err != nil {
		return nil, err
	}
	bar = l.bar("embedding")
	_, err = retrieval.EmbedPending(ctx, scratch, l.embedder, site.ID, func(done int) { show(bar, done, s.Chunks) })
	l.end(bar)
	if err != nil {
		return nil, err
	}
	if err := scratch.Settle(ctx); err != nil {
		return nil, err
	}
	s.Finder = retrieval.NewSearch(scratch, l.embedder, retrieval.SearchOptions{EmbedTimeout: embedWithin, Log: l.log})
	return s, nil
}

func (l *lab) bar(what string) *progressbar.ProgressBar { return newBar(l.err, l.about+what) }

func (l *lab) end(bar *progressbar.ProgressBar) { _ = bar.Finish() }

func show(bar *progressbar.ProgressBar, done, total int) {
	if bar.GetMax() != total {
		bar.ChangeMax(total)
	}
	_ = bar.Set(done) // a bar that cannot be drawn stops nothing
}

// interrupted says in few words that an evaluation was stopped from outside.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing is left behind")
	}
	return err
}
