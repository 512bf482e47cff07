package gap

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/retrieval"
)

// Articles makes articles that are not published yet.
type Articles interface {
	// Create makes one of a text for a gap and returns its id.
	Create(ctx context.Context, site assist.Site, t Text, gapID string, by Actor) (string, error)
}

// Budget sets aside what a call of a model may cost, out of what a site may spend
// in a day, and counts what it took; amounts in millionths of a dollar.
type Budget interface {
	// ReserveArticle sets aside what a call may cost, on the day (UTC) that it
	// returns; false where less is left.
	ReserveArticle(ctx context.Context, siteID string, amount, daily int64) (day time.Time, ok bool, err error)
	// SettleArticle gives back what was reserved on a day and counts what was spent.
	SettleArticle(ctx context.Context, siteID string, reserved int64, day time.Time, calls []assist.CallRecord) error
}

// Options are what a Desk is made of.
type Options struct {
	Store    Store
	Articles Articles
	// Index is what shoppers' questions are answered from, Embedder what new
	// questions are compared by. Embedders makes embedders by name, Current says
	// which one's vectors are searched.
	Index     retrieval.Index
	Embedder  retrieval.Embedder
	Embedders func(name string) (retrieval.Embedder, error)
	Current   *retrieval.Current
	// Answerer answers shoppers; its search and its quoter are what a draft is
	// proven with, and its writers write drafts.
	Answerer *assist.Answerer
	Budget   Budget
	// DailyBudget is what a site may spend in a day that has no setting of its own.
	DailyBudget int64
	Log         *slog.Logger // nil: the default
}

// Desk is where admins look at gaps and close them.
type Desk struct {
	store    Store
	o        Options
	sorting  *sorting
	proofs   chan struct{} // a place for each that runs
	drafting chan struct{}
}

const (
	// proofsAtOnce and draftsAtOnce bound what runs on a replica; who comes when all
	// places are taken is refused with CodeBusy.
	proofsAtOnce = 2
	draftsAtOnce = 4
)

// New makes a Desk.
func New(o Options) *Desk {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Desk{store: o.Store, o: o, sorting: &sorting{store: o.Store, embedder: o.Embedder, log: o.Log},
		proofs: make(chan struct{}, proofsAtOnce), drafting: make(chan struct{}, draftsAtOnce)}
}

// List lists gaps.
func (d *Desk) List(ctx context.Context, siteID string, f Filter) (Page, error) {
	return d.store.List(ctx, siteID, f)
}

// Gap reads one. Errors: CodeUnknown.
func (d *Desk) Gap(ctx context.Context, siteID, id string) (Gap, error) {
	return d.store.Gap(ctx, siteID, id)
}

// Questions lists a gap's, the newest first, and counts them all. Errors:
// CodeUnknown.
func (d *Desk) Questions(ctx context.Context, siteID, id string, limit, offset int) ([]Unanswered, int, error) {
	return d.store.Questions(ctx, siteID, id, limit, offset)
}

// Whole is a gap with what an admin judges it by.
type Whole struct {
	Gap       Gap
	Questions []Unanswered
	Replies   []AgentReply
	Near      []NearArticle
}

// shown is how many of each are shown with a gap.
const shown = 20

// Whole reads a gap with its newest questions and replies, and the articles that
// come nearest. Errors: CodeUnknown.
func (d *Desk) Whole(ctx context.Context, site assist.Site, id string) (Whole, error) {
	g, err := d.store.Gap(ctx, site.ID, id)
	if err != nil {
		return Whole{}, err
	}
	w := Whole{Gap: g}
	if w.Questions, _, err = d.store.Questions(ctx, site.ID, id, shown, 0); err != nil {
		return Whole{}, err
	}
	replies, err := d.store.Replies(ctx, site.ID, id, shown)
	if err != nil {
		return Whole{}, err
	}
	for _, r := range replies {
		r.Text = draft.Redact(r.Text, r.Names, r.Locale)
		w.Replies = append(w.Replies, r.AgentReply)
	}
	questions := []string{g.Title}
	for _, q := range w.Questions[:min(len(w.Questions), 3)] {
		questions = append(questions, q.Text)
	}
	if w.Near, err = d.near(ctx, site, g.Locale, questions, ""); err != nil {
		return Whole{}, fmt.Errorf("look for near articles: %w", err)
	}
	return w, nil
}

// maxTitle bounds a title, in characters.
const maxTitle = 200

// Rename gives a gap a title that stays. Errors: CodeUnknown, CodeBadTitle.
func (d *Desk) Rename(ctx context.Context, siteID, id, title string, by Actor) error {
	title = oneLine(title)
	if n := utf8.RuneCountInString(title); n == 0 || n > maxTitle || !utf8.ValidString(title) || strings.ContainsRune(title, 0) {
		return &assist.Error{Code: CodeBadTitle, Err: fmt.Errorf("%d characters", n)}
	}
	return d.store.Rename(ctx, siteID, id, title, by)
}

// Dismiss says that a gap needs no article; with false it is open again. Errors:
// CodeUnknown.
func (d *Desk) Dismiss(ctx context.Context, siteID, id string, dismissed bool, by Actor) error {
	return d.store.Dismiss(ctx, siteID, id, dismissed, by)
}

// Merge puts all questions of a gap into another one, and ends it. Errors:
// CodeUnknown, CodeSame.
func (d *Desk) Merge(ctx context.Context, siteID, id, into string, by Actor) error {
	if id == into {
		return &assist.Error{Code: CodeSame}
	}
	return d.store.Merge(ctx, siteID, id, into, by)
}

// Move puts questions of a gap into another one, or, where to is empty, into a new
// one, and gives the gap they are in now. Errors: CodeUnknown, CodeSame.
func (d *Desk) Move(ctx context.Context, siteID, id string, questions []int64, to string, by Actor) (string, error) {
	if id == to {
		return "", &assist.Error{Code: CodeSame}
	}
	return d.store.Move(ctx, siteID, id, questions, to, by)
}
