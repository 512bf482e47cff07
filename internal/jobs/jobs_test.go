package jobs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/retrieval"
)

type rescuer struct {
	asked string
	err   error
}

func (r *rescuer) Rescue(_ context.Context, turnID string) error {
	r.asked = turnID
	return r.err
}

func TestRescueWorker(t *testing.T) {
	failure := errors.New("the database is away")
	for name, tc := range map[string]struct {
		err    error
		snooze time.Duration
		want   error
	}{
		"rescued":   {nil, 0, nil},
		"held":      {&assist.Error{Code: assist.CodeTurnHeld}, heldSnooze, nil},
		"over":      {&assist.Error{Code: assist.CodeTurnOver}, 0, nil},
		"failed":    {failure, 0, failure},
		"unrelated": {&assist.Error{Code: assist.CodeUnknownConversation}, 0, &assist.Error{Code: assist.CodeUnknownConversation}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &rescuer{err: tc.err}
			w := &rescueWorker{rescuer: r, timeout: time.Minute}
			job := &river.Job[assist.RescueTurn]{JobRow: &rivertype.JobRow{}, Args: assist.RescueTurn{TurnID: "t-1"}}
			err := w.Work(t.Context(), job)
			if r.asked != "t-1" {
				t.Errorf("asked for %q", r.asked)
			}
			var snooze *rivertype.JobSnoozeError
			switch {
			case tc.snooze > 0:
				if !errors.As(err, &snooze) || snooze.Duration != tc.snooze {
					t.Errorf("got %v, want a snooze of %v", err, tc.snooze)
				}
			case tc.want == nil && err != nil, tc.want != nil && (err == nil || err.Error() != tc.want.Error()):
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if w.Timeout(job) != time.Minute {
				t.Errorf("timeout %v", w.Timeout(job))
			}
		})
	}
}

// failing is an embedding that fails.
type failing struct{ err error }

func (f failing) EmbedSite(context.Context, string) error   { return f.err }
func (f failing) DropVectors(context.Context, string) error { return f.err }

func TestEmbeddingWorkers(t *testing.T) {
	job := &river.Job[retrieval.EmbedSite]{JobRow: &rivertype.JobRow{}, Args: retrieval.EmbedSite{SiteID: "s-1"}}
	broken := errors.New("no vectors today")
	if err := (&embedWorker{embedding: failing{broken}}).Work(t.Context(), job); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	drop := &river.Job[retrieval.DropVectors]{JobRow: &rivertype.JobRow{}}
	if err := (&dropWorker{embedding: failing{broken}}).Work(t.Context(), drop); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	later := fmt.Errorf("embed: %w", &retrieval.LaterError{After: time.Minute, Err: broken})
	var snooze *river.JobSnoozeError
	if err := (&embedWorker{embedding: failing{later}}).Work(t.Context(), job); !errors.As(err, &snooze) || snooze.Duration != time.Minute {
		t.Errorf("an embedder that wants a pause gets %v", err)
	}
}

func TestNewSaysWhatIsMissing(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("a runner without a database")
	}
}

// drafts is a writer of drafts that fails as it is told.
type drafts struct {
	rescued draft.Rescue
	learnt  draft.Learn
	err     error
}

func (d *drafts) Rescue(_ context.Context, r draft.Rescue) error {
	d.rescued = r
	return d.err
}

func (d *drafts) Learn(_ context.Context, l draft.Learn) error {
	d.learnt = l
	return d.err
}

func TestDraftWorkers(t *testing.T) {
	failure := errors.New("the database is away")
	rescue := &river.Job[draft.Rescue]{JobRow: &rivertype.JobRow{}, Args: draft.Rescue{ConversationID: "c-1", Seq: 3}}
	learn := &river.Job[draft.Learn]{JobRow: &rivertype.JobRow{}, Args: draft.Learn{ConversationID: "c-1"}}
	for _, want := range []error{nil, failure} {
		d := &drafts{err: want}
		if err := (&draftWorker{drafts: d}).Work(t.Context(), rescue); !errors.Is(err, want) || d.rescued != rescue.Args {
			t.Errorf("rescue: %v, %+v", err, d.rescued)
		}
		if err := (&learnWorker{drafts: d}).Work(t.Context(), learn); !errors.Is(err, want) || d.learnt != learn.Args {
			t.Errorf("learn: %v, %+v", err, d.learnt)
		}
	}
	var snooze *rivertype.JobSnoozeError
	held := &draftWorker{drafts: &drafts{err: &assist.Error{Code: draft.CodeHeld}}, timeout: time.Minute}
	if err := held.Work(t.Context(), rescue); !errors.As(err, &snooze) || snooze.Duration != heldSnooze {
		t.Errorf("held: %v", err)
	}
	if held.Timeout(rescue) != time.Minute {
		t.Error("timeout")
	}
	// Where nobody writes drafts, their jobs are done.
	if err := (&draftWorker{}).Work(t.Context(), rescue); err != nil {
		t.Error(err)
	}
	if err := (&learnWorker{}).Work(t.Context(), learn); err != nil {
		t.Error(err)
	}
}
