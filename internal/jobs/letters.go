package jobs

import (
	"cmp"
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist"
)

const (
	// letterWorkers is how many letters are sent at a time.
	letterWorkers = 4
	// letterTimeout bounds the sending of one.
	letterTimeout = 2 * time.Minute
	// letterTries is how often a letter is tried: River waits longer each time,
	// about three hours in all. Then the agents are told.
	letterTries = 10
	pollQueue   = "mailbox"
	pollTimeout = 5 * time.Minute
)

// SendLetter sends what is due in a conversation up to an event; last says that
// it will not be asked again.
type SendLetter func(ctx context.Context, conversationID string, seq int64, last bool) error

// PollMail takes what is new in the mailbox.
type PollMail func(ctx context.Context) error

type letterWorker struct {
	river.WorkerDefaults[assist.LetterDue]
	send SendLetter
}

// Timeout bounds the sending of one letter.
func (w *letterWorker) Timeout(*river.Job[assist.LetterDue]) time.Duration { return letterTimeout }

// Work sends one letter.
func (w *letterWorker) Work(ctx context.Context, job *river.Job[assist.LetterDue]) error {
	if w.send == nil {
		return nil
	}
	last := job.Attempt >= min(letterTries, job.MaxAttempts)
	if err := w.send(ctx, job.Args.ConversationID, job.Args.Seq, last); err != nil {
		if last {
			return river.JobCancel(err)
		}
		return err
	}
	return nil
}

// pollMailbox asks for a look into the mailbox.
type pollMailbox struct{}

// Kind names the job in the queue.
func (pollMailbox) Kind() string { return "poll_mailbox" }

type pollWorker struct {
	river.WorkerDefaults[pollMailbox]
	poll PollMail
}

// Timeout bounds one look.
func (w *pollWorker) Timeout(*river.Job[pollMailbox]) time.Duration { return pollTimeout }

// Work takes what is new. The next look comes by itself, so a failure is not
// tried again before it.
func (w *pollWorker) Work(ctx context.Context, _ *river.Job[pollMailbox]) error {
	if w.poll == nil {
		return nil
	}
	if err := w.poll(ctx); err != nil {
		return river.JobCancel(err)
	}
	return nil
}

// periodic lists what is done again and again, by one replica alone.
func periodic(o Options) []*river.PeriodicJob {
	var list []*river.PeriodicJob
	if o.SweepInbox != nil {
		list = append(list, periodicSweep())
	}
	if o.Gaps != nil {
		list = append(list, periodicGaps())
	}
	if o.PollMail == nil {
		return list
	}
	every := cmp.Or(o.PollEvery, 30*time.Second)
	return append(list, river.NewPeriodicJob(river.PeriodicInterval(every), func() (river.JobArgs, *river.InsertOpts) {
		return pollMailbox{}, &river.InsertOpts{Queue: pollQueue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: every}}
	}, &river.PeriodicJobOpts{RunOnStart: true}))
}
