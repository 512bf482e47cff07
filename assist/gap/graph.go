package gap

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/careloop/careloop/retrieval"
)

// How questions are put together; ADR 21 tells what was tried. Each question is
// joined with its nearest others, as strongly as their cosine lies above what
// unrelated questions have. A group is worth the weights within it, less a price
// for each pair: the constant Potts model (Traag, Van Dooren and Nesterov, 2011),
// with a price that stops growing, so that a popular gap may have thousands of
// questions. Questions, and then groups, move to where they are worth most, as in
// the Louvain method (Blondel et al., 2008).
const (
	nearest = 10   // questions that one is joined with
	price   = 0.06 // of a pair
	priced  = 20   // members of a group that are paid for, at most
)

// link is a bond with another question or group.
type link struct {
	to     int32
	weight float32
}

// weightOf is how strongly a cosine bonds; 0 below the floor.
func weightOf(cosine, floor float64) float64 {
	return max(0, (cosine-floor)/(1-floor))
}

// worth is what joining groups of two sizes gains: their bonds less their price.
func worth(bonds, a, b float64) float64 {
	return bonds - price*min(a, b)*min(max(a, b), priced)
}

// Group puts vectors of length 1 together and gives each its group. fixed gives
// the group, from 0, of those that must stay where they are, and -1 for others:
// those of one number stay together, and those of different ones apart. Groups in
// the result begin with those numbers. It is deterministic.
func Group(vectors [][]float32, fixed []int, floor float64) []int {
	return communities(bonds(vectors, floor), fixed)
}

// bonds joins each vector with its nearest.
func bonds(vectors [][]float32, floor float64) [][]link {
	graph := make([][]link, len(vectors))
	add := func(from, to int32, w float32) {
		if !slices.ContainsFunc(graph[from], func(l link) bool { return l.to == to }) {
			graph[from] = append(graph[from], link{to, w})
		}
	}
	for i, near := range neighbours(vectors, nearest) {
		for _, l := range near {
			if w := float32(weightOf(float64(l.weight), floor)); w > 0 {
				add(int32(i), l.to, w)
				add(l.to, int32(i), w)
			}
		}
	}
	return graph
}

// communities groups the nodes of a graph.
func communities(graph [][]link, fixed []int) []int {
	n, groups := len(graph), 0
	for _, g := range fixed {
		groups = max(groups, g+1)
	}
	l := level{graph: graph, group: make([]int, n), held: make([]bool, n), size: make([]float64, n)}
	free := groups
	for i, g := range fixed {
		l.size[i], l.held[i] = 1, g >= 0
		if l.group[i] = g; g < 0 {
			l.group[i] = free
			free++
		}
	}
	of := slices.Clone(l.group)
	for l.move() {
		// What a group was called stays its name, so that held ones keep theirs.
		for i := range of {
			of[i] = l.after[of[i]]
		}
		l = l.next()
	}
	return renumbered(of, groups)
}

// renumbered closes the gaps between group numbers from the first free one on.
func renumbered(of []int, from int) []int {
	number := map[int]int{}
	for i, g := range of {
		if g < from {
			continue
		}
		if _, known := number[g]; !known {
			number[g] = from + len(number)
		}
		of[i] = number[g]
	}
	return of
}

// level is a graph of nodes, each one question or a group of them.
type level struct {
	graph [][]link
	group []int // of each node
	held  []bool
	size  []float64
	// after says where the group that a node began in went; by the number of the
	// group.
	after map[int]int
}

// mostPasses bounds how often all nodes are looked at.
const mostPasses = 20

// move moves nodes one by one to the group where they are worth most, until none
// moves any more, and says whether any did.
func (l *level) move() bool {
	began := slices.Clone(l.group)
	most := 0
	for _, g := range l.group {
		most = max(most, g+1)
	}
	members, weight := make([]float64, most), make([]float64, most)
	for i, g := range l.group {
		members[g] += l.size[i]
	}
	moved := false
	var touched []int
	for pass := range mostPasses {
		changed := false
		for _, i := range rand.New(rand.NewPCG(1, uint64(pass))).Perm(len(l.graph)) {
			if l.held[i] {
				continue
			}
			touched = touched[:0]
			for _, b := range l.graph[i] {
				if int(b.to) == i {
					continue
				}
				g := l.group[b.to]
				if weight[g] == 0 {
					touched = append(touched, g)
				}
				weight[g] += float64(b.weight)
			}
			old := l.group[i]
			members[old] -= l.size[i]
			best, gain := old, worth(weight[old], l.size[i], members[old])
			for _, g := range touched {
				if w := worth(weight[g], l.size[i], members[g]); w > gain+1e-9 {
					best, gain = g, w
				}
				weight[g] = 0
			}
			weight[old] = 0
			members[best] += l.size[i]
			if l.group[i] = best; best != old {
				changed = true
			}
		}
		if !changed {
			break
		}
		moved = true
	}
	l.after = map[int]int{}
	for i, g := range began {
		l.after[g] = l.group[i]
	}
	return moved
}

// next makes a graph whose nodes are the groups.
func (l *level) next() level {
	node := map[int]int{}
	var next level
	for _, g := range l.group {
		if _, known := node[g]; !known {
			node[g] = len(next.group)
			next.group = append(next.group, g)
		}
	}
	n := len(next.group)
	next.graph, next.held, next.size = make([][]link, n), make([]bool, n), make([]float64, n)
	within := make([][]int, n)
	for i, g := range l.group {
		at := node[g]
		next.held[at] = next.held[at] || l.held[i]
		next.size[at] += l.size[i]
		within[at] = append(within[at], i)
	}
	sums := make([]float32, n)
	for at, nodes := range within {
		var touched []int
		for _, i := range nodes {
			for _, b := range l.graph[i] {
				to := node[l.group[b.to]]
				if to == at {
					continue
				}
				if sums[to] == 0 {
					touched = append(touched, to)
				}
				sums[to] += b.weight
			}
		}
		for _, to := range touched {
			next.graph[at] = append(next.graph[at], link{int32(to), sums[to]})
			sums[to] = 0
		}
	}
	return next
}

// exactly is up to how many vectors are compared each with each.
const exactly = 3000

// probed is in how many cells the nearest of a vector are looked for.
const probed = 10

// neighbours gives the nearest of each vector with their cosines, the nearest
// first. Where there are many, vectors are put into cells first, and looked for in
// the cells nearest by, so that some are missed.
func neighbours(vectors [][]float32, k int) [][]link {
	near := make([][]link, len(vectors))
	if len(vectors) <= exactly {
		for i := range vectors {
			near[i] = make([]link, 0, k+1)
		}
		for i := range vectors {
			for j := range i {
				c := retrieval.Dot(vectors[i], vectors[j])
				near[i] = nearer(near[i], link{int32(j), c}, k)
				near[j] = nearer(near[j], link{int32(i), c}, k)
			}
		}
		return near
	}
	cells := newCells(vectors)
	for i, v := range vectors {
		near[i] = make([]link, 0, k+1)
		for _, c := range cells.nearest(v, probed) {
			for _, j := range cells.members[c.to] {
				if int(j) != i {
					near[i] = nearer(near[i], link{j, retrieval.Dot(v, vectors[j])}, k)
				}
			}
		}
	}
	return near
}

// nearer puts a link into a list of the k nearest.
func nearer(list []link, l link, k int) []link {
	if len(list) == k && l.weight <= list[k-1].weight {
		return list
	}
	at, _ := slices.BinarySearchFunc(list, l, func(a, b link) int { return cmp.Compare(b.weight, a.weight) })
	list = slices.Insert(list, at, l)
	return list[:min(len(list), k)]
}

// cells are vectors put with the nearest of some centres.
type cells struct {
	centres [][]float32
	members [][]int32
}

func newCells(vectors [][]float32) cells {
	n := int(math.Sqrt(float64(len(vectors))))
	random := rand.New(rand.NewPCG(2, 3))
	c := cells{}
	for _, i := range random.Perm(len(vectors))[:n] {
		c.centres = append(c.centres, vectors[i])
	}
	for range 2 { // centres settle among their own
		c.fill(vectors)
		for i, members := range c.members {
			sum := make([]float32, len(vectors[0]))
			for _, j := range members {
				for d, x := range vectors[j] {
					sum[d] += x
				}
			}
			c.centres[i] = unit(sum)
		}
	}
	c.fill(vectors)
	return c
}

func (c *cells) fill(vectors [][]float32) {
	c.members = make([][]int32, len(c.centres))
	for i, v := range vectors {
		if at := c.nearest(v, 1); len(at) > 0 {
			c.members[at[0].to] = append(c.members[at[0].to], int32(i))
		}
	}
}

func (c *cells) nearest(v []float32, k int) []link {
	list := make([]link, 0, k+1)
	for i, centre := range c.centres {
		list = nearer(list, link{int32(i), retrieval.Dot(v, centre)}, k)
	}
	return list
}

func unit(v []float32) []float32 {
	if n := math.Sqrt(float64(retrieval.Dot(v, v))); n > 0 {
		for i := range v {
			v[i] = float32(float64(v[i]) / n)
		}
	}
	return v
}
