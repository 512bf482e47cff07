package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
)

// Drafts looks after replies that are written for agents.
type Drafts interface {
	// Rescue writes a draft that nobody writes any more. Errors: draft.CodeHeld
	// while somebody does.
	Rescue(ctx context.Context, r draft.Rescue) error
	// Learn keeps the good replies of a conversation.
	Learn(ctx context.Context, l draft.Learn) error
}

type draftWorker struct {
	river.WorkerDefaults[draft.Rescue]
	drafts  Drafts
	timeout time.Duration
}

// Timeout bounds one draft.
func (w *draftWorker) Timeout(*river.Job[draft.Rescue]) time.Duration { return w.timeout }

// Work looks at one draft; a held one is looked at later, which does not count
// as an attempt.
func (w *draftWorker) Work(ctx context.Context, job *river.Job[draft.Rescue]) error {
	if w.drafts == nil {
		return nil
	}
	err := w.drafts.Rescue(ctx, job.Args)
	if assist.CodeOf(err) == draft.CodeHeld {
		return river.JobSnooze(heldSnooze)
	}
	return err
}

type learnWorker struct {
	river.WorkerDefaults[draft.Learn]
	drafts Drafts
}

// Work keeps the good replies of one conversation.
func (w *learnWorker) Work(ctx context.Context, job *river.Job[draft.Learn]) error {
	if w.drafts == nil {
		return nil
	}
	return w.drafts.Learn(ctx, job.Args)
}
