package retrieval

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func formsOf(text, language string) []string {
	var forms []string
	for _, w := range wordsOf(text, language) {
		forms = append(forms, w.form)
	}
	return forms
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ text, language, want string }{
		{"Can I return SHOES?", "en", "can i return shoes"},
		{"Don’t! It's the customer's.", "en", "dont it the customer"},
		{"l'article d’aujourd'hui", "fr", "l article d aujourd hui"},
		{"Größe & Maß", "de", "grosse mass"},
		{"Where is AB-1234/x?", "en", "where is ab1234x ab 1234 x"},
		{"Error E42 again", "en", "error e42 e42 e 42 again"},
		{"24/7, 12.50 or 30-day", "en", "247 24 7 12 50 or 30day 30 day"},
		{"mail help@shop.example", "en", "mail help shop example"},
		{"返品について", "ja", "返品 品に につ つい いて"},
		{"サイズ表 L", "ja", "サイ イズ ズ表 l"},
		{"반품 정책", "ko", "반품 정책"},
		{"ﬁne ｆｕｌｌ", "en", "fine full"},
		{"  …!? ", "en", ""},
		{"\xff\xfe broken", "en", "broken"},
	} {
		if got := strings.Join(formsOf(c.text, c.language), " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestSpellingsMeet(t *testing.T) {
	for _, c := range []struct {
		language, text, other string
		meet                  bool
	}{
		{"en", "returns", "Returned", true},
		{"en", "refund", "reform", false},
		{"de", "Rückgabe", "ruckgabe", true},
		{"de", "Rückgabe", "Rueckgabe", true},
		{"de", "Pakete", "Paket", true},
		{"es", "devolución", "devolucion", true},
		{"es", "devoluciones", "devolución", true},
		{"fr", "remboursé", "remboursement", true},
		{"fr", "l'échange", "echanges", true},
		{"ru", "возврата", "возврат", true},
		{"xx", "paket", "pakete", false},
		{"en", "AB-1234/x", "ab1234x", true},
		{"en", "AB-1234/x", "AB 1234", true},
		{"en", "AB-1234/x", "CD-5678", false},
		{"ja", "返品", "返品について", true},
		{"en-GB", "colours", "Colour", true},
	} {
		a, b := LexicalWeights("", nil, c.text, c.language), LexicalWeights("", nil, c.other, c.language)
		meet := slices.ContainsFunc(a.Terms, func(term int32) bool { return slices.Contains(b.Terms, term) })
		if meet != c.meet {
			t.Errorf("%s: %q and %q meet: %v", c.language, c.text, c.other, meet)
		}
	}
}

// The terms of what is stored must never change: they are in databases.
func TestTermsAreStable(t *testing.T) {
	for word, want := range map[string]int32{"return": 908554208, "ab1234x": 65638634} {
		if got := termOf(word); got != want {
			t.Errorf("%q is %d, want %d", word, got, want)
		}
	}
}

func weightOf(t TermWeights, word string) float64 {
	if i, ok := slices.BinarySearch(t.Terms, termOf(word)); ok {
		return float64(t.Weights[i])
	}
	return 0
}

func TestWeights(t *testing.T) {
	in := func(title string, heading []string, text string) float64 {
		return weightOf(LexicalWeights(title, heading, text, "en"), "parcel")
	}
	once, twice := in("", nil, "parcel"), in("", nil, "parcel parcel")
	if once <= 0 || twice <= once || twice >= 2*once {
		t.Errorf("once %v, twice %v", once, twice)
	}
	if long := in("", nil, "parcel "+strings.Repeat("word ", 200)); long >= once {
		t.Errorf("in a long text %v, in a short one %v", long, once)
	}
	filler := strings.Repeat("word ", 30)
	if title, text := in("my parcel today", nil, filler), in("", nil, filler+"parcel"); title <= text {
		t.Errorf("in the title %v, in the text %v", title, text)
	}
	if heading := in("", []string{"Parcel"}, filler); heading <= 0 {
		t.Error("headings count nothing")
	}
	if link := in("", nil, "see [this](https://shop.example/parcel) and https://shop.example/parcel"); link != 0 {
		t.Errorf("where a link leads counts %v", link)
	}
}

func TestWeightsHoldForAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		language := rapid.SampledFrom([]string{"en", "de", "fr", "es", "tr", "ru", "ar", "ja", "th", "", "xx"}).Draw(t, "language")
		w := LexicalWeights(rapid.String().Draw(t, "title"), nil, rapid.String().Draw(t, "text"), language)
		if len(w.Terms) != len(w.Weights) {
			t.Fatal("terms and weights differ in number")
		}
		for i, term := range w.Terms {
			if term < 1 || term > MaxTerm || (i > 0 && term <= w.Terms[i-1]) {
				t.Fatalf("term %d at %d", term, i)
			}
			if v := float64(w.Weights[i]); !(v > 0) || v > saturation+1 || math.IsNaN(v) {
				t.Fatalf("weight %v", v)
			}
		}
	})
}

func FuzzWordsOf(f *testing.F) {
	f.Add("Where is AB-1234/x? l'été 返品 \xff", "fr")
	f.Fuzz(func(t *testing.T, text, language string) {
		if len(text) > 1<<14 {
			return
		}
		for _, w := range wordsOf(text, language) {
			if len(w.terms) == 0 || w.form == "" {
				t.Errorf("%q has the word %+v", text, w)
			}
		}
	})
}
