package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
)

const conversationColumns = `c.id, c.site_id, c.shopper_id, c.locale, c.charge, c.last_seq,
	c.state, coalesce(c.assignee_id::text, ''), coalesce(c.team_id::text, ''), c.waiting_since, c.reply_email`

func scanConversation(row pgx.Row) (assist.Conversation, error) {
	var c assist.Conversation
	err := row.Scan(conversationTargets(&c)...)
	return c, err
}

// conversationTargets are where conversationColumns go.
func conversationTargets(c *assist.Conversation) []any {
	return []any{&c.ID, &c.SiteID, &c.ShopperID, &c.Locale, &c.Charge, &c.LastSeq,
		&c.State, &c.AssigneeID, &c.TeamID, &c.WaitingSince, &c.ReplyEmail}
}

const eventColumns = `e.conversation_id, e.seq, e.kind, e.at, e.author_kind, e.author_name, e.text,
	coalesce(e.client_id, ''), coalesce(e.turn_id::text, ''), coalesce(e.outcome, ''),
	e.citations, e.handoff, e.rating, coalesce(e.agent_id::text, ''), e.assignment, e.change,
	e.mentions::text[], e.via, coalesce(e.draft_id::text, '')`

func scanEvent(row pgx.Row) (assist.Event, error) {
	var e assist.Event
	err := row.Scan(&e.ConversationID, &e.Seq, &e.Kind, &e.At, &e.Author.Kind, &e.Author.Name, &e.Text,
		&e.ClientID, &e.TurnID, &e.Outcome, &e.Citations, &e.Handoff, &e.Rating, &e.AgentID, &e.Assignment, &e.Change,
		&e.Mentions, &e.Via, &e.DraftID)
	e.At = e.At.UTC()
	if len(e.Citations) == 0 {
		e.Citations = nil
	}
	if len(e.Mentions) == 0 {
		e.Mentions = nil
	}
	if e.Via == assist.ViaChat {
		e.Via = "" // what goes without saying
	}
	return e, err
}

func collectEvents(rows pgx.Rows) ([]assist.Event, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (assist.Event, error) { return scanEvent(row) })
}

const sqlConversation = `
select ` + conversationColumns + ` from conversations c where c.id = $1 and c.shopper_id = $2`

// Conversation finds one of the shopper's own.
func (db *DB) Conversation(ctx context.Context, shopperID, id string) (assist.Conversation, error) {
	if !isID(id) {
		return assist.Conversation{}, refuse(assist.CodeUnknownConversation)
	}
	c, err := scanConversation(db.pool.QueryRow(ctx, sqlConversation, id, shopperID))
	return c, orRefuse(err, assist.CodeUnknownConversation)
}

const sqlLatestConversation = `
select ` + conversationColumns + ` from conversations c
where c.shopper_id = $1 and c.state = 'open'
order by c.created_at desc, c.id desc limit 1`

// LatestConversation finds the shopper's newest open conversation.
func (db *DB) LatestConversation(ctx context.Context, shopperID string) (assist.Conversation, error) {
	c, err := scanConversation(db.pool.QueryRow(ctx, sqlLatestConversation, shopperID))
	return c, orRefuse(err, assist.CodeUnknownConversation)
}

const sqlEvents = `
select ` + eventColumns + `
from events e
join conversations c on c.id = e.conversation_id
where e.conversation_id = $1 and c.shopper_id = $2 and e.seq > $3
order by e.seq limit $4`

// Events returns events with seq above after, in order, at most limit.
func (db *DB) Events(ctx context.Context, shopperID, conversationID string, after int64, limit int) ([]assist.Event, error) {
	if !isID(conversationID) {
		return nil, refuse(assist.CodeUnknownConversation)
	}
	var events []assist.Event
	b := &pgx.Batch{}
	b.Queue(sqlConversation, conversationID, shopperID).QueryRow(func(row pgx.Row) error {
		_, err := scanConversation(row)
		return orRefuse(err, assist.CodeUnknownConversation)
	})
	b.Queue(sqlEvents, conversationID, shopperID, after, limit).Query(func(rows pgx.Rows) (err error) {
		events, err = collectEvents(rows)
		return err
	})
	if err := db.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	return events, nil
}

const sqlInsertEvent = `
insert into events as e (conversation_id, seq, kind, at, author_kind, author_name, text,
	client_id, turn_id, outcome, citations, handoff, rating, agent_id, assignment, change, mentions, via, draft_id)
values ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), nullif($9, '')::uuid, nullif($10, ''), $11, $12, $13,
	nullif($14, '')::uuid, $15, $16, $17::text[]::uuid[], coalesce(nullif($18, ''), 'chat'), nullif($19, '')::uuid)`

// previewRunes is how much of a message the inbox shows.
const previewRunes = 200

// The visit's locale and page stay with the conversation, so that the answer
// comes in the language of the page that the shopper is on now. A message is
// shown in the inbox; a shopper's waits for a person where one is in charge, and
// an agent's ends the wait.
const sqlAdvanceConversation = `
update conversations set
	last_seq        = $2,
	updated_at      = $3,
	locale          = coalesce(nullif($4, ''), locale),
	page            = coalesce($5::jsonb, page),
	last_text       = case when $6 then $7 else last_text end,
	last_author     = case when $6 then $8 else last_author end,
	last_message_at = case when $6 then $3 else last_message_at end,
	waiting_since   = case
		when $6 and $8 = 'agent' then null
		when $6 and $8 = 'shopper' and charge = 'person' then coalesce(waiting_since, $3)
		else waiting_since end
where id = $1`

// queueEvent appends an event to the locked conversation c, which it advances.
// A nil visit leaves locale and page.
func queueEvent(b *pgx.Batch, c *assist.Conversation, e *assist.Event, v *assist.Visit) {
	c.LastSeq++
	e.ConversationID, e.Seq = c.ID, c.LastSeq
	b.Queue(sqlInsertEvent, e.ConversationID, e.Seq, e.Kind, e.At, e.Author.Kind, e.Author.Name, e.Text,
		e.ClientID, e.TurnID, e.Outcome, orEmpty(e.Citations), e.Handoff, e.Rating, e.AgentID, e.Assignment, e.Change,
		orEmpty(e.Mentions), e.Via, e.DraftID)
	var locale string
	var page *assist.Page
	if v != nil {
		locale = v.Locale
		if v.Page != (assist.Page{}) {
			page = &v.Page
		}
		if locale != "" {
			c.Locale = locale
		}
	}
	b.Queue(sqlAdvanceConversation, c.ID, c.LastSeq, e.At, locale, page,
		e.Kind == assist.KindMessage, preview(e.Text), e.Author.Kind)
}

// preview is the beginning of a text, on one line.
func preview(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	return string(line[:min(len(line), previewRunes)])
}

// storable gives a time as it comes back from the database, to the microsecond.
func storable(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
