package retrieval

import (
	"slices"
	"strings"
)

// clues are what orders the candidates of a finding. Each is measured against
// the finding's own best, so that it means the same in a large shop and a small
// one.
type clues struct {
	// words is the question's own BM25 score as a share of the best.
	words float64
	// talk is the same of what was said before, times openness: what the question
	// leaves open, the talk decides.
	talk float64
	// meaning is how far the cosine lies behind the best one, as a share of the
	// room between the last of the semantic ranking and 1; at most 0.
	meaning float64
	// place is where the cosine lies between the last of the semantic ranking, 0,
	// and the first, 1: for embedders whose cosines are not known.
	place float64
	// pairs, kin and title are those of the candidate.
	pairs, kin, title float64
}

// ordering is what each clue counts in a candidate's score. Scores are logits:
// how likely a candidate answers among the others is the softmax of them.
type ordering struct {
	words, talk, meaning, place, pairs, kin, title float64
}

// order scores the candidates of a finding.
func (s *Search) order(f *finding) []float64 {
	o := anyOrder
	switch {
	case len(f.semantic) == 0:
		o = wordsOrder
	case f.foreign:
		// What the embedder says of a language that it knows badly is half a guess.
		o = ownOrder
		o.meaning, o.kin = o.meaning/2, o.kin/2
	case strings.HasPrefix(s.embedder.Name(), fittedEmbedder):
		o = ownOrder
	}
	scores := make([]float64, len(f.candidates))
	for i, c := range cluesOf(f) {
		scores[i] = o.of(c)
	}
	return scores
}

func (o ordering) of(c clues) float64 {
	return o.words*c.words + o.talk*c.talk + o.meaning*c.meaning + o.place*c.place +
		o.pairs*c.pairs + o.kin*c.kin + o.title*c.title
}

// cluesOf gives the clues of a finding's candidates.
func cluesOf(f *finding) []clues {
	bestWords, bestTalk := 0.0, 0.0
	for _, c := range f.candidates {
		bestWords, bestTalk = max(bestWords, c.words), max(bestTalk, c.talk)
	}
	open := openness(f.candidates)
	first, last := 0.0, 0.0
	if n := len(f.semantic); n > 0 {
		first, last = f.semantic[0].Score, f.semantic[n-1].Score
	}
	sharp := 1 - blur(f.query)
	list := make([]clues, len(f.candidates))
	for i, c := range f.candidates {
		l := clues{pairs: c.pairs, kin: c.kin, title: c.title}
		if bestWords > 0 {
			l.words = c.words / bestWords
		}
		if bestTalk > 0 {
			l.talk = open * c.talk / bestTalk
		}
		if last < 1 {
			l.meaning = sharp * (c.semantic - first) / (1 - last)
		}
		if last < first {
			l.place = sharp * max(-0.5, (c.semantic-last)/(first-last))
		}
		list[i] = l
	}
	return list
}

// opennessAt is the place whose score openness compares with the first.
const opennessAt = 10

// openness is how much a question by itself leaves open: the score of the tenth
// article as a share of the first's. Where a hundred hotels have an answer each
// to whether one can park there, it is nearly 1, and which hotel was talked of
// decides.
func openness(candidates []*candidate) float64 {
	best := map[string]float64{}
	for _, c := range candidates {
		best[c.Article.ID] = max(best[c.Article.ID], c.words)
	}
	scores := make([]float64, 0, len(best))
	for _, s := range best {
		scores = append(scores, s)
	}
	slices.Sort(scores)
	slices.Reverse(scores)
	if len(scores) == 0 || scores[0] == 0 {
		return 1
	}
	return scores[min(opennessAt, len(scores))-1] / scores[0]
}
