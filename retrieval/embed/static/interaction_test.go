package static

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTokensStandOnceInOrder(t *testing.T) {
	e := embedder(t)
	var words []string
	for _, token := range e.Tokens("The parcel of the parcels: Rücksendekosten?") {
		words = append(words, e.table.token(int(token.ID)))
	}
	if want := []string{"the", "parcel", "of", "parcels", ":", "ru", "##cks", "##end", "##ek", "##osten", "?"}; !slices.Equal(words, want) {
		t.Errorf("got %q, want %q", words, want)
	}
	if list := e.Tokens(" \u200b\n"); len(list) != 0 {
		t.Errorf("no text has the tokens %v", list)
	}
}

func TestRareTokensWeighMore(t *testing.T) {
	e := embedder(t)
	if list := e.Tokens("the parcel"); list[0].Weight >= list[1].Weight/2 {
		t.Errorf("the weighs %v, parcel %v", list[0].Weight, list[1].Weight)
	}
}

func TestWeightIsTheLengthInSums(t *testing.T) {
	e := embedder(t)
	for _, token := range e.Tokens("Where is my parcel with the espresso machine?") {
		sum := make([]float32, e.Dimensions())
		e.table.add(int(token.ID), sum)
		if length := math.Sqrt(cosine(sum, sum)); math.Abs(length-float64(token.Weight)) > 1e-4 {
			t.Errorf("%s has length %v and weight %v", e.table.token(int(token.ID)), length, token.Weight)
		}
	}
}

func TestCosineOfTokensIsThatOfTexts(t *testing.T) {
	e := embedder(t)
	words := []string{"parcel", "package", "money", "the", "shoes"}
	v := vectors(t, words...)
	for i, a := range words {
		for j, b := range words {
			got, want := e.Cosine(e.Tokens(a)[0], e.Tokens(b)[0]), cosine(v[i], v[j])
			if math.Abs(float64(got)-want) > 1e-4 {
				t.Errorf("%s and %s: %v, want %v", a, b, got, want)
			}
		}
	}
}

// exactly is MaxSim without the look at signs.
func exactly(e *Embedder, question, passage []Token) float64 {
	sum, weights := 0.0, 0.0
	for _, q := range question {
		best := float32(0)
		for _, p := range passage {
			best = max(best, e.Cosine(q, p))
		}
		sum, weights = sum+float64(q.Weight*best), weights+float64(q.Weight)
	}
	if weights == 0 {
		return 0
	}
	return sum / weights
}

func TestMaxSim(t *testing.T) {
	e := embedder(t)
	question := e.Tokens("When will my parcel be delivered?")
	near := e.Tokens("Delivery times. Packages arrive within three to five working days.")
	far := e.Tokens("Wash the shirt at thirty degrees and iron it while it is damp.")
	if a, b := e.MaxSim(question, near), e.MaxSim(question, far); a < b+0.1 {
		t.Errorf("the passage that answers has %.3f, another %.3f", a, b)
	}
	whole := e.Tokens("Your parcel will be delivered when it is ready, my dear?")
	if got := e.MaxSim(question, whole); got < 0.9999 || got > 1.0001 {
		t.Errorf("a passage with all tokens has %v", got)
	}
	if a, b := e.MaxSim(nil, near), e.MaxSim(question, nil); a != 0 || b != 0 {
		t.Errorf("without tokens: %v and %v", a, b)
	}
	for _, passage := range [][]Token{near, far} {
		got, want := float64(e.MaxSim(question, passage)), exactly(e, question, passage)
		if got > want+1e-4 || got < want-0.08 {
			t.Errorf("%.3f by signs, %.3f exactly", got, want)
		}
	}
}

func TestMaxSimOfAnyTexts(t *testing.T) {
	e := embedder(t)
	rapid.Check(t, func(t *rapid.T) {
		question, passage := e.Tokens(rapid.String().Draw(t, "question")), e.Tokens(rapid.String().Draw(t, "passage"))
		got, most := float64(e.MaxSim(question, passage)), exactly(e, question, passage)
		if math.IsNaN(got) || got < 0 || got > most+1e-4 {
			t.Fatalf("%v, at most %v", got, most)
		}
	})
}

func TestTokensAreLightOnMemory(t *testing.T) {
	e := embedder(t)
	question, passage := e.Tokens("Where is my parcel?"), e.Tokens(strings.Repeat("Returns are free within thirty days. ", 30))
	if n := testing.AllocsPerRun(100, func() { e.MaxSim(question, passage) }); n != 0 {
		t.Errorf("MaxSim makes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { e.Tokens("Where is my parcel?") }); n > 1 {
		t.Errorf("Tokens makes %v allocations", n)
	}
}

func BenchmarkTokens(b *testing.B) {
	e, text := embedder(b), variedText()
	b.ReportAllocs()
	for b.Loop() {
		e.Tokens(text)
	}
}

func BenchmarkMaxSim(b *testing.B) {
	e := embedder(b)
	question, passage := e.Tokens("Hi, I ordered two weeks ago and my parcel still hasn't arrived, can I get a refund?"), e.Tokens(variedText())
	b.ReportAllocs()
	for b.Loop() {
		e.MaxSim(question, passage)
	}
}

// variedText has about 200 words, most of them once.
func variedText() string {
	t, _ := shared()
	var text strings.Builder
	for id := 2000; id < 22000; id += 100 {
		text.WriteString(t.token(id) + " ")
	}
	return text.String()
}

func BenchmarkGeometry(b *testing.B) {
	t, err := shared()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		newGeometry(t)
	}
}
