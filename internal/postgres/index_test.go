package postgres

import (
	"math"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

func TestIndexSeesOneSiteAndItsLocales(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	publish(t, s.DB, faq(s.site.ID, "1", "Parcel", "en", "The parcel comes tomorrow."), faq(s.site.ID, "2", "Parcel", "de-AT", "Das Paket (parcel)."),
		faq(s.site.ID, "3", "Shoes", "en", "Shoes are not sent in a parcel, parcel, parcel."))
	publish(t, s.DB, faq(other.ID, "1", "Parcel", "en", "Another shop's parcel."))

	q := retrieval.LexicalWeights("parcel", nil, "", "en")
	term := q.Terms[0]
	for _, c := range []struct {
		locales []string
		chunks  int64
	}{{nil, 3}, {[]string{"en"}, 2}, {[]string{"en-GB"}, 2}, {[]string{"de"}, 1}, {[]string{"de", "en"}, 3}, {[]string{"fr"}, 0}} {
		corpus := must(s.Corpus(ctx, s.site.ID, c.locales, []int32{term, 7}))(t)
		if corpus.Chunks != c.chunks || corpus.DocumentFrequency[term] != c.chunks || corpus.DocumentFrequency[7] != 0 {
			t.Errorf("in %v the corpus is %+v", c.locales, corpus)
		}
		hits := must(s.Lexical(ctx, s.site.ID, c.locales, retrieval.Everyone, q, q.Terms, 10))(t)
		if int64(len(hits)) != c.chunks {
			t.Errorf("in %v the hits are %v", c.locales, hits)
		}
	}

	hits := must(s.Lexical(ctx, s.site.ID, nil, retrieval.Everyone, q, q.Terms, 2))(t)
	if len(hits) != 2 || hits[0].Score < hits[1].Score || hits[0].Score <= 0 {
		t.Errorf("the best two are %v", hits)
	}
	if none := must(s.Lexical(ctx, s.site.ID, nil, retrieval.Everyone, q, []int32{7}, 2))(t); len(none) != 0 {
		t.Errorf("without the required term: %v", none)
	}
	if none := must(s.Lexical(ctx, s.site.ID, nil, retrieval.Everyone, retrieval.TermWeights{}, nil, 2))(t); len(none) != 0 {
		t.Errorf("without terms: %v", none)
	}

	ids := []int64{hits[0].ChunkID, hits[1].ChunkID, 999999}
	passages := must(s.Passages(ctx, s.site.ID, ids))(t)
	if len(passages) != 2 || passages[0].Article.Title == "" || passages[0].Article.Version != 1 || passages[0].Article.URL == "" || passages[0].Heading[0] != "H" {
		t.Errorf("passages are %+v", passages)
	}
	if foreign := must(s.Passages(ctx, other.ID, ids))(t); len(foreign) != 0 {
		t.Errorf("another site loads %+v", foreign)
	}
}

func TestVectors(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	publish(t, s.DB, faq(s.site.ID, "1", "A", "en", "one", "two"), faq(s.site.ID, "2", "B", "de", "three"))
	adopt(t, s.DB, "m")
	todo := must(s.Unembedded(ctx, s.site.ID, "m", 0, 10))(t)
	if len(todo) != 3 || todo[0].Title != "A" || todo[0].Text != "one" || todo[0].Heading[0] != "H" || todo[0].ID >= todo[1].ID {
		t.Fatalf("to embed are %+v", todo)
	}
	if rest := must(s.Unembedded(ctx, s.site.ID, "m", todo[0].ID, 1))(t); len(rest) != 1 || rest[0].ID != todo[1].ID {
		t.Errorf("the next is %+v", rest)
	}
	ids := []int64{todo[0].ID, todo[1].ID, todo[2].ID, 999999}
	vectors := [][]float32{{1, 0}, {0.6, 0.8}, {0, 1}, {1, 0}}
	if err := s.SaveVectors(ctx, s.site.ID, "m", ids, vectors); err != nil {
		t.Fatal(err)
	}
	if rest := must(s.Unembedded(ctx, s.site.ID, "m", 0, 10))(t); len(rest) != 0 {
		t.Errorf("to embed are still %+v", rest)
	}
	if rest := must(s.Unembedded(ctx, s.site.ID, "another", 0, 10))(t); len(rest) != 0 {
		t.Errorf("for an embedder that nobody wants %+v", rest)
	}
	if err := s.SaveVectors(ctx, s.site.ID, "m", ids[:1], [][]float32{{1, 0, 0}}); err == nil {
		t.Error("a vector of another length was taken")
	}
	if err := s.SaveVectors(ctx, s.site.ID, "m", ids[:2], [][]float32{{1, 0}}); err == nil {
		t.Error("a vector too few was taken")
	}
	if err := s.SaveVectors(ctx, other.ID, "m", ids[:1], [][]float32{{0, 1}}); err != nil {
		t.Error(err)
	}

	hits := must(s.Semantic(ctx, s.site.ID, nil, retrieval.Everyone, "m", []float32{1, 0}, 2))(t)
	if len(hits) != 2 || hits[0].ChunkID != ids[0] || math.Abs(hits[0].Score-1) > 1e-3 || hits[1].ChunkID != ids[1] || math.Abs(hits[1].Score-0.6) > 1e-3 {
		t.Errorf("hits are %v", hits)
	}
	if hits := must(s.Semantic(ctx, s.site.ID, []string{"de"}, retrieval.Everyone, "m", []float32{1, 0}, 5))(t); len(hits) != 1 || hits[0].ChunkID != ids[2] {
		t.Errorf("in German hits are %v", hits)
	}
	for name, of := range map[string][2]string{"another site": {other.ID, "m"}, "another embedder": {s.site.ID, "x"}} {
		if hits := must(s.Semantic(ctx, of[0], nil, retrieval.Everyone, of[1], []float32{1, 0}, 5))(t); len(hits) != 0 {
			t.Errorf("%s: %v", name, hits)
		}
	}
	near := must(s.Cosines(ctx, s.site.ID, "m", []float32{1, 0}, []int64{ids[1], 999999}))(t)
	if len(near) != 1 || near[0].ChunkID != ids[1] || math.Abs(near[0].Score-0.6) > 1e-3 {
		t.Errorf("cosines are %v", near)
	}
	for name, of := range map[string][2]string{"another site": {other.ID, "m"}, "another embedder": {s.site.ID, "x"}} {
		if near := must(s.Cosines(ctx, of[0], of[1], []float32{1, 0}, ids))(t); len(near) != 0 {
			t.Errorf("%s has the cosines %v", name, near)
		}
	}
	publish(t, s.DB, faq(s.site.ID, "1", "A", "en", "new"))
	if hits := must(s.Semantic(ctx, s.site.ID, []string{"en"}, retrieval.Everyone, "m", []float32{1, 0}, 5))(t); len(hits) != 0 {
		t.Errorf("replaced chunks are found: %v", hits)
	}
	if rest := must(s.Unembedded(ctx, s.site.ID, "m", 0, 10))(t); len(rest) != 1 || rest[0].Text != "new" {
		t.Errorf("to embed are %+v", rest)
	}
}
