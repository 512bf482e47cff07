package assist

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/careloop/careloop/assist/fact"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/phrase"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/prompts"
	"github.com/careloop/careloop/retrieval"
)

// States of a turn as Status tells them.
const (
	StateSearching  = "searching"
	StateWriting    = "writing"
	StateHandingOff = "handing_off"
)

// Answerer answers questions: it reads, searches, has an answer written, and
// checks it. It stores nothing.
type Answerer struct {
	Search retrieval.Searcher
	// Writers are asked in this order; each failure goes on to the next.
	Writers []Writer
	// Quoter is asked last. It costs nothing and cannot be down.
	Quoter llm.Model
	Limits Limits
	// HelpURL gives the address of an article that has none of its own.
	HelpURL func(Site, retrieval.Article) string
}

// Writer is a model with what it costs.
type Writer struct {
	Model llm.Model
	Price Price
}

// Price is in millionths of a dollar for a million tokens.
type Price struct {
	Prompt, Completion int64
}

// Cost is what a call took, in millionths of a dollar, rounded up.
func (p Price) Cost(promptTokens, completionTokens int) int64 {
	return (p.Prompt*int64(promptTokens) + p.Completion*int64(completionTokens) + 999_999) / 1_000_000
}

// Limits bound a turn.
type Limits struct {
	// Threshold is the confidence below which nothing is answered.
	Threshold float64
	// AnswerTokens bounds one answer.
	AnswerTokens int
	// TurnCost bounds what all calls of a turn may cost together, in millionths
	// of a dollar.
	TurnCost int64
	// TurnTime bounds all calls of a turn together.
	TurnTime time.Duration
}

// DefaultLimits suit a chat.
var DefaultLimits = Limits{Threshold: 0.35, AnswerTokens: 500, TurnCost: 50_000, TurnTime: 60 * time.Second}

// What of a conversation and of passages a model is given.
const (
	historyMessages = 6
	historyRunes    = 600
	passageRunes    = 2400
)

// temperature keeps a model to the passages' words.
const temperature = 0.2

// Question is what a turn has to answer.
type Question struct {
	Site   Site
	Locale string
	// Text is the shopper's message, or several that nothing was said to yet.
	Text string
	// Earlier holds the messages before it, oldest first.
	Earlier []Event
}

// Watcher sees a turn as it goes. Offsets count UTF-16 code units. All of its
// functions are set and none may block.
type Watcher struct {
	Status  func(state string)
	Found   func(retrieval.Result)
	Text    func(offset int, text string)
	Retract func(from int, text string)
}

// Reply is the end of a turn: an answer or a person, never nothing.
type Reply struct {
	Text      string
	Citations []Citation
	Outcome   Outcome
	Reason    Reason
	Record    TurnRecord
}

// Reserve sets aside what one call may take: tokens, and money in millionths of
// a dollar. False means that the shopper, their address or the site has used
// what it may for now.
type Reserve func(ctx context.Context, tokens int, amount int64) (bool, error)

// Answer runs one turn. It fails only with the context's error; every other
// failure ends in a reply.
func (a *Answerer) Answer(ctx context.Context, q Question, reserve Reserve, w Watcher) (Reply, error) {
	t := &answering{a: a, q: q, reserve: reserve, w: w, started: time.Now()}
	reply := t.run(ctx)
	if err := ctx.Err(); err != nil {
		return Reply{}, err
	}
	t.record.TotalMillis = time.Since(t.started).Milliseconds()
	reply.Record = t.record
	return reply, nil
}

// answering is one turn under way.
type answering struct {
	a       *Answerer
	q       Question
	reserve Reserve
	w       Watcher

	started  time.Time
	passages []retrieval.Passage
	// evidence finds the passages' facts, once; who comes second waits.
	evidence func() *fact.Evidence
	shown    bool  // something of the present attempt is on the shopper's screen
	spent    int64 // by all calls, reserved or settled
	record   TurnRecord
}

func (t *answering) run(ctx context.Context) Reply {
	switch m := triage.New().Read(t.q.Text, t.q.Locale).Matter; m {
	case triage.AskPerson:
		return t.escalate("bot.person", ReasonAsked)
	case triage.Hello, triage.Thanks, triage.Bye:
		return Reply{Text: t.say("bot." + string(m)), Outcome: Answered}
	}
	t.w.Status(StateSearching)
	found, err := t.a.Search.Search(ctx, t.query())
	if err != nil {
		return t.escalate("bot.failed", ReasonInternal)
	}
	t.found(found)
	if len(found.Passages) == 0 || found.Confidence < t.a.Limits.Threshold {
		return t.notFound()
	}
	t.w.Status(StateWriting)
	return t.write(ctx)
}

// query is the question in its conversation.
func (t *answering) query() retrieval.Query {
	q := retrieval.Query{SiteID: t.q.Site.ID, Text: t.q.Text, Locale: t.q.Locale, SiteLocale: t.q.Site.Locale}
	for _, e := range t.q.Earlier {
		if e.Author.Kind == ByShopper {
			q.History = append(q.History, e.Text)
		} else if e.Text != "" {
			q.Replies = append(q.Replies, e.Text)
		}
	}
	return q
}

func (t *answering) found(r retrieval.Result) {
	t.w.Found(r)
	t.passages = r.Passages
	t.record.Confidence = r.Confidence
	t.record.SearchMillis = r.Took.Total.Milliseconds()
	var evidence []fact.Passage
	for i, p := range r.Passages {
		t.passages[i].Text = cut(p.Text, passageRunes)
		evidence = append(evidence, fact.Passage{N: i + 1, Text: p.Article.Title + "\n" + strings.Join(p.Heading, "\n") + "\n" + t.passages[i].Text, URL: t.url(p.Article)})
		t.record.Passages = append(t.record.Passages, PassageRecord{ChunkID: p.ChunkID, ArticleID: p.Article.ID, Version: p.Article.Version, Lexical: p.Lexical, Semantic: p.Semantic, Fused: p.Fused})
	}
	t.evidence = sync.OnceValue(func() *fact.Evidence { return fact.NewEvidence(evidence) })
}

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
		return t.escalate("bot.failed", ReasonModel)
	}
	return t.notFound()
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
	return llm.Request{Messages: messages, Grounding: grounding, MaxTokens: t.a.Limits.AnswerTokens, Temperature: temperature}, hash
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
	if err == nil {
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
		return t.notFound(), true
	}
	text := strings.TrimSpace(v.Text)
	if text == "" {
		return Reply{}, false
	}
	t.record.Held = append(t.record.Held, v.Held...)
	reply := Reply{Text: text, Citations: t.citations(v.Cited), Outcome: Answered}
	switch {
	case len(v.Held) > 0:
		reply.Outcome, reply.Reason = Escalated, ReasonUnsupported
	case len(v.Cited) == 0 && strings.HasSuffix(text, "?"):
		reply.Outcome = Clarified
		if t.failedBefore() {
			reply.Outcome, reply.Reason = Escalated, ReasonStuck
		}
	case len(v.Cited) == 0:
		return Reply{}, false
	}
	return reply, true
}

func (t *answering) citations(cited []int) []Citation {
	var out []Citation
	for i, n := range cited {
		p := t.passages[n-1]
		t.record.Passages[n-1].Cited = true
		out = append(out, Citation{N: i + 1, Title: p.Article.Title, URL: t.url(p.Article), Quote: quotable(p.Text), ArticleID: p.Article.ID, Version: p.Article.Version})
	}
	return out
}

func (t *answering) url(a retrieval.Article) string {
	if a.URL != "" {
		return a.URL
	}
	return t.a.HelpURL(t.q.Site, a)
}

// notFound says so. A question of a word or two gets one question back; after a
// failure, and always for a real question, a person is offered.
func (t *answering) notFound() Reply {
	switch {
	case t.failedBefore():
		return t.escalate("bot.stuck", ReasonStuck)
	case len(strings.Fields(t.q.Text)) < 3:
		return Reply{Text: t.say("bot.clarify"), Outcome: Clarified}
	default:
		return t.escalate("bot.not_found", ReasonNotFound)
	}
}

// failedBefore says whether the bot's last message did not help already.
func (t *answering) failedBefore() bool {
	for i := len(t.q.Earlier) - 1; i >= 0; i-- {
		if e := t.q.Earlier[i]; e.Author.Kind == ByBot {
			return e.Outcome == Clarified || e.Outcome == Escalated
		}
	}
	return false
}

func (t *answering) escalate(key string, reason Reason) Reply {
	t.w.Status(StateHandingOff)
	return Reply{Text: t.say(key), Outcome: Escalated, Reason: reason}
}

func (t *answering) say(key string) string { return phrase.Text(t.q.Locale, key) }

func (t *answering) text(offset int, s string) {
	if t.record.FirstDeltaMillis == 0 {
		t.record.FirstDeltaMillis = max(1, time.Since(t.started).Milliseconds())
	}
	t.shown = true
	t.w.Text(offset, s)
}

func (t *answering) retract(from int, s string) { t.w.Retract(from, s) }

func (t *answering) takeBack() {
	if t.shown {
		t.w.Retract(0, "")
		t.shown = false
	}
}

// languageName is what a model is told to write in.
func languageName(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return "English"
	}
	base, _ := tag.Base()
	if name := display.English.Languages().Name(base); name != "" {
		return name
	}
	return "English"
}

// cut shortens a text to n runes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + " …"
}
