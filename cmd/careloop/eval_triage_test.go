package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist/triage/measure"
)

func TestEvalTriage(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	human := file("human.jsonl", `{"text":"let me talk to a human","human":true}
{"text":"where is my order","human":false}
`)
	scope := file("scope.jsonl", `{"text":"where is my parcel?","label":"in"}
{"text":"who won the match","label":"out"}
`)
	bank := file("bank.jsonl", `{"text":"where is my order","intent":"status"}
{"text":"when does my parcel arrive","intent":"status"}
`)
	s := &shell{t: t, env: map[string]string{}}

	var got measure.Result
	if err := json.Unmarshal([]byte(s.ok("eval", "triage", "--file", human, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Rows != 2 || got.Labels["human"].F1 != 1 {
		t.Errorf("got %+v", got)
	}
	if err := json.Unmarshal([]byte(s.ok("eval", "triage", "--file", scope, "--examples", bank, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Labels["in_scope"].AUROC != 1 {
		t.Errorf("got %+v", got)
	}
	if out := s.ok("eval", "triage", "--file", human); !strings.Contains(out, "human") || !strings.Contains(out, "2 messages") {
		t.Errorf("got %s", out)
	}

	for name, args := range map[string][]string{
		"--examples":    {"eval", "triage", "--file", scope},
		"--file":        {"eval", "triage"},
		"no evaluation": {"eval", "poetry"},
		"holds no":      {"eval", "triage", "--file", file("empty.jsonl", "\n")},
		"line 1":        {"eval", "triage", "--file", file("broken.jsonl", "no\n")},
		"cannot be":     {"eval", "triage", "--file", filepath.Join(folder, "nowhere")},
	} {
		if _, errOut, code := s.run(args...); code == 0 || !strings.Contains(errOut, name) {
			t.Errorf("careloop %q: code %d: %s", args, code, errOut)
		}
	}
	if out := s.ok("eval", "--help"); !strings.Contains(out, "triage") {
		t.Errorf("got %s", out)
	}
}
