package retrieval

import (
	"slices"
	"strings"
)

// A follow-up means nothing without what was said before. Which questions are
// follow-ups is told by their words alone: they begin like one ("and for
// shoes?"), point back ("how much is it?"), or hold next to nothing.

// pointers are words that point at something said before.
var pointers = map[string]map[string]bool{
	"en": set(`it its this that these those they them their there he she him her one ones same such both either neither other others another here then`),
	"de": set(`es das dies diese dieser diesen dieses dafur davon damit dabei dazu daran darauf dort sie ihn ihm ihnen welche welcher solche gleiche beides`),
	"fr": set(`ca cela celui celle ceux celles ce cet cette ces y en le la les lui leur ils elle elles il meme autre`),
	"es": set(`eso esto ese esa esos esas este esta estos estas lo la los las el ella ellos ellas alli mismo misma otro otra`),
	"it": set(`cio questo questa questi queste quello quella lo la li le ci ne stesso altro`),
	"nl": set(`dit dat deze die het er ze hem hen daar hetzelfde ander`),
	"pt": set(`isso isto esse essa este esta aquilo ele ela eles elas la mesmo outro`),
}

// openers begin a follow-up.
var openers = map[string][]string{
	"en": {"and", "or", "but", "also", "what about", "how about", "what if", "so", "then", "ok", "okay"},
	"de": {"und", "oder", "aber", "auch", "was ist mit", "wie ist es mit", "wie sieht es", "dann", "ok"},
	"fr": {"et", "ou", "mais", "aussi", "alors", "donc", "qu'en est", "ok"},
	"es": {"y", "o", "pero", "tambien", "que pasa con", "entonces", "ok"},
	"it": {"e", "o", "ma", "anche", "allora", "ok"},
	"nl": {"en", "of", "maar", "ook", "dan", "hoe zit het met", "ok"},
	"pt": {"e", "ou", "mas", "tambem", "entao", "ok"},
}

// Earlier messages count less the older they are. Two are looked back at, and
// two replies to them. A question that stands alone still is about what was
// talked of before more often than not, so that a little is carried; of replies,
// which hold many words, never more than that. Chosen on the development sets.
const lookBack = 2

var carried = map[dependence][lookBack]float64{
	pointsBack:  {0.8, 0.5},
	thin:        {0.35, 0.15},
	standsAlone: {0.25, 0.12},
}

const ofReplies = 0.2

// faint is the weight below which carried words help to rank, but neither
// decide which chunks are looked at nor whether a question was covered.
const faint = 0.3

// thinWords is how few content words make a question thin.
const thinWords = 1

// dependence says how much a question leans on what was said before.
type dependence int

const (
	standsAlone dependence = iota
	thin
	pointsBack
)

func dependenceOf(text string, languages []string) dependence {
	var forms []string
	content, points := 0, false
	for _, w := range wordsOf(text, first(languages)) {
		if w.part {
			continue
		}
		forms = append(forms, w.form)
		if !isStopWord(w.form, languages) {
			content++
		}
		for _, l := range languages {
			points = points || pointers[l][w.form]
		}
	}
	line := strings.Join(forms, " ") + " "
	for _, l := range languages {
		if slices.ContainsFunc(openers[l], func(o string) bool { return strings.HasPrefix(line, o+" ") }) {
			points = true
		}
	}
	switch {
	case points && content <= 6:
		return pointsBack
	case points || content <= thinWords:
		return thin
	}
	return standsAlone
}

func first(languages []string) string {
	if len(languages) == 0 {
		return ""
	}
	return languages[0]
}

// earlierText is something said before with what its words count.
type earlierText struct {
	text   string
	weight float64
}

// contextOf gives what a question leans on: messages of the shopper, newest
// first, then replies.
func contextOf(q Query, languages []string) []earlierText {
	var earlier []earlierText
	dependence := dependenceOf(q.Text, languages)
	for i := range min(lookBack, len(q.History)) {
		earlier = append(earlier, earlierText{q.History[len(q.History)-1-i], carried[dependence][i]})
	}
	for i := range min(lookBack, len(q.Replies)) {
		earlier = append(earlier, earlierText{q.Replies[len(q.Replies)-1-i], ofReplies})
	}
	return earlier
}

// What was said before names what the talk is about (a hotel, a product, a
// plan) more often than the question does, so that the lexical query carries
// words of the last talked messages and of the replies to them. How much they
// decide is left to the order that is made of the candidates; see rerank.go.
const (
	talked     = 5
	talkWeight = 0.6
	talkDecay  = 0.75
	// maxTalk is how much of one text is carried, in bytes: the first sentences of
	// a long reply say what it is about.
	maxTalk = 1500
)

// questionOf is a question with what it carries, to be ranked by words.
func questionOf(q Query, languages []string) *lexicalQuery {
	query := &lexicalQuery{}
	query.ask(q.Text, languages)
	for age, weight := 0, talkWeight; age < talked; age, weight = age+1, weight*talkDecay {
		for _, texts := range [][]string{q.History, q.Replies} {
			if i := len(texts) - 1 - age; i >= 0 {
				query.carry(cutBytes(texts[i], maxTalk), weight, languages)
			}
		}
	}
	return query
}

// Standalone is a question with as much of what the shopper said before as it
// takes to mean something alone: "and for shoes?" is joined with the question
// before it, and what already stands alone is left as it is. history holds the
// shopper's earlier messages, oldest first, locale the question's language.
func Standalone(text string, history []string, locale string) string {
	languages := searchedLanguages(Query{Locale: locale, SiteLocale: locale})
	whole := []string{text}
	for i := range min(lookBack, len(history)) {
		if dependenceOf(whole[0], languages) == standsAlone {
			break
		}
		whole = slices.Insert(whole, 0, history[len(history)-1-i])
	}
	return strings.Join(whole, " ")
}
