// Package gap shows admins what the knowledge base did not answer, and closes the
// loop: questions that failed are put with their like, an article is drafted of
// what agents replied, and proven on the questions before it is published. It
// knows no SQL, HTTP or queue.
package gap

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Codes of refusals.
const (
	CodeUnknown        assist.Code = "unknown_gap"
	CodeUnknownArticle assist.Code = "unknown_article"
	CodeBadTitle       assist.Code = "bad_title"
	// CodeSame refuses to merge a gap into itself.
	CodeSame assist.Code = "same_gap"
	// CodeUnfit says that what is written cannot be published; its cause is
	// *retrieval.Unfit.
	CodeUnfit assist.Code = "bad_article"
	// CodeNoDraft says that there is no draft of that revision any more.
	CodeNoDraft assist.Code = "changed_meanwhile"
	CodeBusy    assist.Code = "gaps_busy"
)

// State says how a gap stands.
type State string

// States of a gap. All but Dismissed follow from its article.
const (
	Open      State = "open"
	Drafted   State = "drafted" // an article is being written
	Closed    State = "closed"  // that article is published
	Dismissed State = "dismissed"
)

// Reason says why a question counts as one that was not answered.
type Reason string

// Reasons, the weakest evidence first: where there are several, the strongest is
// kept.
const (
	Unsure        Reason = "unsure"
	NotFound      Reason = "not_found"
	ThumbsDown    Reason = "thumbs_down"
	AgentAnswered Reason = "agent_answered"
)

// UnsureBelow is the confidence below which an answer was given with doubt.
const UnsureBelow = 0.5

// TrendDays is how many days a trend has.
const TrendDays = 14

// HalfLife is the time in which a shopper's question loses half of its weight in
// the order of gaps.
const HalfLife = 14 * 24 * time.Hour

// ReopenedBy is how many shoppers must fail again after the article was published
// until a closed gap is open again.
const ReopenedBy = 3

// Gap is a group of questions alike in meaning.
type Gap struct {
	ID        string         `json:"id"`
	Title     string         `json:"title"`
	Locale    string         `json:"locale"`
	State     State          `json:"state" enum:"open,drafted,closed,dismissed"`
	Questions int            `json:"questions"`
	Shoppers  int            `json:"shoppers"`
	LastWeek  int            `json:"last_week" doc:"Questions of the last seven days"`
	FirstAt   time.Time      `json:"first_at"`
	LastAt    time.Time      `json:"last_at"`
	Reasons   map[string]int `json:"reasons" doc:"How many questions count because of which reason"`
	Trend     []int          `json:"trend" doc:"Questions of the last 14 days in the shop's time zone, today last"`
	Article   *Closing       `json:"article" doc:"The article that is to close it"`
	Since     *Since         `json:"since" doc:"What came after that article was published"`
	Reopened  bool           `json:"reopened" doc:"It was closed, and is open again: its article is published, and three shoppers failed since"`
}

// Closing is the article that is to close a gap.
type Closing struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	State string `json:"state" enum:"draft,published,changed,scheduled,unpublished"`
}

// Since counts what came after the article of a gap was published. Answered are
// answers that rest on it and were not thumbed down; Asked are those and the
// questions that were put into the gap.
type Since struct {
	Asked    int `json:"asked"`
	Answered int `json:"answered"`
}

// Unanswered is one question of a gap.
type Unanswered struct {
	ID             int64     `json:"id"`
	ConversationID string    `json:"conversation_id"`
	Seq            int64     `json:"seq"`
	Text           string    `json:"text" doc:"Without personal data, and with what it leans on"`
	At             time.Time `json:"at"`
	Locale         string    `json:"locale"`
	Reason         Reason    `json:"reason" enum:"not_found,unsure,thumbs_down,agent_answered"`
	Confidence     *float64  `json:"confidence"`
}

// AgentReply is what an agent replied after one of the questions.
type AgentReply struct {
	ConversationID string    `json:"conversation_id"`
	Seq            int64     `json:"seq"`
	Text           string    `json:"text" doc:"Without personal data"`
	By             string    `json:"by"`
	At             time.Time `json:"at"`
}

// SentReply is a reply as it stands in the store.
type SentReply struct {
	AgentReply
	Locale string
	// Names are those of the people in the conversation.
	Names []string
}

// Order of a list.
type Order string

// Orders: how many shoppers and how recently, the newest question, the most
// questions.
const (
	ByRank   Order = "rank"
	ByRecent Order = "recent"
	BySize   Order = "size"
)

// Filter says which gaps are listed; empty parts restrict nothing.
type Filter struct {
	State         State
	Words         string
	Locale        string
	Reason        Reason
	Order         Order
	Limit, Offset int
}

// StateCounts are of the whole site, whatever is searched.
type StateCounts struct {
	Open      int `json:"open"`
	Drafted   int `json:"drafted"`
	Closed    int `json:"closed"`
	Dismissed int `json:"dismissed"`
}

// Page is a part of a list.
type Page struct {
	Items  []Gap
	Total  int
	Counts StateCounts
	// Waiting are questions that are not put with their like yet.
	Waiting int
}

// Actor is who changes something.
type Actor struct {
	ID, Name, Address string
}

// Store keeps gaps. Each method is one transaction that sees one site alone;
// whoever changes something is written down in it. Methods that are given a gap
// may refuse with CodeUnknown.
type Store interface {
	Sorter

	List(ctx context.Context, siteID string, f Filter) (Page, error)
	Gap(ctx context.Context, siteID, id string) (Gap, error)
	// Questions lists a gap's, the newest first, and counts them all.
	Questions(ctx context.Context, siteID, id string, limit, offset int) ([]Unanswered, int, error)
	// Replies lists what agents wrote to shoppers after a gap's questions, the
	// newest first.
	Replies(ctx context.Context, siteID, id string, limit int) ([]SentReply, error)

	// Rename gives a gap a title that stays.
	Rename(ctx context.Context, siteID, id, title string, by Actor) error
	// Dismiss says that a gap needs no article; with false it is open again.
	Dismiss(ctx context.Context, siteID, id string, dismissed bool, by Actor) error
	// Merge puts all questions of a gap into another one, and ends it.
	Merge(ctx context.Context, siteID, id, into string, by Actor) error
	// Move puts questions of a gap into another one, or, where to is empty, into a
	// new one, whose id it returns. Questions of other gaps are left alone.
	Move(ctx context.Context, siteID, id string, questions []int64, to string, by Actor) (string, error)

	// History reads what was said before a question, oldest first.
	History(ctx context.Context, siteID, conversationID string, before int64, limit int) ([]assist.Event, error)
	// ArticleText reads what is written of an article: the draft of a revision, or,
	// with revision 0, the draft or else what is published.
	// Errors: CodeUnknownArticle, CodeNoDraft.
	ArticleText(ctx context.Context, siteID, articleID string, revision int) (Text, error)
}

// Text is what is written of an article.
type Text struct {
	ArticleID       string
	Revision        int // 0: it is what is published
	Title, Markdown string
	Tags            []string
	URL, Slug       string
	Locale          string // BCP 47
	Audience        retrieval.Audience
}
