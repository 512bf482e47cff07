package extractive

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/careloop/careloop/assist/llm"
)

// Bounds on what is read.
const (
	maxPassages = 16
	maxQuestion = 64 // terms
	chatty      = 5  // so many terms of a question make its weight
)

// How much a word of the question counts where it stands. A sentence seldom
// repeats what its headings say.
const (
	inHeading = 0.6
	inTitle   = 0.5
	inContext = 0.35 // in the sentence before it
)

// scored is a unit with its worth.
type scored struct {
	unit
	terms   map[string]bool
	found   []float64 // for each term of the question, 0 to 1: in the unit itself
	covered []float64 // and with what stands above and before it
	cover   float64   // of the question, by weight, 0 to 1
	own     float64   // the part of it that stands in the unit itself
	score   float64
}

// page is a passage, read.
type page struct {
	n     int
	title string
	units []scored
	best  float64
}

// asked is a question, read.
type asked struct {
	wish
	terms   []string
	near    []map[string]float64 // for each, the passages' terms that are like it
	weights []float64
	total   float64
}

// reading is what one call knows.
type reading struct {
	lexis *lexis
	asked asked
	pages []page
	size  int // units
}

func newReading(g llm.Grounding, language string) *reading {
	r := &reading{lexis: newLexis(language)}
	r.asked.wish = read(g.Question, language)
	for _, p := range g.Passages[:min(len(g.Passages), maxPassages)] {
		pg := page{n: p.N, title: clean(p.Title + " " + p.Heading)}
		for _, u := range parse(p.Text, language) {
			pg.units = append(pg.units, scored{unit: u})
		}
		if len(pg.units) > 0 {
			r.pages = append(r.pages, pg)
		}
	}
	r.ask(g.Question, r.count())
	for i := range r.pages {
		r.score(i)
	}
	return r
}

// count reads the units' words and says how many units hold each.
func (r *reading) count() map[string]int {
	in := map[string]int{}
	known := func(text string) { // though no unit's own
		for _, t := range r.lexis.terms(text) {
			in[t] += 0
		}
	}
	for i := range r.pages {
		known(r.pages[i].title)
		for j := range r.pages[i].units {
			u := &r.pages[i].units[j]
			u.terms = map[string]bool{}
			if j == 0 || u.heading != r.pages[i].units[j-1].heading {
				known(u.heading)
			}
			text := u.whole()
			if u.shape == row {
				text = u.values
			}
			terms := r.lexis.terms(text)
			if r.asked.contact {
				terms = append(terms, r.reached(text)...)
			}
			for _, t := range terms {
				if !u.terms[t] {
					u.terms[t] = true
					in[t]++
				}
			}
			r.size++
		}
	}
	return in
}

// reached gives the terms of the ways to reach the shop that stand in a text.
func (r *reading) reached(text string) []string {
	var out []string
	for _, m := range reach.FindAllString(text, -1) {
		if strings.Contains(m, "@") {
			out = append(out, emailTerm)
		} else if t := phoneTerm[r.lexis.language]; t != "" {
			out = append(out, t)
		}
	}
	return out
}

// ask reads the question and weighs its terms: the rarer in the passages, the
// more. A term that stands nowhere weighs less: it may be a slip, or chat.
func (r *reading) ask(question string, in map[string]int) {
	rare := math.Log(1 + float64(r.size))
	seen := map[string]bool{}
	for _, t := range r.lexis.terms(question) {
		if _, ok := in[t]; !ok {
			t = r.lexis.meant(t)
		}
		if seen[t] || len(r.asked.terms) == maxQuestion {
			continue
		}
		seen[t] = true
		n, ok := in[t]
		w := math.Log(1 + float64(r.size)/float64(1+n))
		near := map[string]float64{}
		for other := range in {
			if like := r.lexis.near(t, other); like > 0 && other != t {
				near[other] = like
			}
		}
		if !ok {
			w = rare / 2
			if len(near) > 0 {
				w = rare * 0.8
			}
		}
		r.asked.near = append(r.asked.near, near)
		r.asked.terms = append(r.asked.terms, t)
		r.asked.weights = append(r.asked.weights, w)
	}
	// Of a chatty question, no sentence holds every word.
	heaviest := slices.Clone(r.asked.weights)
	slices.SortFunc(heaviest, func(a, b float64) int { return cmp.Compare(b, a) })
	for _, w := range heaviest[:min(len(heaviest), chatty)] {
		r.asked.total += w
	}
}

// match says how well each term of the question is found among terms.
func (r *reading) match(terms map[string]bool) []float64 {
	out := make([]float64, len(r.asked.terms))
	for i, t := range r.asked.terms {
		if terms[t] {
			out[i] = 1
			continue
		}
		for other, like := range r.asked.near[i] {
			if terms[other] {
				out[i] = max(out[i], like)
			}
		}
	}
	return out
}

func (r *reading) matchText(text string) []float64 {
	terms := map[string]bool{}
	for _, t := range r.lexis.terms(text) {
		terms[t] = true
	}
	return r.match(terms)
}

// share gives the part of the question's weight that covered holds.
func (r *reading) share(covered []float64) float64 {
	if r.asked.total == 0 {
		return 0
	}
	sum := 0.0
	for i, c := range covered {
		sum += c * r.asked.weights[i]
	}
	return min(sum/r.asked.total, 1)
}

func (r *reading) score(at int) {
	p := &r.pages[at]
	title := r.matchText(p.title)
	heading, headingText := make([]float64, len(r.asked.terms)), ""
	var before []float64
	proseSeen := 0
	for j := range p.units {
		u := &p.units[j]
		if u.heading != headingText {
			heading, headingText = r.matchText(u.heading), u.heading
		}
		own := r.match(u.terms)
		u.found, u.own = own, r.share(own)
		u.covered = make([]float64, len(own))
		for i := range own {
			c := max(own[i], heading[i]*inHeading, title[i]*inTitle)
			if before != nil && j > 0 && p.units[j-1].block == u.block && u.shape != row {
				c = max(c, before[i]*inContext)
			}
			u.covered[i] = c
		}
		before = own
		u.cover = r.share(u.covered)
		u.score = u.cover + 0.25*u.own + r.asked.meets(u.text)
		// The passages come best first, by meaning, too, which words cannot tell.
		u.score += 0.20 / float64(1+at)
		if at == 0 {
			u.score += 0.40
		}
		if u.shape == prose {
			switch proseSeen {
			case 0:
				u.score += 0.10
			case 1:
				u.score += 0.04
			}
			proseSeen++
		}
		if u.shape == row {
			if r.named(p, j, own) {
				u.score += 0.15
			} else {
				u.score -= 0.5
			}
		}
		if u.fragment() {
			u.score -= 0.08
		}
		if u.words < 4 && u.shape != row {
			u.score -= 0.15
		}
		if u.words > 45 {
			u.score -= 0.08
		}
		if u.linked > 0.3 {
			u.score -= 0.10 // points elsewhere
		}
		p.best = max(p.best, u.score)
	}
}

// named says whether the question names this row of its table: a term of the
// question stands in it and in at most half of the others.
func (r *reading) named(p *page, at int, own []float64) bool {
	block := p.units[at].block
	for i, c := range own {
		if c < 0.6 {
			continue
		}
		rows, with := 0, 0
		for j := range p.units {
			if u := &p.units[j]; u.block == block {
				rows++
				if u.terms[r.asked.terms[i]] || j == at {
					with++
				}
			}
		}
		if with <= max(1, rows/2) {
			return true
		}
	}
	return false
}
