package llmtest

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/careloop/careloop/assist/llm"
)

// SuiteRequest is what Suite asks: in messages, and as a question with passages
// for writers that read no prompt.
func SuiteRequest() llm.Request {
	const question = "Can I return shoes that I wore once?"
	return llm.Request{
		Messages: []llm.Message{{Role: llm.System, Text: "Answer from the passages."}, {Role: llm.User, Text: question}},
		Grounding: llm.Grounding{Question: question, Locale: "en", Passages: []llm.Passage{
			{N: 1, Title: "Returns of worn shoes", Text: "Yes, you can return shoes that you wore once, as long as you wore them indoors. " +
				"We look at the soles of the shoes when your return arrives. Worn shoes that were outdoors come back to you."},
			{N: 2, Title: "Delivery", Text: "Parcels take two days."},
		}},
		MaxTokens: 100,
	}
}

// Suite checks that the models made by newModel keep the contract of llm.Model.
// baseURL is where a server answers SuiteRequest; models that ask no server
// ignore it.
func Suite(t *testing.T, newModel func(t *testing.T, baseURL string) llm.Model) {
	t.Helper()
	const answer = "Yes, you can return shoes that you wore once. [1]"
	leaks := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, leaks) })

	begin := func(t *testing.T) (llm.Model, context.Context) {
		t.Helper()
		srv := NewServer(t)
		srv.Choose(func(r Request) Script {
			if strings.Contains(r.Chat.LastUser(), "?") {
				return Answer(answer)
			}
			return Stream(Role(), Finish("stop"), Usage(10, 0), Done())
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		t.Cleanup(cancel)
		return newModel(t, srv.URL), ctx
	}

	t.Run("answers in order", func(t *testing.T) {
		m, ctx := begin(t)
		begun := time.Now()
		first, result, err := collect(ctx, m, SuiteRequest())
		elapsed := time.Since(begun)
		if err != nil {
			t.Fatal(err)
		}
		if len(first) < 2 {
			t.Errorf("the answer came in %d pieces, want a stream", len(first))
		}
		if text := strings.Join(first, ""); !strings.Contains(text, "you can return shoes that you wore once") || !strings.Contains(text, "[1]") {
			t.Errorf("the answer is %q", text)
		}
		if result.Finish != llm.FinishStop {
			t.Errorf("finish is %q", result.Finish)
		}
		if m.Name() == "" || result.Model != m.Name() {
			t.Errorf("result names %q, the model calls itself %q", result.Model, m.Name())
		}
		if result.FirstDelta <= 0 || result.FirstDelta > elapsed {
			t.Errorf("the first piece came after %v of %v", result.FirstDelta, elapsed)
		}
		if result.Usage.PromptTokens < 0 || result.Usage.CompletionTokens < 0 {
			t.Errorf("usage is %+v", result.Usage)
		}
		second, _, err := collect(ctx, m, SuiteRequest())
		if err != nil || strings.Join(second, "") != strings.Join(first, "") {
			t.Errorf("asked again: %q, %v", strings.Join(second, ""), err)
		}
	})

	t.Run("emits from the calling goroutine", func(t *testing.T) {
		m, ctx := begin(t)
		me := goroutine()
		if _, err := m.Write(ctx, SuiteRequest(), func(llm.Delta) error {
			if now := goroutine(); now != me {
				t.Errorf("called from %s, emitted from %s", me, now)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("returns emit's error as it is", func(t *testing.T) {
		m, ctx := begin(t)
		stop, calls := errors.New("stop"), 0
		_, err := m.Write(ctx, SuiteRequest(), func(llm.Delta) error {
			calls++
			if calls == 2 {
				return stop
			}
			return nil
		})
		if err != stop { //nolint:errorlint // as it is, not wrapped
			t.Errorf("error is %v, want emit's own", err)
		}
		if calls != 2 {
			t.Errorf("emit was called %d times", calls)
		}
	})

	t.Run("cancelled before", func(t *testing.T) {
		m, ctx := begin(t)
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		pieces, _, err := collect(ctx, m, SuiteRequest())
		if err != context.Canceled || len(pieces) > 0 { //nolint:errorlint // as it is, not wrapped
			t.Errorf("%d pieces, error is %v, want context.Canceled as it is", len(pieces), err)
		}
	})

	t.Run("cancelled in the middle", func(t *testing.T) {
		_, ctx := begin(t)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		srv := NewServer(t)
		srv.Script(StallAfter("Yes, you can"))
		_, err := newModel(t, srv.URL).Write(ctx, SuiteRequest(), func(llm.Delta) error { cancel(); return nil })
		if err != context.Canceled { //nolint:errorlint // as it is, not wrapped
			t.Errorf("error is %v, want context.Canceled as it is", err)
		}
		if err := srv.WaitIdle(t.Context()); err != nil {
			t.Error(err)
		}
	})

	t.Run("past its deadline", func(t *testing.T) {
		m, ctx := begin(t)
		ctx, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
		defer cancel()
		if _, _, err := collect(ctx, m, SuiteRequest()); err != context.DeadlineExceeded { //nolint:errorlint // as it is, not wrapped
			t.Errorf("error is %v, want context.DeadlineExceeded as it is", err)
		}
	})

	t.Run("an empty answer is a failure", func(t *testing.T) {
		m, ctx := begin(t)
		req := SuiteRequest()
		req.Messages[1].Text = "Nothing."
		req.Grounding.Passages = nil
		pieces, _, err := collect(ctx, m, req)
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind != llm.Empty || e.Model != m.Name() || e.Started || len(pieces) > 0 {
			t.Errorf("%d pieces, error is %v, want empty", len(pieces), err)
		}
	})

	t.Run("fifty at once", func(t *testing.T) {
		m, ctx := begin(t)
		answers := make([]string, 50)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() {
				pieces, _, err := collect(ctx, m, SuiteRequest())
				if err != nil {
					t.Error(err)
				}
				answers[i] = strings.Join(pieces, "")
			})
		}
		group.Wait()
		if len(slices.Compact(answers)) != 1 {
			t.Error("the same request was answered differently, or pieces of answers were mixed")
		}
	})
}

func collect(ctx context.Context, m llm.Model, req llm.Request) ([]string, llm.Result, error) {
	var pieces []string
	result, err := m.Write(ctx, req, func(d llm.Delta) error {
		pieces = append(pieces, d.Text)
		return nil
	})
	return pieces, result, err
}

// goroutine names the running goroutine.
func goroutine() string {
	buf := make([]byte, 64)
	buf = buf[:runtime.Stack(buf, false)]
	name, _, _ := bytes.Cut(buf, []byte(" ["))
	return string(name)
}
