package triage

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// end is how many bytes of a text are read at each of its ends. What lies
// between is left out: whoever writes a chat message of that length says what
// they want where it begins or where it ends.
const end = 2048

// bounded leaves out the middle of a very long text.
func bounded(text string) string {
	if len(text) <= 2*end {
		return text
	}
	return strings.ToValidUTF8(text[:end], "") + " " + strings.ToValidUTF8(text[len(text)-end:], "")
}

// wordList is a text in lower case, its words joined by single spaces, with the
// places where they begin.
type wordList struct {
	text   string
	starts []int
}

// split cuts a text into words: letters, digits, and the apostrophes and hyphens
// between them.
func split(text string) wordList {
	var b strings.Builder
	b.Grow(len(text) + 8)
	var l wordList
	inside := false
	pending := rune(0)
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if !inside {
				if b.Len() > 0 {
					b.WriteByte(' ')
				}
				l.starts = append(l.starts, b.Len())
			} else if pending != 0 {
				b.WriteRune(pending)
			}
			b.WriteRune(unicode.ToLower(r))
			inside, pending = true, 0
		case inside && pending == 0 && (r == '\'' || r == '’' || r == '`' || r == '´'):
			pending = '\''
		case inside && pending == 0 && r == '-':
			pending = '-'
		default:
			inside, pending = false, 0
		}
	}
	l.text = b.String()
	return l
}

func (l wordList) len() int { return len(l.starts) }

// word is the i-th word.
func (l wordList) word(i int) string { return l.phrase(i, 1) }

// phrase is n words from the i-th on.
func (l wordList) phrase(i, n int) string {
	stop := len(l.text)
	if i+n < len(l.starts) {
		stop = l.starts[i+n] - 1
	}
	if i >= len(l.starts) {
		return ""
	}
	return l.text[l.starts[i]:stop]
}

// sentences cuts a text where a sentence ends, at most most times.
func sentences(text string, most int) []string {
	var out []string
	for len(out) < most-1 {
		i := strings.IndexAny(text, ".!?\n;¿¡")
		if i < 0 {
			break
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		if s := strings.TrimSpace(text[:i+size]); strings.ContainsFunc(s, unicode.IsLetter) {
			out = append(out, s)
		}
		text = text[i+size:]
	}
	if s := strings.TrimSpace(text); strings.ContainsFunc(s, unicode.IsLetter) {
		out = append(out, s)
	}
	return out
}
