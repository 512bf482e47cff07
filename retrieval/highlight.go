package retrieval

import "regexp"

var anyWord = regexp.MustCompile(`[\pL\pM\pN]+`)

// Marks tells where the words of a question stand in a text, as byte ranges in
// order: the words that the lexical ranking takes for the same, whatever their
// endings. Words that carry no matter of their own count only where the
// question has no others.
func Marks(question, text, locale string) [][2]int {
	language := languageOf(locale)
	wanted := map[int32]bool{}
	for _, w := range mattering(question, language) {
		for _, t := range w.terms {
			wanted[t] = true
		}
	}
	var marks [][2]int
	for _, at := range anyWord.FindAllStringIndex(text, -1) {
		if anyTerm(wordsOf(text[at[0]:at[1]], language), wanted) {
			marks = append(marks, [2]int{at[0], at[1]})
		}
	}
	return marks
}

// Holds tells whether every word of a question that Marks looks for stands in a
// text.
func Holds(question, text, locale string) bool {
	language := languageOf(locale)
	has := map[int32]bool{}
	for _, w := range wordsOf(text, language) {
		for _, t := range w.terms {
			has[t] = true
		}
	}
	words := mattering(question, language)
	for _, w := range words {
		if !anyTerm([]word{w}, has) {
			return false
		}
	}
	return len(words) > 0
}

// mattering gives the words of a question that are no stop words; all where
// there are no others.
func mattering(question, language string) []word {
	all := wordsOf(question, language)
	var some []word
	for _, w := range all {
		if !isStopWord(w.form, []string{language, "en"}) {
			some = append(some, w)
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}

func anyTerm(words []word, wanted map[int32]bool) bool {
	for _, w := range words {
		for _, t := range w.terms {
			if wanted[t] {
				return true
			}
		}
	}
	return false
}
