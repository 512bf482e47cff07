package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/gap"
)

// Gaps keeps what the knowledge base did not answer.
type Gaps struct{ db *DB }

var _ gap.Store = Gaps{}

// Gaps is the database as package gap sees it.
func (db *DB) Gaps() Gaps { return Gaps{db} }

// gapColumnsFrom reads how a gap stands: its article, since when that is published
// with what was drafted for the gap, and who failed after that.
const gapColumnsFrom = `
from gaps g
left join articles a on a.id = g.article_id
left join article_drafts d on d.article_id = a.id
left join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
left join lateral (
	select min(p.created_at) as at from article_versions p
	where a.published_version is not null and p.article_id = a.id and p.created_at >= g.drafted_at
) published on a.id is not null
left join lateral (
	select count(*) as questions, count(distinct q.shopper_id) as shoppers from gap_questions q
	where q.gap_id = g.id and q.at > published.at
) failed on published.at is not null`

// gapStateColumns says it in a word; the 3 is gap.ReopenedBy.
const gapStateColumns = `case
	when g.state = 'dismissed' then 'dismissed'
	when a.id is null then 'open'
	when published.at is null then 'drafted'
	when failed.shoppers >= 3 then 'open'
	else 'closed' end`

const sqlListGaps = `
with stands as (
	select g.id, g.title, g.locale, g.rank, g.last_at, g.questions, ` + gapStateColumns + ` as state ` + gapColumnsFrom + `
	where g.site_id = $1
), fits as (
	select s.* from stands s
	where (s.state = $2 or $2 = '' and s.state <> 'dismissed')
	and ($3 = '' or s.title ilike $3 or exists (select from gap_questions q where q.gap_id = s.id and q.text ilike $3))
	and ($4 = '' or split_part(lower(s.locale), '-', 1) = split_part(lower($4), '-', 1))
	and ($5 = '' or exists (select from gap_questions q where q.gap_id = s.id and q.reason = $5))
)
select
	coalesce((select array_agg(p.id::text order by p.n) from (
		select id, row_number() over (order by case $6
			when 'recent' then extract(epoch from last_at)::double precision
			when 'size' then questions
			else rank end desc, id) as n
		from fits) p where p.n > $8 and p.n <= $8 + $7), '{}'),
	(select count(*) from (select from fits limit 10000) most),
	count(*) filter (where state = 'open'), count(*) filter (where state = 'drafted'),
	count(*) filter (where state = 'closed'), count(*) filter (where state = 'dismissed'),
	(select count(*) from (select from gap_questions where site_id = $1 and gap_id is null limit 10000) waiting)
from stands`

// A day is one of the shop's. Answers that rest on the article count unless they
// are among the questions that failed.
const sqlGaps = `
select g.id, g.title, g.locale, ` + gapStateColumns + `, g.questions, g.shoppers, g.first_at, g.last_at,
	coalesce(failed.shoppers >= 3 and g.state <> 'dismissed', false),
	coalesce((select jsonb_object_agg(r.reason, r.n) from (
		select q.reason, count(*) as n from gap_questions q where q.gap_id = g.id group by q.reason) r), '{}'),
	(select count(*) from gap_questions q where q.gap_id = g.id and q.at > now() - interval '7 days'),
	array(select (select count(*) from gap_questions q where q.gap_id = g.id
			and q.at >= (today.day - n) at time zone s.time_zone and q.at < (today.day - n + 1) at time zone s.time_zone)::integer
		from generate_series(13, 0, -1) n order by n desc),
	coalesce(a.id::text, ''), coalesce(d.title, v.title, ''),
	case
		when d.publish_at is not null then 'scheduled'
		when a.published_version is not null and d.article_id is not null then 'changed'
		when a.published_version is not null then 'published'
		when a.last_version > 0 then 'unpublished'
		else 'draft' end,
	published.at is not null, coalesce(failed.questions, 0),
	(select count(*) from cited_articles c
		join turns t on t.id = c.turn_id
		where published.at is not null and c.article_id = a.id and c.at > published.at
		and not exists (select from gap_questions q where q.conversation_id = t.conversation_id and q.seq = t.question_seq))
` + gapColumnsFrom + `
join sites s on s.id = g.site_id
cross join lateral (select (now() at time zone s.time_zone)::date::timestamp as start) as midnight
cross join lateral (select midnight.start::date as day) as today
where g.site_id = $1 and g.id = any($2::uuid[])`

func scanGap(row pgx.Row) (gap.Gap, error) {
	var g gap.Gap
	var a gap.Closing
	var published bool
	var s gap.Since
	err := row.Scan(&g.ID, &g.Title, &g.Locale, &g.State, &g.Questions, &g.Shoppers, &g.FirstAt, &g.LastAt, &g.Reopened,
		&g.Reasons, &g.LastWeek, &g.Trend, &a.ID, &a.Title, &a.State, &published, &s.Asked, &s.Answered)
	if err != nil {
		return gap.Gap{}, orRefuse(err, gap.CodeUnknown)
	}
	g.FirstAt, g.LastAt = g.FirstAt.UTC(), g.LastAt.UTC()
	if a.ID != "" {
		g.Article = &a
	}
	if published {
		s.Asked += s.Answered
		g.Since = &s
	}
	return g, nil
}

// likePattern finds words that follow each other, whatever signs they hold.
func likePattern(words string) string {
	words = strings.Join(strings.Fields(words), " ")
	if words == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(words) + "%"
}

// List lists gaps.
func (s Gaps) List(ctx context.Context, siteID string, f gap.Filter) (gap.Page, error) {
	var p gap.Page
	var ids []string
	c := &p.Counts
	words := strings.ToValidUTF8(strings.ReplaceAll(f.Words, "\x00", ""), "")
	err := s.db.pool.QueryRow(ctx, sqlListGaps, siteID, f.State, likePattern(words), f.Locale, f.Reason, f.Order, f.Limit, f.Offset).
		Scan(&ids, &p.Total, &c.Open, &c.Drafted, &c.Closed, &c.Dismissed, &p.Waiting)
	if err != nil {
		return gap.Page{}, err
	}
	rows, err := s.db.pool.Query(ctx, sqlGaps, siteID, ids)
	if err != nil {
		return gap.Page{}, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (gap.Gap, error) { return scanGap(row) })
	if err != nil {
		return gap.Page{}, err
	}
	at := map[string]gap.Gap{}
	for _, g := range list {
		at[g.ID] = g
	}
	for _, id := range ids {
		if g, there := at[id]; there { // one may be gone meanwhile
			p.Items = append(p.Items, g)
		}
	}
	return p, nil
}

// Gap reads one.
func (s Gaps) Gap(ctx context.Context, siteID, id string) (gap.Gap, error) {
	if !isID(id) {
		return gap.Gap{}, refuse(gap.CodeUnknown)
	}
	return scanGap(s.db.pool.QueryRow(ctx, sqlGaps, siteID, []string{id}))
}

const sqlGapExists = `select count(*) from gap_questions q
right join gaps g on g.id = q.gap_id
where g.id = $2 and g.site_id = $1
group by g.id`

const sqlQuestionsOfGap = `
select q.id, q.conversation_id, q.seq, q.text, q.at, q.locale, q.reason, q.confidence
from gap_questions q
where q.site_id = $1 and q.gap_id = $2
order by q.at desc, q.id desc
limit $3 offset $4`

// Questions lists a gap's questions, the newest first.
func (s Gaps) Questions(ctx context.Context, siteID, id string, limit, offset int) ([]gap.Unanswered, int, error) {
	if !isID(id) {
		return nil, 0, refuse(gap.CodeUnknown)
	}
	var total int
	if err := s.db.pool.QueryRow(ctx, sqlGapExists, siteID, id).Scan(&total); err != nil {
		return nil, 0, orRefuse(err, gap.CodeUnknown)
	}
	rows, err := s.db.pool.Query(ctx, sqlQuestionsOfGap, siteID, id, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (q gap.Unanswered, err error) {
		err = row.Scan(&q.ID, &q.ConversationID, &q.Seq, &q.Text, &q.At, &q.Locale, &q.Reason, &q.Confidence)
		q.At = q.At.UTC()
		return q, err
	})
	return list, min(total, 10_000), err
}

// Notes are for agents: what shoppers were sent counts alone, the first three
// messages after a question.
const sqlRepliesToGap = `
select distinct on (r.at, r.conversation_id, r.seq) r.conversation_id, r.seq, r.text, r.author_name, r.at, c.locale,
	array_remove(array[p.name] || array(select distinct e.author_name from events e
		where e.conversation_id = c.id and e.author_kind = 'agent'), '')
from (select q.conversation_id, q.seq from gap_questions q
	where q.site_id = $1 and q.gap_id = $2 order by q.at desc limit 1000) q
join conversations c on c.id = q.conversation_id and c.site_id = $1
join shoppers p on p.id = c.shopper_id
cross join lateral (
	select e.* from events e
	where e.conversation_id = q.conversation_id and e.kind = 'message' and e.author_kind = 'agent' and e.seq > q.seq
	order by e.seq limit 3
) r
order by r.at desc, r.conversation_id, r.seq
limit $3`

// Replies lists what agents wrote to shoppers after a gap's questions.
func (s Gaps) Replies(ctx context.Context, siteID, id string, limit int) ([]gap.SentReply, error) {
	if !isID(id) {
		return nil, refuse(gap.CodeUnknown)
	}
	rows, err := s.db.pool.Query(ctx, sqlRepliesToGap, siteID, id, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r gap.SentReply, err error) {
		err = row.Scan(&r.ConversationID, &r.Seq, &r.Text, &r.By, &r.At, &r.Locale, &r.Names)
		r.At = r.At.UTC()
		return r, err
	})
}

const sqlSaidBefore = `
select * from (
	select ` + eventColumns + `
	from events e
	join conversations c on c.id = e.conversation_id
	where c.site_id = $1 and e.conversation_id = $2 and e.kind = 'message' and e.seq < $3
	order by e.seq desc limit $4
) newest order by seq`

// History reads what was said before a question.
func (s Gaps) History(ctx context.Context, siteID, conversationID string, before int64, limit int) ([]assist.Event, error) {
	rows, err := s.db.pool.Query(ctx, sqlSaidBefore, siteID, conversationID, before, limit)
	if err != nil {
		return nil, err
	}
	return collectEvents(rows)
}

const sqlWrittenOfArticle = `
select a.id, coalesce(d.revision, 0), coalesce(d.title, v.title), coalesce(d.markdown, v.markdown),
	coalesce(d.tags, v.tags), coalesce(d.url, v.url), coalesce(nullif(d.slug, ''), a.slug), coalesce(d.locale, a.locale), coalesce(d.audience, a.audience)
from articles a
left join article_drafts d on d.article_id = a.id
left join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
where a.site_id = $1 and a.id = $2 and (d.article_id is not null or v.article_id is not null)`

// ArticleText reads what is written of an article.
func (s Gaps) ArticleText(ctx context.Context, siteID, articleID string, revision int) (gap.Text, error) {
	if !isID(articleID) {
		return gap.Text{}, refuse(gap.CodeUnknownArticle)
	}
	var t gap.Text
	err := s.db.pool.QueryRow(ctx, sqlWrittenOfArticle, siteID, articleID).
		Scan(&t.ArticleID, &t.Revision, &t.Title, &t.Markdown, &t.Tags, &t.URL, &t.Slug, &t.Locale, &t.Audience)
	if err != nil {
		return gap.Text{}, orRefuse(err, gap.CodeUnknownArticle)
	}
	if revision > 0 && revision != t.Revision {
		return gap.Text{}, refuse(gap.CodeNoDraft)
	}
	return t, nil
}

// ReserveArticle sets aside what a call may cost.
func (s Gaps) ReserveArticle(ctx context.Context, siteID string, amount, daily int64) (day time.Time, ok bool, err error) {
	err = s.db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(sqlMakeBudget, siteID)
		b.Queue(sqlReserveForArticle, siteID, amount, daily).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&day)
			ok = err == nil
			return ignoreNoRows(err)
		})
		return runBatch(ctx, tx, b)
	})
	return day, ok && err == nil, err
}

const sqlReserveForArticle = sqlReserve + ` returning day`

// SettleArticle gives back what was reserved and counts what was spent.
func (s Gaps) SettleArticle(ctx context.Context, siteID string, reserved int64, day time.Time, calls []assist.CallRecord) error {
	return s.db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		var cost int64
		for _, u := range byModel(calls) {
			b.Queue(sqlAddUsage, siteID, u.model, u.calls, u.promptTokens, u.completionTokens, u.cost)
			cost += u.cost
		}
		b.Queue(sqlReleaseBudget, siteID, day, reserved)
		if cost > 0 {
			b.Queue(sqlSpendBudget, siteID, cost)
		}
		return runBatch(ctx, tx, b)
	})
}
