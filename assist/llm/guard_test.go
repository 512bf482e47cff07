package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/assist/llm/openai"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// policy is round, for tests under a clock of their own.
func policy() llm.Policy {
	return llm.Policy{
		FirstContent: 10 * time.Second, TryFirstContent: 4 * time.Second, Silence: 2 * time.Second, Whole: 60 * time.Second,
		MaxBytes: 1000, Tries: 3, Backoff: 200 * time.Millisecond, Failures: 5, OpenFor: 30 * time.Second,
	}
}

// step is what a played model does: wait, then say something or end.
type step struct {
	wait time.Duration
	say  string
	tool bool
	err  error
	done *llm.Result
}

// played is a model that does its plays in turn, the last one again and again.
type played struct {
	mu    sync.Mutex
	plays [][]step
	calls int
	at    []time.Duration
	begun time.Time
}

func (p *played) Name() string { return "played" }

func (p *played) Write(ctx context.Context, _ llm.Request, emit func(llm.Delta) error) (llm.Result, error) {
	p.mu.Lock()
	if p.begun.IsZero() {
		p.begun = time.Now()
	}
	play := p.plays[min(p.calls, len(p.plays)-1)]
	p.calls++
	p.at = append(p.at, time.Since(p.begun))
	p.mu.Unlock()
	for _, s := range play {
		select {
		case <-time.After(s.wait):
		case <-ctx.Done():
			return llm.Result{}, ctx.Err()
		}
		switch {
		case s.err != nil:
			return llm.Result{}, s.err
		case s.done != nil:
			return *s.done, nil
		case s.say != "" || s.tool:
			if err := emit(llm.Delta{Text: s.say}); err != nil {
				return llm.Result{}, err
			}
		}
	}
	<-ctx.Done()
	return llm.Result{}, ctx.Err()
}

func fail(k llm.Kind) step    { return step{err: &llm.Error{Kind: k, Model: "played"}} }
func stop() step              { return step{done: &llm.Result{Finish: llm.FinishStop}} }
func play(s ...step) []step   { return s }
func sec(n int) time.Duration { return time.Duration(n) * time.Second }

func kind(err error) llm.Kind {
	var e *llm.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func TestGuardBoundsTime(t *testing.T) {
	var drip []step
	for range 200 {
		drip = append(drip, step{wait: time.Second, say: "a"})
	}
	for name, test := range map[string]struct {
		plays   [][]step
		kind    llm.Kind
		started bool
		calls   int
		after   time.Duration
	}{
		"in time":                      {[][]step{play(step{wait: sec(3), say: "Yes."}, step{wait: sec(1)}, stop())}, "", true, 1, sec(4)},
		"nothing said":                 {[][]step{play()}, llm.NoFirstToken, false, 3, sec(10)},
		"nothing said, then an answer": {[][]step{play(), play(step{say: "Yes."}, stop())}, "", true, 2, sec(4)},
		"silence":                      {[][]step{play(step{say: "You can"})}, llm.Stalled, true, 1, sec(2)},
		"silence in a tool call":       {[][]step{play(step{tool: true}, step{wait: sec(1), tool: true})}, llm.Stalled, true, 1, sec(3)},
		"without an end":               {[][]step{drip}, llm.TooLong, true, 1, sec(60)},
		"too big":                      {[][]step{play(step{say: strings.Repeat("a", 999)}, step{wait: sec(1), say: "bb"}, stop())}, llm.TooLong, true, 1, sec(1)},
		"tool call too big": {[][]step{play(step{tool: true}, step{done: &llm.Result{Finish: llm.FinishToolCalls,
			ToolCalls: []llm.ToolCall{{ID: "1", Name: "n", Arguments: json.RawMessage(`"` + strings.Repeat("a", 1000) + `"`)}}}})}, llm.TooLong, true, 1, 0},
		"not a word": {[][]step{play(step{wait: sec(1)}, stop())}, llm.Empty, false, 1, sec(1)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &played{plays: test.plays}
				begun, started := time.Now(), false
				_, err := llm.Guard(p, policy()).Write(t.Context(), llm.Request{}, func(llm.Delta) error { started = true; return nil })
				if kind(err) != test.kind || (test.kind == "") != (err == nil) {
					t.Errorf("error is %v, want %q", err, test.kind)
				}
				var e *llm.Error
				if errors.As(err, &e) && e.Started != test.started || started != test.started {
					t.Errorf("started is not %v: %+v", test.started, e)
				}
				if p.calls != test.calls {
					t.Errorf("%d calls, want %d", p.calls, test.calls)
				}
				// Backoff adds at most 0.2 and 0.4 seconds.
				if took := time.Since(begun); took < test.after || took > test.after+700*time.Millisecond {
					t.Errorf("took %v, want %v", took, test.after)
				}
			})
		})
	}
}

func TestGuardDoesNotCountTheCallersTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &played{plays: [][]step{play(step{say: "You"}, step{say: " can"}, stop())}}
		result, err := llm.Guard(p, policy()).Write(t.Context(), llm.Request{}, func(llm.Delta) error {
			<-time.After(sec(5))
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if result.FirstDelta > sec(1) {
			t.Errorf("the first piece came after %v", result.FirstDelta)
		}
	})
}

func TestGuardRetries(t *testing.T) {
	limited := func(d time.Duration) step {
		return step{err: &llm.Error{Kind: llm.RateLimited, Model: "played", RetryAfter: d}}
	}
	yes := play(step{say: "Yes."}, stop())
	for name, test := range map[string]struct {
		plays [][]step
		kind  llm.Kind
		at    []time.Duration // of each call, at least; at most 0.5 s later
	}{
		"unavailable once":               {[][]step{play(fail(llm.Unavailable)), yes}, "", []time.Duration{0, 100 * time.Millisecond}},
		"unavailable for ever":           {[][]step{play(fail(llm.Unavailable))}, llm.Unavailable, []time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond}},
		"rate limited, time given":       {[][]step{play(limited(sec(3))), yes}, "", []time.Duration{0, sec(3)}},
		"rate limited for too long":      {[][]step{play(limited(sec(10))), yes}, llm.RateLimited, []time.Duration{0}},
		"rate limited, no time given":    {[][]step{play(limited(0)), yes}, "", []time.Duration{0, 100 * time.Millisecond}},
		"nothing said once":              {[][]step{play(), yes}, "", []time.Duration{0, sec(4)}},
		"not after the first piece":      {[][]step{play(step{say: "Yes"}, fail(llm.Unavailable)), yes}, llm.Unavailable, []time.Duration{0}},
		"not after a piece of tool call": {[][]step{play(step{tool: true}, fail(llm.Unavailable)), yes}, llm.Unavailable, []time.Duration{0}},
		"not with a wrong key":           {[][]step{play(fail(llm.Unauthorized)), yes}, llm.Unauthorized, []time.Duration{0}},
		"not a bad request":              {[][]step{play(fail(llm.BadRequest)), yes}, llm.BadRequest, []time.Duration{0}},
		"not what was filtered":          {[][]step{play(fail(llm.Filtered)), yes}, llm.Filtered, []time.Duration{0}},
		"not what was garbled":           {[][]step{play(fail(llm.Malformed)), yes}, llm.Malformed, []time.Duration{0}},
		"an error of no kind":            {[][]step{play(step{err: errors.New("odd")}), yes}, "", []time.Duration{0, 100 * time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &played{plays: test.plays}
				_, err := llm.Guard(p, policy()).Write(t.Context(), llm.Request{}, func(llm.Delta) error { return nil })
				if kind(err) != test.kind || (test.kind == "") != (err == nil) {
					t.Errorf("error is %v, want %q", err, test.kind)
				}
				if len(p.at) != len(test.at) {
					t.Fatalf("calls at %v, want %v", p.at, test.at)
				}
				for i, at := range p.at {
					if at < test.at[i] || at > test.at[i]+500*time.Millisecond {
						t.Errorf("calls at %v, want %v", p.at, test.at)
					}
				}
			})
		})
	}
}

func TestGuardReturnsTheCallersOwnErrors(t *testing.T) {
	own := errors.New("own")
	for name, test := range map[string]struct {
		plays [][]step
		ctx   func(context.Context) (context.Context, context.CancelFunc)
		emit  error
		want  error
	}{
		"cancelled while waiting": {[][]step{play()}, cancelAfter(sec(1)), nil, context.Canceled},
		"cancelled in mid-answer": {[][]step{play(step{say: "Yes"})}, cancelAfter(sec(1)), nil, context.Canceled},
		"cancelled between tries": {[][]step{play(step{err: &llm.Error{Kind: llm.RateLimited, RetryAfter: sec(5)}})}, cancelAfter(sec(1)), nil, context.Canceled},
		"deadline":                {[][]step{play()}, deadlineAfter(sec(1)), nil, context.DeadlineExceeded},
		"emit":                    {[][]step{play(step{say: "Yes"}, stop())}, cancelAfter(time.Hour), own, own},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &played{plays: test.plays}
				m := llm.Guard(p, policy())
				times := 20 // often enough to open a circuit that counted them
				if strings.Contains(name, "tries") {
					times = 1 // its first try is a failure that counts
				}
				for range times {
					ctx, cancel := test.ctx(t.Context())
					_, err := m.Write(ctx, llm.Request{}, func(llm.Delta) error { return test.emit })
					cancel()
					if err != test.want { //nolint:errorlint // as it is, not wrapped
						t.Fatalf("error is %v, want %v as it is", err, test.want)
					}
				}
			})
		})
	}
}

func cancelAfter(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(d, cancel)
		return ctx, func() { timer.Stop(); cancel() }
	}
}

func deadlineAfter(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}

func TestCircuit(t *testing.T) {
	for k, opens := range map[llm.Kind]bool{
		llm.Unavailable: true, llm.RateLimited: true, llm.Truncated: true, llm.Malformed: true, llm.TooLong: true, llm.Stalled: true,
		llm.Unauthorized: false, llm.BadRequest: false, llm.Filtered: false, llm.Empty: false,
	} {
		t.Run(string(k), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &played{plays: [][]step{play(fail(k)), play(fail(k)), play(fail(k)), play(fail(k)), play(fail(k)), play(step{say: "Yes."}, stop())}}
				pol := policy()
				pol.Tries = 1
				var changes []bool
				pol.OnOpen = func(_ string, open bool) { changes = append(changes, open) }
				m := llm.Guard(p, pol)
				write := func() error {
					_, err := m.Write(t.Context(), llm.Request{}, func(llm.Delta) error { return nil })
					return err
				}
				for range 5 {
					if err := write(); kind(err) != k {
						t.Fatalf("error is %v, want %s", err, k)
					}
				}
				err := write()
				if !opens {
					if err != nil {
						t.Errorf("error is %v: %s opened the circuit", err, k)
					}
					return
				}
				var e *llm.Error
				if !errors.As(err, &e) || e.Kind != llm.CircuitOpen || e.RetryAfter != sec(30) || e.Model != "played" || p.calls != 5 {
					t.Fatalf("error is %+v after %d calls, want an open circuit", err, p.calls)
				}
				<-time.After(sec(31))
				if err := write(); err != nil {
					t.Errorf("after the rest: %v", err)
				}
				if fmt.Sprint(changes) != "[true false]" {
					t.Errorf("told %v", changes)
				}
			})
		})
	}
}

func TestCircuitOpensAgainAfterAFailedTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &played{plays: [][]step{play(fail(llm.Unavailable))}}
		m := llm.Guard(p, policy())
		write := func() error {
			_, err := m.Write(t.Context(), llm.Request{}, func(llm.Delta) error { return nil })
			return err
		}
		// The second call meets the open circuit in its third try, and says what
		// really happened.
		for range 2 {
			if err := write(); kind(err) != llm.Unavailable {
				t.Fatalf("error is %v", err)
			}
		}
		if p.calls != 5 {
			t.Fatalf("%d calls, want 5", p.calls)
		}
		<-time.After(sec(31))
		if err := write(); kind(err) != llm.Unavailable || p.calls != 6 {
			t.Errorf("error is %v after %d calls, want one trial", err, p.calls)
		}
		if err := write(); kind(err) != llm.CircuitOpen || p.calls != 6 {
			t.Errorf("error is %v after %d calls, want an open circuit", err, p.calls)
		}
	})
}

func TestCircuitSurvivesACancelledTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := play(fail(llm.Unavailable))
		p := &played{plays: [][]step{f, f, f, f, f, play(), play(step{say: "Yes."}, stop())}}
		pol := policy()
		pol.Tries = 1
		m := llm.Guard(p, pol)
		quiet := func(llm.Delta) error { return nil }
		for range 5 {
			_, _ = m.Write(t.Context(), llm.Request{}, quiet)
		}
		<-time.After(sec(31))
		ctx, cancel := cancelAfter(sec(1))(t.Context())
		defer cancel()
		if _, err := m.Write(ctx, llm.Request{}, quiet); err != context.Canceled { //nolint:errorlint // as it is
			t.Fatal(err)
		}
		if _, err := m.Write(t.Context(), llm.Request{}, quiet); err != nil {
			t.Errorf("the trial after the cancelled one: %v", err)
		}
	})
}

func TestZeroPolicyIsComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &played{plays: [][]step{play()}}
		begun := time.Now()
		_, err := llm.Guard(p, llm.Policy{}).Write(t.Context(), llm.Request{}, func(llm.Delta) error { return nil })
		if took := time.Since(begun); kind(err) != llm.NoFirstToken || took > llm.Defaults().FirstContent {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func guarded(t *testing.T, baseURL string, p llm.Policy) llm.Model {
	t.Helper()
	m, err := openai.New(openai.Options{BaseURL: baseURL, Model: "test-model"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.CloseIdle)
	return llm.Guard(m, p)
}

func TestGuardedSuite(t *testing.T) {
	llmtest.Suite(t, func(t *testing.T, baseURL string) llm.Model {
		return guarded(t, baseURL, llm.Policy{FirstContent: time.Minute, TryFirstContent: time.Minute, Silence: time.Minute})
	})
}

// Every fault over real HTTP ends behind Guard as the seam says.
func TestGuardedFaults(t *testing.T) {
	// Only the limit that a fault is to meet is short, so that a slow machine
	// meets no other.
	limits := func(k llm.Kind) llm.Policy {
		p := llm.Policy{FirstContent: time.Minute, TryFirstContent: time.Minute, Silence: time.Minute, Whole: 2 * time.Minute, MaxBytes: 20000, Tries: 2, Backoff: time.Millisecond}
		switch k {
		case llm.NoFirstToken:
			p.FirstContent, p.TryFirstContent = 200*time.Millisecond, 100*time.Millisecond
		case llm.Stalled:
			p.Silence = 100 * time.Millisecond
		}
		return p
	}
	for _, fault := range llmtest.Faults() {
		t.Run(fault.Script.Name, func(t *testing.T) {
			t.Parallel()
			srv := llmtest.NewServer(t)
			srv.Script(fault.Script)
			started := false
			result, err := guarded(t, srv.URL, limits(fault.Kind)).Write(t.Context(), llm.Request{Messages: []llm.Message{{Role: llm.User, Text: "Hello?"}}},
				func(llm.Delta) error { started = true; return nil })
			if kind(err) != fault.Kind || (fault.Kind == "") != (err == nil) || result.Finish != fault.Finish && err == nil {
				t.Errorf("%+v, %v; want %q %q", result, err, fault.Kind, fault.Finish)
			}
			var e *llm.Error
			if errors.As(err, &e) && e.Started != fault.Started || started != fault.Started {
				t.Errorf("started is not %v: %+v", fault.Started, e)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := srv.WaitIdle(ctx); err != nil {
				t.Errorf("the connection was not given up: %v", err)
			}
		})
	}
}

func TestGuardedRetryOverHTTP(t *testing.T) {
	srv := llmtest.NewServer(t)
	srv.Script(llmtest.Status(500, ""), llmtest.Status(429, "0.05"), llmtest.Answer("Yes, you can."))
	var text strings.Builder
	_, err := guarded(t, srv.URL, llm.Policy{FirstContent: time.Minute, TryFirstContent: time.Minute}).Write(t.Context(), llm.Request{Messages: []llm.Message{{Role: llm.User, Text: "Hello?"}}},
		func(d llm.Delta) error { text.WriteString(d.Text); return nil })
	if err != nil || text.String() != "Yes, you can." || srv.Count() != 3 {
		t.Errorf("%q, %v after %d requests", text.String(), err, srv.Count())
	}
}

func TestGuardedWithoutAServer(t *testing.T) {
	refused, err := llmtest.RefusedURL()
	if err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]string{"refused connection": refused, "no such host": llmtest.NoSuchHostURL} {
		t.Run(name, func(t *testing.T) {
			m := guarded(t, url, llm.Policy{FirstContent: time.Minute, TryFirstContent: time.Minute, Backoff: time.Millisecond, Failures: 3})
			write := func() error {
				_, err := m.Write(t.Context(), llm.Request{Messages: []llm.Message{{Role: llm.User, Text: "Hello?"}}}, func(llm.Delta) error { return nil })
				return err
			}
			if err := write(); kind(err) != llm.Unavailable {
				t.Errorf("error is %v, want unavailable", err)
			}
			if err := write(); kind(err) != llm.CircuitOpen {
				t.Errorf("after three failed tries the error is %v, want an open circuit", err)
			}
		})
	}
}
