package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/hours"
)

// packMessages is how many messages a packet is made of.
const packMessages = 60

const sqlPackMessages = `
select * from (
	select ` + eventColumns + `
	from events e
	where e.conversation_id = $1 and e.kind = 'message'
	order by e.seq desc limit $2
) newest order by seq`

const sqlStanding = `
select s.time_zone, s.hours, s.holidays, p.email,
	coalesce((select a.name from agents a where a.id = c.assignee_id), ''),
	exists (select from events e where e.conversation_id = c.id and (e.handoff->>'ask_email')::boolean)
from conversations c
join sites s on s.id = c.site_id
join shoppers p on p.id = c.shopper_id
where c.id = $1`

// What took longer than half a day was answered by mail or the next morning and
// says nothing about how long a shopper waits in the chat.
const sqlRecentWaits = `
select h.created_at, h.replied_at from handoffs h
where h.site_id = $1 and h.replied_at is not null and h.replied_at < h.created_at + interval '12 hours'
order by h.replied_at desc limit $2`

const sqlPassOn = `
update conversations set reply_email = $2 where id = $1`

const sqlInsertHandoff = `
insert into handoffs (site_id, conversation_id, seq, email, note, created_at,
	reason, wish, feeling, topic, tried, passages, orders, agent_id, claimed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, nullif($14, '')::uuid, case when $14 <> '' then $6::timestamptz end)`

const sqlAddToHandoff = `
update handoffs set
	email = coalesce(nullif($2, ''), email),
	note  = case when $3 = '' then note when note = '' then $3 else note || E'\n' || $3 end
where conversation_id = $1 and state = 'open'`

// telling is the message that says to a shopper how things stand.
type telling struct {
	// event is that message, without its words.
	event assist.Event
	// lead comes before the words.
	lead string
}

// passOn works an escalation off within tx: it reads how things stand, makes the
// packet, finds a team and a free agent, appends the message that tells the
// shopper, and stores all of it. The conversation is locked and changed along.
// The events are the message and, where an agent has it now, the assignment.
func passOn(ctx context.Context, tx pgx.Tx, c *assist.Conversation, e *assist.Escalation, t telling) ([]assist.Event, error) {
	at := t.event.At
	s, messages, err := standing(ctx, tx, c, e.Email, at)
	if err != nil {
		return nil, err
	}
	packet := e.Pack(messages)
	if c.State == assist.Closed {
		// Resolved while the turn ran: the shopper still has no answer.
		if _, err := tx.Exec(ctx, sqlReopenByShopper, c.ID); err != nil {
			return nil, err
		}
		c.State, c.AssigneeID, c.TeamID = assist.Open, "", ""
	}
	where, err := place(ctx, tx, c, wait{since: at, urgency: packet.Urgency, topic: string(packet.Topic), feeling: string(packet.Feeling)})
	if err != nil {
		return nil, err
	}
	s.Online, s.Queue = where.online, where.queue
	if where.event != nil {
		s.Agent = where.event.Assignment.AgentName
	}
	if s.Agent != "" || s.Online > 0 {
		s.OpensAt = nil
	}
	c.ReplyEmail = s.Email
	if !e.Letters {
		s.Email = ""
	}
	s.AskEmail = e.Letters && s.AskEmail && s.Agent == "" && s.Online == 0 && s.Email == ""

	told := t.event
	told.Text = joined(t.lead, e.Tell(packet, s))
	told.Handoff = &assist.Handoff{State: assist.HandoffPassed, Reason: e.Reason, Email: s.Email, Summary: packet.Wish,
		Queue: s.Queue, WaitSeconds: int(s.Wait.Seconds()), OpensAt: s.OpensAt, AskEmail: s.AskEmail}
	b := &pgx.Batch{}
	queueEvent(b, c, &told, nil)
	events := []assist.Event{told}
	b.Queue(sqlPassOn, c.ID, c.ReplyEmail)
	if s.Waited {
		b.Queue(sqlAddToHandoff, c.ID, e.Email, e.Note)
	} else {
		b.Queue(sqlInsertHandoff, c.SiteID, c.ID, told.Seq, e.Email, e.Note, at, e.Reason, packet.Wish, packet.Feeling,
			packet.Topic, orEmpty(packet.Tried), orEmpty(packet.Passages), orEmpty(packet.Orders), c.AssigneeID)
	}
	if where.event != nil {
		queueEvent(b, c, where.event, nil)
		events = append(events, *where.event)
	}
	return events, runBatch(ctx, tx, b)
}

func joined(lead, text string) string {
	if lead == "" || text == "" {
		return lead + text
	}
	return lead + "\n\n" + text
}

// standing reads how things stand for a shopper, and the messages that the
// packet is made of.
func standing(ctx context.Context, tx pgx.Tx, c *assist.Conversation, email string, at time.Time) (assist.Situation, []assist.Event, error) {
	var s assist.Situation
	var messages []assist.Event
	var known string
	var asked bool
	var table hours.Table
	var shop hours.Calendar
	b := &pgx.Batch{}
	b.Queue(sqlPackMessages, c.ID, packMessages).Query(func(rows pgx.Rows) (err error) {
		messages, err = collectEvents(rows)
		return err
	})
	b.Queue(sqlStanding, c.ID).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&table.TimeZone, &table.Hours, &table.Holidays, &known, &s.Agent, &asked)
		shop = calendarOf(table)
		return err
	})
	var waits []time.Duration
	b.Queue(sqlRecentWaits, c.SiteID, recentWaits).Query(func(rows pgx.Rows) error {
		var from, to time.Time
		_, err := pgx.ForEachRow(rows, []any{&from, &to}, func() error {
			// The order of the batch matters: the shop's hours are read by now.
			if shop.Open(from) && shop.Open(to) {
				waits = append(waits, to.Sub(from))
			}
			return nil
		})
		return err
	})
	if err := runBatch(ctx, tx, b); err != nil {
		return assist.Situation{}, nil, err
	}
	s.Locale = c.Locale
	s.Waited = c.WaitingSince != nil || c.Charge == assist.PersonInCharge
	s.Wait = median(waits)
	for _, candidate := range []string{email, c.ReplyEmail, known} {
		if s.Email == "" {
			s.Email = candidate
		}
	}
	s.AskEmail = !asked
	s.OpensAt = opensAt(shop, at)
	return s, messages, nil
}

// recentWaits is how many handoffs an estimate looks at, and fewestWaits how
// many it needs to say anything.
const (
	recentWaits = 50
	fewestWaits = 5
)

// median is the middle one of the waits, 0 where there are too few to tell.
func median(waits []time.Duration) time.Duration {
	if len(waits) < fewestWaits {
		return 0
	}
	slices.Sort(waits)
	return waits[len(waits)/2]
}
