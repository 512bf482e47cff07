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

// Earlier messages count less the older they are. Two are looked back at.
const lookBack = 2

var carried = [...]struct{ pointing, thin float64 }{{0.8, 0.35}, {0.5, 0.15}}

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

// contextOf gives the earlier messages that a question leans on, newest first,
// each with what its words count.
func contextOf(q Query, languages []string) (texts []string, weights []float64) {
	dependence := dependenceOf(q.Text, languages)
	if dependence == standsAlone {
		return nil, nil
	}
	for i := 0; i < lookBack && i < len(q.History); i++ {
		weight := carried[i].pointing
		if dependence == thin {
			weight = carried[i].thin
		}
		texts = append(texts, q.History[len(q.History)-1-i])
		weights = append(weights, weight)
	}
	return texts, weights
}
