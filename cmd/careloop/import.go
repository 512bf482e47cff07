package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/safehttp"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/retrieval/source"
)

func importArticles(ctx context.Context, c *call) error {
	where := dataFlags(c)
	key := c.flags.String("site", "", "the site's key; empty is the default site, which is made where there is none")
	name := c.flags.String("source", "", "name of the source; by default the path or host, which tells later imports what is the same article")
	remove := c.flags.Bool("remove", false, "unpublish articles of this source that are no longer in it")
	dry := c.flags.Bool("dry-run", false, "say what would change, and change nothing")
	if err := c.parse(1, 1); err != nil {
		return err
	}
	inst, err := open(ctx, c, where)
	if err != nil {
		return err
	}
	defer inst.close()
	s, err := inst.siteToFill(ctx, *key)
	if err != nil {
		return err
	}
	src, err := source.Open(ctx, c.args[0], source.Options{Client: safehttp.New(safehttp.Options{Allow: inst.cfg.CrawlAllow})})
	if err != nil {
		return err
	}
	report, err := runImport(ctx, inst, s, src, retrieval.ImportOptions{Source: *name, Remove: *remove, DryRun: *dry}, c.err)
	printReport(c, report, *dry)
	if err != nil {
		if errors.Is(err, retrieval.ErrInterrupted) {
			return errors.New("interrupted; the same command goes on from here")
		}
		return err
	}
	if report.Created+report.Updated+report.Unchanged == 0 && report.Skipped > 0 {
		return errors.New("nothing could be loaded")
	}
	if *dry {
		return nil
	}
	return embedNow(ctx, c, inst, s)
}

// siteToFill finds the site, or makes the first one.
func (inst *instance) siteToFill(ctx context.Context, key string) (assist.Site, error) {
	s, err := inst.db.SiteByKey(ctx, key)
	if assist.CodeOf(err) != assist.CodeUnknownSite || key != "" {
		if err != nil {
			return inst.site(ctx, key)
		}
		return s, nil
	}
	return inst.db.EnsureSite(ctx, assist.Site{Key: "shop", Name: "Our shop", Locale: "en"})
}

// runImport imports a source with a progress bar on w; nil shows none.
func runImport(ctx context.Context, inst *instance, s assist.Site, src retrieval.Source, o retrieval.ImportOptions, w io.Writer) (retrieval.Report, error) {
	if w != nil {
		bar := newBar(w, "importing")
		o.Progress = func(done, total int, _ retrieval.Report) {
			if total > 0 && total != bar.GetMax() {
				bar.ChangeMax(total)
			}
			_ = bar.Set(done) // a bar that cannot be drawn stops nothing
		}
		defer func() { _ = bar.Exit(); fmt.Fprintln(w) }()
	}
	importer := retrieval.Importer{Articles: inst.db, Log: inst.log}
	return importer.Run(ctx, retrieval.Site{ID: s.ID, Locale: s.Locale}, src, o)
}

// embedNow embeds what was imported, so that the command ends with all of it in
// effect. Where the endpoint fails, the server's job tries again.
func embedNow(ctx context.Context, c *call, inst *instance, s assist.Site) error {
	bar := newBar(c.err, "embedding")
	n, err := inst.embedding.now(ctx, s.ID, func(done int) { _ = bar.Set(done) })
	_ = bar.Exit()
	fmt.Fprintln(c.err)
	if err != nil {
		return fmt.Errorf("the articles are imported, but %d chunks only were embedded; a running server tries again: %w", n, err)
	}
	searched, _, err := inst.db.Embedders(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d chunks embedded by %s\n", n, searched)
	return nil
}

// newBar draws on a terminal; elsewhere it stays silent.
func newBar(w io.Writer, what string) *progressbar.ProgressBar {
	f, ok := w.(*os.File)
	visible := ok && isTerminal(f)
	return progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionSetVisibility(visible), progressbar.OptionThrottle(50_000_000), progressbar.OptionClearOnFinish())
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func printReport(c *call, r retrieval.Report, dry bool) {
	for _, p := range r.Problems {
		fmt.Fprintln(c.err, "skipped", p)
	}
	if more := r.Skipped - len(r.Problems); more > 0 {
		fmt.Fprintf(c.err, "skipped %d more\n", more)
	}
	if r.RemovalHeld != "" {
		fmt.Fprintln(c.err, "nothing was removed:", r.RemovalHeld)
	}
	would := ""
	if dry {
		would = "would be: "
	}
	fmt.Fprintf(c.out, "%s%d created, %d updated, %d unchanged, %d removed, %d skipped\n", would, r.Created, r.Updated, r.Unchanged, r.Removed, r.Skipped)
}
