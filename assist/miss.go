package assist

import (
	"regexp"
	"slices"
	"strings"

	"github.com/careloop/careloop/assist/triage"
)

// mostChoices is how many articles a question back names.
const mostChoices = 3

// reasonBefore says why a message goes to a person before anything is looked
// up; empty: it does not.
func (t *answering) reasonBefore(read triage.Reading) Reason {
	switch {
	case read.Matter == triage.AskPerson:
		return ReasonAsked
	case read.Safety, read.Legal:
		return ReasonLegal
	case read.Unhelped && t.failedBefore():
		return ReasonRepeated
	case read.Unhelped && shortWords(t.q.Text):
		// "That does not help" alone is a word to the bot, not an outburst.
	case read.Feeling == triage.Distressed, read.Negative >= t.a.Limits.Negative, ownAnger(read, t.q.Text):
		return ReasonFeeling
	case read.PersonOnly:
		return ReasonPersonOnly
	case read.Matter == triage.Question && t.askedAgain():
		return ReasonRepeated
	}
	return ""
}

// general says that a matter for a person is put as a question, of no order in
// particular, that an article surely answers.
func (t *answering) general(confidence float64) bool {
	return strings.Contains(t.q.Text, "?") && len(orders([]string{t.q.Text})) == 0 && confidence >= t.a.Limits.Sure
}

// unhappy is the probability of anger or distress from which a shopper who was
// not understood is not asked a second time, but brought to a person.
const unhappy = 0.7

// upset says that a miss would be one thing too many.
func upset(read triage.Reading) bool {
	return read.Negative >= unhappy && (read.Feeling == triage.Angry || read.Feeling == triage.Disappointed || read.Feeling == triage.Worried)
}

// firstPerson are the words with which somebody speaks of how they feel.
var firstPerson = regexp.MustCompile(`(?i)\b(?:i['’]?m|i am|i feel|we are|we['’]re|makes? me|made me|ich bin|wir sind|macht mich|je suis|nous sommes|me rend|estoy|estamos|me siento|me pone)\b`)

// ownAnger says that the shopper is angry, and not that they ask about somebody
// who is: "I am furious", not "how do I calm an angry customer".
func ownAnger(read triage.Reading, text string) bool {
	return read.Feeling == triage.Angry && read.Negative >= 0.5 && firstPerson.MatchString(text)
}

// clearWish is the probability from which a wish for a person is beyond doubt:
// said in words that mean nothing else, or all but.
const clearWish = 0.9

// doubtful says that a message may ask for a person and may not: "who can read
// this chat" sounds like it. Where an article surely answers, the answer comes
// with the offer of a person instead of the person.
func doubtful(read triage.Reading) bool { return read.Person < clearWish && read.Contact < clearWish }

// shortWords says that a text is a word or two of judgement and nothing else.
func shortWords(text string) bool { return len(strings.Fields(text)) <= 5 }

// askedAgain says whether the shopper asks what the bot has spoken to already.
// What stood before a person's last word does not count.
func (t *answering) askedAgain() bool {
	var asked []string
	for _, e := range t.sincePerson() {
		if e.Author.Kind == ByShopper {
			asked = append(asked, e.Text)
		}
	}
	return len(asked) > 0 && triage.Repeats(asked, t.q.Text)
}

// sincePerson are the messages after the last one of a person.
func (t *answering) sincePerson() []Event {
	for i := len(t.q.Earlier) - 1; i >= 0; i-- {
		if t.q.Earlier[i].Author.Kind == ByAgent {
			return t.q.Earlier[i+1:]
		}
	}
	return t.q.Earlier
}

// failedBefore says whether the bot's last message did not help already.
func (t *answering) failedBefore() bool {
	for _, e := range slices.Backward(t.sincePerson()) {
		if e.Author.Kind == ByBot {
			return e.Outcome == Clarified || e.Outcome == Escalated
		}
	}
	return false
}

// miss ends a turn that found no answer: the first time it says so, asks one
// question and offers a person; the second time in a row it passes on.
func (t *answering) miss(reason Reason) Reply {
	switch {
	case t.q.WaitingSince != nil:
		return t.stillWaiting(reason)
	case t.failedBefore():
		return t.escalate(ReasonStuck)
	}
	choices := t.choices()
	words := len(strings.Fields(t.q.Text))
	text := t.say("bot.not_found")
	switch {
	case len(choices) > 0:
		text = t.say("bot.which") + "\n\n- " + strings.Join(choices, "\n- ")
	case words < 3:
		return Reply{Text: t.say("bot.clarify"), Outcome: Clarified}
	}
	return Reply{Text: text, Outcome: Clarified, Reason: reason, Offer: true}
}

// choices are the titles of the articles that come nearest.
func (t *answering) choices() []string {
	if t.record.Confidence < t.a.Limits.Near {
		return nil
	}
	var titles []string
	for _, p := range t.passages {
		title := strings.Join(strings.Fields(p.Article.Title), " ")
		if title != "" && !slices.Contains(titles, title) && len(titles) < mostChoices {
			titles = append(titles, title)
		}
	}
	return titles
}

// unhelped answers a shopper who says that the last answer did not help.
func (t *answering) unhelped() Reply {
	if t.q.WaitingSince != nil {
		return t.stillWaiting(ReasonRepeated)
	}
	return Reply{Text: t.say("bot.unhelped"), Outcome: Clarified, Reason: ReasonRepeated, Offer: true}
}

// unsupported ends a turn whose text lost a fact to the gate: what could be
// shown stays, and a person is offered for the rest, or called.
func (t *answering) unsupported(reply Reply) Reply {
	reply.Reason = ReasonUnsupported
	switch {
	case t.q.WaitingSince != nil:
		reply.Outcome = Escalated
	case t.failedBefore():
		reply.Outcome, reply.Escalation = Escalated, t.escalation(ReasonUnsupported)
	default:
		reply.Outcome, reply.Offer = Clarified, true
	}
	return reply
}

// stillWaiting is what a shopper hears who waits for a person and says something
// that the bot cannot answer: once that it was added, and then nothing, so that
// the bot does not talk into what they tell the person.
func (t *answering) stillWaiting(reason Reason) Reply {
	heard := 0
	for _, e := range t.q.Earlier {
		if e.Author.Kind == ByBot && e.Outcome == Escalated && !e.At.Before(*t.q.WaitingSince) {
			heard++
		}
	}
	reply := Reply{Outcome: Escalated, Reason: reason}
	if heard < 2 {
		reply.Text = t.say("bot.added")
	}
	return reply
}

// escalate passes the conversation on. Who waits already is told how things
// stand where they ask for it, or where the matter became more urgent.
func (t *answering) escalate(reason Reason) Reply {
	t.w.Status(StateHandingOff)
	if t.q.WaitingSince != nil {
		switch reason {
		case ReasonAsked, ReasonLegal, ReasonFeeling:
		default:
			return t.stillWaiting(reason)
		}
	}
	return Reply{Outcome: Escalated, Reason: reason, Escalation: t.escalation(reason)}
}

func (t *answering) escalation(reason Reason) *Escalation {
	e := t.a.Escalation(t.q.Locale, reason)
	pack := e.Pack
	e.Pack = func(messages []Event) Packet {
		p := pack(messages)
		p.Passages = mergeSources(t.sources(), p.Passages)
		return p
	}
	return e
}

// sources are the passages that this turn found.
func (t *answering) sources() []Source {
	var out []Source
	for _, p := range t.passages {
		out = append(out, Source{Title: p.Article.Title, URL: t.passageURL(p), Quote: cut(quotable(p.Text), sourceRunes)})
	}
	return out
}
