package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// evalled runs careloop eval drafts on conversations.
func evalled(t *testing.T, lines string, args ...string) (code int, out, errOut string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "conversations.jsonl")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	none := func(string) (string, bool) { return "", false }
	code = run(t.Context(), append([]string{"eval", "drafts", "--file", file}, args...), &o, &e, none)
	return code, o.String(), e.String()
}

const talks = `{"id": "a", "turns": [{"role": "customer", "text": "@shop my blue boots came in the wrong size, I am furious"}, {"role": "agent", "text": "Sorry, DM us"}]}
{"id": "b", "turns": [{"role": "customer", "text": "Can I return the blue jacket?"}, {"role": "tool", "text": "{}"}, {"role": "agent", "text": "Yes."}]}

{"id": "c", "turns": [{"role": "agent", "text": "Hello"}]}
`

func TestEvalDrafts(t *testing.T) {
	code, out, errOut := evalled(t, talks, "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	var r draftsReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Rows != 1 || r.Checks["names_matter"] != 1 || r.Checks["owns"] != 1 || r.Human == nil || r.Human.Checks["names_matter"] != 0 || r.Models["templates"] != 1 || r.MedianWords == 0 {
		t.Errorf("report %s", out)
	}
	code, out, _ = evalled(t, talks, "--show", "5", "--tone", "shorter")
	if code != 0 || !strings.Contains(out, "blue boots") || !strings.Contains(out, "the agent wrote: Sorry, DM us") || strings.Contains(out, "@shop") {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestEvalDraftsRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		args  []string
		code  int
		says  string
	}{
		"no JSON":          {"{\"id\": 1}\n", nil, 1, "conversations.jsonl:1"},
		"unknown tone":     {talks, []string{"--tone", "louder"}, 2, "--tone"},
		"judge, no model":  {talks, []string{"--judge"}, 1, "OPENAI_API_KEY"},
		"another argument": {talks, []string{"else"}, 2, "wanted 0"},
	} {
		code, _, errOut := evalled(t, c.lines, c.args...)
		if code != c.code || name != "unknown tone" && !strings.Contains(errOut, c.says) {
			t.Errorf("%s: exit %d: %s", name, code, errOut)
		}
	}
}
