package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist/gap"
)

const (
	gapEvery   = time.Minute
	gapTimeout = 10 * time.Minute
)

// Gaps puts questions that were not answered with their like.
type Gaps interface {
	// Sort does so for a site's new questions, SortAll for every site's.
	Sort(ctx context.Context, siteID string) error
	SortAll(ctx context.Context) error
}

type gapWorker struct {
	river.WorkerDefaults[gap.Sort]
	gaps Gaps
}

// Timeout bounds one site; what was placed stays, and the next attempt goes on.
func (w *gapWorker) Timeout(*river.Job[gap.Sort]) time.Duration { return gapTimeout }

// Work sorts one site's questions.
func (w *gapWorker) Work(ctx context.Context, job *river.Job[gap.Sort]) error {
	if w.gaps == nil {
		return nil
	}
	return w.gaps.Sort(ctx, job.Args.SiteID)
}

// sweepGaps asks for a look at all sites.
type sweepGaps struct{}

// Kind names the job in the queue.
func (sweepGaps) Kind() string { return "sweep_gap_questions" }

type sweepGapsWorker struct {
	river.WorkerDefaults[sweepGaps]
	gaps Gaps
}

// Timeout bounds one look.
func (w *sweepGapsWorker) Timeout(*river.Job[sweepGaps]) time.Duration { return gapTimeout }

// Work finds what slipped in as a site's job ended. The next look comes by itself,
// so a failure is not tried again before it.
func (w *sweepGapsWorker) Work(ctx context.Context, _ *river.Job[sweepGaps]) error {
	if w.gaps == nil {
		return nil
	}
	if err := w.gaps.SortAll(ctx); err != nil {
		return river.JobCancel(err)
	}
	return nil
}

// periodicGaps looks again and again, by one replica alone.
func periodicGaps() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(gapEvery), func() (river.JobArgs, *river.InsertOpts) {
		return sweepGaps{}, &river.InsertOpts{Queue: gap.Queue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: gapEvery}}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}
