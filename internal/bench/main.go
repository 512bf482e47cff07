// Bench measures what Careloop promises beside a baseline in the same run, and
// prints one table. make bench builds the server and runs it:
//
//	bin/bench --careloop bin/careloop
//
// The server under test is a process of its own with a private PostgreSQL; this
// process holds the scripted model server and plays the shoppers. A target that
// is missed is no failure: the exit code is 1 only where something could not be
// measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// plan says what is measured, and how often.
type plan struct {
	careloop string // path of the binary
	rounds   int
	chunks   int    // in the corpus, at least
	messages int    // a round of accept
	sockets  int    // idle ones
	large    int    // chunks of the large corpus
	texts    string // a folder of texts for the corpus
	only     []string
}

// wants tells whether a part of the run is asked for.
func (p plan) wants(part string) bool { return len(p.only) == 0 || slices.Contains(p.only, part) }

func main() {
	// The other ways to start this program are the servers that it compares with.
	if len(os.Args) == 2 && os.Args[1] == echoCommand {
		if err := serveEcho(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	var p plan
	var only string
	flag.StringVar(&p.careloop, "careloop", "bin/careloop", "the server's binary")
	flag.IntVar(&p.rounds, "rounds", 5, "rounds of each measurement; the table shows their medians")
	flag.IntVar(&p.chunks, "chunks", 10_000, "chunks in the corpus, at least")
	flag.IntVar(&p.messages, "messages", 100, "messages of each round of the accept measurement")
	flag.IntVar(&p.sockets, "sockets", 2000, "idle sockets")
	flag.IntVar(&p.large, "large", 100_000, "chunks in the large corpus, at least")
	flag.StringVar(&p.texts, "texts", "", "a folder of evaluation sets, to make the corpora of its texts in place of the demo shop's")
	flag.StringVar(&only, "only", "", "measure these alone: first, accept, screen, idle, sizes, search, publish, scale, insight, help, gaps; comma-separated")
	flag.Parse()
	if only != "" {
		p.only = strings.Split(only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, p)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "bench: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures everything, prints what was measured, and returns what could not
// be.
func run(ctx context.Context, p plan) error {
	began := time.Now()
	var t table
	var failures []error
	note := func(what string, err error) {
		if err != nil {
			failures = append(failures, fmt.Errorf("%s could not be measured: %w", what, err))
		}
	}
	if p.wants("sizes") {
		note("the widget's sizes", measureSizes(&t))
	}
	if p.wants("first") || p.wants("accept") || p.wants("screen") || p.wants("idle") || p.wants("search") || p.wants("publish") {
		w, err := newWorld(ctx, p)
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		for _, part := range []struct {
			name, what string
			measure    func(context.Context, plan, *world, *table) error
		}{
			{"first", "the first delta", measureFirstDelta},
			{"accept", "accept to request", measureAccept},
			{"screen", "the agent's screen", measureScreen},
			{"idle", "idle sockets", measureIdle},
			{"search", "the search", func(ctx context.Context, p plan, w *world, t *table) error {
				measureIndexing(w, t)
				return measureSearch(ctx, p, w, t, 1)
			}},
			{"publish", "publications", measurePublish},
		} {
			if p.wants(part.name) && ctx.Err() == nil {
				progress("measuring %s", part.what)
				note(part.what, part.measure(ctx, p, w, &t))
			}
		}
		note("the end", w.close())
	}
	if p.wants("scale") && ctx.Err() == nil {
		progress("measuring the search in a large corpus")
		note("the search in a large corpus", measureScale(ctx, p, &t))
	}
	if p.wants("gaps") && ctx.Err() == nil {
		progress("measuring gaps")
		note("gaps", measureGaps(ctx, p, &t))
	}
	if p.wants("help") && ctx.Err() == nil {
		progress("measuring the help centre")
		note("the help centre", measureHelp(ctx, p, &t))
	}
	if p.wants("insight") && ctx.Err() == nil {
		progress("measuring insight")
		note("insight", measureInsight(ctx, p, &t))
	}
	if ctx.Err() == nil {
		t.print(os.Stdout, p, time.Since(began))
	}
	return errors.Join(failures...)
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}
