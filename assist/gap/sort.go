package gap

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/careloop/careloop/retrieval"
)

// Sorter is what putting questions together needs of the store.
type Sorter interface {
	// SitesToSort lists sites with questions that are not put with their like.
	SitesToSort(ctx context.Context) ([]string, error)
	// Unsorted lists questions that are not put with their like, oldest first.
	Unsorted(ctx context.Context, siteID string, limit int) ([]Fresh, error)
	// Place puts new questions, whose vectors are given, with their like, each in
	// the gap that choose picks by its nearest; empty: in a new one. Who comes
	// second waits, and what was placed meanwhile is left alone.
	Place(ctx context.Context, siteID, embedder string, questions []Fresh, choose func([]Neighbour) string) error
	// Stale lists questions of gaps whose vectors are another embedder's.
	Stale(ctx context.Context, siteID, embedder string, limit int) ([]Fresh, error)
	// SaveVectors stores vectors of questions.
	SaveVectors(ctx context.Context, siteID, embedder string, questions []Fresh) error
	// Grown says how many questions a site's gaps have, and how many they had when
	// all were looked at together.
	Grown(ctx context.Context, siteID string) (now, then int, err error)
	// Sorted reads the newest questions of a site's gaps with their vectors.
	Sorted(ctx context.Context, siteID, embedder string, limit int) ([]Member, error)
	// Resort moves questions that still are where they were, unless an admin
	// touched that gap meanwhile, and ends gaps that are empty.
	Resort(ctx context.Context, siteID string, moves []Resorted) error
}

// Fresh is a question on its way into a gap.
type Fresh struct {
	ID     int64
	Text   string
	Locale string
	Vector []float32
}

// Neighbour is a question near a new one.
type Neighbour struct {
	GapID, Text string
	Cosine      float64
	// GapTexts is how many different questions its gap has.
	GapTexts int
}

// Member is a question in a gap.
type Member struct {
	ID     int64
	GapID  string
	Text   string
	Locale string
	// Pinned says that its gap was touched by an admin, or has an article: it stays.
	Pinned bool
	Vector []float32
}

// Resorted is a question that belongs elsewhere.
type Resorted struct {
	ID   int64
	From string
	// To is a gap; where it is empty, all with the same New become a new one.
	To  string
	New int
}

const (
	sortBatch = 100
	// mostSorted bounds what is looked at together, and with it memory: the newest.
	mostSorted = 50_000
	// staleBatch is how many questions get the vectors of a new embedder at a time.
	staleBatch = 500
	// alike is the cosine from which two questions are the same.
	alike = 0.95
)

// sorting puts questions with their like.
type sorting struct {
	store    Sorter
	embedder retrieval.Embedder
	log      *slog.Logger

	once  sync.Mutex
	floor float64 // 0: not known yet
}

// Sort puts a site's new questions with their like, and looks at all of them
// together where many came since that was last done.
func (d *Desk) Sort(ctx context.Context, siteID string) error { return d.sorting.site(ctx, siteID) }

// SortAll does so for every site that has new questions.
func (d *Desk) SortAll(ctx context.Context) error {
	sites, err := d.store.SitesToSort(ctx)
	if err != nil {
		return fmt.Errorf("look for new questions: %w", err)
	}
	for _, id := range sites {
		if err := d.sorting.site(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *sorting) site(ctx context.Context, siteID string) error {
	floor, err := s.level(ctx)
	if err != nil {
		return err
	}
	if err := s.renew(ctx, siteID); err != nil {
		return err
	}
	for {
		list, err := s.store.Unsorted(ctx, siteID, sortBatch)
		if err != nil {
			return fmt.Errorf("read new questions: %w", err)
		}
		if len(list) == 0 {
			break
		}
		if err := s.embed(ctx, list); err != nil {
			return err
		}
		err = s.store.Place(ctx, siteID, s.embedder.Name(), list, func(near []Neighbour) string { return choose(near, floor) })
		if err != nil {
			return fmt.Errorf("place new questions: %w", err)
		}
	}
	now, then, err := s.store.Grown(ctx, siteID)
	if err != nil || now-then < due(then) {
		return err
	}
	return s.refine(ctx, siteID, floor)
}

// renew gives questions the vectors of the present embedder.
func (s *sorting) renew(ctx context.Context, siteID string) error {
	for {
		list, err := s.store.Stale(ctx, siteID, s.embedder.Name(), staleBatch)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := s.embed(ctx, list); err != nil {
			return err
		}
		if err := s.store.SaveVectors(ctx, siteID, s.embedder.Name(), list); err != nil {
			return fmt.Errorf("store vectors of questions: %w", err)
		}
	}
}

func (s *sorting) embed(ctx context.Context, list []Fresh) error {
	texts := make([]string, len(list))
	for i, q := range list {
		texts[i] = q.Text
	}
	vectors, err := s.embedder.Embed(ctx, texts, true)
	if err == nil && len(vectors) != len(texts) {
		err = fmt.Errorf("got %d vectors", len(vectors))
	}
	if err != nil {
		return fmt.Errorf("embed %d questions: %w", len(texts), err)
	}
	for i := range list {
		list[i].Vector = vectors[i]
	}
	return nil
}

// choose picks the gap of a new question: the one that it is worth most to, by its
// nearest of different texts; empty where it is worth nothing to any.
func choose(near []Neighbour, floor float64) string {
	bonds, texts := map[string]float64{}, map[string]int{}
	seen := map[string]bool{}
	for _, n := range near {
		if n.Cosine >= alike {
			return n.GapID
		}
		if seen[n.Text] || len(seen) == nearest {
			continue
		}
		seen[n.Text] = true
		bonds[n.GapID] += weightOf(n.Cosine, floor)
		texts[n.GapID] = n.GapTexts
	}
	best, gain := "", 0.0
	for id, b := range bonds {
		if w := worth(b, 1, float64(texts[id])); w > gain || w == gain && best != "" && id < best {
			best, gain = id, w
		}
	}
	return best
}

// refine looks at all of a site's questions together: near gaps become one, broad
// ones several, and strays find their like. A gap that an admin touched keeps its
// questions, and every gap its id as long as most of it stays together.
func (s *sorting) refine(ctx context.Context, siteID string, floor float64) error {
	members, err := s.store.Sorted(ctx, siteID, s.embedder.Name(), mostSorted)
	if err != nil {
		return fmt.Errorf("read sorted questions: %w", err)
	}
	moves := Refine(members, floor)
	if err := s.store.Resort(ctx, siteID, moves); err != nil {
		return fmt.Errorf("sort questions anew: %w", err)
	}
	s.log.InfoContext(ctx, "questions sorted anew", "site", siteID, "questions", len(members), "moved", len(moves))
	return nil
}

// Refine says which questions belong elsewhere. Languages are kept apart: each
// needs an article of its own.
func Refine(members []Member, floor float64) []Resorted {
	byLanguage := map[string][]Member{}
	for _, m := range members {
		l := LanguageOf(m.Locale)
		byLanguage[l] = append(byLanguage[l], m)
	}
	var moves []Resorted
	fresh := 0
	for _, l := range slices.Sorted(maps.Keys(byLanguage)) {
		list := refineOne(byLanguage[l], floor)
		most := 0
		for _, m := range list {
			m.New += fresh
			most = max(most, m.New+1)
			moves = append(moves, m)
		}
		fresh = max(fresh, most)
	}
	return moves
}

// LanguageOf is the language of a locale: de of de-AT.
func LanguageOf(locale string) string {
	l, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	return l
}

func refineOne(members []Member, floor float64) []Resorted {
	// Questions of the same words are one to the graph: a hundred times the same
	// would crowd out what is near it. One that is pinned speaks for its gap alone.
	type key struct{ text, pinned string }
	at := map[key]int{}
	pinned := map[string]int{}
	var pins []string
	var vectors [][]float32
	var fixed []int
	node := make([]int, len(members))
	for i, m := range members {
		k := key{text: strings.ToLower(m.Text)}
		group := -1
		if m.Pinned {
			k.pinned = m.GapID
			g, known := pinned[m.GapID]
			if !known {
				g = len(pins)
				pinned[m.GapID], pins = g, append(pins, m.GapID)
			}
			group = g
		}
		n, known := at[k]
		if !known {
			n = len(vectors)
			at[k], vectors, fixed = n, append(vectors, m.Vector), append(fixed, group)
		}
		node[i] = n
	}
	groups := Group(vectors, fixed, floor)

	// A group takes the gap that most of its questions are in, the greatest share
	// first; pinned ones are theirs already.
	gapOf := map[int]string{}
	taken := map[string]bool{}
	for g, id := range pins {
		gapOf[g], taken[id] = id, true
	}
	type share struct {
		group int
		gap   string
		n     int
	}
	counts := map[share]int{}
	for i, m := range members {
		counts[share{group: groups[node[i]], gap: m.GapID}]++
	}
	var shares []share
	for s, n := range counts {
		s.n = n
		shares = append(shares, s)
	}
	slices.SortFunc(shares, func(a, b share) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.group, b.group), cmp.Compare(a.gap, b.gap))
	})
	for _, s := range shares {
		if _, has := gapOf[s.group]; !has && !taken[s.gap] {
			gapOf[s.group], taken[s.gap] = s.gap, true
		}
	}
	var moves []Resorted
	for i, m := range members {
		group := groups[node[i]]
		if to, has := gapOf[group]; !m.Pinned && (!has || to != m.GapID) {
			moves = append(moves, Resorted{ID: m.ID, From: m.GapID, To: to, New: group})
		}
	}
	return moves
}

// apart are questions that have nothing to do with each other. What cosines they
// have tells what an embedder makes of unrelated texts.
var apart = []string{
	"Where is my parcel?", "Can I pay by invoice?", "How do I wash a wool sweater?", "Which size fits a child of six?",
	"I forgot my password.", "Do you have a shop in Vienna?", "Is the battery included?", "How do I cancel my newsletter?",
	"The screen of my tablet is broken.", "What is in the dog food?", "Can I get a gift card?", "How long is the warranty on a bicycle?",
	"Are your shoes vegan?", "How do I invite a friend to the app?", "When is the summer sale?", "Can I change the delivery address?",
	"Do you hire students?", "How heavy is the oak table?", "My coupon does not work.", "How do I assemble the shelf?",
	"Is the lamp dimmable?", "Do you deliver to islands?", "What does a premium account cost?", "Where do I find the serial number?",
}

// above is how far over the mean of unrelated questions, in standard deviations,
// a cosine begins to mean something. Chosen on the development sets.
const above = 3.2

// level is the cosine from which questions bond, by what the embedder makes of
// unrelated ones.
func (s *sorting) level(ctx context.Context) (float64, error) {
	s.once.Lock()
	defer s.once.Unlock()
	if s.floor != 0 {
		return s.floor, nil
	}
	floor, err := Floor(ctx, s.embedder)
	if err == nil {
		s.floor = floor
	}
	return floor, err
}

// Floor is the cosine from which questions bond for an embedder.
func Floor(ctx context.Context, embedder retrieval.Embedder) (float64, error) {
	vectors, err := embedder.Embed(ctx, apart, true)
	if err != nil || len(vectors) != len(apart) {
		return 0, fmt.Errorf("embed %d questions, got %d vectors: %w", len(apart), len(vectors), err)
	}
	n, sum, squares := 0.0, 0.0, 0.0
	for i := range vectors {
		for j := range i {
			c := float64(retrieval.Dot(vectors[i], vectors[j]))
			n, sum, squares = n+1, sum+c, squares+c*c
		}
	}
	mean := sum / n
	return min(0.9, mean+above*math.Sqrt(max(0, squares/n-mean*mean))), nil
}
