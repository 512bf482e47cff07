// Package arrows keeps the arrows of the house: which package may import which.
package arrows

import (
	"encoding/json"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/careloop/careloop/"

// rule says what the packages under a path may import of ours. A package is
// governed by the longest path that fits it.
type rule struct {
	of      string
	imports []string // exact paths, or with /... all below, too
	why     string
}

var rules = []rule{
	{"cmd/...", []string{"..."}, "the binary alone knows everyone"},
	{"assist/...", []string{"assist/...", "retrieval", "prompts"}, "the domain knows no SQL, HTTP or queue"},
	{"assist/llm/...", []string{"assist/llm/..."}, "the seam to a model knows nothing of conversations, so a provider can be written against it alone"},
	{"assist/draft/check/...", []string{"assist", "assist/draft", "assist/llm", "assist/triage", "prompts"}, "checks judge replies, whoever wrote them"},
	{"assist/fact/...", nil, "the fact gate judges texts, whoever wrote them"},
	{"assist/help/...", []string{"retrieval"}, "what is shown to everybody knows no SQL, HTTP or conversation"},
	{"assist/inbox/...", []string{"assist", "retrieval"}, "what agents do knows no SQL, HTTP or queue, and no bot"},
	{"assist/intake/...", []string{"assist", "assist/article", "retrieval", "retrieval/source"}, "imports read sources, and know no SQL, HTTP server or queue"},
	{"assist/article/...", []string{"assist", "retrieval"}, "what admins write knows no SQL, HTTP or queue, and no bot"},
	{"assist/insight/...", []string{"assist", "assist/hours", "assist/inbox"}, "figures are counted by the store; what they say knows no SQL, HTTP or queue"},
	{"assist/settings/...", []string{"assist", "assist/hours"}, "what is set knows no SQL, HTTP or queue"},
	{"assist/hours/...", nil, "hours are a function of a table and a time"},
	{"assist/gap/...", []string{"assist", "assist/draft", "assist/fact", "assist/llm", "assist/phrase", "assist/triage", "retrieval", "prompts"}, "gaps are put together and closed without SQL, HTTP or queue; articles are made by whoever is given"},
	{"assist/triage/...", []string{"assist/triage/..."}, "triage is a function of a text"},
	{"assist/phrase/...", nil, "phrases are words"},
	{"retrieval/...", []string{"retrieval/..."}, "retrieval can be measured and used without the rest"},
	{"prompts/...", nil, "prompts are words with typed inputs"},
	{"migrations/...", nil, "migrations run before anything of ours is there"},
	{"widget/...", nil, "assets"},
	{"console/...", nil, "assets"},
	{"demo/...", nil, "assets"},
	{"internal/web/...", []string{"assist", "assist/draft", "assist/inbox", "assist/settings", "assist/article", "assist/intake", "assist/golden", "assist/gap", "assist/insight", "assist/help", "retrieval", "internal/live", "internal/auth", "internal/account", "widget"}, "HTTP stays here, SQL and models stay out"},
	{"internal/postgres/...", []string{"assist", "assist/draft", "assist/post", "assist/inbox", "assist/settings", "assist/hours", "assist/article", "assist/intake", "assist/golden", "assist/gap", "assist/insight", "assist/help", "retrieval", "migrations", "internal/account"}, "all SQL stands here, and nothing but SQL"},
	{"internal/jobs/...", []string{"assist", "assist/draft", "assist/article", "assist/intake", "assist/golden", "assist/gap", "retrieval"}, "workers decode, call the domain, return"},
	{"internal/live/...", []string{"assist"}, "the bus carries signals and knows nobody's business"},
	{"internal/account/...", []string{"assist"}, "accounts refuse as the domain does, and know no SQL or routes"},
	{"internal/mail/...", []string{"assist/post", "assist/phrase"}, "letters are carried, whatever is in them"},
	{"internal/pgtest/...", []string{"internal/pgcluster", "migrations"}, "a database for a test needs a cluster and the schema"},
	{"internal/eval/...", []string{"retrieval"}, "an evaluation scores answers, wherever they come from"},
	{"internal/bench/...", []string{"..."}, "benches put the whole together, as the binary does"},
	{"internal/...", nil, "the rest of internal are leaves"},
}

// only lists libraries that one package alone may import, so that they can be
// replaced there.
var only = map[string]struct{ where, why string }{
	"github.com/labstack/echo/v4":         {"internal/web/...", "Echo's types stay in the web, since v5 is out"},
	"github.com/sashabaranov/go-openai":   {"assist/llm/openai/...", "one provider among others"},
	"github.com/nats-io/nats.go":          {"internal/live/...", "the bus may be another"},
	"github.com/nats-io/nats-server/v2":   {"internal/live/...", "the bus may be another"},
	"github.com/gorilla/websocket":        {"internal/web/...|internal/bench/...", "sockets are the web's, and the benches are shoppers"},
	"github.com/riverqueue/river":         {"internal/jobs/...|internal/postgres/...|migrations/...", "the queue is the jobs' and, to enqueue in a transaction, the store's"},
	"github.com/jackc/pgx/v5":             {"internal/postgres/...|internal/pgtest/...|internal/pgcluster/...|internal/jobs/...|migrations/...|cmd/...|internal/bench/...", "SQL stands in the store"},
	"github.com/danielgtaylor/huma/v2":    {"internal/web/...", "HTTP stays in the web"},
	"github.com/prometheus/client_golang": {"internal/web/...", "metrics are served there"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestArrows(t *testing.T) {
	for _, p := range list(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		r, ok := ruleOf(from)
		if !ok {
			t.Errorf("%s: no rule governs it; add one with its reason", from)
			continue
		}
		for _, imp := range p.Imports {
			if to, ours := strings.CutPrefix(imp, module); ours && !fitsAny(to, r.imports) {
				t.Errorf("%s may not import %s: %s", from, to, r.why)
			}
			for lib, o := range only {
				if (imp == lib || strings.HasPrefix(imp, lib+"/")) && !fitsAny(from, strings.Split(o.where, "|")) {
					t.Errorf("%s may not import %s: %s", from, imp, o.why)
				}
			}
		}
	}
}

// TestRulesAreUsed keeps the table true: a rule for a package that is gone goes,
// too.
func TestRulesAreUsed(t *testing.T) {
	all := list(t)
	for _, r := range rules {
		found := false
		for _, p := range all {
			found = found || fits(strings.TrimPrefix(p.ImportPath, module), r.of)
		}
		if !found {
			t.Errorf("no package fits the rule for %s", r.of)
		}
	}
}

func TestNoRoomsWithoutASubject(t *testing.T) {
	for _, p := range list(t) {
		switch path.Base(p.ImportPath) {
		case "util", "utils", "common", "helper", "helpers", "models", "misc":
			t.Errorf("%s: name it after its subject", p.ImportPath)
		}
	}
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func ruleOf(p string) (best rule, ok bool) {
	for _, r := range rules {
		if fits(p, r.of) && len(r.of) > len(best.of) {
			best, ok = r, true
		}
	}
	return best, ok
}

func fitsAny(p string, patterns []string) bool {
	for _, pattern := range patterns {
		if fits(p, pattern) {
			return true
		}
	}
	return false
}

func fits(p, pattern string) bool {
	if pattern == "..." {
		return true
	}
	if prefix, deep := strings.CutSuffix(pattern, "/..."); deep {
		return p == prefix || strings.HasPrefix(p, prefix+"/")
	}
	return p == pattern
}
