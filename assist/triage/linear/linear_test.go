package linear

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestFeaturesAreASetOfLengthOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := Features(rapid.String().Draw(t, "text"))
		sorted := slices.Clone(v.Indexes)
		slices.Sort(sorted)
		if len(slices.Compact(sorted)) != len(v.Indexes) {
			t.Fatal("a feature is there twice")
		}
		square := 0.0
		for _, i := range v.Indexes {
			if i >= 1<<Bits {
				t.Fatalf("feature %d is out of range", i)
			}
			square += float64(v.Value) * float64(v.Value)
		}
		if len(v.Indexes) > 0 && math.Abs(square-1) > 1e-3 {
			t.Fatalf("the square of the length is %f", square)
		}
	})
}

func TestFeaturesOfTheSame(t *testing.T) {
	for _, c := range [][2]string{
		{"Where IS it", "where is it"},
		{"don’t", "don't"},
		{"order 12345", "order 99"},
		{"see https://a.example/b now", "see https://c.example now"},
		{"thanks @shop", "thanks @other"},
	} {
		if a, b := Features(c[0]), Features(c[1]); !slices.Equal(a.Indexes, b.Indexes) {
			t.Errorf("%q and %q differ", c[0], c[1])
		}
	}
	if slices.Equal(Features("not good").Indexes, Features("good not").Indexes) {
		t.Error("the order of words tells nothing")
	}
	if n := len(Features("").Indexes); n != 0 {
		t.Errorf("nothing has %d features", n)
	}
}

var colours = []Example{
	{"red as blood", 1, 1}, {"a red rose", 1, 1}, {"the red car", 1, 1}, {"paint it red", 1, 1},
	{"blue as the sea", 0, 1}, {"a blue whale", 0, 1}, {"the blue car", 0, 1}, {"paint it blue", 0, 1},
}

var fast = Options{Epochs: 20, Rate: 0.1, Seed: 3}

func TestFitLearns(t *testing.T) {
	m := Fit(colours, fast)
	red, blue := m.Probability(Features("the red house")), m.Probability(Features("a blue house"))
	if red < 0.6 || blue > 0.4 {
		t.Errorf("red has %.2f, blue %.2f", red, blue)
	}
}

func TestFitIsReproducible(t *testing.T) {
	if !bytes.Equal(Fit(colours, fast).Bytes(), Fit(colours, fast).Bytes()) {
		t.Error("the same examples gave two models")
	}
}

func TestReadReadsWhatBytesWrote(t *testing.T) {
	m := Fit(colours, fast)
	again, err := Read(m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if v := Features("red or blue"); m.Score(v) != again.Score(v) {
		t.Errorf("%f before, %f after", m.Score(v), again.Score(v))
	}
}

func TestReadRefusesWhatIsNoModel(t *testing.T) {
	for name, data := range map[string][]byte{"empty": nil, "short": make([]byte, Size-1), "no scale": make([]byte, Size)} {
		if _, err := Read(data); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}
