package fact

import (
	"regexp"
	"unicode/utf8"
)

// pattern finds one form of fact. Where a form can only begin with a digit or
// with one of some words, it is tried at such places alone: searching a whole
// passage for each form takes many times as long.
type pattern struct {
	re *regexp.Regexp
	// begins tells whether a match may begin at a byte; it may say yes too
	// often. Where it is nil the whole text is searched.
	begins func(text string, at int) bool
}

// window is how far from its beginning a fact is followed, in bytes.
const window = 2048

// anywhere is a pattern whose beginning tells nothing.
func anywhere(expr string) pattern { return pattern{re: regexp.MustCompile(expr)} }

// beginning is a pattern that is tried where begins says so. The expression
// does not see what stands before.
func beginning(begins func(string, int) bool, expr string) pattern {
	return pattern{regexp.MustCompile(`^(?:` + expr + `)`), begins}
}

// find lists matches as regexp's FindAllStringSubmatchIndex does.
func (p pattern) find(text string) [][]int {
	if p.begins == nil {
		return p.re.FindAllStringSubmatchIndex(text, -1)
	}
	var all [][]int
	for at := 0; at < len(text); at++ {
		if !p.begins(text, at) {
			continue
		}
		end := min(len(text), at+window)
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end--
		}
		m := p.re.FindStringSubmatchIndex(text[at:end])
		if m == nil {
			continue
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += at
			}
		}
		all = append(all, m)
		at = m[1] - 1
	}
	return all
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isWord is \w: the boundaries of patterns know ASCII alone.
func isWord(c byte) bool {
	return isDigit(c) || c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// atDigit is for numbers.
func atDigit(text string, at int) bool { return isDigit(text[at]) }

// atNumber is for numbers that begin with a boundary.
func atNumber(text string, at int) bool {
	return isDigit(text[at]) && (at == 0 || !isWord(text[at-1]))
}

// atPhone is for numbers with what may stand before them.
func atPhone(text string, at int) bool {
	return isDigit(text[at]) || text[at] == '+' || text[at] == '('
}

// atSign is for signs of currencies, of which some begin with a letter.
func atSign(text string, at int) bool {
	switch text[at] {
	case '$', '\xc2', '\xe2': // the latter begin ¢, £, ¥, and €, ₩, ₺, ₽, ₹
		return true
	case 'U', 'u':
		return at+2 < len(text) && text[at+1]|0x20 == 's' && text[at+2] == '$'
	case 'Z', 'z', 'K', 'k': // before ł and č
		return at+1 < len(text) && text[at+1] >= utf8.RuneSelf
	}
	return false
}

// atCode is for letters or digits, with one sign between, that hold a digit.
func atCode(text string, at int) bool {
	if before := at > 0 && isWord(text[at-1]); before == isWord(text[at]) {
		return false // no boundary
	}
	if isDigit(text[at]) {
		return true
	}
	for i := at; i < len(text); i++ {
		switch c := text[i]; {
		case isDigit(c):
			return i > at
		case isWord(c), c >= utf8.RuneSelf:
		case c == '-' || c == '/' || c == '#':
			return i > at && i+1 < len(text) && isDigit(text[i+1])
		default:
			return false
		}
	}
	return false
}

// atDomain is for names with dots between them.
func atDomain(text string, at int) bool {
	if before := at > 0 && isWord(text[at-1]); before == isWord(text[at]) {
		return false // no boundary
	}
	for i := at; i < len(text); i++ {
		switch c := text[i]; {
		case isWord(c), c >= utf8.RuneSelf, c == '-':
		case c == '.':
			return i > at && i+1 < len(text) && (isWord(text[i+1]) || text[i+1] >= utf8.RuneSelf)
		default:
			return false
		}
	}
	return false
}

func either(a, b func(string, int) bool) func(string, int) bool {
	return func(text string, at int) bool { return a(text, at) || b(text, at) }
}

// atWord is for one of these words behind a boundary. It looks at their first
// letters alone. All of them begin with an ASCII letter.
func atWord(words ...string) func(string, int) bool {
	var first [256]bool
	heads := map[string]bool{}
	for _, w := range words {
		first[w[0]|0x20] = true
		heads[head(w)] = true
		if len(w) < headBytes {
			heads[w] = true
		}
	}
	return func(text string, at int) bool {
		if !first[text[at]|0x20] || !isWord(text[at]) || at > 0 && isWord(text[at-1]) {
			return false
		}
		h := head(text[at:])
		for n := len(h); n > 0; n-- {
			if heads[h[:n]] {
				return true
			}
		}
		return false
	}
}

const headBytes = 3

// head is the first letters of a word in lower case, up to one that is not
// ASCII, whose case it does not know: of that it has the first byte.
func head(s string) string {
	var b [headBytes]byte
	n := 0
	for n < min(len(s), headBytes) {
		c := s[n]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		b[n] = c
		n++
		if c >= utf8.RuneSelf {
			break
		}
	}
	return string(b[:n])
}
