package retrieval

import (
	"math"
	"slices"
)

// confidence estimates the probability that the passages answer the question:
// a logistic function of what can be told without understanding either. Its
// weights began as a logistic regression on the development sets of five public
// help centres and FAQs: questions whose answer was among the first three
// articles, against questions without an answer there and questions asked of
// another help centre. Unknown words were then made to count more than it asked
// for, so that one word in common with a single article (the weather on Mars, a
// jacket for the weather) is not taken for an answer. Of the foreign questions
// 88 in 100 fall under 0.35; of those whose article was found 80 rise over 0.35
// and 66 over 0.6. The weight of contrast is an estimate.
func confidence(q *lexicalQuery, passages []Passage, semantic []Hit, languages []string) float64 {
	if len(passages) == 0 {
		return 0
	}
	f := featuresOf(q, passages, semantic, languages)
	z := -1.5 + f.coverage + 3*f.titleMatch*f.coverage + 3*f.strength +
		2.5*f.coverage*f.margin*(1-f.unknown) - 3.5*f.unknown + 2.5*f.contrast
	return 1 / (1 + math.Exp(-z))
}

// features are what the confidence is made of, each from 0 to 1.
type features struct {
	// coverage is how much of the question's content words, weighed by how rare
	// they are, stands in the passage that holds most of them, its title and
	// headings included. A word that no chunk has weighs most.
	coverage float64
	// unknown is how much of them no chunk of the shop has at all, the best
	// passage not even in a kindred form.
	unknown float64
	// titleMatch is how much of the best passage's title the question speaks of.
	titleMatch float64
	// strength is the best passage's score as a share of what a passage that is
	// all about the question would have.
	strength float64
	// margin is how far the best article stands before the next.
	margin float64
	// contrast is how far the best cosine stands out from the middle of the
	// semantic ranking. Cosines themselves mean something else with every
	// embedder.
	contrast float64
}

// covering is how many passages are looked at for coverage.
const covering = 3

func featuresOf(q *lexicalQuery, passages []Passage, semantic []Hit, languages []string) features {
	var f features
	asked := map[int32]bool{}
	total, best := 0.0, 0.0
	for _, w := range q.words {
		for _, term := range w.terms {
			asked[term] = true
		}
		if w.content {
			total += w.weight * w.idf
		}
		best += w.weight * w.idf * (saturation + 1)
	}
	for i, p := range passages[:min(covering, len(passages))] {
		found, forms, title := map[int32]bool{}, map[string]bool{}, 0.0
		var titleWords []word
		for _, language := range languages {
			words := wordsOf(p.Article.Title, language)
			titleWords = append(titleWords, words...)
			for _, h := range p.Heading {
				words = append(words, wordsOf(h, language)...)
			}
			for _, w := range append(words, wordsOf(p.Text, language)...) {
				forms[w.form] = true
				for _, term := range w.terms {
					found[term] = true
				}
			}
		}
		covered, unknown := 0.0, 0.0
		for _, w := range q.words {
			if !w.content || total == 0 {
				continue
			}
			share := w.weight * w.idf / total
			known := slices.ContainsFunc(w.terms, func(t int32) bool { return q.df[t] > 0 })
			switch {
			case slices.ContainsFunc(w.terms, func(t int32) bool { return found[t] }), !known && hasKin(w.form, forms):
				covered += share
			case !known:
				unknown += share
			}
		}
		f.coverage = max(f.coverage, covered)
		if i == 0 {
			f.unknown = unknown
		}
		n := 0.0
		for _, w := range titleWords {
			if isStopWord(w.form, languages) || w.part {
				continue
			}
			n++
			if slices.ContainsFunc(w.terms, func(t int32) bool { return asked[t] }) {
				title++
			}
		}
		if n > 0 && i == 0 {
			f.titleMatch = title / n
		}
	}
	if best > 0 {
		f.strength = min(1, passages[0].Lexical/best)
	}
	f.margin = 1
	for _, p := range passages[1:] {
		if p.Article.ID != passages[0].Article.ID {
			f.margin = 0
			if passages[0].Fused > 0 {
				f.margin = (passages[0].Fused - p.Fused) / passages[0].Fused
			}
			break
		}
	}
	if n := len(semantic); n >= 8 {
		if middle := semantic[n/2].Score; middle < 1 {
			f.contrast = max(0, (semantic[0].Score-middle)/(1-middle))
		}
	}
	return f
}

// hasKin reports whether a word that no chunk has stands in a passage in a form
// that the stemmer does not join with it: broke for broken.
func hasKin(form string, forms map[string]bool) bool {
	const shortest, tail = 4, 2 // letters in common at least, and apart at most
	if len(form) < shortest {
		return false
	}
	for other := range forms {
		common := 0
		for common < min(len(form), len(other)) && form[common] == other[common] {
			common++
		}
		if common >= shortest && len(form)-common <= tail && len(other)-common <= tail {
			return true
		}
	}
	return false
}
