package assist

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/careloop/careloop/assist/fact"
	"github.com/careloop/careloop/assist/triage"
)

// Bounds of a packet.
const (
	sourceRunes  = 600
	triedRunes   = 400
	wishRunes    = 280
	mostSources  = 6
	mostTried    = 8
	mostOrders   = 5
	feltMessages = 3 // how far back a feeling counts
)

// Escalation makes one for a shopper who reads locale. The packet is made of the
// timeline alone, so that every way to a person makes the same one.
func (a *Answerer) Escalation(locale string, reason Reason) *Escalation {
	e := &Escalation{Reason: reason, Letters: a.Letters}
	e.Pack = func(messages []Event) Packet { return a.pack(locale, reason, e.Note, messages) }
	e.Tell = func(p Packet, s Situation) string { return tell(reason, p, s) }
	return e
}

func (a *Answerer) pack(locale string, reason Reason, note string, messages []Event) Packet {
	p := Packet{Feeling: triage.Calm, Topic: triage.Other, Tried: tried(messages)}
	said := shopperTexts(messages)
	if note != "" {
		said = append(said, note)
	}
	p.Orders = orders(said)
	best := 0.0
	legal := false
	for i, text := range slices.Backward(said) {
		read := a.reader().Read(text, locale)
		if p.Topic == triage.Other {
			p.Topic = read.Topic
		}
		// The strongest feeling of the last messages: who was furious a moment
		// ago is not calm for having given their order's number.
		if len(said)-i <= feltMessages && felt(read) && read.Negative > best {
			best, p.Feeling = read.Negative, read.Feeling
		}
		if len(said)-i <= feltMessages {
			p.Danger = p.Danger || read.Safety
			legal = legal || read.Legal
		}
	}
	p.Wish = a.wish(locale, note, said)
	for _, e := range slices.Backward(messages) {
		for _, c := range e.Citations {
			p.Passages = mergeSources(p.Passages, []Source{{Title: c.Title, URL: c.URL, Quote: cut(c.Quote, sourceRunes)}})
		}
	}
	switch {
	case p.Danger || legal || reason == ReasonLegal:
		p.Urgency = 2
	case p.Feeling == triage.Angry || p.Feeling == triage.Distressed, reason == ReasonFeeling, reason == ReasonRepeated, reason == ReasonStuck:
		p.Urgency = 1
	}
	return p
}

// felt says whether a feeling is sure enough to be named to the shopper's face: a
// matter that went wrong sounds like disappointment, told however soberly.
func felt(read triage.Reading) bool {
	switch read.Feeling {
	case triage.Calm:
		return false
	case triage.Disappointed:
		return read.Negative >= 0.75
	}
	return true
}

func shopperTexts(messages []Event) []string {
	var out []string
	for _, e := range messages {
		if e.Author.Kind == ByShopper && e.Kind == KindMessage {
			out = append(out, e.Text)
		}
	}
	return out
}

// tried pairs the bot's messages with what they answered, the newest last.
func tried(messages []Event) []Attempt {
	var out []Attempt
	var asked []string
	for _, e := range messages {
		switch e.Author.Kind {
		case ByShopper:
			asked = append(asked, e.Text)
		case ByBot:
			kind := ""
			switch {
			case e.Outcome == Answered && len(e.Citations) > 0:
				kind = "answered"
			case e.Outcome == Clarified && e.Handoff != nil:
				kind = "not_found"
			case e.Outcome == Clarified:
				kind = "clarified"
			}
			if kind != "" && len(asked) > 0 {
				out = append(out, Attempt{Kind: kind, Question: cut(strings.Join(asked, "\n"), triedRunes), Answer: cut(e.Text, triedRunes), Seq: e.Seq})
			}
			asked = nil
		default:
			asked = nil
		}
	}
	return out[max(0, len(out)-mostTried):]
}

func mergeSources(a, b []Source) []Source {
	for _, s := range b {
		known := slices.ContainsFunc(a, func(o Source) bool { return o.URL == s.URL && o.Quote == s.Quote })
		if !known && len(a) < mostSources {
			a = append(a, s)
		}
	}
	return a[:min(len(a), mostSources)]
}

// An order's number follows its name, or a number sign, or looks like nothing
// else: letters, a hyphen and digits.
var (
	namedOrder = regexp.MustCompile(`(?i)\b(?:order|bestell\w*|auftrag\w*|commande|pedido|purchase|invoice|rechnung\w*)\b(?:[ ]*(?:number|no\.?|nr\.?|nummer|id|numéro|número|n°|is|ist|est|es|:|#|mit der|mit)){0,4}[ ]*([A-Z]{0,5}[-_]?\d[\d-]{2,17})\b`)
	signOrder  = regexp.MustCompile(`(?:^|[\s(])#[ ]?([A-Za-z]{0,5}-?\d{3,18})\b`)
	codeOrder  = regexp.MustCompile(`\b([A-Z]{1,5}-\d{3,18})\b`)
)

// orders are the numbers of orders in what a shopper said, in the order of
// naming.
func orders(said []string) []string {
	var out []string
	for _, text := range said {
		for _, re := range []*regexp.Regexp{namedOrder, signOrder, codeOrder} {
			for _, m := range re.FindAllStringSubmatch(text, mostOrders) {
				n := strings.TrimRight(strings.ToUpper(m[1]), "-")
				if len(out) < mostOrders && !slices.Contains(out, n) {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// wish takes the sentences that carry the matter out of what the shopper said:
// of the last message that is about something, the one or two that say most.
func (a *Answerer) wish(locale, note string, said []string) string {
	if note != "" {
		return cut(oneLine(note), wishRunes)
	}
	best, most := "", -1.0
	newest := len(said)
	for i := newest - 1; i >= max(0, newest-6); i-- {
		for _, s := range sentences(said[i]) {
			read := a.reader().Read(s, locale)
			if w := a.weight(read, s) - 0.5*float64(newest-1-i); w > most {
				best, most = s, w
			}
		}
	}
	if best == "" && newest > 0 {
		best = oneLine(said[newest-1])
	}
	// An order's number belongs to the matter, wherever it was said.
	if numbers := orders(said); len(numbers) > 0 && !strings.Contains(strings.ToUpper(best), numbers[0]) {
		for _, text := range said {
			for _, s := range sentences(text) {
				if s != best && slices.Contains(orders([]string{s}), numbers[0]) && utf8.RuneCountInString(best+s) < wishRunes {
					return best + " " + s
				}
			}
		}
	}
	return cut(best, wishRunes)
}

// weight says how much of a matter a sentence carries.
func (a *Answerer) weight(read triage.Reading, s string) float64 {
	w := 0.0
	words := len(strings.Fields(s))
	switch {
	case words < 3:
		w -= 2
	case words >= 5:
		w++
	}
	if read.Matter != triage.Question {
		w -= 3 // a greeting, or only the wish for a person
	}
	if read.Unhelped {
		w -= 2
	}
	if read.Topic != triage.Other {
		w += 2
	}
	if read.PersonOnly || read.Legal || read.Safety {
		w++
	}
	switch read.Topic {
	case triage.WrongItem, triage.Damaged, triage.Missing:
		w += 0.5
	}
	w += read.Negative
	if strings.ContainsFunc(s, unicode.IsDigit) {
		w += 0.25
	}
	if strings.HasSuffix(s, "?") {
		w += 0.5
	}
	return w
}

var sentenceEnd = regexp.MustCompile(`[.!?…]+["')\]]*\s+|\n+`)

// sentences splits a shopper's text, each on one line.
func sentences(text string) []string {
	var out []string
	from := 0
	for _, m := range sentenceEnd.FindAllStringIndex(text, -1) {
		if s := oneLine(text[from:m[1]]); s != "" {
			out = append(out, s)
		}
		from = m[1]
	}
	if s := oneLine(text[from:]); s != "" {
		out = append(out, s)
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var digits = regexp.MustCompile(`\d+`)

// numbersIn says whether every number and every address of a text stands in what
// the shopper said.
func numbersIn(text string, messages []Event) bool {
	said := strings.Join(shopperTexts(messages), "\n")
	for _, f := range fact.Find(text) {
		if (f.Kind == fact.URL || f.Kind == fact.Email) && !strings.Contains(strings.ToLower(said), strings.ToLower(f.Raw)) {
			return false
		}
	}
	for _, n := range digits.FindAllString(text, -1) {
		if !strings.Contains(said, n) {
			return false
		}
	}
	return true
}
