package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/retrieval"
)

// come lets the time of every scheduled draft come.
func (e *editing) come(t testing.TB) {
	t.Helper()
	if _, err := e.pool.Exec(t.Context(), `update article_drafts set publish_at = now() - interval '1 second' where publish_at is not null`); err != nil {
		t.Fatal(err)
	}
}

func (e *editing) due(t testing.TB, a article.Article) (again time.Duration) {
	t.Helper()
	return must(e.PublishDue(t.Context(), article.PublishDue{SiteID: e.site.ID, ArticleID: a.ID}))(t)
}

func TestScheduledPublication(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	site := e.site.ID
	at := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	a := e.written(t, "Sale", "The sale begins.")
	a = must(e.Publish(ctx, site, a.ID, 1, &at, "for the sale", e.bo))(t)
	if a.State != article.Scheduled || a.PublishAt == nil || !a.PublishAt.Equal(at) || !a.Draft.PublishAt.Equal(at) || a.Version != 0 {
		t.Fatalf("scheduled %+v", a)
	}
	if n := count(t, e.DB, `select count(*) from river_job where kind = 'publish_article' and state = 'scheduled' and scheduled_at = $1
		and args->>'article_id' = $2 and args->>'site_id' = $3`, at, a.ID, site); n != 1 {
		t.Errorf("%d jobs wait for it", n)
	}
	// The job of an earlier time comes for nothing.
	if again := e.due(t, a); again != 0 {
		t.Errorf("it comes again after %v", again)
	}
	if now := e.get(t, a.ID); now.State != article.Scheduled {
		t.Errorf("published too early: %+v", now)
	}
	// One that comes a little early, by another clock, comes again.
	if _, err := e.pool.Exec(ctx, `update article_drafts set publish_at = now() + interval '30 seconds'`); err != nil {
		t.Fatal(err)
	}
	if again := e.due(t, a); again <= 0 || again > 30*time.Second {
		t.Errorf("it comes again after %v", again)
	}
	if now := e.get(t, a.ID); now.State != article.Scheduled {
		t.Errorf("published too early: %+v", now)
	}
	// Rescheduled, then let be.
	later := at.Add(time.Hour)
	if a = must(e.Publish(ctx, site, a.ID, 1, &later, "", e.bo))(t); !a.PublishAt.Equal(later) {
		t.Errorf("rescheduled %+v", a)
	}
	if a = must(e.Unschedule(ctx, site, a.ID, e.ada))(t); a.State != article.NeverPublished || a.Draft.Markdown != "The sale begins." {
		t.Errorf("unscheduled %+v", a)
	}
	must(e.Unschedule(ctx, site, a.ID, e.ada))(t)
	e.come(t)
	e.due(t, a)
	if now := e.get(t, a.ID); now.Version != 0 {
		t.Errorf("published all the same: %+v", now)
	}
	// What is saved after the scheduling is what is published, in the name of who
	// scheduled it, and once.
	must(e.Publish(ctx, site, a.ID, 1, &at, "for the sale", e.bo))(t)
	e.save(t, e.get(t, a.ID), "The sale begins on Monday.")
	e.come(t)
	e.due(t, a)
	e.due(t, a)
	a = e.get(t, a.ID)
	if a.State != article.Published || a.Version != 1 || a.Published.Markdown != "The sale begins on Monday." || a.Published.By != "Bo" || a.Published.Note != "for the sale" {
		t.Errorf("published %+v", a)
	}
	if found := e.finds(t, "when begins the sale", retrieval.Everyone); len(found) != 1 {
		t.Errorf("found %v", found)
	}
	log := e.audited(t)
	if last := log[len(log)-1]; last.Action != "article.published" || last.Actor != "Bo" || last.Details["scheduled_for"] == nil {
		t.Errorf("written down %+v", last)
	}
	// One that is deleted meanwhile is no failure.
	gone := e.written(t, "Gone", "x")
	must(e.Publish(ctx, site, gone.ID, 1, &at, "", e.bo))(t)
	if err := e.Delete(ctx, site, gone.ID, e.ada); err != nil {
		t.Fatal(err)
	}
	e.due(t, gone)
}

// A draft that cannot be published when its time comes stays, without a time and
// with the reason.
func TestScheduledPublicationThatCannotBe(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	at := time.Now().Add(time.Hour)
	a := e.live(t, "Sale", "It begins.")
	e.save(t, a, "It begins on Monday.")
	a = e.get(t, a.ID)
	a = must(e.Publish(ctx, e.site.ID, a.ID, a.Draft.Revision, &at, "", e.bo))(t)
	e.save(t, a, " ")
	e.come(t)
	e.due(t, a)
	a = e.get(t, a.ID)
	if a.State != article.Changed || a.Version != 1 || a.PublishAt != nil || a.Draft.Trouble != retrieval.NoText || a.Draft.PublishAt != nil {
		t.Errorf("it is %+v", a)
	}
	log := e.audited(t)
	if last := log[len(log)-1]; last.Action != "article.not_published" || last.Actor != "Bo" || last.Details["reason"] != "no_text" {
		t.Errorf("written down %+v", last)
	}
	e.save(t, a, "It began.")
	if a = e.get(t, a.ID); a.Draft.Trouble != "" {
		t.Errorf("the trouble stays: %+v", a.Draft)
	}
}

func TestSchedulingRefuses(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	a := e.written(t, "Sale", "It begins.")
	soon, far := time.Now().Add(time.Hour), time.Now().AddDate(20, 0, 0)
	wantMeanwhile(t, second(e.Publish(ctx, e.site.ID, a.ID, 7, &soon, "", e.ada)))
	err := second(e.Publish(ctx, e.site.ID, a.ID, 1, &far, "", e.ada))
	var u *retrieval.Unfit
	if !errors.As(err, &u) || u.Why != article.BadTime {
		t.Errorf("in twenty years: %v", err)
	}
	past := time.Now().Add(-time.Hour)
	if a = must(e.Publish(ctx, e.site.ID, a.ID, 1, &past, "", e.ada))(t); a.State != article.Published {
		t.Errorf("a time that has passed is now: %+v", a)
	}
	// What was taken back can be scheduled to come again.
	must(e.Unpublish(ctx, e.site.ID, a.ID, e.ada))(t)
	a = must(e.Publish(ctx, e.site.ID, a.ID, 0, &soon, "", e.ada))(t)
	if a.State != article.Scheduled || a.Draft.Revision == 0 || a.Draft.Markdown != "It begins." {
		t.Errorf("scheduled again %+v", a)
	}
}
