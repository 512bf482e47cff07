package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/retrieval/embed/static"
)

func (s *shell) embedders() map[string]embedderJSON {
	s.t.Helper()
	var list struct{ Embedders []embedderJSON }
	if err := json.Unmarshal([]byte(s.ok("embed", "status", "--json")), &list); err != nil {
		s.t.Fatal(err)
	}
	of := map[string]embedderJSON{}
	for _, e := range list.Embedders {
		of[e.Embedder] = e
	}
	return of
}

func TestSwitchToAModelAndBack(t *testing.T) {
	s := newShell(t)
	model, err := llmtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Close)
	file := filepath.Join(t.TempDir(), "faq.csv")
	if err := os.WriteFile(file, []byte("question,answer\nCan I return shoes?,Yes within 30 days.\nDo you ship to Mars?,Not yet.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.ok("import", file)
	if e := s.embedders()[static.Name]; e.State != "searched" || e.Done != 2 || e.Wanted != 2 || e.Dimensions == 0 {
		t.Fatalf("after the import: %+v", e)
	}
	if out, errOut, code := s.run("embed", "switch", "words-1"); code != 1 || !strings.Contains(errOut, "no server is configured") {
		t.Fatalf("code %d: %s%s", code, out, errOut)
	}
	s.env["CARELOOP_EMBEDDING_BASE_URL"] = "http://127.0.0.1:1/v1"
	if out, errOut, code := s.run("embed", "switch", "words-1"); code != 1 || !strings.Contains(errOut, "nothing is changed") {
		t.Fatalf("code %d: %s%s", code, out, errOut)
	}
	s.env["CARELOOP_EMBEDDING_BASE_URL"] = model.URL
	if out := s.ok("embed", "switch", "words-1"); !strings.Contains(out, "coming") {
		t.Errorf("it says %s", out)
	}
	if out, errOut, code := s.run("embed", "resume", "words-1"); code != 2 {
		t.Errorf("code %d: %s%s", code, out, errOut)
	}
	s.ok("embed", "cancel")
	if _, errOut, code := s.run("embed", "cancel"); code != 1 || !strings.Contains(errOut, "nothing to cancel") {
		t.Errorf("code %d: %s", code, errOut)
	}
	if e := s.embedders()["words-1"]; e.State != "cancelled" || e.Done != 0 {
		t.Errorf("cancelled: %+v", e)
	}
	s.ok("embed", "resume", "--now")
	of := s.embedders()
	if e := of["words-1"]; e.State != "searched" || e.Done != 2 || e.Failed != 0 {
		t.Errorf("resumed: %+v", e)
	}
	if e := of[static.Name]; e.State != "retired" {
		t.Errorf("replaced: %+v", e)
	}
	if a := s.ask("Do you ship to Mars?"); len(a.Passages) == 0 || a.Passages[0].Semantic < 0.5 {
		t.Errorf("the new vectors are not searched: %+v", a.Passages)
	}
	if _, errOut, code := s.run("embed", "switch", "words-1"); code != 1 || !strings.Contains(errOut, "already") {
		t.Errorf("code %d: %s", code, errOut)
	}
	if _, errOut, code := s.run("embed", "resume"); code != 1 || !strings.Contains(errOut, "nothing to resume") {
		t.Errorf("code %d: %s", code, errOut)
	}

	// The setting switches, too; what is published meanwhile gets both.
	s.env["CARELOOP_EMBEDDING_MODEL"] = "built-in"
	if e := s.embedders()[static.Name]; e.State != "coming" || e.Done != 2 {
		t.Errorf("after a change of the setting: %+v", e)
	}
	if err := os.WriteFile(file, []byte("question,answer\nCan I return shoes?,Yes within 30 days.\nDo you ship to Mars?,Not yet.\nDo you ship to Spain?,Yes.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.ok("import", file)
	of = s.embedders()
	if e := of[static.Name]; e.State != "searched" || e.Done != 3 {
		t.Errorf("after an import: %+v", e)
	}
	if e := of["words-1"]; e.State != "retired" || e.Done != 3 {
		t.Errorf("after an import: %+v", e)
	}
	if out := s.ok("embed", "status"); !strings.Contains(out, "EMBEDDER") || !strings.Contains(out, "words-1") {
		t.Errorf("people read %s", out)
	}
}

// slowEmbedder is a server of embeddings that keeps chunks waiting until it is
// let go; a question is answered at once.
type slowEmbedder struct {
	url   string
	asked chan struct{} // told of every request for chunks
	let   chan struct{} // closed: no more waiting
}

func newSlowEmbedder(t *testing.T) *slowEmbedder {
	e := &slowEmbedder{asked: make(chan struct{}, 100), let: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		if len(q.Input) > 1 {
			e.asked <- struct{}{}
			select {
			case <-e.let:
			case <-r.Context().Done():
				return
			}
		}
		var data []map[string]any
		for i, text := range q.Input {
			data = append(data, map[string]any{"index": i, "embedding": llmtest.Embed(text, 64)})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data}) // a client that is gone needs no answer
	}))
	t.Cleanup(server.Close)
	e.url = server.URL + "/v1"
	return e
}

func (e *slowEmbedder) wait(t *testing.T) {
	t.Helper()
	select {
	case <-e.asked:
	case <-time.After(patience):
		t.Fatal("nobody asks for vectors")
	}
}

// TestAKilledServerGoesOnSwitching: until the new vectors are whole the old ones
// are searched, whoever dies meanwhile.
func TestAKilledServerGoesOnSwitching(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	slow := newSlowEmbedder(t)
	file := filepath.Join(t.TempDir(), "faq.csv")
	if err := os.WriteFile(file, []byte("question,answer\nCan I return shoes?,Yes within 30 days.\nDo you ship to Mars?,Not yet.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.ok("import", file)
	s.env["CARELOOP_EMBEDDING_BASE_URL"] = slow.url
	srv := s.start()
	s.ok("embed", "switch", "words-1")
	slow.wait(t)
	if a := s.ask("Do you ship to Mars?"); len(a.Passages) == 0 || a.Passages[0].Semantic < 0.5 {
		t.Errorf("the old vectors are not searched: %+v", a.Passages)
	}
	_ = srv.kill(syscall.SIGKILL) // how it ends is not of interest
	if of := s.embedders(); of["words-1"].State != "coming" || of["words-1"].Done != 0 || of[static.Name].State != "searched" {
		t.Fatalf("after the kill: %+v", of)
	}
	s.start()
	slow.wait(t)
	close(slow.let)
	deadline := time.Now().Add(patience)
	for s.embedders()["words-1"].State != "searched" {
		if time.Now().After(deadline) {
			t.Fatalf("the switch does not come to its end: %+v", s.embedders())
		}
	}
	if a := s.ask("Do you ship to Mars?"); len(a.Passages) == 0 || a.Passages[0].Semantic < 0.5 {
		t.Errorf("the new vectors are not searched: %+v", a.Passages)
	}
}
