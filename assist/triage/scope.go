package triage

import (
	"math"

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
	vectors Vectors
	answers []int // of each known message
	known   [][]float32
	centres [][]float32 // the mean direction of each answer's messages
	// postings are the known messages that have a feature, with its weight there.
	postings map[uint32][]posting
	size     float64
}

type posting struct {
	message int32
	weight  float32
}

// NewScope prepares the scope of a bank of known messages. Without vectors, words
// alone decide.
func NewScope(bank []Known, vectors Vectors) *Scope {
	s := &Scope{vectors: vectors, postings: map[uint32][]posting{}, size: float64(len(bank))}
	numbers := map[string]int{}
	count := 0
	list := make([]linear.Vector, len(bank))
	for i, k := range bank {
		number, ok := numbers[k.Answer]
		if !ok || k.Answer == "" {
			number = count
			count++
			numbers[k.Answer] = number
		}
		s.answers = append(s.answers, number)
		list[i] = linear.Features(bounded(k.Text))
		for _, f := range list[i].Indexes {
			s.postings[f] = append(s.postings[f], posting{message: int32(i)})
		}
	}
	s.weigh(list)
	if vectors != nil {
		s.embed(bank, count)
	}
	return s
}

// weigh gives the postings their weights: TF-IDF, each message of length 1.
func (s *Scope) weigh(list []linear.Vector) {
	lengths := make([]float64, len(list))
	for i, v := range list {
		for _, f := range v.Indexes {
			lengths[i] += s.rarity(f) * s.rarity(f)
		}
	}
	for f, p := range s.postings {
		rarity := s.rarity(f)
		for i := range p {
			p[i].weight = float32(rarity / math.Sqrt(lengths[p[i].message]))
		}
	}
}

// rarity is a feature's inverse document frequency.
func (s *Scope) rarity(feature uint32) float64 {
	return math.Log(1 + s.size/(float64(len(s.postings[feature]))+0.5))
}

func (s *Scope) embed(bank []Known, answers int) {
	s.centres = make([][]float32, answers)
	for i, k := range bank {
		v := s.vectors(bounded(k.Text))
		s.known = append(s.known, v)
		centre := &s.centres[s.answers[i]]
		if *centre == nil {
			*centre = make([]float32, len(v))
		}
		for j, x := range v {
			(*centre)[j] += x
		}
	}
	for _, c := range s.centres {
		if length := math.Sqrt(float64(dot(c, c))); length > 0 {
			for j := range c {
				c[j] /= float32(length)
			}
		}
	}
}

// neighbours is how many nearest known messages are asked for their answer.
const neighbours = 8

// The probability that goes with a score was fitted by logistic regression on the
// development sets that train/README.md names: one slope and one middle for all.
const slope, middle = 5.0, 1.9

// Score is the probability that a message has one of the known answers. It rests
// on three likenesses: to the nearest known message, in words and in meaning; to
// the nearest answer, the mean of its messages; and on whether the nearest known
// messages agree on one answer.
func (s *Scope) Score(text string) float64 {
	if len(s.answers) == 0 {
		return 0
	}
	text = bounded(text)
	like := s.words(text)
	centre := 0.0
	if s.vectors != nil {
		v := s.vectors(text)
		for i, k := range s.known {
			like[i] += dot(v, k)
		}
		for _, c := range s.centres {
			centre = max(centre, float64(dot(v, c)))
		}
	} else {
		for i, l := range like {
			like[i] = 2 * l
			centre = max(centre, float64(l))
		}
	}
	best, agreed := s.vote(like)
	return linear.Logistic(slope * (best + centre + agreed - middle))
}

// words is the likeness of a text to each known message in words and their parts,
// from 0 to 1.
func (s *Scope) words(text string) []float32 {
	like := make([]float32, len(s.answers))
	length := 0.0
	for _, f := range linear.Features(text).Indexes {
		rarity := s.rarity(f)
		length += rarity * rarity
		for _, p := range s.postings[f] {
			like[p.message] += float32(rarity) * p.weight
		}
	}
	if length > 0 {
		for i := range like {
			like[i] /= float32(math.Sqrt(length))
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
