package gap

import (
	"fmt"
	"strings"

	"github.com/careloop/careloop/retrieval"
)

// Replay puts questions together as they would be had they come one by one, and
// gives each its group: each is placed by its nearest, and all are looked at
// together as often as the desk does. It keeps everything in memory and is there to
// be measured.
func Replay(texts []string, vectors [][]float32, floor float64) []int {
	var members []Member
	counted := map[string]int{}
	last, made := 0, 0
	const seen = 40                    // as the store gives
	of := map[string]map[string]bool{} // texts of each group
	name := func() string { made++; return fmt.Sprintf("%09d", made) }
	for i, v := range vectors {
		list := make([]link, 0, seen+1)
		for j, m := range members {
			list = nearer(list, link{int32(j), retrieval.Dot(v, m.Vector)}, seen)
		}
		var near []Neighbour
		for _, l := range list {
			m := members[l.to]
			near = append(near, Neighbour{GapID: m.GapID, Text: m.Text, Cosine: float64(l.weight), GapTexts: len(of[m.GapID])})
		}
		id := choose(near, floor)
		if id == "" {
			id = name()
		}
		members = append(members, Member{ID: int64(i), GapID: id, Text: texts[i], Vector: v})
		if of[id] == nil {
			of[id] = map[string]bool{}
		}
		of[id][strings.ToLower(texts[i])] = true
		if len(members)-last < due(last) {
			continue
		}
		last = len(members)
		fresh := map[int]string{}
		for _, m := range Refine(members, floor) {
			if m.To == "" {
				if fresh[m.New] == "" {
					fresh[m.New] = name()
				}
				m.To = fresh[m.New]
			}
			members[m.ID].GapID = m.To
		}
		clear(of)
		for _, m := range members {
			if of[m.GapID] == nil {
				of[m.GapID] = map[string]bool{}
			}
			of[m.GapID][strings.ToLower(m.Text)] = true
		}
	}
	groups := make([]int, len(members))
	for i, m := range members {
		if _, known := counted[m.GapID]; !known {
			counted[m.GapID] = len(counted)
		}
		groups[i] = counted[m.GapID]
	}
	return groups
}

// due is how many questions must be new until all are looked at together.
func due(then int) int { return max(10, then/5) }
