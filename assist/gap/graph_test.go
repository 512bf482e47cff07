package gap

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/retrieval"
)

// spot is a vector of length 1 near one of the axes.
func spot(axis int, off float32, towards int) []float32 {
	v := make([]float32, 12)
	v[axis] = 1
	v[towards] += off
	return unit(v)
}

func drawVectors(t *rapid.T) [][]float32 {
	var list [][]float32
	for range rapid.IntRange(0, 60).Draw(t, "n") {
		list = append(list, spot(rapid.IntRange(0, 5).Draw(t, "axis"), rapid.Float32Range(0, 1.5).Draw(t, "off"), rapid.IntRange(0, 11).Draw(t, "towards")))
	}
	return list
}

func TestGroupKeepsWhatIsHeld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vectors := drawVectors(t)
		fixed := make([]int, len(vectors))
		held := 0
		for i := range fixed {
			fixed[i] = rapid.IntRange(-3, held).Draw(t, "fixed")
			if fixed[i] < 0 {
				fixed[i] = -1
			} else {
				held = max(held, fixed[i]+1)
			}
		}
		groups := Group(vectors, fixed, 0.4)
		if len(groups) != len(vectors) {
			t.Fatalf("%d groups of %d vectors", len(groups), len(vectors))
		}
		for i, g := range groups {
			if fixed[i] >= 0 && g != fixed[i] {
				t.Fatalf("%d was held in %d and is in %d", i, fixed[i], g)
			}
			if g < 0 {
				t.Fatalf("%d is in no group", i)
			}
		}
		if again := Group(vectors, fixed, 0.4); !slices.Equal(groups, again) {
			t.Fatal("the same vectors give other groups")
		}
	})
}

func TestGroupTellsApart(t *testing.T) {
	var vectors [][]float32
	var fixed []int
	for i := range 30 {
		vectors, fixed = append(vectors, spot(i%3, 0.2, 6+i%5)), append(fixed, -1)
	}
	groups := Group(vectors, fixed, 0.4)
	for i := range groups {
		for j := range i {
			if same := groups[i] == groups[j]; same != (i%3 == j%3) {
				t.Fatalf("%d and %d: together %v", i, j, same)
			}
		}
	}
}

func TestNeighboursInCellsAreTheNearest(t *testing.T) {
	var vectors [][]float32
	for i := range exactly + 500 {
		v := make([]float32, 16)
		v[i%16] = 1
		v[(i/16)%16] += float32(i%7) / 7
		v[(i/256)%16] += 0.5
		vectors = append(vectors, unit(v))
	}
	near := neighbours(vectors, 5)
	for i := 0; i < len(vectors); i += 97 {
		best := float32(-1)
		for j := range vectors {
			if j != i {
				best = max(best, retrieval.Dot(vectors[i], vectors[j]))
			}
		}
		if len(near[i]) != 5 || near[i][0].weight < best-0.05 {
			t.Errorf("%d: nearest %.3f, found %v", i, best, near[i])
		}
		if !slices.IsSortedFunc(near[i], func(a, b link) int { return compare(float64(b.weight), float64(a.weight)) }) {
			t.Errorf("%d: %v", i, near[i])
		}
	}
}

func TestChoose(t *testing.T) {
	n := func(gap, text string, cosine float64, texts int) Neighbour {
		return Neighbour{gap, text, cosine, texts}
	}
	for name, c := range map[string]struct {
		near []Neighbour
		want string
	}{
		"nothing near":            {nil, ""},
		"unrelated":               {[]Neighbour{n("a", "x", 0.3, 1), n("b", "y", 0.2, 4)}, ""},
		"alike":                   {[]Neighbour{n("a", "x", 0.7, 1)}, "a"},
		"the same words":          {[]Neighbour{n("a", "x", 1, 5000)}, "a"},
		"most bonds":              {[]Neighbour{n("a", "x", 0.7, 2), n("b", "y", 0.65, 2), n("b", "z", 0.65, 2)}, "b"},
		"one text counts once":    {[]Neighbour{n("b", "y", 0.6, 2), n("b", "y", 0.6, 2), n("a", "x", 0.75, 2)}, "a"},
		"a large gap needs more":  {[]Neighbour{n("a", "x", 0.5, 400)}, ""},
		"a large gap can have it": {[]Neighbour{n("a", "1", 0.8, 400), n("a", "2", 0.8, 400), n("a", "3", 0.8, 400)}, "a"},
	} {
		if got := choose(c.near, 0.4); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Every question has one place after a refinement, no pinned one moves, and a gap
// that stays whole keeps its id.
func TestRefineLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var members []Member
		for i, v := range drawVectors(t) {
			g := rapid.IntRange(0, 6).Draw(t, "gap")
			members = append(members, Member{ID: int64(i + 1), GapID: fmt.Sprint("g", g), Pinned: g < 2, Locale: rapid.SampledFrom([]string{"en", "de-AT"}).Draw(t, "locale"),
				Text: fmt.Sprint("text ", rapid.IntRange(0, 40).Draw(t, "text")), Vector: v})
		}
		at := map[int64]Member{}
		for _, m := range members {
			at[m.ID] = m
		}
		moved := map[int64]bool{}
		for _, r := range Refine(members, 0.4) {
			m, there := at[r.ID]
			switch {
			case !there || moved[r.ID]:
				t.Fatalf("%+v moves what is not there, or twice", r)
			case m.Pinned:
				t.Fatalf("%+v moves what is pinned", r)
			case r.From != m.GapID || r.To == m.GapID:
				t.Fatalf("%+v is no move of %+v", r, m)
			}
			moved[r.ID] = true
			if r.To == "" {
				r.To = fmt.Sprint("new", r.New)
			}
			m.GapID = r.To
			at[r.ID] = m
		}
		// What is refined already stays as it is.
		var again []Member
		for _, m := range members {
			again = append(again, at[m.ID])
		}
		for _, r := range Refine(again, 0.4) {
			if at[r.ID].Pinned {
				t.Fatalf("%+v moves what is pinned", r)
			}
		}
	})
}

func TestRefineKeepsIDs(t *testing.T) {
	var members []Member
	for i := range 12 {
		gap := "a"
		if i%2 == 1 {
			gap = "b"
		}
		members = append(members, Member{ID: int64(i), GapID: gap, Locale: "en", Text: fmt.Sprint("q", i), Vector: spot(i%2, 0.2, 5+i%4)})
	}
	if moves := Refine(members, 0.4); len(moves) != 0 {
		t.Errorf("what is right was moved: %+v", moves)
	}
	// One stray finds its like.
	members[0].GapID = "b"
	if moves := Refine(members, 0.4); len(moves) != 1 || moves[0].To != "a" || moves[0].ID != 0 {
		t.Errorf("%+v", moves)
	}
	members[0].GapID = "a"
	// Two that are one become one, under the id of the larger.
	for _, i := range []int{0, 2} {
		members[i].GapID = "c"
	}
	moves := Refine(members, 0.4)
	if len(moves) != 2 || moves[0].To != "a" || moves[1].To != "a" {
		t.Errorf("%+v", moves)
	}
}

func TestReplayCountsEveryQuestion(t *testing.T) {
	var texts []string
	var vectors [][]float32
	for i := range 40 {
		texts, vectors = append(texts, fmt.Sprint("q", i)), append(vectors, spot(i%4, 0.2, 6+i%5))
	}
	groups := Replay(texts, vectors, 0.4)
	for i := range groups {
		if groups[i] != groups[i%4] {
			t.Fatalf("groups %v", groups)
		}
	}
}
