package extractive

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

var stemmers = map[string]func(*snowballstem.Env) bool{
	"da": danish.Stem, "de": german.Stem, "en": english.Stem, "es": spanish.Stem, "fi": finnish.Stem, "fr": french.Stem,
	"it": italian.Stem, "nb": norwegian.Stem, "nl": dutch.Stem, "no": norwegian.Stem, "pt": portuguese.Stem, "sv": swedish.Stem,
}

// lexis turns text into terms: what words are compared by. It belongs to one
// call and remembers what it has seen.
type lexis struct {
	language string
	stem     func(*snowballstem.Env) bool
	stop     map[string]bool
	known    map[string]string
}

func newLexis(language string) *lexis {
	return &lexis{language: language, stem: stemmers[language], stop: stopWords[language], known: map[string]string{}}
}

// split gives a text's words in lower case.
func split(text string) []string {
	var out []string
	state := -1
	var word string
	for text != "" {
		word, text, state = uniseg.FirstWordInString(text, state)
		r, _ := utf8.DecodeRuneInString(word)
		if isWord(r) {
			out = append(out, strings.ToLower(word))
		}
	}
	return out
}

// terms gives the terms of a text, without stop words.
func (l *lexis) terms(text string) []string {
	var out []string
	words := split(text)
	for i, w := range words {
		if w == "back" && l.language == "en" && sentBack(words[max(i-4, 0):i]) {
			w = "return"
		}
		if t := l.term(w); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// sentBack says whether the words before "back" make it a return: "send them
// back", and not "call me back".
func sentBack(before []string) bool {
	for _, w := range before {
		switch w {
		case "send", "sends", "sending", "sent", "bring", "bringing", "brought", "go", "give", "giving", "gave", "take", "taking", "ship", "hand":
			return true
		}
	}
	return false
}

// term gives the term of a word in lower case, or "" for a stop word.
func (l *lexis) term(word string) string {
	if t, ok := l.known[word]; ok {
		return t
	}
	t := l.make(word)
	l.known[word] = t
	return t
}

func (l *lexis) make(word string) string {
	word = strings.ReplaceAll(word, "’", "'")
	if word[0] >= '0' && word[0] <= '9' {
		return number(word)
	}
	if l.stop[word] {
		return ""
	}
	if at := strings.IndexByte(word, '\''); at > 0 && at <= 2 && (l.language == "fr" || l.language == "it") {
		word = word[at+1:] // l'adresse
		if l.stop[word] {
			return ""
		}
	}
	if r, size := utf8.DecodeRuneInString(word); size == len(word) && r < 0x2e80 && !unicode.IsDigit(r) {
		return "" // a single letter
	}
	if base, ok := irregular[l.language][word]; ok {
		word = base
	}
	if c, ok := concepts[l.language][fold(word)]; ok {
		return c
	}
	if l.stem != nil {
		env := snowballstem.NewEnv(word)
		l.stem(env)
		if s := env.Current(); s != "" {
			word = s
		}
	}
	word = fold(word)
	if c, ok := concepts[l.language][word]; ok {
		return c
	}
	return word
}

// number makes 26.0, 26,00 and 26 one term.
func number(word string) string {
	if at := strings.LastIndexAny(word, ".,"); at > 0 && strings.Trim(word[at+1:], "0") == "" && len(word)-at <= 3 {
		return word[:at]
	}
	return strings.ReplaceAll(word, ",", ".")
}

// fold takes the accents off: shoppers often type none.
func fold(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if ascii {
		return s
	}
	s = strings.ReplaceAll(s, "ß", "ss")
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// near says how alike two terms are that are not the same: compounds, other
// forms, and slips of the finger. 0 is not at all.
func (l *lexis) near(a, b string) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 4 || a[0] == '=' || b[0] == '=' || a[0] <= '9' || b[0] <= '9' {
		return 0
	}
	same := 0
	for same < len(a) && a[same] == b[same] {
		same++
	}
	switch {
	case same == len(a) && len(a) >= 5:
		return 0.75
	case same == len(a) && len(b)-len(a) <= 2:
		return 0.6
	case same >= 5 && same*4 >= len(a)*3 && len(b)-len(a) <= 4:
		return 0.6
	case len(a) >= 5 && (l.language == "de" || l.language == "nl" || l.language == "sv" || l.language == "da") && strings.HasSuffix(b, a):
		return 0.7
	case len(a) >= 5 && len(b)-len(a) <= 1 && a[0] == b[0] && oneSlip(a, b):
		return 0.7
	}
	return 0
}

// oneSlip says whether one letter missing, changed or swapped makes a of b; a is
// not longer than b.
func oneSlip(a, b string) bool {
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) {
		return true
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// meant gives the term of a word that shops use often and that t is a slip of.
func (l *lexis) meant(t string) string {
	if len(t) < 5 {
		return t
	}
	best := t
	for word, concept := range concepts[l.language] {
		a, b := t, word
		if len(a) > len(b) {
			a, b = b, a
		}
		if a[0] == b[0] && len(b)-len(a) <= 1 && oneSlip(a, b) && (best == t || concept < best) {
			best = concept
		}
	}
	return best
}
