package draft

import (
	"cmp"
	"context"
	"crypto/sha256"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/careloop/careloop/retrieval"
)

// Example is a text that stands for a macro: its name, its own text, or a
// question that it answered.
type Example struct {
	Macro string
	Text  string
}

// Ranked is a macro with how well it fits, 0 to about 1.
type Ranked struct {
	Macro string
	Score float64
}

// The weights below were chosen on held-out phrases of the example banks, not on
// the questions that docs/evaluation.md reports.
const (
	// wordShare is what likeness of words counts against likeness of meaning.
	wordShare = 0.3
	// nearest is how many of a macro's examples speak for it; the first counts
	// most.
	nearest = 10
	// decay is what each next example counts against the one before it.
	decay = 0.8
	// leastScore is the fit below which a macro is not suggested.
	leastScore = 0.3
)

// Ranker ranks macros by likeness to a question: cosine similarity of vectors,
// and of words weighted by their rarity (TF-IDF; K. Spärck Jones, "A statistical
// interpretation of term specificity", Journal of Documentation 28, 1972). It is
// read-only once made.
type Ranker struct {
	embedder retrieval.Embedder // nil: words alone
	examples []Example
	vectors  [][]float32
	words    []map[string]float64
	idf      map[string]float64
}

// NewRanker makes a ranker of examples. An embedder that fails is done without.
func NewRanker(ctx context.Context, embedder retrieval.Embedder, examples []Example) *Ranker {
	r := &Ranker{examples: examples, idf: map[string]float64{}}
	var texts []string
	for _, e := range examples {
		texts = append(texts, e.Text)
		for t := range termsOf(e.Text) {
			r.idf[t]++
		}
	}
	for t, n := range r.idf {
		r.idf[t] = math.Log(1 + float64(len(examples))/n)
	}
	for _, t := range texts {
		r.words = append(r.words, r.weigh(t))
	}
	if embedder != nil && len(texts) > 0 {
		if v, err := embedder.Embed(ctx, texts, true); err == nil && len(v) == len(texts) {
			r.embedder, r.vectors = embedder, v
		}
	}
	return r
}

// Rank orders macros by how well they fit a question, the best first.
func (r *Ranker) Rank(ctx context.Context, question string) []Ranked {
	var q []float32
	if r.embedder != nil {
		if v, err := r.embedder.Embed(ctx, []string{question}, true); err == nil && len(v) == 1 {
			q = v[0]
		}
	}
	own := r.weigh(question)
	best := map[string][]float64{}
	for i, e := range r.examples {
		likeness := cosine(own, r.words[i])
		if q != nil {
			likeness = wordShare*likeness + (1-wordShare)*dot(q, r.vectors[i])
		}
		best[e.Macro] = append(best[e.Macro], likeness)
	}
	out := make([]Ranked, 0, len(best))
	for m, all := range best {
		slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
		score, weight, sum := 0.0, 1.0, 0.0
		for _, x := range all[:min(nearest, len(all))] {
			score, sum = score+weight*x, sum+weight
			weight *= decay
		}
		out = append(out, Ranked{Macro: m, Score: score / sum})
	}
	slices.SortFunc(out, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Macro, b.Macro))
	})
	return out
}

// termsOf are a text's words and pairs of words, counted. Words are cut to six
// letters, which makes one of most forms of a word in each of our languages.
func termsOf(text string) map[string]float64 {
	out := map[string]float64{}
	before := ""
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if r := []rune(w); len(r) > 6 {
			w = string(r[:6])
		}
		out[w]++
		if before != "" {
			out[before+" "+w] += 0.5
		}
		before = w
	}
	return out
}

func (r *Ranker) weigh(text string) map[string]float64 {
	terms := termsOf(text)
	square := 0.0
	for t, n := range terms {
		w := (1 + math.Log(1+n)) * r.idf[t]
		terms[t] = w
		square += w * w
	}
	if square > 0 {
		for t := range terms {
			terms[t] /= math.Sqrt(square)
		}
	}
	return terms
}

func cosine(a, b map[string]float64) float64 {
	if len(b) < len(a) {
		a, b = b, a
	}
	sum := 0.0
	for t, w := range a {
		sum += w * b[t]
	}
	return sum
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range min(len(a), len(b)) {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// shelf keeps the ranker of each site's macros until they change.
type shelf struct {
	mu      sync.Mutex
	rankers map[[sha256.Size]byte]*Ranker // by a hash of all that it is made of
}

// mostShelves bounds the rankers that are kept; a further one empties the shelf.
const mostShelves = 200

// fit lists the macros that fit a question, those in its language or in none.
func (s *shelf) fit(ctx context.Context, embedder retrieval.Embedder, question, language string, macros []Macro) ([]Macro, error) {
	var examples []Example
	var key strings.Builder
	byID := map[string]Macro{}
	for _, m := range macros {
		if m.Locale != "" && languageOf(m.Locale) != language {
			continue
		}
		byID[m.ID] = m
		examples = append(examples, Example{m.ID, m.Name}, Example{m.ID, m.Text})
		key.WriteString(m.ID + "\x00" + m.Name + "\x00" + m.Text + "\x00")
	}
	s.mu.Lock()
	made := sha256.Sum256([]byte(key.String()))
	r := s.rankers[made]
	s.mu.Unlock()
	if r == nil {
		r = NewRanker(ctx, embedder, examples)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.mu.Lock()
		if s.rankers == nil || len(s.rankers) >= mostShelves {
			s.rankers = map[[sha256.Size]byte]*Ranker{}
		}
		s.rankers[made] = r
		s.mu.Unlock()
	}
	out := []Macro{}
	for _, ranked := range r.Rank(ctx, question) {
		if ranked.Score < leastScore || len(out) == mostMacros {
			break
		}
		out = append(out, byID[ranked.Macro])
	}
	return out, ctx.Err()
}
