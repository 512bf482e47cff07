package retrieval

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func marked(question, text, locale string) string {
	var b strings.Builder
	at := 0
	for _, m := range Marks(question, text, locale) {
		b.WriteString(text[at:m[0]] + "[" + text[m[0]:m[1]] + "]")
		at = m[1]
	}
	return b.String() + text[at:]
}

func TestMarks(t *testing.T) {
	for _, c := range []struct{ question, text, locale, want string }{
		{"how do I return shoes?", "Returning a shoe is easy, how you like.", "en", "[Returning] a [shoe] is easy, how you like."},
		{"Rückgaben", "Die Rückgabe ist frei.", "de", "Die [Rückgabe] ist frei."},
		{"rueckgabe", "Die Rückgabe ist frei.", "de", "Die [Rückgabe] ist frei."},
		{"how much is it", "How it is: much.", "en", "[How] [it] [is]: [much]."},
		{"order 1001", "Order #1001 of 1002", "en", "[Order] #[1001] of 1002"},
		{"", "Nothing.", "en", "Nothing."},
	} {
		if got := marked(c.question, c.text, c.locale); got != c.want {
			t.Errorf("%q: %s, want %s", c.question, got, c.want)
		}
	}
}

func TestHolds(t *testing.T) {
	for _, c := range []struct {
		question string
		want     bool
	}{{"can I return shoes", true}, {"return boots", false}, {"???", false}, {"", false}} {
		if Holds(c.question, "The return of a shoe", "en") != c.want {
			t.Errorf("%q", c.question)
		}
	}
}

func TestMarksLieWithinTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		at := 0
		for _, m := range Marks(rapid.String().Draw(t, "question"), text, "de") {
			if m[0] < at || m[1] <= m[0] || m[1] > len(text) || !utf8.ValidString(text[m[0]:m[1]]) {
				t.Fatalf("%v in %q", m, text)
			}
			at = m[1]
		}
	})
}
