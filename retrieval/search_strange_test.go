package retrieval

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/retrieval/embed/static"
)

// embed gives the index the vectors of the embedder that Careloop brings along,
// and makes a search over both.
func embed(t testing.TB, m *memoryIndex) *Search {
	t.Helper()
	e, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	m.vectors = map[int64][]float32{}
	for _, c := range m.chunks {
		v, err := e.Embed(t.Context(), []string{embedText(ChunkText{Title: c.Article.Title, Heading: c.Heading, Text: c.Text})}, false)
		if err != nil {
			t.Fatal(err)
		}
		m.vectors[c.ChunkID] = v[0]
	}
	return NewSearch(m, e, SearchOptions{Log: quiet})
}

func TestStrangeQuestions(t *testing.T) {
	m := aShop()
	m.add("ja", "返品について", "商品到着後30日以内であれば返品できます。", "ja")
	m.add("ru", "Возврат товара", "Вы можете вернуть товар в течение 30 дней.", "ru")
	m.add("ar", "إرجاع المنتجات", "يمكنك إرجاع المنتج خلال ثلاثين يوما.", "ar")
	m.add("sku", "Tent poles", "Spare poles for the tent TX-400/b are item AB-1234.", "en")
	for name, s := range map[string]*Search{"with an embedder": embed(t, m), "by words alone": NewSearch(m, nil, SearchOptions{Log: quiet})} {
		for question, want := range map[string]string{
			"wool": "Care of wool",
			strings.Repeat("and then I washed it once more and wondered about the wool sweater again ", 420): "Care of wool",
			"返品できますか":                           "ja",
			"как вернуть товар":                 "ru",
			"كيف يمكنني إرجاع المنتج":           "ar",
			"WARRANTY\x00\x01\u200b zips\u202e": "Warranty",
			"ab1234":                            "sku",
			"AB 1234":                           "sku",
			"tx-400/B":                          "sku",
			"error e42!!!":                      "Error E42 at the till",
		} {
			r := search(t, s, Query{Text: question, Locale: "en"})
			if top(r) != want {
				t.Errorf("%s: %.40q finds %q, want %q", name, question, top(r), want)
			}
			if !(r.Confidence >= 0 && r.Confidence <= 1) {
				t.Errorf("%s: %.40q has confidence %v", name, question, r.Confidence)
			}
		}
		for _, question := range []string{"", " \n\t", "?!…—", "\x00\x00", "👍🏽", "￿", strings.Repeat("?", 100_000)} {
			if r := search(t, s, Query{Text: question, Locale: "en"}); r.Confidence >= 0.35 {
				t.Errorf("%s: %.20q has confidence %.2f and finds %q", name, question, r.Confidence, top(r))
			}
		}
	}
	if r := search(t, embed(t, &memoryIndex{}), Query{Text: "Where is my parcel?"}); len(r.Passages) != 0 || r.Confidence != 0 {
		t.Errorf("in an empty shop: %+v", r)
	}
}

func TestStrangeArticles(t *testing.T) {
	m := aShop()
	var long strings.Builder
	for i := 0; long.Len() < 2<<20; i++ {
		fmt.Fprintf(&long, "Paragraph %d speaks of nothing but rivets, hinges and bolts of every kind.\n\n", i)
	}
	long.WriteString("At its very end stands the zeppelin clause.\n")
	m.add("long", "The catalogue of parts", long.String(), "en")
	m.add("line", "Opening hours", "9 to 5.", "en")
	m.add("word", "Imprint", "Imprint", "en")
	m.add("control", "Con\x00trol", "A text with \x00 and \x1b[31m in it about gramophones.", "en")
	m.add("twin 1", "Umbrellas", "Umbrellas can be repaired for ten euros.", "en")
	m.add("twin 2", "Umbrellas", "Umbrellas can be repaired for ten euros.", "en")
	s := embed(t, m)
	for question, want := range map[string]string{
		"what is the zeppelin clause": "long",
		"opening hours":               "line",
		"imprint":                     "word",
		"gramophones":                 "control",
		"delivery costs":              "Delivery costs",
	} {
		if r := search(t, s, Query{Text: question, Locale: "en"}); top(r) != want {
			t.Errorf("%q finds %q, want %q", question, top(r), want)
		}
	}
	r := search(t, s, Query{Text: "can umbrellas be repaired", Locale: "en"})
	if len(r.Passages) < 2 || r.Passages[0].Article.Title != "Umbrellas" || r.Passages[1].Article.Title != "Umbrellas" {
		t.Errorf("of twins are found %+v", r.Passages)
	}
	if r.Confidence < 0.35 {
		t.Errorf("an answer that stands in two articles has confidence %.2f", r.Confidence)
	}
}

// An article is found by its own title, whatever else the shop has.
func TestAnArticleIsFoundByItsTitle(t *testing.T) {
	e, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"return", "parcel", "shoes", "the", "how", "do", "I", "wool", "AB-1234", "größe", "pays", "100%", "返品", "возврат", "my", "gift", "card", "zip", "e42", "of"}
	rapid.Check(t, func(t *rapid.T) {
		m := &memoryIndex{vectors: map[int64][]float32{}}
		titles := map[string]bool{}
		for range rapid.IntRange(1, 25).Draw(t, "articles") {
			title := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 5).Draw(t, "title"), " ")
			text := rapid.StringMatching(`[a-z]{3,9}( [a-z]{2,9}){0,30}\.`).Draw(t, "text")
			if rapid.Bool().Draw(t, "strange") {
				title = rapid.String().Draw(t, "strange title")
			}
			if title = CleanTitle(title); titles[title] || !strings.ContainsFunc(title, unicode.IsLetter) {
				continue
			}
			titles[title] = true
			m.add(title, title, text, "en")
		}
		for _, c := range m.chunks {
			v, err := e.Embed(t.Context(), []string{embedText(ChunkText{Title: c.Article.Title, Text: c.Text})}, false)
			if err != nil {
				t.Fatal(err)
			}
			m.vectors[c.ChunkID] = v[0]
		}
		for _, s := range []*Search{NewSearch(m, e, SearchOptions{Log: quiet}), NewSearch(m, nil, SearchOptions{Log: quiet})} {
			for title := range titles {
				r, err := s.Search(t.Context(), Query{Text: title, Locale: "en"})
				if err != nil {
					t.Fatal(err)
				}
				found := false
				for _, p := range r.Passages {
					found = found || p.Article.ID == title
				}
				if !found {
					t.Fatalf("%q finds %d other passages", title, len(r.Passages))
				}
			}
		}
	})
}

// Plain text takes a short way to the same words.
func FuzzPlainWords(f *testing.F) {
	f.Add("Don't say 'hello' to the shop''s l'article--or a_b.c:d", "fr")
	f.Add("rock'n'roll ''' a'", "en")
	f.Fuzz(func(t *testing.T, text, language string) {
		for _, field := range strings.Fields(strings.ToLower(text)) {
			if _, plain := nextField(field); !plain {
				continue
			}
			spell := spellers.of(language)
			short, long := appendPlain(nil, field, language, spell), appendWords(nil, field, language, spell)
			if len(short)+len(long) > 0 && !reflect.DeepEqual(short, long) {
				t.Errorf("%q (%s) has the words %+v, the long way %+v", field, language, short, long)
			}
		}
	})
}
