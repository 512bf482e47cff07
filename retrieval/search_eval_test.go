package retrieval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// evalQuery is a question with the articles that answer it.
type evalQuery struct {
	ID       string   `json:"id"`
	Query    string   `json:"query"`
	Relevant []string `json:"relevant"`
	History  []struct {
		Role string `json:"role"`
		Text string `json:"text"`
	} `json:"history"`
}

// query asks as a search would: with the shopper's earlier messages, or, to
// compare, with what both sides said.
func (q evalQuery) query(both bool) Query {
	out := Query{Text: q.Query, Limit: 30, Locale: "en"}
	for _, h := range q.History {
		if both || h.Role == "customer" || h.Role == "user" {
			out.History = append(out.History, h.Text)
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
		m.add(a.ID, a.Title, a.Text, "en")
	}
	return m
}

// TestRankingOnEvalData prints how well the lexical ranking does on each set.
func TestRankingOnEvalData(t *testing.T) {
	dir := evalDir(t)
	for _, set := range []struct {
		corpus, queries string
		both            bool
	}{
		{"wixqa", "wixqa", false}, {"techqa", "techqa", false}, {"stackfaq", "stackfaq", false}, {"covidfaq", "covidfaq", false},
		{"dstc11-faq", "dstc11-faq", false}, {"dstc11-faq", "dstc11-faq", true}, {"mtragun", "mtragun", false}, {"mtragun", "mtragun", true},
		{"dstc9", "dstc10-spoken", false}, {"dstc9", "dstc10-spoken", true}, {"tau2banking", "tau2banking", false},
	} {
		search := NewSearch(evalIndex(t, dir, set.corpus), nil, SearchOptions{})
		var hit1, hit5, hit10, mrr, n float64
		for _, q := range readLines[evalQuery](t, filepath.Join(dir, "dev", "retrieval-"+set.queries+"-queries.jsonl")) {
			if len(q.Relevant) == 0 {
				continue
			}
			n++
			result, err := search.Search(t.Context(), q.query(set.both))
			if err != nil {
				t.Fatal(err)
			}
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
		fmt.Printf("%-14s both sides %-5v %4.0f questions  hit@1 %.3f  hit@5 %.3f  hit@10 %.3f  mrr@10 %.3f\n", set.queries, set.both, n, hit1/n, hit5/n, hit10/n, mrr/n)
	}
}

// rankOf is the place of the first relevant article, 0 where there is none.
func rankOf(r Result, relevant []string) int {
	var articles []string
	for _, p := range r.Passages {
		if !slices.Contains(articles, p.Article.ID) {
			articles = append(articles, p.Article.ID)
		}
		if slices.Contains(relevant, p.Article.ID) {
			return len(articles)
		}
	}
	return 0
}
