package draft

import (
	"strings"
	"unicode"
)

// common are the commonest words of each language that the others do not have.
var common = map[string]map[string]bool{
	"en": set(`the is are was and my you your have has not this that with for what when where why how can i i'm it to of been would will please order`),
	"de": set(`der das und ich ist nicht ein eine mein meine mit auf für wie wann warum habe haben wurde noch bitte kann von zu dem den auch aber sie wir bestellung`),
	"fr": set(`le les et je est pas une mon ma mes vous avec pour quand pourquoi comment ai été encore j'ai n'est c'est du des dans sur mais bonjour commande`),
	"es": set(`el los las y es una mi mis con para cuándo cómo por qué he ha todavía pero del quiero puedo está lo pedido hola cuando como`),
}

// spokenIn guesses the language of a text by its commonest words, empty where
// they do not tell clearly: a shopper may write in another language than the
// page has that they are on.
func spokenIn(text string) string {
	hits := map[string]int{}
	for _, w := range strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		for l, words := range common {
			if words[w] {
				hits[l]++
			}
		}
	}
	best, second := "", ""
	for _, l := range Languages() {
		switch {
		case best == "" || hits[l] > hits[best]:
			best, second = l, best
		case second == "" || hits[l] > hits[second]:
			second = l
		}
	}
	if hits[best] < 3 || hits[best] < 2*hits[second] {
		return ""
	}
	return best
}
