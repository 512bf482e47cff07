package retrieval

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/retrieval/embed/static"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// aShop is a small help centre.
func aShop() *memoryIndex {
	m := &memoryIndex{}
	for _, a := range []struct{ title, text string }{
		{"How to return an order", "Send it back within 30 days. Returns are free in Germany. Print the label from your account and hand the parcel in at any shop."},
		{"Return worn shoes", "Shoes that you wore outside cannot be returned. Shoes tried on at home can be returned within 30 days."},
		{"Delivery times", "Parcels arrive within two to four working days. Express parcels arrive the next day."},
		{"Delivery costs", "Delivery costs 4.95 euros. From 60 euros on it is free."},
		{"Gift cards", "A gift card is worth 10 to 200 euros and is valid for three years. It cannot be paid out."},
		{"Care of wool", "Wash wool by hand in cold water. Dry it flat. Never tumble dry a sweater."},
		{"Payment methods", "We take cards, PayPal, invoice and bank transfer. You are charged when the parcel leaves us."},
		{"Reset your password", "Choose Forgotten password and follow the link in the e-mail that we send you."},
		{"Error E42 at the till", "Error E42 means that your bank refused the payment. Try another card."},
		{"Warranty", "Zips and seams are under warranty for two years. Send us a photo of the damage."},
	} {
		m.add(a.title, a.title, a.text, "en")
	}
	return m
}

func search(t testing.TB, s *Search, q Query) Result {
	t.Helper()
	r, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func top(r Result) string {
	if len(r.Passages) == 0 {
		return ""
	}
	return r.Passages[0].Article.ID
}

func TestSearchFindsTheArticle(t *testing.T) {
	s := NewSearch(aShop(), nil, SearchOptions{Log: quiet})
	for question, want := range map[string]string{
		"Can I return shoes I wore once?":       "Return worn shoes",
		"in how many days does it arrive":       "Delivery times",
		"What does delivery cost?":              "Delivery costs",
		"how do i wash my wool sweater":         "Care of wool",
		"It says error e42":                     "Error E42 at the till",
		"e-42":                                  "Error E42 at the till",
		"forgot my password":                    "Reset your password",
		"Is a broken zip covered by warranty??": "Warranty",
	} {
		if r := search(t, s, Query{Text: question, Locale: "en-GB"}); top(r) != want {
			t.Errorf("%q finds %q", question, top(r))
		}
	}
}

func TestConfidence(t *testing.T) {
	s := NewSearch(aShop(), nil, SearchOptions{Log: quiet})
	for question, sure := range map[string]bool{
		"What are the delivery times?":               true,
		"how do I return an order":                   true,
		"What payment methods do you take?":          true,
		"What's the weather on Mars?":                false,
		"Who is the president of Germany?":           false,
		"Who won the world cup in 1998?":             false,
		"Write me a poem about the sea":              false,
		"Can you recommend a good pizza in Cologne?": false,
		"hello": false,
		"":      false,
		"??":    false,
	} {
		got := search(t, s, Query{Text: question, Locale: "en"}).Confidence
		if sure && got < 0.6 || !sure && got >= 0.35 || got < 0 || got > 1 {
			t.Errorf("%q has confidence %.2f", question, got)
		}
	}
}

func TestFollowUps(t *testing.T) {
	s := NewSearch(aShop(), nil, SearchOptions{Log: quiet})
	for _, c := range []struct {
		history        []string
		question, want string
	}{
		{[]string{"Can I return an order?"}, "and worn shoes?", "Return worn shoes"},
		{[]string{"Tell me about delivery please"}, "how much does it cost?", "Delivery costs"},
		{[]string{"Do you sell gift cards?"}, "how long are they valid?", "Gift cards"},
		{[]string{"Do you sell gift cards?"}, "How do I wash a wool sweater in cold water?", "Care of wool"},
		{[]string{"Do you sell gift cards?", "ok thanks"}, "until when are those valid", "Gift cards"},
	} {
		if r := search(t, s, Query{Text: c.question, History: c.history, Locale: "en"}); top(r) != c.want {
			t.Errorf("%q after %q finds %q", c.question, c.history, top(r))
		}
	}
}

func TestDependence(t *testing.T) {
	for _, c := range []struct {
		language, text string
		want           dependence
	}{
		{"en", "and for shoes?", pointsBack},
		{"en", "How much is it?", pointsBack},
		{"en", "What about express delivery?", pointsBack},
		{"en", "refund?", thin},
		{"en", "How long does express delivery to Austria take?", standsAlone},
		{"de", "und für Schuhe?", pointsBack},
		{"de", "Wie lange dauert die Lieferung nach Österreich?", standsAlone},
		{"fr", "et pour les chaussures ?", pointsBack},
		{"es", "¿y para zapatos?", pointsBack},
		{"xx", "weka mpya kabisa", standsAlone},
	} {
		if got := dependenceOf(c.text, []string{c.language}); got != c.want {
			t.Errorf("%q is %d, want %d", c.text, got, c.want)
		}
	}
}

func TestPassagesAreDiverse(t *testing.T) {
	m := aShop()
	for i := range 6 {
		m.addChunk("long", "Parcels", nil, fmt.Sprint("A parcel, number ", i), "en")
	}
	r := search(t, NewSearch(m, nil, SearchOptions{Log: quiet}), Query{Text: "parcel", Locale: "en", Limit: 5})
	times := 0
	for i, p := range r.Passages {
		if p.Article.ID == "long" {
			times++
		}
		if i > 0 && p.Fused > r.Passages[i-1].Fused {
			t.Error("passages are not in order")
		}
	}
	if times != perArticle || len(r.Passages) != 5 {
		t.Errorf("%d passages, %d of one article", len(r.Passages), times)
	}
}

func TestLanguages(t *testing.T) {
	m := &memoryIndex{}
	m.add("en", "PayPal", "You can pay by PayPal.", "en")
	m.add("de", "PayPal", "Zahlen Sie mit PayPal.", "de-AT")
	m.add("fr", "PayPal", "Payez par PayPal.", "fr")
	s := NewSearch(m, nil, SearchOptions{Log: quiet})
	for _, c := range []struct{ locale, site, want string }{
		{"de", "en", "de en"}, {"en", "de", "en de"}, {"de-CH", "de", "de"}, {"es", "fr", "fr"},
	} {
		var got []string
		for _, p := range search(t, s, Query{Text: "PayPal", Locale: c.locale, SiteLocale: c.site}).Passages {
			got = append(got, p.Article.ID)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("in %s at a site in %s: %v", c.locale, c.site, got)
		}
	}
	if r := search(t, s, Query{Text: "PayPal", Locale: "fr"}); len(r.Passages) != 3 || top(r) != "fr" {
		t.Errorf("in all languages %+v", r.Passages)
	}
}

// fakeEmbedder gives each text the vector that its first known word has.
type fakeEmbedder struct {
	vectors map[string][]float32
	err     error
	waits   bool // until the context ends
}

func (f *fakeEmbedder) Name() string    { return "fake" }
func (f *fakeEmbedder) Dimensions() int { return 2 }

func (f *fakeEmbedder) Embed(ctx context.Context, texts []string, _ bool) ([][]float32, error) {
	if f.waits {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	list := make([][]float32, len(texts))
	for i, text := range texts {
		list[i] = []float32{0, 1}
		for word, v := range f.vectors {
			if strings.Contains(text, word) {
				list[i] = v
			}
		}
	}
	return list, f.err
}

func TestSemanticRanking(t *testing.T) {
	m := aShop()
	embedder := &fakeEmbedder{vectors: map[string][]float32{"jumper": {1, 0}, "wool": {1, 0}}}
	m.vectors = map[int64][]float32{}
	for _, c := range m.chunks {
		v, _ := embedder.Embed(t.Context(), []string{c.Text}, false)
		m.vectors[c.ChunkID] = v[0]
	}
	s := NewSearch(m, embedder, SearchOptions{Log: quiet})
	r := search(t, s, Query{Text: "my jumper shrank", Locale: "en"})
	if top(r) != "Care of wool" || r.Passages[0].Semantic < 0.99 {
		t.Errorf("found %q", top(r))
	}
	if lexical := search(t, NewSearch(m, nil, SearchOptions{Log: quiet}), Query{Text: "my jumper shrank", Locale: "en"}); r.Confidence <= lexical.Confidence {
		t.Errorf("confidence is %.2f with a semantic ranking and %.2f without", r.Confidence, lexical.Confidence)
	}
}

func TestSearchDoesWithoutTheEmbedder(t *testing.T) {
	for name, embedder := range map[string]*fakeEmbedder{
		"failing": {err: errors.New("no")}, "hanging": {waits: true},
	} {
		s := NewSearch(aShop(), embedder, SearchOptions{EmbedTimeout: time.Millisecond, Log: quiet})
		if r := search(t, s, Query{Text: "What does delivery cost?", Locale: "en"}); top(r) != "Delivery costs" || r.Passages[0].Semantic != 0 {
			t.Errorf("%s: found %q", name, top(r))
		}
	}
}

func TestSearchReportsTheStoresFailure(t *testing.T) {
	m := aShop()
	m.err = errors.New("gone")
	if _, err := NewSearch(m, nil, SearchOptions{Log: quiet}).Search(t.Context(), Query{Text: "delivery", Locale: "en"}); !errors.Is(err, m.err) {
		t.Errorf("got %v", err)
	}
}

func TestEmptyShop(t *testing.T) {
	r := search(t, NewSearch(&memoryIndex{}, nil, SearchOptions{Log: quiet}), Query{Text: "Where is my parcel?"})
	if len(r.Passages) != 0 || r.Confidence != 0 {
		t.Errorf("found %+v", r)
	}
}

func TestRequiredLeavesCommonWordsOut(t *testing.T) {
	q := &lexicalQuery{}
	q.ask("Does the Bridge hotel have parking?", []string{"en"})
	df := map[int32]int64{}
	for word, n := range map[string]int64{"bridg": 40, "hotel": 9000, "park": 900, "the": 11000, "have": 5000, "doe": 4000} {
		df[termOf(word)] = n
	}
	q.learn(Corpus{Chunks: 12000, DocumentFrequency: df})
	if got := q.required(); len(got) != 2 || got[0] != termOf("bridg") || got[1] != termOf("park") {
		t.Errorf("required are %v", got)
	}
	common := &lexicalQuery{}
	common.ask("hotel", []string{"en"})
	common.learn(Corpus{Chunks: 12000, DocumentFrequency: df})
	if got := common.required(); len(got) != 1 {
		t.Errorf("of a common word alone required are %v", got)
	}
}

func TestFuse(t *testing.T) {
	lexical, semantic := []Hit{{1, 10}, {2, 8}, {3, 1}}, []Hit{{2, 0.9}, {4, 0.8}, {1, 0.5}}
	got := fuse(lexical, semantic, lexicalShare)
	if got[0].id != 2 || got[0].lexical != 8 || got[0].semantic != 0.9 || len(got) != 4 {
		t.Errorf("both give %+v", got)
	}
	for name, c := range map[string][2][]Hit{"lexical": {lexical, nil}, "semantic": {nil, semantic}} {
		for i, h := range append(c[0], c[1]...) {
			if got := fuse(c[0], c[1], lexicalShare); got[i].id != h.ChunkID {
				t.Errorf("%s alone gives %+v", name, got)
			}
		}
	}
	if got := fuse(nil, []Hit{{1, 0.3}}, lexicalShare); len(got) != 1 || got[0].fused != 1 {
		t.Errorf("one hit gives %+v", got)
	}
	if got := fuse(nil, nil, lexicalShare); len(got) != 0 {
		t.Errorf("nothing gives %+v", got)
	}
	long := &lexicalQuery{}
	long.ask("returning shoes boots sandals slippers trainers loafers sneakers clogs jackets coats scarves gloves mittens hats caps socks belts shirts blouses trousers jeans skirts dresses sweaters cardigans vests hoodies pyjamas towels blankets pillows sheets curtains rugs lamps tables chairs sofas beds desks shelves mirrors vases candles plates bowls cups forks knives spoons pans pots kettles toasters ovens fridges freezers dishwashers washers dryers", []string{"en"})
	if share := shareOf(long); share != 1 {
		t.Errorf("a long question leaves %.2f to words", share)
	}
	if share := shareOf(&lexicalQuery{}); share != lexicalShare {
		t.Errorf("a short question leaves %.2f to words", share)
	}
}

func TestKin(t *testing.T) {
	forms := map[string]bool{"broken": true, "return": true, "at": true}
	for form, want := range map[string]bool{"broke": true, "brokerage": false, "retur": true, "returnable": false, "ret": false, "at": false, "mars": false, "": false} {
		if got := hasKin(form, forms); got != want {
			t.Errorf("%q has kin: %v", form, got)
		}
	}
}

// What was imported a moment ago has no vector yet, and stands where it will stand
// when it has.
func TestPassagesWithoutVectorsYet(t *testing.T) {
	e, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	models := func() *memoryIndex {
		m := &memoryIndex{}
		for i := range 30 {
			m.add(fmt.Sprintf("K%d", 4300+i), fmt.Sprintf("How do I service the gearbox model K%d?", 4300+i), fmt.Sprintf("It takes %d ml of oil.", 4300+i), "en")
		}
		return withVectors(t, m, e)
	}
	whole, under := models(), models()
	for id := range under.vectors {
		if id > 15 {
			delete(under.vectors, id)
		}
	}
	for _, model := range []string{"K4303", "K4321"} {
		q := Query{Text: "How do I service the gearbox model " + model + "?", Locale: "en"}
		got, want := search(t, NewSearch(under, e, SearchOptions{Log: quiet}), q), search(t, NewSearch(whole, e, SearchOptions{Log: quiet}), q)
		if top(got) != model || top(want) != model {
			t.Errorf("%s: found %q while vectors are made, %q after", model, top(got), top(want))
		}
		if math.Abs(got.Passages[0].Semantic-want.Passages[0].Semantic) > 1e-5 {
			t.Errorf("%s: cosine %v while vectors are made, %v after", model, got.Passages[0].Semantic, want.Passages[0].Semantic)
		}
	}
}
