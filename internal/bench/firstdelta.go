package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/careloop/careloop/assist/llm/llmtest"
)

// load is a way in which shoppers ask at once.
type load struct {
	name    string
	streams int
	batches int // in a round
	// pause is what the model takes to its first token after a request; all
	// requests are there before the first pause ends.
	pause time.Duration
	// burst makes all first tokens come in the same instant.
	burst bool
	// targets; 0: for information
	p50, p99 time.Duration
}

var loads = []load{
	{name: "1 stream", streams: 1, batches: 5, pause: 50 * time.Millisecond},
	{name: "10 streams", streams: 10, batches: 2, pause: 400 * time.Millisecond},
	{name: "100 streams", streams: 100, batches: 1, pause: 2500 * time.Millisecond, p50: time.Millisecond, p99: 5 * time.Millisecond},
	{name: "100 streams, all first tokens in one instant", streams: 100, batches: 1, pause: 100 * time.Millisecond, burst: true},
}

// between is the pause between tokens.
const between = 10 * time.Millisecond

// lags are the times from the model's first token to the reader, of one round.
type lags struct{ careloop, direct []time.Duration }

// measureFirstDelta compares the shoppers' first deltas with reading the model
// server directly: the same requests at the same moments.
func measureFirstDelta(ctx context.Context, p plan, w *world, t *table) error {
	for _, l := range loads {
		progress("  %s", l.name)
		var p50s, p99s, direct50s, direct99s, later50s, later99s []time.Duration
		for round := range p.rounds + 1 {
			got, err := l.round(ctx, w)
			for tries := 1; errors.Is(err, errApart) && tries < 4; tries++ {
				// A busy machine takes longer to get all requests out.
				l.pause *= 2
				got, err = l.round(ctx, w)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", l.name, err)
			}
			if round == 0 {
				continue // warms connections up
			}
			c50, c99 := quantile(got.careloop, 0.5), quantile(got.careloop, 0.99)
			d50, d99 := quantile(got.direct, 0.5), quantile(got.direct, 0.99)
			p50s, p99s = append(p50s, c50), append(p99s, c99)
			direct50s, direct99s = append(direct50s, d50), append(direct99s, d99)
			later50s, later99s = append(later50s, c50-d50), append(later99s, c99-d99)
		}
		t.add(l.row("p50", l.p50, median(p50s), median(direct50s), median(later50s)))
		t.add(l.row("p99", l.p99, median(p99s), median(direct99s), median(later99s)))
	}
	return nil
}

func (l load) row(which string, target, careloop, direct, difference time.Duration) row {
	r := row{
		what:     fmt.Sprintf("first delta after the model's first token, %s, %s", l.name, which),
		careloop: fmt.Sprintf("%s (%s)", ms(careloop), later(difference)),
		baseline: ms(direct) + " read directly",
		ratio:    ratioOf(careloop, direct),
	}
	if target > 0 {
		r.target, r.met = "at most "+later(target), difference <= target
	}
	return r
}

func (l load) round(ctx context.Context, w *world) (lags, error) {
	var all lags
	shoppers, err := enterAll(ctx, w.server.addr, l.streams, nil)
	if err != nil {
		return all, err
	}
	defer leaveAll(shoppers)
	for range l.batches {
		l.script(w.model)
		requests, careloop, err := l.throughCareloop(ctx, w, shoppers)
		if err != nil {
			return all, err
		}
		l.script(w.model)
		direct, err := l.directly(ctx, w, requests)
		if err != nil {
			return all, fmt.Errorf("directly: %w", err)
		}
		all.careloop, all.direct = append(all.careloop, careloop...), append(all.direct, direct...)
	}
	return all, nil
}

// script sets how the model server answers one batch.
func (l load) script(m *llmtest.Server) {
	rest := words(between)
	if !l.burst {
		m.Script(llmtest.Stream(append([]llmtest.Step{llmtest.Role(), llmtest.Pause(l.pause)}, rest...)...))
		return
	}
	start := make(chan struct{})
	script := llmtest.Stream(append([]llmtest.Step{llmtest.Role(), llmtest.Wait(start)}, rest...)...)
	came := 0
	m.Choose(func(llmtest.Request) llmtest.Script {
		if came++; came == l.streams {
			time.AfterFunc(l.pause, func() { close(start) })
		}
		return script
	})
}

// throughCareloop has every shopper ask at once. It returns the requests that
// reached the model and the lag of each.
func (l load) throughCareloop(ctx context.Context, w *world, shoppers []*shopper) ([]llmtest.Request, []time.Duration, error) {
	began := time.Now()
	answers := make([]asked, len(shoppers))
	marks := make([]int64, len(shoppers))
	var group errgroup.Group
	for i, s := range shoppers {
		n, text := marked(w.corpus.question())
		marks[i] = n
		group.Go(func() (err error) {
			answers[i], err = s.ask(fmt.Sprintf("c_%d", n), text)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	if err := w.model.WaitIdle(ctx); err != nil {
		return nil, nil, err
	}
	byNumber := requestsSince(w.model, began)
	var requests []llmtest.Request
	var lags []time.Duration
	for i, n := range marks {
		r, ok := byNumber[n]
		if !ok {
			return nil, nil, fmt.Errorf("the request of question %d did not reach the model", n)
		}
		requests, lags = append(requests, r), append(lags, answers[i].firstDelta.Sub(r.FirstText))
	}
	return requests, lags, overlapped(requests)
}

// directly sends the same requests at the same distances.
func (l load) directly(ctx context.Context, w *world, requests []llmtest.Request) ([]time.Duration, error) {
	earliest := requests[0].At
	for _, r := range requests {
		if r.At.Before(earliest) {
			earliest = r.At
		}
	}
	began := time.Now()
	firsts := make([]time.Time, len(requests))
	group, ctx := errgroup.WithContext(ctx)
	for i, r := range requests {
		group.Go(func() (err error) {
			select {
			case <-time.After(time.Until(began.Add(r.At.Sub(earliest)))):
			case <-ctx.Done():
				return ctx.Err()
			}
			firsts[i], err = read(ctx, w.model.URL, r.Body)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var again []llmtest.Request
	var lags []time.Duration
	byBody := map[string]int{}
	for i, r := range requests {
		byBody[string(r.Body)] = i
	}
	for _, r := range w.model.Requests() {
		if i, ok := byBody[string(r.Body)]; ok && !r.At.Before(began) {
			again, lags = append(again, r), append(lags, firsts[i].Sub(r.FirstText))
		}
	}
	if len(again) != len(requests) {
		return nil, fmt.Errorf("%d of %d requests reached the model", len(again), len(requests))
	}
	return lags, overlapped(again)
}

var errApart = errors.New("the streams did not overlap")

// overlapped makes sure that all streams were open at once.
func overlapped(requests []llmtest.Request) error {
	last, first := requests[0].At, requests[0].FirstText
	for _, r := range requests {
		if r.At.After(last) {
			last = r.At
		}
		if r.FirstText.Before(first) {
			first = r.FirstText
		}
	}
	if first.Before(last) {
		return fmt.Errorf("%w: the first spoke %s before the last had asked", errApart, ms(last.Sub(first)))
	}
	return nil
}
