package eval

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Ranking tells how good a ranking of documents is, in the mean of its questions,
// and how long it took.
type Ranking struct {
	Hit1    float64 `json:"hit@1"` // share of questions with any relevant document among the first k
	Hit5    float64 `json:"hit@5"`
	Hit10   float64 `json:"hit@10"`
	Recall5 float64 `json:"recall@5"` // share of the relevant documents among the first 5
	MRR10   float64 `json:"mrr@10"`   // one by the first relevant document's place, 0 beyond 10
	NDCG10  float64 `json:"ndcg@10"`  // with a gain of 1 for each relevant document
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
}

// scorer adds up a Ranking.
type scorer struct {
	sum  Ranking
	took []time.Duration
}

// add scores one question: documents in order, each once.
func (s *scorer) add(ranked, relevant []string, took time.Duration) {
	s.took = append(s.took, took)
	first, among5 := 0, 0
	gain, most := 0.0, 0.0
	for i, id := range ranked[:min(10, len(ranked))] {
		if !slices.Contains(relevant, id) {
			continue
		}
		if first == 0 {
			first = i + 1
		}
		if i < 5 {
			among5++
		}
		gain += 1 / math.Log2(float64(i+2))
	}
	for i := range min(10, len(relevant)) {
		most += 1 / math.Log2(float64(i+2))
	}
	for _, at := range []struct {
		sum *float64
		k   int
	}{{&s.sum.Hit1, 1}, {&s.sum.Hit5, 5}, {&s.sum.Hit10, 10}} {
		if 0 < first && first <= at.k {
			*at.sum++
		}
	}
	if first > 0 {
		s.sum.MRR10 += 1 / float64(first)
	}
	s.sum.Recall5 += float64(among5) / float64(len(relevant))
	s.sum.NDCG10 += gain / most
}

func (s *scorer) mean() Ranking {
	r := s.sum
	for _, v := range []*float64{&r.Hit1, &r.Hit5, &r.Hit10, &r.Recall5, &r.MRR10, &r.NDCG10} {
		*v = round(*v/float64(len(s.took)), 1e4)
	}
	r.P50, r.P99 = milliseconds(quantile(s.took, 0.5)), milliseconds(quantile(s.took, 0.99))
	return r
}

func milliseconds(d time.Duration) float64 { return round(float64(d)/float64(time.Millisecond), 1e3) }

func round(v, parts float64) float64 { return math.Round(v*parts) / parts }

// quantile is the value below which a share q of the samples lies; there is at
// least one sample.
func quantile[T cmp.Ordered](samples []T, q float64) T {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[max(0, min(len(sorted)-1, int(math.Ceil(q*float64(len(sorted))))-1))]
}
