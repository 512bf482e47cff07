package retrieval

import (
	"context"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// A word of a question that no chunk has may be misspelt. It is compared with the
// words of the shop's own chunks that begin alike and are about as long, and also
// stands for those that are spelt much alike.

const (
	shortestRespelt, longestRespelt = 5, 24  // letters
	maxRespelt                      = 4      // words of one question
	maxAlike                        = 3      // words that one stands for
	maxCompared                     = 20_000 // words of the shop
	respeltWeight                   = 0.8    // what the other spelling counts
	longRespelt                     = 8      // letters from which two slips are forgiven
)

// canBeMisspelt tells words of letters alone from numbers, identifiers and what is
// too short to be told from others.
func canBeMisspelt(form string) bool {
	n := 0
	for _, r := range form {
		if !unicode.IsLetter(r) {
			return false
		}
		n++
	}
	return shortestRespelt-1 <= n && n <= longestRespelt+2
}

// slips is how many are forgiven in a word of n letters.
func slips(n int) int {
	if n >= longRespelt {
		return 2
	}
	return 1
}

// respell adds to the words that no chunk has the terms of those that are spelt
// much alike. It asks the store nothing where there are no such words.
func (s *Search) respell(ctx context.Context, siteID string, locales []string, q *lexicalQuery) error {
	var strange []*queryWord
	var letters []string
	least, most := longestRespelt, 0
	for i := range q.words {
		w := &q.words[i]
		n := utf8.RuneCountInString(w.form)
		if !w.content || len(strange) == maxRespelt || n < shortestRespelt || n > longestRespelt || !canBeMisspelt(w.form) ||
			slices.ContainsFunc(w.terms, func(t int32) bool { return q.df[t] > 0 }) {
			continue
		}
		strange = append(strange, w)
		// Its first letter, and the second where the first was too many or the two
		// were swapped.
		for _, r := range []rune(w.form)[:2] {
			if !slices.Contains(letters, string(r)) {
				letters = append(letters, string(r))
			}
		}
		least, most = min(least, n-slips(n)), max(most, n+slips(n))
	}
	if len(strange) == 0 {
		return nil
	}
	words, err := s.index.Words(ctx, siteID, letters, least, most, maxCompared)
	if err != nil {
		return fmt.Errorf("read the shop's words: %w", err)
	}
	var found []int32
	for _, w := range strange {
		for _, term := range alike(w.form, words) {
			w.terms = append(slices.Clip(w.terms), term)
			w.respelt = true
			found = append(found, term)
		}
		if w.respelt {
			w.weight *= respeltWeight
		}
	}
	if len(found) == 0 {
		return nil
	}
	corpus, err := s.index.Corpus(ctx, siteID, locales, found)
	if err != nil {
		return fmt.Errorf("read the corpus: %w", err)
	}
	q.learn(corpus)
	return nil
}

// alike gives the terms of the words that are nearest to a form, if near enough.
func alike(form string, words []Word) []int32 {
	letters := []rune(form)
	least := slips(len(letters))
	var terms []int32
	for _, w := range words {
		d := distance(letters, []rune(w.Form), least)
		switch {
		case d > least:
			continue
		case d < least:
			least, terms = d, terms[:0]
		}
		if len(terms) < maxAlike && !slices.Contains(terms, w.Term) {
			terms = append(terms, w.Term)
		}
	}
	return terms
}

// distance is how many letters one must add, drop, change or swap with the next to
// make b of a (optimal string alignment), or more than most as soon as it is more.
func distance(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var rows [3][longestRespelt + 8]int
	before, last, row := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			d := min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
