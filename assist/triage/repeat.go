package triage

import (
	"slices"
	"strings"
	"unicode"
)

// sameAgain is the similarity from which two messages say the same.
const sameAgain = 0.72

// Repeats says whether the shopper says the same again as in one of their earlier
// messages: word by word, or nearly so. It compares the pairs of letters (Dice's
// coefficient), so it needs to know no language. Words of one sign or small talk
// are not repetitions, and neither is the same about another number or model.
func Repeats(earlier []string, text string) bool {
	now := split(bounded(text))
	if len([]rune(now.text)) < 8 {
		return false
	}
	if _, ok := tag(now.text).smallTalk(); ok {
		return false
	}
	pairs := letterPairs(now.text)
	for _, e := range earlier {
		before := split(bounded(e)).text
		if !aboutAnother(before, now.text) && dice(pairs, letterPairs(before)) >= sameAgain {
			return true
		}
	}
	return false
}

// aboutAnother says that both messages name something by a number, and nothing that
// both name.
func aboutAnother(a, b string) bool {
	x, y := numbered(a), numbered(b)
	return len(x) > 0 && len(y) > 0 && !slices.ContainsFunc(x, func(w string) bool { return slices.Contains(y, w) })
}

func numbered(s string) []string {
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool { return !strings.ContainsFunc(w, unicode.IsDigit) })
}

func letterPairs(s string) map[[2]rune]int {
	out := map[[2]rune]int{}
	for _, word := range strings.Fields(s) {
		last := ' '
		for _, r := range word {
			out[[2]rune{last, r}]++
			last = r
		}
		out[[2]rune{last, ' '}]++
	}
	return out
}

// dice is twice the size of what two sets share, by the sum of their sizes.
func dice(a, b map[[2]rune]int) float64 {
	shared, all := 0, 0
	for pair, n := range a {
		shared += min(n, b[pair])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 0
	}
	return 2 * float64(shared) / float64(all)
}
