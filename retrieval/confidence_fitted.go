package retrieval

// Three logistic regressions, fitted and written by TestFitConfidence (make fit)
// on the sets of questions that docs/evaluation.md names, each counting alike:
// questions whose answer was among the first three articles, against those where
// it was not, questions that the corpus cannot answer, questions whose articles
// were taken out, and questions asked of another corpus. What they are worth on a
// corpus that they have not seen is told there.
var (
	// ownCosine is for the embedder that Careloop brings along: its cosines mean
	// the same everywhere.
	ownCosine = estimate{base: -5.20, sure: 3.94, unknown: -0.16, cosine: 5.70}
	// anyCosine is for all others, whose cosines lie where nobody knows.
	anyCosine = estimate{base: -3.41, sure: 3.67, unknown: -0.46, contrast: 3.14, title: 1.04, pairs: 0.50}
	// wordsAlone is for a search without an embedder.
	wordsAlone = estimate{base: -2.56, sure: 3.60, vouched: 1.01, unknown: -2.60, strength: 0.47, title: 1.47}
)
