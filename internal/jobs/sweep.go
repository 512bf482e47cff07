package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

const (
	sweepQueue   = "inbox"
	sweepEvery   = 30 * time.Second
	sweepTimeout = time.Minute
)

// SweepInbox does what time alone brings about at the agents' side.
type SweepInbox func(ctx context.Context) error

// sweepInbox asks for it.
type sweepInbox struct{}

// Kind names the job in the queue.
func (sweepInbox) Kind() string { return "sweep_inbox" }

type sweepWorker struct {
	river.WorkerDefaults[sweepInbox]
	sweep SweepInbox
}

// Timeout bounds one sweep.
func (w *sweepWorker) Timeout(*river.Job[sweepInbox]) time.Duration { return sweepTimeout }

// Work sweeps. The next one comes by itself, so a failure is not tried again
// before it.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepInbox]) error {
	if w.sweep == nil {
		return nil
	}
	if err := w.sweep(ctx); err != nil {
		return river.JobCancel(err)
	}
	return nil
}

// periodicSweep does it again and again, by one replica alone.
func periodicSweep() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(sweepEvery), func() (river.JobArgs, *river.InsertOpts) {
		return sweepInbox{}, &river.InsertOpts{Queue: sweepQueue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: sweepEvery}}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}
