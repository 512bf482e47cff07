package extractive

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentences cuts a text of one line into its sentences.
func sentences(text, language string) []string {
	var out []string
	start := 0
	for i, r := range text {
		if r != '.' && r != '!' && r != '?' && r != '…' && r != '。' && r != '！' && r != '？' {
			continue
		}
		end := i + utf8.RuneLen(r)
		for end < len(text) { // more marks, and closing quotes and brackets
			next, size := utf8.DecodeRuneInString(text[end:])
			if !strings.ContainsRune(".!?…)]\"'’”»“", next) {
				break
			}
			end += size
		}
		if end <= start || end > len(text) {
			continue
		}
		wide := r == '。' || r == '！' || r == '？'
		if end < len(text) && !wide && !endsHere(text, start, i, end, r, language) {
			continue
		}
		if s := strings.TrimSpace(text[start:end]); s != "" {
			out = append(out, s)
		}
		start = end
	}
	if s := strings.TrimSpace(text[min(start, len(text)):]); s != "" {
		out = append(out, s)
	}
	return out
}

// endsHere says whether the mark r at i, with what belongs to it up to end, ends
// the sentence that began at start.
func endsHere(text string, start, i, end int, r rune, language string) bool {
	rest := text[end:]
	next, width := utf8.DecodeRuneInString(rest)
	if !unicode.IsSpace(next) {
		return false // a decimal, an address, an abbreviation
	}
	rest = strings.TrimLeftFunc(rest[width:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'“„«‘(¿¡", r) })
	next, _ = utf8.DecodeRuneInString(rest)
	if rest == "" {
		return true
	}
	if unicode.IsLower(next) {
		return false
	}
	if r != '.' || end > i+1 && text[i+1] == '.' {
		return true
	}
	word := text[start:i]
	if at := strings.LastIndexFunc(word, unicode.IsSpace); at >= 0 {
		_, blank := utf8.DecodeRuneInString(word[at:])
		word = word[at+blank:]
	}
	word = strings.TrimLeft(word, "(\"'“„«[")
	following, _, _ := strings.Cut(rest, " ")
	first, size := utf8.DecodeRuneInString(word)
	lower := strings.ToLower(word)
	switch {
	case size > 0 && size == len(word) && unicode.IsLetter(first) && sizeBefore(text[start:i-len(word)]):
		return true
	case size > 0 && size == len(word) && unicode.IsLetter(first):
		return false // an initial
	case abbreviations[lower]:
		return false
	case numeric[lower] && unicode.IsDigit(next):
		return false
	case isOrdinal(word) && (months[strings.ToLower(strings.Trim(following, ".,;:"))] || language == "de" && ordinalNouns[strings.ToLower(strings.Trim(following, ".,;:"))]):
		return false // 3. Oktober
	}
	return true
}

func isOrdinal(word string) bool {
	return len(word) >= 1 && len(word) <= 2 && strings.Trim(word, "0123456789") == ""
}

// sizeBefore says whether a single letter is a size: "in size M. We …".
func sizeBefore(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, w := range []string{"size", "größe", "taille", "talla"} {
		if strings.HasSuffix(text, w) {
			return true
		}
	}
	return false
}
