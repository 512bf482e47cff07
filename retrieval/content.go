package retrieval

// ContentTerms are the terms of a text's words that carry a matter, in their
// order and as often as they stand there: stems, without the stop words of the
// locale's language and of English. Equal terms mean equal words.
func ContentTerms(text, locale string) []int32 {
	language := languageOf(locale)
	languages := []string{language, "en"}
	var out []int32
	for _, w := range wordsOf(withoutLinks(text), language) {
		if !w.whole && len(w.terms) > 0 && !isStopWord(w.form, languages) {
			out = append(out, w.terms[0])
		}
	}
	return out
}
