package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/assist/insight"
)

// Insight reads figures; it implements insight.Store.
type Insight struct{ db *DB }

var _ insight.Store = Insight{}

// Insight is the store of figures.
func (db *DB) Insight() Insight { return Insight{db} }

const sqlInsightShop = `
select s.time_zone, s.hours, s.holidays,
	(select min(c.created_at) from conversations c where c.site_id = s.id),
	array(select distinct split_part(lower(c.locale), '-', 1) from conversations c where c.site_id = s.id order by 1)
from sites s where s.id = $1`

// Shop reads a site's hours and what there is to count.
// Errors: assist.CodeUnknownSite.
func (in Insight) Shop(ctx context.Context, siteID string) (insight.Shop, error) {
	var s insight.Shop
	var first *time.Time
	err := in.db.pool.QueryRow(ctx, sqlInsightShop, siteID).Scan(&s.Hours.TimeZone, &s.Hours.Hours, &s.Hours.Holidays, &first, &s.Languages)
	if first != nil {
		s.First = first.UTC()
	}
	return s, orRefuse(err, assist.CodeUnknownSite)
}

// What counts, for each bucket ($9 holds where they begin) and for the whole.
// A conversation counts once in each; where nothing is measured, they are told
// apart by a hash, which takes half as long as sorting them.
const (
	insightAsk = `ask as (` + sqlInsightAsk + `), facts as materialized (`
	countOnly  = `), per as (
	select width_bucket(at, $9::timestamptz[]) as bucket, series, conversation_id, count(*) as n, sum(value) as value
	from facts group by 1, 2, 3
)
select bucket, series, sum(n)::bigint, count(*), null::double precision[], sum(value) from per
where cardinality($9) > 1 group by bucket, series
union all
select 0, series, sum(n)::bigint, count(*), null, sum(value) from (
	select series, conversation_id, sum(n) as n, sum(value) as value from per group by series, conversation_id
) whole group by series`
	countAndMeasure = `)
select coalesce(width_bucket(at, $9::timestamptz[]), 0), series, count(*), count(distinct conversation_id),
	percentile_cont(array[0.25, 0.5, 0.75, 0.95]) within group (order by value), null::double precision
from facts
group by grouping sets ((width_bucket(at, $9::timestamptz[]), series), (series))`
)

// Without room for its hashes a statement writes them to disk.
const sqlRoomToCount = `select set_config('work_mem', '32MB', true)`

const (
	sqlMeasureOutcomes     = `with ` + insightAsk + sqlOutcomeFacts + countOnly
	sqlMeasureTopics       = `with ` + insightAsk + sqlTopicFacts + countOnly
	sqlMeasureConfidence   = `with ` + insightAsk + sqlConfidenceFacts + countAndMeasure
	sqlMeasureFirstAnswers = `with ` + insightAsk + sqlFirstAnswerFacts + countAndMeasure
	sqlMeasureWaits        = `with ` + insightAsk + sqlWaitFacts + countAndMeasure
	sqlMeasureDrafts       = `with ` + insightAsk + sqlDraftFacts + countOnly
	sqlMeasureEdits        = `with ` + insightAsk + sqlEditFacts + countAndMeasure
	sqlMeasureCost         = `with ` + insightAsk + sqlCostFacts + countOnly
	sqlMeasureRatings      = `with ` + insightAsk + sqlRatingFacts + countOnly
	sqlMeasureArticles     = `with ` + insightAsk + sqlArticleFacts + countOnly
)

// What lists. $9 is the series, from $10 until $11.
const listTail = `), found as (
	select conversation_id, max(at) as at, count(*) as n from facts
	where ($9::text = '' or series = $9) and at >= $10 and at < $11
	group by conversation_id
)
select conversation_id, at, n, count(*) over () from found
order by at desc, conversation_id limit $12 offset $13`

const (
	sqlBehindOutcomes     = `with ` + insightAsk + sqlOutcomeFacts + listTail
	sqlBehindTopics       = `with ` + insightAsk + sqlTopicFacts + listTail
	sqlBehindConfidence   = `with ` + insightAsk + sqlConfidenceFacts + listTail
	sqlBehindFirstAnswers = `with ` + insightAsk + sqlFirstAnswerFacts + listTail
	sqlBehindWaits        = `with ` + insightAsk + sqlWaitFacts + listTail
	sqlBehindDrafts       = `with ` + insightAsk + sqlDraftFacts + listTail
	sqlBehindEdits        = `with ` + insightAsk + sqlEditFacts + listTail
	sqlBehindCost         = `with ` + insightAsk + sqlCostFacts + listTail
	sqlBehindRatings      = `with ` + insightAsk + sqlRatingFacts + listTail
	sqlBehindArticles     = `with ` + insightAsk + sqlArticleFacts + listTail
)

var insightStatements = map[insight.Plot]struct{ count, list string }{
	insight.Outcomes:    {sqlMeasureOutcomes, sqlBehindOutcomes},
	insight.Topics:      {sqlMeasureTopics, sqlBehindTopics},
	insight.Confidence:  {sqlMeasureConfidence, sqlBehindConfidence},
	insight.FirstAnswer: {sqlMeasureFirstAnswers, sqlBehindFirstAnswers},
	insight.Wait:        {sqlMeasureWaits, sqlBehindWaits},
	insight.Drafts:      {sqlMeasureDrafts, sqlBehindDrafts},
	insight.Edits:       {sqlMeasureEdits, sqlBehindEdits},
	insight.Cost:        {sqlMeasureCost, sqlBehindCost},
	insight.Ratings:     {sqlMeasureRatings, sqlBehindRatings},
	insight.Articles:    {sqlMeasureArticles, sqlBehindArticles},
}

// arguments are what every plot is asked with, for the time from since until
// until.
func arguments(a insight.Ask, since, until time.Time) []any {
	var from, to []time.Time
	var before []float64
	sum := 0.0
	for _, o := range a.Open {
		from, to, before = append(from, o.From), append(to, o.To), append(before, sum)
		sum += o.To.Sub(o.From).Seconds()
	}
	return []any{a.SiteID, since, until, a.Language, a.AsOf, orEmpty(from), orEmpty(to), orEmpty(before)}
}

// roomy runs a statement with room for its hashes and gives its rows to read.
func (in Insight) roomy(ctx context.Context, read func(pgx.Rows) error, statement string, args []any) error {
	return in.db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(sqlRoomToCount)
		b.Queue(statement, args...).Query(read)
		return runBatch(ctx, tx, b)
	})
}

// Measure counts a plot.
func (in Insight) Measure(ctx context.Context, a insight.Ask) (groups []insight.Group, err error) {
	last := len(a.Bounds) - 1
	err = in.roomy(ctx, func(rows pgx.Rows) error {
		groups, err = pgx.CollectRows(rows, scanGroup)
		return err
	}, insightStatements[a.Plot].count, append(arguments(a, a.Bounds[0], a.Bounds[last]), a.Bounds[:last]))
	return groups, err
}

func scanGroup(row pgx.CollectableRow) (insight.Group, error) {
	var g insight.Group
	var quantiles []*float64
	var sum *float64
	err := row.Scan(&g.Bucket, &g.Series, &g.N, &g.Conversations, &quantiles, &sum)
	if len(quantiles) == 4 {
		g.P25, g.P50, g.P75, g.P95 = quantiles[0], quantiles[1], quantiles[2], quantiles[3]
	}
	if sum != nil && g.Conversations > 0 {
		mean := *sum / float64(g.Conversations)
		g.Mean = &mean
	}
	return g, err
}

// Behind lists the conversations behind a point.
func (in Insight) Behind(ctx context.Context, a insight.Ask, p insight.Point) ([]insight.Found, int, error) {
	found, total, err := in.behind(ctx, a, p)
	if err != nil || len(found) == 0 && p.Offset == 0 {
		return nil, 0, err
	}
	if len(found) == 0 { // a page after the last
		p.Offset, p.Limit = 0, 1
		_, total, err = in.behind(ctx, a, p)
		return nil, total, err
	}
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f.Row.ID
	}
	rows, err := in.db.Inbox().Rows(ctx, a.SiteID, ids)
	if err != nil {
		return nil, 0, err
	}
	of := map[string]inbox.Row{}
	for _, r := range rows {
		of[r.ID] = r
	}
	for i := range found {
		found[i].Row = of[found[i].Row.ID]
	}
	return found, total, nil
}

func (in Insight) behind(ctx context.Context, a insight.Ask, p insight.Point) (found []insight.Found, total int, err error) {
	args := append(arguments(a, p.From, p.To), p.Series, p.From, p.To, p.Limit, p.Offset)
	err = in.roomy(ctx, func(rows pgx.Rows) error {
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f insight.Found, err error) {
			err = row.Scan(&f.Row.ID, &f.At, &f.N, &total)
			f.At = f.At.UTC()
			return f, err
		})
		return err
	}, insightStatements[a.Plot].list, args)
	return found, total, err
}

const sqlInsightTitles = `
select a.id, v.title from articles a
join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
where a.site_id = $1 and a.id = any($2::text[]::uuid[])`

// Titles are those of a site's articles.
func (in Insight) Titles(ctx context.Context, siteID string, ids []string) (map[string]string, error) {
	rows, err := in.db.pool.Query(ctx, sqlInsightTitles, siteID, ids)
	if err != nil {
		return nil, err
	}
	titles := map[string]string{}
	var id, title string
	_, err = pgx.ForEachRow(rows, []any{&id, &title}, func() error {
		titles[id] = title
		return nil
	})
	return titles, err
}
