package fact

import (
	"strings"
	"unicode"
)

// sign is a set of things that a text has, found in one pass, so that only the
// patterns that can match are tried.
type sign uint16

const (
	hasDigit sign = 1 << iota
	hasAt
	hasAddress // a dot, colon or slash before a letter
	hasCapitals
	hasPercent
	hasCurrency
	hasNumberWord
	hasUnit
	hasMonth
	hasWeekday
	hasFree
	hasTomorrow
	hasCodeWord
)

// wordSigns says what each word of interest is a sign of.
var wordSigns = makeWordSigns()

func makeWordSigns() map[string]sign {
	m := map[string]sign{}
	add := func(s sign, words ...string) {
		for _, w := range words {
			m[w] |= s
		}
	}
	for w := range numberWords {
		add(hasNumberWord, strings.FieldsFunc(w, func(r rune) bool { return r == ' ' || r == '-' })...)
	}
	add(hasUnit, keys(units)...)
	add(hasMonth, keys(months)...)
	add(hasWeekday, keys(weekdays)...)
	add(hasCurrency, wordKeys(currencies)...)
	add(hasFree, freeWords...)
	add(hasTomorrow, "tomorrow", "demain")
	add(hasPercent, "percent", "per", "prozent", "pour", "pourcent", "por")
	add(hasCodeWord, "code", "coupon", "voucher", "gutschein", "gutscheincode", "rabattcode", "cupón", "código", "promo")
	for _, w := range []string{"et", "y", "un"} { // parts of number words, too common alone
		m[w] &^= hasNumberWord
	}
	return m
}

func scan(text string) sign {
	var s sign
	var before rune
	start, capitals := -1, 0
	for i, r := range text {
		letter := unicode.IsLetter(r)
		if letter && start < 0 {
			start = i
			if before == '.' || before == '/' || before == ':' {
				s |= hasAddress
			}
		}
		if !letter && start >= 0 {
			s |= wordSigns[strings.ToLower(text[start:i])]
			start, capitals = -1, 0
		}
		switch {
		case letter && unicode.IsUpper(r):
			if capitals++; capitals >= 5 {
				s |= hasCapitals
			}
		case r >= '0' && r <= '9':
			s |= hasDigit
		case r == '@':
			s |= hasAt
		case r == '%':
			s |= hasPercent
		case unicode.Is(unicode.Sc, r):
			s |= hasCurrency
		case r == '/' || r == ':':
			s |= hasAddress
		}
		before = r
	}
	if start >= 0 {
		s |= wordSigns[strings.ToLower(text[start:])]
	}
	return s
}
