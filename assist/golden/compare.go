package golden

import (
	"cmp"
	"slices"
)

// Tolerance is by how much a score may fall before it counts as a regression.
const Tolerance = 0.02

// Shift says what became of a question from one replay to the next.
type Shift string

// Shifts.
const (
	Worse   Shift = "worse"  // it was right and is wrong
	Better  Shift = "better" // it was wrong and is right
	Other   Shift = "other"  // it ends otherwise, or rests on other articles, and is as right or wrong as before
	Same    Shift = "same"
	Unasked Shift = "new" // it was not asked before
)

// ShiftOf compares two endings of one question.
func ShiftOf(before *Result, now Result) Shift {
	switch {
	case before == nil:
		return Unasked
	case before.Right && !now.Right, grounded(*before) > grounded(now) && before.Right == now.Right:
		return Worse
	case !before.Right && now.Right, grounded(*before) < grounded(now):
		return Better
	case before.Outcome != now.Outcome || len(before.Cited) != len(now.Cited) || len(now.Cited) > 0 && !shares(before.Cited, now.Cited):
		return Other
	}
	return Same
}

// grounded is the share of a result's sentences that are supported; 1 where there
// are none.
func grounded(r Result) float64 {
	n := 0
	for _, s := range r.Sentences {
		if s.Supported {
			n++
		}
	}
	if len(r.Sentences) == 0 {
		return 1
	}
	return part(n, len(r.Sentences))
}

// Change is a score before and after.
type Change struct {
	Score      string  `json:"score" doc:"Its name, as a path into the scores"`
	Before     float64 `json:"before"`
	After      float64 `json:"after"`
	Difference float64 `json:"difference"`
	Regressed  bool    `json:"regressed"`
	Questions  int     `json:"questions" doc:"How many questions or sentences it is of"`
}

// Pairing is a question's two endings.
type Pairing struct {
	Now    Result  `json:"now"`
	Before *Result `json:"before"`
	Change Shift   `json:"change" enum:"worse,better,other,same,new"`
}

// Comparison is one replay beside an earlier one. Scores are compared over the
// questions that both asked with the same verdict and articles to expect.
type Comparison struct {
	Common  int      `json:"common"`
	Changes []Change `json:"changes"`
	// Pairs holds every question of the later replay: those that got worse first,
	// then those that got better, then what is wrong still, then the rest.
	Pairs []Pairing `json:"-"`
	// Mine and Theirs count the questions that only one of them asked.
	Mine   int `json:"-"`
	Theirs int `json:"-"`
}

// Regressed says whether any score fell by more than the tolerance.
func (c Comparison) Regressed() bool {
	return slices.ContainsFunc(c.Changes, func(x Change) bool { return x.Regressed })
}

// Compare sets a replay beside an earlier one. A question whose verdict or
// articles were changed in between is not compared: it asks for something else.
func Compare(before, after []Result, tolerance float64) Comparison {
	was := map[string]*Result{}
	for i := range before {
		was[before[i].Key] = &before[i]
	}
	var c Comparison
	var left, right []Result
	for _, now := range after {
		then := was[now.Key]
		if then != nil && sameAim(*then, now) {
			left, right = append(left, *then), append(right, now)
		} else {
			then = nil
		}
		c.Pairs = append(c.Pairs, Pairing{now, then, ShiftOf(then, now)})
	}
	c.Common, c.Mine, c.Theirs = len(right), len(after)-len(right), len(before)-len(right)
	c.Changes = changes(Score(left), Score(right), tolerance)
	slices.SortStableFunc(c.Pairs, func(a, b Pairing) int { return cmp.Compare(a.weight(), b.weight()) })
	return c
}

func sameAim(a, b Result) bool {
	if a.Kind != b.Kind || a.Verdict != b.Verdict || len(a.Expected) != len(b.Expected) {
		return false
	}
	for _, x := range a.Expected {
		if !slices.ContainsFunc(b.Expected, func(y Article) bool { return same(x, y) || x.Address == y.Address }) {
			return false
		}
	}
	return true
}

func (p Pairing) weight() int {
	switch {
	case p.Change == Worse:
		return 0
	case p.Change == Better:
		return 1
	case !p.Now.Right:
		return 2
	case p.Change == Other:
		return 3
	}
	return 4
}

// changes lists the scores that are compared. Of time and money nothing is a
// regression: they are another machine's, or another price list's.
func changes(a, b Scores, tolerance float64) []Change {
	list := []Change{}
	add := func(name string, before, after float64, n, m int) {
		if n == 0 && m == 0 {
			return
		}
		// A decision that was never made has no precision to lose.
		fell := n > 0 && m > 0 && before-after > tolerance+1e-9
		list = append(list, Change{name, before, after, after - before, fell, max(n, m)})
	}
	add("right", a.Right, b.Right, a.Questions, b.Questions)
	add("retrieval.hit1", a.Retrieval.Hit1, b.Retrieval.Hit1, a.Retrieval.Questions, b.Retrieval.Questions)
	add("retrieval.hit5", a.Retrieval.Hit5, b.Retrieval.Hit5, a.Retrieval.Questions, b.Retrieval.Questions)
	add("retrieval.mrr", a.Retrieval.MRR, b.Retrieval.MRR, a.Retrieval.Questions, b.Retrieval.Questions)
	add("answers.right", a.Answers.Right, b.Answers.Right, a.Answers.Questions, b.Answers.Questions)
	add("abstention.precision", a.Abstention.Precision, b.Abstention.Precision, a.Abstention.Said, b.Abstention.Said)
	add("abstention.recall", a.Abstention.Recall, b.Abstention.Recall, a.Abstention.Asked, b.Abstention.Asked)
	add("escalation.precision", a.Escalation.Precision, b.Escalation.Precision, a.Escalation.Said, b.Escalation.Said)
	add("escalation.recall", a.Escalation.Recall, b.Escalation.Recall, a.Escalation.Asked, b.Escalation.Asked)
	add("grounding.supported", a.Grounding.Supported, b.Grounding.Supported, a.Grounding.Sentences, b.Grounding.Sentences)
	add("past.agreement", a.Past.Agreement, b.Past.Agreement, a.Past.Questions, b.Past.Questions)
	return list
}
