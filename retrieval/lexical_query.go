package retrieval

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// queryWord is a word of a question with what it counts.
type queryWord struct {
	word
	// weight is 1 in the question itself, less in what is carried over.
	weight float64
	// content tells the words that an answer must speak of, carried those that
	// were said before and not in the question itself.
	content, carried bool
	// respelt says that no chunk has the word, and that it stands for words that
	// are spelt much alike.
	respelt bool
	// idf is of the most frequent spelling; of a word that no chunk has, that of
	// a word which is rarer than all.
	idf float64
}

// lexicalQuery is a question as the lexical index sees it.
type lexicalQuery struct {
	words []queryWord
	df    map[int32]int64
	n     int64
}

const (
	// partWeight is what the parts of an identifier count beside the whole.
	partWeight = 0.5
	// stopWeight is what a stop word counts. In a help centre whose titles are
	// questions, "do you" is common enough to be found anywhere and rare enough
	// to outweigh a name; nothing at all would lose the phrases that FAQs share
	// with their readers. Chosen on development sets.
	stopWeight = 0.4
)

// ask takes in the question and carry what it leans on, of which only the
// content words matter. A word that is there already keeps its greater weight.
// Stemming is by each of the languages: the text may be in any of them.
func (q *lexicalQuery) ask(text string, languages []string) { q.add(text, 1, languages, false) }

func (q *lexicalQuery) carry(text string, weight float64, languages []string) {
	q.add(text, weight, languages, true)
}

func (q *lexicalQuery) add(text string, weight float64, languages []string, contentOnly bool) {
	at := make(map[string]int, len(q.words))
	for i, w := range q.words {
		at[w.form] = i
	}
	for _, language := range languages {
		for _, w := range wordsOf(text, language) {
			each, stop := weight, isStopWord(w.form, languages)
			switch {
			case stop && contentOnly:
				continue
			case stop:
				each *= stopWeight
			case w.part:
				each *= partWeight
			}
			i, known := at[w.form]
			if !known {
				at[w.form] = len(q.words)
				q.words = append(q.words, queryWord{word: w, weight: each, content: !stop && !w.part && weight >= faint, carried: contentOnly})
				continue
			}
			has := &q.words[i]
			has.weight = max(has.weight, each)
			for _, term := range w.terms {
				if !slices.Contains(has.terms, term) {
					has.terms = append(has.terms, term)
				}
			}
		}
	}
}

// terms lists every term once.
func (q *lexicalQuery) terms() []int32 {
	var terms []int32
	for _, w := range q.words {
		terms = append(terms, w.terms...)
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

// learn takes in how frequent the terms are.
func (q *lexicalQuery) learn(c Corpus) {
	if q.df == nil {
		q.df = map[int32]int64{}
	}
	maps.Copy(q.df, c.DocumentFrequency)
	q.n = c.Chunks
	for i := range q.words {
		w := &q.words[i]
		var df int64
		for _, term := range w.terms {
			df = max(df, q.df[term])
		}
		w.idf = q.idf(df)
	}
}

func (q *lexicalQuery) idf(df int64) float64 {
	return math.Log(1 + (float64(q.n-df)+0.5)/(float64(df)+0.5))
}

// weights is the query's side of the inner product.
func (q *lexicalQuery) weights() TermWeights {
	of := map[int32]float64{}
	for _, w := range q.words {
		for _, term := range w.terms {
			if df := q.df[term]; df > 0 {
				of[term] = max(of[term], w.weight*q.idf(df))
			}
		}
	}
	t := TermWeights{Terms: make([]int32, 0, len(of)), Weights: make([]float32, len(of))}
	for term := range of {
		t.Terms = append(t.Terms, term)
	}
	slices.Sort(t.Terms)
	for i, term := range t.Terms {
		t.Weights[i] = float32(of[term])
	}
	return t
}

// maxLooked bounds how many chunks a search looks at, roughly: the rarest words
// decide which. A chunk that holds only commoner words than those is hardly the
// best.
const maxLooked = 1500

// required picks the terms of which a chunk must hold one: content words from the
// rarest on, and, where there is room for them as in a small shop, the others.
func (q *lexicalQuery) required() []int32 {
	type frequency struct {
		term  int32
		df    int64
		class int // 0 content, 1 other words
	}
	var list []frequency
	for _, w := range q.words {
		class := 1
		if w.content {
			class = 0
		}
		for _, term := range w.terms {
			if df := q.df[term]; df > 0 {
				list = append(list, frequency{term, df, class})
			}
		}
	}
	slices.SortFunc(list, func(a, b frequency) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.df, b.df), cmp.Compare(a.term, b.term))
	})
	var required []int32
	looked := int64(0)
	for _, f := range list {
		if slices.Contains(required, f.term) {
			continue
		}
		if looked += f.df; looked > maxLooked && len(required) > 0 {
			break
		}
		required = append(required, f.term)
	}
	return required
}
