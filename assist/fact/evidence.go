package fact

import (
	"strconv"
	"strings"
	"unicode"
)

// Passage is a text that an answer may rest on.
type Passage struct {
	// N is how the writer names it: [N].
	N int
	// Text holds all that the shopper sees of it: title, headings, text.
	Text string
	// URL is where the article stands; empty if nowhere.
	URL string
}

// Evidence knows which facts stand in which passages.
type Evidence struct {
	passages []indexed
}

type indexed struct {
	n       int
	text    string // normal form
	lower   string
	facts   map[string]bool
	values  map[string]bool // every number, whatever it counts
	phones  []string
	hosts   map[string]bool
	table   bool
	content map[string]bool // stems of its words
}

// NewEvidence indexes passages.
func NewEvidence(passages []Passage) *Evidence {
	e := &Evidence{}
	for _, p := range passages {
		e.passages = append(e.passages, index(p))
	}
	return e
}

func index(p Passage) indexed {
	text := p.Text
	if p.URL != "" {
		text += "\n" + p.URL
	}
	in := indexed{n: p.N, text: Normal(text), facts: map[string]bool{}, values: map[string]bool{}, hosts: map[string]bool{}, content: map[string]bool{}}
	in.lower = strings.ToLower(in.text)
	in.table = strings.Contains(in.text, "|")
	for _, f := range Find(text) {
		in.add(f)
	}
	for _, w := range contentWords(p.Text) {
		in.content[w] = true
	}
	return in
}

func (in *indexed) add(f Fact) {
	for _, v := range []string{f.Value, f.High} {
		if v == "" {
			continue
		}
		in.facts[key(f.Kind, f.Unit, v)] = true
		if f.Kind == Date {
			in.addDate(v)
			continue
		}
		if v[0] >= '0' && v[0] <= '9' {
			in.values[v] = true
		}
	}
	switch f.Kind {
	case Phone:
		in.phones = append(in.phones, f.Value)
	case URL:
		host, _, _ := strings.Cut(f.Value, "/")
		in.hosts[host] = true
		if i := strings.Index(f.Value, "/"); i >= 0 {
			in.facts[key(URL, "", f.Value[i:])] = true
		}
	case Email:
		if _, host, ok := strings.Cut(f.Value, "@"); ok {
			in.hosts[host] = true
		}
	}
}

// addDate makes a day with its year support the day without, its month and its
// year.
func (in *indexed) addDate(v string) {
	if len(v) == len("2026-12-24") {
		in.values[v[:4]] = true
		v = v[5:]
		in.facts[key(Date, "", v)] = true
	}
	if len(v) == len("12-24") && v[2] == '-' {
		in.facts[key(Date, "", "month "+strconv.Itoa(atoi(v[:2])))] = true
		in.values[strconv.Itoa(atoi(v[3:]))] = true
	}
}

func key(k Kind, unit, v string) string { return string(k) + "|" + unit + "|" + v }

// Supports lists the passages (by N, ascending) in which the fact stands.
func (e *Evidence) Supports(f Fact) []int {
	var out []int
	for i := range e.passages {
		if e.passages[i].supports(f) {
			out = append(out, e.passages[i].n)
		}
	}
	return out
}

// Has says whether there is a passage n.
func (e *Evidence) Has(n int) bool {
	for _, p := range e.passages {
		if p.n == n {
			return true
		}
	}
	return false
}

func (in *indexed) supports(f Fact) bool {
	switch f.Kind {
	case Price, Percent, Duration:
		return in.amount(f, f.Value) && (f.High == "" || in.amount(f, f.High))
	case Number:
		return in.values[f.Value]
	case URL:
		return in.facts[key(URL, "", f.Value)] || in.hosts[f.Value]
	case Phone:
		return in.phone(f.Value)
	case Code:
		return in.code(f)
	default:
		return in.facts[key(f.Kind, "", f.Value)]
	}
}

// amount looks for one end of a range. In a table the unit may stand in the
// head and the number in a cell.
func (in *indexed) amount(f Fact, v string) bool {
	if in.facts[key(f.Kind, f.Unit, v)] {
		return true
	}
	if f.Unit == "free" {
		return false
	}
	return in.table && in.facts[key(Number, "", v)] && in.names(f)
}

func (in *indexed) names(f Fact) bool {
	var words map[string]string
	switch f.Kind {
	case Percent:
		return strings.Contains(in.text, "%")
	case Price:
		words = currencies
	default:
		words = units
	}
	want := f.Unit
	if want == "business day" {
		for _, b := range businessWords {
			if strings.Contains(in.lower, b+" ") {
				want = "day"
			}
		}
	}
	for word, canonical := range words {
		if canonical == want && containsWord(in.lower, word) {
			return true
		}
	}
	return false
}

// phone compares digits; with and without the country's prefix is the same
// number.
func (in *indexed) phone(v string) bool {
	v = strings.TrimLeft(v, "0")
	for _, p := range in.phones {
		p = strings.TrimLeft(p, "0")
		if p == v || len(v) >= 7 && strings.HasSuffix(p, v) || len(p) >= 7 && strings.HasSuffix(v, p) {
			return true
		}
	}
	return false
}

// code looks for the very token. A coupon must be written as the passage has
// it; a mere word in capitals may be in small letters there.
func (in *indexed) code(f Fact) bool {
	if f.Unit == namedCode {
		return containsWord(in.text, f.Raw)
	}
	return containsWord(in.lower, strings.ToLower(f.Raw))
}

func containsWord(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 || word == "" {
			return false
		}
		i += from
		if !letterBefore(text, i) && !letterAt(text, i+len(word)) {
			return true
		}
		from = i + 1
	}
}

func letterBefore(s string, i int) bool {
	r := []rune(s[max(0, i-4):i])
	return len(r) > 0 && wordRune(r[len(r)-1])
}

func letterAt(s string, i int) bool {
	for _, r := range s[i:] {
		return wordRune(r)
	}
	return false
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// contentWords are the longer words of a text, cut to their beginnings, which
// is stemming enough to see what a sentence speaks of.
func contentWords(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(Normal(s)), func(r rune) bool { return !wordRune(r) }) {
		r := []rune(w)
		if len(r) < 4 {
			continue
		}
		out = append(out, string(r[:min(len(r), 5)]))
	}
	return out
}

// Closest is the passage that shares most of the sentence's content words, if
// it shares at least share of them, which are at least three.
func (e *Evidence) Closest(sentence string, share float64) (int, bool) {
	words := contentWords(sentence)
	if len(words) < 3 {
		return 0, false
	}
	best, bestN := 0, 0
	for _, p := range e.passages {
		n := 0
		for _, w := range words {
			if p.content[w] {
				n++
			}
		}
		if n > best {
			best, bestN = n, p.n
		}
	}
	return bestN, float64(best) >= share*float64(len(words))
}
