package golden

import (
	"regexp"
	"slices"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/fact"
	"github.com/careloop/careloop/retrieval"
)

// Fault says why a sentence is not supported; empty: it is.
type Fault string

// Faults.
const (
	NoCitation Fault = "no_citation" // it rests on nothing
	BadFact    Fault = "fact"        // a checkable fact stands in nothing that it cites
	BadWords   Fault = "words"       // too few of its words do
	Negated    Fault = "negated"     // it denies what the passage says, or the other way round
)

// Sentence is a factual sentence of an answer and what grounding says of it.
type Sentence struct {
	Text      string   `json:"text"`
	Cites     []int    `json:"cites"`
	Supported bool     `json:"supported"`
	Why       Fault    `json:"why" enum:"no_citation,fact,words,negated," doc:"Empty where it is supported"`
	Facts     []string `json:"facts" doc:"The facts that stand in nothing that it cites"`
	// Share is that of its content words that stand in what it cites; 1 where the
	// words of another language cannot be compared.
	Share float64 `json:"share"`
}

// Source is what a citation shows.
type Source struct {
	N      int
	Text   string // title, headings and passage
	URL    string
	Locale string
}

// supportedShare is the share of a sentence's content words that must stand in
// what it cites. Chosen on one half of a public set and reported on the other:
// docs/evaluation.md tells how well it tells the one from the other.
const supportedShare = 0.4

// closeShare is how much a clause of the source must have in common with one of
// the answer to be about the same, where one of them denies.
const closeShare = 0.75

// Ground judges each factual sentence of an answer by what it cites.
func Ground(answer, locale string, sources []Source) []Sentence {
	out := []Sentence{}
	var passages []fact.Passage
	for _, s := range sources {
		passages = append(passages, fact.Passage{N: s.N, Text: s.Text, URL: s.URL})
	}
	evidence := fact.NewEvidence(passages)
	for _, s := range sentences(answer) {
		facts := fact.Find(s.text)
		terms := distinct(retrieval.ContentTerms(withoutCourtesy(s.text), locale))
		introduces := strings.HasSuffix(s.text, ":")
		if strings.HasSuffix(s.text, "?") || len(facts) == 0 && (introduces || len(terms) < 2) {
			continue
		}
		out = append(out, judge(s, facts, terms, locale, sources, evidence))
	}
	return out
}

func judge(s stated, facts []fact.Fact, terms []int32, locale string, sources []Source, evidence *fact.Evidence) Sentence {
	got := Sentence{Text: s.text, Cites: append([]int{}, s.cites...), Facts: []string{}, Share: 1}
	var cited []Source
	for _, src := range sources {
		if slices.Contains(s.cites, src.N) {
			cited = append(cited, src)
		}
	}
	if len(cited) == 0 {
		got.Why, got.Share = NoCitation, 0
		return got
	}
	for _, f := range facts {
		if !slices.ContainsFunc(evidence.Supports(f), func(n int) bool { return slices.Contains(s.cites, n) }) {
			got.Facts = append(got.Facts, f.Raw)
		}
	}
	foreign := slices.ContainsFunc(cited, func(src Source) bool { return base(src.Locale) != base(locale) })
	if !foreign {
		got.Share = share(terms, cited, locale)
	}
	switch {
	case len(got.Facts) > 0:
		got.Why = BadFact
	case !foreign && got.Share < supportedShare:
		got.Why = BadWords
	case !foreign && denied(s.text, terms, cited, locale):
		got.Why = Negated
	default:
		got.Supported = true
	}
	return got
}

// share is the part of the terms that stands in any of the sources.
func share(terms []int32, sources []Source, locale string) float64 {
	if len(terms) == 0 {
		return 1
	}
	there := map[int32]bool{}
	for _, src := range sources {
		for _, t := range retrieval.ContentTerms(src.Text, locale) {
			there[t] = true
		}
	}
	n := 0
	for _, t := range terms {
		if there[t] {
			n++
		}
	}
	return float64(n) / float64(len(terms))
}

// clause ends part of a sentence: what is denied in one may hold in the next.
var clause = regexp.MustCompile(`[,;:.!?…]\s+|\s[–—]\s`)

// denied says that the source's clauses that have most in common with a sentence
// say the contrary: one has a word of denial and the other has none.
func denied(text string, terms []int32, sources []Source, locale string) bool {
	best, agrees, differs := closeShare, false, false
	for _, src := range sources {
		for _, line := range strings.Split(src.Text, "\n") {
			for _, s := range clause.Split(line, -1) {
				in := share(terms, []Source{{Text: s}}, locale)
				if in < best {
					continue
				}
				if in > best {
					best, agrees, differs = in, false, false
				}
				if denies(s) == denies(text) {
					agrees = true
				} else {
					differs = true
				}
			}
		}
	}
	return differs && !agrees
}

var denial = regexp.MustCompile(`(?i)(?:\b(?:not|cannot|never|no|none|nothing|nobody|without|nor|neither|unable|nicht|kein\p{L}*|nie|niemals|nichts|ohne|weder|pas|jamais|aucune?|rien|sans|nunca|ningún|ninguna|nada|sin)\b|n['’]t\b|\bne\s|\bn['’]|\bno\s)`)

func denies(s string) bool { return denial.MatchString(s) }

// courtesy are words with which an answer is polite and says nothing.
var courtesy = regexp.MustCompile(`(?i)\b(?:sorry|apolog\p{L}*|happy|glad|hope\p{L}*|welcome|unfortunately|understand|helps?|helpful|assist\p{L}*|question\p{L}*|tut mir leid|leider|gern\p{L}*|hoffe\p{L}*|hilf\p{L}*|helfen|frage\p{L}*|verstehe|désolée?|malheureusement|espère|aider?|plaisir|lo siento|espero|ayuda\p{L}*|gusto)\b`)

func withoutCourtesy(s string) string { return courtesy.ReplaceAllString(s, " ") }

func distinct(terms []int32) []int32 {
	slices.Sort(terms)
	return slices.Compact(terms)
}

func base(locale string) string {
	b, _, _ := strings.Cut(strings.ToLower(locale), "-")
	return b
}

// sources are what a reply's citations show, with the headings that stand above
// what was cited of the same article.
func sources(r assist.Reply, found []retrieval.Passage) []Source {
	var out []Source
	for _, c := range r.Citations {
		s := Source{N: c.N, Text: c.Title, URL: c.URL}
		for i, p := range found {
			if p.Article.ID == c.ArticleID && i < len(r.Record.Passages) && r.Record.Passages[i].Cited {
				s.Text += "\n" + strings.Join(p.Heading, "\n")
				s.Locale = p.Article.Locale
			}
		}
		s.Text += "\n" + c.Quote
		out = append(out, s)
	}
	return out
}
