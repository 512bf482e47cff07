package check

import (
	"regexp"
	"strings"
	"unicode"
)

// Flesch is the reading ease of an English text, about 0 (very hard) to 100 (very
// easy): 206.835 − 1.015 × words per sentence − 84.6 × syllables per word.
// Source: R. Flesch, "A new readability yardstick", Journal of Applied Psychology
// 32 (1948). Syllables are estimated from groups of vowels. A text without words
// has 0.
func Flesch(text string) float64 {
	words, syllables := 0, 0
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' }) {
		if strings.ContainsFunc(w, unicode.IsLetter) {
			words++
			syllables += syllablesOf(w)
		}
	}
	if words == 0 {
		return 0
	}
	sentences := max(1, len(endOfSentence.FindAllString(text, -1)))
	return 206.835 - 1.015*float64(words)/float64(sentences) - 84.6*float64(syllables)/float64(words)
}

var endOfSentence = regexp.MustCompile(`[.!?:]+(?:\s|”|$)|,\n|[^.!?:,\s]\n\n`)

// syllablesOf counts groups of vowels, without a silent e at the end.
func syllablesOf(word string) int {
	w := strings.ToLower(word)
	n, before := 0, false
	for _, r := range w {
		vowel := strings.ContainsRune("aeiouyäöüéèêáíóúàâ", r)
		if vowel && !before {
			n++
		}
		before = vowel
	}
	if n > 1 && strings.HasSuffix(w, "e") && !strings.HasSuffix(w, "le") || n > 1 && strings.HasSuffix(w, "ed") && !strings.HasSuffix(w, "ted") && !strings.HasSuffix(w, "ded") {
		n--
	}
	return max(1, n)
}
