package fact

import (
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

const honest = "I could not find that in our help pages."

var shop = []Passage{
	{N: 1, Text: "Returns\nYou can return shoes that you wore once within 30 days. Sale items have 14 days. Returning costs €4.90 per parcel, and refunds take 3–5 business days."},
	{N: 2, Text: "Contact\nCall +43 1 234 56 78 on Monday to Friday, 9 am to 5 pm, or write to care@northpath.example. See https://www.northpath.example/help/contact for more.", URL: "https://northpath.example/help/contact"},
	{N: 3, Text: "Newsletter\nUse code WELCOME10 for 10 % off until 24 December 2026. Standard delivery is free from 50 euros.\n\n| Country | Price (€) | Business days |\n|---|---|---|\n| Austria | 3.50 | 2 |\n| Spain | 12,90 | 6 |"},
}

// screen is what a shopper's side makes of deltas and retractions.
type screen struct {
	units []uint16
	watch func(string)
}

func (s *screen) sink() Sink {
	return Sink{
		Text: func(at int, text string) {
			if at != len(s.units) {
				panic("a delta does not begin where the text ends")
			}
			s.units = append(s.units, utf16.Encode([]rune(text))...)
			s.watch(s.String())
		},
		Retract: func(from int, text string) {
			if from > len(s.units) {
				panic("a retraction begins behind the text")
			}
			s.units = append(s.units[:from], utf16.Encode([]rune(text))...)
			s.watch(s.String())
		},
	}
}

func (s *screen) String() string { return string(utf16.Decode(s.units)) }

func run(pieces []string, watch func(string)) (Verdict, string) {
	s := &screen{watch: watch}
	g := NewGate(NewEvidence(shop), honest, s.sink())
	for _, p := range pieces {
		g.Write(p)
	}
	v := g.Close(false)
	return v, s.String()
}

func TestGate(t *testing.T) {
	cases := []struct {
		name, in, want string
		held           []string
	}{
		{"plain text passes", "Yes, that is fine.", "Yes, that is fine.", nil},
		{"a supported fact passes and is cited", "You have 30 days.", "You have 30 days [1].", nil},
		{"a citation given is kept", "You have 30 days [1].", "You have 30 days [1].", nil},
		{"a citation behind the stop moves before it", "You have 30 days. [1] Fine.", "You have 30 days [1]. Fine.", nil},
		{"a citation of another passage is completed", "You have 30 days [2].", "You have 30 days [1] [2].", nil},
		{"a citation may be repeated after more text", "You have 30 days [1] and sale items 14 days [1] [1].", "You have 30 days [1] and sale items 14 days [1].", nil},
		{"a citation of nothing is dropped", "All is well [9].", "All is well.", nil},
		{"an invented price is taken back", "Returning is easy. It costs €9.90 only. Bye.", "Returning is easy. " + honest + " Bye.", []string{"€9.90"}},
		{"another currency is another price", "It costs $4.90.", honest, []string{"$4.90"}},
		{"a price written otherwise is the same", "It costs 4,90 EUR.", "It costs 4,90 EUR [1].", nil},
		{"number words count", "You have thirty days.", "You have thirty days [1].", nil},
		{"invented number words are held", "You have sixty days.", honest, []string{"sixty days"}},
		{"other units are other facts", "You have 30 weeks.", honest, []string{"30 weeks"}},
		{"business days are not days", "Refunds take 3-5 days.", honest, []string{"3-5 days"}},
		{"ranges", "Refunds take 3 to 5 working days.", "Refunds take 3 to 5 working days [1].", nil},
		{"range with an invented end", "Refunds take 3-9 business days.", honest, []string{"3-9 business days"}},
		{"business days that say so last", "Tarda de 3 a 5 días laborables desde hoy mismo, por favor.", "Tarda de 3 a 5 días laborables desde hoy mismo, por favor [1].", nil},
		{"percent", "You get 10% off with WELCOME10.", "You get 10% off with WELCOME10 [1].", nil},
		{"invented percent", "You get 15 percent off.", honest, []string{"15 percent"}},
		{"invented coupon", "Use the code SUMMER for less.", honest, []string{"SUMMER"}},
		{"e-mail", "Write to care@northpath.example.", "Write to care@northpath.example [1].", nil},
		{"invented e-mail", "Write to help@northpath.example.", honest, []string{"help@northpath.example"}},
		{"web address", "See northpath.example/help/contact.", "See northpath.example/help/contact [1].", nil},
		{"invented path", "See https://northpath.example/help/refunds now.", honest, []string{"https://northpath.example/help/refunds"}},
		{"phone", "Call +43 1 2345678.", "Call +43 1 2345678 [1].", nil},
		{"invented phone", "Call +43 1 9999999 now.", honest, []string{"+43 1 9999999"}},
		{"date", "It ends on December 24, 2026.", "It ends on December 24, 2026 [1].", nil},
		{"German date", "Es endet am 24. Dezember.", "Es endet am 24. Dezember [1].", nil},
		{"invented date", "It ends on 31 December.", honest, []string{"31 December"}},
		{"weekday", "We are there on Sunday.", honest, []string{"Sunday"}},
		{"hours", "We open at 9:00.", "We open at 9:00 [1].", nil},
		{"invented hours", "We close at 6 pm.", honest, []string{"6 pm"}},
		{"free", "Delivery is free from €50.", "Delivery is free from €50 [1].", nil},
		{"feel free is no price", "Feel free to ask.", "Feel free to ask.", nil},
		{"table cells", "Spain costs €12.90 and takes 6 business days.", "Spain costs €12.90 and takes 6 business days [1].", nil},
		{"list numbers are no facts", "Do this:\n1. Open the page.\n2. Click it.", "Do this:\n1. Open the page.\n2. Click it.", nil},
		{"a list number out of order is one", "Do this:\n7. Open the page.", "Do this:\n" + honest + " Open the page.", []string{"7"}},
		{"bold facts", "You have **45 days** left.", honest, []string{"45 days"}},
		{"digits of other scripts", "You have ４５ days.", honest, []string{"45 days"}},
		{"invisible characters", "You have 3\u200b0 days, not 4\u200b5 days.", honest, []string{"45 days"}},
		{"second failure is dropped", "It costs €7. It takes 99 days. Good.", honest + " Good.", []string{"€7", "99 days"}},
		{"citations count from one", "Write to care@northpath.example [2]. You have 30 days [1].", "Write to care@northpath.example [1]. You have 30 days [2].", nil},
		{"a sentence close to a passage is cited", "Shoes that you wore once you can return.", "Shoes that you wore once you can return [1].", nil},
		{"once a week", "It takes a week, we deliver within a week.", honest, []string{"takes a week"}},
		{"steps", "Step 1: Pack it.\nStep 2: Send it.", "Step 1: Pack it.\nStep 2: Send it.", nil},
		{"ordered list in bold", "**1.** Pack it.\n**2.** Send it.", "**1.** Pack it.\n**2.** Send it.", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v, seen := run([]string{c.in}, func(string) {})
			if v.Text != c.want || seen != c.want {
				t.Errorf("got  %q\nseen %q\nwant %q", v.Text, seen, c.want)
			}
			if strings.Join(v.Held, "|") != strings.Join(c.held, "|") {
				t.Errorf("held %q, want %q", v.Held, c.held)
			}
			// However it is cut into pieces, the end is the same.
			var letters []string
			for _, r := range c.in {
				letters = append(letters, string(r))
			}
			if w, seen := run(letters, func(string) {}); w.Text != c.want || seen != c.want {
				t.Errorf("letter by letter: got %q, seen %q, want %q", w.Text, seen, c.want)
			}
		})
	}
}

func TestNoneMark(t *testing.T) {
	for _, pieces := range [][]string{{"[none]"}, {"[no", "ne", "]"}, {"[none]", " the rest"}} {
		v, seen := run(pieces, func(string) {})
		if !v.None || v.Text != "" || seen != "" {
			t.Errorf("%q: %+v, seen %q", pieces, v, seen)
		}
	}
	if v, _ := run([]string{"See [none] here."}, func(string) {}); v.None {
		t.Error("the mark counts only at the start")
	}
}

func TestPlainTextStreamsAtOnce(t *testing.T) {
	s := &screen{watch: func(string) {}}
	g := NewGate(NewEvidence(shop), honest, s.sink())
	for _, p := range []string{"Yes", ", you", " can", " return", " them"} {
		before := len(s.units)
		g.Write(p)
		if len(s.units)-before != len(p) {
			t.Errorf("%q did not pass at once: %q", p, s.String())
		}
	}
}

func TestCutSentenceIsDropped(t *testing.T) {
	s := &screen{watch: func(string) {}}
	g := NewGate(NewEvidence(shop), honest, s.sink())
	g.Write("You can return them. The next thing is that")
	if v := g.Close(true); v.Text != "You can return them." || s.String() != v.Text {
		t.Errorf("got %q, seen %q", v.Text, s.String())
	}
}

// Nothing that a shopper sees at any moment holds a whole fact that stands in
// no passage, however the answer is written and cut.
func TestNothingUnsupportedIsEverSeen(t *testing.T) {
	words := []string{"You", "can", "return", "30", "days", "business", "thirty", "sixty", "weeks", "€4.90", "€", "9.90", "4,90", "EUR", "$", "10", "%", "15", "SUMMER", "WELCOME10", "code", "care@northpath.example", "evil@shop.example", "https://evil.example/x", "northpath.example", "Monday", "Sunday", "24", "December", "2026", "1.", "2.", "[1]", "[2]", "[9]", ".", "!", "\n", "**", "free", "feel", "to", "3–5", "9", "am", "+43", "1", "234", "56", "78", "one", "year", "a", "within", "week", "fünf", "Tage", "½", "٣", "x2", "[", "]", "(", "é"}
	evidence := NewEvidence(shop)
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(words), 1, 25).Draw(rt, "words")
		seps := rapid.SliceOfN(rapid.SampledFrom([]string{" ", " ", " ", ""}), len(parts), len(parts)).Draw(rt, "separators")
		var b strings.Builder
		for i, p := range parts {
			b.WriteString(p + seps[i])
		}
		var pieces []string
		for rest := b.String(); rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "cut")
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		check := func(seen string) {
			for _, line := range strings.Split(strings.ReplaceAll(seen, honest, ""), "\n") {
				line = listMark.ReplaceAllString(stripMarks(line), "")
				for _, f := range Find(line) {
					if len(evidence.Supports(f)) == 0 && f.Kind != Number {
						rt.Fatalf("seen %q with %+v, of %q", seen, f, pieces)
					}
				}
			}
		}
		v, seen := run(pieces, check)
		if v.Text != seen {
			rt.Fatalf("text %q, seen %q", v.Text, seen)
		}
		check(seen)
	})
}

// However a text goes on without an end to its sentences or words, what is
// looked at for the next piece stays short, so that its cost is in proportion.
func TestWhatIsHeldIsBounded(t *testing.T) {
	const most = longPending + 2*longWord
	for name, text := range map[string]string{
		"numbers":  strings.Repeat("30 days ", 2000),
		"words":    strings.Repeat("and so on ", 2000),
		"one word": strings.Repeat("x3", 8000),
		"marks":    strings.Repeat("[1]", 5000),
		"brackets": strings.Repeat("[", 16000),
		"stops":    strings.Repeat(".", 16000),
		"spaces":   strings.Repeat(" ", 16000),
	} {
		g := NewGate(NewEvidence(shop), honest, Sink{Text: func(int, string) {}, Retract: func(int, string) {}})
		for rest := text; rest != ""; rest = rest[min(40, len(rest)):] {
			g.Write(rest[:min(40, len(rest))])
			if held, sentence := len(g.pending), g.text.Len()-g.sentence; held > most || name != "one word" && name != "stops" && name != "brackets" && sentence > most {
				t.Fatalf("%s: %d bytes are held, the sentence has %d", name, held, sentence)
			}
		}
		g.Close(false)
	}
}

func FuzzGate(f *testing.F) {
	f.Add("You have 30 days [1]. It costs €9.90.", 3)
	f.Add("1. One\n2. Two [none] [12", 1)
	f.Fuzz(func(t *testing.T, in string, size int) {
		if size < 1 || len(in) > 2000 {
			return
		}
		var pieces []string
		for rest := in; rest != ""; {
			n := min(size, len(rest))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		v, seen := run(pieces, func(string) {})
		if v.Text != seen && strings.ToValidUTF8(v.Text, "�") != seen {
			t.Fatalf("text %q, seen %q", v.Text, seen)
		}
	})
}
