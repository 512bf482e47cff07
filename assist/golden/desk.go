package golden

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Options are what a Desk is made of. Answerer and Store are needed.
type Options struct {
	Store       Store
	Answerer    *assist.Answerer
	DailyBudget int64
	// Drafts and Overlaid are for asking with drafts: what they are, and a search
	// that sees them.
	Drafts   Drafts
	Overlaid func(drafts []retrieval.Publication) retrieval.Searcher
	// Redact takes personal data out of a text; names are those known.
	Redact func(text string, names []string, locale string) string
	// Embedder names the one that is searched, Prompts the words said to models.
	Embedder func(ctx context.Context) string
	Prompts  string
	Version  string
	Log      *slog.Logger
}

// Desk is where admins ask, keep golden questions and replay them. It is safe for
// concurrent use.
type Desk struct {
	o     Options
	asker *Asker
	slots chan struct{}
}

// asksAtOnce is how many questions may be under way on a replica; more are told
// to come back.
const asksAtOnce = 8

// New makes a desk.
func New(o Options) *Desk {
	o.Log = cmp.Or(o.Log, slog.Default())
	return &Desk{o: o, slots: make(chan struct{}, asksAtOnce),
		asker: &Asker{Answerer: o.Answerer, Spending: o.Store, DailyBudget: o.DailyBudget, Log: o.Log}}
}

// List lists golden questions.
func (d *Desk) List(ctx context.Context, siteID string, f Filter) (List, error) {
	return d.o.Store.Goldens(ctx, siteID, f)
}

// Golden finds one. Errors: CodeUnknownGolden.
func (d *Desk) Golden(ctx context.Context, siteID, id string) (Question, error) {
	return d.o.Store.Golden(ctx, siteID, id)
}

// Save makes a golden question or changes it. Errors: CodeBadQuestion and those of
// Store.SaveGolden.
func (d *Desk) Save(ctx context.Context, site assist.Site, q Question, agentID string) (Question, error) {
	if q.Locale == "" {
		q.Locale = site.Locale
	}
	if err := q.Check(); err != nil {
		return Question{}, refuse(CodeBadQuestion, err)
	}
	return d.o.Store.SaveGolden(ctx, site.ID, q, agentID)
}

// Delete lets go of a golden question. Errors: CodeUnknownGolden.
func (d *Desk) Delete(ctx context.Context, siteID, id string) error {
	return d.o.Store.DeleteGolden(ctx, siteID, id)
}

// Export writes all golden questions of a site as a file.
func (d *Desk) Export(ctx context.Context, siteID string, out io.Writer) error {
	list, err := d.o.Store.AllGoldens(ctx, siteID)
	if err != nil {
		return err
	}
	return WriteFile(out, list)
}

// Import takes a file, all of it or nothing. Errors: CodeBadFile with a
// *FileError, CodeTooMany.
func (d *Desk) Import(ctx context.Context, siteID, text, agentID string) (Added, error) {
	list, err := ReadFile(strings.NewReader(text))
	if err != nil {
		return Added{}, refuse(CodeBadFile, err)
	}
	unknown, err := Resolve(ctx, d.o.Store, siteID, list)
	if err != nil {
		return Added{}, err
	}
	for i, q := range list {
		kept := []Article{}
		for _, a := range q.Articles {
			if a.ID != "" {
				kept = append(kept, a)
			}
		}
		list[i].Articles = kept
	}
	added, err := d.o.Store.AddGoldens(ctx, siteID, list, agentID)
	added.Unknown = unknown
	return added, err
}

// Resolve gives the articles of questions their ids and titles; those that the
// shop does not have keep their address alone, and are listed.
func Resolve(ctx context.Context, store interface {
	ArticlesAt(ctx context.Context, siteID string, addresses []string) (map[string]Article, error)
}, siteID string, list []Question) (unknown []string, err error) {
	unknown = []string{}
	wanted := map[string]bool{}
	var addresses []string
	for _, q := range list {
		for _, a := range q.Articles {
			if !wanted[a.Address] {
				wanted[a.Address] = true
				addresses = append(addresses, a.Address)
			}
		}
	}
	found, err := store.ArticlesAt(ctx, siteID, addresses)
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if _, ok := found[a]; !ok {
			unknown = append(unknown, a)
		}
	}
	for _, q := range list {
		for i, a := range q.Articles {
			if got, ok := found[a.Address]; ok {
				q.Articles[i] = got
			}
		}
	}
	return unknown, nil
}

// Proposal is a past question that may become golden.
type Proposal struct {
	ConversationID string    `json:"conversation_id"`
	Seq            int64     `json:"seq"`
	At             time.Time `json:"at"`
	Question       string    `json:"question"`
	Locale         string    `json:"locale"`
	History        []Message `json:"history"`
	Verdict        Verdict   `json:"verdict" enum:"answer,abstain,person"`
	Articles       []Article `json:"articles"`
	Because        string    `json:"because" enum:"rated_up,agent_answered"`
}

// mostProposed bounds what is proposed at a time.
const mostProposed = 50

// Proposals are past questions worth keeping, without personal data.
func (d *Desk) Proposals(ctx context.Context, siteID string) ([]Proposal, error) {
	found, err := d.o.Store.Candidates(ctx, siteID, time.Now().Add(-proposedWithin), mostProposed)
	if err != nil {
		return nil, err
	}
	out := []Proposal{}
	for _, c := range found {
		q := assist.QuestionOf(assist.TurnInput{Messages: c.Messages})
		p := Proposal{ConversationID: c.ConversationID, Seq: c.Seq, At: c.At, Locale: c.Locale, Question: d.o.Redact(q.Text, c.Names, c.Locale),
			History: Messages(q.Earlier), Verdict: Answer, Articles: append([]Article{}, c.Articles...), Because: c.Because}
		p.History = p.History[max(0, len(p.History)-maxHistory):]
		for i := range p.History {
			p.History[i].Text = d.o.Redact(p.History[i].Text, c.Names, c.Locale)
		}
		if checkAsked(p.Question, p.Locale, p.History) == nil {
			out = append(out, p)
		}
	}
	return out, nil
}

// Start is what a replay is to ask.
type Start struct {
	Golden bool
	Past   int
	Model  bool
	// Budget is in millionths of a dollar; 0: the day's budget alone.
	Budget int64
}

// pastHistory is how much of a conversation a past question is asked with, as a
// turn is.
const pastHistory = 12

// Start begins a replay. Errors: CodeNothing, CodeReplayRunning.
func (d *Desk) Start(ctx context.Context, site assist.Site, s Start, agentID string) (Replay, error) {
	var items []Item
	if s.Golden {
		list, err := d.o.Store.AllGoldens(ctx, site.ID)
		if err != nil {
			return Replay{}, err
		}
		items = Items(list)
	}
	set := d.setting(ctx, s, len(items))
	past, err := PastItems(ctx, d.o.Store, site.ID, min(s.Past, MaxPast), len(items))
	if err != nil {
		return Replay{}, err
	}
	set.Past = len(past)
	if items = append(items, past...); len(items) == 0 {
		return Replay{}, refuse(CodeNothing, nil)
	}
	return d.o.Store.StartReplay(ctx, site.ID, set, items, agentID)
}

func (d *Desk) setting(ctx context.Context, s Start, goldens int) Setting {
	set := Setting{Golden: goldens, Model: s.Model && len(d.asker.Answerer.Writers) > 0, Budget: s.Budget, Models: []string{},
		Embedder: d.o.Embedder(ctx), Prompts: d.o.Prompts, Threshold: d.asker.Answerer.Limits.Threshold, Version: d.o.Version, Via: "console"}
	if set.Model {
		set.Models = d.models()
	}
	return set
}

// PastItems are a site's newest past questions as a replay asks them, numbered
// after those that there are.
func PastItems(ctx context.Context, store interface {
	PastTurns(ctx context.Context, siteID string, limit, history int) ([]PastTurn, error)
}, siteID string, limit, after int) ([]Item, error) {
	if limit <= 0 {
		return nil, nil
	}
	turns, err := store.PastTurns(ctx, siteID, limit, pastHistory)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, t := range turns {
		q := assist.QuestionOf(t.Input)
		if strings.TrimSpace(q.Text) == "" {
			continue
		}
		out = append(out, Item{N: after + len(out) + 1, Key: "turn " + t.TurnID, Kind: KindPast, TurnID: t.TurnID, ConversationID: t.ConversationID, Seq: t.Seq,
			Question: q.Text, Locale: q.Locale, History: Messages(q.Earlier), Expected: []Article{}, SignedIn: q.Audience >= retrieval.SignedIn, Past: &t.Past})
	}
	return out, nil
}

// Run works on a replay to its end; a replay that does not run any more is done.
// Where it is interrupted, by ctx or a failure of the store, the next call goes on.
func (d *Desk) Run(ctx context.Context, replayID string) error {
	work, err := d.o.Store.ReplayWork(ctx, replayID)
	if assist.CodeOf(err) == CodeUnknownReplay {
		return nil
	}
	if err != nil {
		return err
	}
	err = d.asker.Replay(ctx, work.Site, work.Items, work.Set, work.Spent, func(r Result) error {
		return d.o.Store.SaveResult(ctx, replayID, r)
	})
	if assist.CodeOf(err) == CodeUnknownReplay {
		return nil // it was cancelled
	}
	if err != nil {
		return err
	}
	results, err := d.o.Store.Results(ctx, work.Site.ID, replayID)
	if err != nil {
		return err
	}
	return d.o.Store.FinishReplay(ctx, replayID, Done, Score(results), "")
}

// Fail ends a replay that cannot be worked on, in words for people.
func (d *Desk) Fail(ctx context.Context, replayID string, cause error) error {
	return d.o.Store.FinishReplay(ctx, replayID, Broken, Scores{}, fmt.Sprintf("It stopped: %v", cause))
}

// Replays lists a site's.
func (d *Desk) Replays(ctx context.Context, siteID string, limit, offset int) ([]Replay, int, error) {
	return d.o.Store.Replays(ctx, siteID, limit, offset)
}

// Cancel ends a running replay. Errors: CodeUnknownReplay.
func (d *Desk) Cancel(ctx context.Context, siteID, id string) (Replay, error) {
	return d.o.Store.CancelReplay(ctx, siteID, id)
}

// Against is a replay beside an earlier one, if there is one.
type Against struct {
	Replay  Replay
	Earlier *Replay
	Comparison
}

// Against compares a replay with another, or with the last that was done before
// it. Errors: CodeUnknownReplay.
func (d *Desk) Against(ctx context.Context, siteID, id, against string) (Against, error) {
	now, err := d.o.Store.Replay(ctx, siteID, id)
	if err != nil {
		return Against{}, err
	}
	var then Replay
	if against != "" {
		then, err = d.o.Store.Replay(ctx, siteID, against)
	} else {
		then, err = d.o.Store.ReplayBefore(ctx, siteID, id)
	}
	if err != nil && (against != "" || assist.CodeOf(err) != CodeUnknownReplay) {
		return Against{}, err
	}
	out := Against{Replay: now}
	results, err2 := d.o.Store.Results(ctx, siteID, id)
	var before []Result
	if err == nil && err2 == nil {
		out.Earlier = &then
		before, err2 = d.o.Store.Results(ctx, siteID, then.ID)
	}
	if err2 != nil {
		return Against{}, err2
	}
	out.Comparison = Compare(before, results, Tolerance)
	return out, nil
}

// Text is a file of all golden questions.
func (d *Desk) Text(ctx context.Context, siteID string) (string, error) {
	var b bytes.Buffer
	err := d.Export(ctx, siteID, &b)
	return b.String(), err
}

// Lines are what is wrong with a file, out of a CodeBadFile.
func Lines(err error) []LineError {
	var f *FileError
	if errors.As(err, &f) {
		return f.Lines
	}
	return nil
}
