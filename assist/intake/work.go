package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// putDown bounds how long a lease may take to be given back.
const putDown = 5 * time.Second

// errLost says that a run is no longer ours: it was cancelled, or another has it.
var errLost = errors.New("the run is not ours any more")

// Work works on a run as its state says, until it is done, it is cancelled or ctx
// ends; then another goes on with it. A run that somebody else works on, or that
// needs no work, is left alone.
func (in *Intake) Work(ctx context.Context, runID string) error {
	if !in.enter() {
		return context.Canceled // stopped; another goes on with it
	}
	defer in.work.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(in.done, func() { cancel(context.Canceled) })()

	owner := in.Owner + "/" + uuid.NewString()[:8]
	job, ours, err := in.Store.Lease(ctx, runID, owner, in.Lease)
	if err != nil || !ours {
		return err
	}
	w := &worker{Intake: in, job: job, owner: owner}
	w.total.Store(int64(job.Total))
	var beating sync.WaitGroup
	beating.Go(func() { w.beat(ctx, cancel) })
	switch job.State {
	case Reading:
		err = w.read(ctx)
	case Applying:
		err = w.apply(ctx)
	case Undoing:
		err = w.undo(ctx)
	}
	if errors.Is(context.Cause(ctx), errLost) {
		err = nil
	}
	interrupted := ctx.Err() != nil
	cancel(nil)
	beating.Wait()
	if errors.Is(err, errLost) {
		return nil
	}
	if err == nil && !interrupted {
		return nil
	}
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), putDown)
	defer stop()
	if !interrupted && w.giveUp(late, err) {
		return nil
	}
	return errors.Join(err, in.Store.Release(late, runID, owner))
}

// giveUp ends a reading that failed, and stops an application, so that a person
// decides whether it is tried again. It reports false where it is to be tried
// without anybody.
func (w *worker) giveUp(ctx context.Context, cause error) bool {
	w.Log.ErrorContext(ctx, "an import failed", "run", w.job.ID, "state", w.job.State, "error", cause)
	var err error
	switch w.job.State {
	case Reading:
		_, err = w.Store.FinishReading(ctx, w.job.ID, w.owner, Failed, messageFailed, "", false)
	case Applying:
		err = w.Store.Begin(ctx, w.job.SiteID, w.job.ID, []State{Applying}, Stopped)
	default:
		return false
	}
	return err == nil
}

// worker works on one run.
type worker struct {
	*Intake
	job         Job
	owner       string
	done, total atomic.Int64
}

// beat writes how far the work is and keeps the lease, and ends the work where it
// is lost.
func (w *worker) beat(ctx context.Context, lost context.CancelCauseFunc) {
	ticker := time.NewTicker(w.Beat)
	defer ticker.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ours, err := w.Store.Beat(ctx, w.job.ID, w.owner, w.Lease, int(w.done.Load()), int(w.total.Load()))
		switch {
		case err == nil && ours:
			renewed = time.Now()
		case err == nil, time.Since(renewed) > w.Lease:
			lost(errLost)
			return
		}
	}
}

// held turns the answer of a store that was asked to write under a lease into an
// error.
func held(ours bool, err error) error {
	if err == nil && !ours {
		return errLost
	}
	return err
}

// scratch makes a folder for the time of a run.
func (w *worker) scratch() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp(w.Scratch, "import-*")
	if err != nil {
		return "", nil, fmt.Errorf("there is no room for the files of an import: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
