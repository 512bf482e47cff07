package draft

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/careloop/careloop/assist"
)

// Timing of drafts. Nobody waits for one as for an answer, so leases are those
// of turns and the rescue may take its time.
const (
	leaseTime   = 15 * time.Second
	renewEvery  = 5 * time.Second
	RescueAfter = 20 * time.Second // when a job looks after a draft
	storeTime   = 10 * time.Second
	maxAttempts = 3
	history     = 30 // messages that are read for a draft
)

// Options make a Writer.
type Options struct {
	Store    Store
	Bus      assist.Bus
	Composer *Composer
	Log      *slog.Logger // nil: the default
	// Owner names this replica in leases; no two may share it.
	Owner string
	// DailyBudget is a site's where it has none of its own, in millionths of a
	// dollar. Drafts and turns spend of the same.
	DailyBudget int64
	// MaxWriting bounds the drafts that are written at once, MaxWaiting those
	// that wait for a place; 0 means 8 and 64.
	MaxWriting, MaxWaiting int
	// Observe is told of every draft's end; nil is fine.
	Observe func(End)
}

// End is what an observer learns of a draft.
type End struct {
	// State is Ready or Failed; empty: it was superseded, or left to another
	// replica.
	State State
	Tone  Tone
	Model string // empty: templates
	Took  time.Duration
	Calls []assist.CallRecord
}

// Writer writes drafts in the background and stores them. It owns its
// goroutines: Stop waits for them. It is safe for concurrent use.
type Writer struct {
	o      Options
	ctx    context.Context // every draft's
	cancel context.CancelFunc
	work   sync.WaitGroup
	slots  chan struct{} // places to write
	queue  chan struct{} // places to write or to wait for it

	macros shelf

	mu      sync.Mutex
	stopped bool
	running map[string]context.CancelFunc // by draft
}

// New makes a writer that runs until Stop.
func New(o Options) *Writer {
	if o.MaxWriting == 0 {
		o.MaxWriting = 8
	}
	if o.MaxWaiting == 0 {
		o.MaxWaiting = 64
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Observe == nil {
		o.Observe = func(End) {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Writer{o: o, ctx: ctx, cancel: cancel, running: map[string]context.CancelFunc{},
		slots: make(chan struct{}, o.MaxWriting), queue: make(chan struct{}, o.MaxWriting+o.MaxWaiting)}
}

var _ assist.Drafter = (*Writer)(nil)

// Draft writes the draft that a shopper's message calls for, in the background.
// It never blocks; where too many wait already, the rescue job finds it. Where
// the shopper said more since, that calls for a draft of its own, and this one is
// left out.
func (w *Writer) Draft(f assist.DraftFor) {
	if !w.enter() {
		w.o.Log.Warn("draft left to its rescue job", "conversation", f.ConversationID)
		return
	}
	go func() {
		defer w.leave()
		err := w.begin(w.ctx, Begin{SiteID: f.SiteID, ConversationID: f.ConversationID, Seq: f.Seq, Tone: Standard})
		if err != nil && w.ctx.Err() == nil {
			w.o.Log.Warn("draft not begun; its rescue job looks again", "conversation", f.ConversationID, "error", err)
		}
	}()
}

// Request begins another draft for an agent and returns at once; the text comes
// as signals. text is what stands in the composer: it is rewritten, or without a
// model kept. Errors: CodeUnknownConversation, CodeClosed, CodeBadTone,
// CodeTooLong, CodeBusy.
func (w *Writer) Request(ctx context.Context, siteID, agentID, conversationID string, tone Tone, language, text string) (Draft, error) {
	if !tone.Known() || tone == Language && languageOf(language) == "" {
		return Draft{}, &assist.Error{Code: CodeBadTone}
	}
	if utf8.RuneCountInString(text) > assist.MaxReply {
		return Draft{}, &assist.Error{Code: assist.CodeTooLong}
	}
	if !w.enter() {
		return Draft{}, &assist.Error{Code: CodeBusy}
	}
	b := Begin{SiteID: siteID, ConversationID: conversationID, Tone: tone, Given: text, AgentID: agentID,
		Owner: w.o.Owner, Lease: leaseTime, RescueAfter: RescueAfter}
	if tone == Language {
		b.Locale = language
	}
	work, err := w.o.Store.BeginDraft(ctx, b)
	if err != nil {
		w.leave()
		return Draft{}, err
	}
	go func() {
		defer w.leave()
		w.run(w.ctx, work)
	}()
	return work.Draft, nil
}

// Rescue looks after a draft whose process may have died, and writes it where
// nobody does. Errors: CodeHeld while somebody does: ask again later.
func (w *Writer) Rescue(ctx context.Context, r Rescue) error {
	if !w.enter() {
		return &assist.Error{Code: CodeHeld}
	}
	defer w.leave()
	// The writer's end is the draft's: the caller's is not.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.ctx, cancel)()
	err := w.begin(ctx, Begin{SiteID: r.SiteID, ConversationID: r.ConversationID, DraftID: r.DraftID, Seq: r.Seq, Tone: Standard})
	switch assist.CodeOf(err) {
	case CodeOver, CodeClosed, assist.CodeUnknownConversation:
		return nil
	}
	return err
}

// Latest is the draft that waits for the agent, if one does.
// Errors: assist.CodeUnknownConversation.
func (w *Writer) Latest(ctx context.Context, siteID, conversationID string) (Draft, bool, error) {
	return w.o.Store.LatestDraft(ctx, siteID, conversationID)
}

// enter takes a place in the queue; false where there is none, or the writer has
// stopped.
func (w *Writer) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return false
	}
	select {
	case w.queue <- struct{}{}:
		w.work.Add(1)
		return true
	default:
		return false
	}
}

func (w *Writer) leave() {
	<-w.queue
	w.work.Done()
}

func (w *Writer) begin(ctx context.Context, b Begin) error {
	b.Owner, b.Lease = w.o.Owner, leaseTime
	c, stop := context.WithTimeout(ctx, storeTime)
	work, err := w.o.Store.BeginDraft(c, b)
	stop()
	switch assist.CodeOf(err) {
	case "":
		w.run(ctx, work)
		return nil
	case CodeOver, CodeClosed:
		return nil
	}
	return err
}

// run takes a draft to its end and keeps its lease meanwhile.
func (w *Writer) run(ctx context.Context, work Work) {
	started := time.Now()
	log := w.o.Log.With("conversation", work.ConversationID, "draft", work.ID)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	if stop := w.running[work.SupersededID]; stop != nil {
		stop()
	}
	w.running[work.ID] = cancel
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.running, work.ID)
		w.mu.Unlock()
	}()

	var keeping sync.WaitGroup
	keeping.Go(func() { w.keepLease(ctx, cancel, work.ID, log) })
	result, err := w.compose(ctx, work, log)
	cancel()
	keeping.Wait()

	end := End{Tone: work.Tone, Took: time.Since(started), Calls: result.Calls}
	f := Finish{DraftID: work.ID, Owner: w.o.Owner, State: Ready, Result: result}
	switch {
	case errors.Is(err, errFailed):
		f.State = Failed
	case err != nil:
		// It was superseded, or the writer stops: what was spent counts all the same.
		f.State = ""
	}
	if f.State != "" || len(result.Calls) > 0 {
		if w.finish(work, f, log) {
			end.State, end.Model = f.State, result.Model
		}
	}
	if err != nil && w.ctx.Err() != nil {
		w.handOver(work.ID, log)
	}
	w.o.Observe(end)
}

// errFailed says that a draft cannot be written at all.
var errFailed = errors.New("the draft cannot be written")

// compose makes the draft's text. Its error is errFailed, or that of ctx: the
// draft is not to be finished here.
func (w *Writer) compose(ctx context.Context, work Work, log *slog.Logger) (result Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("draft panicked", "panic", fmt.Sprint(p))
			err = errFailed
		}
	}()
	if work.Attempt > maxAttempts {
		return Result{}, errFailed
	}
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	c, stop := context.WithTimeout(ctx, storeTime)
	in, err := w.o.Store.DraftInput(c, work.ID, history)
	stop()
	switch {
	case ctx.Err() != nil:
		return Result{}, ctx.Err()
	case assist.CodeOf(err) == CodeOver:
		return Result{}, context.Canceled
	case err != nil:
		log.Error("draft cannot be read", "error", err)
		return Result{}, errFailed
	}
	budget := w.o.DailyBudget
	if in.Site.DailyBudget != nil {
		budget = *in.Site.DailyBudget
	}
	return w.o.Composer.Compose(ctx, in, Means{
		Reserve: func(ctx context.Context, amount int64) (bool, error) {
			if amount == 0 {
				return true, nil
			}
			return w.o.Store.ReserveDraftBudget(ctx, in.Site.ID, work.ID, amount, budget)
		},
		GoodReplies: func(ctx context.Context, embedder string, vector []float32, limit int) ([]GoodReply, error) {
			return w.o.Store.GoodReplies(ctx, in.Site.ID, embedder, vector, limit)
		},
		Text: func(offset int, text string) {
			w.signal(work, assist.DraftDelta{DraftID: work.ID, ForSeq: work.ForSeq, Offset: offset, Text: text})
		},
	})
}

func (w *Writer) signal(work Work, d assist.DraftDelta) {
	w.o.Bus.Publish(assist.Signal{SiteID: work.SiteID, ShopperID: work.ShopperID, ConversationID: work.ConversationID, Draft: &d})
}

// keepLease renews until ctx ends, and ends it where the draft is no longer ours.
func (w *Writer) keepLease(ctx context.Context, cancel func(), draftID string, log *slog.Logger) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		c, stop := context.WithTimeout(ctx, renewEvery)
		err := w.o.Store.RenewDraft(c, draftID, w.o.Owner, leaseTime)
		stop()
		if assist.CodeOf(err) == CodeOver {
			cancel()
			return
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("a draft's lease was not renewed", "error", err)
		}
	}
}

// finish stores the draft and tells those who watch; false means that it was
// over. A store that fails is tried again as long as the lease lasts; then the
// rescue job writes the draft anew.
func (w *Writer) finish(work Work, f Finish, log *slog.Logger) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), leaseTime)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		_, err := w.o.Store.FinishDraft(ctx, f)
		switch {
		case err == nil && f.State == "":
			return true
		case err == nil:
			w.signal(work, assist.DraftDelta{DraftID: work.ID, ForSeq: work.ForSeq, Done: true})
			log.Info("draft finished", "state", f.State, "model", f.Result.Model, "tone", work.Tone, "unsupported", len(f.Result.Unsupported))
			return true
		case assist.CodeOf(err) == CodeOver:
			return false
		}
		log.Warn("draft not stored", "error", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
	}
}

// handOver ends the lease of a draft that has to stop with the writer, so that
// another replica need not wait for it.
func (w *Writer) handOver(draftID string, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), storeTime)
	defer cancel()
	if err := w.o.Store.RenewDraft(ctx, draftID, w.o.Owner, 0); err != nil && assist.CodeOf(err) != CodeOver {
		log.Warn("draft not handed over", "error", err)
	}
}

// Stop lets drafts finish until ctx ends, then hands the others over: their
// leases end, and another replica's rescue takes them. No draft begins after it
// was called. It may be called more than once.
func (w *Writer) Stop(ctx context.Context) error {
	w.mu.Lock()
	w.stopped = true
	w.mu.Unlock()
	done := make(chan struct{})
	go func() { w.work.Wait(); close(done) }()
	select {
	case <-done:
		w.cancel()
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	left := len(w.running)
	w.mu.Unlock()
	w.cancel()
	<-done // each ends within storeTime once its context is cancelled
	return fmt.Errorf("%d drafts were handed over", left)
}
