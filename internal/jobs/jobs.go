// Package jobs runs what must not be forgotten: River workers that decode a
// job, call the domain, and return. What a job means is the domain's business.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/assist/golden"
	"github.com/careloop/careloop/retrieval"
)

const (
	// heldSnooze is when a turn that somebody still holds is looked at again.
	heldSnooze = 10 * time.Second
	// defaultRescues is how many turns are rescued at a time.
	defaultRescues = 4
	// defaultRescueTimeout bounds one rescue; a turn bounds itself more tightly.
	defaultRescueTimeout = 5 * time.Minute
	// embedTimeout bounds the embedding of a site; what is embedded stays, and
	// the next attempt goes on from there.
	embedTimeout = time.Hour
)

// Rescuer looks after turns whose process may have died.
type Rescuer interface {
	// Rescue runs a turn that nobody runs any more. Errors: CodeTurnHeld while
	// somebody does, CodeTurnOver where there is nothing left to do.
	Rescue(ctx context.Context, turnID string) error
}

// Embedding makes and removes vectors.
type Embedding interface {
	// EmbedSite embeds the chunks of a site that have no vector yet.
	EmbedSite(ctx context.Context, siteID string) error
	// DropVectors removes the vectors of an embedder that is retired.
	DropVectors(ctx context.Context, embedder string) error
}

// Options are what a Runner is made of.
type Options struct {
	Pool      *pgxpool.Pool
	Rescuer   Rescuer
	Drafts    Drafts // nil: nobody writes drafts, and their jobs are done at once
	Embedding Embedding
	Gaps      Gaps    // nil: nobody puts questions together, and their jobs are done at once
	Replays   Replays // nil: nobody replays, and such jobs are done at once
	// SendLetter and PollMail are what mail asks for; nil: there is none.
	SendLetter SendLetter
	PollMail   PollMail
	// PollEvery is how often the mailbox is looked into; 0 means 30 s.
	PollEvery time.Duration
	// SweepInbox is called every half minute, by one replica; nil: never.
	SweepInbox SweepInbox
	// PublishDue publishes articles at their time; nil: their jobs are done at once.
	PublishDue PublishDue
	// Rescues is how many turns are rescued at a time, RescueTimeout how long
	// one may take; 0 means 4 and 5 minutes.
	Rescues       int
	RescueTimeout time.Duration
	Logger        *slog.Logger
}

// Runner takes jobs out of the queue.
type Runner struct {
	client  *river.Client[pgx.Tx]
	mu      sync.Mutex
	started bool
}

// New makes a runner that does not run yet.
func New(o Options) (*Runner, error) {
	if o.Pool == nil || o.Rescuer == nil || o.Embedding == nil {
		return nil, errors.New("jobs: Pool, Rescuer and Embedding are needed")
	}
	if o.Rescues == 0 {
		o.Rescues = defaultRescues
	}
	if o.RescueTimeout == 0 {
		o.RescueTimeout = defaultRescueTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &rescueWorker{rescuer: o.Rescuer, timeout: o.RescueTimeout})
	river.AddWorker(workers, &embedWorker{embedding: o.Embedding})
	river.AddWorker(workers, &dropWorker{embedding: o.Embedding})
	river.AddWorker(workers, &letterWorker{send: o.SendLetter})
	river.AddWorker(workers, &pollWorker{poll: o.PollMail})
	river.AddWorker(workers, &draftWorker{drafts: o.Drafts, timeout: o.RescueTimeout})
	river.AddWorker(workers, &learnWorker{drafts: o.Drafts})
	river.AddWorker(workers, &replayWorker{replays: o.Replays})
	river.AddWorker(workers, &sweepWorker{sweep: o.SweepInbox})
	river.AddWorker(workers, &gapWorker{gaps: o.Gaps})
	river.AddWorker(workers, &sweepGapsWorker{gaps: o.Gaps})
	river.AddWorker(workers, &publishWorker{publish: o.PublishDue})
	client, err := river.NewClient(riverpgxv5.New(o.Pool), &river.Config{
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: o.Rescues},
			// One at a time: two would pay for the same chunks twice.
			retrieval.EmbedQueue: {MaxWorkers: 1},
			// A mail server that is slow must not hold up anything else.
			assist.LetterQueue: {MaxWorkers: letterWorkers},
			golden.ReplayQueue: {MaxWorkers: replaysAtOnce},
			pollQueue:          {MaxWorkers: 1},
			sweepQueue:         {MaxWorkers: 1},
			// Looking at all questions of a large site takes a processor for a while.
			gap.Queue: {MaxWorkers: 1},
		},
		PeriodicJobs: periodic(o),
		Workers:      workers,
		Logger:       o.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Runner{client: client}, nil
}

// Start begins to work. ctx bounds the start alone; Stop ends the work.
// Starting twice is an error.
func (r *Runner) Start(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.started {
		return errors.New("jobs: started already")
	}
	// River takes the end of its context for a hard stop, which is Stop's
	// business.
	if err := r.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	r.started = true
	return nil
}

// cancelWithin bounds how long cancelled jobs may take to return.
const cancelWithin = 5 * time.Second

// Stop takes no more jobs and waits for those that run. When ctx ends they are
// cancelled; River starts them again elsewhere. It may be called without Start,
// and again.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.started {
		return nil
	}
	r.started = false
	err := r.client.Stop(ctx)
	if err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelWithin)
	defer cancel()
	return errors.Join(err, r.client.StopAndCancel(hard))
}

type rescueWorker struct {
	river.WorkerDefaults[assist.RescueTurn]
	rescuer Rescuer
	timeout time.Duration
}

// Timeout bounds one rescue.
func (w *rescueWorker) Timeout(*river.Job[assist.RescueTurn]) time.Duration { return w.timeout }

// Work looks at one turn. A held one is looked at later, which does not count
// as an attempt; one that is over is done.
func (w *rescueWorker) Work(ctx context.Context, job *river.Job[assist.RescueTurn]) error {
	err := w.rescuer.Rescue(ctx, job.Args.TurnID)
	switch assist.CodeOf(err) {
	case assist.CodeTurnHeld:
		return river.JobSnooze(heldSnooze)
	case assist.CodeTurnOver:
		return nil
	}
	return err
}

type embedWorker struct {
	river.WorkerDefaults[retrieval.EmbedSite]
	embedding Embedding
}

// Timeout bounds the embedding of one site.
func (w *embedWorker) Timeout(*river.Job[retrieval.EmbedSite]) time.Duration { return embedTimeout }

// Work embeds one site. Where the embedder wants to be left alone for a while, it
// is; that does not count as an attempt.
func (w *embedWorker) Work(ctx context.Context, job *river.Job[retrieval.EmbedSite]) error {
	err := w.embedding.EmbedSite(ctx, job.Args.SiteID)
	var later *retrieval.LaterError
	if errors.As(err, &later) {
		return river.JobSnooze(later.After)
	}
	return err
}

type dropWorker struct {
	river.WorkerDefaults[retrieval.DropVectors]
	embedding Embedding
}

// Timeout bounds the removal.
func (w *dropWorker) Timeout(*river.Job[retrieval.DropVectors]) time.Duration { return embedTimeout }

// Work removes one embedder's vectors.
func (w *dropWorker) Work(ctx context.Context, job *river.Job[retrieval.DropVectors]) error {
	return w.embedding.DropVectors(ctx, job.Args.Embedder)
}
