package assist

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/careloop/careloop/assist/fact"
	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/prompts"
	"github.com/careloop/careloop/retrieval"
)

// write asks one writer after the other.
func (t *answering) write(ctx context.Context) Reply {
	// The passages' facts are found while the first model thinks: nothing needs
	// them before it speaks.
	var finding sync.WaitGroup
	finding.Go(func() {
		defer func() { _ = recover() }() // a panic comes again for the gate, in the turn's own goroutine
		t.evidence()
	})
	defer finding.Wait()
	req, hash := t.request()
	bounded, cancel := context.WithTimeout(ctx, t.a.Limits.TurnTime)
	defer cancel()
	for _, w := range t.a.Writers {
		if bounded.Err() != nil {
			break
		}
		if !t.affordable(bounded, w, req) {
			t.record.Calls = append(t.record.Calls, CallRecord{Model: w.Model.Name(), Failure: "budget"})
			continue
		}
		if reply, ok := t.attempt(bounded, w, req); ok {
			t.record.PromptHash = hash
			return reply
		}
	}
	if ctx.Err() != nil {
		return Reply{}
	}
	failed := len(t.record.Calls) > 0
	if reply, ok := t.attempt(ctx, Writer{Model: t.a.Quoter}, req); ok {
		return reply
	}
	if failed {
		return t.escalate(ReasonModel)
	}
	return t.miss(ReasonNotFound)
}

// request makes what is sent to a model, and the hash of its prompt.
func (t *answering) request() (llm.Request, string) {
	in := prompts.AnswerInput{Shop: t.q.Site.Name, Language: languageName(t.q.Locale), Question: t.q.Text}
	grounding := llm.Grounding{Question: t.q.Text, Locale: t.q.Locale}
	for i, p := range t.passages {
		heading := strings.Join(p.Heading, " › ")
		in.Passages = append(in.Passages, prompts.PassageInput{N: i + 1, Title: p.Article.Title, Heading: heading, Text: p.Text})
		grounding.Passages = append(grounding.Passages, llm.Passage{N: i + 1, Title: p.Article.Title, Heading: heading, Text: p.Text})
	}
	system, user, hash := prompts.Answer(in)
	messages := []llm.Message{{Role: llm.System, Text: system}}
	for _, e := range t.q.Earlier[max(0, len(t.q.Earlier)-historyMessages):] {
		role := llm.User
		if e.Author.Kind != ByShopper {
			role = llm.Assistant
		}
		messages = append(messages, llm.Message{Role: role, Text: cut(e.Text, historyRunes)})
	}
	messages = append(messages, llm.Message{Role: llm.User, Text: user})
	return llm.Request{Messages: messages, Tools: t.a.specs(), Grounding: grounding, MaxTokens: t.a.Limits.AnswerTokens, Temperature: temperature}, hash
}

// affordable reserves what a call may cost at most. A store that cannot be
// asked counts as an empty purse.
func (t *answering) affordable(ctx context.Context, w Writer, req llm.Request) bool {
	tokens := promptTokens(req)
	most := w.Price.Cost(tokens, t.a.Limits.AnswerTokens)
	if t.spent+most > t.a.Limits.TurnCost {
		return false
	}
	ok, err := t.reserve(ctx, tokens+t.a.Limits.AnswerTokens, most)
	return ok && err == nil
}

// promptTokens is a high estimate: three bytes a token.
func promptTokens(req llm.Request) int {
	n := 0
	for _, m := range req.Messages {
		n += len(m.Text)/3 + 8
	}
	for _, tool := range req.Tools {
		n += (len(tool.Description)+len(tool.Parameters))/3 + 8
	}
	return n
}

// attempt has one writer answer; false means that nothing usable came and that
// nothing of it is left on the screen.
func (t *answering) attempt(ctx context.Context, w Writer, req llm.Request) (Reply, bool) {
	call := CallRecord{Model: w.Model.Name()}
	gate := sync.OnceValue(func() *fact.Gate {
		return fact.NewGate(t.evidence(), t.say("bot.honest"), fact.Sink{Text: t.text, Retract: t.retract})
	})
	written := 0
	res, err := w.Model.Write(ctx, req, func(d llm.Delta) error {
		written += len(d.Text)
		gate().Write(d.Text)
		return ctx.Err()
	})
	if err != nil && written > 0 && res.Usage == (llm.Usage{}) {
		// What was written before a failure was paid for, whoever counts it.
		res.Usage = llm.Usage{PromptTokens: promptTokens(req), CompletionTokens: written/4 + 1, Estimated: true}
	}
	var failure *llm.Error
	switch {
	case errors.As(err, &failure):
		call.Failure = string(failure.Kind)
	case err != nil:
		call.Failure = "cancelled"
	}
	call.PromptTokens, call.CompletionTokens, call.Estimated = res.Usage.PromptTokens, res.Usage.CompletionTokens, res.Usage.Estimated
	call.Cost = w.Price.Cost(call.PromptTokens, call.CompletionTokens)
	t.spent += call.Cost
	var reply Reply
	switch {
	case err != nil:
	case len(res.ToolCalls) > 0:
		// What was said on the way to a call is not an answer.
		if reply, err = t.call(res.ToolCalls); err != nil {
			call.Failure = "bad_tool_call"
		} else {
			t.takeBack()
		}
	default:
		var ok bool
		if reply, ok = t.judge(gate().Close(res.Finish == llm.FinishLength)); !ok {
			call.Failure = "ungrounded"
		}
	}
	t.record.Calls = append(t.record.Calls, call)
	if call.Failure == "" {
		t.record.Model = w.Model.Name()
		return reply, true
	}
	t.takeBack()
	return Reply{}, false
}

// judge turns the gate's verdict into a reply. A text that rests on nothing is
// none, unless it asks the shopper something.
func (t *answering) judge(v fact.Verdict) (Reply, bool) {
	if v.None {
		return t.miss(ReasonNotFound), true
	}
	text := strings.TrimSpace(v.Text)
	if text == "" {
		return Reply{}, false
	}
	t.record.Held = append(t.record.Held, v.Held...)
	reply := Reply{Text: text, Citations: t.citations(v.Cited), Outcome: Answered}
	switch {
	case len(v.Held) > 0:
		return t.unsupported(reply), true
	case len(v.Cited) > 0:
		return reply, true
	case !strings.HasSuffix(text, "?"):
		return Reply{}, false
	case t.failedBefore() || t.q.WaitingSince != nil:
		t.takeBack()
		return t.miss(ReasonNotFound), true
	}
	reply.Outcome = Clarified
	return reply, true
}

func (t *answering) citations(cited []int) []Citation {
	var out []Citation
	for i, n := range cited {
		p := t.passages[n-1]
		t.record.Passages[n-1].Cited = true
		out = append(out, Citation{N: i + 1, Title: p.Article.Title, URL: t.passageURL(p), Quote: quotable(p.Text), ArticleID: p.Article.ID, Version: p.Article.Version})
	}
	return out
}

// passageURL leads to the passage within its article.
func (t *answering) passageURL(p retrieval.Passage) string {
	return help.At(t.url(p.Article), p.Heading, p.Text)
}

// url is where a shopper reads an article; empty where that is nowhere, since the
// help centre shows what is for everyone alone.
func (t *answering) url(a retrieval.Article) string {
	if a.URL != "" || a.Audience != retrieval.Everyone {
		return a.URL
	}
	return t.a.HelpURL(t.q.Site, a)
}
