package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist/golden"
)

const (
	// replayTimeout bounds one attempt; what was asked stays, and the next attempt
	// goes on from there.
	replayTimeout = time.Hour
	// replayTries is how often a replay that fails is taken up again.
	replayTries = 5
	// replaysAtOnce is how many shops' replays run on a replica at a time.
	replaysAtOnce = 2
	// failWithin bounds writing down that a replay failed.
	failWithin = 10 * time.Second
)

// Replays asks golden and past questions anew.
type Replays interface {
	// Run works on a replay to its end, from wherever it was.
	Run(ctx context.Context, replayID string) error
	// Fail ends one that cannot be worked on.
	Fail(ctx context.Context, replayID string, cause error) error
}

type replayWorker struct {
	river.WorkerDefaults[golden.RunReplay]
	replays Replays
}

// Timeout bounds one attempt.
func (w *replayWorker) Timeout(*river.Job[golden.RunReplay]) time.Duration { return replayTimeout }

// Work runs one replay. At the last failure it is ended, so that nobody waits for
// it and another can begin.
func (w *replayWorker) Work(ctx context.Context, job *river.Job[golden.RunReplay]) error {
	if w.replays == nil {
		return nil
	}
	err := w.replays.Run(ctx, job.Args.ReplayID)
	if err == nil || job.Attempt < min(replayTries, job.MaxAttempts) {
		return err
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), failWithin)
	defer cancel()
	if failed := w.replays.Fail(ending, job.Args.ReplayID, err); failed != nil {
		return failed
	}
	return river.JobCancel(err)
}
