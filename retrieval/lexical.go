package retrieval

import (
	"hash/fnv"
	"regexp"
	"slices"
)

// The lexical index is BM25 over three fields (title, headings, text), cut in
// two: a chunk keeps for each of its terms the saturated weight that does not
// depend on any other chunk, and a query brings the inverse document
// frequencies. The inner product of the two is the score. The lengths that a
// chunk is compared with are fixed, so that no weight changes when other
// articles do.
const (
	saturation = 1.6 // BM25's k1

	// Chosen on the development sets of public help centres and FAQs: short
	// chunks and full titles win more than the books' values let them.
	titleWeight, titleNorm, titlePivot       = 2.0, 0.7, 9.0
	headingWeight, headingNorm, headingPivot = 1.0, 0.3, 6.0
	textWeight, textNorm, textPivot          = 1.0, 0.75, 45.0
)

// MaxTerm is the greatest term. A term is the FNV-1a hash (64 bits) of a word as
// words gives it, modulo MaxTerm, plus one: stable across versions, never 0, and
// small enough for the dimensions of a sparse vector. Among 100,000 different
// words some five pairs share a term, which costs a little precision and
// nothing else.
const MaxTerm = 999_999_937

func termOf(word string) int32 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(word))
	return int32(h.Sum64()%MaxTerm) + 1
}

// Where links lead is no text.
var linkTarget = regexp.MustCompile(`\]\([^()\s]*\)|https?://[^\s)>\]]+`)

// LexicalWeights is what the lexical index keeps of a chunk: its terms with
// their saturated weights. locale (BCP 47) chooses the stemming.
func LexicalWeights(title string, heading []string, text, locale string) TermWeights {
	frequency := map[int32]float64{}
	add := func(words []word, weight, norm, pivot float64) {
		length := 0
		for _, w := range words {
			if !w.whole {
				length++
			}
		}
		each := weight / (1 - norm + norm*float64(length)/pivot)
		for _, w := range words {
			for _, term := range w.terms {
				frequency[term] += each
			}
		}
	}
	language := languageOf(locale)
	add(wordsOf(title, language), titleWeight, titleNorm, titlePivot)
	var headings []word
	for _, h := range heading {
		headings = append(headings, wordsOf(h, language)...)
	}
	add(headings, headingWeight, headingNorm, headingPivot)
	add(wordsOf(linkTarget.ReplaceAllString(text, "] "), language), textWeight, textNorm, textPivot)

	weights := TermWeights{Terms: make([]int32, 0, len(frequency)), Weights: make([]float32, len(frequency))}
	for term := range frequency {
		weights.Terms = append(weights.Terms, term)
	}
	slices.Sort(weights.Terms)
	for i, term := range weights.Terms {
		f := frequency[term]
		weights.Weights[i] = float32(f * (saturation + 1) / (f + saturation))
	}
	return weights
}
