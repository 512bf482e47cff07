// Package golden asks questions outside of any conversation: one at a time, to see
// how it is answered, and many anew, to see what has become better or worse. The
// questions are those whose right ending is known (golden questions) and those
// that shoppers asked.
package golden

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Codes of refusals.
const (
	CodeBadQuestion    assist.Code = "bad_question"   // see Check
	CodeKnownQuestion  assist.Code = "known_question" // it is there already
	CodeUnknownGolden  assist.Code = "unknown_question"
	CodeUnknownArticle assist.Code = "article_gone" // an article is gone, or has no draft
	CodeUnknownReplay  assist.Code = "unknown_replay"
	CodeBadFile        assist.Code = "bad_file"
	CodeTooMany        assist.Code = "too_many"
	CodeReplayRunning  assist.Code = "replay_running"
	CodeNothing        assist.Code = "nothing_to_replay"
	CodeBusy           assist.Code = "asking_busy" // too many questions are under way: ask again in a moment
)

// Verdict is how a question rightly ends.
type Verdict string

// Verdicts.
const (
	// Answer: an answer that cites one of the expected articles, or any where none
	// is expected.
	Answer Verdict = "answer"
	// Abstain: the bot says that it does not know, asks back or offers a person.
	Abstain Verdict = "abstain"
	// Person: a person is called.
	Person Verdict = "person"
)

// outcome is the ending of a turn that a verdict asks for.
func (v Verdict) outcome() assist.Outcome {
	switch v {
	case Answer:
		return assist.Answered
	case Abstain:
		return assist.Clarified
	}
	return assist.Escalated
}

// Bounds.
const (
	// MaxQuestions bounds a site's golden questions.
	MaxQuestions = 5000
	// MaxPast bounds the past questions of a replay.
	MaxPast     = 1000
	maxText     = 2000 // characters of a question, and of a note
	maxSaid     = 4000 // characters of an earlier message
	maxHistory  = 20
	maxArticles = 20
	maxDrafts   = 20
)

// Message is something that was said before a question.
type Message struct {
	By   string `json:"by" enum:"shopper,bot,agent" doc:"Who said it"`
	Text string `json:"text" maxLength:"20000"`
	// Outcome is how that turn of the bot's ended: after one that did not answer,
	// a miss calls a person.
	Outcome assist.Outcome `json:"outcome,omitempty" enum:"answered,clarified,escalated"`
}

// Article is an article as a golden question names it.
type Article struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Address is locale/slug.
	Address   string `json:"address"`
	Published bool   `json:"published"`
}

// Question is a golden question.
type Question struct {
	ID       string    `json:"id"`
	Text     string    `json:"question"`
	Locale   string    `json:"locale"`
	History  []Message `json:"history"`
	Verdict  Verdict   `json:"verdict" enum:"answer,abstain,person"`
	Articles []Article `json:"articles" doc:"Any of these answers it"`
	Note     string    `json:"note"`
	SignedIn bool      `json:"signed_in" doc:"Asked as by a shopper whom the shop vouches for"`
	By       string    `json:"by" doc:"Who wrote it; empty: nobody who is known"`

	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// Last is how the last replay ended it; nil: none has asked it.
	Last *Last `json:"last"`
}

// Last is what the last replay made of a golden question.
type Last struct {
	ReplayID string         `json:"replay_id"`
	Right    bool           `json:"right"`
	Outcome  assist.Outcome `json:"outcome"`
	Why      Why            `json:"why"`
	Rank     int            `json:"rank"`
}

// Key names a question by its words, its language and what was said before, so
// that files and replays of different places tell of the same question.
func Key(question, locale string, history []Message) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s", strings.ToLower(language.Make(locale).String()), normal(question))
	for _, m := range history {
		fmt.Fprintf(h, "\x00%s\x00%s", m.By, normal(m.Text))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func normal(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// Key is that of the question.
func (q Question) Key() string { return Key(q.Text, q.Locale, q.History) }

// Check trims a question and says in a sentence what is wrong with it.
func (q *Question) Check() error {
	q.Text, q.Note = strings.TrimSpace(q.Text), strings.TrimSpace(q.Note)
	if err := checkAsked(q.Text, q.Locale, q.History); err != nil {
		return err
	}
	switch {
	case utf8.RuneCountInString(q.Note) > maxText:
		return fmt.Errorf("the note is longer than %d characters", maxText)
	case q.Verdict != Answer && q.Verdict != Abstain && q.Verdict != Person:
		return fmt.Errorf("the verdict is %q; it must be answer, abstain or person", string(q.Verdict))
	case q.Verdict != Answer && len(q.Articles) > 0:
		return fmt.Errorf("the verdict is %s, so no article can be expected", q.Verdict)
	case len(q.Articles) > maxArticles:
		return fmt.Errorf("more than %d articles are expected", maxArticles)
	}
	return nil
}

func checkAsked(text, locale string, history []Message) error {
	switch _, err := language.Parse(locale); {
	case text == "":
		return fmt.Errorf("there is no question")
	case utf8.RuneCountInString(text) > maxText:
		return fmt.Errorf("the question is longer than %d characters", maxText)
	case strings.ContainsRune(text, 0):
		return fmt.Errorf("the question holds a character that no text has")
	case locale == "" || err != nil:
		return fmt.Errorf("the language %q is none; write it as en or de-AT", locale)
	case len(history) > maxHistory:
		return fmt.Errorf("more than %d messages stand before the question", maxHistory)
	}
	for i, m := range history {
		switch {
		case m.By != "shopper" && m.By != "bot" && m.By != "agent":
			return fmt.Errorf("message %d before the question is by %q; it must be shopper, bot or agent", i+1, m.By)
		case strings.TrimSpace(m.Text) == "" || utf8.RuneCountInString(m.Text) > maxSaid || strings.ContainsRune(m.Text, 0):
			return fmt.Errorf("message %d before the question is empty or longer than %d characters", i+1, maxSaid)
		}
	}
	return nil
}

// events are messages as a turn reads them.
func events(history []Message) []assist.Event {
	var out []assist.Event
	for _, m := range history {
		e := assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.AuthorKind(m.By)}, Text: m.Text}
		if m.By == string(assist.ByBot) {
			e.Outcome = m.Outcome
		}
		out = append(out, e)
	}
	return out
}

// audience is what a shopper may read.
func audience(signedIn bool) retrieval.Audience {
	if signedIn {
		return retrieval.SignedIn
	}
	return retrieval.Everyone
}

// Messages are events as a golden question keeps them; what is not said by
// shopper, bot or agent is left out.
func Messages(list []assist.Event) []Message {
	out := []Message{}
	for _, e := range list {
		switch e.Author.Kind {
		case assist.ByShopper, assist.ByBot, assist.ByAgent:
			if strings.TrimSpace(e.Text) != "" {
				out = append(out, Message{By: string(e.Author.Kind), Text: e.Text, Outcome: e.Outcome})
			}
		}
	}
	return out
}

func refuse(code assist.Code, err error) error { return &assist.Error{Code: code, Err: err} }
