package triage

import "strings"

// sameAgain is the similarity from which two messages say the same.
const sameAgain = 0.72

// Repeats says whether the shopper says the same again as in one of their earlier
// messages: word by word, or nearly so. It compares the pairs of letters (Dice's
// coefficient), so it needs to know no language. Words of one sign or small talk
// are not repetitions.
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
		if dice(pairs, letterPairs(split(bounded(e)).text)) >= sameAgain {
			return true
		}
	}
	return false
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
