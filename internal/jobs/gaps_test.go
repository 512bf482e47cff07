package jobs

import (
	"context"
	"errors"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/careloop/careloop/assist/gap"
)

// sorter is told which sites to sort, and fails as it is told.
type sorter struct {
	site string
	all  bool
	err  error
}

func (s *sorter) Sort(_ context.Context, siteID string) error {
	s.site = siteID
	return s.err
}

func (s *sorter) SortAll(context.Context) error {
	s.all = true
	return s.err
}

func TestGapWorkers(t *testing.T) {
	failure := errors.New("the database is away")
	one := &river.Job[gap.Sort]{JobRow: &rivertype.JobRow{}, Args: gap.Sort{SiteID: "s-1"}}
	sweep := &river.Job[sweepGaps]{JobRow: &rivertype.JobRow{}}
	for _, want := range []error{nil, failure} {
		s := &sorter{err: want}
		w, all := &gapWorker{gaps: s}, &sweepGapsWorker{gaps: s}
		if err := w.Work(t.Context(), one); !errors.Is(err, want) || s.site != "s-1" {
			t.Errorf("one site: %v, %q", err, s.site)
		}
		// The next look comes by itself: a failed one is not tried again.
		err := all.Work(t.Context(), sweep)
		var cancelled *river.JobCancelError
		if !s.all || errors.As(err, &cancelled) != (want != nil) {
			t.Errorf("all sites: %v", err)
		}
		if w.Timeout(one) != gapTimeout || all.Timeout(sweep) != gapTimeout {
			t.Error("a look has no end")
		}
	}
	// Where nobody puts questions together, their jobs are done.
	if err := (&gapWorker{}).Work(t.Context(), one); err != nil {
		t.Error(err)
	}
	if err := (&sweepGapsWorker{}).Work(t.Context(), sweep); err != nil {
		t.Error(err)
	}
}
