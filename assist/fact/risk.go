package fact

import (
	"sort"
	"strings"
	"unicode"
)

// lexicon lists, sorted, the words of letters alone with which a fact may begin
// or that may make one of what follows.
var lexicon = makeLexicon()

// riskyPrefix is from how many letters on the beginning of such a word is held:
// shorter ones tell nothing, and holding them would delay plain text.
const riskyPrefix = 3

func makeLexicon() []string {
	set := map[string]bool{}
	for w := range numberWords {
		first, _, _ := strings.Cut(w, " ")
		set[first] = true
	}
	for w, u := range units {
		if len(w) >= riskyPrefix && u != "times" {
			set[w] = true
		}
	}
	for _, m := range []map[string]int{months, weekdays} {
		for w := range m {
			set[w] = true
		}
	}
	for w := range currencies {
		if len(w) >= riskyPrefix {
			set[w] = true
		}
	}
	for _, w := range freeWords {
		set[w] = true
	}
	for _, w := range strings.Fields("tomorrow demain percent per prozent code coupon voucher gutschein gutscheincode rabattcode cupón código promo business working") {
		set[w] = true
	}
	out := keys(set)
	sort.Strings(out)
	return out
}

// risky says whether a word may be, begin or end a fact. A word that is not
// whole is judged by what it may become.
func risky(word string, whole bool) bool {
	if strings.IndexFunc(word, riskyRune) >= 0 || strings.Contains(word, "://") || strings.HasPrefix(strings.ToLower(word), "www") {
		return true
	}
	letters := strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
	if strings.ContainsAny(letters, "./") {
		return true
	}
	capitals := 0
	for _, r := range letters {
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	if capitals >= riskyPrefix {
		return true
	}
	if strings.IndexByte(word, '/') == 0 {
		return true
	}
	for _, part := range strings.FieldsFunc(strings.ToLower(letters), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if inLexicon(part, whole) {
			return true
		}
	}
	return false
}

func riskyRune(r rune) bool {
	return unicode.IsNumber(r) || unicode.Is(unicode.Sc, r) || r == '%' || r == '@' || r == '°' || r == '+' || r == '#'
}

func inLexicon(word string, whole bool) bool {
	i := sort.SearchStrings(lexicon, word)
	if i < len(lexicon) && lexicon[i] == word {
		return true
	}
	return !whole && len(word) >= riskyPrefix && i < len(lexicon) && strings.HasPrefix(lexicon[i], word)
}
