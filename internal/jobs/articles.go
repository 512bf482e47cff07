package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist/article"
)

// publishWithin bounds the publication of one article, the wait for an import of
// its shop included.
const publishWithin = 5 * time.Minute

// PublishDue publishes an article whose time has come. again, if set, asks to come
// again after a while.
type PublishDue func(ctx context.Context, p article.PublishDue) (again time.Duration, err error)

type publishWorker struct {
	river.WorkerDefaults[article.PublishDue]
	publish PublishDue
}

// Timeout bounds one publication.
func (w *publishWorker) Timeout(*river.Job[article.PublishDue]) time.Duration { return publishWithin }

// Work publishes one article, or looks at it later, which does not count as an
// attempt.
func (w *publishWorker) Work(ctx context.Context, job *river.Job[article.PublishDue]) error {
	if w.publish == nil {
		return nil
	}
	again, err := w.publish(ctx, job.Args)
	if err == nil && again > 0 {
		return river.JobSnooze(again)
	}
	return err
}
