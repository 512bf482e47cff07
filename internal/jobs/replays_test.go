package jobs

import (
	"context"
	"errors"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/careloop/careloop/assist/golden"
)

type replays struct {
	ran, failed string
	err         error
}

func (r *replays) Run(_ context.Context, id string) error {
	r.ran = id
	return r.err
}

func (r *replays) Fail(_ context.Context, id string, _ error) error {
	r.failed = id
	return nil
}

func TestReplayWorker(t *testing.T) {
	broken := errors.New("the database is away")
	for name, c := range map[string]struct {
		attempt int
		err     error
		failed  bool
	}{
		"done":           {1, nil, false},
		"fails first":    {1, broken, false},
		"fails for good": {replayTries, broken, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := &replays{err: c.err}
			job := &river.Job[golden.RunReplay]{JobRow: &rivertype.JobRow{Attempt: c.attempt, MaxAttempts: 25}, Args: golden.RunReplay{ReplayID: "r-1"}}
			err := (&replayWorker{replays: r}).Work(t.Context(), job)
			if r.ran != "r-1" || (r.failed == "r-1") != c.failed || (err == nil) != (c.err == nil) {
				t.Errorf("%+v, %v", r, err)
			}
			var cancelled *river.JobCancelError
			if errors.As(err, &cancelled) != c.failed {
				t.Errorf("%v", err)
			}
		})
	}
	if err := (&replayWorker{}).Work(t.Context(), &river.Job[golden.RunReplay]{}); err != nil {
		t.Error(err)
	}
}
