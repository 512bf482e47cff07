package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func evalFiles(t *testing.T) (dir, corpus, queries, out string) {
	t.Helper()
	dir = t.TempDir()
	write := func(name string, lines ...string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	corpus = write("retrieval-shop-corpus.jsonl",
		`{"id":"returns","title":"How to return an order","text":"Send it back within 30 days, free of charge."}`,
		`{"id":"delivery","title":"Delivery costs","text":"Delivery costs 4.95 euros. From 60 euros on it is free."}`,
		`{"id":"wool","title":"Care of wool","text":"Wash wool by hand in cold water. Dry it flat."}`,
		`{"id":"empty","title":"Nothing","text":"<!-- -->"}`)
	queries = write("retrieval-shop-queries.jsonl",
		`{"id":1,"query":"What does delivery cost?","relevant":["delivery"]}`,
		`{"id":2,"query":"and of wool?","relevant":["wool"],"history":[{"role":"customer","text":"I have a question on care"},{"role":"agent","text":"Of what?"}]}`,
		`{"id":3,"query":"Can I send an order back?","relevant":["returns"]}`,
		`{"id":4,"query":"Who are you?","relevant":["wool"],"answerable":false}`)
	out = write("out.jsonl", `{"text":"Who won the world cup in 1998?"}`, `{"text":"??"}`)
	return dir, corpus, queries, out
}

func TestEval(t *testing.T) {
	s := newShell(t)
	dir, corpus, queries, outside := evalFiles(t)
	out, said, code := s.run("eval", "retrieval", "--corpus", corpus, "--queries", queries, "--json")
	if code != 0 || !strings.Contains(said, "never found") || !strings.Contains(said, ".jsonl:4:") {
		t.Fatalf("code %d: %s", code, said)
	}
	var whole map[string]any
	if err := json.Unmarshal([]byte(out), &whole); err != nil {
		t.Fatal(err)
	}
	if whole["documents"] != 3.0 || whole["chunks"] != 3.0 || whole["queries"] != 3.0 || len(whole) != 6 {
		t.Errorf("got %s", out)
	}
	for _, way := range []string{"lexical", "semantic", "hybrid"} {
		r, _ := whole[way].(map[string]any)
		for _, key := range []string{"hit@1", "hit@5", "hit@10", "recall@5", "mrr@10", "ndcg@10", "p50_ms", "p99_ms"} {
			if v, ok := r[key].(float64); !ok || v <= 0 || way == "hybrid" && key == "hit@5" && v != 1 {
				t.Errorf("%s has %s %v", way, key, r[key])
			}
		}
		if len(r) != 8 {
			t.Errorf("%s is %v", way, r)
		}
	}
	if text := s.ok("eval", "retrieval", "--corpus", corpus, "--queries", queries, "--embedder", "built-in"); !strings.Contains(text, "hybrid") {
		t.Errorf("people read %s", text)
	}
	var confidence map[string]float64
	if err := json.Unmarshal([]byte(s.ok("eval", "confidence", "--corpus", corpus, "--in", queries, "--out", outside, "--json")), &confidence); err != nil {
		t.Fatal(err)
	}
	// Three of the four questions are answered by the corpus.
	if len(confidence) != 3 || confidence["auroc"] < 0.75 || confidence["answer_rate_at_p95"] <= 0 || confidence["threshold"] <= 0 {
		t.Errorf("got %v", confidence)
	}
	table := filepath.Join(dir, "table.md")
	text := s.ok("eval", "all", dir, "--out", table)
	if written, err := os.ReadFile(table); err != nil || string(written) != text || !strings.Contains(text, "| shop | 3 | 3 | 3 | lexical |") {
		t.Errorf("the table is %s, in the file %s, %v", text, written, err)
	}
}

func TestEvalSaysWhatIsWrong(t *testing.T) {
	s := &shell{t: t, env: map[string]string{}}
	_, corpus, queries, outside := evalFiles(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{}, 2, "careloop eval retrieval"},
		{[]string{"dance"}, 2, `no evaluation "dance"`},
		{[]string{"retrieval", "--corpus", corpus}, 2, "--queries is needed"},
		{[]string{"retrieval", "--corpus", corpus, "--queries", "/nowhere"}, 1, "/nowhere cannot be opened"},
		{[]string{"retrieval", "--corpus", outside, "--queries", queries}, 1, "line 1: the document has no id"},
		{[]string{"retrieval", "--corpus", corpus, "--queries", outside}, 1, "nothing to score"},
		{[]string{"retrieval", "--corpus", corpus, "--queries", queries, "--embedder", "x"}, 1, "no server is configured"},
	} {
		if out, errOut, code := s.run(append([]string{"eval"}, c.args...)...); code != c.code || !strings.Contains(out+errOut, c.want) {
			t.Errorf("careloop eval %q: code %d: %s%s", c.args, code, out, errOut)
		}
	}
	if out := s.ok("eval", "--help"); !strings.Contains(out, "confidence") {
		t.Errorf("help says %q", out)
	}
}
