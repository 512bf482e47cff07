package measure

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist/triage"
)

func rows(t *testing.T, text string) []Row {
	t.Helper()
	list, err := Rows(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMeasuresTheLabelsThatRowsCarry(t *testing.T) {
	scope := triage.NewScope([]triage.Known{{Text: "where is my order", Answer: "status"}}, nil)
	cases := map[string]struct{ text, label string }{
		"person": {`{"text":"let me talk to a human","human":true,"label":"human"}
{"text":"where is my order","human":false,"label":"other"}`, "human"},
		"hand-off or call": {`{"text":"please call me back","human":false,"human_or_contact":true}
{"text":"do you sell shoes","human":false,"human_or_contact":false}`, "human"},
		"money": {`{"text":"my bonus is not credited","human":true,"human_or_contact":true}
{"text":"do you sell shoes","human":false,"human_or_contact":false}`, "human"},
		"feeling": {`{"text":"this is ridiculous, you are useless","label":"negative"}
{"text":"thank you, great service","label":"positive"}`, "negative"},
		"scope": {`{"text":"where is my order?","label":"in","intent":"status"}

{"text":"tell me a joke","label":"out"}`, "in_scope"},
	}
	for name, c := range cases {
		got, err := Measure(rows(t, c.text), triage.New(), "en", scope)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := Figures{Precision: 1, Recall: 1, F1: 1, AUROC: 1}
		if got.Rows != 2 || len(got.Labels) != 1 || got.Labels[c.label] != want || got.P99 <= 0 {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestMeasureRefuses(t *testing.T) {
	for text, want := range map[string]error{
		`{"text":"hello","label":"other"}`: ErrNoLabels,
		`{"text":"hello","label":"out"}`:   ErrNoExamples,
	} {
		if _, err := Measure(rows(t, text), triage.New(), "en", nil); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", text, err, want)
		}
	}
	if _, err := Rows(strings.NewReader("{\"text\":\"a\"}\nno JSON")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v", err)
	}
}

func TestFigures(t *testing.T) {
	got := figures([]float64{0.9, 0.6, 0.4, 0.1}, []bool{true, false, true, false})
	want := Figures{Precision: 0.5, Recall: 0.5, F1: 0.5, AUROC: 0.75}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if none := figures([]float64{0.1, 0.1}, []bool{false, false}); none.F1 != 0 || none.AUROC != 0.5 {
		t.Errorf("without the label: %+v", none)
	}
	if ties := auroc([]float64{0.5, 0.5, 0.5}, []bool{true, false, true}); math.Abs(ties-0.5) > 1e-9 {
		t.Errorf("equal scores tell nothing, and the area is %f", ties)
	}
}
