package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist/golden"
)

const (
	goldenFile   = "../../demo/golden.jsonl"
	baselineFile = "../../demo/golden.baseline.json"
)

var update = flag.Bool("update", false, "write the demo shop's baseline anew")

// TestGoldenQuestions keeps the demo shop's answers from getting worse unseen:
// whoever changes them on purpose writes the baseline anew with -update, and the
// difference is part of the change.
func TestGoldenQuestions(t *testing.T) {
	s := newShell(t)
	out := filepath.Join(t.TempDir(), "run.json")
	s.ok("eval", "replay", "--golden", goldenFile, "--demo", "--out", out)
	run := readRun(t, out).Lasting()
	if *update {
		if err := writeRun(baselineFile, run); err != nil {
			t.Fatal(err)
		}
	}
	baseline := readRun(t, baselineFile)
	cmp := golden.Compare(baseline.Results, run.Results, golden.Tolerance)
	if cmp.Mine+cmp.Theirs > 0 {
		t.Errorf("%d questions are not in the baseline, %d are in it alone: write it anew with -update", cmp.Mine, cmp.Theirs)
	}
	if cmp.Regressed() {
		var b strings.Builder
		printComparison(&b, &earlierReplay{baselineFile, baseline}, cmp, golden.Tolerance)
		t.Error(b.String())
	}

	// The same state again: the same, byte by byte, and compared with the last time.
	again := filepath.Join(t.TempDir(), "again.json")
	said := s.ok("eval", "replay", "--golden", goldenFile, "--demo", "--out", again)
	if !strings.Contains(said, "over the 68 questions of both:") || strings.Contains(said, "Worse") {
		t.Errorf("the second run says %s", said)
	}
	var first, second bytes.Buffer
	if err := run.Write(&first); err != nil {
		t.Fatal(err)
	}
	if err := readRun(t, again).Lasting().Write(&second); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Error("two runs of the same state differ")
	}
}

func readRun(t *testing.T, path string) golden.Run {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := golden.ReadRun(f)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

const (
	feePage = "# What does gift wrapping cost?\n\nGift wrapping costs €4 for each parcel, in linen or in paper.\n"
	bedPage = "# How do I wash linen bedding?\n\nWash linen bedding at 40 °C with a mild detergent and hang it up damp.\n"
)

// TestReplayFindsRegressions changes an article and asks again.
func TestReplayFindsRegressions(t *testing.T) {
	s := newShell(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s.ok("site", "--key", "shop", "--name", "A shop", "--locale", "en")
	write("kb/wrap.md", feePage)
	write("kb/linen.md", bedPage)
	s.ok("import", filepath.Join(dir, "kb"), "--site", "shop")
	file := write("golden.jsonl", `{"question":"What does gift wrapping cost?","locale":"en","verdict":"answer","articles":["en/what-does-gift-wrapping-cost"]}
{"question":"How do I wash linen bedding?","locale":"en","verdict":"answer","articles":["en/how-do-i-wash-linen-bedding"]}

{"question":"Who won the football last night?","locale":"en","verdict":"abstain"}
`)
	replay := func(more ...string) (string, int) {
		out, errOut, code := s.run(append([]string{"eval", "replay", "--golden", file, "--site", "shop"}, more...)...)
		return out + errOut, code
	}
	base := filepath.Join(dir, "base.json")
	if out, code := replay("--out", base); code != 0 || !strings.Contains(out, "1.000 end as they should") {
		t.Fatalf("code %d: %s", code, out)
	}
	if out, code := replay(); code != 0 || !strings.Contains(out, "Against the replay of") || !strings.Contains(out, "over the 3 questions of both:") {
		t.Fatalf("with nothing changed, code %d: %s", code, out)
	}

	write("kb/wrap.md", "# Opening hours\n\nThe shop is open from 9:00 to 17:00.\n")
	s.ok("import", filepath.Join(dir, "kb"), "--site", "shop", "--remove")
	out, code := replay("--baseline", base)
	if code != 3 || !strings.Contains(out, "REGRESSION") || !strings.Contains(out, "Worse:\n  en  What does gift wrapping cost?") {
		t.Errorf("a regression: code %d: %s", code, out)
	}
	if out, code := replay("--baseline", base, "--tolerance", "0.9"); code != 0 || !strings.Contains(out, "Worse:") {
		t.Errorf("within a wide tolerance: code %d: %s", code, out)
	}
	// The last replay is as bad as this one.
	if out, code := replay(); code != 0 {
		t.Errorf("against the last: code %d: %s", code, out)
	}
	raw, _, code := s.run("eval", "replay", "--golden", file, "--site", "shop", "--baseline", base, "--json")
	var got replayJSON
	if err := json.Unmarshal([]byte(raw), &got); err != nil || code != 3 || !got.Regressed || len(got.Pairs) != 1 || got.Pairs[0].Change != golden.Worse || got.Common != 3 {
		t.Errorf("code %d, %v: %+v", code, err, got)
	}

	// Another set is compared over what both ask, and it says so.
	file = write("other.jsonl", `{"question":"How do I wash linen bedding?","locale":"en","verdict":"answer","articles":["en/how-do-i-wash-linen-bedding"]}
{"question":"I want to talk to a person","locale":"en","verdict":"person"}
{"question":"What does gift wrapping cost?","locale":"en","verdict":"answer","articles":["en/no-such-page"]}
`)
	out, code = replay("--baseline", base)
	if code != 0 || !strings.Contains(out, "over the 1 questions of both (2 are new or ask for something else now, 2 were asked then alone)") || !strings.Contains(out, "no article at en/no-such-page") {
		t.Errorf("another set: code %d: %s", code, out)
	}
}

// TestReplayRefuses tells of what cannot be replayed, and where.
func TestReplayRefuses(t *testing.T) {
	s := newShell(t)
	dir := t.TempDir()
	file := func(text string) string {
		path := filepath.Join(dir, "golden.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := `{"question":"a?","locale":"en","verdict":"abstain"}` + "\n"
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"nothing":      {nil, 2, "--golden or --past"},
		"no such file": {[]string{"--golden", filepath.Join(dir, "none")}, 1, "cannot be read"},
		"not JSON":     {[]string{"--golden", file(good + "{oops\n")}, 1, "line 2"},
		"tolerance":    {[]string{"--golden", "x", "--tolerance", "2"}, 2, "--tolerance"},
		"baseline":     {[]string{"--past", "5", "--baseline", file("{}")}, 1, "no replay of this version's format"},
	} {
		if name == "not JSON" {
			file(good + "{oops\n")
		}
		if name == "baseline" {
			file("{}")
		}
		if _, errOut, code := s.run(append([]string{"eval", "replay"}, c.args...)...); code != c.code || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: code %d, %q", name, code, errOut)
		}
	}
}
