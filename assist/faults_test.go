package assist_test

import (
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/extractive"
	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/assist/llm/openai"
)

// overHTTP is a model behind real HTTP. Its bounds are short only where the
// fault is silence, so that a busy machine is not taken for one.
func overHTTP(t *testing.T, url, name string, fault llm.Kind) assist.Writer {
	t.Helper()
	m, err := openai.New(openai.Options{BaseURL: url, APIKey: "k", Model: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.CloseIdle)
	p := llm.Policy{FirstContent: 20 * time.Second, TryFirstContent: 10 * time.Second, Silence: 10 * time.Second, Whole: 30 * time.Second, Tries: 2, Backoff: time.Millisecond}
	switch fault {
	case llm.NoFirstToken:
		p.FirstContent, p.TryFirstContent = 400*time.Millisecond, 150*time.Millisecond
	case llm.Stalled:
		p.Silence = 150 * time.Millisecond
	}
	return assist.Writer{Model: llm.Guard(m, p)}
}

// faulty lists every way in which the first model fails.
func faulty(t *testing.T) map[string]struct {
	url  string
	kind llm.Kind
} {
	t.Helper()
	out := map[string]struct {
		url  string
		kind llm.Kind
	}{}
	refused, err := llmtest.RefusedURL()
	if err != nil {
		t.Fatal(err)
	}
	out["connection refused"] = struct {
		url  string
		kind llm.Kind
	}{refused, llm.Unavailable}
	out["name not found"] = struct {
		url  string
		kind llm.Kind
	}{llmtest.NoSuchHostURL, llm.Unavailable}
	for _, f := range llmtest.Faults() {
		srv := llmtest.NewServer(t)
		srv.Choose(func(llmtest.Request) llmtest.Script { return f.Script })
		out[f.Script.Name] = struct {
			url  string
			kind llm.Kind
		}{srv.URL, f.Kind}
	}
	return out
}

// Each fault of a model ends in the next model's answer.
func TestEveryFaultEndsInTheNextModelsAnswer(t *testing.T) {
	for name, fault := range faulty(t) {
		if fault.kind == "" {
			continue // counts as an answer; see TestAnswerThatIsCutOff
		}
		t.Run(name, func(t *testing.T) {
			good := llmtest.NewServer(t)
			good.Choose(func(llmtest.Request) llmtest.Script { return llmtest.Answer("You have 30 days [1].") })
			s := open(t, extractive.New(), overHTTP(t, fault.url, "first", fault.kind), overHTTP(t, good.URL, "second", ""))
			acc := s.say(t, "c1", "Can I return shoes that I wore once?")
			e := s.answerTo(t, acc.Turn.ID)
			f, _ := s.store.lastFinished()
			if e.Text != "You have 30 days [1]." || e.Outcome != assist.Answered || f.Record.Model != "second" {
				t.Errorf("%q, %s, by %q, calls %+v", e.Text, e.Outcome, f.Record.Model, f.Record.Calls)
			}
			if got := f.Record.Calls[0].Failure; got != string(fault.kind) {
				t.Errorf("recorded as %q, want %q", got, fault.kind)
			}
			if seen := s.bus.screen(acc.Turn.ID); seen != e.Text {
				t.Errorf("on the screen: %q", seen)
			}
		})
	}
}

// Without another model each fault ends in a quoted answer.
func TestEveryFaultEndsInAQuotedAnswer(t *testing.T) {
	for name, fault := range faulty(t) {
		if fault.kind == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := open(t, extractive.New(), overHTTP(t, fault.url, "only", fault.kind))
			e := s.ask(t, "c1", "Can I return shoes that I wore once?")
			f, _ := s.store.lastFinished()
			if e.Outcome != assist.Answered || f.Record.Model != extractive.Name || len(e.Citations) != 1 {
				t.Errorf("%q, %s, by %q", e.Text, e.Outcome, f.Record.Model)
			}
		})
	}
}

// Where there is nothing to quote, each fault ends in the offer of a person.
func TestEveryFaultEndsInAPerson(t *testing.T) {
	for name, fault := range faulty(t) {
		if fault.kind == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := open(t, fails("extractive", llm.Empty), overHTTP(t, fault.url, "only", fault.kind))
			e := s.ask(t, "c1", "Do you gild the lily in Ulan Bator?")
			if e.Outcome != assist.Escalated || e.Handoff == nil || e.Handoff.Reason != assist.ReasonModel || e.Text == "" {
				t.Errorf("%q, %s, %+v", e.Text, e.Outcome, e.Handoff)
			}
		})
	}
}

func TestAnswerThatIsCutOff(t *testing.T) {
	srv := llmtest.NewServer(t)
	srv.Choose(func(llmtest.Request) llmtest.Script {
		return llmtest.Length("You have 30 days [1]. And the next thing that you should")
	})
	s := open(t, extractive.New(), overHTTP(t, srv.URL, "only", ""))
	if e := s.ask(t, "c1", "Can I return shoes that I wore once?"); e.Text != "You have 30 days [1]." || e.Outcome != assist.Answered {
		t.Errorf("%q, %s", e.Text, e.Outcome)
	}
}
