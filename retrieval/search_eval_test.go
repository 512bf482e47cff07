package retrieval

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/careloop/careloop/retrieval/embed/static"
)

// evalQuery is a question with the articles that answer it.
type evalQuery struct {
	ID       string   `json:"id"`
	Query    string   `json:"query"`
	Relevant []string `json:"relevant"`
	SplitKey string   `json:"split_key"`
	History  []struct {
		Role string `json:"role"`
		Text string `json:"text"`
	} `json:"history"`
}

// query asks as a search would: with what both sides said before.
func (q evalQuery) query() Query {
	out := Query{Text: q.Query, Limit: 30, Locale: "en"}
	for _, h := range q.History {
		if h.Role == "customer" || h.Role == "user" {
			out.History = append(out.History, h.Text)
		} else {
			out.Replies = append(out.Replies, h.Text)
		}
	}
	return out
}

type evalArticle struct{ ID, Title, Text string }

func readLines[T any](t testing.TB, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func evalDir(t testing.TB) string {
	dir := os.Getenv("CARELOOP_EVALDATA")
	if dir == "" {
		t.Skip("CARELOOP_EVALDATA names no folder of evaluation data")
	}
	return dir
}

func evalIndex(t testing.TB, dir, name string) *memoryIndex {
	m := &memoryIndex{}
	for _, a := range readLines[evalArticle](t, filepath.Join(dir, "corpora", "retrieval-"+name+"-corpus.jsonl")) {
		p, err := Prepare(Site{}, "", Document{Key: a.ID, Title: a.Title, Markdown: a.Text, Locale: "en"})
		if err != nil {
			t.Fatal(err)
		}
		m.add(a.ID, p.Title, p.Markdown, "en")
	}
	return m
}

// evalSets are the sets of questions with their corpora.
var evalSets = []struct{ queries, corpus string }{
	{"wixqa", "wixqa"}, {"techqa", "techqa"}, {"stackfaq", "stackfaq"}, {"covidfaq", "covidfaq"}, {"mtragun", "mtragun"},
	{"dstc11-faq", "dstc11-faq"}, {"dstc10-spoken", "dstc9"}, {"tau2banking", "tau2banking"},
}

func evalQueries(t testing.TB, dir, name string) []evalQuery {
	return readLines[evalQuery](t, filepath.Join(dir, "dev", "retrieval-"+name+"-queries.jsonl"))
}

// embedded gives an index of a corpus with the vectors of the default embedder.
func embedded(t testing.TB, dir, corpus string) (*memoryIndex, Embedder) {
	embedder, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	return withVectors(t, evalIndex(t, dir, corpus), embedder), embedder
}

// TestRankingOnEvalData prints how well the search does on each set: each ranking
// alone as it comes, a search by words alone, and the whole.
func TestRankingOnEvalData(t *testing.T) {
	dir := evalDir(t)
	for _, set := range evalSets {
		m, embedder := embedded(t, dir, set.corpus)
		queries := evalQueries(t, dir, set.queries)
		s, words := NewSearch(m, embedder, SearchOptions{}), NewSearch(m, nil, SearchOptions{})
		whole := func(s *Search) func(context.Context, Query) ([]Passage, error) {
			return func(ctx context.Context, q Query) ([]Passage, error) {
				r, err := s.Search(ctx, q)
				return r.Passages, err
			}
		}
		for _, way := range []struct {
			name string
			ask  func(context.Context, Query) ([]Passage, error)
		}{{"lexical", s.RankByWords}, {"semantic", s.RankByMeaning}, {"words", whole(words)}, {"hybrid", whole(s)}} {
			var hit1, hit5, hit10, mrr, ndcg, n float64
			for _, q := range queries {
				if len(q.Relevant) == 0 {
					continue
				}
				n++
				passages, err := way.ask(t.Context(), q.query())
				if err != nil {
					t.Fatal(err)
				}
				result := Result{Passages: passages}
				ndcg += gainOf(result, q.Relevant)
				switch rank := rankOf(result, q.Relevant); {
				case rank == 0:
				case rank == 1:
					hit1++
					fallthrough
				case rank <= 5:
					hit5++
					fallthrough
				case rank <= 10:
					hit10++
					mrr += 1 / float64(rank)
				}
			}
			fmt.Printf("%-13s %-8s %4.0f questions  hit@1 %.3f  hit@5 %.3f  hit@10 %.3f  mrr@10 %.3f  ndcg@10 %.3f\n", set.queries, way.name, n, hit1/n, hit5/n, hit10/n, mrr/n, ndcg/n)
		}
	}
}

// articlesOf lists the articles of a result, each at its best passage.
func articlesOf(r Result) []string {
	var articles []string
	for _, p := range r.Passages {
		if !slices.Contains(articles, p.Article.ID) {
			articles = append(articles, p.Article.ID)
		}
	}
	return articles
}

// rankOf is the place of the first relevant article, 0 where there is none.
func rankOf(r Result, relevant []string) int {
	return 1 + slices.IndexFunc(articlesOf(r), func(id string) bool { return slices.Contains(relevant, id) })
}

// gainOf is nDCG@10.
func gainOf(r Result, relevant []string) float64 {
	got, most := 0.0, 0.0
	for i, id := range articlesOf(r) {
		if i < 10 && slices.Contains(relevant, id) {
			got += 1 / math.Log2(float64(i+2))
		}
	}
	for i := range min(10, len(relevant)) {
		most += 1 / math.Log2(float64(i+2))
	}
	return got / most
}
