package eval

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/retrieval"
)

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadQuestions(t *testing.T) {
	got, err := ReadQuestions(file(t, "q.jsonl", "\ufeff"+`{"id":1,"query":"a","relevant":["x",2,"x"],"history":[{"role":"user","text":"u"},{"role":"Assistant","text":"b"},{"role":"customer","text":"c"}]}

{"id":"b","text":"?!","answerable":false,"relevant":["x"]}
{"query":"c","answerability":"unanswerable","relevant":null}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].ID != "1" || !slices.Equal(got[0].Relevant, []string{"x", "2"}) || got[1].Text != "?!" || len(got[1].Relevant) != 0 || !got[1].Unanswerable || !got[2].Unanswerable {
		t.Errorf("%+v", got)
	}
	if n := len(Scored(got)); n != 1 {
		t.Errorf("%d are scored", n)
	}
	q := got[0].Query("s", "de")
	if !slices.Equal(q.History, []string{"u", "c"}) || !slices.Equal(q.Replies, []string{"b"}) || q.SiteID != "s" || q.Locale != "de" || q.SiteLocale != "de" {
		t.Errorf("%+v", q)
	}
}

func TestBadFilesAreNamedWithTheLine(t *testing.T) {
	corpus := func(path string) error { _, err := ReadCorpus(path); return err }
	questions := func(path string) error { _, err := ReadQuestions(path); return err }
	for name, c := range map[string]struct {
		read       func(string) error
		text, says string
	}{
		"empty":                   {corpus, "\n \n", "has no rows"},
		"not JSON":                {corpus, `{"id":1,"text":"a"}` + "\n{oops", "line 2: this is not JSON"},
		"no object":               {questions, "[1]", "line 1: the line is not a JSON object"},
		"no id":                   {corpus, `{"text":"a"}`, "line 1: the document has no id"},
		"twice":                   {corpus, `{"id":"a","text":"a"}` + "\n" + `{"id":"a","text":"b"}`, "line 2: the id \"a\" stood"},
		"no text":                 {corpus, `{"id":"a","title":"a"}`, "line 1: the document has no text"},
		"no query":                {questions, `{"id":"a"}`, "line 1: the row has neither"},
		"history of another kind": {questions, `{"query":"a","history":"b"}`, "line 1: the field history holds a string"},
		"an id of another kind":   {questions, `{"query":"a","relevant":[{}]}`, "line 1: an id is neither"},
		"no text at all":          {questions, "\xff\xfe", "line 1: the line is not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, "f.jsonl", c.text)
			if err := c.read(path); err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), path) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := corpus("/nowhere.jsonl"); err == nil || !strings.Contains(err.Error(), "/nowhere.jsonl cannot be opened: no such file") {
		t.Errorf("got %v", err)
	}
}

func TestRankingScores(t *testing.T) {
	var s scorer
	s.add([]string{"a", "b", "c"}, []string{"b", "z"}, 2*time.Millisecond)
	s.add([]string{"a"}, []string{"a"}, 4*time.Millisecond)
	s.add(nil, []string{"a"}, 6*time.Millisecond)
	s.add([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a"}, []string{"a"}, 8*time.Millisecond)
	got := s.mean()
	second := (1 / math.Log2(3)) / (1 + 1/math.Log2(3))
	want := Ranking{Hit1: 0.25, Hit5: 0.5, Hit10: 0.5, Recall5: 0.375, MRR10: 0.375, NDCG10: round((1+second)/4, 1e4), P50: 4, P99: 8}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestAUROC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 8).Draw(t, "v")) }), 1, 20)
		high, low := values.Draw(t, "high"), values.Draw(t, "low")
		won := 0.0
		for _, h := range high {
			for _, l := range low {
				switch {
				case h > l:
					won++
				case h == l:
					won += 0.5
				}
			}
		}
		if got, want := auroc(high, low), won/float64(len(high)*len(low)); math.Abs(got-want) > 1e-9 {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestAnswerRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 30).Draw(t, "v")) / 30 }), 1, 60)
		high, low := values.Draw(t, "high"), values.Draw(t, "low")
		best, at := 0.0, 1.0
		for _, threshold := range high {
			passed := func(list []float64) (n float64) {
				for _, v := range list {
					if v >= threshold {
						n++
					}
				}
				return n
			}
			right, wrong := passed(high), passed(low)
			if right >= 0.95*(right+wrong) && right/float64(len(high)) > best {
				best, at = right/float64(len(high)), threshold
			}
		}
		if rate, threshold := answerRate(high, low); rate != best || threshold != at {
			t.Fatalf("got %v from %v, want %v from %v", rate, threshold, best, at)
		}
	})
}

// shelf finds the documents whose id stands in the question, in its order.
type shelf struct{ err error }

func (s shelf) RankByWords(_ context.Context, q retrieval.Query) (list []retrieval.Passage, err error) {
	for _, id := range strings.Fields(q.Text) {
		list = append(list, retrieval.Passage{Article: retrieval.Article{ID: "article " + id}})
	}
	return list, s.err
}

func (s shelf) RankByMeaning(context.Context, retrieval.Query) ([]retrieval.Passage, error) {
	return nil, nil
}

func (s shelf) Search(ctx context.Context, q retrieval.Query) (retrieval.Result, error) {
	passages, err := s.RankByWords(ctx, q)
	return retrieval.Result{Passages: passages, Confidence: float64(len(passages)) / 10}, err
}

func TestSubject(t *testing.T) {
	asked := 0
	s := &Subject{Finder: shelf{}, Keys: map[string]string{"article 1": "a", "article 2": "b"}, Documents: 2, Chunks: 3, Progress: func(done, total int) { asked = done*100 + total }}
	questions := []Question{{Text: "1 1 2", Relevant: []string{"b"}}, {Text: "2", Relevant: []string{"b"}}, {Text: "1", Unanswerable: true}}
	r, err := s.Retrieval(t.Context(), questions)
	if err != nil || r.Documents != 2 || r.Chunks != 3 || r.Queries != 2 || asked != 606 {
		t.Fatalf("%+v, %v, progress %d", r, err, asked)
	}
	if r.Lexical.MRR10 != 0.75 || r.Hybrid.MRR10 != 0.75 || r.Semantic.MRR10 != 0 {
		t.Errorf("a document does not count once, at its best place: %+v", r)
	}
	c, err := s.Confidence(t.Context(), questions[:2], questions[2:])
	if err != nil || c.AUROC != 0.75 || c.AnswerRate != 0.5 || c.Threshold != 0.3 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := s.Retrieval(t.Context(), questions[2:]); err == nil {
		t.Error("nothing was scored without an error")
	}
	s.Finder = shelf{errors.New("gone")}
	if _, err := s.Retrieval(t.Context(), questions); err == nil {
		t.Error("a failure was scored")
	}
}

func TestFindSets(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := FindSets(dir); err == nil {
		t.Error("an empty folder has sets")
	}
	write("corpora/retrieval-shop1-corpus.jsonl", `{"id":"a","title":"A","text":"a"}`)
	write("corpora/retrieval-big-corpus.jsonl", `{"id":"a","text":"a"}`+"\n"+`{"id":"b","text":"b"}`)
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, "{\"id\":%d,\"query\":\"q%d\",\"relevant\":[\"a\"]}\n", i, i)
	}
	write("dev/retrieval-shop1-queries.jsonl", many.String()+`{"query":"x","answerable":false}`)
	write("dev/retrieval-shop2-talk-queries.jsonl", `{"query":"q","relevant":["a"]}`)
	write("dev/retrieval-other-queries.jsonl", `{"query":"q","relevant":["b"]}`)
	sets, err := FindSets(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		name, corpus                      string
		answerable, unanswerable, foreign int
	}{
		{"other", "retrieval-big-corpus.jsonl", 1, 0, 71},
		{"shop1", "retrieval-shop1-corpus.jsonl", 100, 1, 1},
		{"shop2-talk", "retrieval-shop1-corpus.jsonl", 1, 0, 1},
	} {
		s := sets[i]
		if s.Name != want.name || filepath.Base(s.Corpus.Name()) != want.corpus || len(s.Answerable()) != want.answerable || len(s.Unanswerable()) != want.unanswerable || len(s.Foreign(sets)) != want.foreign {
			t.Errorf("%+v", s)
		}
	}
	write("dev/retrieval-lost-queries.jsonl", `{"query":"q","relevant":["c"]}`)
	if _, err := FindSets(dir); err == nil || !strings.Contains(err.Error(), "lost-queries.jsonl has no corpus") {
		t.Errorf("got %v", err)
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	rows := []Row{{Set: "a", Retrieval: Retrieval{Documents: 1, Chunks: 2, Queries: 3, Hybrid: Ranking{Hit1: 1}}, Foreign: &Confidence{AUROC: 0.5}}, {Set: "b"}}
	if err := WriteTable(&b, "e", rows); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| a | 1 | 2 | 3 | lexical |", "hybrid | 1.000", "hybrid | 0.500", "| a | 0.500 | 0.000 | 0.000 |  | |  |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &b)
		}
	}
}
