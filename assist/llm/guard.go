package llm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Policy bounds the calls of a model. A field that is zero has the value of
// Defaults.
type Policy struct {
	// FirstContent is how long a shopper may wait for the first piece, all tries
	// and the waits between them together.
	FirstContent time.Duration
	// TryFirstContent is how long one try may take to its first piece.
	TryFirstContent time.Duration
	// Silence is how long a model may pause in mid-answer.
	Silence time.Duration
	// Whole is how long a call may take, all tries together.
	Whole time.Duration
	// MaxBytes bounds the answer's text and the arguments of its tool calls.
	MaxBytes int

	// Tries is how often a call is tried, the first time included.
	Tries int
	// Backoff is the longest wait before the second try; it doubles with each
	// further try. The wait is random between a half of that and the whole.
	Backoff time.Duration

	// Failures in a row open the circuit: the model is not asked for OpenFor.
	// Then one call is let through, and closes the circuit if it goes well.
	Failures int
	OpenFor  time.Duration
	// OnOpen, if set, is told when the circuit opens and closes. It must not
	// block.
	OnOpen func(model string, open bool)
}

// Defaults are for a hosted model and a shopper who waits. A model on a small
// machine needs more time to its first piece.
func Defaults() Policy {
	return Policy{
		FirstContent:    10 * time.Second,
		TryFirstContent: 6 * time.Second,
		Silence:         8 * time.Second,
		Whole:           45 * time.Second,
		MaxBytes:        64 << 10,
		Tries:           3,
		Backoff:         300 * time.Millisecond,
		Failures:        5,
		OpenFor:         15 * time.Second,
	}
}

func (p Policy) complete() Policy {
	d := Defaults()
	or := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	or(&p.FirstContent, d.FirstContent)
	or(&p.TryFirstContent, min(d.TryFirstContent, p.FirstContent))
	or(&p.Silence, d.Silence)
	or(&p.Whole, max(d.Whole, 2*p.FirstContent))
	or(&p.Backoff, d.Backoff)
	or(&p.OpenFor, d.OpenFor)
	for _, n := range []struct {
		v *int
		d int
	}{{&p.MaxBytes, d.MaxBytes}, {&p.Tries, d.Tries}, {&p.Failures, d.Failures}} {
		if *n.v <= 0 {
			*n.v = n.d
		}
	}
	return p
}

// Guard bounds and steadies a model: its time to the first piece, its silences,
// its time and size as a whole. It tries again, where that helps, until the
// first piece, and leaves a model that keeps failing alone for a while. What it
// returns is a Model of the same name; it is as safe for concurrent use as m.
//
// m must stop when its context is done: Guard starts no goroutine that could
// outlive a call. Time that the caller spends in emit is not held against m,
// except by Policy.Whole.
func Guard(m Model, p Policy) Model {
	p = p.complete()
	return &guarded{model: m, policy: p, circuit: newCircuit(m.Name(), p)}
}

type guarded struct {
	model   Model
	policy  Policy
	circuit *circuit
}

func (g *guarded) Name() string { return g.model.Name() }

func (g *guarded) Write(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{Model: g.Name()}, err
	}
	begun := time.Now()
	whole, cancel := context.WithTimeoutCause(ctx, g.policy.Whole, &limit{TooLong, g.policy.Whole})
	defer cancel()
	firstBy := begun.Add(g.policy.FirstContent)
	var before error
	for tries := 1; ; tries++ {
		c := &call{model: g.model, policy: g.policy, begun: begun, firstBy: firstBy, emit: emit}
		var result Result
		err := g.circuit.do(func() error {
			var err error
			result, err = c.write(whole, req)
			return g.judge(ctx, c, err)
		})
		result.Model, result.FirstDelta = g.Name(), c.first
		if err == nil {
			return result, nil
		}
		if before != nil && kindIs(err, CircuitOpen) {
			err = before // says more
		}
		before = err
		wait, again := g.again(c, err, tries, time.Until(firstBy))
		if !again || !sleep(whole, wait) {
			if ctxErr := ctx.Err(); ctxErr != nil && c.emitErr == nil {
				err = ctxErr
			}
			return result, err
		}
	}
}

// judge makes of what a model returned what Guard returns: nil, emit's error,
// the caller's context's error, or an *Error.
func (g *guarded) judge(ctx context.Context, c *call, err error) error {
	if c.emitErr != nil {
		return c.emitErr
	}
	// An answer that was whole when its time ran out still counts; one that is
	// too big does not.
	if c.over != nil && (err != nil || c.over.after == 0) {
		if ctxErr := ctx.Err(); ctxErr != nil {
			return ctxErr
		}
		return &Error{Kind: c.over.kind, Model: g.Name(), Started: c.started, Err: c.over}
	}
	if err == nil {
		return nil
	}
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{Kind: Unavailable, Model: g.Name(), Started: c.started, Err: err}
}

// again says whether a failed call is tried again, and after which wait.
func (g *guarded) again(c *call, err error, tries int, left time.Duration) (time.Duration, bool) {
	var e *Error
	if c.started || c.emitErr != nil || tries >= g.policy.Tries || !errors.As(err, &e) || e.Started {
		return 0, false
	}
	switch e.Kind {
	case Unavailable, RateLimited, NoFirstToken:
	default:
		return 0, false
	}
	longest := g.policy.Backoff << min(tries-1, 10)
	wait := longest/2 + rand.N(longest/2+1) //nolint:gosec // spreads load, keeps no secret
	wait = max(wait, e.RetryAfter)
	return wait, wait < left
}

func kindIs(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// sleep waits, and says false where ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// limit is the cause with which Guard ends a call.
type limit struct {
	kind  Kind
	after time.Duration
}

func (l *limit) Error() string {
	switch l.kind {
	case NoFirstToken:
		return fmt.Sprintf("nothing said for %v", l.after)
	case Stalled:
		return fmt.Sprintf("silent for %v in mid-answer", l.after)
	}
	if l.after == 0 {
		return "the answer is too big"
	}
	return fmt.Sprintf("not finished after %v", l.after)
}

// call is one try.
type call struct {
	model   Model
	policy  Policy
	begun   time.Time
	firstBy time.Time
	emit    func(Delta) error

	started bool
	bytes   int
	first   time.Duration
	emitErr error
	over    *limit // why Guard ended the call
}

// write calls the model under the try's own limits.
func (c *call) write(whole context.Context, req Request) (Result, error) {
	ctx, cancel := context.WithCancelCause(whole)
	defer cancel(nil)
	wait := min(time.Until(c.firstBy), c.policy.TryFirstContent)
	if wait <= 0 {
		c.over = &limit{NoFirstToken, c.policy.FirstContent}
		return Result{}, c.over
	}
	// Runs while the model is to speak, and not while the caller takes a piece. A
	// timer's function only cancels, so one that Stop comes too late for does no
	// harm after the call.
	quiet := time.AfterFunc(wait, func() { cancel(&limit{NoFirstToken, wait}) })
	defer func() { quiet.Stop() }()

	result, err := c.model.Write(ctx, req, func(d Delta) error {
		quiet.Stop()
		if err := context.Cause(ctx); err != nil {
			return err
		}
		c.started = true
		c.bytes += len(d.Text)
		if c.bytes > c.policy.MaxBytes {
			l := &limit{kind: TooLong}
			cancel(l)
			return l
		}
		if c.first == 0 && d.Text != "" {
			c.first = max(time.Since(c.begun), 1)
		}
		if err := c.emit(d); err != nil {
			c.emitErr = err
			return err
		}
		quiet = time.AfterFunc(c.policy.Silence, func() { cancel(&limit{Stalled, c.policy.Silence}) })
		return nil
	})
	var l *limit
	if errors.As(context.Cause(ctx), &l) {
		c.over = l
	}
	for _, t := range result.ToolCalls {
		c.bytes += len(t.Arguments)
	}
	switch {
	case c.over == nil && c.bytes > c.policy.MaxBytes:
		c.over = &limit{kind: TooLong}
	case err == nil && c.bytes == 0 && len(result.ToolCalls) == 0:
		err = &Error{Kind: Empty, Model: c.model.Name(), Started: c.started}
	}
	return result, err
}
