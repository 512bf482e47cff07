package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// settleTime bounds what is done after an act, whether or not who did it still
// waits.
const settleTime = 10 * time.Second

// Options make a Desk. Store and Bus are needed.
type Options struct {
	Store Store
	Bus   assist.Bus
	// Superseded stops a turn that runs on this replica.
	Superseded func(turnID string)
	// Judge finds the facts of a reply that nothing supports; nil: every reply
	// goes out as it is.
	Judge Judge
	// ArticleURL addresses an article's page; nil: no citation has an address.
	ArticleURL func(siteKey string, a retrieval.Article) string
	// Grace is how long an agent may be gone before shoppers who wait for them
	// go back into the queue; 0 means DefaultGrace.
	Grace time.Duration
	Log   *slog.Logger
}

// Judge finds the facts of an agent's reply that stand in nothing which supports
// them. articleIDs are the articles that the agent attached.
type Judge func(ctx context.Context, siteID, conversationID, text string, articleIDs []string) ([]Fact, error)

// DefaultGrace is long enough for a page to be reloaded, and short enough for a
// shopper to wait.
const DefaultGrace = 3 * time.Minute

// Desk is where agents work. It is safe for concurrent use.
type Desk struct {
	Options
	now func() time.Time
}

// New makes a Desk.
func New(o Options) (*Desk, error) {
	if o.Store == nil || o.Bus == nil {
		return nil, errors.New("inbox: Store and Bus are needed")
	}
	if o.Superseded == nil {
		o.Superseded = func(string) {}
	}
	if o.ArticleURL == nil {
		o.ArticleURL = func(string, retrieval.Article) string { return "" }
	}
	if o.Grace == 0 {
		o.Grace = DefaultGrace
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Desk{Options: o, now: time.Now}, nil
}

// publish tells everyone what an act did, after it was committed.
func (d *Desk) publish(done Done) {
	c := done.Conversation
	to := assist.Signal{SiteID: c.SiteID, ShopperID: c.ShopperID, ConversationID: c.ID}
	if old := done.SupersededTurnID; old != "" {
		d.Superseded(old)
		s := to
		s.Superseded = old
		d.Bus.Publish(s)
		s = to
		s.Retract = &assist.Retract{TurnID: old}
		d.Bus.Publish(s)
	}
	if done.Duplicate {
		return
	}
	for _, e := range done.Events {
		s := to
		s.Event = &e
		d.Bus.Publish(s)
	}
}

// changed tells consoles that a row is another.
func (d *Desk) changed(c assist.Conversation) {
	d.Bus.Publish(assist.Signal{SiteID: c.SiteID, ShopperID: c.ShopperID, ConversationID: c.ID, Changed: true})
}

// maxAssignments bounds one round of giving out; the next act, or the sweep,
// goes on.
const maxAssignments = 200

// GiveOut gives those who wait to agents who have room, in the order of the
// queue. It is called whenever somebody may have room, or the queue may be
// longer; a failure is logged, since the sweep comes again.
func (d *Desk) GiveOut(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	for range maxAssignments {
		done, ok, err := d.Store.AssignNext(ctx)
		if err != nil {
			d.Log.Error("inbox: the queue cannot be given out", "error", err)
			return
		}
		if !ok {
			return
		}
		d.publish(done)
		d.Log.Info("inbox: given out", "conversation", done.Conversation.ID, "agent", done.Conversation.AssigneeID)
	}
}

// Sweep does what time alone brings about: consoles that are gone are forgotten,
// shoppers whose agent is gone go back into the queue, and the queue is given
// out. A job calls it every half minute.
func (d *Desk) Sweep(ctx context.Context) error {
	gone, err := d.Store.Sweep(ctx)
	if err != nil {
		return err
	}
	for _, agentID := range gone {
		d.tellPresence(ctx, agentID, false)
	}
	for range maxAssignments {
		done, ok, err := d.Store.ReleaseNext(ctx, d.Grace)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		d.publish(done)
		d.Log.Info("inbox: back in the queue, its agent is gone", "conversation", done.Conversation.ID)
	}
	d.GiveOut(ctx)
	return nil
}
