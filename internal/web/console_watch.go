package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

const (
	// rowsEvery bounds how often changed rows are read: what changes meanwhile is
	// read together, once for all consoles of the site.
	rowsEvery = 20 * time.Millisecond
	// countsEvery bounds how often each agent's counts are.
	countsEvery = 500 * time.Millisecond
	// maxNews bounds the events of a site that wait to be told; beyond it rows
	// are sent all the same, and nothing sounds.
	maxNews = 1000
	// rowsPage is how many rows are read at a time.
	rowsPage = 200
)

// consoles are those that are open on this replica, by the site that they watch.
type consoles struct {
	hub     *hub
	mu      sync.Mutex
	watches map[string]*watch
	// presence is held while presence is renewed or ended, so that a console that
	// has just left is not renewed.
	presence sync.Mutex
}

// watch is a site of which at least one console is open here: it hears the
// site's signals once, and reads what they change once for all of them.
type watch struct {
	hub    *hub
	siteID string
	cancel func()

	mu      sync.Mutex
	open    map[*console]struct{}
	changed map[string]bool // rows to be read
	news    []assist.Event  // that may be worth a sound
	reading bool            // somebody reads
}

func newConsoles(h *hub) *consoles { return &consoles{hub: h, watches: map[string]*watch{}} }

// join lets a console watch its site.
func (c *consoles) join(k *console) *watch {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watches[k.site.ID]
	if w == nil {
		w = &watch{hub: c.hub, siteID: k.site.ID, open: map[*console]struct{}{}, changed: map[string]bool{}}
		w.cancel = c.hub.Signals.SubscribeSite(w.siteID, w.onSignal)
		c.watches[w.siteID] = w
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[k] = struct{}{}
	return w
}

// part lets a console go; a site that nobody watches is not heard any more.
func (c *consoles) part(k *console, w *watch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.mu.Lock()
	delete(w.open, k)
	empty := len(w.open) == 0
	w.mu.Unlock()
	if empty {
		w.cancel()
		delete(c.watches, w.siteID)
	}
}

// all lists the open consoles.
func (c *consoles) all() []*console {
	c.mu.Lock()
	watches := make([]*watch, 0, len(c.watches))
	for _, w := range c.watches {
		watches = append(watches, w)
	}
	c.mu.Unlock()
	var list []*console
	for _, w := range watches {
		list = append(list, w.consoles()...)
	}
	return list
}

func (w *watch) consoles() []*console {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]*console, 0, len(w.open))
	for k := range w.open {
		list = append(list, k)
	}
	return list
}

// onSignal takes what the bus brings. It never waits.
func (w *watch) onSignal(sig assist.Signal) {
	for _, k := range w.consoles() {
		k.onSignal(sig)
	}
	if sig.Event == nil && !sig.Changed {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open) == 0 {
		return // the last console has just left
	}
	w.changed[sig.ConversationID] = true
	if sig.Event != nil && len(w.news) < maxNews {
		w.news = append(w.news, *sig.Event)
	}
	if !w.reading {
		w.reading = true
		w.hub.goWork(w.read)
	}
}

// read reads what changed and sends it, until nothing changes any more. Counts
// come with the last row, and where they were read just now, once more with it
// when it is time.
func (w *watch) read() {
	var counted time.Time
	last := "" // a row whose counts are still to come
	for {
		wait := rowsEvery
		w.mu.Lock()
		if len(w.changed) == 0 {
			if last == "" {
				w.reading = false
				w.mu.Unlock()
				return
			}
			wait = max(wait, time.Until(counted.Add(countsEvery)))
		}
		w.mu.Unlock()
		if !sleep(w.hub.ctx, wait) {
			return
		}
		w.mu.Lock()
		ids := make([]string, 0, len(w.changed)+1)
		for id := range w.changed {
			ids = append(ids, id)
		}
		news := w.news
		w.changed, w.news = map[string]bool{}, nil
		w.mu.Unlock()
		count := time.Since(counted) >= countsEvery
		if count && len(ids) == 0 {
			ids = append(ids, last)
		}
		if len(ids) == 0 {
			continue
		}
		last = ""
		if count {
			counted = time.Now()
		} else {
			last = ids[len(ids)-1]
		}
		w.tell(ids, news, count)
	}
}

// sleep waits, and reports false where the context ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// tell sends rows as they are now, with counts where it is time for them, and
// what is worth a sound. What cannot be read is not sent: the next change brings
// it, or the agent's next look at the list.
func (w *watch) tell(ids []string, news []assist.Event, count bool) {
	ctx, cancel := context.WithTimeout(w.hub.ctx, w.hub.Timing.Accept)
	defer cancel()
	rows := map[string]inbox.Row{}
	for page := range slices.Chunk(ids, rowsPage) {
		list, err := w.hub.Inbox.Store.Rows(ctx, w.siteID, page)
		if err != nil {
			w.hub.log.Error("console: cannot read rows", "site", w.siteID, "error", err)
			return
		}
		for _, r := range list {
			rows[r.ID] = r
		}
	}
	frames := make([]rowFrame, 0, len(rows))
	for _, id := range ids {
		if r, ok := rows[id]; ok {
			frames = append(frames, rowFrame{Row: r})
		}
	}
	counts := map[string]*inbox.Counts{}
	for _, k := range w.consoles() {
		if _, known := counts[k.person.ID]; count && !known {
			n, err := w.hub.Inbox.Store.Counts(ctx, w.siteID, k.person.ID)
			if err != nil {
				w.hub.log.Error("console: cannot count", "site", w.siteID, "error", err)
				return
			}
			counts[k.person.ID] = &n
		}
		for i, f := range frames {
			if i == len(frames)-1 {
				f.Counts = counts[k.person.ID]
			}
			k.send(textFrame("row", f))
		}
		for _, e := range news {
			if n, ok := worthASound(e, rows[e.ConversationID], k.person.ID); ok {
				k.send(textFrame("notify", n))
			}
		}
	}
}

// worthASound says what an event is to an agent: a conversation that is given to
// them, one that waits for anybody, a message in one of theirs, a note that names
// them. Nothing that they did themselves is.
func worthASound(e assist.Event, r inbox.Row, agentID string) (notifyFrame, bool) {
	if r.ID == "" || e.AgentID == agentID {
		return notifyFrame{}, false
	}
	n := notifyFrame{ConversationID: r.ID, Title: r.Shopper.Name, Text: r.LastText}
	if n.Title == "" {
		n.Title = r.Shopper.Email
	}
	mine := r.Assignee != nil && r.Assignee.ID == agentID
	switch {
	case e.Kind == assist.KindAssignment && e.Assignment != nil && e.Assignment.AgentID == agentID:
		n.Kind = notifyAssigned
	case e.Kind == assist.KindNote && slices.Contains(e.Mentions, agentID):
		n.Kind, n.Title, n.Text = notifyMention, e.Author.Name, e.Text
	case e.Kind == assist.KindMessage && e.Author.Kind == assist.ByShopper && mine && r.State == assist.Open:
		n.Kind, n.Text = notifyMessage, e.Text
	case r.Assignee == nil && r.WaitingSince != nil && beginsToWait(e):
		n.Kind = notifyWaiting
	default:
		return notifyFrame{}, false
	}
	n.Text = cleanText(n.Text, maxNotice)
	return n, true
}

// maxNotice bounds what a notice shows of a text, in code points.
const maxNotice = 200

// beginsToWait tells whether an event is one by which a conversation comes into
// the queue.
func beginsToWait(e assist.Event) bool {
	return e.Kind == assist.KindHandoff || e.Outcome == assist.Escalated ||
		e.Kind == assist.KindAssignment && e.Assignment != nil && e.Assignment.AgentID == ""
}

// keep renews the presence of open consoles, and closes those whose session is
// over or whose site is not theirs any more.
func (c *consoles) keep() {
	renewed := time.Now()
	for sleep(c.hub.ctx, c.hub.Timing.Sessions) {
		open := c.all()
		if len(open) == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(c.hub.ctx, c.hub.Timing.Accept)
		c.closeEnded(ctx, open)
		if time.Since(renewed) >= c.hub.Timing.Renew {
			renewed = time.Now()
			c.renew(ctx)
		}
		cancel()
	}
}

func (c *consoles) closeEnded(ctx context.Context, open []*console) {
	var sessions []string
	for _, k := range open {
		if !slices.Contains(sessions, k.sessionID) {
			sessions = append(sessions, k.sessionID)
		}
	}
	ended, err := c.hub.Accounts.Ended(ctx, sessions)
	if err != nil {
		c.hub.log.Warn("console: cannot look for ended sessions", "error", err)
		return
	}
	for _, k := range open {
		if slices.Contains(ended, k.sessionID) {
			k.refuse(codeSignedOut, "", 0)
		}
	}
}

func (c *consoles) renew(ctx context.Context) {
	c.presence.Lock()
	defer c.presence.Unlock()
	var list []inbox.Console
	sites := map[string][]string{}
	for _, k := range c.all() {
		if _, known := sites[k.person.ID]; !known {
			own, err := c.hub.Inbox.Store.SitesOf(ctx, k.person.ID)
			if err != nil {
				c.hub.log.Warn("console: cannot read an agent's sites", "error", err)
				return
			}
			sites[k.person.ID] = own
		}
		if !slices.Contains(sites[k.person.ID], k.site.ID) {
			k.refuse(codeUnknownSite, "", 0)
			continue
		}
		list = append(list, inbox.Console{SocketID: k.id, AgentID: k.person.ID, ConversationID: k.onScreen().ID})
	}
	if err := c.hub.Inbox.Store.Renew(ctx, list); err != nil {
		c.hub.log.Warn("console: presence not renewed", "error", err)
	}
}

// endSession closes what a session holds open here at once; other replicas find
// out by themselves.
func (c *consoles) endSession(id string) {
	for _, k := range c.all() {
		if k.sessionID == id {
			k.refuse(codeSignedOut, "", 0)
		}
	}
}
