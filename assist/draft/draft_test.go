package draft_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/extractive"
	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/assist/llm/openai"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pages is a search over one article.
type pages struct {
	confidence float64
	text       string
}

func (p pages) Search(context.Context, retrieval.Query) (retrieval.Result, error) {
	if p.text == "" {
		return retrieval.Result{}, nil
	}
	return retrieval.Result{Confidence: p.confidence, Passages: []retrieval.Passage{{ChunkID: 7, Text: p.text,
		Article: retrieval.Article{ID: "a1", Version: 2, Slug: "refunds", Title: "Refunds", Locale: "en"}}}}, nil
}

const refunds = "A refund reaches your account 3 to 5 business days after your parcel arrived at our warehouse."

// bus keeps what was published.
type bus struct {
	mu   sync.Mutex
	all  []assist.Signal
	told chan struct{}
}

func newBus() *bus { return &bus{told: make(chan struct{}, 1000)} }

func (b *bus) Publish(s assist.Signal) {
	b.mu.Lock()
	b.all = append(b.all, s)
	b.mu.Unlock()
	b.told <- struct{}{}
}

// text is what a console shows of a draft by its signals, and whether it is done.
func (b *bus) text(id string) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var units []rune // the tests write no character beyond the first plane
	for _, s := range b.all {
		if s.Draft == nil || s.Draft.DraftID != id {
			continue
		}
		if s.Draft.Done {
			return string(units), true
		}
		units = append(units[:min(s.Draft.Offset, len(units))], []rune(s.Draft.Text)...)
	}
	return string(units), false
}

// done waits until a draft is done.
func (b *bus) done(t *testing.T, id string) string {
	t.Helper()
	for deadline := time.After(20 * time.Second); ; {
		if text, done := b.text(id); done {
			return text
		}
		select {
		case <-b.told:
		case <-deadline:
			t.Fatal("the draft never came to its end")
		}
	}
}

// store keeps the drafts of one conversation in memory.
type store struct {
	draft.Store // what the tests do not need
	mu          sync.Mutex
	in          draft.Input
	works       map[string]*draft.Work
	owners      map[string]string
	drafts      map[string]draft.Draft
	calls       []assist.CallRecord
	newest      string
	refuse      bool // of budget
	renewed     int
	kept        []draft.NewGoodReply
	learnable   []draft.Learnable
	good        []draft.GoodReply
	macros      []draft.Macro
	statements  draft.Statements
}

func newStore(said ...string) *store {
	s := &store{works: map[string]*draft.Work{}, owners: map[string]string{}, drafts: map[string]draft.Draft{}}
	s.in = draft.Input{Site: assist.Site{ID: "site", Name: "Northpath", Locale: "en"}, Conversation: assist.Conversation{ID: "conv", SiteID: "site", Locale: "en"}}
	for _, text := range said {
		s.say(assist.ByShopper, text)
	}
	return s
}

func (s *store) say(by assist.AuthorKind, text string) {
	s.in.Messages = append(s.in.Messages, assist.Event{Seq: int64(len(s.in.Messages) + 1), Kind: assist.KindMessage, Author: assist.Author{Kind: by}, Text: text})
}

func (s *store) BeginDraft(_ context.Context, b draft.Begin) (draft.Work, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in.Conversation.State == assist.Closed {
		return draft.Work{}, &assist.Error{Code: draft.CodeClosed}
	}
	w := draft.Work{Attempt: 1, ShopperID: "shopper", Draft: draft.Draft{ID: string(rune('a' + len(s.works))), SiteID: "site", ConversationID: "conv", ForSeq: int64(len(s.in.Messages)), State: draft.Writing, Tone: b.Tone}}
	if old := s.works[s.newest]; old != nil && s.drafts[s.newest].State == "" {
		w.SupersededID = s.newest
		s.owners[s.newest] = ""
	}
	s.newest = w.ID
	s.works[w.ID], s.owners[w.ID] = &w, b.Owner
	s.in.Tone, s.in.Locale, s.in.Given, s.in.ForSeq = b.Tone, b.Locale, b.Given, w.ForSeq
	return w, nil
}

func (s *store) RenewDraft(_ context.Context, id, owner string, until time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners[id] != owner {
		return &assist.Error{Code: draft.CodeOver}
	}
	if until == 0 {
		s.renewed++
	}
	return nil
}

func (s *store) DraftInput(context.Context, string, int) (draft.Input, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.in, nil
}

func (s *store) Talk(context.Context, string, string, int) (draft.Input, error) {
	return s.DraftInput(context.Background(), "", 0)
}

func (s *store) ReserveDraftBudget(context.Context, string, string, int64, int64) (bool, error) {
	return !s.refuse, nil
}

func (s *store) FinishDraft(_ context.Context, f draft.Finish) (draft.Draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, f.Result.Calls...)
	if f.State == "" {
		return draft.Draft{}, nil
	}
	if s.owners[f.DraftID] != f.Owner {
		return draft.Draft{}, &assist.Error{Code: draft.CodeOver}
	}
	d := s.works[f.DraftID].Draft
	d.State, d.Text, d.Citations, d.Unsupported, d.Model, d.Note = f.State, f.Result.Text, f.Result.Citations, f.Result.Unsupported, f.Result.Model, f.Result.Note
	s.drafts[d.ID] = d
	return d, nil
}

func (s *store) GoodReplies(context.Context, string, string, []float32, int) ([]draft.GoodReply, error) {
	return s.good, nil
}

func (s *store) LearnableReplies(context.Context, string, string) ([]draft.Learnable, error) {
	return s.learnable, nil
}

func (s *store) SaveGoodReply(_ context.Context, _ string, g draft.NewGoodReply) error {
	s.kept = append(s.kept, g)
	return nil
}

func (s *store) Macros(context.Context, string, int) ([]draft.Macro, error) { return s.macros, nil }

func (s *store) DraftEvidence(context.Context, string, string, []string) (draft.Statements, error) {
	return s.statements, nil
}

func (s *store) stored(id string) draft.Draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drafts[id]
}

// desk is a writer with its surroundings.
type desk struct {
	*draft.Writer
	store *store
	bus   *bus
	ends  chan draft.End
}

func composer(search retrieval.Searcher, writers ...assist.Writer) *draft.Composer {
	return &draft.Composer{Search: search, Writers: writers, Quoter: extractive.New(), Read: triage.New().Read, Limits: draft.DefaultLimits,
		HelpURL: func(_ assist.Site, a retrieval.Article) string { return "/help/" + a.Slug }}
}

func openDesk(t *testing.T, s *store, c *draft.Composer, change ...func(*draft.Options)) *desk {
	t.Helper()
	d := &desk{store: s, bus: newBus(), ends: make(chan draft.End, 100)}
	o := draft.Options{Store: s, Bus: d.bus, Composer: c, Log: slog.New(slog.DiscardHandler), Owner: "here", DailyBudget: 1_000_000,
		Observe: func(e draft.End) { d.ends <- e }}
	for _, f := range change {
		f(&o)
	}
	d.Writer = draft.New(o)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = d.Stop(ctx) // a test that hands over expects its error itself
	})
	return d
}

// request asks for a draft and gives it when it is stored.
func (d *desk) request(t *testing.T, tone draft.Tone, language, text string) draft.Draft {
	t.Helper()
	begun, err := d.Request(t.Context(), "site", "agent", "conv", tone, language, text)
	if err != nil {
		t.Fatal(err)
	}
	d.bus.done(t, begun.ID)
	return d.store.stored(begun.ID)
}

// model is one at a scripted server.
func model(t *testing.T, server *llmtest.Server, name string) assist.Writer {
	t.Helper()
	m, err := openai.New(openai.Options{BaseURL: server.URL, APIKey: "key", Model: name})
	if err != nil {
		t.Fatal(err)
	}
	policy := llm.Defaults()
	policy.FirstContent, policy.TryFirstContent, policy.Silence, policy.Whole = 2*time.Second, 2*time.Second, time.Second, 5*time.Second
	return assist.Writer{Model: llm.Guard(m, policy), Price: assist.Price{Prompt: 100_000, Completion: 400_000}}
}

func contains(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in:\n%s", w, text)
		}
	}
}
