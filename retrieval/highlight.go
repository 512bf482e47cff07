package retrieval

import "regexp"

var anyWord = regexp.MustCompile(`[\pL\pM\pN]+`)

// Marks tells where the words of a question stand in a text, as byte ranges in
// order: the words that the lexical ranking takes for the same, whatever their
// endings. Words that carry no matter of their own count only where the
// question has no others.
func Marks(question, text, locale string) [][2]int {
	language := languageOf(locale)
	wanted, all := map[int32]bool{}, map[int32]bool{}
	for _, w := range wordsOf(question, language) {
		for _, t := range w.terms {
			all[t] = true
			if !isStopWord(w.form, []string{language, "en"}) {
				wanted[t] = true
			}
		}
	}
	if len(wanted) == 0 {
		wanted = all
	}
	var marks [][2]int
	for _, at := range anyWord.FindAllStringIndex(text, -1) {
		if anyTerm(wordsOf(text[at[0]:at[1]], language), wanted) {
			marks = append(marks, [2]int{at[0], at[1]})
		}
	}
	return marks
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
