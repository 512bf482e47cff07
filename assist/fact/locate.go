package fact

import (
	"regexp"
	"sort"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Located is a fact with its place in the text that was given: bytes Start to
// End.
type Located struct {
	Fact
	Start, End int
}

// listLine is the mark of an item in a numbered list, whose number is no fact.
var listLine = regexp.MustCompile(`(?m)^[ \t]*\d{1,2}[.)] `)

// Locate lists the facts of a text in the order of their places. Numbers of
// citation marks ([1]) and of lists are none.
func Locate(text string) []Located {
	blank := func(mark string) string { return strings.Repeat(" ", len(mark)) }
	plain := anyMark.ReplaceAllStringFunc(text, blank)
	plain = listLine.ReplaceAllStringFunc(plain, blank)
	starts, ends := origins(plain)
	var out []Located
	for _, f := range Find(plain) {
		if f.end <= f.start || f.end > len(starts) {
			continue
		}
		l := Located{Fact: f, Start: starts[f.start], End: ends[f.end-1]}
		for l.Start < l.End && strings.ContainsRune(" \t\n(", rune(plain[l.Start])) {
			l.Start++
		}
		for l.End > l.Start && strings.ContainsRune(" \t\n.,", rune(plain[l.End-1])) {
			l.End--
		}
		out = append(out, l)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return out
}

// origins tells, for each byte of a text's normal form, where in the text the
// characters begin and end that it was made of.
func origins(text string) (starts, ends []int) {
	var it norm.Iter
	it.InitString(norm.NFKC, text)
	for !it.Done() {
		from := it.Pos()
		segment := Normal(string(it.Next()))
		for range len(segment) {
			starts, ends = append(starts, from), append(ends, it.Pos())
		}
	}
	// A character that becomes several may come in more than one segment: all of
	// them end where it does.
	for i := len(ends) - 2; i >= 0; i-- {
		if ends[i] <= starts[i] {
			ends[i] = ends[i+1]
		}
	}
	return starts, ends
}
