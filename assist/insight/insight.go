// Package insight tells a shop's people how the bot and they themselves do: a
// few plots over time, and the conversations behind each point. docs/knowledge.md
// says what each plot counts.
package insight

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/hours"
	"github.com/careloop/careloop/assist/inbox"
)

// Plot names one of the plots.
type Plot string

// The plots.
const (
	Outcomes    Plot = "outcomes"
	Topics      Plot = "topics"
	Confidence  Plot = "confidence"
	FirstAnswer Plot = "first_answer"
	Wait        Plot = "wait"
	Drafts      Plot = "drafts"
	Edits       Plot = "edits"
	Cost        Plot = "cost"
	Ratings     Plot = "ratings"
	Articles    Plot = "articles"
)

// Plots lists them.
var Plots = []Plot{Outcomes, Topics, Confidence, FirstAnswer, Wait, Drafts, Edits, Cost, Ratings, Articles}

// OverTime says that a plot has a point for each bucket.
func (p Plot) OverTime() bool { return p != Topics && p != Articles }

// keys are the series that a plot always has, in order; of the others they are
// what was found.
var keys = map[Plot][]string{
	Outcomes:    {"answered", "clarified", "escalated", "abandoned"},
	Confidence:  {"confidence"},
	FirstAnswer: {"first_answer"},
	Wait:        {"replied", "unanswered"},
	Drafts:      {"accepted", "edited", "discarded"},
	Edits:       {"edited"},
	Cost:        {"cost"},
	Ratings:     {"up", "down"},
}

// Fates of an answer that cites an article: the second part of a series' key.
const (
	Worked = "worked"
	Down   = "down"
	Person = "person"
)

// CodeBadRange refuses a range that ends before it begins or is too long.
const CodeBadRange assist.Code = "bad_range"

// Few is how many there have to be for a quantile to say anything.
const Few = 5

// Gone is how long nobody has to write for a shopper to have left.
const Gone = 24 * time.Hour

// Question is what somebody wants to see.
type Question struct {
	SiteID string
	Plot   Plot
	// From and To are days of the shop (YYYY-MM-DD), both included.
	From, To string
	// ByWeek makes a bucket of each week in place of each day.
	ByWeek bool
	// Language (de) leaves out conversations in others; empty: none.
	Language string
	// AsOf is the moment as of which things are counted; zero: now.
	AsOf time.Time
}

// Figures are what a plot shows.
type Figures struct {
	Plot     Plot      `json:"plot"`
	TimeZone string    `json:"time_zone"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	By       string    `json:"by" enum:"day,week"`
	Language string    `json:"language"`
	AsOf     time.Time `json:"as_of" doc:"Given back, it makes the list of a point fit the point"`
	Before   Days      `json:"before" doc:"As many days, just before"`
	Few      int       `json:"few" doc:"How many there have to be for quantiles"`
	Buckets  []Days    `json:"buckets"`
	Series   []Series  `json:"series"`
}

// Days are days of the shop, both included.
type Days struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Series is a line of a plot, or a kind of bar.
type Series struct {
	Key    string    `json:"key"`
	Title  string    `json:"title,omitempty" doc:"The article's, where it is one"`
	Now    Measure   `json:"now" doc:"Over the whole range"`
	Before Measure   `json:"before" doc:"Over the days before it"`
	Points []Measure `json:"points" doc:"For each bucket"`
}

// Measure is what there was in a bucket or a range.
type Measure struct {
	N             int      `json:"n"`
	Conversations int      `json:"conversations"`
	P25           *float64 `json:"p25,omitempty"`
	P50           *float64 `json:"p50,omitempty"`
	P75           *float64 `json:"p75,omitempty"`
	P95           *float64 `json:"p95,omitempty"`
	Mean          *float64 `json:"mean,omitempty" doc:"Dollars per conversation"`
}

// Found is a conversation behind a point.
type Found struct {
	Row inbox.Row `json:"row"`
	At  time.Time `json:"at" doc:"When it counted last"`
	N   int       `json:"n" doc:"How often it counts"`
}

// Shop is what has to be known of a shop before anything is asked.
type Shop struct {
	Hours hours.Table
	// First is when its first conversation began; zero: there is none.
	First     time.Time
	Languages []string
}

// Span is a time on the shop's clock, To not included.
type Span = hours.Opening

// Ask is a question in instants.
type Ask struct {
	SiteID   string
	Plot     Plot
	Language string
	AsOf     time.Time
	// Bounds are where buckets begin, and where the last one ends: at least two.
	Bounds []time.Time
	// Open are the times when the shop's people were there, in order.
	Open []Span
}

// Group is what the store counted of a series: in one bucket (1: the first), or
// in all of them (0).
type Group struct {
	Bucket int
	Series string
	Measure
}

// Point chooses conversations: of a series (empty: of all), from an instant to
// another, which is not included.
type Point struct {
	Series        string
	From, To      time.Time
	Limit, Offset int
}

// Store reads what is counted. Each method has its site as part of every filter.
type Store interface {
	// Shop reads a site's.
	Shop(ctx context.Context, siteID string) (Shop, error)
	// Measure counts a plot; where there is one bucket alone, its group may be
	// left out.
	Measure(ctx context.Context, a Ask) ([]Group, error)
	// Behind lists the conversations behind a point, the newest first, and counts
	// all of them.
	Behind(ctx context.Context, a Ask, p Point) ([]Found, int, error)
	// Titles are those of a site's articles by their ids, as they were last.
	Titles(ctx context.Context, siteID string, articleIDs []string) (map[string]string, error)
}
