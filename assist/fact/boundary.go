package fact

import (
	"regexp"
	"strings"
)

// Where list marks, citations, words and sentences begin and end in a stream.
var (
	listMark = regexp.MustCompile(`^(?:\*\*)?(?i:(?:step|schritt|étape|paso) )?(\d{1,2})[.):](?:\*\*)? `)
	// perhapsListMark is what may still become one.
	perhapsListMark = regexp.MustCompile(`^\*{0,2}(?i:s|st|ste|step|sc|sch|schr|schri|schrit|schritt|é|ét|éta|étap|étape|p|pa|pas|paso)?(?: ?(?:\d{1,2}[.):]?\*{0,2})?)?$`)
	citeMark        = regexp.MustCompile(`^\[(\d{1,3})\]`)
	// ending is the end of a sentence with what belongs to it: quotes, brackets,
	// emphasis, and citations set behind it.
	ending = regexp.MustCompile(`^([.!?…]+["'”“»)\]*_]*)((?:[ \t]*\[\d{1,3}\])*)(\s|$)`)
)

var anyMark = regexp.MustCompile(`\s?\[\d{1,3}\]`)

// wordEnd finds the end of the word at from; a sentence's final sign does not
// belong to it. whole is false where more of it may come.
func wordEnd(s string, from int) (end int, whole bool) {
	i := strings.IndexAny(s[from:], " \t\n")
	whole = i >= 0
	end = len(s)
	if whole {
		end = from + i
	}
	if j := strings.IndexByte(s[from:end], '['); j > 0 && citeMark.MatchString(s[from+j:]) {
		return from + j, true
	}
	if t := strings.TrimRight(s[from:end], `.!?…"'”“»)]*_`); len(t) > 0 && t != s[from:end] && ending.MatchString(s[from+len(t):]) {
		return from + len(t), whole
	}
	return end, whole
}

// ahead finds where the lookahead behind a word ends, and whether it is there
// already: some words on, or at the end of the sentence.
func ahead(s string, end int) (int, bool) {
	at := end
	for range lookahead {
		for at < len(s) && (s[at] == ' ' || s[at] == '\t') {
			at++
		}
		if at == len(s) {
			return at, false
		}
		if s[at] == '\n' {
			return at, true
		}
		if m := ending.FindString(s[at:]); m != "" && at+len(m) < len(s) {
			return at, true
		}
		next, whole := wordEnd(s, at)
		if !whole {
			return len(s), false
		}
		at = max(next, at+1)
	}
	return at, true
}

// stripMarks takes citation marks out, whose numbers are no facts.
func stripMarks(s string) string { return anyMark.ReplaceAllString(s, "") }

// fail takes the sentence back.
func (g *Gate) fail(bad []string) {
	replacement := ""
	if len(g.held) == 0 {
		replacement = g.honest
		if t := g.text.String()[:g.sentence]; t != "" && !strings.HasSuffix(t, " ") && !strings.HasSuffix(t, "\n") {
			replacement = " " + replacement
		}
	}
	g.held = append(g.held, bad...)
	g.rewind(g.sentence, replacement)
	g.broken, g.here = true, nil
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}
