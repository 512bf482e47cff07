package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/golden"
	"github.com/careloop/careloop/retrieval"
)

// A past question is one that the bot ended while the shopper was with it alone:
// after a handoff people are in the talk, and how the bot ends a turn depends on
// them.
const sqlPastTurns = `
select t.id, t.conversation_id, t.question_seq, t.outcome, c.locale, s.external_id is not null,
	coalesce((select jsonb_agg(` + goldenArticle + ` order by a.locale, a.slug)
		from cited_articles x join articles a on a.id = x.article_id
		left join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
		where x.turn_id = t.id), '[]'),
	coalesce((select (r.rating ->> 'score')::integer from events e join events r on r.conversation_id = e.conversation_id and r.kind = 'rating'
		and (r.rating ->> 'event_seq')::bigint = e.seq where e.turn_id = t.id order by r.seq desc limit 1), 0)
from turns t join conversations c on c.id = t.conversation_id join shoppers s on s.id = c.shopper_id
where t.site_id = $1 and t.state = 'finished'
and not exists (select from handoffs h where h.conversation_id = t.conversation_id and h.seq < t.question_seq)
order by t.started_at desc, t.id desc limit $2`

const sqlMessagesBefore = `
select * from (
	select ` + eventColumns + ` from events e
	where e.conversation_id = $1 and e.seq <= $2 and e.kind = 'message'
	order by e.seq desc limit $3
) newest order by seq`

// PastTurns lists the newest past questions.
func (db *DB) PastTurns(ctx context.Context, siteID string, limit, history int) ([]golden.PastTurn, error) {
	rows, err := db.pool.Query(ctx, sqlPastTurns, siteID, limit)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p golden.PastTurn, err error) {
		var known bool
		err = row.Scan(&p.TurnID, &p.ConversationID, &p.Seq, &p.Past.Outcome, &p.Input.Conversation.Locale, &known, &p.Past.Cited, &p.Past.Rating)
		if known {
			p.Input.Audience = retrieval.SignedIn
		}
		return p, err
	})
	if err != nil || len(list) == 0 {
		return list, err
	}
	b := &pgx.Batch{}
	for i := range list {
		b.Queue(sqlMessagesBefore, list[i].ConversationID, list[i].Seq, history).Query(func(rows pgx.Rows) (err error) {
			list[i].Input.Messages, err = collectEvents(rows)
			return err
		})
	}
	return list, db.pool.SendBatch(ctx, b).Close()
}

// What a shopper liked, and what a person answered after the bot passed it on: the
// shopper's last message before that.
const sqlCandidates = `
select * from (
	select t.conversation_id, t.question_seq as seq, t.started_at as at, c.locale, 'rated_up' as because,
		coalesce((select jsonb_agg(` + goldenArticle + ` order by a.locale, a.slug)
			from cited_articles x join articles a on a.id = x.article_id
			left join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
			where x.turn_id = t.id), '[]') as articles, s.name
	from turns t
	join conversations c on c.id = t.conversation_id
	join shoppers s on s.id = c.shopper_id
	join events e on e.turn_id = t.id
	where t.site_id = $1 and t.started_at >= $2 and t.outcome = 'answered'
	and (select (r.rating ->> 'score')::integer from events r where r.conversation_id = e.conversation_id and r.kind = 'rating'
		and (r.rating ->> 'event_seq')::bigint = e.seq order by r.seq desc limit 1) > 0
	union all
	select t.conversation_id, t.question_seq, t.started_at, c.locale, 'agent_answered', '[]', s.name
	from turns t
	join conversations c on c.id = t.conversation_id
	join shoppers s on s.id = c.shopper_id
	where t.site_id = $1 and t.started_at >= $2 and t.outcome = 'escalated' and t.reason in ('not_in_knowledge_base', 'two_failures_in_a_row', 'unsupported_fact')
	and exists (select from events e where e.conversation_id = t.conversation_id and e.seq > t.question_seq and e.kind = 'message' and e.author_kind = 'agent')
) found order by at desc, conversation_id, seq limit $3`

// Candidates lists past questions that may become golden.
func (db *DB) Candidates(ctx context.Context, siteID string, since time.Time, limit int) ([]golden.Candidate, error) {
	rows, err := db.pool.Query(ctx, sqlCandidates, siteID, since, limit)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c golden.Candidate, err error) {
		var name string
		err = row.Scan(&c.ConversationID, &c.Seq, &c.At, &c.Locale, &c.Because, &c.Articles, &name)
		if name != "" {
			c.Names = []string{name}
		}
		return c, err
	})
	if err != nil || len(list) == 0 {
		return list, err
	}
	b := &pgx.Batch{}
	for i := range list {
		b.Queue(sqlMessagesBefore, list[i].ConversationID, list[i].Seq, goldenHistory).Query(func(rows pgx.Rows) (err error) {
			list[i].Messages, err = collectEvents(rows)
			return err
		})
	}
	return list, db.pool.SendBatch(ctx, b).Close()
}

// goldenHistory is how much of a talk is proposed with a question.
const goldenHistory = 8

// Reserve sets money aside for a question that is asked outside of conversations.
func (db *DB) Reserve(ctx context.Context, siteID string, amount, daily int64) (golden.Reservation, bool, error) {
	r := golden.Reservation{Amount: amount}
	reserved := false
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlMakeBudget, siteID); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, sqlReserve, siteID, amount, daily)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		reserved = true
		return tx.QueryRow(ctx, sqlToday).Scan(&r.Day)
	})
	return r, reserved && err == nil, err
}

const sqlToday = `select (now() at time zone 'utc')::date`

// Settle counts what a question took and gives back what was set aside for it,
// usage before budgets as everybody does.
func (db *DB) Settle(ctx context.Context, siteID string, reserved []golden.Reservation, calls []assist.CallRecord, cost int64) error {
	b := &pgx.Batch{}
	for _, u := range byModel(calls) {
		b.Queue(sqlAddUsage, siteID, u.model, u.calls, u.promptTokens, u.completionTokens, u.cost)
	}
	for _, r := range reserved {
		b.Queue(sqlReleaseBudget, siteID, r.Day, r.Amount)
	}
	if cost > 0 {
		b.Queue(sqlSpendBudget, siteID, cost)
	}
	return db.inTx(ctx, func(tx pgx.Tx) error { return runBatch(ctx, tx, b) })
}
