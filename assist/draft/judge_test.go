package draft_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/assist/draft"
)

// utf16Slice is what a browser sees of a text between the places of a fact.
func utf16Slice(text string, u draft.Unsupported) string {
	return string(utf16.Decode(utf16.Encode([]rune(text))[u.Start:u.End]))
}

func TestJudge(t *testing.T) {
	e := draft.NewEvidence(
		[]string{"You can return shoes within 30 days. Returning costs €4.90. Write to care@northpath.example."},
		[]string{"My order 4711-22 was promised for Friday with 50% off, call me on +43 660 1234567. I paid 80 € for it on 3 May"})
	for text, want := range map[string]string{
		"You have 30 days, for €4.90.":                          "",
		"1. Pack it. \n2. Send it [2].":                         "",
		"You have 60 days.":                                     "60 days",
		"😀 It costs €9,90 and takes 2 weeks":                    "€9,90|2 weeks",
		"Your order 4711-22: we call +43 660 1234567.":          "",
		"You get the 50% off.":                                  "50%",
		"It comes on Friday, I'd say.":                          "Friday",
		"You paid 80 € on 3 May.":                               "80 €|3 May",
		"You write: “I paid 80 € for it on 3 May.” I see.":      "",
		"You get “50%” off.":                                    "50%",
		"You write: “I paid 90 € for it on 3 May.” I see.":      "90 €|3 May",
		"Mail us: care@northpath.example, or help@evil.example": "help@evil.example",
	} {
		var got []string
		for _, u := range draft.Judge(text, e) {
			got = append(got, u.Text)
			if utf16Slice(text, u) != u.Text {
				t.Errorf("%q: the range holds %q, not %q", text, utf16Slice(text, u), u.Text)
			}
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: got %q, want %q", text, strings.Join(got, "|"), want)
		}
	}
}

// However a text is made up, the ranges are in order, do not overlap, lie within
// it, and hold what they say that they hold.
func TestRanges(t *testing.T) {
	pieces := []string{"30", "days", "€", "4,90", "ﬁ", "½", "①", "😀", "é", "e\u0301", "５０", "%", "[1]", "\n", " ", " ", "3.", "Mai", "May", "24", ".", "x1", "code", "ABC12", "\u00a0", "\u200b", "日本", "9", "am", "www.a.de", "a@b.de", "(", ")"}
	e := draft.NewEvidence(nil, nil)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 25).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		units := len(utf16.Encode([]rune(text)))
		at := 0
		for _, u := range draft.Judge(text, e) {
			if u.Start < at || u.End <= u.Start || u.End > units {
				t.Fatalf("%q: range %d to %d after %d, of %d", text, u.Start, u.End, at, units)
			}
			if got := utf16Slice(text, u); got != u.Text {
				t.Fatalf("%q: the range holds %q, not %q", text, got, u.Text)
			}
			at = u.End
		}
	})
}

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		draft, sent    string
		outcome        draft.Outcome
		distance       int
		added, removed string
	}{
		"as it was":    {"I'm sorry.\n\nIt comes.", "I'm sorry. It comes. ", draft.Accepted, 0, "", ""},
		"one word":     {"I am very sorry.", "I am truly sorry.", draft.Edited, 1, "truly", "very"},
		"added":        {"It comes.", "Dear Anna, It comes.", draft.Edited, 2, "Dear Anna,", ""},
		"removed":      {"It comes soon, I hope.", "It comes soon,", draft.Edited, 2, "", "I hope."},
		"moved":        {"a b c", "c a b", draft.Edited, 2, "", ""},
		"nothing left": {"It comes.", "No.", draft.Edited, 2, "No.", "It comes."},
		"from nothing": {"", "Hello there", draft.Edited, 2, "Hello there", ""},
	} {
		d := draft.Compare(c.draft, c.sent)
		if d.Outcome != c.outcome || d.Distance != c.distance || strings.Join(d.Added, " ") != c.added || strings.Join(d.Removed, " ") != c.removed {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// The distance is one: zero for the same, the same both ways, never more than
// the longer text or less than what the lengths differ by, and no shorter over a
// third text.
func TestDistanceIsOne(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) []string {
		return rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 12).Draw(t, "words")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := text.Draw(t, "a"), text.Draw(t, "b"), text.Draw(t, "c")
		between := func(x, y []string) draft.Difference {
			return draft.Compare(strings.Join(x, " "), strings.Join(y, "\n"))
		}
		ab, ba := between(a, b), between(b, a)
		if (ab.Distance == 0) != slices.Equal(a, b) || (ab.Outcome == draft.Accepted) != slices.Equal(a, b) {
			t.Fatalf("%v, %v: %+v", a, b, ab)
		}
		if ab.Distance != ba.Distance || ab.Distance > max(len(a), len(b)) || ab.Distance < max(len(a)-len(b), len(b)-len(a)) {
			t.Fatalf("%v, %v: %d and %d", a, b, ab.Distance, ba.Distance)
		}
		if ab.Distance > between(a, c).Distance+between(c, b).Distance {
			t.Fatalf("shorter over %v", c)
		}
		if len(a)-len(ab.Removed)+len(ab.Added) != len(b) || !slices.Equal(ab.Added, ba.Removed) {
			t.Fatalf("%v, %v: %+v", a, b, ab)
		}
	})
}

func FuzzJudge(f *testing.F) {
	f.Add("You have 30 days, “no”.", "30 days")
	f.Fuzz(func(t *testing.T, text, said string) {
		if len(text) > 2000 || len(said) > 2000 {
			return
		}
		draft.Judge(text, draft.NewEvidence([]string{said}, []string{said}))
	})
}
