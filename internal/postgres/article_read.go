package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/article"
)

// An article is known by the text that is published, else by the one that is being
// written, else by the last that was.
const sqlWholeArticle = `
select a.key, a.edited_at, ` + articleRowColumns + `
from articles a ` + articleJoins + `
where a.id = $2 and a.site_id = $1`

const articleJoins = `
left join article_drafts d on d.article_id = a.id
left join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
left join agents g on g.id = a.owner_id`

// stateColumns is one column: how an article stands.
const stateColumns = `case
	when d.publish_at is not null then 'scheduled'
	when a.published_version is not null and d.article_id is not null then 'changed'
	when a.published_version is not null then 'published'
	when a.last_version > 0 then 'unpublished'
	else 'draft' end`

// titleColumns is one column: what an article is called.
const titleColumns = `coalesce(case when a.published_version is not null then v.title end, d.title, v.title, a.slug)`

const dueColumns = `coalesce(a.review_on <= current_date, false)`

const articleRowColumns = `a.id, ` + titleColumns + `, a.slug,
	case when a.published_version is null then coalesce(d.locale, a.locale) else a.locale end, ` + stateColumns + `,
	case when a.published_version is null then coalesce(d.audience, a.audience) else a.audience end,
	coalesce(case when a.published_version is null then d.tags end, v.tags, '{}'), coalesce(v.url, ''), a.source,
	coalesce(a.owner_id::text, ''), coalesce(g.name, ''), coalesce(a.review_on::text, ''), ` + dueColumns + `,
	coalesce(a.published_version, 0), greatest(a.updated_at, d.updated_at),
	case when d.updated_at > a.updated_at then d.author else coalesce(v.author, '') end, d.publish_at`

func articleRowTargets(r *article.Row) []any {
	return []any{&r.ID, &r.Title, &r.Slug, &r.Locale, &r.State, &r.Audience, &r.Tags, &r.URL, &r.Source, &r.OwnerID, &r.Owner, &r.ReviewOn, &r.Due,
		&r.Version, &r.UpdatedAt, &r.UpdatedBy, &r.PublishAt}
}

// The version that is published, or the last one.
const sqlLastVersion = `
select v.version, v.title, v.markdown, v.tags, v.url, v.created_at, v.author, v.note, v.version = coalesce(a.published_version, 0)
from articles a
join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
where a.id = $2 and a.site_id = $1`

const sqlGapOfArticle = `
select id, title from gaps where article_id = $2 and site_id = $1 order by created_at, id limit 1`

// Article reads one.
func (a Articles) Article(ctx context.Context, siteID, id string) (article.Article, error) {
	if !isID(id) {
		return article.Article{}, refuse(article.CodeUnknown)
	}
	var w article.Article
	var last article.Version
	b := &pgx.Batch{}
	b.Queue(sqlWholeArticle, siteID, id).QueryRow(func(row pgx.Row) error {
		return orRefuse(row.Scan(append([]any{&w.Key, &w.EditedAt}, articleRowTargets(&w.Row)...)...), article.CodeUnknown)
	})
	b.Queue(sqlArticleDraft, siteID, id).QueryRow(func(row pgx.Row) error {
		var by string
		var due bool
		return orNothing(row.Scan(append(articleDraftTargets(&w.Draft), &by, &due)...))
	})
	b.Queue(sqlLastVersion, siteID, id).QueryRow(func(row pgx.Row) error { return orNothing(row.Scan(versionTargets(&last)...)) })
	b.Queue(sqlGapOfArticle, siteID, id).QueryRow(func(row pgx.Row) error {
		var g article.Gap
		if err := row.Scan(&g.ID, &g.Title); err != nil {
			return orNothing(err)
		}
		w.Gap = &g
		return nil
	})
	if err := a.db.pool.SendBatch(ctx, b).Close(); err != nil {
		return article.Article{}, err
	}
	if w.Draft.Revision == 0 {
		w.Draft = article.Draft{BaseVersion: last.Version, UpdatedAt: last.At, By: last.By, Text: article.Text{Title: last.Title,
			Markdown: last.Markdown, Tags: last.Tags, URL: last.URL, Slug: w.Slug, Locale: w.Locale, Audience: w.Audience}}
		if last.Version == 0 {
			w.Draft.UpdatedAt = w.UpdatedAt
		}
	}
	inUTC(&w.UpdatedAt, &w.Draft.UpdatedAt, w.PublishAt, w.Draft.PublishAt, w.EditedAt, &last.At)
	if last.Published {
		w.Published = &last
	}
	return w, a.stats(ctx, siteID, []*article.Row{&w.Row})
}

// inUTC gives times their form on the wire.
func inUTC(times ...*time.Time) {
	for _, t := range times {
		if t != nil {
			*t = t.UTC()
		}
	}
}

func versionTargets(v *article.Version) []any {
	return []any{&v.Version, &v.Title, &v.Markdown, &v.Tags, &v.URL, &v.At, &v.By, &v.Note, &v.Published}
}

const sqlArticleThere = `select exists (select from articles where id = $2 and site_id = $1)`

const sqlArticleVersions = `
select v.version, v.title, '', '{}'::text[], '', v.created_at, v.author, v.note, v.version = coalesce(a.published_version, 0)
from articles a join article_versions v on v.article_id = a.id
where a.id = $2 and a.site_id = $1
order by v.version desc limit $3`

// Versions lists the newest versions, without their texts.
func (a Articles) Versions(ctx context.Context, siteID, id string, limit int) ([]article.Version, error) {
	if !isID(id) {
		return nil, refuse(article.CodeUnknown)
	}
	var there bool
	var list []article.Version
	b := &pgx.Batch{}
	b.Queue(sqlArticleThere, siteID, id).QueryRow(func(row pgx.Row) error { return row.Scan(&there) })
	b.Queue(sqlArticleVersions, siteID, id, limit).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (v article.Version, err error) {
			err = row.Scan(versionTargets(&v)...)
			inUTC(&v.At)
			return v, err
		})
		return err
	})
	if err := a.db.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	if !there {
		return nil, refuse(article.CodeUnknown)
	}
	return list, nil
}

const sqlArticleVersion = `
select v.version, v.title, v.markdown, v.tags, v.url, v.created_at, v.author, v.note, v.version = coalesce(a.published_version, 0)
from articles a join article_versions v on v.article_id = a.id and v.version = $3
where a.id = $2 and a.site_id = $1`

// Version reads one.
func (a Articles) Version(ctx context.Context, siteID, id string, version int) (article.Version, error) {
	if !isID(id) {
		return article.Version{}, refuse(article.CodeUnknown)
	}
	var v article.Version
	err := a.db.pool.QueryRow(ctx, sqlArticleVersion, siteID, id, version).Scan(versionTargets(&v)...)
	inUTC(&v.At)
	return v, orRefuse(err, article.CodeUnknownVersion)
}
