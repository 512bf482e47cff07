package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/assist/gap"
)

func ignoreNoRows(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

const sqlSitesToSort = `select distinct site_id::text from gap_questions where gap_id is null order by 1`

// SitesToSort lists sites with questions that are not put with their like.
func (s Gaps) SitesToSort(ctx context.Context) ([]string, error) {
	rows, err := s.db.pool.Query(ctx, sqlSitesToSort)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const sqlUnsorted = `
select id, text, locale from gap_questions where site_id = $1 and gap_id is null order by id limit $2`

// Unsorted lists questions that are not put with their like.
func (s Gaps) Unsorted(ctx context.Context, siteID string, limit int) ([]gap.Fresh, error) {
	rows, err := s.db.pool.Query(ctx, sqlUnsorted, siteID, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanFresh)
}

func scanFresh(row pgx.CollectableRow) (q gap.Fresh, err error) {
	err = row.Scan(&q.ID, &q.Text, &q.Locale)
	return q, err
}

const sqlStaleVectors = `
select id, text, locale from gap_questions
where site_id = $1 and gap_id is not null and embedder <> $2 order by at desc limit $3`

// Stale lists questions whose vectors are another embedder's.
func (s Gaps) Stale(ctx context.Context, siteID, embedder string, limit int) ([]gap.Fresh, error) {
	rows, err := s.db.pool.Query(ctx, sqlStaleVectors, siteID, embedder, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanFresh)
}

const sqlSaveQuestionVector = `
update gap_questions set embedder = $3, embedding = $4 where id = $2 and site_id = $1`

// SaveVectors stores vectors of questions.
func (s Gaps) SaveVectors(ctx context.Context, siteID, embedder string, questions []gap.Fresh) error {
	return s.db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		for _, q := range questions {
			b.Queue(sqlSaveQuestionVector, siteID, q.ID, embedder, pgvector.NewHalfVector(q.Vector))
		}
		return runBatch(ctx, tx, b)
	})
}

const sqlMakeGapSite = `insert into gap_sites (site_id) values ($1) on conflict do nothing`

const sqlLockGapSite = `select refined from gap_sites where site_id = $1 for update`

// sorted runs f while nobody else changes which gap a site's questions are in,
// but for questions that are forgotten.
func (s Gaps) sorted(ctx context.Context, siteID string, f func(pgx.Tx) error) error {
	return s.db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(sqlMakeGapSite, siteID)
		b.Queue(sqlLockGapSite, siteID)
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		return f(tx)
	})
}

const sqlLockUnsorted = `
select locale from gap_questions where id = $2 and site_id = $1 and gap_id is null for update`

// Vectors have length 1, so their inner product is the cosine, in a third of the
// time.
const sqlNearQuestions = `
select near.gap_id::text, near.text, near.cosine, g.texts from (
	select q.gap_id, q.text, -(q.embedding <#> $3) as cosine
	from gap_questions q
	where q.site_id = $1 and q.embedder = $2 and q.gap_id is not null
	and split_part(lower(q.locale), '-', 1) = $4
	order by q.embedding <#> $3, q.id limit 40
) near
join gaps g on g.id = near.gap_id
order by near.cosine desc`

const sqlMakeGap = `insert into gaps (id, site_id, locale, title, pinned) values ($1, $2, $3, $4, $5)`

const sqlPlaceQuestion = `
update gap_questions set gap_id = $3, embedder = $4, embedding = $5 where id = $2 and site_id = $1`

// Place puts new questions with their like.
func (s Gaps) Place(ctx context.Context, siteID, embedder string, questions []gap.Fresh, choose func([]gap.Neighbour) string) error {
	return s.sorted(ctx, siteID, func(tx pgx.Tx) error {
		more := map[string]int{} // texts that are not counted yet
		for _, q := range questions {
			vector := pgvector.NewHalfVector(q.Vector)
			var waits bool
			var near []gap.Neighbour
			b := &pgx.Batch{}
			b.Queue(sqlLockUnsorted, siteID, q.ID).QueryRow(func(row pgx.Row) error {
				var locale string
				err := row.Scan(&locale)
				waits = err == nil
				return ignoreNoRows(err)
			})
			b.Queue(sqlNearQuestions, siteID, embedder, vector, gap.LanguageOf(q.Locale)).Query(func(rows pgx.Rows) (err error) {
				near, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (n gap.Neighbour, err error) {
					err = row.Scan(&n.GapID, &n.Text, &n.Cosine, &n.GapTexts)
					n.GapTexts += more[n.GapID]
					return n, err
				})
				return err
			})
			if err := runBatch(ctx, tx, b); err != nil {
				return err
			}
			if !waits {
				continue
			}
			b = &pgx.Batch{}
			to := choose(near)
			if to == "" {
				var err error
				if to, err = newID(); err != nil {
					return err
				}
				b.Queue(sqlMakeGap, to, siteID, q.Locale, q.Text, false)
			}
			more[to]++
			b.Queue(sqlPlaceQuestion, siteID, q.ID, to, embedder, vector)
			if err := runBatch(ctx, tx, b); err != nil {
				return err
			}
		}
		return recountGaps(ctx, tx, siteID, keys(more))
	})
}

func keys(m map[string]int) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// Halves of 14 days are gap.HalfLife. Shoppers weigh by when they asked last; the
// sum is kept as its logarithm, from a fixed day on. The title is the question in
// the middle of the newest, where it can be: short, and with nothing taken out.
const sqlRecountGaps = `
update gaps g set
	questions = c.questions, shoppers = c.shoppers, texts = c.texts, rank = coalesce(c.rank, 0),
	first_at = coalesce(c.first_at, g.first_at), last_at = coalesce(c.last_at, g.last_at),
	locale = coalesce(c.locale, g.locale),
	title = case when g.named then g.title else coalesce(m.text, g.title) end
from (select id from gaps where site_id = $1 and id = any($2::uuid[]) order by id for update) touched
cross join lateral (
	select coalesce(sum(n), 0) as questions, count(*) as shoppers, min(first_at) as first_at, max(last_at) as last_at,
		(select count(distinct lower(q.text)) from gap_questions q where q.gap_id = touched.id) as texts,
		(select mode() within group (order by q.locale) from gap_questions q where q.gap_id = touched.id) as locale,
		ln(sum(power(2::double precision, extract(epoch from last_at - timestamptz '2026-01-01 00:00:00+00')::double precision / (14 * 86400)))) as rank
	from (select count(*) as n, min(q.at) as first_at, max(q.at) as last_at
		from gap_questions q where q.gap_id = touched.id group by q.shopper_id) by_shopper
) c
left join lateral (
	with newest as materialized (
		select q.id, q.text, q.embedding from gap_questions q
		where q.gap_id = touched.id and q.embedding is not null
		and q.embedder = (select e.embedder from gap_questions e where e.gap_id = touched.id and e.embedding is not null order by e.at desc, e.id desc limit 1)
		order by q.at desc, q.id desc limit 100
	)
	select n.text from newest n
	order by (n.embedding <=> (select avg(o.embedding) from newest o))
		+ case when n.text like '%[%' then 0.15 else 0 end
		+ greatest(0, char_length(n.text) - 90) / 300.0
		+ case when char_length(n.text) < 12 then 0.1 else 0 end, n.id
	limit 1
) m on not exists (select from gaps named where named.id = touched.id and named.named)
where g.id = touched.id`

const sqlEndEmptyGaps = `
delete from gaps where site_id = $1 and id = any($2::uuid[]) and questions = 0 and article_id is null`

// recountGaps counts what is in gaps, gives them their titles, and ends those that
// hold nothing.
func recountGaps(ctx context.Context, tx pgx.Tx, siteID string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	b.Queue(sqlRecountGaps, siteID, ids)
	b.Queue(sqlEndEmptyGaps, siteID, ids)
	return runBatch(ctx, tx, b)
}

const sqlGrown = `
select (select count(*) from gap_questions where site_id = $1 and gap_id is not null),
	coalesce((select refined from gap_sites where site_id = $1), 0)`

// Grown counts a site's sorted questions, now and when all were looked at.
func (s Gaps) Grown(ctx context.Context, siteID string) (now, then int, err error) {
	err = s.db.pool.QueryRow(ctx, sqlGrown, siteID).Scan(&now, &then)
	return now, then, err
}

const sqlSortedQuestions = `
select q.id, q.gap_id::text, q.text, q.locale, g.pinned or g.article_id is not null or g.state = 'dismissed', q.embedding::vector
from gap_questions q
join gaps g on g.id = q.gap_id
where q.site_id = $1 and q.embedder = $2
order by q.at desc, q.id desc limit $3`

// Sorted reads the newest questions of a site's gaps.
func (s Gaps) Sorted(ctx context.Context, siteID, embedder string, limit int) ([]gap.Member, error) {
	rows, err := s.db.pool.Query(ctx, sqlSortedQuestions, siteID, embedder, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m gap.Member, err error) {
		var v pgvector.Vector
		err = row.Scan(&m.ID, &m.GapID, &m.Text, &m.Locale, &m.Pinned, &v)
		m.Vector = v.Slice()
		return m, err
	})
}

const sqlMakeGapOf = `
insert into gaps (id, site_id, locale, title)
select $3, q.site_id, q.locale, q.text from gap_questions q where q.id = $2 and q.site_id = $1`

const sqlResort = `
update gap_questions q set gap_id = m.goes
from unnest($2::bigint[], $3::uuid[], $4::uuid[]) as m (id, came, goes)
join gaps f on f.id = m.came and not (f.pinned or f.article_id is not null or f.state = 'dismissed')
join gaps t on t.id = m.goes and t.site_id = $1
where q.id = m.id and q.site_id = $1 and q.gap_id = m.came`

const sqlNoteRefined = `
update gap_sites set refined_at = now(),
	refined = (select count(*) from gap_questions where site_id = $1 and gap_id is not null)
where site_id = $1`

// Resort moves questions that still are where they were.
func (s Gaps) Resort(ctx context.Context, siteID string, moves []gap.Resorted) error {
	return s.sorted(ctx, siteID, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		made, touched := map[int]string{}, map[string]int{}
		var ids []int64
		var from, to []string
		for _, m := range moves {
			goes := m.To
			if goes == "" {
				if made[m.New] == "" {
					id, err := newID()
					if err != nil {
						return err
					}
					made[m.New] = id
					b.Queue(sqlMakeGapOf, siteID, m.ID, id)
				}
				goes = made[m.New]
			}
			touched[m.From]++
			touched[goes]++
			ids, from, to = append(ids, m.ID), append(from, m.From), append(to, goes)
		}
		b.Queue(sqlResort, siteID, ids, from, to)
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		if err := recountGaps(ctx, tx, siteID, keys(touched)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlNoteRefined, siteID)
		return err
	})
}
