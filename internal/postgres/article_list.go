package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/article"
)

// listedColumns are the filters of a list; every one is off where it is empty.
const listedColumns = `
where a.site_id = $1
and ($2 = '' or ` + stateColumns + ` = $2)
and ($3 = '' or a.locale = $3 or d.locale = $3)
and ($4 = '' or $4 = any(v.tags) or $4 = any(d.tags))
and ($5 = '' or a.source = $5)
and ($6 < 0 or a.audience = $6 or d.audience = $6)
and ($7 = '' or $7 = 'none' and a.owner_id is null or a.owner_id::text = $7)
and (not $8 or ` + dueColumns + `)
and (cardinality($9::text[]) = 0
	or concat_ws(' ', a.slug, v.title, d.title, v.markdown, d.markdown) ilike all($9))`

const sqlListArticles = `
select ` + articleRowColumns + `
from articles a ` + articleJoins + `
left join (
	select c.article_id, count(*) as times
	from cited_articles c
	where $10 = 'answered' and c.site_id = $1 and c.at > now() - make_interval(days => $13)
	group by c.article_id
	union all
	select c.article_id, count(*)
	from (
		select e.turn_id from ratings r
		join events e on e.conversation_id = r.conversation_id and e.seq = r.event_seq
		where $10 = 'failing' and r.score < 0 and r.at > now() - make_interval(days => $13)
		union all
		select distinct e.turn_id from handoffs h
		join events e on e.conversation_id = h.conversation_id and e.seq < h.seq and e.turn_id is not null
		where $10 = 'failing' and h.site_id = $1 and h.created_at > now() - make_interval(days => $13)
	) bad
	join cited_articles c on c.turn_id = bad.turn_id and c.site_id = $1
	group by c.article_id
) s on s.article_id = a.id` + listedColumns + `
order by
	case when $10 in ('answered', 'failing') then coalesce(s.times, 0) end desc,
	case when $10 = 'title' then lower(` + titleColumns + `) end,
	case when $10 = 'age' then coalesce(v.created_at, d.updated_at, a.updated_at) end,
	greatest(a.updated_at, d.updated_at) desc, a.id
limit $11 offset $12`

const sqlCountArticles = `
select count(*) from (
	select from articles a ` + articleJoins + listedColumns + `
	limit 10000) listed`

const sqlArticleCounts = `
select count(*), count(*) filter (where state = 'draft'), count(*) filter (where state = 'published'),
	count(*) filter (where state = 'changed'), count(*) filter (where state = 'scheduled'),
	count(*) filter (where state = 'unpublished'), count(*) filter (where due)
from (
	select ` + stateColumns + ` as state, ` + dueColumns + ` as due
	from articles a left join article_drafts d on d.article_id = a.id
	where a.site_id = $1) stands`

const sqlArticleChoices = `
select
	array(select distinct l from (
		select locale as l from articles where site_id = $1 union select locale from article_drafts where site_id = $1) x order by l limit 200),
	array(select distinct t from (
		select unnest(v.tags) as t from articles a
		join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version) where a.site_id = $1
		union select unnest(tags) from article_drafts where site_id = $1) x order by t limit 500),
	array(select distinct source from articles where site_id = $1 order by source limit 200)`

// List lists articles.
func (a Articles) List(ctx context.Context, siteID string, f article.Filter) (article.Page, error) {
	audience := int16(-1)
	if f.Audience != nil {
		audience = int16(*f.Audience)
	}
	filters := []any{siteID, string(f.State), f.Locale, f.Tag, f.Source, audience, f.Owner, f.Due, wordPatterns(f.Words)}
	var p article.Page
	b := &pgx.Batch{}
	b.Queue(sqlListArticles, append(filters, string(f.Order), f.Limit, f.Offset, article.StatsDays)...).Query(func(rows pgx.Rows) (err error) {
		p.Items, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r article.Row, err error) {
			err = row.Scan(articleRowTargets(&r)...)
			inUTC(&r.UpdatedAt, r.PublishAt)
			return r, err
		})
		return err
	})
	b.Queue(sqlCountArticles, filters...).QueryRow(func(row pgx.Row) error { return row.Scan(&p.Total) })
	b.Queue(sqlArticleCounts, siteID).QueryRow(func(row pgx.Row) error {
		c := &p.Counts
		return row.Scan(&c.All, &c.Draft, &c.Published, &c.Changed, &c.Scheduled, &c.Unpublished, &c.Due)
	})
	b.Queue(sqlArticleChoices, siteID).QueryRow(func(row pgx.Row) error { return row.Scan(&p.Locales, &p.Tags, &p.Sources) })
	if err := a.db.pool.SendBatch(ctx, b).Close(); err != nil {
		return article.Page{}, err
	}
	rows := make([]*article.Row, len(p.Items))
	for i := range p.Items {
		rows[i] = &p.Items[i]
	}
	return p, a.stats(ctx, siteID, rows)
}

// wordPatterns looks for each word anywhere.
func wordPatterns(words string) []string {
	patterns := []string{}
	for _, w := range strings.Fields(words) {
		patterns = append(patterns, "%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(w)+"%")
	}
	return patterns[:min(len(patterns), mostWords)]
}

// mostWords is how many words of a search are looked for.
const mostWords = 10

// Answers are many, verdicts and handoffs few: each is counted by itself, so that
// the planner may begin at the shorter end. An answer is one event.
const sqlArticleStats = `
with cited as materialized (
	select c.article_id, c.turn_id from cited_articles c
	where c.article_id = any($2::uuid[]) and c.site_id = $1 and c.at > now() - make_interval(days => $3)
)
select article_id, sum(answered)::integer, sum(up)::integer, sum(down)::integer, sum(handoffs)::integer
from (
	select article_id, count(*) as answered, 0 as up, 0 as down, 0 as handoffs from cited group by article_id
	union all
	select c.article_id, 0, count(*) filter (where r.score > 0), count(*) filter (where r.score < 0), 0
	from cited c
	join events e on e.turn_id = c.turn_id
	join ratings r on r.conversation_id = e.conversation_id and r.event_seq = e.seq
	group by c.article_id
	union all
	select c.article_id, 0, 0, 0, count(*)
	from cited c
	join events e on e.turn_id = c.turn_id
	where exists (select from handoffs h where h.conversation_id = e.conversation_id and h.seq > e.seq and h.site_id = $1)
	group by c.article_id
) counted
group by article_id`

// stats fills in what became of the answers that rest on articles.
func (a Articles) stats(ctx context.Context, siteID string, list []*article.Row) error {
	of := make(map[string]*article.Row, len(list))
	ids := make([]string, len(list))
	for i, r := range list {
		of[r.ID], ids[i] = r, r.ID
	}
	rows, err := a.db.pool.Query(ctx, sqlArticleStats, siteID, ids, article.StatsDays)
	if err != nil {
		return err
	}
	var id string
	var s article.Stats
	_, err = pgx.ForEachRow(rows, []any{&id, &s.Answered, &s.Up, &s.Down, &s.Handoffs}, func() error {
		of[id].Stats = s
		return nil
	})
	return err
}
