package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/golden"
	"github.com/careloop/careloop/assist/llm/extractive"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/internal/account"
	"github.com/careloop/careloop/retrieval"
)

// shelf is a search that finds one page, or waits.
type shelf struct {
	articleID string
	hold      chan struct{} // a search waits for it or for its context's end
	entered   chan struct{}
	stopped   chan struct{}
	audience  *retrieval.Audience
}

func (s shelf) Search(ctx context.Context, q retrieval.Query) (retrieval.Result, error) {
	if s.audience != nil {
		*s.audience = q.Audience
	}
	if s.hold != nil {
		s.entered <- struct{}{}
		select {
		case <-s.hold:
		case <-ctx.Done():
			s.stopped <- struct{}{}
			return retrieval.Result{}, ctx.Err()
		}
	}
	if !strings.Contains(q.Text, "wrapping") {
		return retrieval.Result{Confidence: 0.05}, nil
	}
	return retrieval.Result{Confidence: 0.8, Passages: []retrieval.Passage{{ChunkID: 1, Text: "Gift wrapping costs €4 for each parcel.", Lexical: 9, Semantic: 0.7, Fused: 3,
		Article: retrieval.Article{ID: s.articleID, Version: 1, Slug: "wrapping", Title: "What does gift wrapping cost?", Locale: "en"}}}}, nil
}

// playground gives an office a golden desk over a search.
func (o *office) playground(search retrieval.Searcher) {
	answerer := &assist.Answerer{Search: search, Quoter: extractive.New(), Limits: assist.DefaultLimits, Triage: triage.New(),
		HelpURL: func(_ assist.Site, a retrieval.Article) string { return "/help/" + a.Slug }}
	o.server.Golden = golden.New(golden.Options{Store: o.db, Answerer: answerer, Redact: func(text string, _ []string, _ string) string { return text },
		Embedder: func(context.Context) string { return "test" }})
}

// wrapping publishes the article that the shelf finds, and gives its id.
func (o *office) wrapping() string {
	o.t.Helper()
	p, err := retrieval.Prepare(retrieval.Site{ID: o.site.ID, Locale: "en"}, "test", retrieval.Document{Key: "w", Slug: "wrapping", Title: "What does gift wrapping cost?", Markdown: "Gift wrapping costs €4."})
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.db.Publish(o.t.Context(), []retrieval.Publication{p.Cut()}); err != nil {
		o.t.Fatal(err)
	}
	found, err := o.db.ArticlesAt(o.t.Context(), o.site.ID, []string{"en/wrapping"})
	if err != nil || found["en/wrapping"].ID == "" {
		o.t.Fatal(found, err)
	}
	return found["en/wrapping"].ID
}

// stream posts and gives the lines as they come.
func (o *office) stream(ctx context.Context, who account.Person, body string) (*http.Response, *bufio.Scanner) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.address+"/v1/console/sites/demo/ask", bytes.NewReader([]byte(body)))
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: who.ID})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = res.Body.Close() })
	in := bufio.NewScanner(res.Body)
	in.Buffer(nil, 1<<20)
	return res, in
}

func TestAsking(t *testing.T) {
	o := newOffice(t)
	ada := o.admin("Ada", o.site)
	var audience retrieval.Audience
	o.playground(shelf{articleID: o.wrapping(), audience: &audience})
	res, in := o.stream(t.Context(), ada, `{"question":"What does gift wrapping cost?","signed_in":true}`)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != lineKind {
		t.Fatalf("%d, %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	var types []string
	var last askLine
	for in.Scan() {
		last = askLine{}
		if err := json.Unmarshal(in.Bytes(), &last); err != nil {
			t.Fatalf("%v: %s", err, in.Text())
		}
		types = append(types, last.Type)
	}
	r := last.Report
	if last.Type != "end" || r == nil || r.Outcome != assist.Answered || len(r.Citations) != 1 || !r.Passages[0].Cited || len(r.Sentences) == 0 || !r.Sentences[0].Supported {
		t.Fatalf("%v: %+v", types, last)
	}
	if r.Locale != "en" || r.Threshold != 0.35 || r.Reading.Matter != triage.Question || audience != retrieval.SignedIn || !r.SignedIn {
		t.Errorf("%+v, asked as %v", r, audience)
	}
	if all := strings.Join(types, " "); !strings.HasPrefix(all, "status found") || !strings.Contains(all, "delta") {
		t.Errorf("it came as %s", all)
	}
	for _, table := range []string{"conversations", "turns", "events", "shoppers"} {
		var n int
		if err := o.db.Pool().QueryRow(t.Context(), "select count(*) from "+table).Scan(&n); err != nil || n != 0 {
			t.Errorf("asking left %d rows in %s (%v)", n, table, err)
		}
	}

	o.refused(422, "bad_question", ada, "POST", "/sites/demo/ask", map[string]any{"question": "  "})
	o.refused(422, "bad_question", ada, "POST", "/sites/demo/ask", map[string]any{"question": "a?", "locale": "no language"})
	o.refused(404, "article_gone", ada, "POST", "/sites/demo/ask", map[string]any{"question": "a?", "drafts": []string{"no-such"}})
	o.refused(404, "unknown_site", ada, "POST", "/sites/nowhere/ask", map[string]any{"question": "a?"})
}

// TestLeavingStopsTheTurn: who closes the page ends what was asked, and as many
// as there may be are under way at a time.
func TestLeavingStopsTheTurn(t *testing.T) {
	o := newOffice(t)
	ada := o.admin("Ada", o.site)
	held := shelf{hold: make(chan struct{}), entered: make(chan struct{}, 16), stopped: make(chan struct{}, 16)}
	o.playground(held)
	ctx, leave := context.WithCancel(t.Context())
	for range 8 {
		o.stream(ctx, ada, `{"question":"What does gift wrapping cost?"}`)
		<-held.entered
	}
	o.refused(429, "asking_busy", ada, "POST", "/sites/demo/ask", map[string]any{"question": "one more?"})
	leave()
	for range 8 {
		<-held.stopped
	}
}

func TestGoldenQuestions(t *testing.T) {
	o := newOffice(t)
	ada := o.admin("Ada", o.site)
	article := o.wrapping()
	o.playground(shelf{articleID: article})
	const at = "/sites/demo/golden"
	question := map[string]any{"question": " What does gift wrapping cost? ", "verdict": "answer", "articles": []string{article}, "note": "n"}
	made := o.must(ada, "POST", at, question)
	if made["question"] != "What does gift wrapping cost?" || made["locale"] != "en" || made["by"] != "Ada" || made["last"] != nil {
		t.Fatalf("%v", made)
	}
	id := made["id"].(string)
	o.refused(409, "known_question", ada, "POST", at, question)
	o.refused(422, "bad_question", ada, "POST", at, map[string]any{"question": "", "verdict": "answer"})
	o.refused(422, "bad_question", ada, "POST", at, map[string]any{"question": "a?", "verdict": "person", "articles": []string{article}})
	o.refused(404, "article_gone", ada, "POST", at, map[string]any{"question": "a?", "verdict": "answer", "articles": []string{o.site.ID}})
	o.refused(404, "unknown_question", ada, "PUT", at+"/"+o.site.ID, map[string]any{"question": "a?", "verdict": "person"})
	changed := o.must(ada, "PUT", at+"/"+id, map[string]any{"question": "What does gift wrapping cost?", "verdict": "answer", "articles": []string{article}, "signed_in": true,
		"history": []map[string]any{{"by": "bot", "text": "Hello!", "outcome": "answered"}}})
	if changed["note"] != "" || changed["signed_in"] != true || len(changed["history"].([]any)) != 1 || changed["id"] != id {
		t.Errorf("%v", changed)
	}

	// A file, all or nothing.
	bad := o.refused(422, "bad_file", ada, "POST", at+"/file", map[string]any{"text": `{"question":"b?","locale":"en","verdict":"person"}` + "\n{oops"})
	lines, _ := bad["lines"].([]any)
	if len(lines) != 1 || lines[0].(map[string]any)["line"] != 2.0 {
		t.Errorf("%v", bad)
	}
	added := o.must(ada, "POST", at+"/file", map[string]any{"text": `{"question":"b?","locale":"en","verdict":"person"}
{"question":"c?","locale":"de","verdict":"answer","articles":["en/wrapping","en/nowhere"]}`})
	if added["added"] != 2.0 || len(added["unknown"].([]any)) != 1 {
		t.Errorf("%v", added)
	}
	list := o.must(ada, "GET", at+"?verdict=answer&locale=de", nil)
	if list["total"] != 1.0 || list["counts"].(map[string]any)["all"] != 3.0 {
		t.Errorf("%v", list)
	}
	if list = o.must(ada, "GET", at+"?q=%25", nil); list["total"] != 0.0 {
		t.Errorf("a sign of patterns finds %v", list)
	}
	o.must(ada, "DELETE", at+"/"+id, nil)
	o.refused(404, "unknown_question", ada, "GET", at+"/"+id, nil)
	if p := o.must(ada, "GET", at+"/proposals", nil); p["total"] != 0.0 {
		t.Errorf("%v", p)
	}
}

func TestReplays(t *testing.T) {
	o := newOffice(t)
	ada := o.admin("Ada", o.site)
	article := o.wrapping()
	o.playground(shelf{articleID: article})
	const at = "/sites/demo/replays"
	o.refused(422, "nothing_to_replay", ada, "POST", at, map[string]any{"golden": true, "past": 0})
	o.must(ada, "POST", "/sites/demo/golden", map[string]any{"question": "What does gift wrapping cost?", "verdict": "answer", "articles": []string{article}})
	o.must(ada, "POST", "/sites/demo/golden", map[string]any{"question": "I want to talk to a human", "verdict": "person"})

	first := o.must(ada, "POST", at, map[string]any{"golden": true, "past": 0})
	id := first["id"].(string)
	if first["state"] != "running" || first["total"] != 2.0 || first["by"] != "Ada" {
		t.Fatalf("%v", first)
	}
	o.refused(409, "replay_running", ada, "POST", at, map[string]any{"golden": true, "past": 0})
	if err := o.server.Golden.Run(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	got := o.must(ada, "GET", at+"/"+id, nil)
	replay := got["replay"].(map[string]any)
	if replay["state"] != "done" || replay["done"] != 2.0 || got["against"] != nil || at2(replay, "scores", "right") != 1.0 {
		t.Fatalf("%v", got)
	}

	// The article says nothing of it any more: the second run is worse, and tells.
	o.playground(nothing{})
	second := o.must(ada, "POST", at, map[string]any{"golden": true, "past": 5})["id"].(string)
	if err := o.server.Golden.Run(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	got = o.must(ada, "GET", at+"/"+second, nil)
	if at2(got, "against", "id") != id || got["common"] != 2.0 {
		t.Errorf("%v", got)
	}
	regressed := false
	for _, c := range got["changes"].([]any) {
		regressed = regressed || c.(map[string]any)["score"] == "right" && c.(map[string]any)["regressed"] == true
	}
	if !regressed {
		t.Errorf("%v", got["changes"])
	}
	results := o.must(ada, "GET", at+"/"+second+"/results?show=worse", nil)
	items := results["items"].([]any)
	if len(items) != 1 || at2(items[0].(map[string]any), "now", "why") != "not_found" || at2(items[0].(map[string]any), "before", "right") != true || at2(results, "counts", "all") != 2.0 {
		t.Errorf("%v", results)
	}
	if list := o.must(ada, "GET", "/sites/demo/golden?result=wrong", nil); list["total"] != 1.0 || list["replay"] != second {
		t.Errorf("%v", list)
	}
	if list := o.must(ada, "GET", at, nil); list["total"] != 2.0 {
		t.Errorf("%v", list)
	}

	third := o.must(ada, "POST", at, map[string]any{"golden": true, "past": 0})["id"].(string)
	if r := o.must(ada, "POST", at+"/"+third+"/cancel", nil); r["state"] != "cancelled" {
		t.Errorf("%v", r)
	}
	if err := o.server.Golden.Run(t.Context(), third); err != nil {
		t.Errorf("a job of a cancelled replay: %v", err)
	}
	o.refused(404, "unknown_replay", ada, "GET", at+"/"+o.site.ID, nil)
	o.refused(404, "unknown_replay", ada, "GET", at+"/"+id+"?against="+o.site.ID, nil)
}

// nothing finds nothing.
type nothing struct{}

func (nothing) Search(context.Context, retrieval.Query) (retrieval.Result, error) {
	return retrieval.Result{Confidence: 0.02}, nil
}

// at2 is a value two levels down.
func at2(v map[string]any, a, b string) any {
	inner, _ := v[a].(map[string]any)
	return inner[b]
}

// TestGoldenIsForAdmins: no agent, and no admin of another shop's data, gets in.
func TestGoldenIsForAdmins(t *testing.T) {
	o := newOffice(t)
	o.playground(nothing{})
	lea := o.agent("Lea", o.site)
	for _, route := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/ask", nil}, {"POST", "/ask", map[string]any{"question": "a?"}},
		{"GET", "/golden", nil}, {"POST", "/golden", map[string]any{"question": "a?", "verdict": "person"}},
		{"GET", "/golden/file", nil}, {"POST", "/golden/file", map[string]any{"text": ""}}, {"GET", "/golden/proposals", nil},
		{"GET", "/golden/x", nil}, {"PUT", "/golden/x", map[string]any{"question": "a?", "verdict": "person"}}, {"DELETE", "/golden/x", nil},
		{"GET", "/replays", nil}, {"POST", "/replays", map[string]any{"golden": true, "past": 0}}, {"GET", "/replays/x", nil}, {"GET", "/replays/x/results", nil}, {"POST", "/replays/x/cancel", nil},
	} {
		o.refused(403, "not_allowed", lea, route.method, "/sites/demo"+route.path, route.body)
	}
}
