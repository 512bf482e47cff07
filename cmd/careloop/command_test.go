package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/demo"
	"github.com/careloop/careloop/internal/pgtest"
)

// TestMain lets a test start this very binary as careloop; see serve_test.go.
func TestMain(m *testing.M) {
	if os.Getenv("CARELOOP_TEST_RUN_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// shell runs commands against one database.
type shell struct {
	t   *testing.T
	env map[string]string
}

func newShell(t *testing.T) *shell {
	return &shell{t: t, env: map[string]string{"DATABASE_URL": pgtest.URL(t)}}
}

func (s *shell) lookup(name string) (string, bool) {
	v, ok := s.env[name]
	return v, ok
}

// run returns what a command printed and its exit code.
func (s *shell) run(args ...string) (out, errOut string, code int) {
	s.t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e, s.lookup)
	return o.String(), e.String(), code
}

// ok runs a command that must succeed.
func (s *shell) ok(args ...string) string {
	s.t.Helper()
	out, errOut, code := s.run(args...)
	if code != 0 {
		s.t.Fatalf("careloop %q: code %d: %s%s", args, code, out, errOut)
	}
	return out
}

func (s *shell) ask(args ...string) answerJSON {
	s.t.Helper()
	var a answerJSON
	if err := json.Unmarshal([]byte(s.ok(append([]string{"ask", "--json"}, args...)...)), &a); err != nil {
		s.t.Fatal(err)
	}
	return a
}

func TestUsage(t *testing.T) {
	s := &shell{t: t, env: map[string]string{}}
	if out := s.ok("help"); !strings.Contains(out, "careloop import") {
		t.Errorf("help says %q", out)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"sing"}, 2, "no command"},
		{[]string{"import"}, 2, "wanted 1 to 1 arguments"},
		{[]string{"serve", "--nonsense"}, 2, "not defined"},
		{[]string{"site", "--name", "x"}, 1, "--key says which site"},
		{[]string{"site", "--key", "a b"}, 1, "may hold letters"},
		{[]string{"site", "--key", "a", "--origin", "shop.example"}, 1, "is not an origin"},
		{[]string{"health", "--addr", "nonsense"}, 1, "is not HOST:PORT"},
	} {
		if out, errOut, code := s.run(c.args...); code != c.code || !strings.Contains(errOut, c.want) {
			t.Errorf("%q: code %d, %q, %q", c.args, code, out, errOut)
		}
	}
	if out := s.ok("serve", "--help"); !strings.Contains(out, "OPENAI_BASE_URL") || !strings.Contains(out, "CARELOOP_ADDR") {
		t.Errorf("serve --help says %q", out)
	}
}

func TestWrongSettingIsRefusedInOneLine(t *testing.T) {
	s := &shell{t: t, env: map[string]string{"DATABASE_URL": "postgres://careloop:hunter2@127.0.0.1:1/x", "CARELOOP_SHUTDOWN_TIME": "soon"}}
	_, errOut, code := s.run("migrate")
	if code != 1 || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "CARELOOP_SHUTDOWN_TIME") {
		t.Errorf("code %d: %q", code, errOut)
	}
	delete(s.env, "CARELOOP_SHUTDOWN_TIME")
	_, errOut, code = s.run("migrate")
	if code != 1 || !strings.Contains(errOut, "DATABASE_URL") || strings.Contains(errOut, "hunter2") {
		t.Errorf("code %d: %q", code, errOut)
	}
}

func TestImportAndAsk(t *testing.T) {
	s := newShell(t)
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("returns.md", "---\ntitle: Returning shoes\n---\nYou can return shoes within 45 days of delivery. Returning costs 3 euros.\n")
	write("gifts.md", "# Gift cards\n\nGift cards are valid for four years.\n")
	write("broken.md", "---\ntitle: [\n---\nx\n")
	out, errOut, code := s.run("import", dir)
	if code != 0 || !strings.Contains(out, "2 created") || !strings.Contains(out, "1 skipped") || !strings.Contains(errOut, "broken.md:") {
		t.Fatalf("code %d: %s %s", code, out, errOut)
	}
	if out := s.ok("import", dir); !strings.Contains(out, "0 created, 0 updated, 2 unchanged") {
		t.Errorf("again: %s", out)
	}
	a := s.ask("How long may I return shoes after delivery?")
	if a.Outcome != "answered" || !strings.Contains(a.Text, "45 days") || len(a.Citations) != 1 || a.Citations[0].Title != "Returning shoes" {
		t.Errorf("%+v", a)
	}
	if a := s.ask("Do you sell live elephants by telegram?"); a.Outcome != "clarified" || strings.Contains(a.Text, "elephants") {
		t.Errorf("%+v", a)
	}
	if a := s.ask("I want to talk to a person about my return"); a.Outcome != "escalated" || !strings.Contains(a.Text, "passing this to a colleague") {
		t.Errorf("%+v", a)
	}
	if out := s.ok("ask", "How long may I return shoes after delivery?"); !strings.Contains(out, "45 days") || !strings.Contains(out, "[1] Returning shoes") || !strings.Contains(out, "answered") {
		t.Errorf("in the terminal: %s", out)
	}
	if a := s.ask("--before", "Tell me about gift cards", "--replied", "Gift cards are valid for four years.", "and for shoes, how many days to return?"); !strings.Contains(a.Text, "45 days") {
		t.Errorf("in a conversation: %+v", a)
	}
	write("returns.md", "---\ntitle: Returning shoes\n---\nYou can return shoes within 60 days of delivery.\n")
	if err := os.Remove(filepath.Join(dir, "gifts.md")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "broken.md")); err != nil {
		t.Fatal(err)
	}
	if out := s.ok("import", "--dry-run", "--remove", dir); !strings.Contains(out, "would be: 0 created, 1 updated, 0 unchanged, 1 removed") {
		t.Errorf("dry: %s", out)
	}
	if a := s.ask("How long may I return shoes after delivery?"); !strings.Contains(a.Text, "45 days") {
		t.Errorf("a dry run changed something: %s", a.Text)
	}
	if out := s.ok("import", "--remove", dir); !strings.Contains(out, "1 updated") || !strings.Contains(out, "1 removed") {
		t.Errorf("with --remove: %s", out)
	}
	if a := s.ask("How long may I return shoes after delivery?"); !strings.Contains(a.Text, "60 days") || strings.Contains(a.Text, "45") {
		t.Errorf("after the change: %s", a.Text)
	}
}

func TestSites(t *testing.T) {
	s := newShell(t)
	if out := s.ok("site"); !strings.Contains(out, "There is no site yet") {
		t.Errorf("none: %s", out)
	}
	out := s.ok("site", "--key", "boots", "--name", "Boot shop", "--locale", "de-at", "--origin", "https://Boots.example/", "--daily-budget", "2.5")
	for _, want := range []string{"boots", "Boot shop", "de-AT", "https://boots.example", "$2.50"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in %s", want, out)
		}
	}
	if out := s.ok("site", "--key", "boots", "--name", "Boots"); !strings.Contains(out, "https://boots.example") || strings.Contains(out, "Boot shop") {
		t.Errorf("changed: %s", out)
	}
	if _, errOut, code := s.run("ask", "--site", "nope", "Hello?"); code != 1 || !strings.Contains(errOut, `no site "nope"`) {
		t.Errorf("code %d, %s", code, errOut)
	}
}

// demoShop opens the demo shop and returns what answers its questions.
func demoShop(t *testing.T) func(assist.Question) answerJSON {
	t.Helper()
	ctx := context.Background()
	c := &call{flags: flag.NewFlagSet("", flag.ContinueOnError), err: io.Discard, lookup: newShell(t).lookup}
	inst, err := open(ctx, c, dataFlags(c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(inst.close)
	if _, err := loadDemo(ctx, inst); err != nil {
		t.Fatal(err)
	}
	site, err := inst.site(ctx, demo.SiteKey)
	if err != nil {
		t.Fatal(err)
	}
	answerer, _, err := newAnswerer(inst)
	if err != nil {
		t.Fatal(err)
	}
	return func(q assist.Question) answerJSON {
		q.Site = site
		screen := &terminal{quiet: true}
		reply, err := answerer.Answer(ctx, q, nil, screen.watcher())
		if err != nil {
			t.Fatal(err)
		}
		return newAnswerJSON(q, reply, screen.found)
	}
}

// What the shop suggests to ask, it answers.
func TestDemoSuggestionsAreAnswered(t *testing.T) {
	ask := demoShop(t)
	for _, locale := range demo.Locales() {
		for _, s := range demo.Suggestions(locale) {
			if a := ask(assist.Question{Locale: locale, Text: s}); a.Outcome != assist.Answered || len(a.Citations) == 0 {
				t.Errorf("%s: %q: %s (%.2f) %q", locale, s, a.Outcome, a.Confidence, a.Text)
			}
		}
	}
}

// demoQuestion is a line of the demo shop's questions.
type demoQuestion struct {
	Query    string
	Relevant []string
	Locale   string
	History  []struct{ Role, Text string }
}

// The demo shop's questions, answered without a key: how many find the right
// article, how many that have no answer are not answered. The floors are well
// below what was seen; they catch a turn that broke, not a ranking that moved.
func TestDemoQuestions(t *testing.T) {
	ask := demoShop(t)
	b, err := os.ReadFile("../../demo/questions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var right, answered, answerable, wrongly, unanswerable int
	for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
		var q demoQuestion
		if err := d.Decode(&q); err != nil {
			t.Fatal(err)
		}
		in := assist.Question{Locale: q.Locale, Text: q.Query}
		for _, h := range q.History {
			in.Earlier = append(in.Earlier, assist.Event{Kind: assist.KindMessage, Author: assist.Author{Kind: assist.AuthorKind(h.Role)}, Text: h.Text})
		}
		a := ask(in)
		cited := ""
		for _, p := range a.Passages {
			if p.Cited {
				cited += " " + p.Slug
			}
		}
		if len(q.Relevant) == 0 {
			unanswerable++
			if a.Outcome == "answered" {
				wrongly++
				t.Logf("answered without ground: %q by%s (%.2f)", q.Query, cited, a.Confidence)
			}
			continue
		}
		answerable++
		if a.Outcome != "answered" {
			t.Logf("not answered: %q (%.2f)", q.Query, a.Confidence)
			continue
		}
		answered++
		ok := false
		for _, want := range q.Relevant {
			ok = ok || strings.Contains(cited+" ", " "+want+" ")
		}
		if ok {
			right++
		} else {
			t.Logf("another article: %q by%s, wanted %s", q.Query, cited, q.Relevant)
		}
	}
	t.Logf("%d of %d answerable questions answered, %d by the right article; %d of %d unanswerable ones answered", answered, answerable, right, wrongly, unanswerable)
	if right*2 < answerable || wrongly*2 > unanswerable {
		t.Error("that is fewer right, or more wrong, than a shop could live with")
	}
}
