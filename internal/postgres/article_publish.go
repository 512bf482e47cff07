package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/retrieval"
)

// Publish publishes by the transaction that imports are published by.
func (a Articles) Publish(ctx context.Context, siteID, id string, p article.Publishing, by article.Actor) error {
	chunks := 0
	err := a.changeIndex(ctx, siteID, id, by, func(tx pgx.Tx, locale string, h *heldArticle) (string, map[string]any, error) {
		switch {
		case p.Revision > 0 && h.draft.Revision != p.Revision, p.Revision == 0 && p.From == 0 && h.draft.Revision > 0:
			return "", nil, errMeanwhile
		case p.Due && !h.due:
			return "", nil, nil
		}
		pub := p.Publication
		pub.SiteID, pub.Source, pub.Key = siteID, h.source, h.key
		var err error
		if _, chunks, err = a.db.publishIn(ctx, tx, locale, []retrieval.Publication{pub}); err != nil {
			return "", nil, err
		}
		details := map[string]any{"version": h.last + 1, "audience": pub.Edit.Audience.String()}
		if pub.Edit.Note != "" {
			details["note"] = pub.Edit.Note
		}
		h.title = pub.Title
		if p.From > 0 {
			details["from"] = p.From
			return "article.rolled_back", details, nil
		}
		if p.Due {
			details["scheduled_for"] = h.draft.PublishAt.UTC()
		}
		if _, err := tx.Exec(ctx, sqlDropArticleDraft, id, siteID); err != nil {
			return "", nil, err
		}
		return "article.published", details, nil
	})
	if err == nil {
		a.db.analyze(ctx, chunks)
	}
	return err
}

const sqlScheduleArticle = `
update article_drafts set publish_at = $3, publish_by = $4, publish_note = $5, trouble = '' where article_id = $1 and site_id = $2`

// Schedule gives a draft a time. The job that comes then looks at the draft, so one
// that was given another time meanwhile, or none, comes for nothing.
func (a Articles) Schedule(ctx context.Context, siteID, id string, revision int, at time.Time, note string, by article.Actor) error {
	return a.change(ctx, siteID, id, by, func(tx pgx.Tx, _ string, h *heldArticle) (string, map[string]any, error) {
		if h.draft.Revision != revision {
			return "", nil, errMeanwhile
		}
		at = storable(at)
		if _, err := tx.Exec(ctx, sqlScheduleArticle, id, siteID, at, orNull(by.ID), note); err != nil {
			return "", nil, err
		}
		_, err := a.db.queue.InsertTx(ctx, tx, article.PublishDue{SiteID: siteID, ArticleID: id}, &river.InsertOpts{ScheduledAt: at})
		return "article.scheduled", map[string]any{"at": at.UTC(), "revision": revision}, err
	})
}

const sqlUnscheduleArticle = `
update article_drafts set publish_at = null, publish_by = null, publish_note = '', trouble = $3 where article_id = $1 and site_id = $2`

// Unschedule takes a draft's time away.
func (a Articles) Unschedule(ctx context.Context, siteID, id string, trouble retrieval.Why, by article.Actor) error {
	return a.change(ctx, siteID, id, by, func(tx pgx.Tx, _ string, h *heldArticle) (string, map[string]any, error) {
		if h.draft.PublishAt == nil || trouble != "" && !h.due {
			return "", nil, nil
		}
		_, err := tx.Exec(ctx, sqlUnscheduleArticle, id, siteID, trouble)
		details := map[string]any{"at": h.draft.PublishAt.UTC()}
		if trouble != "" {
			details["reason"] = trouble
			return "article.not_published", details, err
		}
		return "article.unscheduled", details, err
	})
}

const sqlScheduledArticle = `
select coalesce(d.publish_by::text, ''), coalesce(g.name, d.author), d.publish_note, greatest(d.publish_at - now(), interval '0')
from article_drafts d left join agents g on g.id = d.publish_by
where d.article_id = $2 and d.site_id = $1 and d.publish_at is not null`

// Scheduled is who scheduled the draft, and how long it is until then.
func (a Articles) Scheduled(ctx context.Context, siteID, id string) (by article.Actor, note string, in time.Duration, ok bool, err error) {
	if !isID(id) {
		return by, "", 0, false, refuse(article.CodeUnknown)
	}
	err = a.db.pool.QueryRow(ctx, sqlScheduledArticle, siteID, id).Scan(&by.ID, &by.Name, &note, &in)
	if errors.Is(err, pgx.ErrNoRows) {
		return by, "", 0, false, nil
	}
	return by, note, in, err == nil, err
}

const sqlTakeBack = `
update articles set published_version = null, edited_at = now(), updated_at = now() where id = $1 and site_id = $2`

// Unpublish takes an article out of every answer. The next import leaves it so,
// unless its source has changed.
func (a Articles) Unpublish(ctx context.Context, siteID, id string, by article.Actor) error {
	return a.changeIndex(ctx, siteID, id, by, func(tx pgx.Tx, _ string, h *heldArticle) (string, map[string]any, error) {
		if h.published == 0 {
			return "", nil, nil
		}
		if _, err := tx.Exec(ctx, sqlTakeBack, id, siteID); err != nil {
			return "", nil, err
		}
		counts := termCounts{}
		if err := dropChunks(ctx, tx, []string{id}, counts); err != nil {
			return "", nil, err
		}
		return "article.unpublished", map[string]any{"version": h.published}, counts.write(ctx, tx, siteID)
	})
}
