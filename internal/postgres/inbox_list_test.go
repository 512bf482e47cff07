package postgres

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// crowd fills the shop with conversations of three messages each, as a year of
// its work: most are the bot's or resolved, a few hundred wait or are somebody's.
func (s team) crowd(t testing.TB, n int, a inbox.Name) {
	t.Helper()
	s.exec(t, `insert into shoppers (id, site_id, name, email)
		select gen_random_uuid(), $1, 'Person ' || i || ' Lovelace' || i % 100, 'person' || i || '@mail' || i % 50 || '.example'
		from generate_series(1, $2::int / 2) i`, s.site.ID, n)
	s.exec(t, `insert into conversations (id, site_id, shopper_id, locale, state, charge, assignee_id, waiting_since, urgency, last_seq,
			created_at, updated_at, last_text, last_author, last_message_at, tags)
		select gen_random_uuid(), $1, p.id, 'en',
			case when i % 3 = 0 then 'closed' else 'open' end,
			case when i % 50 = 1 then 'person' else 'bot' end,
			case when i % 50 = 1 then $3::uuid end,
			case when i % 3 <> 0 and i % 40 in (1, 2) then now() - i * interval '1 second' end,
			i % 3, 3, now() - i * interval '2 minutes', now() - i * interval '1 minute', 'Thanks', 'shopper', now() - i * interval '1 minute',
			case when i % 100 = 0 then '{vip}'::text[] else '{}' end
		from generate_series(1, $2::int) i
		join (select id, row_number() over (order by id) as n from shoppers where site_id = $1 and email <> '') p on p.n = 1 + i % ($2::int / 2)`, s.site.ID, n, a.ID)
	s.exec(t, `insert into events (conversation_id, seq, kind, author_kind, text, at)
		select c.id, k, 'message', case when k = 2 then 'bot' else 'shopper' end,
			case k when 1 then 'Where is my order ' || c.n || '? It should have been here by now, word' || c.n % 500
				when 2 then 'It is on its way and arrives within three days.' else 'Thanks' end, c.created_at
		from (select id, created_at, row_number() over (order by created_at) as n from conversations where site_id = $1) c
		cross join generate_series(1, 3) k`, s.site.ID)
	s.exec(t, `vacuum analyze conversations, events, shoppers`)
}

var views = []inbox.View{inbox.Mine, inbox.Waiting, inbox.All, inbox.Resolved}

// desk reads lists as agents do.
func (s team) desk(t testing.TB) *inbox.Desk {
	return must(inbox.New(inbox.Options{Store: s.in, Bus: mute{}}))(t)
}

type mute struct{}

func (mute) Publish(assist.Signal) {}

// Every page begins after the one before, so that together they are the list:
// each row once, in order, whatever comes in meanwhile.
func TestPagesAreTheList(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	a := s.agent(t, "Ada", 5)
	s.crowd(t, 400, a)
	// Many of one moment, too: the id decides then.
	s.exec(t, `update conversations set updated_at = date_trunc('hour', updated_at), waiting_since = date_trunc('minute', waiting_since)`)
	desk := s.desk(t)
	for _, view := range views {
		q := inbox.Query{SiteID: s.site.ID, AgentID: a.ID, Filter: inbox.Filter{View: view}, Limit: 7}
		whole := must(s.in.List(ctx, inbox.Query{SiteID: s.site.ID, AgentID: a.ID, Filter: q.Filter, Limit: 1000}))(t)
		var got []string
		cursor := ""
		for {
			page := must(desk.List(ctx, q, cursor))(t)
			for _, r := range page.Items {
				got = append(got, r.ID)
			}
			counts := map[inbox.View]int{inbox.Mine: page.Counts.Mine, inbox.Waiting: page.Counts.Waiting, inbox.All: page.Counts.All, inbox.Resolved: page.Counts.Resolved}
			if counts[view] != len(whole) {
				t.Fatalf("%s has %d, counted %d", view, len(whole), counts[view])
			}
			if cursor = page.Next; cursor == "" {
				break
			}
			if len(page.Items) != 7 {
				t.Fatalf("a page of %d", len(page.Items))
			}
		}
		var want []string
		for _, r := range whole {
			want = append(want, r.ID)
		}
		if !slices.Equal(got, want) || len(want) < 3 {
			t.Errorf("%s: %d rows in pages, %d in one", view, len(got), len(want))
		}
		for i, r := range whole {
			bad := view == inbox.Mine && (r.Assignee == nil || r.Assignee.ID != a.ID || r.State != assist.Open) ||
				view == inbox.Resolved && r.State != assist.Closed ||
				view == inbox.Waiting && (r.WaitingSince == nil || r.State != assist.Open) ||
				view != inbox.Waiting && i > 0 && r.UpdatedAt.After(whole[i-1].UpdatedAt)
			if bad {
				t.Errorf("%s shows %+v at %d", view, r, i)
			}
		}
	}
	for _, bad := range []string{"x", "e30", "AAAA", strings.Repeat("A", 300)} {
		_, err := desk.List(ctx, inbox.Query{SiteID: s.site.ID, AgentID: a.ID, Filter: inbox.Filter{View: inbox.All}, Limit: 7}, bad)
		wantCode(t, err, inbox.CodeBadCursor)
	}
}

func TestSearch(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	a := s.agent(t, "Ada", 5)
	token := tokenHash("grace")
	s.shopper = must(s.CreateShopper(ctx, assist.Shopper{SiteID: s.site.ID, ExternalID: "K-77", Name: "Grace Brewster Hopper", Email: "g.hopper@navy.example"}, token))(t)
	c := s.opened(t, "r").Conversation
	must(s.Accept(ctx, s.say(c.ID, "c2", "My Bestellnummer is DN-1001, größe 42 & it's 'blue'", "r")))(t)
	must(s.in.Note(ctx, s.act(c, a, "n"), "Regular, called twice", nil))(t)
	s.exec(t, `update conversations set reply_email = 'amazing@cobol.example', tags = '{vip}' where id = $1`, c.ID)
	s.conversation(t)
	find := func(f inbox.Filter) int {
		t.Helper()
		f.View = inbox.All
		return len(must(s.in.List(ctx, inbox.Query{SiteID: s.site.ID, AgentID: a.ID, Filter: f, Limit: 10}))(t))
	}
	for _, words := range []string{"bestell", "BESTELLNUMMER", "größe 42", "Größe", "dn-1001", "twice", "blue", "regular called"} {
		if n := find(inbox.Filter{Words: words}); n != 1 {
			t.Errorf("%q finds %d", words, n)
		}
	}
	for _, words := range []string{"yellow", "bestellnummer yellow", "estellnummer"} {
		if n := find(inbox.Filter{Words: words}); n != 0 {
			t.Errorf("%q finds %d", words, n)
		}
	}
	for _, words := range []string{"", "  ", "'", `\`, "& | !", "':*", "<->", "a' & 'b", "🙂", strings.Repeat("x ", 100)} {
		find(inbox.Filter{Words: words, Person: words}) // is no error
	}
	for _, person := range []string{"grace", "Hopper", "brew", "g.hopper@navy.example", "navy", "amazing@cobol", "K-77", s.shopper.ID, c.ID} {
		if n := find(inbox.Filter{Person: person}); n != 1 && person != s.shopper.ID {
			t.Errorf("%q finds %d", person, n)
		}
	}
	if n := find(inbox.Filter{Person: "nobody"}); n != 0 {
		t.Errorf("nobody is found %d times", n)
	}
	if find(inbox.Filter{Tag: "vip"}) != 1 || find(inbox.Filter{Tag: "v"}) != 0 || find(inbox.Filter{Tag: "vip", Words: "yellow"}) != 0 {
		t.Error("tags do not filter")
	}
}

// Ten thousand conversations, and none of the lists reads them all: the plans
// walk an index or look words up, and sort no more than they found.
func TestListsOfTenThousand(t *testing.T) {
	s := newTeam(t)
	a := s.agent(t, "Ada", 5)
	s.crowd(t, 10_000, a)
	for _, tc := range []struct {
		name, query   string
		words, person string
		most          int // rows of conversations that may be read
	}{
		{"mine", sqlListMine, "", "", 600},
		{"all", sqlListAll, "", "", 200},
		{"resolved", sqlListResolved, "", "", 200},
		{"waiting", sqlListWaiting, "", "", 1500},
		{"words, rare", sqlListAll, "word77", "", 11_000},
		{"words, common", sqlListAll, "order", "", 11_000},
		{"person", sqlListAll, "", "person77", 11_000},
	} {
		args := []any{s.site.ID, a.ID, farAway, lastID, 51, "", "", prefixQuery(tc.words), prefixQuery(tc.person), tc.person, "", tc.words}
		if tc.query == sqlListWaiting {
			args[2], args[3] = time.Time{}, firstID
			args = append(args, mostUrgent)
		}
		rows, err := s.pool.Query(t.Context(), "explain (analyze, timing off, costs off) "+tc.query, args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, line)
		}
		text := strings.Join(plan, "\n")
		t.Logf("%s: %s", tc.name, regexp.MustCompile(`Execution Time: .*`).FindString(text))
		if strings.Contains(text, "Seq Scan on events") || tc.words == "" && tc.person == "" && strings.Contains(text, "Seq Scan on conversations") {
			t.Errorf("%s reads a whole table:\n%s", tc.name, text)
		}
		for _, line := range plan {
			if n := actualRows(line); strings.Contains(line, "conversations") && n > tc.most {
				t.Errorf("%s reads %d conversations:\n%s", tc.name, n, text)
			}
		}
	}
}

// actualRows is how many rows a line of a plan says that it gave.
func actualRows(line string) int {
	m := regexp.MustCompile(`actual rows=(\d+)`).FindStringSubmatch(line)
	if m == nil {
		return 0
	}
	var n int
	_, _ = fmt.Sscan(m[1], &n)
	return n
}
