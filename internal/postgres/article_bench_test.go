package postgres

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/careloop/careloop/assist/article"
)

// manyTurns makes 5,000 articles of 2,000 characters each, and 100,000 answered
// turns within 90 days that rest on them: on some far more often than on others.
// One in ten has a verdict, one in ten is followed by a handoff.
func manyTurns(t testing.TB, e *editing) {
	t.Helper()
	run := func(statement string, args ...any) {
		t.Helper()
		if _, err := e.pool.Exec(context.Background(), statement, args...); err != nil {
			t.Fatalf("%.60s: %v", statement, err)
		}
	}
	site := e.site.ID
	run(`create table many as select g as i, gen_random_uuid() as article from generate_series(1, 5000) g`)
	run(`insert into articles (id, site_id, source, key, slug, locale, content_hash, last_version, updated_at)
		select article, $1, 'faq', i::text, 'article-' || i, 'en', '', 1, now() - i * interval '1 minute' from many`, site)
	run(`insert into article_versions (article_id, version, title, markdown, tags)
		select article, 1, 'Article ' || i, repeat(md5(i::text) || ' ', 60), array['tag' || i % 20] from many`)
	run(`update articles set published_version = 1`)
	run(`insert into article_drafts (article_id, site_id, title, markdown, locale) select article, $1, 'Draft', 'Draft', 'en' from many where i % 20 = 0`, site)
	run(`create table talk as select g as i, gen_random_uuid() as conversation, gen_random_uuid() as turn,
		now() - random() * interval '89 days' as at, 1 + floor(5000 * power(random(), 3))::integer as article from generate_series(1, 100000) g`)
	run(`insert into conversations (id, site_id, shopper_id, locale) select conversation, $1, $2, 'en' from talk`, site, e.shopper.ID)
	run(`insert into turns (id, conversation_id, site_id, question_seq, state, owner, leased_until, outcome, finished_at)
		select turn, conversation, $1, 1, 'finished', '', at, 'answered', at from talk`, site)
	run(`insert into events (conversation_id, seq, kind, at, author_kind, text, turn_id, outcome) select conversation, 2, 'message', at, 'bot', 'Yes.', turn, 'answered' from talk`)
	run(`insert into events (conversation_id, seq, kind, at, author_kind) select conversation, 3, 'handoff', at, 'shopper' from talk where i % 10 = 0`)
	run(`insert into handoffs (site_id, conversation_id, seq) select $1, conversation, 3 from talk where i % 10 = 0`, site)
	run(`insert into ratings (conversation_id, event_seq, score) select conversation, 2, case when i % 3 = 0 then -1 else 1 end from talk where i % 10 = 5`)
	run(`analyze`)
	run(`insert into cited_articles (turn_id, article_id, site_id, version, at) select t.turn, m.article, $1, 1, t.at from talk t join many m on m.i = t.article`, site)
	run(`vacuum analyze`)
}

// BenchmarkArticleList tells how long a page of the list takes, in each order and
// for a search.
func BenchmarkArticleList(b *testing.B) {
	e := newEditingOn(b, open(b, Options{StatementTimeout: 5 * time.Minute}))
	manyTurns(b, e)
	for name, f := range map[string]article.Filter{
		"updated": {Order: article.ByUpdated}, "title": {Order: article.ByTitle}, "age": {Order: article.ByAge}, "answered": {Order: article.ByAnswered},
		"failing": {Order: article.ByFailing}, "words": {Order: article.ByUpdated, Words: "abc draft"}, "page 90": {Order: article.ByUpdated, Offset: 4500},
	} {
		b.Run(name, func(b *testing.B) {
			f.Limit = 50
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				page, err := e.List(b.Context(), e.site.ID, f)
				if err != nil || page.Counts.All != 5000 || f.Words == "" && len(page.Items) != 50 {
					b.Fatal(err, page.Counts)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[0].Microseconds())/1000, "least-ms")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
	var most string // the article that most answers rest on
	if err := e.pool.QueryRow(b.Context(), "select id from articles where slug = 'article-1'").Scan(&most); err != nil {
		b.Fatal(err)
	}
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			if _, err := e.Article(b.Context(), e.site.ID, most); err != nil {
				b.Fatal(err)
			}
		}
	})
}
