package retrieval

import (
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
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
)

// field is a part of a chunk with what its words count and how they are measured
// against its length.
type field struct{ weight, norm, pivot float64 }

// Chosen on the development sets of public help centres and FAQs: short chunks
// and full titles win more than the books' values let them.
var (
	inTitle   = field{weight: 2.0, norm: 0.7, pivot: 9}
	inHeading = field{weight: 1.0, norm: 0.3, pivot: 6}
	inText    = field{weight: 1.0, norm: 0.75, pivot: 45}
)

// of is what n occurrences in a field of so many words count.
func (f field) of(n, length float64) float64 {
	return n * f.weight / (1 - f.norm + f.norm*length/f.pivot)
}

// saturated is the weight of a term with this frequency over all fields.
func saturated(frequency float64) float64 {
	return frequency * (saturation + 1) / (frequency + saturation)
}

// length counts the words of a field; an identifier counts by its parts.
func length(words []word) float64 {
	n := 0.0
	for _, w := range words {
		if !w.whole {
			n++
		}
	}
	return n
}

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

var linkTarget = regexp.MustCompile(`\]\([^()\s]*\)|https?://[^\s)>\]]+`)

// withoutLinks takes out where links lead, which is no text.
func withoutLinks(text string) string {
	if !strings.Contains(text, "](") && !strings.Contains(text, "://") {
		return text
	}
	return linkTarget.ReplaceAllString(text, "] ")
}

// LexicalWeights is what the lexical index keeps of a chunk: its terms with
// their saturated weights. locale (BCP 47) chooses the stemming.
func LexicalWeights(title string, heading []string, text, locale string) TermWeights {
	frequency := map[int32]float64{}
	spelt := map[int32]string{}
	add := func(words []word, f field) {
		each := f.of(1, length(words))
		for _, w := range words {
			for _, term := range w.terms {
				frequency[term] += each
			}
			if canBeMisspelt(w.form) {
				spelt[w.terms[0]] = w.form
			}
		}
	}
	language := languageOf(locale)
	add(wordsOf(title, language), inTitle)
	var headings []word
	for _, h := range heading {
		headings = append(headings, wordsOf(h, language)...)
	}
	add(headings, inHeading)
	add(wordsOf(withoutLinks(text), language), inText)

	n := len(frequency)
	weights := TermWeights{Terms: make([]int32, 0, n), Weights: make([]float32, n), Words: make([]string, n)}
	for term := range frequency {
		weights.Terms = append(weights.Terms, term)
	}
	slices.Sort(weights.Terms)
	for i, term := range weights.Terms {
		weights.Weights[i] = float32(saturated(frequency[term]))
		weights.Words[i] = spelt[term]
	}
	return weights
}
