package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/llm/llmtest"
)

const (
	// askers take turns, so that no socket sends faster than a shopper may.
	askers       = 20
	acceptTarget = 15 * time.Millisecond
)

// measureAccept measures from a message to the request that its turn sends to
// the model, one at a time: storing it, finding passages, writing the prompt.
// Beside it: one empty transaction and one bare request.
func measureAccept(ctx context.Context, p plan, w *world, t *table) error {
	shoppers, err := enterAll(ctx, w.server.addr, askers, nil)
	if err != nil {
		return err
	}
	defer leaveAll(shoppers)
	conn, err := pgx.Connect(ctx, w.cluster.URL())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	w.model.Script(llmtest.Stream(append([]llmtest.Step{llmtest.Role()}, words(0)...)...))

	var stored50s, sent50s, sent99s, bare50s, bare99s []time.Duration
	for round := range p.rounds + 1 {
		n := p.messages
		if round == 0 {
			n = 2 * askers // warms caches and connections up
		}
		fromStored, fromSent, body, err := acceptRound(ctx, w, shoppers, n)
		if err != nil {
			return err
		}
		bare, err := bareRound(ctx, w, conn, body, n)
		if err != nil {
			return fmt.Errorf("the baseline: %w", err)
		}
		if round == 0 {
			continue
		}
		stored50s = append(stored50s, quantile(fromStored, 0.5))
		sent50s, sent99s = append(sent50s, quantile(fromSent, 0.5)), append(sent99s, quantile(fromSent, 0.99))
		bare50s, bare99s = append(bare50s, quantile(bare, 0.5)), append(bare99s, quantile(bare, 0.99))
	}
	target := "at most " + ms(acceptTarget)
	add := func(what string, careloop, bare time.Duration, bounded bool) {
		r := row{what: what, careloop: ms(careloop), baseline: ms(bare) + " empty transaction and bare request", ratio: ratioOf(careloop, bare)}
		if bounded {
			r.target, r.met = target, careloop <= acceptTarget
		}
		t.add(r)
	}
	over := fmt.Sprintf(", %d chunks", w.chunks)
	add("message acknowledged to model request"+over+", p50", median(stored50s), median(bare50s), true)
	add("message sent to model request"+over+", p50", median(sent50s), median(bare50s), true)
	add("message sent to model request"+over+", p99", median(sent99s), median(bare99s), false)
	return nil
}

// acceptRound asks n questions. It also returns a request's body, to be sent
// barely.
func acceptRound(ctx context.Context, w *world, shoppers []*shopper, n int) (fromStored, fromSent []time.Duration, body []byte, err error) {
	began := time.Now()
	answers := map[int64]asked{}
	for i := range n {
		number, text := marked(w.corpus.question())
		if answers[number], err = shoppers[i%len(shoppers)].ask(fmt.Sprintf("c_%d", number), text); err != nil {
			return nil, nil, nil, err
		}
		if err := w.model.WaitIdle(ctx); err != nil {
			return nil, nil, nil, err
		}
	}
	requests := requestsSince(w.model, began)
	for number, a := range answers {
		r, ok := requests[number]
		if !ok {
			return nil, nil, nil, fmt.Errorf("the request of question %d did not reach the model", number)
		}
		fromStored, fromSent = append(fromStored, r.At.Sub(a.stored)), append(fromSent, r.At.Sub(a.sent))
		body = r.Body
	}
	return fromStored, fromSent, body, nil
}

func bareRound(ctx context.Context, w *world, conn *pgx.Conn, body []byte, n int) ([]time.Duration, error) {
	var out []time.Duration
	for range n {
		began := time.Now()
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `select 1`)
			return err
		})
		if err != nil {
			return nil, err
		}
		if _, err := read(ctx, w.model.URL, body); err != nil {
			return nil, err
		}
		requests := w.model.Requests()
		out = append(out, requests[len(requests)-1].At.Sub(began))
	}
	return out, nil
}
