package retrieval

// reading is what a search learns of a passage by reading it again.
type reading struct {
	// words is the BM25 score of the question's own words, talk that of the words
	// carried over from what was said before.
	words, talk float64
	// pairs is how much of the question stands in the passage as pairs of words
	// that follow each other, each pair weighed by its commoner word.
	pairs float64
	// title is how much of the title's content words the question has; named how
	// much of the question's content words, weighed by rarity, the title has;
	// covered how much of them the passage has.
	title, named, covered float64
}

// askedTerm is a term of the question or of the talk, and where the passage has
// it.
type askedTerm struct {
	own, talk float64 // its weight in either
	words     []*askedWord
	// frequency in the passage, by field, as far as it was read in this passage.
	title, heading, text float64
	passage              int
}

// askedWord is a word of the question itself.
type askedWord struct {
	share   float64 // of the question's content; 0 for stop words
	follows *askedWord
	pair    float64 // the share of the pair with the word that it follows
	// where the passage has it: its last place, and how near the word before it
	// was at best.
	passage, last int
	titled        bool
	nearest       float64
}

// reader reads passages for one question. It is for one goroutine.
type reader struct {
	languages []string
	terms     map[int32]*askedTerm
	words     []*askedWord
	passage   int // how many were read
	buffer    []word
	touched   []*askedTerm
}

// near is how far apart two words stand at most that still are a pair.
const near = 3

// newReader makes a reader for a question that knows how frequent its terms are.
func newReader(q *lexicalQuery, languages []string) *reader {
	r := &reader{languages: languages, terms: make(map[int32]*askedTerm, 2*len(q.words))}
	term := func(t int32) *askedTerm {
		if r.terms[t] == nil {
			r.terms[t] = &askedTerm{}
		}
		return r.terms[t]
	}
	content, paired := 0.0, 0.0
	var before *queryWord
	for i := range q.words {
		w := &q.words[i]
		for _, t := range w.terms {
			weight := w.weight * q.idf(q.df[t])
			if w.carried {
				term(t).talk = max(term(t).talk, weight)
			} else {
				term(t).own = max(term(t).own, weight)
			}
		}
		if w.carried || w.part {
			continue
		}
		asked := &askedWord{}
		if w.content {
			asked.share = w.idf
			content += w.idf
		}
		if before != nil {
			asked.follows = r.words[len(r.words)-1]
			asked.pair = min(before.weight*before.idf, w.weight*w.idf)
			paired += asked.pair
		}
		for _, t := range w.terms {
			term(t).words = append(term(t).words, asked)
		}
		r.words, before = append(r.words, asked), w
	}
	for _, w := range r.words {
		if content > 0 {
			w.share /= content
		}
		if paired > 0 {
			w.pair /= paired
		}
	}
	return r
}

// read reads a passage.
func (r *reader) read(p Passage) reading {
	r.passage++
	r.touched = r.touched[:0]
	language := languageOf(p.Article.Locale)
	var out reading
	place, titleWords := 0, 0.0

	r.buffer = appendWordsOf(r.buffer[:0], p.Article.Title, language)
	for i := range r.buffer {
		w := &r.buffer[i]
		place++
		asked := r.note(w, place, func(t *askedTerm) { t.title++ })
		for _, a := range asked {
			if !a.titled {
				a.titled = true
				out.named += a.share
			}
		}
		if !w.part && !isStopWord(w.form, r.languages) {
			titleWords++
			if len(asked) > 0 {
				out.title++
			}
		}
	}
	if titleWords > 0 {
		out.title /= titleWords
	}
	titleLength := length(r.buffer)
	place += near

	r.buffer = r.buffer[:0]
	for _, h := range p.Heading {
		r.buffer = appendWordsOf(r.buffer, h, language)
	}
	for i := range r.buffer {
		place++
		r.note(&r.buffer[i], place, func(t *askedTerm) { t.heading++ })
	}
	headingLength := length(r.buffer)
	place += near

	r.buffer = appendWordsOf(r.buffer[:0], withoutLinks(p.Text), language)
	for i := range r.buffer {
		place++
		r.note(&r.buffer[i], place, func(t *askedTerm) { t.text++ })
	}
	textLength := length(r.buffer)

	for _, t := range r.touched {
		f := inTitle.of(t.title, titleLength) + inHeading.of(t.heading, headingLength) + inText.of(t.text, textLength)
		weight := saturated(f)
		out.words += t.own * weight
		if t.own == 0 {
			out.talk += t.talk * weight
		}
	}
	for _, w := range r.words {
		if w.passage == r.passage {
			out.covered += w.share
			out.pairs += w.pair * w.nearest
		}
	}
	return out
}

// note takes a word of the passage in and returns the question's words that it
// is.
func (r *reader) note(w *word, place int, count func(*askedTerm)) []*askedWord {
	var words []*askedWord
	for _, term := range w.terms {
		t := r.terms[term]
		if t == nil {
			continue
		}
		if t.passage != r.passage {
			t.passage, t.title, t.heading, t.text = r.passage, 0, 0, 0
			r.touched = append(r.touched, t)
		}
		count(t)
		for _, a := range t.words {
			if a.passage != r.passage {
				a.passage, a.titled, a.nearest = r.passage, false, 0
			}
			if b := a.follows; b != nil && b.passage == r.passage {
				if far := place - b.last; 0 < far && far <= near {
					a.nearest = max(a.nearest, 1/float64(far))
				}
			}
			a.last = place
		}
		words = t.words
	}
	return words
}
