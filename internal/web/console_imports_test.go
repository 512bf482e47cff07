package web

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/careloop/careloop/internal/account"
)

// handIn uploads files by name.
func (o *office) handIn(who account.Person, files map[string]string) (status int, answer map[string]any) {
	o.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, text := range files {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = part.Write([]byte(text))
		}
		if err != nil {
			o.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		o.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.address+"/v1/console/sites/demo/imports", &body)
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: who.ID})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		o.t.Fatal(err)
	}
	return res.StatusCode, answer
}

func TestConsoleImports(t *testing.T) {
	o := newOffice(t)
	agent, admin := o.agent("Tom", o.site), o.agent("Mia", o.site)
	admin.Role = account.Admin
	o.door.mu.Lock()
	o.door.people[admin.ID] = admin
	o.door.mu.Unlock()

	at := "/sites/demo/imports"
	for _, path := range []string{at, at + "/x", at + "/x/items", "/sites/demo/import-sources"} {
		o.refused(403, "not_allowed", agent, "GET", path, nil)
	}
	if status, answer := o.handIn(agent, map[string]string{"a.md": "# A"}); status != 403 {
		t.Errorf("an agent hands in: %d %v", status, answer)
	}
	// More than other requests may carry, and less than an upload may.
	large := "question,answer\n" + strings.Repeat("q,"+strings.Repeat("x", 1000)+"\n", 1000)
	status, run := o.handIn(admin, map[string]string{"faq.csv": large})
	if status != 200 || run["state"] != "reading" || run["by"] != "Mia" || run["bytes"] != float64(len(large)) {
		t.Fatalf("%d %v", status, run)
	}
	id := run["id"].(string)
	if status, answer := o.handIn(admin, map[string]string{"faq.csv": "question,answer\nq,a\n"}); status != 409 || answer["code"] != "import_busy" || answer["detail"] == "" {
		t.Errorf("the same again: %d %v", status, answer)
	}
	for _, c := range []struct{ name, text, code string }{{"virus.exe", "MZ", "import_unknown_kind"}, {"empty.md", "", "import_empty"}} {
		if status, answer := o.handIn(admin, map[string]string{c.name: c.text}); status != 422 || answer["code"] != c.code {
			t.Errorf("%s: %d %v", c.name, status, answer)
		}
	}
	if got := o.must(admin, "GET", at, nil); got["total"] != 1.0 {
		t.Errorf("list: %v", got)
	}
	o.refused(404, "unknown_import", admin, "GET", at+"/nothing", nil)
	o.refused(409, "import_not_ready", admin, "POST", at+"/"+id+"/apply", nil)
	o.refused(409, "import_not_ready", admin, "POST", at+"/"+id+"/columns", map[string]any{"columns": map[string]int{"question": 0, "answer": 1}, "heading": true})
	if got := o.must(admin, "POST", at+"/"+id+"/cancel", nil); got["state"] != "cancelled" {
		t.Errorf("cancelled: %v", got)
	}
	if got := o.must(admin, "GET", at+"/"+id+"/items", nil); got["total"] != 0.0 {
		t.Errorf("items: %v", got)
	}
	o.refused(422, "bad_address", admin, "POST", "/sites/demo/import-sources", map[string]any{"kind": "page", "address": "file:///etc/passwd"})
	added := o.must(admin, "POST", "/sites/demo/import-sources", map[string]any{"kind": "page", "address": "https://shop.example/help", "every_hours": 24})
	source := added["source"].(map[string]any)["id"].(string)
	o.refused(409, "source_exists", admin, "POST", "/sites/demo/import-sources", map[string]any{"kind": "page", "address": "https://shop.example/help"})
	o.refused(409, "import_busy", admin, "POST", "/sites/demo/import-sources/"+source+"/read", nil)
	if got := o.must(admin, "PATCH", "/sites/demo/import-sources/"+source, map[string]any{"paused": true}); got["paused"] != true || got["every_hours"] != 24.0 {
		t.Errorf("paused: %v", got)
	}
	o.refused(409, "import_busy", admin, "DELETE", "/sites/demo/import-sources/"+source, nil)
}
