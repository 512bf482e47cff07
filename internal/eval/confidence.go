package eval

import (
	"cmp"
	"context"
	"slices"
)

// Confidence is the result of an evaluation of the confidence: how well it tells
// questions that the corpus answers from others.
type Confidence struct {
	// AUROC is how likely a question that should be answered has a higher
	// confidence than one that should not.
	AUROC float64 `json:"auroc"`
	// AnswerRate is the greatest share of the questions that should be answered
	// that can be, while of all that are answered 95 of 100 should be; 0 where no
	// threshold does that. Threshold is the confidence from which on that answers;
	// 1 where none does.
	AnswerRate float64 `json:"answer_rate_at_p95"`
	Threshold  float64 `json:"threshold"`
}

// precision is what AnswerRate demands.
const precision = 0.95

// Confidence asks the questions that should be answered and those that should
// not.
func (s *Subject) Confidence(ctx context.Context, in, out []Question) (Confidence, error) {
	done := 0
	ask := func(questions []Question) ([]float64, error) {
		list := make([]float64, len(questions))
		for i, q := range questions {
			result, err := s.Search(ctx, q.Query(s.SiteID, s.Locale))
			if err != nil {
				return nil, err
			}
			list[i] = result.Confidence
			if done++; s.Progress != nil {
				s.Progress(done, len(in)+len(out))
			}
		}
		return list, nil
	}
	high, err := ask(in)
	if err != nil {
		return Confidence{}, err
	}
	low, err := ask(out)
	if err != nil {
		return Confidence{}, err
	}
	rate, threshold := answerRate(high, low)
	return Confidence{AUROC: round(auroc(high, low), 1e4), AnswerRate: round(rate, 1e4), Threshold: threshold}, nil
}

// auroc is the share of pairs, one of each list, in which the first is higher;
// equals count half. By the ranks of the first in both together (Mann and
// Whitney).
func auroc(high, low []float64) float64 {
	type one struct {
		value float64
		high  bool
	}
	var all []one
	for _, v := range high {
		all = append(all, one{v, true})
	}
	for _, v := range low {
		all = append(all, one{v, false})
	}
	slices.SortFunc(all, func(a, b one) int { return cmp.Compare(a.value, b.value) })
	won, below := 0.0, 0.0
	for i := 0; i < len(all); {
		highs, lows := 0.0, 0.0
		for j := i; i < len(all) && all[i].value == all[j].value; i++ {
			if all[i].high {
				highs++
			} else {
				lows++
			}
		}
		won += highs * (below + lows/2)
		below += lows
	}
	return won / (float64(len(high)) * float64(len(low)))
}

// answerRate finds the lowest threshold with the precision that is wanted.
func answerRate(high, low []float64) (rate, threshold float64) {
	threshold = 1
	down := func(list []float64) []float64 {
		sorted := slices.Sorted(slices.Values(list))
		slices.Reverse(sorted)
		return sorted
	}
	high, low = down(high), down(low)
	wrong := 0
	for i, v := range high {
		if i+1 < len(high) && high[i+1] == v {
			continue // equals are answered together
		}
		for wrong < len(low) && low[wrong] >= v {
			wrong++
		}
		if right := i + 1; float64(right) >= precision*float64(right+wrong) {
			rate, threshold = float64(right)/float64(len(high)), v
		}
	}
	return rate, threshold
}
