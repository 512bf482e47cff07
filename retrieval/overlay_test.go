package retrieval

import (
	"errors"
	"slices"
	"testing"

	"github.com/careloop/careloop/retrieval/embed/static"
)

// drafted is a publication as an importer makes it.
func drafted(key, title, text string) Publication {
	p := Publication{Document: Document{Key: key, Title: title, Locale: "en"}, Chunks: Cut(text)}
	for i, c := range p.Chunks {
		p.Chunks[i].Lexical = LexicalWeights(title, c.Heading, c.Text, "en")
	}
	return p
}

// withVectors gives the index the vectors of an embedder.
func withVectors(t testing.TB, m *memoryIndex, e Embedder) *memoryIndex {
	t.Helper()
	m.vectors = map[int64][]float32{}
	for _, c := range m.chunks {
		v, err := e.Embed(t.Context(), []string{embedText(ChunkText{Title: c.Article.Title, Heading: c.Heading, Text: c.Text})}, false)
		if err != nil {
			t.Fatal(err)
		}
		m.vectors[c.ChunkID] = v[0]
	}
	return m
}

const giftTitle, giftText = "Gift wrapping", "We wrap presents in paper for 3 euros. Choose gift wrapping at the checkout and write a card."

// A draft over a shop is found, in the same order and with the same scores, as
// after it is published.
func TestOverlayIsThePublishedShop(t *testing.T) {
	e, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	published := aShop()
	published.add("gift", giftTitle, giftText, "en")
	for name, embedder := range map[string]Embedder{"words": nil, "words and vectors": e} {
		t.Run(name, func(t *testing.T) {
			shop, after := aShop(), published
			if embedder != nil {
				shop, after = withVectors(t, shop, embedder), withVectors(t, published, embedder)
			}
			over := NewOverlay(shop, func(string) (Embedder, error) { return embedder, nil }, []Publication{drafted("gift", giftTitle, giftText)})
			for _, question := range []string{"do you wrap presents?", "gift wraping", "what does delivery cost", "a card with my present", "weather on Mars"} {
				q := Query{Text: question, Locale: "en"}
				got, want := search(t, NewSearch(over, embedder, SearchOptions{Log: quiet}), q), search(t, NewSearch(after, embedder, SearchOptions{Log: quiet}), q)
				if got.Confidence != want.Confidence {
					t.Errorf("%q: confidence %v, published %v", question, got.Confidence, want.Confidence)
				}
				same := slices.EqualFunc(got.Passages, want.Passages, func(a, b Passage) bool {
					return a.Article.ID == b.Article.ID && a.Text == b.Text && a.Fused == b.Fused && a.Semantic == b.Semantic
				})
				if !same {
					t.Errorf("%q:\n%v\npublished:\n%v", question, got.Passages, want.Passages)
				}
			}
			if r := search(t, NewSearch(over, embedder, SearchOptions{Log: quiet}), Query{Text: "do you wrap presents?"}); top(r) != "gift" || r.Passages[0].Article.Version != 0 {
				t.Errorf("found %v", r.Passages)
			}
		})
	}
}

func TestOverlayHidesWhatItReplaces(t *testing.T) {
	over := NewOverlay(aShop(), nil, []Publication{drafted("Delivery costs", "Delivery costs", "Delivery is free from now on, whatever you order.")})
	r := search(t, NewSearch(over, nil, SearchOptions{Log: quiet}), Query{Text: "what does delivery cost?", Locale: "en"})
	if top(r) != "Delivery costs" || r.Passages[0].ChunkID > 0 {
		t.Fatalf("found %v", r.Passages)
	}
	for _, p := range r.Passages {
		if p.ChunkID > 0 && p.Article.ID == "Delivery costs" {
			t.Errorf("the old text is found: %q", p.Text)
		}
	}
}

func TestOverlayIsOfOneSiteAndItsLanguages(t *testing.T) {
	d := drafted("gift", giftTitle, giftText)
	d.SiteID = "mine"
	over := NewOverlay(aShop(), nil, []Publication{d})
	s := NewSearch(over, nil, SearchOptions{Log: quiet})
	for _, q := range []Query{{SiteID: "other", Text: "gift wrapping", Locale: "en"}, {SiteID: "mine", Text: "gift wrapping", Locale: "de", SiteLocale: "de"}} {
		if r := search(t, s, q); top(r) == "gift" {
			t.Errorf("%+v finds the draft", q)
		}
	}
	if r := search(t, s, Query{SiteID: "mine", Text: "gift wrapping", Locale: "en-GB"}); top(r) != "gift" {
		t.Errorf("finds %q", top(r))
	}
}

func TestOverlayWithoutVectors(t *testing.T) {
	e, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	over := NewOverlay(withVectors(t, aShop(), e), func(string) (Embedder, error) { return nil, errors.New("no such model") }, []Publication{drafted("gift", giftTitle, giftText)})
	// One that is asked over a network does not compare what has no vector.
	afar := struct{ Embedder }{e}
	if r := search(t, NewSearch(over, afar, SearchOptions{Log: quiet}), Query{Text: "gift wrapping", Locale: "en"}); top(r) != "gift" || r.Passages[0].Semantic != 0 {
		t.Errorf("found %v", r.Passages)
	}
}
