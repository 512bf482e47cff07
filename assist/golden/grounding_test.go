package golden

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// passages that the sentences below rest on.
var (
	worn = Source{N: 1, Locale: "en", URL: "https://shop.example/help/worn", Text: `Can I return shoes I have already worn?
Yes, you can return shoes that you wore once, as long as you wore them only indoors and send them back within 30 days of delivery. You get the full price back.
If you wore the shoes outdoors, we cannot refund the money, but our 60-day comfort guarantee gives you store credit. Boots are excluded.`}
	costs = Source{N: 2, Locale: "en", Text: `How much does delivery cost?
Delivery within Germany costs €4.90. From €60 on it is free.
Express delivery costs €9.90 and takes 1 working day.`}
	kosten = Source{N: 3, Locale: "de", Text: `Was kostet die Lieferung?
Die Lieferung nach Österreich kostet 6,90 € und dauert 3 bis 5 Werktage. Auf Inseln liefern wir nicht.`}
)

// TestGrounding is the measure's own check: sentences by hand, each known to be
// supported or not, and why not.
func TestGrounding(t *testing.T) {
	for _, c := range []struct {
		locale, text string
		why          Fault
	}{
		// Supported: quoted, said otherwise, with facts, with several marks.
		{"en", "You can return shoes that you wore once, as long as you wore them only indoors [1].", ""},
		{"en", "Shoes worn only indoors can go back within 30 days of delivery [1].", ""},
		{"en", "If you wore them outdoors, you get store credit by the 60-day comfort guarantee [1].", ""},
		{"en", "Boots are excluded from the comfort guarantee [1].", ""},
		{"en", "Delivery within Germany costs €4.90 [2].", ""},
		{"en", "Delivery costs nothing from 60 euros: it is free [2].", ""},
		{"en", "Express delivery takes one working day and costs €9.90. [2]", ""},
		{"en", "You get the full price back [1], and delivery within Germany costs €4.90 [2].", ""},
		{"en", "We cannot refund the money for shoes you wore outdoors [1].", ""},
		{"de", "Die Lieferung nach Österreich dauert 3 bis 5 Werktage [3].", ""},
		{"de", "Auf Inseln liefern wir nicht [3].", ""},
		// The words of another language cannot be compared; facts can.
		{"en", "Delivery to Austria costs €6.90 [3].", ""},

		// Not supported.
		{"en", "You can return shoes that you wore once.", NoCitation},
		{"en", "You can return shoes within 45 days of delivery [1].", BadFact},
		{"en", "Delivery within Germany costs €5.90 [2].", BadFact},
		{"en", "Delivery within Germany costs €4.90 [1].", BadFact},
		{"en", "Delivery to Austria costs €7.90 [3].", BadFact},
		{"en", "Express delivery costs €9.90 and arrives within 2 hours [2].", BadFact},
		{"en", "Our friendly workshop repairs torn jackets and tents [1].", BadWords},
		{"en", "The museum shows paintings from Flanders every weekend [2].", BadWords},
		{"en", "Gift cards never expire and work in each store [2].", BadWords},
		{"en", "You get the full price back, even for sandals that a dog chewed or a flood drowned [1].", BadWords},
		{"en", "You cannot return shoes that you wore once indoors [1].", Negated},
		{"en", "From €60 on it is not free [2].", Negated},
		{"en", "Boots are not excluded [1].", Negated},
		{"de", "Auf Inseln liefern wir [3].", Negated},
		{"de", "Wir reparieren Zelte und Rucksäcke in der Werkstatt [3].", BadWords},
	} {
		got := Ground(c.text, c.locale, []Source{worn, costs, kosten})
		if len(got) != 1 {
			t.Errorf("%q: %d sentences: %+v", c.text, len(got), got)
			continue
		}
		if got[0].Why != c.why || got[0].Supported != (c.why == "") {
			t.Errorf("%q: %q, wanted %q (share %.2f, facts %v)", c.text, got[0].Why, c.why, got[0].Share, got[0].Facts)
		}
	}
}

// TestWhatIsNoFactualSentence are politeness, questions and what leads up to a list.
func TestWhatIsNoFactualSentence(t *testing.T) {
	for _, text := range []string{"Happy to help!", "I am sorry.", "Which size do you need?", "Here is what our help pages say:", "Dazu steht in unseren Hilfeseiten:", "Yes.", ""} {
		if got := Ground(text, "en", []Source{worn}); len(got) != 0 {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestMarksCoverTheSentencesBefore(t *testing.T) {
	text := "Shoes worn indoors can go back. You get the full price back [1].\n\nDelivery within Germany costs €4.90 [2].\n\n- Express delivery costs €9.90 [2]\n- It takes 1 working day [2]\n\nBoots are excluded from it."
	got := Ground(text, "en", []Source{worn, costs})
	var cites [][]int
	for _, s := range got {
		cites = append(cites, s.Cites)
	}
	if len(got) != 6 || !slices.Equal(cites[0], []int{1}) || !slices.Equal(cites[3], []int{2}) || len(cites[5]) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestSentencesAreCut(t *testing.T) {
	for text, want := range map[string]int{
		"It costs €4.90. It takes 3 days.":                         2,
		"Die Lieferung dauert z. B. am 1. Dezember länger. Danke!": 2,
		"Bring it to our shop, e.g. in Hamburg.":                   1,
		"Ask Dr. Meyer. She knows.":                                2,
		"One … two? Three!":                                        3,
		"No end":                                                   1,
		"It is free [1]. Really. [2] And fast.":                    3,
		"Version 2.0 is out.":                                      1,
	} {
		var n int
		for _, s := range sentences(text) {
			if s.text != "" {
				n++
			}
		}
		if n != want {
			t.Errorf("%q: %d sentences, wanted %d: %+v", text, n, want, sentences(text))
		}
	}
}

// TestGroundingOnEvalData measures how well the share of words tells replies that
// people wrote on a snippet from the same replies beside another one: chosen on
// one half, reported on the other.
func TestGroundingOnEvalData(t *testing.T) {
	dir := os.Getenv("CARELOOP_EVALDATA")
	if dir == "" {
		t.Skip("CARELOOP_EVALDATA names no folder")
	}
	f, err := os.Open(filepath.Join(dir, "dev", "grounded-replies-dstc.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type row struct {
		Knowledge []struct{ Title, Text string }
		Reply     string
	}
	var rows []row
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var r row
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if len(r.Knowledge) > 0 {
			rows = append(rows, r)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	source := func(r row) []Source {
		var b strings.Builder
		for _, k := range r.Knowledge {
			b.WriteString(k.Title + "\n" + k.Text + "\n")
		}
		return []Source{{N: 1, Locale: "en", Text: b.String()}}
	}
	// A reply's last sentence often asks whether there is more to do: what is no
	// factual sentence is not judged.
	judge := func(reply string, s []Source) (list []Sentence) {
		for _, x := range sentences(reply) {
			list = append(list, Ground(x.text+" [1]", "en", s)...)
		}
		return list
	}
	for half := range 2 {
		var good, bad, altered []Sentence
		for i, r := range rows {
			if i%2 != half {
				continue
			}
			other := rows[rng.IntN(len(rows))]
			good = append(good, judge(r.Reply, source(r))...)
			bad = append(bad, judge(r.Reply, source(other))...)
			for _, s := range sentences(r.Reply) {
				if changed := alter(s.text); changed != s.text {
					altered = append(altered, judge(changed, source(r))...)
				}
			}
		}
		count := func(list []Sentence, threshold float64) (n int) {
			for _, s := range list {
				if s.Why != BadFact && s.Why != NoCitation && s.Share >= threshold {
					n++
				}
			}
			return n
		}
		for _, at := range []float64{0.3, 0.4, 0.5, 0.6, 0.7} {
			t.Logf("half %d, share %.1f: supported %.3f of %d sentences on their own snippet, %.3f of %d on another", half, at,
				part(count(good, at), len(good)), len(good), part(count(bad, at), len(bad)), len(bad))
		}
		why := map[Fault]int{}
		for _, s := range good {
			why[s.Why]++
		}
		n := 0
		for _, s := range altered {
			if s.Supported {
				n++
			}
		}
		t.Logf("half %d as it is: own %v; another supported %d of %d; numbers altered %d of %d", half, why, supportedOf(bad), len(bad), n, len(altered))
	}
}

func supportedOf(list []Sentence) (n int) {
	for _, s := range list {
		if s.Supported {
			n++
		}
	}
	return n
}

// alter changes every digit of a text.
func alter(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0' + (r-'0'+3)%10
		}
		return r
	}, s)
}
