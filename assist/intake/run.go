package intake

import (
	"context"
	"time"

	"github.com/careloop/careloop/retrieval"
)

// Kind is what a run reads.
type Kind string

// KindFiles is of uploads; the others are those of sources on the web.
const (
	KindFiles   Kind = "files"
	KindPage    Kind = "page"
	KindSitemap Kind = "sitemap"
	KindCrawl   Kind = "crawl"
)

// State is where a run stands.
type State string

// States of a run; docs/knowledge.md describes them.
const (
	Asking    State = "asking"
	Reading   State = "reading"
	Ready     State = "ready"
	Applying  State = "applying"
	Stopped   State = "stopped"
	Done      State = "done"
	Undoing   State = "undoing"
	Undone    State = "undone"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Replaced  State = "replaced"
)

// Why a run failed, for the console to say in its language.
const (
	messageEmpty      = "nothing_found"
	messageUnreadable = "unreadable"
	messageTooMany    = "too_many"
	messageFailed     = "failed"
)

// Why nothing counts as gone.
const (
	heldPartial = "partial" // the source does not list everything
	heldEmpty   = "empty"
	heldHidden  = "hidden" // a problem may hide any article
)

// Actor is who asks for something.
type Actor struct {
	ID, Name string
}

// Counts are of a run's items by state, and by what became of them.
type Counts struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Edited    int `json:"edited"`
	Gone      int `json:"gone"`
	Unchanged int `json:"unchanged"`
	Refused   int `json:"refused"`
	Warned    int `json:"warned"`
	Chosen    int `json:"chosen"`
	Applied   int `json:"applied"`
	Failed    int `json:"failed"`
	Undone    int `json:"undone"`
	Kept      int `json:"kept"`
}

// Table is what a table looks like whose headings are not known, and which
// column is what, once somebody said so.
type Table struct {
	Headings []string       `json:"headings"`
	Rows     [][]string     `json:"rows"`
	Columns  map[string]int `json:"columns" doc:"The number of a column, from 0, by what it is: question, answer, url, tags, locale, id, slug"`
	Heading  bool           `json:"heading" doc:"The first row names the columns"`
}

// Run is one reading of files or of a source, as admins see it.
type Run struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Kind       Kind       `json:"kind" enum:"files,page,sitemap,crawl"`
	SourceID   string     `json:"source_id"`
	FileName   string     `json:"file_name"`
	Bytes      int64      `json:"bytes"`
	State      State      `json:"state" enum:"asking,reading,ready,applying,stopped,done,undoing,undone,failed,cancelled,replaced"`
	Done       int        `json:"done"`
	Total      int        `json:"total" doc:"0: not known"`
	Counts     Counts     `json:"counts"`
	Message    string     `json:"message" doc:"Why it failed: nothing_found, unreadable, too_many, failed"`
	Held       string     `json:"held" doc:"Why nothing counts as gone: partial, empty, hidden"`
	Auto       bool       `json:"auto"`
	By         string     `json:"by" doc:"Empty: by schedule"`
	StartedAt  time.Time  `json:"started_at"`
	ReadAt     *time.Time `json:"read_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Table      *Table     `json:"table"`
}

// Job is a run as those see it who work on it.
type Job struct {
	Run
	SiteID, Locale, Address string
}

// ItemState says what an item would change.
type ItemState string

// States of an item.
const (
	ItemNew       ItemState = "new"
	ItemChanged   ItemState = "changed"
	ItemEdited    ItemState = "edited"
	ItemGone      ItemState = "gone"
	ItemUnchanged ItemState = "unchanged"
	ItemRefused   ItemState = "refused"
)

// Why an item was not applied, for the console to say in its language; anything
// else is a sentence.
const (
	WhyChangedHere = "changed_here" // since the preview
	WhyNotStored   = "not_stored"
)

// Item is one article of a run.
type Item struct {
	N         int       `json:"n"`
	Key       string    `json:"key"`
	Title     string    `json:"title"`
	State     ItemState `json:"state" enum:"new,changed,edited,gone,unchanged,refused"`
	File      string    `json:"file"`
	Line      int       `json:"line"`
	Reason    string    `json:"reason"`
	Warnings  []string  `json:"warnings" doc:"instructs: reads like an order to a model; script: holds a script, which is left out"`
	Chosen    bool      `json:"chosen"`
	Outcome   string    `json:"outcome" enum:",applied,failed,undone,kept"`
	Why       string    `json:"why" doc:"Why it failed: changed_here, or a sentence"`
	ArticleID string    `json:"article_id"`

	// What the preview saw: the newest version and the published one; 0: none.
	LastVersion int `json:"-"`
	Published   int `json:"-"`
	// Made is the version that applying it made.
	Made     int                 `json:"-"`
	Document *retrieval.Document `json:"-"`
}

// Text is an article's text, before or after.
type Text struct {
	Title    string   `json:"title"`
	Markdown string   `json:"markdown"`
	URL      string   `json:"url"`
	Tags     []string `json:"tags"`
	Locale   string   `json:"locale"`
	Slug     string   `json:"slug"`
}

// Filter picks items.
type Filter struct {
	State, Outcome, Q string
	Items             []int // these alone; empty: all
	Limit, Offset     int
}

// Known is an article of a source as it is stored.
type Known struct {
	Title       string
	ID          string
	Hash        []byte // of what the source last gave
	LastVersion int
	Published   int // 0: unpublished
	EditedHere  bool
}

// Source is an address that is read again.
type Source struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Kind       Kind       `json:"kind" enum:"page,sitemap,crawl"`
	Address    string     `json:"address"`
	EveryHours int        `json:"every_hours" doc:"0: by hand"`
	Auto       bool       `json:"auto" doc:"Apply what is new and changed by itself"`
	Paused     bool       `json:"paused"`
	NextAt     *time.Time `json:"next_at"`
	Articles   int        `json:"articles" doc:"That are published"`
	Last       *Run       `json:"last"`
}

// SourceChange is what is changed of a source; nil: nothing.
type SourceChange struct {
	EveryHours *int  `json:"every_hours,omitempty" minimum:"0"`
	Auto       *bool `json:"auto,omitempty"`
	Paused     *bool `json:"paused,omitempty"`
}

// Upload is a file on its way into the store.
type Upload struct {
	Name, Path string
}

// Store keeps runs. Whoever works on a run names the owner of its lease, and
// where that is lost the call changes nothing and answers false.
type Store interface {
	// StartFiles stores an upload with its files, in the state Asking or Reading,
	// and has it read. Errors: CodeBusy.
	StartFiles(ctx context.Context, siteID string, r Run, files []Upload, by Actor) (Run, error)
	// StartSource begins to read a source. Errors: CodeUnknownSource, CodeBusy.
	StartSource(ctx context.Context, siteID, sourceID string, by Actor) (Run, error)
	// SetTable says which column is what, and has the run read.
	// Errors: CodeUnknownImport, CodeNotReady, CodeBusy.
	SetTable(ctx context.Context, siteID, id string, t Table) error
	// Begin changes a run's state where it is one of from, and has it worked on where
	// it is now at work. Errors: CodeUnknownImport, CodeNotReady, CodeBusy.
	Begin(ctx context.Context, siteID, id string, from []State, to State) error

	// Runs lists a site's, or a source's, the newest first, and counts all of them
	// and those of the site that wait for a decision.
	Runs(ctx context.Context, siteID, sourceID string, limit, offset int) (list []Run, total, waiting int, err error)
	// Run reads one. Errors: CodeUnknownImport.
	Run(ctx context.Context, siteID, id string) (Run, error)
	// Items lists a run's and counts all that fit. Errors: CodeUnknownImport.
	Items(ctx context.Context, siteID, id string, f Filter) ([]Item, int, error)
	// Item reads one with the text that is published now, and that which would be.
	// Errors: CodeUnknownImport.
	Item(ctx context.Context, siteID, id string, n int) (it Item, before, after *Text, err error)
	// Choose marks the items that fit, where the run is Ready or Stopped.
	// Errors: CodeUnknownImport, CodeNotReady.
	Choose(ctx context.Context, siteID, id string, f Filter, chosen bool) error

	// Sources lists a site's by name.
	Sources(ctx context.Context, siteID string) ([]Source, error)
	// AddSource stores one. Errors: CodeSourceExists.
	AddSource(ctx context.Context, siteID string, s Source, by Actor) (Source, error)
	// ChangeSource changes one. Errors: CodeUnknownSource.
	ChangeSource(ctx context.Context, siteID, id string, c SourceChange) (Source, error)
	// RemoveSource forgets one, and unpublishes its articles if asked; it says how
	// many. Errors: CodeUnknownSource, CodeBusy.
	RemoveSource(ctx context.Context, siteID, id string, unpublish bool) (int, error)

	// Lease takes a run that is at work and that nobody holds. It reports false where
	// there is nothing to take.
	Lease(ctx context.Context, id, owner string, d time.Duration) (Job, bool, error)
	// Beat writes progress and renews the lease.
	Beat(ctx context.Context, id, owner string, d time.Duration, done, total int) (bool, error)
	// Release gives a lease back early, and has the run worked on again.
	Release(ctx context.Context, id, owner string) error

	// Files writes a run's uploads below a folder.
	Files(ctx context.Context, id, dir string) ([]Upload, error)
	// Known reads a source's articles by key.
	Known(ctx context.Context, siteID, name string) (map[string]Known, error)
	// ClearItems forgets what was read of a run, to read it anew.
	ClearItems(ctx context.Context, id, owner string) (bool, error)
	// AddItems stores items.
	AddItems(ctx context.Context, id, owner string, items []Item) (bool, error)
	// FinishReading ends a reading: with a preview, whose older ones are replaced
	// (Ready), with nothing to decide (Done), or with a message (Failed). Where begin
	// is set, what is chosen is applied at once.
	FinishReading(ctx context.Context, id, owner string, to State, message, held string, begin bool) (bool, error)

	// Next gives up to n chosen items that nothing was done about, with documents.
	Next(ctx context.Context, id, owner string, n int) ([]Item, error)
	// Apply stores items in one transaction with their outcomes. pubs holds an item's
	// publication by its number; one without is Gone. An item whose article changed
	// since the preview is marked so and left alone.
	Apply(ctx context.Context, id, owner string, items []Item, pubs map[int]retrieval.Publication) (bool, error)
	// FailItem marks an item that could not be stored.
	FailItem(ctx context.Context, id, owner string, n int, why string) (bool, error)
	// FinishApplying ends an application: Done, or Ready again where an automatic one
	// leaves something to decide.
	FinishApplying(ctx context.Context, id, owner string) (bool, error)

	// NextUndo gives up to n applied items, with the document that was published
	// before, if any.
	NextUndo(ctx context.Context, id, owner string, n int) ([]Item, error)
	// Undo takes applied items back in one transaction; one whose article changed
	// since is kept.
	Undo(ctx context.Context, id, owner string, items []Item, pubs map[int]retrieval.Publication) (bool, error)
	// FinishUndoing ends it.
	FinishUndoing(ctx context.Context, id, owner string) (bool, error)

	// Due begins to read the sources whose time has come, has runs worked on whose
	// lease has run out, and forgets the documents of runs that ended long ago.
	Due(ctx context.Context) error
}
