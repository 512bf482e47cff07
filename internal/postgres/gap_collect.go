package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/gap"
)

const (
	// askedMessages is how many messages a question is read out of.
	askedMessages = 30
	// sortAfter is how long new questions wait, so that several are taken at once.
	sortAfter = 5 * time.Second
)

const sqlAskedMessages = `
select * from (
	select ` + eventColumns + `
	from events e
	where e.conversation_id = $1 and e.kind = 'message' and e.seq <= $2
	order by e.seq desc limit $3
) newest order by seq`

const sqlPeopleOf = `
select array_remove(array[p.name] || array(select distinct e.author_name from events e
	where e.conversation_id = c.id and e.author_kind = 'agent'), '')
from conversations c
join shoppers p on p.id = c.shopper_id
where c.id = $1`

const sqlKnownTerms = `
select distinct term from corpus_terms where site_id = $1 and term = any($2)`

// Stronger evidence takes the place of weaker; the question stays the same one.
const sqlAddGapQuestion = `
insert into gap_questions as q (site_id, conversation_id, seq, shopper_id, locale, text, reason, confidence, at)
select c.site_id, c.id, e.seq, c.shopper_id, $3, $4, $5, $6, e.at
from conversations c
join events e on e.conversation_id = c.id and e.seq = $2
where c.id = $1
on conflict (conversation_id, seq) do update set
	reason = excluded.reason, confidence = coalesce(excluded.confidence, q.confidence)
where array_position(array['unsure', 'not_found', 'thumbs_down', 'agent_answered'], excluded.reason)
	> array_position(array['unsure', 'not_found', 'thumbs_down', 'agent_answered'], q.reason)
returning xmax = 0`

// collect keeps a question of the locked conversation c as one that was not
// answered, once, however often it is told.
func (db *DB) collect(ctx context.Context, tx pgx.Tx, c assist.Conversation, asked gap.Asked, why gap.Reason, confidence *float64) error {
	var names []string
	var used []int32
	capitals := asked.Capitals()
	b := &pgx.Batch{}
	b.Queue(sqlPeopleOf, c.ID).QueryRow(func(row pgx.Row) error { return row.Scan(&names) })
	b.Queue(sqlKnownTerms, c.SiteID, slices.Concat(slices.Collect(maps.Values(capitals))...)).Query(func(rows pgx.Rows) (err error) {
		used, err = pgx.CollectRows(rows, pgx.RowTo[int32])
		return err
	})
	if err := runBatch(ctx, tx, b); err != nil {
		return err
	}
	var known []string
	for word, terms := range capitals {
		if !slices.ContainsFunc(terms, func(t int32) bool { return !slices.Contains(used, t) }) {
			known = append(known, word)
		}
	}
	var isNew bool
	err := tx.QueryRow(ctx, sqlAddGapQuestion, c.ID, asked.Seq, c.Locale, asked.Text(names, known), why, confidence).Scan(&isNew)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !isNew {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep a question: %w", err)
	}
	return db.enqueueSort(ctx, tx, c.SiteID)
}

// What waits beside the newest question has asked for the job already.
const sqlGapQuestionsWait = `
select count(*) > 1 from (select from gap_questions where site_id = $1 and gap_id is null limit 2) waiting`

// enqueueSort asks for new questions to be put with their like. A job for later
// notifies nobody. Where two transactions ask at once, two jobs come, of which one
// finds nothing to do; where a question slips in as a job ends, the next look at
// all sites finds it.
func (db *DB) enqueueSort(ctx context.Context, tx pgx.Tx, siteID string) error {
	var waits bool
	if err := tx.QueryRow(ctx, sqlGapQuestionsWait, siteID).Scan(&waits); err != nil || waits {
		return err
	}
	if _, err := db.queue.InsertTx(ctx, tx, gap.Sort{SiteID: siteID}, &river.InsertOpts{Queue: gap.Queue, ScheduledAt: time.Now().Add(sortAfter)}); err != nil {
		return fmt.Errorf("enqueue the sorting of questions: %w", err)
	}
	return nil
}

func askedMessagesUpTo(ctx context.Context, tx pgx.Tx, conversationID string, seq int64) ([]assist.Event, error) {
	rows, err := tx.Query(ctx, sqlAskedMessages, conversationID, seq, askedMessages)
	if err != nil {
		return nil, err
	}
	return collectEvents(rows)
}

// collectTurn keeps the question of a turn that ended without a good answer.
func (db *DB) collectTurn(ctx context.Context, tx pgx.Tx, c assist.Conversation, question int64, f assist.FinishTurn) error {
	why, counts := gap.Reasoned(f.Outcome, f.Reason, f.Record)
	if !counts {
		return nil
	}
	messages, err := askedMessagesUpTo(ctx, tx, c.ID, question)
	if err != nil {
		return err
	}
	asked, is := gap.Ask(messages, question, c.Locale)
	if !is {
		return nil
	}
	return db.collect(ctx, tx, c, asked, why, &f.Record.Confidence)
}

const sqlRatedTurn = `
select t.question_seq, t.confidence
from events e
join turns t on t.id = e.turn_id and t.conversation_id = e.conversation_id
where e.conversation_id = $1 and e.seq = $2 and t.outcome in ('answered', 'clarified')`

// An answer that helped leaves no question open.
const sqlForgetGapQuestion = `
delete from gap_questions
where conversation_id = $1 and seq = $2 and reason in ('thumbs_down', 'unsure')
returning coalesce(gap_id::text, '')`

// collectRating keeps the question whose answer was thumbed down, and forgets it
// where the shopper thinks better of it.
func (db *DB) collectRating(ctx context.Context, tx pgx.Tx, c assist.Conversation, r assist.Rating) error {
	var question int64
	var confidence *float64
	err := tx.QueryRow(ctx, sqlRatedTurn, c.ID, r.EventSeq).Scan(&question, &confidence)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.Score > 0 {
		var gapID string
		err := tx.QueryRow(ctx, sqlForgetGapQuestion, c.ID, question).Scan(&gapID)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && gapID == "" {
			return nil
		}
		if err != nil {
			return err
		}
		return recountGaps(ctx, tx, c.SiteID, []string{gapID})
	}
	messages, err := askedMessagesUpTo(ctx, tx, c.ID, question)
	if err != nil {
		return err
	}
	asked, is := gap.Ask(messages, question, c.Locale)
	if !is {
		return nil
	}
	return db.collect(ctx, tx, c, asked, gap.ThumbsDown, confidence)
}

const sqlOpenHandoff = `
select h.wish, h.corrected_at is not null, coalesce((select max(e.seq) from events e
	where e.conversation_id = h.conversation_id and e.kind = 'message' and e.author_kind = 'agent'), 0)
from handoffs h
where h.conversation_id = $1 and h.state = 'open'
order by h.id desc limit 1`

const sqlAgentAnswers = `
update gap_questions set reason = 'agent_answered' where conversation_id = $1 and seq > $2`

// collectAgentAnswer keeps what a person is about to answer, the first time after
// a handoff. Questions that were not answered since a person last wrote are what
// it answers; where there is none, it is what the shopper wants.
func (db *DB) collectAgentAnswer(ctx context.Context, tx pgx.Tx, c assist.Conversation) error {
	var wish string
	var corrected bool
	var after int64
	err := tx.QueryRow(ctx, sqlOpenHandoff, c.ID).Scan(&wish, &corrected, &after)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, sqlAgentAnswers, c.ID, after)
	if err != nil || tag.RowsAffected() > 0 {
		return err
	}
	messages, err := askedMessagesUpTo(ctx, tx, c.ID, c.LastSeq)
	if err != nil {
		return err
	}
	asked, is := gap.LastAsked(messages, after, c.Locale)
	if is && corrected {
		asked, is = gap.Wish(wish, asked.Seq, c.Locale)
	}
	if !is {
		return nil
	}
	return db.collect(ctx, tx, c, asked, gap.AgentAnswered, nil)
}
