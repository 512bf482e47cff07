package assist

import (
	"context"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/careloop/careloop/assist/fact"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/phrase"
	"github.com/careloop/careloop/assist/triage"
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
	// Triage reads messages; nil: as triage.New does.
	Triage *triage.Reader
	// Tools are what models may call.
	Tools []Tool
	// Letters says that replies can go out by e-mail.
	Letters bool
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
	// Threshold is the confidence below which nothing is answered, Near the one
	// from which an article is close enough to ask whether it is meant.
	Threshold, Near float64
	// Sure is the confidence from which a question about what only a person can do
	// ("when do I get my money back?") is answered, with a person offered.
	Sure float64
	// Negative is the probability of anger or distress from which a person is
	// called.
	Negative float64
	// AnswerTokens bounds one answer.
	AnswerTokens int
	// TurnCost bounds what all calls of a turn may cost together, in millionths
	// of a dollar.
	TurnCost int64
	// TurnTime bounds all calls of a turn together.
	TurnTime time.Duration
}

// DefaultLimits suit a chat.
var DefaultLimits = Limits{Threshold: 0.35, Near: 0.2, Sure: 0.7, Negative: 0.9, AnswerTokens: 500, TurnCost: 50_000, TurnTime: 60 * time.Second}

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
	// Audience is what of the articles the shopper may read.
	Audience retrieval.Audience
	// WaitingSince is when the shopper began to wait for a person; nil: they do
	// not.
	WaitingSince *time.Time
}

// Watcher sees a turn as it goes. Offsets count UTF-16 code units. All of its
// functions are set and none may block.
type Watcher struct {
	Status  func(state string)
	Found   func(retrieval.Result)
	Text    func(offset int, text string)
	Retract func(from int, text string)
}

// Reply is the end of a turn: an answer, a question or a person. Only to a
// shopper who waits for a person, and who knows it, may there be nothing to say.
type Reply struct {
	Text      string
	Citations []Citation
	Outcome   Outcome
	Reason    Reason
	// Offer says that a person is offered along with the text.
	Offer bool
	// Escalation, if set, passes the conversation on.
	Escalation *Escalation
	Record     TurnRecord
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

func (a *Answerer) reader() *triage.Reader {
	if a == nil || a.Triage == nil {
		return triage.New()
	}
	return a.Triage
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

// run decides what the turn comes to. A wish for a person wins over everything;
// danger and the law come before feelings, and feelings before questions.
func (t *answering) run(ctx context.Context) Reply {
	read := t.a.reader().Read(t.q.Text, t.q.Locale)
	reason := t.reasonBefore(read)
	if reason == "" {
		switch read.Matter {
		case triage.Hello, triage.Thanks, triage.Bye:
			return Reply{Text: t.say("bot." + string(read.Matter)), Outcome: Answered}
		}
	}
	t.record.Topic = read.Topic
	t.w.Status(StateSearching)
	found, err := t.a.Search.Search(ctx, t.query())
	if err == nil {
		t.found(found)
	}
	general := err == nil && (reason == ReasonPersonOnly && t.general(found.Confidence) ||
		reason == ReasonAsked && doubtful(read) && found.Confidence >= t.a.Limits.Sure)
	switch {
	case reason != "" && !general:
		return t.escalate(reason)
	case err != nil:
		return t.escalate(ReasonInternal)
	case read.Unhelped:
		return t.unhelped()
	case len(found.Passages) == 0 || found.Confidence < t.a.Limits.Threshold:
		if upset(read) {
			return t.escalate(ReasonFeeling)
		}
		return t.miss(ReasonNotFound)
	}
	t.w.Status(StateWriting)
	reply := t.write(ctx)
	reply.Offer = reply.Offer || general && reply.Outcome == Answered && t.q.WaitingSince == nil
	return reply
}

// query is the question in its conversation.
func (t *answering) query() retrieval.Query {
	q := retrieval.Query{SiteID: t.q.Site.ID, Text: t.q.Text, Locale: t.q.Locale, SiteLocale: t.q.Site.Locale, Audience: t.q.Audience}
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
