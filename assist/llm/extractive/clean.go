package extractive

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	image    = regexp.MustCompile(`!\[[^\]]*\](\([^)]*\))?`)
	link     = regexp.MustCompile(`\[([^\[\]]+)\](\((?:[^()\s]|\([^()]*\))*(?:\s+"[^"]*")?\)|\[[^\]]*\])`)
	autolink = regexp.MustCompile(`<((?:https?://|mailto:)?[^<>\s]+[.@:][^<>\s]*)>`)
	tag      = regexp.MustCompile(`</?[A-Za-z][^<>]*>|<!--.*?-->`)
	footnote = regexp.MustCompile(`\[\^[^\]]*\]`)
	// A number in brackets would read as a citation.
	bracketed = regexp.MustCompile(`\[(\s*\d+\s*)\]`)
)

// clean turns a line of Markdown into the text that a reader sees, on one line.
func clean(s string) string {
	if strings.ContainsAny(s, "[<!") {
		s = image.ReplaceAllString(s, " ")
		s = footnote.ReplaceAllString(s, "")
		s = link.ReplaceAllString(s, "$1")
		s = autolink.ReplaceAllString(s, "$1")
		s = tag.ReplaceAllString(s, " ")
	}
	s = unmark(s)
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	if strings.ContainsRune(s, '[') {
		s = bracketed.ReplaceAllString(s, "($1)")
	}
	return oneLine(s)
}

// oneLine collapses blanks and drops what has no place in a text. A no-break
// space stays: it holds a number and its unit together.
func oneLine(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case r == '\u00a0' || r == '\u202f':
		case unicode.IsSpace(r) || r == '\u2028':
			blank = b.Len() > 0
			continue
		case unicode.IsControl(r), r == utf8.RuneError, r == '\ufeff', r == '\u200b', unicode.Is(unicode.Bidi_Control, r):
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unmark takes out the marks of emphasis and code, and the backslash before an
// escaped mark. A mark counts if text touches it on the inner side, so that
// 2 * 3 and snake_case keep theirs.
func unmark(s string) string {
	if !strings.ContainsAny(s, "*_`~\\") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	open := map[byte]int{} // marks that wait for their end
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '\\':
			if i+1 < len(s) && strings.IndexByte("\\`*_{}[]()#+-.!|~<>", s[i+1]) >= 0 {
				i++
				b.WriteByte(s[i])
				continue
			}
		case '`':
			continue
		case '*', '_', '~':
			n := 1
			for i+n < len(s) && s[i+n] == c {
				n++
			}
			if c == '~' && n < 2 {
				break
			}
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			after, _ := utf8.DecodeRuneInString(s[i+n:])
			closes := i > 0 && !unicode.IsSpace(before) && open[c] > 0
			opens := i+n < len(s) && !unicode.IsSpace(after)
			if c == '_' {
				closes = closes && !isWord(after)
				opens = opens && (i == 0 || !isWord(before))
			}
			switch {
			case closes:
				open[c]--
			case opens && strings.Contains(s[i+n:], string(c)):
				open[c]++
			default:
				b.WriteString(s[i : i+n])
			}
			i += n - 1
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
