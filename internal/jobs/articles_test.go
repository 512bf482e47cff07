package jobs

import (
	"context"
	"errors"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/careloop/careloop/assist/article"
)

func TestPublishWorker(t *testing.T) {
	job := &river.Job[article.PublishDue]{JobRow: &rivertype.JobRow{}, Args: article.PublishDue{SiteID: "s-1", ArticleID: "a-1"}}
	for _, want := range []error{nil, errors.New("the database is away")} {
		var asked article.PublishDue
		w := &publishWorker{publish: func(_ context.Context, p article.PublishDue) error {
			asked = p
			return want
		}}
		if err := w.Work(t.Context(), job); !errors.Is(err, want) || asked != job.Args {
			t.Errorf("%v, asked for %+v", err, asked)
		}
		if w.Timeout(job) != publishWithin {
			t.Error("timeout")
		}
	}
	// Where nobody publishes, the job is done.
	if err := (&publishWorker{}).Work(t.Context(), job); err != nil {
		t.Error(err)
	}
}
