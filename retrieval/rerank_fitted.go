package retrieval

// Three orderings, fitted and written by TestFitOrder (make fit) on the sets of
// questions that docs/evaluation.md names, each counting alike: so that of the
// candidates of a question those that answer it come out likeliest. What each is
// worth on a set that it has not seen is told there.
var (
	// ownOrder is for the embedder that Careloop brings along.
	ownOrder = ordering{words: 3.00, talk: 10.84, meaning: 6.93, pairs: 2.94, kin: 6.22}
	// anyOrder is for all others, whose cosines lie where nobody knows.
	anyOrder = ordering{words: 4.04, talk: 11.09, place: 2.46, pairs: 3.87, title: 1.05}
	// wordsOrder is for a search without an embedder.
	wordsOrder = ordering{words: 5.70, talk: 11.84, pairs: 4.45, title: 1.92}
)
