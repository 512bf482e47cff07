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
	// foreign says that the embedder knows the question's language badly.
	foreign bool
	// sure is how much the ordering prefers few articles: 1 where one alone is
	// likely, 0 where all of the most that are read are alike. vouched is that
	// times covered: one word in common with a single article makes sure of it and
	// no answer.
	sure, vouched float64
	// unknown is how much of the question's content words, weighed by how rare
	// they are, no chunk of the shop has, nor the best passage a kindred form.
	unknown float64
	// cosine is the best one, contrast how far it stands out from the last of the
	// semantic ranking.
	cosine, contrast float64
	// Of the best passage: strength is its lexical score as a share of what a
	// passage that is all about the question would have, covered how much of the
	// question's content words it has, title how much of its title's content words
	// the question has, pairs how much of the question it has as pairs of words.
	strength, covered, title, pairs float64
}

// estimate is a logistic function of features.
type estimate struct {
	base, sure, vouched, unknown, cosine, contrast, strength, covered, title, pairs float64
}

// fittedEmbedder begins the names of the embedders that ownCosine and ownOrder
// are fitted to.
const fittedEmbedder = "careloop-static-"

// confidence is by the estimate that fits what was found. In a language that the
// embedder knows badly its cosines are low also for what fits: there the words
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
	z := e.base + e.sure*f.sure + e.vouched*f.vouched + e.unknown*f.unknown + e.cosine*f.cosine + e.contrast*f.contrast +
		e.strength*f.strength + e.covered*f.covered + e.title*f.title + e.pairs*f.pairs
	return 1 / (1 + math.Exp(-z))
}

// featuresOf looks at a finding whose candidates are in order.
func featuresOf(f *finding) features {
	out := features{found: len(f.candidates) > 0, semantic: len(f.semantic) > 0, foreign: f.foreign}
	if !out.found {
		return out
	}
	best := f.candidates[0]
	out.covered, out.title, out.pairs = best.covered, best.title, best.pairs
	out.sure = sureness(f.candidates)
	out.vouched = out.sure * out.covered
	if n := len(f.semantic); n > 0 {
		first, last := f.semantic[0].Score, f.semantic[n-1].Score
		out.cosine = max(0, first)
		if last < 1 {
			out.contrast = max(0, first-last) / (1 - last)
		}
	}
	content, unknown, most := 0.0, 0.0, 0.0
	var forms map[string]bool
	for _, w := range f.query.words {
		if w.carried {
			continue
		}
		most += w.weight * w.idf * (saturation + 1)
		if !w.content {
			continue
		}
		content += w.idf
		if w.respelt {
			unknown += w.idf / 2
			continue
		}
		if slices.ContainsFunc(w.terms, func(t int32) bool { return f.query.df[t] > 0 }) {
			continue
		}
		if forms == nil {
			forms = formsIn(best.Passage)
		}
		if !hasKin(w.form, forms) {
			unknown += w.idf
		}
	}
	if content > 0 {
		out.unknown = unknown / content
	}
	if most > 0 {
		out.strength = min(1, best.words/most)
	}
	return out
}

// sureness is one less the entropy of the articles' likelihoods as a share of the
// greatest that there can be.
func sureness(candidates []*candidate) float64 {
	of := map[string]float64{}
	for _, c := range candidates {
		if old, seen := of[c.Article.ID]; !seen || c.Fused > old {
			of[c.Article.ID] = c.Fused
		}
	}
	all, entropy := 0.0, 0.0
	for _, score := range of {
		all += math.Exp(score - candidates[0].Fused)
	}
	for _, score := range of {
		if p := math.Exp(score-candidates[0].Fused) / all; p > 0 {
			entropy -= p * math.Log(p)
		}
	}
	return 1 - entropy/math.Log(maxLoaded)
}

// formsIn are the words of a passage, its title and headings included.
func formsIn(p Passage) map[string]bool {
	forms := map[string]bool{}
	for _, text := range append([]string{p.Article.Title, p.Text}, p.Heading...) {
		for _, w := range wordsOf(text, languageOf(p.Article.Locale)) {
			forms[w.form] = true
		}
	}
	return forms
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
