package golden

import (
	"math"
	"slices"

	"github.com/careloop/careloop/assist"
)

// Scores are what a replay measures. Shares are 0 to 1; where there is nothing to
// share by, the share is 0 and so is the number that it is of.
type Scores struct {
	// Questions and Right are of golden questions.
	Questions  int             `json:"questions"`
	Right      float64         `json:"right"`
	Retrieval  RetrievalScores `json:"retrieval"`
	Answers    Share           `json:"answers" doc:"Questions to be answered, and the share that was, by an expected article"`
	Abstention Pair            `json:"abstention" doc:"Not answering what is not to be answered"`
	Escalation Pair            `json:"escalation" doc:"Calling a person where one is to be called"`
	Grounding  Grounding       `json:"grounding"`
	Past       PastScores      `json:"past"`
	P50        float64         `json:"p50_ms"`
	P95        float64         `json:"p95_ms"`
	Cost       int64           `json:"cost_micros"`
	// WithoutModel counts the questions for which there was no money left.
	WithoutModel int `json:"without_model"`
}

// RetrievalScores are over the questions that expect an article.
type RetrievalScores struct {
	Questions int     `json:"questions"`
	Hit1      float64 `json:"hit1" doc:"An expected article stands first"`
	Hit5      float64 `json:"hit5" doc:"One stands among the first five"`
	MRR       float64 `json:"mrr" doc:"Mean of one by the place of the first"`
}

// Share is a part of a number of questions.
type Share struct {
	Questions int     `json:"questions"`
	Right     float64 `json:"right"`
}

// Pair is a decision's precision and recall.
type Pair struct {
	Asked     int     `json:"asked" doc:"Questions where it is right"`
	Said      int     `json:"said" doc:"Questions where it was done"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

// Grounding is the share of the factual sentences that what they cite supports,
// of golden and past questions.
type Grounding struct {
	Sentences int     `json:"sentences"`
	Supported float64 `json:"supported"`
}

// PastScores compare past questions with what became of them then.
type PastScores struct {
	Questions       int     `json:"questions"`
	Agreement       float64 `json:"agreement" doc:"The same outcome, by a same article"`
	NewlyAnswered   int     `json:"newly_answered"`
	NewlyUnanswered int     `json:"newly_unanswered"`
	Disliked        int     `json:"disliked" doc:"Those that a shopper did not like then"`
	DislikedChanged int     `json:"disliked_changed" doc:"Of them, those that end otherwise now"`
}

// Score measures results.
func Score(results []Result) Scores {
	var s Scores
	var right, answered, supported, agreed int
	var abstained, escalated decision
	var took []float64
	for _, r := range results {
		took = append(took, r.Millis)
		s.Cost += r.Cost
		if r.WithoutModel {
			s.WithoutModel++
		}
		s.Grounding.Sentences += len(r.Sentences)
		for _, sentence := range r.Sentences {
			if sentence.Supported {
				supported++
			}
		}
		if r.Kind == KindPast {
			s.Past.count(r)
			if r.Right {
				agreed++
			}
			continue
		}
		s.Questions++
		if r.Right {
			right++
		}
		s.Retrieval.count(r)
		if r.Verdict == Answer {
			s.Answers.Questions++
			if r.Right {
				answered++
			}
		}
		abstained.count(r.Verdict != Answer, r.Outcome != assist.Answered)
		escalated.count(r.Verdict == Person, r.Outcome == assist.Escalated)
	}
	s.Right = part(right, s.Questions)
	s.Answers.Right = part(answered, s.Answers.Questions)
	s.Grounding.Supported = part(supported, s.Grounding.Sentences)
	s.Past.Agreement = part(agreed, s.Past.Questions)
	s.Abstention, s.Escalation = abstained.pair(), escalated.pair()
	if n := float64(s.Retrieval.Questions); n > 0 {
		s.Retrieval.Hit1, s.Retrieval.Hit5, s.Retrieval.MRR = s.Retrieval.Hit1/n, s.Retrieval.Hit5/n, s.Retrieval.MRR/n
	}
	slices.Sort(took)
	s.P50, s.P95 = quantile(took, 0.5), quantile(took, 0.95)
	return s
}

// count adds sums, which Score divides.
func (s *RetrievalScores) count(r Result) {
	if r.Verdict != Answer || len(r.Expected) == 0 {
		return
	}
	s.Questions++
	if r.Rank == 0 {
		return
	}
	if r.Rank == 1 {
		s.Hit1++
	}
	if r.Rank <= 5 {
		s.Hit5++
	}
	s.MRR += 1 / float64(r.Rank)
}

func (s *PastScores) count(r Result) {
	s.Questions++
	switch was, is := r.Past.Outcome == assist.Answered, r.Outcome == assist.Answered; {
	case is && !was:
		s.NewlyAnswered++
	case was && !is:
		s.NewlyUnanswered++
	}
	if r.Past.Rating < 0 {
		s.Disliked++
		if !r.Right {
			s.DislikedChanged++
		}
	}
}

// decision counts when something was to be done and when it was.
type decision struct{ asked, said, both int }

func (d *decision) count(asked, said bool) {
	if asked {
		d.asked++
	}
	if said {
		d.said++
	}
	if asked && said {
		d.both++
	}
}

func (d decision) pair() Pair {
	return Pair{Asked: d.asked, Said: d.said, Precision: part(d.both, d.said), Recall: part(d.both, d.asked)}
}

func part(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// quantile is the smallest of sorted numbers that the share p does not exceed.
func quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
}
