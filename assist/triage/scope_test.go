package triage

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var shoeShop = []Known{
	{"How do I return a pair of shoes?", "returns"},
	{"I want to send my order back", "returns"},
	{"What is the return period?", "returns"},
	{"How long does delivery take?", "delivery"},
	{"When will my parcel arrive?", "delivery"},
	{"Do you deliver to Austria?", "delivery"},
	{"Which size should I order?", "size"},
	{"Do these boots run small?", "size"},
}

func TestScopeTellsKnownMattersFromOthers(t *testing.T) {
	s := NewScope(shoeShop, nil)
	in := []string{"how can i return my shoes", "When does the parcel arrive?", "what size should I take in boots", "retrun period?"}
	out := []string{"Who won the football match yesterday?", "Tell me a joke about cats", "xyzzy", "Kannst du mir ein Gedicht schreiben"}
	for _, i := range in {
		for _, o := range out {
			if s.Score(i) <= s.Score(o) {
				t.Errorf("%q has %.2f, %q %.2f", i, s.Score(i), o, s.Score(o))
			}
		}
	}
}

func TestScopeUsesVectors(t *testing.T) {
	// Two directions: footwear and everything else.
	vectors := func(text string) []float32 {
		if strings.Contains(text, "sneaker") || strings.Contains(text, "shoes") {
			return []float32{1, 0}
		}
		return []float32{0, 1}
	}
	bank := []Known{{"shoes", "shoes"}}
	s := NewScope(bank, vectors)
	if near, far := s.Score("sneakers"), s.Score("umbrella"); near <= far {
		t.Errorf("what means the same has %.2f, what does not %.2f", near, far)
	}
}

func TestScopeOfNothing(t *testing.T) {
	if got := NewScope(nil, nil).Score("anything"); got != 0 {
		t.Errorf("nothing is known, and the probability is %.2f", got)
	}
}

func TestScopeTakesAnyText(t *testing.T) {
	s := NewScope(shoeShop, nil)
	rapid.Check(t, func(t *rapid.T) {
		if p := s.Score(rapid.String().Draw(t, "text")); !(p >= 0 && p <= 1) {
			t.Fatalf("a probability of %v", p)
		}
	})
}

func TestSpelling(t *testing.T) {
	s := newSpelling()
	s.add("my transaction is wrong, please verify the order")
	for text, want := range map[string]string{
		"Transection worng":    "transaction wrong",
		"verfiy my oder":       "verify my order",
		"cat":                  "cat",
		"umbrella please":      "umbrella please",
		"":                     "",
		"ordre the transacton": "order the transaction",
	} {
		if got := s.correct(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abxc", 1}, {"abc", "ab", 1}, {"abc", "xyz", 3}, {"grüße", "grusse", 3}} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%s to %s: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func BenchmarkScope(b *testing.B) {
	vector := make([]float32, 256)
	vector[0] = 1
	var bank []Known
	for i := range 600 {
		bank = append(bank, Known{Text: fmt.Sprintf("%s number %d", shoeShop[i%len(shoeShop)].Text, i), Answer: fmt.Sprint(i % 40)})
	}
	s := NewScope(bank, func(string) []float32 { return vector })
	for b.Loop() {
		s.Score("Wher is my parcel, it should have arrived on monday?")
	}
}
