package eval

import (
	"math"
	"testing"
)

func TestScoreClusters(t *testing.T) {
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
	for name, c := range map[string]struct {
		groups, labels   []int
		purity, nmi, ari float64
	}{
		"the truth, by other names": {[]int{5, 5, 7, 7}, []int{1, 1, 0, 0}, 1, 1, 1},
		"all in one":                {[]int{0, 0, 0, 0}, []int{0, 0, 1, 1}, 0.5, 0, 0},
		"each alone":                {[]int{0, 1, 2, 3}, []int{0, 0, 1, 1}, 1, 2.0 / 3, 0},
		"one astray":                {[]int{0, 0, 0, 1}, []int{0, 0, 1, 1}, 0.75, 0.3437110184854508, 0},
		"one of one":                {[]int{3}, []int{9}, 1, 1, 1},
	} {
		s := ScoreClusters(c.groups, c.labels)
		if !near(s.Purity, c.purity) || !near(s.NMI, c.nmi) || !near(s.ARI, c.ari) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if s := ScoreClusters(nil, nil); s != (Clusters{}) {
		t.Errorf("nothing: %+v", s)
	}
}

func TestKMeansFindsWhatIsApart(t *testing.T) {
	var vectors [][]float32
	var labels []int
	for i := range 30 {
		v := []float32{0, 0, 0}
		v[i%3] = 1
		vectors, labels = append(vectors, v), append(labels, i%3)
	}
	if s := ScoreClusters(KMeans(vectors, 3, 1), labels); s.ARI != 1 {
		t.Errorf("%+v", s)
	}
}

func TestLabelled(t *testing.T) {
	numbers, kinds := Labelled([]string{"b", "a", "b"})
	if kinds != 2 || numbers[0] != 0 || numbers[1] != 1 || numbers[2] != 0 {
		t.Errorf("%v of %d", numbers, kinds)
	}
}
