package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/careloop/careloop/assist/fact"
)

// Evidence is what facts in a reply may rest on.
type Evidence struct {
	// sources are passages, orders, and what agents and tools said.
	sources *fact.Evidence
	// shopper supports what identifies the shopper's own things: their numbers,
	// codes and addresses. What they say that was promised to them supports
	// nothing.
	shopper *fact.Evidence
	// words is what the shopper said, in the form in which quotations are looked
	// for.
	words string
}

// NewEvidence indexes texts. Citation marks in them count as nothing.
func NewEvidence(sources, shopper []string) Evidence {
	return Evidence{sources: index(sources), shopper: index(shopper), words: spelled(strings.Join(shopper, " \n "))}
}

// spelled leaves letters, digits and signs of amounts, in small letters, with
// single blanks between words.
func spelled(s string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(clean(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("€$£%", r)
	}), " ") + " "
}

// quotation is what stands between the marks with which templates quote.
var quotation = regexp.MustCompile(`“[^“”]*”|„[^„“]*“|«[^«»]*»`)

// leastQuoted is how many words of the shopper's a quotation must have: a figure
// in marks is no quotation.
const leastQuoted = 4

// quotes lists the places (bytes) where the shopper is quoted word for word. A
// fact in such a place is not stated by the reply: it says that they said so.
func (e Evidence) quotes(text string) [][]int {
	return slices.DeleteFunc(quotation.FindAllStringIndex(text, -1), func(m []int) bool {
		s := spelled(text[m[0]:m[1]])
		return len(strings.Fields(s)) < leastQuoted || !strings.Contains(e.words, s)
	})
}

func index(texts []string) *fact.Evidence {
	var passages []fact.Passage
	for i, t := range texts {
		passages = append(passages, fact.Passage{N: i + 1, Text: t})
	}
	return fact.NewEvidence(passages)
}

// Judge lists the facts of a text that stand in no evidence, in the order of
// their places, which never overlap.
func Judge(text string, e Evidence) []Unsupported {
	out := []Unsupported{}
	at, units := 0, 0 // how far the text was counted
	quotes := e.quotes(text)
	for _, f := range fact.Locate(text) {
		quoted := slices.ContainsFunc(quotes, func(m []int) bool { return f.Start >= m[0] && f.End <= m[1] })
		if f.Start < at || quoted || e.supports(f.Fact) {
			continue
		}
		units += utf16Len(text[at:f.Start])
		length := utf16Len(text[f.Start:f.End])
		out = append(out, Unsupported{Start: units, End: units + length, Text: text[f.Start:f.End]})
		at, units = f.End, units+length
	}
	return out
}

func (e Evidence) supports(f fact.Fact) bool {
	if e.sources != nil && len(e.sources.Supports(f)) > 0 {
		return true
	}
	if e.shopper == nil {
		return false
	}
	switch f.Kind {
	case fact.Code, fact.Number, fact.Phone, fact.Email:
		return len(e.shopper.Supports(f)) > 0 && f.Unit == ""
	}
	return false
}

// utf16Len counts UTF-16 code units. A byte that is no character counts one, as
// the replacement character does that stands for it in a browser.
func utf16Len(s string) int {
	n := 0
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// sentenceOf is the sentence around a place, for a search by what it says.
func sentenceOf(text string, start, end int) string {
	from := strings.LastIndexAny(text[:start], ".!?\n") + 1
	to := strings.IndexAny(text[end:], ".!?\n")
	if to < 0 {
		return strings.TrimSpace(text[from:])
	}
	return strings.TrimSpace(text[from : end+to])
}
