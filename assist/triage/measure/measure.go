// Package measure compares what triage reads with what people labelled.
package measure

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/careloop/careloop/assist/triage"
)

// Row is a labelled message.
type Row struct {
	Text   string
	Label  string
	Intent string
	// Human says whether it asks for a person, where people labelled that.
	Human *bool
	// HumanOrContact says, where people labelled that, whether it was passed to a
	// person or asks to be called or for the shop's number.
	HumanOrContact *bool `json:"human_or_contact"`
}

// longestLine bounds a line of a file of rows, in bytes.
const longestLine = 1 << 20

// Rows reads a JSON object a line. It fails at the first line that is none.
func Rows(r io.Reader) ([]Row, error) {
	var out []Row
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, longestLine)
	for number := 1; scan.Scan(); number++ {
		if len(scan.Bytes()) == 0 {
			continue
		}
		var row Row
		if err := json.Unmarshal(scan.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("line %d is no JSON object with a text: %w", number, err)
		}
		out = append(out, row)
	}
	return out, scan.Err()
}

// Figures are how well one label was read.
type Figures struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	// AUROC is the probability that a message with the label has a higher score
	// than one without it. It is 0.5 where all or none have it.
	AUROC float64 `json:"auroc"`
}

// Result is what Measure found.
type Result struct {
	// Labels are those that the rows carry: human, negative, in_scope.
	Labels map[string]Figures `json:"labels"`
	Rows   int                `json:"rows"`
	// P99 is the time that 99 of 100 messages stay below, in microseconds.
	P99 float64 `json:"p99_us"`
}

// ErrNoLabels means that the rows carry no label that triage reads.
var ErrNoLabels = errors.New("no row says human (true or false), or has the label negative, in or out")

// ErrNoExamples means that rows labelled in or out need a shop's known messages.
var ErrNoExamples = errors.New("rows labelled in or out need --examples, the messages that the shop knows")

// label is one of the labels a row may carry.
type label struct {
	name string
	// truth is what people said; ok is false where they said nothing.
	truth func(Row) (yes, ok bool)
	// score is triage's, a probability; from 0.5 on it says yes.
	score func(triage.Reading, string) float64
}

// Measure reads all rows and compares. scope may be nil where no row is labelled
// in or out.
func Measure(rows []Row, reader *triage.Reader, locale string, scope *triage.Scope) (Result, error) {
	labels, err := carried(rows, scope)
	if err != nil {
		return Result{}, err
	}
	times := make([]time.Duration, len(rows))
	scores, truths := map[string][]float64{}, map[string][]bool{}
	for i, row := range rows {
		started := time.Now()
		reading := reader.Read(row.Text, locale)
		for _, l := range labels {
			yes, ok := l.truth(row)
			if !ok {
				continue
			}
			scores[l.name] = append(scores[l.name], l.score(reading, row.Text))
			truths[l.name] = append(truths[l.name], yes)
		}
		times[i] = time.Since(started)
	}
	slices.Sort(times)
	result := Result{Labels: map[string]Figures{}, Rows: len(rows), P99: float64(times[(len(times)*99)/100].Nanoseconds()) / 1000}
	for _, l := range labels {
		result.Labels[l.name] = figures(scores[l.name], truths[l.name])
	}
	return result, nil
}

// carried are the labels that rows carry.
func carried(rows []Row, scope *triage.Scope) ([]label, error) {
	var out []label
	has := func(f func(Row) bool) bool { return slices.ContainsFunc(rows, f) }
	switch {
	case has(func(r Row) bool { return r.HumanOrContact != nil }):
		out = append(out, label{"human", func(r Row) (bool, bool) { return r.HumanOrContact != nil && *r.HumanOrContact, r.HumanOrContact != nil }, handOff})
	case has(func(r Row) bool { return r.Human != nil }):
		out = append(out, label{"human", func(r Row) (bool, bool) { return r.Human != nil && *r.Human, r.Human != nil }, func(r triage.Reading, _ string) float64 { return r.Person }})
	}
	if has(func(r Row) bool { return r.Label == "negative" }) {
		out = append(out, label{"negative", func(r Row) (bool, bool) { return r.Label == "negative", r.Label != "" }, func(r triage.Reading, _ string) float64 { return r.Negative }})
	}
	if has(func(r Row) bool { return r.Label == "in" || r.Label == "out" }) {
		if scope == nil {
			return nil, ErrNoExamples
		}
		out = append(out, label{"in_scope", func(r Row) (bool, bool) { return r.Label == "in", r.Label == "in" || r.Label == "out" }, func(_ triage.Reading, text string) float64 { return scope.Score(text) }})
	}
	if len(out) == 0 {
		return nil, ErrNoLabels
	}
	return out, nil
}

// handOff is the score of what a shop's bot passes on: whoever asks for a person,
// to be called or for a number, and money that is not where it should be, which
// no bot can put right.
func handOff(r triage.Reading, _ string) float64 {
	score := max(r.Person, r.Contact)
	if r.Money {
		score = max(score, 0.5)
	}
	return score
}

// figures compares scores with truths.
func figures(scores []float64, truths []bool) Figures {
	var right, wrong, overlooked float64
	for i, score := range scores {
		switch said := score >= 0.5; {
		case said && truths[i]:
			right++
		case said:
			wrong++
		case truths[i]:
			overlooked++
		}
	}
	f := Figures{AUROC: auroc(scores, truths)}
	if right > 0 {
		f.Precision, f.Recall = right/(right+wrong), right/(right+overlooked)
		f.F1 = 2 * f.Precision * f.Recall / (f.Precision + f.Recall)
	}
	return f
}

// auroc is the area under the curve of hits over false alarms, by the ranks of
// the scores (Mann and Whitney, 1947); equal scores share their ranks' mean.
func auroc(scores []float64, truths []bool) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case scores[a] < scores[b]:
			return -1
		case scores[a] > scores[b]:
			return 1
		}
		return 0
	})
	var yes, no, ranks float64
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && scores[order[j]] == scores[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			if truths[k] {
				yes++
				ranks += float64(i+j+1) / 2
			} else {
				no++
			}
		}
		i = j
	}
	if yes == 0 || no == 0 {
		return 0.5
	}
	return (ranks - yes*(yes+1)/2) / (yes * no)
}
