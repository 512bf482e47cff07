package gap

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

// maxQuestion bounds what is kept of a question, in characters.
const maxQuestion = 500

// Sort asks for a site's new questions to be put with their like.
type Sort struct {
	SiteID string `json:"site_id"`
}

// Kind names the job in the queue.
func (Sort) Kind() string { return "sort_gap_questions" }

// Queue is where those jobs wait. One worker is enough for a replica.
const Queue = "gaps"

// Asked is a question as it was put, not yet without personal data.
type Asked struct {
	// Seq is the newest of its messages.
	Seq    int64
	text   string
	locale string
}

// Reasoned says whether the end of a turn leaves a question unanswered, and why.
// Where a person was asked for, or the bot itself failed, it says nothing about
// the knowledge base.
func Reasoned(outcome assist.Outcome, reason assist.Reason, r assist.TurnRecord) (Reason, bool) {
	switch reason {
	case assist.ReasonNotFound, assist.ReasonStuck:
		return NotFound, true
	case assist.ReasonUnsupported:
		return Unsure, true
	}
	return Unsure, outcome == assist.Answered && len(r.Passages) > 0 && r.Confidence < UnsureBelow
}

// Ask reads the question out of a conversation whose newest message is at seq;
// messages come oldest first. Several messages that nothing was said to yet are one
// question, and one that means nothing alone is joined with what it leans on. It
// reports false for what is no question that an article could answer: small talk, a
// wish for a person, a word about the last answer, and matters of one order, of the
// law or of safety, which are for people.
func Ask(messages []assist.Event, seq int64, locale string) (Asked, bool) {
	end := slices.IndexFunc(messages, func(e assist.Event) bool { return e.Seq == seq })
	if end < 0 || messages[end].Author.Kind != assist.ByShopper {
		return Asked{}, false
	}
	begin := end
	for begin > 0 && messages[begin-1].Author.Kind == assist.ByShopper {
		begin--
	}
	var said, earlier []string
	for i, e := range messages[:end+1] {
		switch {
		case e.Author.Kind != assist.ByShopper:
		case i >= begin:
			said = append(said, e.Text)
		default:
			earlier = append(earlier, e.Text)
		}
	}
	text := strings.Join(said, " ")
	if !answerable(text, locale) {
		return Asked{}, false
	}
	earlier = slices.DeleteFunc(earlier, func(s string) bool { return !answerable(s, locale) })
	return Asked{Seq: seq, text: retrieval.Standalone(text, earlier, locale), locale: locale}, true
}

// LastAsked is the newest question of a conversation after a message; false where
// there is none.
func LastAsked(messages []assist.Event, after int64, locale string) (Asked, bool) {
	for i, e := range slices.Backward(messages) {
		last := i+1 == len(messages) || messages[i+1].Author.Kind != assist.ByShopper
		if e.Seq > after && e.Author.Kind == assist.ByShopper && last {
			if asked, ok := Ask(messages, e.Seq, locale); ok {
				return asked, true
			}
		}
	}
	return Asked{}, false
}

// Wish is a question in the words of a summary, for the message at seq.
func Wish(text string, seq int64, locale string) (Asked, bool) {
	return Asked{Seq: seq, text: text, locale: locale}, answerable(text, locale)
}

// ofOneOrder are the topics on which a question with an order's number is about
// that order, and nobody else's business.
var ofOneOrder = []triage.Topic{triage.Delivery, triage.Missing, triage.Refund, triage.OrderChange, triage.Payment, triage.Return, triage.WrongItem, triage.Damaged, triage.Account}

func answerable(text, locale string) bool {
	words := 0
	for _, w := range strings.Fields(text) {
		if strings.ContainsFunc(w, unicode.IsLetter) {
			words++
		}
	}
	read := triage.New().Read(text, locale)
	switch {
	case words < 2, read.Matter != triage.Question, read.Unhelped, read.PersonOnly, read.Legal, read.Safety:
		return false
	}
	return !slices.Contains(ofOneOrder, read.Topic) || !namesOrder(text)
}

// namesOrder says that a text holds a number as orders have them.
func namesOrder(text string) bool {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.;:!?()", r) }) {
		digits := strings.Count(strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return '0'
			}
			return -1
		}, w), "0")
		if digits >= 5 || digits >= 3 && strings.HasPrefix(w, "#") || digits >= 3 && w != strings.ToLower(w) {
			return true
		}
	}
	return false
}

// Capitals are the words that are written like names, in lower case and without
// accents, each with the terms that the lexical index keeps of it.
func (a Asked) Capitals() map[string][]int32 {
	words := map[string][]int32{}
	for _, w := range strings.FieldsFunc(a.text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		p := plain(w)
		if _, known := words[p]; !known && unicode.IsUpper([]rune(w)[0]) && len(words) < 100 {
			words[p] = retrieval.LexicalWeights("", nil, w, a.locale).Terms
		}
	}
	return words
}

// plain is a word in lower case and without accents.
func plain(w string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(w))
}

// Text is the question without personal data, on one line. names are those of the
// people in the conversation, known those capitals that the shop's articles use.
func (a Asked) Text(names, known []string) string {
	return cut(oneLine(draft.RedactBut(a.text, names, a.locale, func(w string) bool {
		parts := strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		return !slices.ContainsFunc(parts, func(p string) bool { return !slices.Contains(known, plain(p)) })
	})), maxQuestion)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return s
}
