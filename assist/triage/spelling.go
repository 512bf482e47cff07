package triage

import (
	"strings"
	"unicode/utf8"
)

// spelling knows words, and takes unknown ones for misspelt known ones.
type spelling struct {
	// counts says how often each word was seen.
	counts map[string]int
	// byFirst are the words of enough letters by their first: whoever mistypes
	// seldom mistypes that.
	byFirst map[rune][]string
}

// shortestWord is how many letters a word has that is corrected, or corrected to;
// longerWord, from how many on two letters may be wrong instead of one.
const shortestWord, longerWord = 4, 7

// correctedWords bounds how many words of a text are looked up.
const correctedWords = 16

func newSpelling() *spelling {
	return &spelling{counts: map[string]int{}, byFirst: map[rune][]string{}}
}

func (s *spelling) add(text string) {
	list := split(text)
	for i := range list.len() {
		word := list.word(i)
		if s.counts[word]++; s.counts[word] == 1 && utf8.RuneCountInString(word) >= shortestWord {
			first, _ := utf8.DecodeRuneInString(word)
			s.byFirst[first] = append(s.byFirst[first], word)
		}
	}
}

// correct writes a text with known words in place of those that seem misspelt.
func (s *spelling) correct(text string) string {
	list := split(text)
	out := make([]string, list.len())
	looked := 0
	for i := range out {
		out[i] = list.word(i)
		if s.counts[out[i]] == 0 && utf8.RuneCountInString(out[i]) >= shortestWord && looked < correctedWords {
			looked++
			out[i] = s.nearest(out[i])
		}
	}
	return strings.Join(out, " ")
}

// nearest is the known word with the fewest letters to change, the more frequent
// of two; the word itself where there are too many.
func (s *spelling) nearest(word string) string {
	letters := []rune(word)
	least := 2
	if len(letters) >= longerWord {
		least = 3
	}
	best := word
	for _, known := range s.byFirst[letters[0]] {
		if n := utf8.RuneCountInString(known) - len(letters); n >= least || -n >= least {
			continue
		}
		d := distance(letters, []rune(known))
		if d < least || d == least && best != word && s.counts[known] > s.counts[best] {
			best, least = known, d
		}
	}
	return best
}

// distance is how many letters are to be put in, left out, replaced, or swapped
// with their neighbour to make b of a (optimal string alignment).
func distance(a, b []rune) int {
	older, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := 1
			if a[i-1] == b[j-1] {
				replaced = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, last, row = last, row, older
	}
	return last[len(b)]
}
