// Package article is how admins write a shop's articles: one draft of each that
// all of them share, published at once or at a time, with the versions that were
// published before. What shoppers' questions find of them is retrieval's business.
package article

import (
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Codes of refusals.
const (
	CodeUnknown        assist.Code = "unknown_article"
	CodeUnknownVersion assist.Code = "unknown_version"
	CodeUnknownOwner   assist.Code = "unknown_agent"
	// CodeChanged says that another saving came between; Meanwhile has it.
	CodeChanged assist.Code = "changed_meanwhile"
	// CodeBad says that a text cannot be an article; its cause is *retrieval.Unfit.
	CodeBad assist.Code = "bad_article"
	// CodePublished refuses to delete what shoppers read.
	CodePublished assist.Code = "published"
)

// Source is that of articles which were made in the console.
const Source = "console"

// State says how an article stands.
type State string

// States of an article.
const (
	NeverPublished State = "draft"
	Published      State = "published"
	Changed        State = "changed"   // published, and a draft waits
	Scheduled      State = "scheduled" // a draft has a time
	Unpublished    State = "unpublished"
)

// Text is all that is written of an article.
type Text struct {
	Title, Markdown string
	Tags            []string
	URL             string // of the shop's own page of it; empty: Careloop's
	Slug            string // empty: made of the title
	Locale          string // BCP 47
	Audience        retrieval.Audience
}

// Draft is what is being written. Revision 0: nothing is, and this is what an
// editor begins with.
type Draft struct {
	Text
	Revision int
	// BaseVersion is the version that it began from; 0: none.
	BaseVersion int
	UpdatedAt   time.Time
	By          string
	PublishAt   *time.Time
	// Trouble is why it was not published when its time came; empty: nothing is.
	Trouble retrieval.Why
}

// Row is an article in a list.
type Row struct {
	ID                  string
	Title, Slug, Locale string
	State               State
	Audience            retrieval.Audience
	Tags                []string
	URL                 string
	Source              string
	OwnerID, Owner      string // empty: nobody
	ReviewOn            string // a day, 2026-01-31; empty: none
	Due                 bool
	Version             int // that is published; 0: none
	UpdatedAt           time.Time
	UpdatedBy           string // empty: an import
	PublishAt           *time.Time
	Stats               Stats
}

// Stats are of the last StatsDays days: answers that rest on an article, verdicts
// on those, and those after which the shopper came to a person.
type Stats struct {
	Answered, Up, Down, Handoffs int
}

// StatsDays is how far back Stats go.
const StatsDays = 90

// Article is one article whole.
type Article struct {
	Row
	Key       string // within its source
	Draft     Draft
	Published *Version
	// EditedAt is when it was published from the console after its last import.
	EditedAt *time.Time
	Gap      *Gap
}

// Gap is what an article is to close.
type Gap struct {
	ID    string
	Title string
}

// Version is a text that was published once.
type Version struct {
	Version         int
	Title, Markdown string
	Tags            []string
	URL             string
	At              time.Time
	By, Note        string
	Published       bool
}

// Order of a list.
type Order string

// Orders: the last change first, titles, most answers first, most thumbs down and
// handoffs first, oldest text first.
const (
	ByUpdated  Order = "updated"
	ByTitle    Order = "title"
	ByAnswered Order = "answered"
	ByFailing  Order = "failing"
	ByAge      Order = "age"
)

// NoOwner is what Filter.Owner is for articles that nobody owns.
const NoOwner = "none"

// Filter says which articles are listed; empty parts restrict nothing.
type Filter struct {
	Words    string
	State    State
	Locale   string
	Tag      string
	Source   string
	Audience *retrieval.Audience
	Owner    string // an id, or NoOwner
	Due      bool
	Order    Order
	Limit    int
	Offset   int
}

// Page is a part of a list.
type Page struct {
	Items []Row
	// Total is how many there are, at most MaxTotal.
	Total  int
	Counts Counts
	// What the filters can be set to.
	Locales, Tags, Sources []string
}

// MaxTotal is how far articles are counted.
const MaxTotal = 10_000

// Counts are of the whole site, whatever is searched.
type Counts struct {
	All, Draft, Published, Changed, Scheduled, Unpublished, Due int
}

// Actor is who changes something.
type Actor struct {
	ID, Name, Address string
}

// Meanwhile is the cause of CodeChanged: the draft that another saving made. Its
// revision is 0 where there is none any more: then it is what stands published.
type Meanwhile struct{ Theirs Draft }

func (m *Meanwhile) Error() string { return "saved by " + m.Theirs.By + " meanwhile" }

// ChangedBy makes the refusal.
func ChangedBy(theirs Draft) error {
	return &assist.Error{Code: CodeChanged, Err: &Meanwhile{theirs}}
}

// PublishDue asks for the publication of a draft whose time has come.
type PublishDue struct {
	SiteID    string `json:"site_id"`
	ArticleID string `json:"article_id"`
}

// Kind names the job in the queue.
func (PublishDue) Kind() string { return "publish_article" }
