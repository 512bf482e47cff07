package extractive

import (
	"slices"
	"strings"
)

// Bounds on an answer.
const (
	maxSentences = 4
	maxWords     = 80
	maxSteps     = 14
	maxStepWords = 260
)

// How well a sentence must fit.
const (
	enough  = 0.34 // of the question's weight, for the best sentence
	least   = 0.15 // if no sentence has that much, for one of the first passage
	sure    = 0.45 // below it, a lead-in says that this is only what the pages say
	further = 0.72 // of the best score, for a further sentence of the same passage
	other   = 0.86 // and of another passage
)

// quote is a unit that the answer quotes.
type quote struct {
	page, at int
}

// answer is what is said: quotes in order, and a lead-in or "".
type answer struct {
	lead   string
	quotes []quote
}

// pick chooses what answers the question; no quotes if nothing does.
func (r *reading) pick(language string) answer {
	best, ok := r.best()
	if !ok {
		return answer{}
	}
	if a, ok := r.steps(best, language); ok {
		return a
	}
	chosen := r.withIntro(nil, best)
	for _, c := range r.ranked() {
		if len(chosen) >= maxSentences {
			break
		}
		if slices.Contains(chosen, c) || !r.worth(chosen, best, c) {
			continue
		}
		more := r.withIntro(chosen, c)
		if len(more) <= maxSentences && r.words(more) <= maxWords {
			chosen = more
		}
	}
	a := answer{quotes: r.order(chosen, best)}
	if u := r.unit(best); u.cover < sure && !direct.MatchString(r.unit(a.quotes[0]).text) {
		a.lead = pagesSay[language]
	}
	return a
}

func (r *reading) unit(q quote) *scored { return &r.pages[q.page].units[q.at] }

// ranked gives all units, best first; equals in order.
func (r *reading) ranked() []quote {
	var out []quote
	for p := range r.pages {
		for u := range r.pages[p].units {
			out = append(out, quote{p, u})
		}
	}
	slices.SortStableFunc(out, func(a, b quote) int {
		switch sa, sb := r.unit(a).score, r.unit(b).score; {
		case sa > sb:
			return -1
		case sa < sb:
			return 1
		}
		return 0
	})
	return out
}

// best gives the unit to answer with: the best that fits well enough, or else
// the best of the first passage, which may say it in other words.
func (r *reading) best() (quote, bool) {
	ranked := r.ranked()
	for _, q := range ranked {
		if r.fits(q, enough) {
			return q, true
		}
	}
	for _, q := range ranked {
		if q.page == 0 && r.fits(q, least) {
			return q, true
		}
	}
	return quote{}, false
}

func (r *reading) fits(q quote, need float64) bool {
	u := r.unit(q)
	return u.cover >= need && u.words >= 2 && u.words <= 2*maxWords && !r.introduces(q)
}

// introduces says whether a unit only leads to what follows it.
func (r *reading) introduces(q quote) bool { return strings.HasSuffix(r.unit(q).text, ":") }

// worth says whether a further sentence adds to the answer.
func (r *reading) worth(chosen []quote, best, c quote) bool {
	u, b := r.unit(c), r.unit(best)
	need, own := other, 0.8
	if c.page == best.page {
		need, own = further, 0.5
		if c.at == best.at+1 && u.block == b.block && u.shape == prose {
			own = 0.2 // what follows often completes it
		}
	}
	need += 0.07 * float64(len(chosen)-1) // the longer, the more it takes
	if u.score < need*b.score || u.own < own*b.own || u.cover < enough || u.words < 3 || u.linked > 0.3 || r.introduces(c) {
		return false
	}
	if u.shape == row && u.own < 0.5*b.own {
		return false
	}
	if r.asked.yesNo && direct.MatchString(b.text) && (c.page != best.page || u.heading != b.heading && !adds(u, b)) {
		return false // a direct answer needs no more than what stands beside it
	}
	for _, q := range chosen {
		if alike(u, r.unit(q)) {
			return false
		}
	}
	return true
}

// adds says whether a names something of the question that b does not.
func adds(a, b *scored) bool {
	for i, f := range a.found {
		if f >= 0.7 && b.found[i] < 0.3 {
			return true
		}
	}
	return false
}

// alike says whether one of two units says little that the other does not.
func alike(a, b *scored) bool {
	if a.text == b.text {
		return true
	}
	if len(a.terms) > len(b.terms) {
		a, b = b, a
	}
	if len(a.terms) == 0 {
		return false
	}
	both := 0
	for t := range a.terms {
		if b.terms[t] {
			both++
		}
	}
	all := len(a.terms) + len(b.terms) - both
	return both*10 >= 7*all || both*100 >= 85*len(a.terms) && len(a.terms) >= 4
}

// withIntro adds a unit and what it needs before it: the sentence that a
// dangling start points to, or the line that a list's fragment completes.
func (r *reading) withIntro(chosen []quote, q quote) []quote {
	out := slices.Clone(chosen)
	add := []quote{q}
	for range 2 {
		first := add[0]
		if !r.dangles(first) || first.at == 0 {
			break
		}
		prev := quote{first.page, first.at - 1}
		if u, p := r.unit(first), r.unit(prev); u.shape != prose {
			prev = r.intro(first)
			if prev.at < 0 {
				break
			}
		} else if p.shape == row || p.heading != u.heading {
			break
		}
		add = append([]quote{prev}, add...)
		if slices.Contains(out, prev) {
			break
		}
	}
	for _, a := range add {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// dangles says whether a unit cannot stand alone.
func (r *reading) dangles(q quote) bool {
	u := r.unit(q)
	if u.lead != "" || u.shape == row {
		return false
	}
	if u.listed() {
		return r.intro(q).at >= 0
	}
	words := split(firstWords(u.text))
	return len(words) > 0 && dangling[r.lexis.language][words[0]] || startsWithPhrase(u.text)
}

func firstWords(text string) string {
	if len(text) <= 40 {
		return text
	}
	if at := strings.IndexByte(text[20:], ' '); at >= 0 {
		return text[:20+at]
	}
	return text
}

func startsWithPhrase(text string) bool {
	text = strings.ToLower(firstWords(text))
	for _, p := range []string{"in that case", "in this case", "in diesem fall", "in dem fall", "dans ce cas", "sin embargo", "en ese caso", "en este caso", "for this", "après cela", "de même"} {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

// intro gives the sentence that leads to the list in which q stands; at is -1
// if there is none.
func (r *reading) intro(q quote) quote {
	u := r.unit(q)
	for at := q.at - 1; at >= 0; at-- {
		p := r.unit(quote{q.page, at})
		if p.block == u.block {
			continue
		}
		if p.shape == prose && strings.HasSuffix(p.text, ":") && p.heading == u.heading {
			return quote{q.page, at}
		}
		break
	}
	return quote{q.page, -1}
}

func (r *reading) words(quotes []quote) int {
	n := 0
	for _, q := range quotes {
		n += r.unit(q).words
	}
	return n
}

// order puts the passage of the best sentence first, and keeps the order within
// each.
func (r *reading) order(quotes []quote, best quote) []quote {
	rank := func(q quote) int {
		if q.page == best.page {
			return -1
		}
		return q.page
	}
	slices.SortFunc(quotes, func(a, b quote) int {
		if ra, rb := rank(a), rank(b); ra != rb {
			return ra - rb
		}
		return a.at - b.at
	})
	return quotes
}

// steps answers a how-to question by the whole list of steps, if one fits at
// least as well as the best sentence, or holds it.
func (r *reading) steps(best quote, language string) (answer, bool) {
	if !r.asked.howTo || r.unit(best).lead != "" { // that one answers a question of its own
		return answer{}, false
	}
	var a answer
	most := 0.0
	for p := range r.pages {
		units := r.pages[p].units
		for at := 0; at < len(units); at++ {
			if units[at].shape != numbered {
				continue
			}
			end := at
			for end < len(units) && units[end].block == units[at].block {
				end++
			}
			if from, fits := r.list(p, at, end, best); fits > most {
				most, a = fits, answer{}
				if from == at {
					a.lead = stepsFollow[language]
				}
				for i := from; i < end; i++ {
					a.quotes = append(a.quotes, quote{p, i})
				}
			}
			at = end - 1
		}
	}
	return a, most > 0
}

// list says how well the steps from at to end fit, 0 for not well enough, and
// where to begin so that a sentence that leads to them is there.
func (r *reading) list(p, at, end int, best quote) (int, float64) {
	units, from, words, holds := r.pages[p].units, at, 0, false
	covered := make([]float64, len(r.asked.terms))
	title := r.matchText(r.pages[p].title)
	for i := range covered { // steps hardly name what they lead to
		covered[i] = 0.9 * title[i]
	}
	take := func(i int) {
		for j, c := range units[i].covered {
			covered[j] = max(covered[j], c)
		}
		holds = holds || best == quote{p, i}
	}
	for i := at; i < end; i++ {
		take(i)
		words += units[i].words
	}
	if at > 0 && units[at-1].shape == prose && units[at-1].heading == units[at].heading {
		take(at - 1)
		if strings.HasSuffix(units[at-1].text, ":") || best == (quote{p, at - 1}) || units[at-1].score >= other*r.unit(best).score {
			from--
		}
	}
	fits := r.share(covered)
	count := units[end-1].item + 1
	if count < 2 || count > maxSteps || words > maxStepWords || fits < enough || !holds && fits < 0.8*r.unit(best).cover {
		return from, 0
	}
	return from, fits
}
