package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist/intake"
)

const (
	importWorkers = 3
	// importTimeout bounds one sitting; a run goes on in the next.
	importTimeout = 6 * time.Hour
	dueQueue      = "imports_due"
	dueEvery      = 10 * time.Second
	dueTimeout    = 2 * time.Minute
)

// Imports works on what admins import.
type Imports interface {
	// Work works on a run as its state says; one that needs nothing is left alone.
	Work(ctx context.Context, runID string) error
	// Due begins what time brings about, and picks up what was left.
	Due(ctx context.Context) error
}

type importWorker struct {
	river.WorkerDefaults[intake.WorkOnRun]
	imports Imports
}

// Timeout bounds one sitting.
func (w *importWorker) Timeout(*river.Job[intake.WorkOnRun]) time.Duration { return importTimeout }

// Work works on one run.
func (w *importWorker) Work(ctx context.Context, job *river.Job[intake.WorkOnRun]) error {
	if w.imports == nil {
		return nil
	}
	return w.imports.Work(ctx, job.Args.RunID)
}

// importsDue asks for a look at what is due.
type importsDue struct{}

// Kind names the job in the queue.
func (importsDue) Kind() string { return "imports_due" }

type dueWorker struct {
	river.WorkerDefaults[importsDue]
	imports Imports
}

// Timeout bounds one look.
func (w *dueWorker) Timeout(*river.Job[importsDue]) time.Duration { return dueTimeout }

// Work looks once. The next look comes by itself, so a failure is not tried again
// before it.
func (w *dueWorker) Work(ctx context.Context, _ *river.Job[importsDue]) error {
	if w.imports == nil {
		return nil
	}
	if err := w.imports.Due(ctx); err != nil {
		return river.JobCancel(err)
	}
	return nil
}

// periodicDue looks again and again, by one replica alone.
func periodicDue() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(dueEvery), func() (river.JobArgs, *river.InsertOpts) {
		return importsDue{}, &river.InsertOpts{Queue: dueQueue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: dueEvery}}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}
