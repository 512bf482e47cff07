package triage

import (
	"math"
	"strings"

	"github.com/careloop/careloop/assist/triage/linear"
)

// Known is a message that the shop has an answer to.
type Known struct {
	Text string
	// Answer names the answer; messages with the same answer belong together.
	// Empty is an answer of its own.
	Answer string
}

// Vectors gives a text's vector of length 1. It runs in the process and does not
// fail.
type Vectors func(text string) []float32

// Scope tells messages that a shop has an answer to from others, by the messages
// it knows. It is safe for concurrent use.
type Scope struct {
	vectors  Vectors
	spelling *spelling
	answers  []int // of each known message
	known    [][]float32
	// pieces are the features of the known messages.
	pieces map[uint32]*piece
	// lengths are the squares of the known messages' lengths.
	lengths []float64
	// strange is the rarity of a feature that no known message has.
	strange float64
}

// piece is a feature of known messages.
type piece struct {
	rarity   float64 // its inverse document frequency
	messages []int32
}

// NewScope prepares the scope of a bank of known messages. Without vectors, words
// alone decide.
func NewScope(bank []Known, vectors Vectors) *Scope {
	s := &Scope{vectors: vectors, spelling: newSpelling(), pieces: map[uint32]*piece{}}
	numbers := map[string]int{}
	for i, k := range bank {
		number, ok := numbers[k.Answer]
		if !ok || k.Answer == "" {
			number = i
			numbers[k.Answer] = i
		}
		s.answers = append(s.answers, number)
		text := bounded(k.Text)
		s.spelling.add(text)
		for _, f := range linear.Features(text).Indexes {
			if s.pieces[f] == nil {
				s.pieces[f] = &piece{}
			}
			s.pieces[f].messages = append(s.pieces[f].messages, int32(i))
		}
		if vectors != nil {
			s.known = append(s.known, vectors(text))
		}
	}
	s.weigh()
	return s
}

// weigh gives the features their rarity and the known messages their length.
func (s *Scope) weigh() {
	rarity := func(n int) float64 { return math.Log(1 + float64(len(s.answers))/(float64(n)+0.5)) }
	s.strange = rarity(0)
	s.lengths = make([]float64, len(s.answers))
	for _, p := range s.pieces {
		p.rarity = rarity(len(p.messages))
		for _, m := range p.messages {
			s.lengths[m] += p.rarity
		}
	}
}

// neighbours is how many nearest known messages are asked for their answer.
const neighbours = 8

// lengthWeight is what the logarithm of a message's number of words counts: the
// likeness of two long messages is never as high as that of two short ones.
const lengthWeight = 0.1

// The probability that goes with a score was fitted by logistic regression on the
// development sets that train/README.md names: one slope and one middle for all.
const slope, middle = 2.5, 1.6

// Score is the probability that a message has one of the known answers. It rests
// on how like it is, in words and in meaning, to the nearest known message, and
// on whether the nearest ones agree on one answer.
func (s *Scope) Score(text string) float64 {
	if len(s.answers) == 0 {
		return 0
	}
	text = s.spelling.correct(bounded(text))
	like := s.words(text)
	if s.vectors != nil {
		v := s.vectors(text)
		for i, k := range s.known {
			like[i] += dot(v, k)
		}
	} else {
		for i, l := range like {
			like[i] = 2 * l
		}
	}
	best, agreed := s.vote(like)
	words := float64(strings.Count(text, " ") + 1)
	return linear.Logistic(slope * (best + agreed + lengthWeight*math.Log1p(words) - middle))
}

// words is the likeness of a text to each known message in words and their parts,
// from 0 to 1: the cosine of their features, each weighted by the root of its
// rarity.
func (s *Scope) words(text string) []float32 {
	like := make([]float32, len(s.answers))
	length := 0.0
	for _, f := range linear.Features(text).Indexes {
		p := s.pieces[f]
		if p == nil {
			length += s.strange
			continue
		}
		length += p.rarity
		for _, m := range p.messages {
			like[m] += float32(p.rarity)
		}
	}
	for i := range like {
		if both := length * s.lengths[i]; both > 0 {
			like[i] /= float32(math.Sqrt(both))
		}
	}
	return like
}

// vote gives the likeness of the nearest known message, and what of the mean
// likeness of its neighbours belongs to the answer that most of them have.
func (s *Scope) vote(like []float32) (best, agreed float64) {
	var nearest [neighbours]int
	n := 0
	for i, l := range like {
		at := n
		for at > 0 && like[nearest[at-1]] < l {
			at--
		}
		if at == neighbours {
			continue
		}
		n = min(n+1, neighbours)
		copy(nearest[at+1:n], nearest[at:n-1])
		nearest[at] = i
	}
	sums := map[int]float64{}
	for _, i := range nearest[:n] {
		answer := s.answers[i]
		sums[answer] += float64(like[i]) / neighbours
		agreed = max(agreed, sums[answer])
	}
	return float64(like[nearest[0]]), agreed
}

func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	n := min(len(a), len(b))
	i := 0
	for ; i+4 <= n; i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < n; i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
