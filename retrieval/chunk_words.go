package retrieval

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordCount measures a text in words. White space ends a word; of scripts that
// write without spaces two characters count as one word; a very long word, such
// as an address, counts as several; marks alone ("|", "-") count as none unless
// they go on and on.
func wordCount(s string) int {
	total := 0
	var letters, dense, marks int
	flush := func() {
		switch {
		case letters > 0:
			total += (letters+marks+23)/24 + (dense+1)/2
		case dense > 0:
			total += (dense+1)/2 + (marks+7)/8
		case marks > 8:
			total += (marks + 15) / 16
		}
		letters, dense, marks = 0, 0, 0
	}
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			flush()
		case isDense(r):
			dense++
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			letters++
		default:
			marks++
		}
	}
	flush()
	return total
}

// isDense tells the scripts apart that put no spaces between words.
func isDense(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// lineEnds returns the offsets behind the lines of s.
func lineEnds(s string) []int {
	var ends []int
	for i := range len(s) {
		if s[i] == '\n' {
			ends = append(ends, i+1)
		}
	}
	return ends
}

// sentenceEnds returns the offsets at which sentences of s end, behind the
// white space that follows them. A blank line and the start of a list item end
// a sentence too.
func sentenceEnds(s string) []int {
	var ends []int
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		next := i + size
		switch r {
		case '\n':
			if startsBlock(s[next:]) {
				ends = append(ends, next)
			}
		case '。', '！', '？':
			ends = append(ends, skipSpace(s, skipClosing(s, next)))
		case '.', '!', '?', '…', '؟', '।':
			after := skipClosing(s, next)
			begin := skipSpace(s, after)
			if begin > after && begin < len(s) && startsSentence(s[begin:]) && (r != '.' || !isAbbreviation(s[:i])) {
				ends = append(ends, begin)
			}
		}
		i = next
	}
	return ends
}

// startsBlock tells whether a line begins something new: it is blank, or a list
// item, a quotation or a table row.
func startsBlock(line string) bool {
	line = strings.TrimLeft(line, " \t")
	if line == "" || strings.ContainsRune("\n-*+>|#", rune(line[0])) {
		return true
	}
	digits := len(line) - len(strings.TrimLeft(line, "0123456789"))
	return digits > 0 && digits < len(line) && (line[digits] == '.' || line[digits] == ')')
}

func skipClosing(s string, at int) int {
	rest := strings.TrimLeft(s[at:], `"'”’»)]*_`+"`」』）")
	return len(s) - len(rest)
}

func skipSpace(s string, at int) int {
	return len(s) - len(strings.TrimLeftFunc(s[at:], unicode.IsSpace))
}

func startsSentence(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return !unicode.IsLower(r)
}

// abbreviations end in a full stop without ending a sentence.
var abbreviations = map[string]bool{
	"dr": true, "mr": true, "mrs": true, "ms": true, "prof": true, "st": true, "no": true, "nr": true,
	"vs": true, "approx": true, "ca": true, "bzw": true, "ggf": true, "inkl": true, "zzgl": true, "usw": true,
	"etc": true, "tel": true, "art": true, "abs": true, "fig": true, "max": true, "min": true, "incl": true,
	"e.g": true, "i.e": true, "z.b": true, "d.h": true, "u.a": true, "p.ej": true,
}

// isAbbreviation tells whether the text before a full stop ends in an
// abbreviation, a single letter or a bare number such as "1" or "24".
func isAbbreviation(before string) bool {
	word := before[strings.LastIndexFunc(before, func(r rune) bool { return unicode.IsSpace(r) || r == '(' })+1:]
	if utf8.RuneCountInString(word) == 1 {
		return true
	}
	if len(word) <= 3 && strings.Trim(word, "0123456789") == "" {
		return true
	}
	return abbreviations[strings.ToLower(word)]
}
