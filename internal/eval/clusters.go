package eval

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/careloop/careloop/retrieval"
)

// Clusters tells how well groups agree with the truth.
type Clusters struct {
	Groups int `json:"groups"`
	// Purity is the share of items whose group's most frequent label is theirs.
	Purity float64 `json:"purity"`
	// NMI is the mutual information over the mean of both entropies.
	NMI float64 `json:"nmi"`
	// ARI is the adjusted Rand index (Hubert and Arabie, 1985): 0 for chance, 1 for
	// the truth.
	ARI float64 `json:"ari"`
}

// ScoreClusters compares the groups of items with their labels.
func ScoreClusters(groups, labels []int) Clusters {
	n := float64(len(groups))
	if n == 0 {
		return Clusters{}
	}
	cell := map[[2]int]float64{}
	inGroup, inLabel, most := map[int]float64{}, map[int]float64{}, map[int]float64{}
	for i, g := range groups {
		cell[[2]int{g, labels[i]}]++
		inGroup[g]++
		inLabel[labels[i]]++
	}
	mutual, both := 0.0, 0.0
	for at, x := range cell {
		most[at[0]] = max(most[at[0]], x)
		mutual += x / n * math.Log(x*n/(inGroup[at[0]]*inLabel[at[1]]))
		both += pairs(x)
	}
	c := Clusters{Groups: len(inGroup), NMI: 1, ARI: 1}
	for _, x := range most {
		c.Purity += x / n
	}
	hg, pg := entropy(inGroup, n)
	hl, pl := entropy(inLabel, n)
	if hg+hl > 0 {
		c.NMI = 2 * mutual / (hg + hl)
	}
	if expected := pg * pl / max(1, pairs(n)); (pg+pl)/2 != expected {
		c.ARI = (both - expected) / ((pg+pl)/2 - expected)
	}
	return c
}

func pairs(x float64) float64 { return x * (x - 1) / 2 }

func entropy(sizes map[int]float64, n float64) (h, together float64) {
	for _, x := range sizes {
		h -= x / n * math.Log(x/n)
		together += pairs(x)
	}
	return h, together
}

// KMeans puts vectors of length 1 into k groups: spherical k-means, begun with
// k-means++ (Arthur and Vassilvitskii, 2007).
func KMeans(vectors [][]float32, k int, seed uint64) []int {
	random := rand.New(rand.NewPCG(seed, 1))
	centres := [][]float32{vectors[random.IntN(len(vectors))]}
	far := make([]float64, len(vectors))
	for i := range far {
		far[i] = math.Inf(1)
	}
	for len(centres) < k {
		sum := 0.0
		for i, v := range vectors {
			far[i] = min(far[i], max(0, 2-2*float64(retrieval.Dot(v, centres[len(centres)-1]))))
			sum += far[i]
		}
		at, left := 0, random.Float64()*sum
		for at < len(vectors)-1 && left > far[at] {
			left -= far[at]
			at++
		}
		centres = append(centres, vectors[at])
	}
	group := make([]int, len(vectors))
	for range 50 {
		changed := false
		for i, v := range vectors {
			best, most := 0, math.Inf(-1)
			for c, centre := range centres {
				if x := float64(retrieval.Dot(v, centre)); x > most {
					best, most = c, x
				}
			}
			changed = changed || group[i] != best
			group[i] = best
		}
		if !changed {
			break
		}
		for c := range centres {
			centres[c] = make([]float32, len(vectors[0]))
		}
		for i, v := range vectors {
			for d, x := range v {
				centres[group[i]][d] += x
			}
		}
		for _, c := range centres {
			length := math.Sqrt(float64(retrieval.Dot(c, c)))
			for d := range c {
				if length > 0 {
					c[d] /= float32(length)
				}
			}
		}
	}
	return group
}

// Labelled numbers labels in the order in which they come.
func Labelled(labels []string) (numbers []int, kinds int) {
	var seen []string
	for _, l := range labels {
		at := slices.Index(seen, l)
		if at < 0 {
			at = len(seen)
			seen = append(seen, l)
		}
		numbers = append(numbers, at)
	}
	return numbers, len(seen)
}
