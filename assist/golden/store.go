package golden

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Filter picks golden questions. Empty fields pick all.
type Filter struct {
	Q, Locale string
	Verdict   Verdict
	// Result is how the last replay ended them: right, wrong or none.
	Result        string
	Limit, Offset int
}

// List is a page of golden questions with the counts of all.
type List struct {
	Items   []Question `json:"items"`
	Total   int        `json:"total"`
	Counts  Counts     `json:"counts"`
	Locales []string   `json:"locales"`
	Replay  string     `json:"replay" doc:"The last one, whose results are told; empty: there is none"`
}

// Counts are of all of a site's golden questions, whatever is filtered.
type Counts struct {
	All     int `json:"all"`
	Answer  int `json:"answer"`
	Abstain int `json:"abstain"`
	Person  int `json:"person"`
	Right   int `json:"right"`
	Wrong   int `json:"wrong"`
}

// Added is what taking a file did.
type Added struct {
	Added     int      `json:"added"`
	Changed   int      `json:"changed"`
	Unchanged int      `json:"unchanged"`
	Unknown   []string `json:"unknown" doc:"Addresses that the shop has no article at; they were left out"`
}

// PastTurn is a turn that a shopper had before any person was called.
type PastTurn struct {
	TurnID, ConversationID string
	// Seq is the question's.
	Seq   int64
	Input assist.TurnInput
	Past  Past
}

// Candidate is a past question that may become golden.
type Candidate struct {
	ConversationID string
	Seq            int64 // of the shopper's message
	At             time.Time
	Locale         string
	Messages       []assist.Event // up to that message
	Names          []string       // of the people in the conversation
	Articles       []Article      // that the answer cites
	Because        string         // rated_up or agent_answered
}

// Store keeps golden questions and replays. Everything is of one site.
type Store interface {
	Spending

	// Goldens lists, the newest first.
	Goldens(ctx context.Context, siteID string, f Filter) (List, error)
	// Golden finds one. Errors: CodeUnknownGolden.
	Golden(ctx context.Context, siteID, id string) (Question, error)
	// SaveGolden makes one (without an id) or changes it. Its articles are told by
	// id. Errors: CodeKnownQuestion, CodeUnknownGolden, CodeUnknownArticle,
	// CodeTooMany.
	SaveGolden(ctx context.Context, siteID string, q Question, agentID string) (Question, error)
	// DeleteGolden lets go of one. Errors: CodeUnknownGolden.
	DeleteGolden(ctx context.Context, siteID, id string) error
	// AllGoldens lists all, the oldest first.
	AllGoldens(ctx context.Context, siteID string) ([]Question, error)
	// AddGoldens takes many at once: those that are there get the new verdict,
	// articles (by id) and note. Errors: CodeTooMany.
	AddGoldens(ctx context.Context, siteID string, list []Question, agentID string) (Added, error)
	// ArticlesAt finds articles by their addresses, published or not.
	ArticlesAt(ctx context.Context, siteID string, addresses []string) (map[string]Article, error)
	// ArticleLocales lists the locales of a site's published articles.
	ArticleLocales(ctx context.Context, siteID string) ([]string, error)
	// Candidates lists past questions since a time that are not golden yet, the
	// newest first, at most limit.
	Candidates(ctx context.Context, siteID string, since time.Time, limit int) ([]Candidate, error)

	// PastTurns lists the newest finished turns whose shopper was with the bot
	// alone, at most limit; each has at most history messages before it.
	PastTurns(ctx context.Context, siteID string, limit, history int) ([]PastTurn, error)
	// StartReplay stores a replay with what it asks, and its job, unless one runs.
	// Errors: CodeReplayRunning.
	StartReplay(ctx context.Context, siteID string, s Setting, items []Item, agentID string) (Replay, error)
	// StoreReplay stores one that is done already.
	StoreReplay(ctx context.Context, siteID string, s Setting, results []Result, scores Scores) (Replay, error)
	// Replays lists, the newest first.
	Replays(ctx context.Context, siteID string, limit, offset int) ([]Replay, int, error)
	// Replay finds one. Errors: CodeUnknownReplay.
	Replay(ctx context.Context, siteID, id string) (Replay, error)
	// ReplayBefore finds the last one that was done before another; the empty id
	// means before now. Errors: CodeUnknownReplay where there is none.
	ReplayBefore(ctx context.Context, siteID, id string) (Replay, error)
	// Results lists a replay's, in their order.
	Results(ctx context.Context, siteID, replayID string) ([]Result, error)
	// ReplayWork reads what is left to do of a running replay: its site, the items
	// without a result, what it cost so far. Errors: CodeUnknownReplay where it
	// does not run.
	ReplayWork(ctx context.Context, replayID string) (Work, error)
	// SaveResult stores a result. Errors: CodeUnknownReplay where the replay does
	// not run any more.
	SaveResult(ctx context.Context, replayID string, r Result) error
	// FinishReplay ends a running replay; scores are of all results.
	FinishReplay(ctx context.Context, replayID string, state State, scores Scores, message string) error
	// CancelReplay ends a site's running replay; what was asked is kept.
	// Errors: CodeUnknownReplay.
	CancelReplay(ctx context.Context, siteID, id string) (Replay, error)
}

// Work is what is left to do of a replay.
type Work struct {
	Site  assist.Site
	Items []Item
	Set   Setting
	Spent int64
}

// Drafts reads the drafts of articles as they would be published, for asking with
// them. Errors: CodeUnknownArticle where one has none.
type Drafts func(ctx context.Context, siteID string, articleIDs []string) ([]retrieval.Publication, error)

// RunReplay asks for the work on a replay.
type RunReplay struct {
	ReplayID string `json:"replay_id"`
}

// Kind names the job in the queue.
func (RunReplay) Kind() string { return "run_replay" }

// ReplayQueue is where such jobs wait: they take minutes, and nothing that a
// shopper waits for must stand behind them.
const ReplayQueue = "replays"
