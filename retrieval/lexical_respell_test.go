package retrieval

import (
	"context"
	"errors"
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestMisspeltWordsFindTheirArticle(t *testing.T) {
	s := NewSearch(aShop(), nil, SearchOptions{Log: quiet})
	for question, want := range map[string]string{
		"pasword forgotten":        "Reset your password",
		"is the waranty for zipps": "Warranty",
		"paymnet by paypla":        "Payment methods",
		"how do I wahs wooll":      "Care of wool",
		"devlivery tmies please":   "Delivery times",
		"dilevery costs":           "Delivery costs",
	} {
		if r := search(t, s, Query{Text: question, Locale: "en"}); top(r) != want {
			t.Errorf("%q finds %q", question, top(r))
		}
	}
	for _, question := range []string{"elephants", "xqzvwk", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		if r := search(t, s, Query{Text: question, Locale: "en"}); len(r.Passages) != 0 {
			t.Errorf("%q finds %q", question, top(r))
		}
	}
}

// A misspelt word is known by half: what was meant is a guess.
func TestMisspeltWordsAreLessSure(t *testing.T) {
	s := NewSearch(aShop(), nil, SearchOptions{Log: quiet})
	right := search(t, s, Query{Text: "delivery costs", Locale: "en"}).Confidence
	wrong := search(t, s, Query{Text: "dilevery costs", Locale: "en"}).Confidence
	strange := search(t, s, Query{Text: "hovercraft costs", Locale: "en"}).Confidence
	if !(right > wrong && wrong > strange) {
		t.Errorf("right %.2f, misspelt %.2f, strange %.2f", right, wrong, strange)
	}
}

// withoutWords is an index that cannot list its words.
type withoutWords struct{ Index }

func (withoutWords) Words(context.Context, string, []string, int, int, int) ([]Word, error) {
	return nil, errors.New("no words")
}

func TestSearchDoesWithoutTheWords(t *testing.T) {
	s := NewSearch(withoutWords{aShop()}, nil, SearchOptions{Log: quiet})
	if r := search(t, s, Query{Text: "dilevery costs", Locale: "en"}); top(r) != "Delivery costs" {
		t.Errorf("found %q", top(r))
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"parcel", "parcel", 0}, {"parcel", "parcels", 1}, {"parcel", "pracel", 1}, {"parcel", "barcel", 1},
		{"parcel", "prcel", 1}, {"parcel", "porcl", 2}, {"parcel", "return", 3}, {"größe", "grosse", 3}, {"abcd", "", 3},
	} {
		if got := distance([]rune(c.a), []rune(c.b), 2); got != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// One slip is never more than a distance of one, and the distance is the same
// both ways.
func TestDistanceOfSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := []rune(rapid.StringMatching(`[a-zäß]{5,20}`).Draw(t, "word"))
		at := rapid.IntRange(0, len(word)-2).Draw(t, "at")
		slipped := slices.Clone(word)
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			slipped = slices.Delete(slipped, at, at+1)
		case 1:
			slipped = slices.Insert(slipped, at, 'x')
		case 2:
			slipped[at] = 'y'
		case 3:
			slipped[at], slipped[at+1] = slipped[at+1], slipped[at]
		}
		if d := distance(word, slipped, 2); d > 1 {
			t.Fatalf("%q and %q are %d apart", string(word), string(slipped), d)
		}
		other := []rune(rapid.StringMatching(`[a-zäß]{5,20}`).Draw(t, "other"))
		if there, back := min(3, distance(word, other, 2)), min(3, distance(other, word, 2)); there != back {
			t.Fatalf("%q to %q is %d, back %d", string(word), string(other), there, back)
		}
	})
}

func TestWordsThatCanBeMisspelt(t *testing.T) {
	for form, want := range map[string]bool{"parcel": true, "zip": false, "e42": false, "ab1234": false, "größe": true, "возврат": true, "返品": false} {
		if got := canBeMisspelt(form); got != want {
			t.Errorf("%q (%d letters): %v", form, utf8.RuneCountInString(form), got)
		}
	}
	w := LexicalWeights("Parcels", nil, "A parcel of zips, AB-1234", "en")
	for _, word := range w.Words {
		if word != "" && !slices.Contains([]string{"parcel", "parcels", "zips"}, word) {
			t.Errorf("the chunk keeps %q", word)
		}
	}
}
