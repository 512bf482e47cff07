package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/internal/account"
	"github.com/careloop/careloop/retrieval/embed/static"
)

// withGaps lets the office look after gaps.
func (o *office) withGaps() {
	o.t.Helper()
	embedder, err := static.New()
	if err != nil {
		o.t.Fatal(err)
	}
	o.server.Gaps = gap.New(gap.Options{Store: o.db.Gaps(), Budget: o.db.Gaps(), Index: o.db, Embedder: embedder})
}

// gapOffice is an office with a gap of three shoppers, and its address.
func gapOffice(t *testing.T) (o *office, admin account.Person, id string) {
	o = newOffice(t)
	o.withGaps()
	admin = o.admin("Ada", o.site)
	for i, q := range []string{"Do you sell gift cards?", "Can I buy a gift card?", "Are there gift cards in your shop?"} {
		s, err := o.db.CreateShopper(t.Context(), assist.Shopper{SiteID: o.site.ID}, fmt.Appendf(nil, "token %d", i))
		if err != nil {
			t.Fatal(err)
		}
		a, err := o.db.Accept(t.Context(), assist.AcceptMessage{Visit: assist.Visit{SiteID: o.site.ID, ShopperID: s.ID, ClientID: "c"}, Text: q, Owner: "me", Lease: time.Minute, RescueAfter: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.db.FinishTurn(t.Context(), assist.FinishTurn{TurnID: a.Turn.ID, Owner: "me", Text: "I could not find that.", Outcome: assist.Clarified, Reason: assist.ReasonNotFound}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.server.Gaps.Sort(t.Context(), o.site.ID); err != nil {
		t.Fatal(err)
	}
	items := o.must(admin, http.MethodGet, "/sites/demo/gaps", nil)["items"].([]any)
	if len(items) != 1 {
		t.Fatalf("%v", items)
	}
	return o, admin, items[0].(map[string]any)["id"].(string)
}

func TestGapsAreForAdmins(t *testing.T) {
	o, _, id := gapOffice(t)
	agent := o.agent("Bo", o.site)
	one := "/sites/demo/gaps/" + id
	for _, r := range []struct{ method, path, body string }{
		{http.MethodGet, "/sites/demo/gaps", ""}, {http.MethodGet, one, ""}, {http.MethodGet, one + "/questions", ""},
		{http.MethodPatch, one, `{"title":"x"}`}, {http.MethodPost, one + "/dismiss", ""}, {http.MethodPost, one + "/reopen", ""},
		{http.MethodPost, one + "/merge", `{"into":"` + id + `"}`}, {http.MethodPost, one + "/move", `{"questions":[1]}`},
		{http.MethodPost, one + "/draft", ""}, {http.MethodPost, one + "/proof", `{"article_id":"x","revision":0}`},
		{http.MethodPost, "/sites/demo/articles/" + id + "/check", ""},
	} {
		var body any
		if r.body != "" {
			body = jsonText(r.body)
		}
		o.refused(http.StatusForbidden, "not_allowed", agent, r.method, r.path, body)
		o.refused(http.StatusUnauthorized, "signed_out", account.Person{}, r.method, r.path, body)
	}
}

// jsonText is a body that is JSON already.
type jsonText string

// MarshalJSON gives it as it is.
func (j jsonText) MarshalJSON() ([]byte, error) { return []byte(j), nil }

func TestGapsOverHTTP(t *testing.T) {
	o, admin, id := gapOffice(t)
	one := "/sites/demo/gaps/" + id
	list := o.must(admin, http.MethodGet, "/sites/demo/gaps?q=gift&sort=size&state=open", nil)
	if list["total"] != 1.0 || list["waiting"] != 0.0 || list["counts"].(map[string]any)["open"] != 1.0 {
		t.Errorf("%v", list)
	}
	g := list["items"].([]any)[0].(map[string]any)
	if g["questions"] != 3.0 || g["shoppers"] != 3.0 || len(g["trend"].([]any)) != gap.TrendDays || g["article"] != nil || g["since"] != nil || g["reopened"] != false {
		t.Errorf("%v", g)
	}
	questions := o.must(admin, http.MethodGet, one+"/questions?limit=2", nil)
	if questions["total"] != 3.0 || len(questions["items"].([]any)) != 2 {
		t.Errorf("%v", questions)
	}
	q := questions["items"].([]any)[0].(map[string]any)
	if q["reason"] != "not_found" || q["conversation_id"] == "" || q["seq"] != 1.0 {
		t.Errorf("%v", q)
	}
	if g := o.must(admin, http.MethodPatch, one, map[string]any{"title": " Gift  cards "})["gap"].(map[string]any); g["title"] != "Gift cards" {
		t.Errorf("%v", g)
	}
	for _, change := range []struct{ path, state string }{{"/dismiss", "dismissed"}, {"/reopen", "open"}} {
		if g := o.must(admin, http.MethodPost, one+change.path, nil)["gap"].(map[string]any); g["state"] != change.state {
			t.Errorf("%s: %v", change.path, g)
		}
	}
	moved := o.must(admin, http.MethodPost, one+"/move", map[string]any{"questions": []any{q["id"]}})["gap"].(map[string]any)
	if moved["questions"] != 1.0 || moved["id"] == id {
		t.Errorf("%v", moved)
	}
	merged := o.must(admin, http.MethodPost, "/sites/demo/gaps/"+moved["id"].(string)+"/merge", map[string]any{"into": id})["gap"].(map[string]any)
	if merged["questions"] != 3.0 || merged["id"] != id {
		t.Errorf("%v", merged)
	}

	o.refused(http.StatusNotFound, "unknown_gap", admin, http.MethodGet, "/sites/demo/gaps/"+moved["id"].(string), nil)
	o.refused(http.StatusNotFound, "unknown_gap", admin, http.MethodGet, "/sites/demo/gaps/nonsense", nil)
	o.refused(http.StatusConflict, "same_gap", admin, http.MethodPost, one+"/merge", map[string]any{"into": id})
	o.refused(http.StatusNotFound, "unknown_gap", admin, http.MethodPost, one+"/merge", map[string]any{"into": "nonsense"})
	o.refused(http.StatusUnprocessableEntity, "bad_title", admin, http.MethodPatch, one, map[string]any{"title": "   "})
	o.refused(http.StatusNotFound, "unknown_article", admin, http.MethodPost, one+"/proof", map[string]any{"article_id": "nonsense", "revision": 0})
	o.refused(http.StatusNotFound, "unknown_article", admin, http.MethodPost, "/sites/demo/articles/nonsense/check", nil)
	if status, _ := o.ask(admin, http.MethodGet, "/sites/demo/gaps?state=lost", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("a state that is none: %d", status)
	}
}
