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

// PublishDue publishes an article whose time has come.
type PublishDue func(ctx context.Context, p article.PublishDue) error

type publishWorker struct {
	river.WorkerDefaults[article.PublishDue]
	publish PublishDue
}

// Timeout bounds one publication.
func (w *publishWorker) Timeout(*river.Job[article.PublishDue]) time.Duration { return publishWithin }

// Work publishes one article.
func (w *publishWorker) Work(ctx context.Context, job *river.Job[article.PublishDue]) error {
	if w.publish == nil {
		return nil
	}
	return w.publish(ctx, job.Args)
}
