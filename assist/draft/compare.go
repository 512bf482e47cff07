package draft

import (
	"strings"
	"unicode"
)

// Difference is what an agent made of a draft.
type Difference struct {
	Outcome Outcome
	// Distance counts the words that have to be inserted, deleted or replaced to
	// make one text of the other: the distance of V. I. Levenshtein ("Binary
	// codes capable of correcting deletions, insertions, and reversals", Soviet
	// Physics Doklady 10, 1966), over words in place of letters.
	Distance int
	// Added and Removed list words of what was sent and of the draft that the
	// other lacks, as they were written, in order; a word counts as often as it
	// stands there.
	Added, Removed []string
}

// mostCompared bounds the words that are compared one by one; a reply has at
// most 10,000 characters, and words of three letters or more on average.
const mostCompared = 3000

// Compare says what became of a draft. Texts that differ in blanks alone are the
// same. A draft that nothing is left of counts as edited: whether an agent threw
// it away is theirs to say, not ours to guess.
func Compare(draft, sent string) Difference {
	a, b := words(draft), words(sent)
	d := Difference{Outcome: Edited, Distance: distance(a, b), Added: less(b, a), Removed: less(a, b)}
	if d.Distance == 0 {
		d.Outcome = Accepted
	}
	return d
}

// Light says that an edit left a draft of so many words as it was in the main.
func (d Difference) Light(draftWords int) bool {
	return d.Outcome == Accepted || float64(d.Distance) <= 0.25*float64(draftWords)
}

// words cuts a text at blanks, punctuation staying with its word.
func words(s string) []string {
	w := strings.FieldsFunc(s, unicode.IsSpace)
	return w[:min(len(w), mostCompared)]
}

// distance is computed row by row.
func distance(a, b []string) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			change := diagonal
			if x != y {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// less is the words of a without those of b.
func less(a, b []string) []string {
	has := map[string]int{}
	for _, w := range b {
		has[w]++
	}
	out := []string{}
	for _, w := range a {
		if has[w] > 0 {
			has[w]--
			continue
		}
		out = append(out, w)
	}
	return out
}
