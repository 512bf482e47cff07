package golden

import (
	"slices"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Kinds of items.
const (
	KindGolden = "golden"
	KindPast   = "past"
)

// Item is a question that a replay asks.
type Item struct {
	N              int       `json:"n"`
	Key            string    `json:"key"`
	Kind           string    `json:"kind" enum:"golden,past"`
	GoldenID       string    `json:"golden_id"`
	TurnID         string    `json:"turn_id"`
	ConversationID string    `json:"conversation_id"`
	Seq            int64     `json:"seq"`
	Question       string    `json:"question"`
	Locale         string    `json:"locale"`
	History        []Message `json:"history"`
	Verdict        Verdict   `json:"verdict" enum:"answer,abstain,person," doc:"Empty for a past question"`
	Expected       []Article `json:"expected"`
	SignedIn       bool      `json:"signed_in"`
	// Past is what became of it when a shopper asked; nil: it is golden.
	Past *Past `json:"past"`
}

// Past is how a question ended when a shopper asked it.
type Past struct {
	Outcome assist.Outcome `json:"outcome"`
	Cited   []Article      `json:"cited"`
	// Rating is the shopper's verdict: 1, -1, or 0 for none.
	Rating int `json:"rating"`
}

// Why says why a golden question ended wrong; empty: it did not.
type Why string

// Reasons.
const (
	NotFound     Why = "not_found"     // no expected article is among the passages
	OtherArticle Why = "other_article" // answered by another one
	Unsure       Why = "unsure"        // found, and not sure enough to answer
	Held         Why = "held"          // the gate let a fact through nowhere
	Answered     Why = "answered"      // answered what is not to be answered
	NoPerson     Why = "no_person"     // no person came
	PersonCame   Why = "person"        // a person came who need not
	Differs      Why = "differs"       // a past question ends otherwise than it did
	Failed       Why = "failed"        // the turn broke
)

// Result is how an item ended.
type Result struct {
	Item
	Outcome    assist.Outcome `json:"outcome"`
	Reason     assist.Reason  `json:"reason"`
	Offer      bool           `json:"offer"`
	Rank       int            `json:"rank" doc:"The place of the first expected article among those found; 0: not found"`
	Confidence float64        `json:"confidence"`
	Cited      []Article      `json:"cited"`
	Right      bool           `json:"right"`
	Why        Why            `json:"why" enum:"not_found,other_article,unsure,held,answered,no_person,person,differs,failed," doc:"Empty where it is right"`
	Text       string         `json:"text"`
	Sentences  []Sentence     `json:"sentences"`
	Held       []string       `json:"held"`
	Millis     float64        `json:"ms"`
	Cost       int64          `json:"cost_micros"`
	// WithoutModel says that a model was to write, and the purse was empty.
	WithoutModel bool `json:"without_model"`
}

// newResult judges a reply to an item.
func newResult(item Item, t turn) Result {
	r := Result{Item: item, Outcome: t.reply.Outcome, Reason: t.reply.Reason, Offer: t.reply.Offer, Confidence: t.reply.Record.Confidence,
		Rank: rank(item.Expected, t.found.Passages), Cited: cited(t.reply, t.found.Passages), Text: t.text(), Held: append([]string{}, t.reply.Record.Held...),
		Millis: millis(t.took), Cost: t.cost(), WithoutModel: t.refused}
	r.Sentences = t.grounding(item.Locale)
	r.Why = r.why()
	r.Right = r.Why == ""
	return r
}

func (r Result) why() Why {
	if r.Kind == KindPast {
		if r.Outcome != r.Past.Outcome || r.Outcome == assist.Answered && len(r.Past.Cited) > 0 && !shares(r.Cited, r.Past.Cited) {
			return Differs
		}
		return ""
	}
	switch {
	case r.Verdict == Answer && r.Outcome == assist.Answered:
		if len(r.Expected) > 0 && !shares(r.Cited, r.Expected) {
			if r.Rank == 0 {
				return NotFound
			}
			return OtherArticle
		}
		return ""
	case r.Outcome == r.Verdict.outcome():
		return ""
	case r.Outcome == assist.Answered && r.Verdict == Abstain:
		return Answered
	case r.Verdict == Person:
		return NoPerson
	case r.Reason == assist.ReasonInternal || r.Reason == assist.ReasonModel:
		return Failed
	case r.Verdict == Abstain:
		return PersonCame
	case r.Reason == assist.ReasonUnsupported:
		return Held
	case len(r.Expected) > 0 && r.Rank == 0:
		return NotFound
	case r.Outcome == assist.Escalated && r.Reason != assist.ReasonNotFound && r.Reason != assist.ReasonStuck:
		return PersonCame
	}
	return Unsure
}

func shares(a, b []Article) bool {
	return slices.ContainsFunc(a, func(x Article) bool {
		return slices.ContainsFunc(b, func(y Article) bool { return same(x, y) })
	})
}

// same compares by id where both have one, else by address: a file's articles
// are known by address alone where the shop does not have them.
func same(a, b Article) bool {
	if a.ID != "" && b.ID != "" {
		return a.ID == b.ID
	}
	return a.Address == b.Address
}

// rank is the place of the first expected article among the distinct articles of
// the passages, from 1.
func rank(expected []Article, passages []retrieval.Passage) int {
	var seen []string
	for _, p := range passages {
		if slices.Contains(seen, p.Article.ID) {
			continue
		}
		seen = append(seen, p.Article.ID)
		if shares([]Article{articleOf(p.Article)}, expected) {
			return len(seen)
		}
	}
	return 0
}

func articleOf(a retrieval.Article) Article {
	return Article{ID: a.ID, Title: a.Title, Address: a.Locale + "/" + a.Slug, Published: a.Version > 0}
}

func cited(r assist.Reply, passages []retrieval.Passage) []Article {
	out := []Article{}
	for _, c := range r.Citations {
		a := Article{ID: c.ArticleID, Title: c.Title}
		for _, p := range passages {
			if p.Article.ID == c.ArticleID {
				a = articleOf(p.Article)
			}
		}
		if !shares([]Article{a}, out) {
			out = append(out, a)
		}
	}
	return out
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
