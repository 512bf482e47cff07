package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

// What the help centre shows is everybody's: every statement here asks for
// audience 0, and for a published version.

const articleColumns = `a.id, v.version, a.slug, v.title, a.locale, v.url`

func scanShown(row pgx.CollectableRow) (a retrieval.Article, err error) {
	err = row.Scan(&a.ID, &a.Version, &a.Slug, &a.Title, &a.Locale, &a.URL)
	return a, err
}

const sqlShelf = `
select locale, count(*), sum(published_version),
	coalesce((select max(updated_at) from articles where site_id = $1), 'epoch')
from articles
where site_id = $1 and audience = 0 and published_version is not null
group by locale
order by count(*) desc, locale`

// Shelf tells what a site's help centre holds. Its stamp counts articles and
// versions, since the times of transactions do not tell which came last.
func (db *DB) Shelf(ctx context.Context, siteID string) (help.Shelf, error) {
	rows, err := db.pool.Query(ctx, sqlShelf, siteID)
	if err != nil {
		return help.Shelf{}, err
	}
	var s help.Shelf
	var locale string
	var articles int
	var versions int64
	var changed time.Time
	_, err = pgx.ForEachRow(rows, []any{&locale, &articles, &versions, &changed}, func() error {
		s.Locales = append(s.Locales, locale)
		s.Articles += articles
		s.ChangedAt = changed
		s.Stamp += fmt.Sprintf("%s %d %d ", locale, articles, versions)
		return nil
	})
	s.Stamp += s.ChangedAt.UTC().Format(time.RFC3339Nano)
	return s, err
}

// The locale asked for comes first, then its language, then the site's own.
const sqlArticleBySlug = `
select ` + articleColumns + `, v.tags, v.markdown, v.created_at, array(
	select o.locale from articles o
	where o.site_id = $1 and o.slug = $3 and o.audience = 0 and o.published_version is not null
	order by o.locale)
from articles a
join article_versions v on v.article_id = a.id and v.version = a.published_version
join sites s on s.id = a.site_id
where a.site_id = $1 and a.slug = $3 and a.audience = 0
order by a.locale = $2 desc, split_part(a.locale, '-', 1) = split_part($2, '-', 1) desc,
	a.locale = s.locale desc, a.locale
limit 1`

// ArticleBySlug finds an article for a reader; where the locale has none of that
// slug, another locale's. It reports false where there is none.
func (db *DB) ArticleBySlug(ctx context.Context, siteID, locale, slug string) (help.Article, bool, error) {
	rows, err := db.pool.Query(ctx, sqlArticleBySlug, siteID, locale, slug)
	if err != nil {
		return help.Article{}, false, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a help.Article, err error) {
		err = row.Scan(&a.ID, &a.Version, &a.Slug, &a.Title, &a.Locale, &a.URL, &a.Tags, &a.Markdown, &a.UpdatedAt, &a.Locales)
		return a, err
	})
	if err != nil || len(found) == 0 {
		return help.Article{}, false, err
	}
	return found[0], true, nil
}

const sqlFormerSlug = `
select ` + articleColumns + `
from article_slugs f
join articles a on a.id = f.article_id and a.site_id = f.site_id
join article_versions v on v.article_id = a.id and v.version = a.published_version
where f.site_id = $1 and f.slug = $3 and a.audience = 0
order by f.locale = $2 desc, split_part(f.locale, '-', 1) = split_part($2, '-', 1) desc, f.at desc
limit 1`

// FormerSlug finds the article that had a slug before. It reports false where
// there was none.
func (db *DB) FormerSlug(ctx context.Context, siteID, locale, slug string) (retrieval.Article, bool, error) {
	rows, err := db.pool.Query(ctx, sqlFormerSlug, siteID, locale, slug)
	if err != nil {
		return retrieval.Article{}, false, err
	}
	found, err := pgx.CollectRows(rows, scanShown)
	if err != nil || len(found) == 0 {
		return retrieval.Article{}, false, err
	}
	return found[0], true, nil
}

const shelvedArticles = `
from articles a
join article_versions v on v.article_id = a.id and v.version = a.published_version
where a.site_id = $1 and a.audience = 0 and ($2 = '' or a.locale = $2)
	and ($3 = '' or $3 = any(v.tags)) and (not $4 or v.tags <@ '{""}')`

// By title, without marks on letters: Ä stands with A.
const sqlArticleList = `
select ` + articleColumns + shelvedArticles + `
order by regexp_replace(normalize(lower(v.title), nfd), '[\u0300-\u036f]', '', 'g'), a.id
limit $5 offset $6`

const sqlArticleCount = `
select count(*)` + shelvedArticles

// ArticleList lists articles by title and counts all that there are.
func (db *DB) ArticleList(ctx context.Context, siteID string, f help.Filter, limit, offset int) ([]retrieval.Article, int, error) {
	var list []retrieval.Article
	var total int
	b := &pgx.Batch{}
	b.Queue(sqlArticleList, siteID, f.Locale, f.Tag, f.Untagged, limit, offset).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, scanShown)
		return err
	})
	b.Queue(sqlArticleCount, siteID, f.Locale, f.Tag, f.Untagged).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	err := db.pool.SendBatch(ctx, b).Close()
	return list, total, err
}

// A tag that an article has twice counts once.
const sqlTopics = `
select tag, count(distinct a.id) as articles
from articles a
join article_versions v on v.article_id = a.id and v.version = a.published_version
cross join lateral unnest(case when v.tags <@ '{""}' then '{""}' else array_remove(v.tags, '') end) tag
where a.site_id = $1 and a.audience = 0 and a.locale = $2
group by tag
order by tag = '', count(distinct a.id) desc, tag
limit $3`

// Topics counts a locale's articles by tag, the largest topic first and the
// articles without a tag last.
func (db *DB) Topics(ctx context.Context, siteID, locale string, limit int) ([]help.Topic, error) {
	rows, err := db.pool.Query(ctx, sqlTopics, siteID, locale, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t help.Topic, err error) {
		err = row.Scan(&t.Tag, &t.Articles)
		return t, err
	})
}

const sqlMostRead = `
select ` + articleColumns + `
from (select article_id, count(*) as answers from cited_articles
	where site_id = $1 and at > $3 group by article_id) c
join articles a on a.id = c.article_id and a.site_id = $1
join article_versions v on v.article_id = a.id and v.version = a.published_version
where a.audience = 0 and a.locale = $2
order by c.answers desc, lower(v.title), a.id
limit $4`

// MostRead lists the articles of a locale on which most answers rest since a
// time.
func (db *DB) MostRead(ctx context.Context, siteID, locale string, since time.Time, limit int) ([]retrieval.Article, error) {
	rows, err := db.pool.Query(ctx, sqlMostRead, siteID, locale, since, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanShown)
}

const sqlShown = `
select ` + articleColumns + `
from articles a
join article_versions v on v.article_id = a.id and v.version = a.published_version
where a.site_id = $1 and a.audience = 0 and a.id = any($2)`

// Shown gives, of the articles by id, those that everybody may read now, in any
// order.
func (db *DB) Shown(ctx context.Context, siteID string, ids []string) ([]retrieval.Article, error) {
	rows, err := db.pool.Query(ctx, sqlShown, siteID, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanShown)
}

const sqlPlaces = `
select slug, locale, created_at, locales
from (select a.id, a.slug, a.locale, v.created_at, array_agg(a.locale) over (partition by a.slug) as locales
	from articles a
	join article_versions v on v.article_id = a.id and v.version = a.published_version
	where a.site_id = $1 and a.audience = 0) p
order by id
limit $2 offset $3`

// Places lists a site's articles, in an order that new ones do not change, for
// its sitemap.
func (db *DB) Places(ctx context.Context, siteID string, limit, offset int) ([]help.Place, error) {
	rows, err := db.pool.Query(ctx, sqlPlaces, siteID, limit, offset)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p help.Place, err error) {
		err = row.Scan(&p.Slug, &p.Locale, &p.UpdatedAt, &p.Locales)
		return p, err
	})
}

const sqlSitesWithHelp = `
select s.key from sites s
where exists (select from articles a where a.site_id = s.id and a.audience = 0 and a.published_version is not null)
order by s.is_default desc, s.key
limit $1`

// SitesWithHelp lists the keys of sites that have something to read, the default
// one first.
func (db *DB) SitesWithHelp(ctx context.Context, limit int) ([]string, error) {
	rows, err := db.pool.Query(ctx, sqlSitesWithHelp, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
