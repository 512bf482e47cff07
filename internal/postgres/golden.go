package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/golden"
)

var _ golden.Store = (*DB)(nil)

// goldenArticle is an article as golden questions name it, as JSON.
const goldenArticle = `jsonb_build_object('id', a.id, 'title', coalesce(v.title, a.slug), 'address', a.locale || '/' || a.slug, 'published', a.published_version is not null)`

// goldenColumns are of golden_questions g, with what the last replay made of it.
const goldenColumns = `g.id, g.question, g.locale, g.history, g.verdict, g.note, g.signed_in, coalesce(by.name, ''), g.created_at, g.updated_at,
	coalesce((select jsonb_agg(` + goldenArticle + ` order by a.locale, a.slug)
		from articles a left join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
		where a.id = any(g.articles) and a.site_id = g.site_id), '[]'),
	case when r.result is not null then jsonb_build_object('replay_id', r.replay_id, 'right', r.result -> 'right',
		'outcome', r.result -> 'outcome', 'why', r.result -> 'why', 'rank', r.result -> 'rank') end`

// goldenLast joins the last replay that was done of golden questions.
const goldenLast = `
left join agents by on by.id = g.created_by
left join lateral (
	select p.id from replays p
	where p.site_id = g.site_id and p.state = 'done' and (p.setting ->> 'golden')::integer > 0
	order by p.started_at desc, p.id desc limit 1) last on true
left join replay_results r on r.replay_id = last.id and r.key = g.key and r.result is not null`

func scanGolden(row pgx.Row) (q golden.Question, err error) {
	return q, orRefuse(row.Scan(&q.ID, &q.Text, &q.Locale, &q.History, &q.Verdict, &q.Note, &q.SignedIn, &q.By, &q.CreatedAt, &q.UpdatedAt, &q.Articles, &q.Last), golden.CodeUnknownGolden)
}

func collectGoldens(rows pgx.Rows) ([]golden.Question, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (golden.Question, error) { return scanGolden(row) })
}

const goldenFits = `
g.site_id = $1
and ($2 = '' or g.question ilike '%' || replace(replace(replace($2, '\', '\\'), '%', '\%'), '_', '\_') || '%' or g.note ilike '%' || replace(replace(replace($2, '\', '\\'), '%', '\%'), '_', '\_') || '%')
and ($3 = '' or g.verdict = $3)
and ($4 = '' or g.locale = $4)
and ($5 = '' or $5 = 'none' and r.result is null or $5 = 'right' and (r.result ->> 'right')::boolean or $5 = 'wrong' and not (r.result ->> 'right')::boolean)`

const sqlGoldens = `
select ` + goldenColumns + ` from golden_questions g` + goldenLast + `
where ` + goldenFits + ` order by g.created_at desc, g.id desc limit $6 offset $7`

const sqlGoldenTotal = `select count(*) from golden_questions g` + goldenLast + ` where ` + goldenFits

const sqlGoldenCounts = `
select count(*), count(*) filter (where g.verdict = 'answer'), count(*) filter (where g.verdict = 'abstain'), count(*) filter (where g.verdict = 'person'),
	count(*) filter (where (r.result ->> 'right')::boolean), count(*) filter (where not (r.result ->> 'right')::boolean),
	coalesce(array_agg(distinct g.locale order by g.locale), '{}'), coalesce(max(last.id::text), '')
from golden_questions g` + goldenLast + ` where g.site_id = $1`

// Goldens lists golden questions, the newest first.
func (db *DB) Goldens(ctx context.Context, siteID string, f golden.Filter) (golden.List, error) {
	list := golden.List{Items: []golden.Question{}, Locales: []string{}}
	fits := []any{siteID, f.Q, string(f.Verdict), f.Locale, f.Result}
	b := &pgx.Batch{}
	b.Queue(sqlGoldens, append(fits, f.Limit, f.Offset)...).Query(func(rows pgx.Rows) (err error) {
		list.Items, err = collectGoldens(rows)
		return err
	})
	b.Queue(sqlGoldenTotal, fits...).QueryRow(func(row pgx.Row) error { return row.Scan(&list.Total) })
	b.Queue(sqlGoldenCounts, siteID).QueryRow(func(row pgx.Row) error {
		c := &list.Counts
		return row.Scan(&c.All, &c.Answer, &c.Abstain, &c.Person, &c.Right, &c.Wrong, &list.Locales, &list.Replay)
	})
	return list, db.pool.SendBatch(ctx, b).Close()
}

const sqlGolden = `select ` + goldenColumns + ` from golden_questions g` + goldenLast + ` where g.site_id = $1 and g.id = $2`

// Golden finds a golden question.
func (db *DB) Golden(ctx context.Context, siteID, id string) (golden.Question, error) {
	if !isID(id) {
		return golden.Question{}, refuse(golden.CodeUnknownGolden)
	}
	return scanGolden(db.pool.QueryRow(ctx, sqlGolden, siteID, id))
}

const sqlAllGoldens = `
select ` + goldenColumns + ` from golden_questions g` + goldenLast + ` where g.site_id = $1 order by g.created_at, g.id`

// AllGoldens lists all, the oldest first.
func (db *DB) AllGoldens(ctx context.Context, siteID string) ([]golden.Question, error) {
	rows, err := db.pool.Query(ctx, sqlAllGoldens, siteID)
	if err != nil {
		return nil, err
	}
	return collectGoldens(rows)
}

const sqlInsertGolden = `
insert into golden_questions (id, site_id, key, question, history, locale, verdict, articles, note, signed_in, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8::text[]::uuid[], $9, $10, nullif($11, '')::uuid)`

const sqlUpdateGolden = `
update golden_questions set key = $3, question = $4, history = $5, locale = $6, verdict = $7, articles = $8::text[]::uuid[], note = $9, signed_in = $10, updated_at = now()
where id = $1 and site_id = $2`

const sqlCountGoldens = `select count(*) from golden_questions where site_id = $1`

const sqlCountExpected = `select count(*) from articles where site_id = $1 and id = any($2::text[]::uuid[])`

// SaveGolden makes a golden question or changes it.
func (db *DB) SaveGolden(ctx context.Context, siteID string, q golden.Question, agentID string) (golden.Question, error) {
	ids, err := articleIDs(q)
	if err != nil {
		return golden.Question{}, err
	}
	id := q.ID
	if id == "" {
		if id, err = newID(); err != nil {
			return golden.Question{}, err
		}
	} else if !isID(id) {
		return golden.Question{}, refuse(golden.CodeUnknownGolden)
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		var known, there int
		if err := tx.QueryRow(ctx, sqlCountExpected, siteID, ids).Scan(&known); err != nil {
			return err
		}
		if known != len(ids) {
			return refuse(golden.CodeUnknownArticle)
		}
		args := []any{id, siteID, q.Key(), q.Text, orEmpty(q.History), q.Locale, q.Verdict, ids, q.Note, q.SignedIn}
		if q.ID != "" {
			tag, err := tx.Exec(ctx, sqlUpdateGolden, args...)
			if err == nil && tag.RowsAffected() == 0 {
				err = refuse(golden.CodeUnknownGolden)
			}
			return err
		}
		if err := tx.QueryRow(ctx, sqlCountGoldens, siteID).Scan(&there); err != nil {
			return err
		}
		if there >= golden.MaxQuestions {
			return refuse(golden.CodeTooMany)
		}
		_, err := tx.Exec(ctx, sqlInsertGolden, append(args, agentID)...)
		return err
	})
	if isUnique(err, "golden_questions_site_id_key_key") {
		err = refuse(golden.CodeKnownQuestion)
	}
	if err != nil {
		return golden.Question{}, err
	}
	return db.Golden(ctx, siteID, id)
}

// articleIDs are those of a question's articles, each once.
func articleIDs(q golden.Question) ([]string, error) {
	ids := []string{}
	seen := map[string]bool{}
	for _, a := range q.Articles {
		if !isID(a.ID) {
			return nil, refuse(golden.CodeUnknownArticle)
		}
		if !seen[a.ID] {
			seen[a.ID] = true
			ids = append(ids, a.ID)
		}
	}
	return ids, nil
}

const sqlDeleteGolden = `delete from golden_questions where id = $1 and site_id = $2`

// DeleteGolden lets go of a golden question.
func (db *DB) DeleteGolden(ctx context.Context, siteID, id string) error {
	if !isID(id) {
		return refuse(golden.CodeUnknownGolden)
	}
	tag, err := db.pool.Exec(ctx, sqlDeleteGolden, id, siteID)
	if err == nil && tag.RowsAffected() == 0 {
		return refuse(golden.CodeUnknownGolden)
	}
	return err
}

const sqlAddGolden = `
insert into golden_questions as g (id, site_id, key, question, history, locale, verdict, articles, note, signed_in, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8::text[]::uuid[], $9, $10, nullif($11, '')::uuid)
on conflict (site_id, key) do update set verdict = excluded.verdict, articles = excluded.articles, note = excluded.note, signed_in = excluded.signed_in, updated_at = now()
where (g.verdict, g.articles, g.note, g.signed_in) is distinct from (excluded.verdict, excluded.articles, excluded.note, excluded.signed_in)
returning xmax = 0`

// AddGoldens takes many at once, or none.
func (db *DB) AddGoldens(ctx context.Context, siteID string, list []golden.Question, agentID string) (golden.Added, error) {
	added := golden.Added{Unknown: []string{}}
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		for _, q := range list {
			ids, err := articleIDs(q)
			if err != nil {
				return err
			}
			id, err := newID()
			if err != nil {
				return err
			}
			b.Queue(sqlAddGolden, id, siteID, q.Key(), q.Text, orEmpty(q.History), q.Locale, q.Verdict, ids, q.Note, q.SignedIn, agentID).Query(func(rows pgx.Rows) error {
				made, err := pgx.CollectRows(rows, pgx.RowTo[bool])
				switch {
				case err != nil:
					return err
				case len(made) == 0:
					added.Unchanged++
				case made[0]:
					added.Added++
				default:
					added.Changed++
				}
				return nil
			})
		}
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		var there int
		if err := tx.QueryRow(ctx, sqlCountGoldens, siteID).Scan(&there); err != nil {
			return err
		}
		if there > golden.MaxQuestions {
			return refuse(golden.CodeTooMany)
		}
		return nil
	})
	return added, err
}

const sqlArticlesAt = `
select a.locale || '/' || a.slug, ` + goldenArticle + `
from articles a left join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
where a.site_id = $1 and a.locale || '/' || a.slug = any($2)`

// ArticlesAt finds articles by their addresses.
func (db *DB) ArticlesAt(ctx context.Context, siteID string, addresses []string) (map[string]golden.Article, error) {
	rows, err := db.pool.Query(ctx, sqlArticlesAt, siteID, orEmpty(addresses))
	if err != nil {
		return nil, err
	}
	out := map[string]golden.Article{}
	var at string
	var a golden.Article
	_, err = pgx.ForEachRow(rows, []any{&at, &a}, func() error {
		out[at] = a
		return nil
	})
	return out, err
}

const sqlArticleLocales = `select distinct locale from articles where site_id = $1 and published_version is not null order by locale`

// ArticleLocales lists the locales of a site's published articles.
func (db *DB) ArticleLocales(ctx context.Context, siteID string) ([]string, error) {
	rows, err := db.pool.Query(ctx, sqlArticleLocales, siteID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
