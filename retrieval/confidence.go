package retrieval

import (
	"math"
	"slices"
	"strings"
)

// features are what the confidence is made of, each from 0 to 1.
type features struct {
	// found says that there is a passage, semantic that the semantic ranking has
	// one.
	found, semantic bool
	// foreign says that the embedder does not know the question's language.
	foreign bool
	// coverage is how much of the question's content words, weighed by how rare
	// they are, stands in the passage that holds most of them, its title and
	// headings included. A word that no chunk has weighs most.
	coverage float64
	// unknown is how much of them no chunk of the shop has at all, the best
	// passage not even in a kindred form.
	unknown float64
	// titleMatch is how much of the best passage's title the question speaks of,
	// times coverage and what is not unknown.
	titleMatch float64
	// strength is the best lexical score of the first passages as a share of what
	// a passage that is all about the question would have.
	strength float64
	// margin is how far the best article stands before the next, times coverage:
	// one word in common with a single article makes a wide margin and no answer.
	margin float64
	// cosine is the best one, contrast how far it stands out from the middle of
	// the semantic ranking.
	cosine, contrast float64
	// agreement is 1 where both rankings have the best passage among their first.
	agreement float64
}

// estimate is a logistic function of features.
type estimate struct {
	base, unknown, titleMatch, strength, margin, cosine, contrast, agreement float64
}

// Three logistic regressions, fitted by TestFitConfidence on the questions of
// six public help centres and FAQs (wixqa, techqa, stackfaq, covidfaq, mtragun,
// dstc11-faq), each counting alike: questions whose answer was among the first
// three articles, against those where it was not, questions that the corpus
// cannot answer, questions whose articles were taken out, and questions asked of
// another corpus. What they are worth on a corpus that they have not seen is in
// docs/evaluation.md.
var (
	// ownCosine is for the embedder that Careloop brings along: its cosines mean
	// the same everywhere.
	ownCosine = estimate{base: -3.52, unknown: -1.27, margin: 3.54, cosine: 3.47, contrast: 3.02, agreement: 0.66}
	// anyCosine is for all others, whose cosines lie where nobody knows.
	anyCosine = estimate{base: -2.43, unknown: -1.55, margin: 3.05, contrast: 5.73, agreement: 0.63}
	// wordsAlone is for a search without an embedder. Unknown words count more
	// than the fit asks for (-1.75): one word in common with a small shop's only
	// article on it (the president of Germany) is no answer.
	wordsAlone = estimate{base: -1.1, unknown: -2.6, titleMatch: 2.23, strength: 2.46, margin: 3.85}
)

// fittedEmbedder begins the names of the embedders that ownCosine is fitted to.
const fittedEmbedder = "careloop-static-"

// confidence is by the estimate that fits what was found. In a language that the
// embedder does not know its cosines are low also for what fits: there the words
// may vouch for a passage by themselves.
func (s *Search) confidence(f features) float64 {
	switch {
	case !f.semantic:
		return wordsAlone.of(f)
	case f.foreign:
		return max(wordsAlone.of(f), ownCosine.of(f))
	case strings.HasPrefix(s.embedder.Name(), fittedEmbedder):
		return ownCosine.of(f)
	}
	return anyCosine.of(f)
}

// of estimates the probability that the passages answer the question.
func (e estimate) of(f features) float64 {
	if !f.found {
		return 0
	}
	z := e.base + e.unknown*f.unknown + e.titleMatch*f.titleMatch + e.strength*f.strength +
		e.margin*f.margin + e.cosine*f.cosine + e.contrast*f.contrast + e.agreement*f.agreement
	return 1 / (1 + math.Exp(-z))
}

// covering is how many passages are looked at for coverage.
const covering = 3

// leading is how many of a ranking are its first.
const leading = 3

func featuresOf(found *finding, passages []Passage) features {
	q, lexical, semantic, languages := found.query, found.lexical, found.semantic, found.languages
	f := features{foreign: found.foreign, found: len(passages) > 0, semantic: len(semantic) > 0}
	if !f.found {
		return f
	}
	asked := map[int32]bool{}
	total, best := 0.0, 0.0
	for _, w := range q.words {
		for _, term := range w.terms {
			asked[term] = true
		}
		if w.content {
			total += w.weight * w.idf
		}
		if w.weight >= faint {
			best += w.weight * w.idf * (saturation + 1)
		}
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
		if best > 0 {
			f.strength = max(f.strength, min(1, p.Lexical/best))
		}
	}
	f.titleMatch *= f.coverage * (1 - f.unknown)
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
	f.margin *= f.coverage
	if f.semantic {
		f.cosine = max(0, semantic[0].Score)
	}
	isBest := func(h Hit) bool { return h.ChunkID == passages[0].ChunkID }
	if slices.ContainsFunc(lexical[:min(leading, len(lexical))], isBest) && slices.ContainsFunc(semantic[:min(leading, len(semantic))], isBest) {
		f.agreement = 1
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
