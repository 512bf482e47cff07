package postgres

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/hours"
	"github.com/careloop/careloop/assist/insight"
)

// ledger is a shop whose past is written down by hand.
type ledger struct {
	shop
	t    testing.TB
	desk *insight.Desk
}

func newLedger(t testing.TB) *ledger {
	s := newShop(t)
	return &ledger{s, t, insight.New(s.Insight())}
}

func (l *ledger) exec(query string, args ...any) {
	l.t.Helper()
	if _, err := l.pool.Exec(l.t.Context(), query, args...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *ledger) at(s string) time.Time {
	l.t.Helper()
	return must(time.Parse(time.RFC3339, s))(l.t)
}

func (l *ledger) conversation(at time.Time, locale string) string {
	id := must(newID())(l.t)
	l.exec(`insert into conversations (id, site_id, shopper_id, locale, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)`,
		id, l.site.ID, l.shopper.ID, locale, at)
	return id
}

// turn is a question at a time that ended two seconds later; its answer is event
// seq+1.
func (l *ledger) turn(conversation string, seq int, at time.Time, outcome, topic string, confidence float64, cost int64) string {
	id := must(newID())(l.t)
	l.exec(`insert into turns (id, conversation_id, site_id, question_seq, state, owner, leased_until, outcome, topic, confidence, cost_micros, started_at, finished_at)
		values ($1, $2, $3, $4, 'finished', 'r', $5, $6, $7, $8, $9, $5, $5::timestamptz + interval '2 seconds')`,
		id, conversation, l.site.ID, seq, at, outcome, topic, confidence, cost)
	l.event(conversation, seq, at, "shopper", "message", nil)
	l.event(conversation, seq+1, at.Add(2*time.Second), "bot", "message", &id)
	return id
}

func (l *ledger) event(conversation string, seq int, at time.Time, by, kind string, turn *string) {
	l.exec(`insert into events (conversation_id, seq, kind, at, author_kind, turn_id) values ($1, $2, $3, $4, $5, $6)`, conversation, seq, kind, at, by, turn)
}

func (l *ledger) handoff(conversation string, seq int, at time.Time, replied *time.Time) {
	l.exec(`insert into handoffs (site_id, conversation_id, seq, created_at, replied_at) values ($1, $2, $3, $4, $5)`, l.site.ID, conversation, seq, at, replied)
}

func (l *ledger) figures(plot insight.Plot, from, to string, change ...func(*insight.Question)) insight.Figures {
	l.t.Helper()
	q := insight.Question{SiteID: l.site.ID, Plot: plot, From: from, To: to}
	for _, f := range change {
		f(&q)
	}
	return must(l.desk.Figures(l.t.Context(), q))(l.t)
}

// counts are how often each series counts over the range.
func counts(f insight.Figures) map[string]int {
	of := map[string]int{}
	for _, s := range f.Series {
		if s.Now.N > 0 {
			of[s.Key] = s.Now.N
		}
	}
	return of
}

func (l *ledger) want(f insight.Figures, want map[string]int) {
	l.t.Helper()
	if got := counts(f); fmt.Sprint(got) != fmt.Sprint(want) {
		l.t.Errorf("%s counts %v, want %v", f.Plot, got, want)
	}
}

func TestInsightKnowsWhoLeft(t *testing.T) {
	l := newLedger(t)
	day := l.at("2026-03-10T10:00:00Z")
	ask := func(outcome string) string {
		c := l.conversation(day, "en")
		l.turn(c, 1, day, outcome, "return", 0.5, 0)
		return c
	}
	ask("answered")
	ask("clarified") // and left
	back := ask("clarified")
	l.turn(back, 3, day.Add(time.Minute), "answered", "return", 0.9, 0)
	late := ask("clarified")
	l.event(late, 3, day.Add(2*time.Second+24*time.Hour), "shopper", "message", nil) // just in time
	too := ask("clarified")
	l.event(too, 3, day.Add(3*time.Second+24*time.Hour), "shopper", "message", nil) // too late
	l.event(ask("clarified"), 3, day.Add(time.Hour), "shopper", "handoff", nil)
	l.event(ask("escalated"), 3, day.Add(time.Hour), "agent", "message", nil)
	l.event(ask("escalated"), 3, day.Add(time.Hour), "agent", "note", nil)    // which no shopper sees
	l.event(ask("escalated"), 3, day.Add(time.Hour), "system", "status", nil) // nobody
	greeting := l.conversation(day, "en")
	l.turn(greeting, 1, day, "answered", "", 0, 0)
	running := l.conversation(day, "en")
	l.exec(`insert into turns (id, conversation_id, site_id, question_seq, state, owner, leased_until, started_at) values (gen_random_uuid(), $1, $2, 1, 'superseded', 'r', $3, $3)`, running, l.site.ID, day)

	l.want(l.figures(insight.Outcomes, "2026-03-10", "2026-03-10"), map[string]int{"answered": 2, "clarified": 3, "escalated": 1, "abandoned": 4})
	// Before the 24 hours were over nobody had left.
	soon := func(q *insight.Question) { q.AsOf = day.Add(24 * time.Hour) }
	l.want(l.figures(insight.Outcomes, "2026-03-10", "2026-03-10", soon), map[string]int{"answered": 2, "clarified": 5, "escalated": 3})
	// And half a minute after the beginning the second question of one was not asked.
	early := func(q *insight.Question) { q.AsOf = day.Add(30 * time.Second) }
	l.want(l.figures(insight.Outcomes, "2026-03-10", "2026-03-10", early), map[string]int{"answered": 1, "clarified": 5, "escalated": 3})
}

func TestInsightDaysOfTheShop(t *testing.T) {
	l := newLedger(t)
	l.exec(`update sites set time_zone = 'Europe/Berlin' where id = $1`, l.site.ID)
	for _, at := range []string{
		"2026-03-27T22:59:59Z",                         // the 27th
		"2026-03-27T23:00:00Z", "2026-03-28T22:59:59Z", // the 28th
		"2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", // the 29th, of 23 hours
		"2026-03-29T22:00:00Z", // the 30th
	} {
		l.turn(l.conversation(l.at(at), "en"), 1, l.at(at), "answered", "return", 0.9, 0)
	}
	f := l.figures(insight.Outcomes, "2026-03-28", "2026-03-30")
	var got []int
	for _, p := range f.Series[0].Points {
		got = append(got, p.N)
	}
	if !slices.Equal(got, []int{2, 2, 1}) || f.Series[0].Now.N != 5 || f.Series[0].Before.N != 1 || f.TimeZone != "Europe/Berlin" {
		t.Errorf("days %v of %+v", got, f.Series[0])
	}
	if w := l.figures(insight.Outcomes, "2026-03-28", "2026-03-30", func(q *insight.Question) { q.ByWeek = true }); w.Series[0].Points[0].N != 4 || w.Series[0].Points[1].N != 1 {
		t.Errorf("weeks %+v", w.Series[0].Points)
	}
	about := must(l.desk.About(t.Context(), l.site.ID))(t)
	if about.First != "2026-03-27" || about.TimeZone != "Europe/Berlin" || !slices.Equal(about.Languages, []string{"en"}) {
		t.Errorf("about %+v", about)
	}
}

func TestInsightMeasures(t *testing.T) {
	l := newLedger(t)
	day := l.at("2026-03-10T10:00:00Z")
	var first string
	for i := range 5 {
		c := l.conversation(day.Add(-time.Duration(i)*time.Second), []string{"en", "de-AT", "de"}[i%3])
		l.turn(c, 1, day.Add(time.Duration(i)*time.Minute), "answered", []string{"return", "size"}[i%2], 0.5+float64(i)/10, 1_000_000)
		if i == 0 {
			first = c
			l.exec(`insert into ratings (conversation_id, event_seq, score, at) values ($1, 2, -1, $2)`, c, day)
		}
	}
	l.exec(`insert into drafts (id, site_id, conversation_id, for_seq, state, created_at, cost_micros, outcome, decided_at, edit_distance)
		select gen_random_uuid(), $1, $2, 1, 'ready', $3, 500000, o, $3, d
		from (values ('accepted', 0), ('discarded', null), ('edited', 1), ('edited', 2), ('edited', 3), ('edited', 10), ('edited', 20), (null, null)) as x (o, d)`, l.site.ID, first, day)
	f := func(plot insight.Plot) insight.Measure {
		return l.figures(plot, "2026-03-10", "2026-03-10").Series[0].Now
	}
	if m := f(insight.Confidence); m.N != 5 || *m.P50 != 0.7 || *m.P25 != 0.6 || *m.P75 != 0.8 {
		t.Errorf("confidence %+v", m)
	}
	// From the first message, the beginning of the conversation, to the answer.
	if m := f(insight.FirstAnswer); m.N != 5 || *m.P50 != 2+2*61 {
		t.Errorf("first answer %v %+v", *m.P50, m)
	}
	if m := f(insight.Edits); m.N != 5 || *m.P50 != 3 || m.Conversations != 1 {
		t.Errorf("edits %+v", m)
	}
	if m := f(insight.Cost); m.Conversations != 5 || *m.Mean != (5+8*0.5)/5 {
		t.Errorf("cost %v %+v", *m.Mean, m)
	}
	l.want(l.figures(insight.Drafts, "2026-03-10", "2026-03-10"), map[string]int{"accepted": 1, "edited": 5, "discarded": 1})
	l.want(l.figures(insight.Topics, "2026-03-10", "2026-03-10"), map[string]int{"return": 3, "size": 2})
	l.want(l.figures(insight.Ratings, "2026-03-10", "2026-03-10"), map[string]int{"down": 1})
	german := func(q *insight.Question) { q.Language = "de" }
	l.want(l.figures(insight.Topics, "2026-03-10", "2026-03-10", german), map[string]int{"return": 2, "size": 1})
	if m := l.figures(insight.Confidence, "2026-03-10", "2026-03-10", german).Series[0].Now; m.N != 3 || m.P50 != nil {
		t.Errorf("of three there is a median: %+v", m)
	}
}

// A shopper waits within opening hours alone: from Friday evening to Monday
// morning no time passes.
func TestInsightWaitsWithinHours(t *testing.T) {
	l := newLedger(t)
	table := hours.Table{TimeZone: "Europe/Berlin", Hours: []hours.Span{}, Holidays: []hours.Holiday{{Date: "2026-04-03", Name: "Good Friday"}}}
	for d := 1; d <= 5; d++ {
		table.Hours = append(table.Hours, hours.Span{Day: d, From: "09:00", To: "12:00"}, hours.Span{Day: d, From: "13:00", To: "17:00"})
	}
	l.exec(`update sites set time_zone = $2, hours = $3, holidays = $4 where id = $1`, l.site.ID, table.TimeZone, table.Hours, table.Holidays)
	for _, tc := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-03-23T09:00:00+01:00", "2026-03-23T09:05:00+01:00", 5 * time.Minute},
		{"2026-03-23T11:55:00+01:00", "2026-03-23T13:05:00+01:00", 10 * time.Minute}, // over lunch
		{"2026-03-23T12:10:00+01:00", "2026-03-23T12:50:00+01:00", 0},                // at lunch
		{"2026-03-27T16:50:00+01:00", "2026-03-30T09:02:00+02:00", 12 * time.Minute}, // over a weekend on which the clock is put forward
		{"2026-04-02T16:00:00+02:00", "2026-04-06T10:00:00+02:00", 2 * time.Hour},    // over a holiday
		{"2026-03-24T03:00:00+01:00", "2026-03-25T03:00:00+01:00", 7 * time.Hour},    // a day
		{"2026-03-28T10:00:00+01:00", "2026-03-29T10:00:00+02:00", 0},                // a Saturday
		{"2026-03-23T08:00:00+01:00", "2026-03-23T09:00:00.5+01:00", time.Second / 2},
	} {
		l.exec(`truncate conversations cascade`)
		from, to := l.at(tc.from), l.at(tc.to)
		for range insight.Few {
			c := l.conversation(from, "en")
			l.event(c, 1, from, "bot", "message", nil)
			l.handoff(c, 1, from, &to)
		}
		day := from.Format(time.DateOnly)
		f := l.figures(insight.Wait, day, day)
		if m := f.Series[0].Now; m.P50 == nil || *m.P50 != tc.want.Seconds() {
			t.Errorf("%s to %s: %v", tc.from, tc.to, m)
		}
		l.want(f, map[string]int{"replied": insight.Few})
		l.want(l.figures(insight.Wait, day, day, func(q *insight.Question) { q.AsOf = to.Add(-time.Millisecond) }), map[string]int{"unanswered": insight.Few})
	}
}

func TestInsightArticles(t *testing.T) {
	l := newLedger(t)
	day := l.at("2026-03-10T10:00:00Z")
	cite := func(article, turn string, at time.Time) {
		l.exec(`insert into cited_articles (turn_id, article_id, site_id, version, at) values ($1, $2, $3, 1, $4)`, turn, article, l.site.ID, at)
	}
	article := func(title string) string {
		id := must(newID())(t)
		l.exec(`insert into articles (id, site_id, source, key, slug, locale, content_hash, last_version) values ($1::uuid, $2, 'x', $1::text, $1::text, 'en', '', 2)`, id, l.site.ID)
		l.exec(`insert into article_versions (article_id, version, title, markdown) values ($1, 1, 'old', ''), ($1, 2, $2, '')`, id, title)
		return id
	}
	returns, sizes := article("Returns"), article("Sizes")
	for i, fate := range []string{"worked", "down", "person", "before", "both"} {
		at := day.Add(time.Duration(i) * time.Minute)
		c := l.conversation(at, "en")
		turn := l.turn(c, 1, at, "answered", "return", 0.9, 0)
		cite(returns, turn, at.Add(2*time.Second))
		if i == 0 {
			cite(sizes, turn, at.Add(2*time.Second))
		}
		if fate == "down" || fate == "both" {
			l.exec(`insert into ratings (conversation_id, event_seq, score, at) values ($1, 2, -1, $2)`, c, at.Add(time.Hour))
		}
		if fate == "person" || fate == "both" {
			l.handoff(c, 2, at.Add(time.Hour), nil)
		}
		if fate == "before" { // what came to a person earlier is no fault of this answer's
			l.handoff(c, 1, at.Add(-time.Second), nil)
		}
	}
	f := l.figures(insight.Articles, "2026-03-10", "2026-03-10")
	l.want(f, map[string]int{returns + "/worked": 2, returns + "/down": 2, returns + "/person": 1, sizes + "/worked": 1})
	if f.Series[0].Title != "Returns" || len(f.Buckets) != 0 {
		t.Errorf("figures %+v", f)
	}
	found, total, err := l.desk.Behind(t.Context(), insight.Question{SiteID: l.site.ID, Plot: insight.Articles, From: "2026-03-10", To: "2026-03-10"}, returns+"/down", "", 1, 0)
	if err != nil || total != 2 || len(found) != 1 || !found[0].Row.CreatedAt.Equal(day.Add(4*time.Minute)) {
		t.Errorf("behind it are %+v of %d, %v", found, total, err)
	}
}

func TestInsightOfAnEmptyShop(t *testing.T) {
	l := newLedger(t)
	for _, plot := range insight.Plots {
		f := l.figures(plot, "2026-03-01", "2026-03-31")
		if len(counts(f)) != 0 || plot.OverTime() != (len(f.Buckets) == 31) {
			t.Errorf("%s: %+v", plot, f)
		}
		if list, total, err := l.desk.Behind(t.Context(), insight.Question{SiteID: l.site.ID, Plot: plot, From: "2026-03-01", To: "2026-03-31"}, "", "", 20, 0); err != nil || total != 0 || list == nil || len(list) > 0 {
			t.Errorf("%s lists %v %d %v", plot, list, total, err)
		}
	}
	if about := must(l.desk.About(t.Context(), l.site.ID))(t); about.First != "" || len(about.Languages) != 0 {
		t.Errorf("about %+v", about)
	}
	_, err := l.desk.Figures(t.Context(), insight.Question{SiteID: must(newID())(t), Plot: insight.Outcomes, From: "2026-03-01", To: "2026-03-31"})
	wantCode(t, err, assist.CodeUnknownSite)
}

// For whatever happened, every point is as long as its list, pages make up the
// list, and another shop's past changes nothing.
func TestInsightPointsAreTheirLists(t *testing.T) {
	l := newLedger(t)
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "past"), 0))
		own := l.site
		for _, key := range []string{"one", "other"} {
			l.exec(`delete from sites where key = $1`, key)
			l.site = must(l.EnsureSite(t.Context(), assist.Site{Key: key, Locale: "en"}))(t)
			l.shopper = newShopper(t, l.DB, l.site)
			l.randomPast(r)
		}
		l.site = must(l.SiteByKey(t.Context(), "one"))(t)
		defer func() { l.site = own }()
		zone := rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Auckland"}).Draw(rt, "zone")
		l.exec(`update sites set time_zone = $2 where id = $1`, l.site.ID, zone)
		q := insight.Question{SiteID: l.site.ID, ByWeek: rapid.Bool().Draw(rt, "by week"), Language: rapid.SampledFrom([]string{"", "de"}).Draw(rt, "language")}
		from := pastDay.AddDate(0, 0, rapid.IntRange(-2, 3).Draw(rt, "from"))
		q.From, q.To = from.Format(time.DateOnly), from.AddDate(0, 0, rapid.IntRange(0, 9).Draw(rt, "days")).Format(time.DateOnly)
		q.AsOf = pastDay.Add(time.Duration(rapid.IntRange(24, 400).Draw(rt, "as of")) * time.Hour)
		q.Plot = rapid.SampledFrom(insight.Plots).Draw(rt, "plot")
		f := must(l.desk.Figures(t.Context(), q))(t)
		for _, s := range f.Series {
			l.fits(rt, q, s.Key, "", s.Now)
			sum := 0
			for i, p := range s.Points {
				sum += p.N
				l.fits(rt, q, s.Key, f.Buckets[i].From, p)
			}
			if len(s.Points) > 0 && sum != s.Now.N {
				rt.Fatalf("%s of %s: points have %d, the whole %d", s.Key, q.Plot, sum, s.Now.N)
			}
		}
	})
}

// fits says whether a point is its list.
func (l *ledger) fits(t *rapid.T, q insight.Question, series, at string, m insight.Measure) {
	seen := map[string]bool{}
	n := 0
	for offset := 0; ; offset += 3 {
		found, total, err := l.desk.Behind(l.t.Context(), q, series, at, 3, offset)
		if err != nil || total != m.Conversations {
			t.Fatalf("%s of %s at %q: the point has %d conversations, the list %d, %v", series, q.Plot, at, m.Conversations, total, err)
		}
		for _, c := range found {
			seen[c.Row.ID] = true
			n += c.N
			if c.Row.ID == "" || c.Row.LastText != "mine "+l.site.Key {
				t.Fatalf("%s of %s lists %+v", series, q.Plot, c)
			}
		}
		if len(found) < 3 {
			break
		}
	}
	if len(seen) != m.Conversations || n != m.N {
		t.Fatalf("%s of %s at %q: the point has %d in %d conversations, the pages %d in %d", series, q.Plot, at, m.N, m.Conversations, n, len(seen))
	}
}

var pastDay = time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)

// randomPast writes down a few conversations of a site.
func (l *ledger) randomPast(r *rand.Rand) {
	article := must(newID())(l.t)
	l.exec(`insert into articles (id, site_id, source, key, slug, locale, content_hash, last_version) values ($1::uuid, $2, 'x', $1::text, $1::text, 'en', '', 1)`, article, l.site.ID)
	l.exec(`insert into article_versions (article_id, version, title, markdown) values ($1, 1, 'Returns', '')`, article)
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for range 2 + r.IntN(6) {
		at := pastDay.Add(time.Duration(r.IntN(6*24*60)) * time.Minute)
		c := l.conversation(at, pick("en", "de", "de-CH"))
		l.exec(`update conversations set last_text = $2 where id = $1`, c, "mine "+l.site.Key)
		seq := 1
		for range r.IntN(4) {
			outcome := pick("answered", "clarified", "escalated")
			turn := l.turn(c, seq, at, outcome, pick("return", "size", ""), r.Float64(), int64(r.IntN(1000)))
			if outcome == "answered" && r.IntN(2) == 0 {
				l.exec(`insert into cited_articles (turn_id, article_id, site_id, version, at) values ($1, $2, $3, 1, $4)`, turn, article, l.site.ID, at.Add(2*time.Second))
			}
			if r.IntN(3) == 0 {
				l.exec(`insert into ratings (conversation_id, event_seq, score, at) values ($1, $2, $3, $4)`, c, seq+1, 1-2*r.IntN(2), at.Add(time.Minute))
			}
			if outcome == "escalated" {
				var replied *time.Time
				if r.IntN(2) == 0 {
					when := at.Add(time.Duration(r.IntN(60*30)) * time.Minute)
					replied = &when
				}
				l.handoff(c, seq+1, at.Add(2*time.Second), replied)
				l.exec(`insert into drafts (id, site_id, conversation_id, for_seq, state, created_at, cost_micros, outcome, decided_at, edit_distance)
					values (gen_random_uuid(), $1, $2, $3, 'ready', $4, 7, $5, $4::timestamptz + interval '1 hour', 3)`, l.site.ID, c, seq, at, pick("accepted", "edited", "discarded"))
			}
			seq += 2
			at = at.Add(time.Duration(1+r.IntN(60*40)) * time.Minute)
		}
	}
}
