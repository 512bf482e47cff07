package web

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/insight"
	"github.com/careloop/careloop/internal/account"
)

const insightDays = "?from=2026-03-01&to=2026-03-31"

// insightOffice is an office with an admin, and a question that was answered.
func insightOffice(t *testing.T) (o *office, admin account.Person, conversation string) {
	o = newOffice(t)
	o.server.Insight = insight.New(o.db.Insight())
	admin = o.agent("Ada", o.site)
	admin.Role = account.Admin
	o.door.mu.Lock()
	o.door.people[admin.ID] = admin
	o.door.mu.Unlock()
	conversation = uuid.NewString()
	o.exec(`insert into shoppers (id, site_id) values ($1::uuid, $2)`, conversation, o.site.ID)
	o.exec(`insert into conversations (id, site_id, shopper_id, locale, created_at) values ($1::uuid, $2, $1, 'de', '2026-03-10T10:00:00Z')`, conversation, o.site.ID)
	o.exec(`insert into turns (id, conversation_id, site_id, question_seq, state, owner, leased_until, outcome, topic, started_at, finished_at)
		values ($1::uuid, $1, $2, 1, 'finished', 'r', now(), 'answered', 'return', '2026-03-10T10:00:00Z', '2026-03-10T10:00:02Z')`, conversation, o.site.ID)
	return o, admin, conversation
}

func TestInsightOverTheWire(t *testing.T) {
	o, admin, conversation := insightOffice(t)
	about := o.must(admin, http.MethodGet, "/sites/demo/insight", nil)
	if about["first"] != "2026-03-10" || at(about, "languages", 0) != "de" || about["time_zone"] != "UTC" {
		t.Errorf("about %v", about)
	}
	f := o.must(admin, http.MethodGet, "/sites/demo/insight/outcomes"+insightDays+"&by=week", nil)
	if at(f, "series", 0, "key") != "answered" || at(f, "series", 0, "now", "n") != 1.0 || at(f, "buckets", 0, "to") != "2026-03-01" || at(f, "before", "from") != "2026-01-29" {
		t.Errorf("figures %v", f)
	}
	list := o.must(admin, http.MethodGet, "/sites/demo/insight/outcomes/conversations"+insightDays+"&by=week&series=answered&at=2026-03-09&as_of="+f["as_of"].(string), nil)
	if list["total"] != 1.0 || at(list, "items", 0, "row", "id") != conversation {
		t.Errorf("the list is %v", list)
	}
	for _, plot := range insight.Plots {
		o.must(admin, http.MethodGet, "/sites/demo/insight/"+string(plot)+insightDays, nil)
	}
}

func TestInsightIsForAdminsOfTheShop(t *testing.T) {
	o, admin, _ := insightOffice(t)
	agent := o.agent("Bo", o.site)
	other, err := o.db.EnsureSite(t.Context(), assist.Site{Key: "other", Locale: "en"})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "/outcomes" + insightDays, "/outcomes/conversations" + insightDays, "/outcomes/csv" + insightDays} {
		o.refused(http.StatusForbidden, "not_allowed", agent, http.MethodGet, "/sites/demo/insight"+path, nil)
		o.refused(http.StatusNotFound, "unknown_site", admin, http.MethodGet, "/sites/"+other.Key+"/insight"+path, nil)
		o.refused(http.StatusUnauthorized, "signed_out", account.Person{}, http.MethodGet, "/sites/demo/insight"+path, nil)
	}
}

func TestInsightRefuses(t *testing.T) {
	o, admin, _ := insightOffice(t)
	for _, days := range []string{"?from=2026-03-31&to=2026-03-01", "?from=2024-01-01&to=2026-03-01", "?from=x&to=2026-03-01"} {
		p := o.refused(http.StatusUnprocessableEntity, "bad_range", admin, http.MethodGet, "/sites/demo/insight/outcomes"+days, nil)
		if !strings.Contains(p["detail"].(string), "bad_range") {
			t.Errorf("%s: %v", days, p)
		}
	}
	for _, path := range []string{"/nothing" + insightDays, "/outcomes", "/outcomes" + insightDays + "&by=hour", "/outcomes" + insightDays + "&as_of=now",
		"/outcomes/conversations" + insightDays + "&limit=101", "/outcomes" + insightDays + "&language=%27"} {
		if status, _ := o.ask(admin, http.MethodGet, "/sites/demo/insight"+path, nil); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestInsightExports(t *testing.T) {
	o, admin, _ := insightOffice(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.address+"/v1/console/sites/demo/insight/topics/csv"+insightDays, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: admin.ID})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil || string(data) != "\uFEFFfrom,to,series,count,conversations\r\n2026-03-01,2026-03-31,return,1,1\r\n" {
		t.Errorf("%q %v", data, err)
	}
	if got := res.Header.Get("Content-Disposition"); got != `attachment; filename="careloop-demo-topics-2026-03-01-2026-03-31.csv"` {
		t.Errorf("it is called %s", got)
	}
	if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/csv; charset=utf-8") {
		t.Errorf("it is %s", got)
	}
}
