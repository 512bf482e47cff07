package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
)

const sqlLockConversation = `
select ` + conversationColumns + ` from conversations c
where c.id = $1 and c.shopper_id = $2 and c.site_id = $3
for update`

const sqlEventByClientID = `
select ` + eventColumns + ` from events e where e.conversation_id = $1 and e.client_id = $2`

// Two tabs that send their first message at once meet at the shopper's row, so
// the second finds the conversation that the first has made.
const sqlLockShopper = `
select id from shoppers where id = $1 and site_id = $2 for update`

const sqlLockLatestConversation = `
select ` + conversationColumns + ` from conversations c
where c.shopper_id = $1 and ` + goesOn + `
order by c.created_at desc, c.id desc limit 1
for update`

const sqlEventByClientIDInLatest = `
select ` + eventColumns + ` from events e
where e.client_id = $2 and e.conversation_id = (
	select c.id from conversations c
	where c.shopper_id = $1 and ` + goesOn + `
	order by c.created_at desc, c.id desc limit 1)`

const sqlInsertConversation = `
insert into conversations as c (id, site_id, shopper_id, locale, created_at, updated_at)
select $1, s.id, $2, coalesce(nullif($4, ''), s.locale), $5, $5 from sites s where s.id = $3
returning ` + conversationColumns

// incoming is one frame of a shopper on its way into a conversation.
type incoming struct {
	visit assist.Visit
	event assist.Event // as it will be stored, without its place
	// makes says that a conversation is made where the shopper has none.
	makes bool
	// allowed, if set, may refuse the frame once the conversation is locked.
	allowed func(ctx context.Context, tx pgx.Tx, c assist.Conversation) error
	// more, if set, queues what else belongs to the frame, after its event.
	more func(b *pgx.Batch, did *assist.Accepted)
	// then, if set, does what needs answers of the database, as the last step.
	then func(ctx context.Context, tx pgx.Tx, did *assist.Accepted) error
}

// accept is the one way in: it locks the conversation, returns the first event
// of a client id that is known, and else appends the event. Three round trips
// to the database and the commit, one more where a job is enqueued.
func (db *DB) accept(ctx context.Context, in incoming) (assist.Accepted, error) {
	if in.visit.ConversationID != "" && !isID(in.visit.ConversationID) {
		return assist.Accepted{}, refuse(assist.CodeUnknownConversation)
	}
	in.event.At = storable(time.Now())
	in.event.ClientID, in.event.Via = in.visit.ClientID, in.visit.Via
	in.event.Author = assist.Author{Kind: assist.ByShopper}
	var did assist.Accepted
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		did = assist.Accepted{}
		found, err := lockTarget(ctx, tx, in.visit, &did)
		if err != nil || did.Duplicate {
			return err
		}
		if !found {
			if !in.makes {
				return refuse(assist.CodeUnknownConversation)
			}
			if did.Conversation, err = makeConversation(ctx, tx, in.visit, in.event.At); err != nil {
				return err
			}
		}
		if in.allowed != nil {
			if err := in.allowed(ctx, tx, did.Conversation); err != nil {
				return err
			}
		}
		b := &pgx.Batch{}
		did.Event = in.event
		queueEvent(b, &did.Conversation, &did.Event, &in.visit)
		if in.more != nil {
			in.more(b, &did)
		}
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		if in.then != nil {
			return in.then(ctx, tx, &did)
		}
		return nil
	})
	if err != nil {
		return assist.Accepted{}, err
	}
	return did, nil
}

// lockTarget locks the conversation that the visit means and looks for the
// client id in it. It reports false where the shopper has no open conversation.
func lockTarget(ctx context.Context, tx pgx.Tx, v assist.Visit, did *assist.Accepted) (found bool, err error) {
	b := &pgx.Batch{}
	readConversation := func(row pgx.Row) (err error) {
		did.Conversation, err = scanConversation(row)
		if err == nil {
			found = true
		} else if v.ConversationID == "" && errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return orRefuse(err, assist.CodeUnknownConversation)
	}
	readFirst := func(row pgx.Row) error {
		first, err := scanEvent(row)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err != nil:
			return err
		}
		did.Event, did.Duplicate = first, true
		return nil
	}
	// Each statement sees what was committed before it began: the second and
	// third what another frame stored while the first waited for its lock.
	if v.ConversationID != "" {
		b.Queue(sqlLockConversation, v.ConversationID, v.ShopperID, v.SiteID).QueryRow(readConversation)
		b.Queue(sqlEventByClientID, v.ConversationID, v.ClientID).QueryRow(readFirst)
	} else {
		b.Queue(sqlLockShopper, v.ShopperID, v.SiteID).QueryRow(func(row pgx.Row) error {
			var id string
			return orRefuse(row.Scan(&id), assist.CodeUnknownConversation)
		})
		b.Queue(sqlLockLatestConversation, v.ShopperID).QueryRow(readConversation)
		b.Queue(sqlEventByClientIDInLatest, v.ShopperID, v.ClientID).QueryRow(readFirst)
	}
	return found, runBatch(ctx, tx, b)
}

func makeConversation(ctx context.Context, tx pgx.Tx, v assist.Visit, at time.Time) (assist.Conversation, error) {
	id, err := newID()
	if err != nil {
		return assist.Conversation{}, err
	}
	return scanConversation(tx.QueryRow(ctx, sqlInsertConversation, id, v.ShopperID, v.SiteID, v.Locale, at))
}

const sqlSupersedeTurn = `
update turns set state = 'superseded', finished_at = clock_timestamp()
where conversation_id = $1 and state = 'running'
returning id`

const sqlInsertTurn = `
insert into turns (id, conversation_id, site_id, question_seq, state, owner, leased_until)
values ($1, $2, $3, $4, 'running', $5, clock_timestamp() + $6::interval)`

// queueSupersede ends the turn that runs, if one does. What it reserved of the
// budget stays reserved until its own end tells what it spent.
func queueSupersede(b *pgx.Batch, did *assist.Accepted) {
	b.Queue(sqlSupersedeTurn, did.Conversation.ID).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&did.SupersededTurnID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
}

const sqlReopenByShopper = `
update conversations set
	state = 'open', resolved_at = null, charge = 'bot', assignee_id = null, team_id = null, passed_by = null,
	waiting_since = null, escalated_at = null, urgency = 0
where id = $1 and state = 'closed'`

// queueReopen opens a conversation that was resolved, since the shopper has more
// to say. The bot answers first.
func queueReopen(b *pgx.Batch, did *assist.Accepted) {
	c := &did.Conversation
	if c.State != assist.Closed {
		return
	}
	b.Queue(sqlReopenByShopper, c.ID)
	b.Queue(sqlCloseHandoffs, c.ID)
	c.State, c.Charge, c.AssigneeID, c.TeamID, c.WaitingSince = assist.Open, assist.BotInCharge, "", "", nil
	queueReply(b, did, assist.Event{Kind: assist.KindStatus, Change: assist.ChangeReopened})
}

// queueReply appends an event of the system's that is stored along with a frame.
func queueReply(b *pgx.Batch, did *assist.Accepted, e assist.Event) {
	e.At, e.Author = did.Event.At, assist.Author{Kind: assist.BySystem}
	queueEvent(b, &did.Conversation, &e, nil)
	did.Replies = append(did.Replies, e)
}

// Accept stores a shopper's message and, if the bot is in charge, opens a turn.
func (db *DB) Accept(ctx context.Context, a assist.AcceptMessage) (assist.Accepted, error) {
	turnID, err := newID()
	if err != nil {
		return assist.Accepted{}, err
	}
	return db.accept(ctx, incoming{
		visit: a.Visit,
		event: assist.Event{Kind: assist.KindMessage, Text: a.Text},
		makes: true,
		more: func(b *pgx.Batch, did *assist.Accepted) {
			queueReopen(b, did)
			if did.Conversation.Charge != assist.BotInCharge {
				return
			}
			queueSupersede(b, did)
			c := did.Conversation
			b.Queue(sqlInsertTurn, turnID, c.ID, c.SiteID, did.Event.Seq, a.Owner, a.Lease)
			did.Turn = &assist.Turn{ID: turnID, SiteID: c.SiteID, ShopperID: c.ShopperID,
				ConversationID: c.ID, QuestionSeq: did.Event.Seq, Attempt: 1}
		},
		then: func(ctx context.Context, tx pgx.Tx, did *assist.Accepted) error {
			if c := did.Conversation; c.Charge == assist.PersonInCharge || c.WaitingSince != nil {
				r := draft.Rescue{SiteID: c.SiteID, ConversationID: c.ID, Seq: did.Event.Seq}
				if err := db.enqueueDraft(ctx, tx, r, draft.RescueAfter); err != nil {
					return err
				}
			}
			if did.Turn == nil {
				return nil
			}
			// A job for later notifies nobody, so this transaction sends no NOTIFY,
			// which would make every commit wait for the others.
			_, err := db.queue.InsertTx(ctx, tx, assist.RescueTurn{TurnID: turnID},
				&river.InsertOpts{ScheduledAt: time.Now().Add(a.RescueAfter)})
			if err != nil {
				return fmt.Errorf("enqueue the rescue: %w", err)
			}
			return nil
		},
	})
}

// AcceptHandoff stores a wish for a person and passes the conversation on.
func (db *DB) AcceptHandoff(ctx context.Context, a assist.AcceptHandoff) (assist.Accepted, error) {
	return db.accept(ctx, incoming{
		visit: a.Visit,
		event: assist.Event{Kind: assist.KindHandoff, Text: a.Escalation.Note,
			Handoff: &assist.Handoff{State: assist.HandoffRequested, Email: a.Escalation.Email}},
		makes: true,
		more: func(b *pgx.Batch, did *assist.Accepted) {
			queueReopen(b, did)
			queueSupersede(b, did)
		},
		then: func(ctx context.Context, tx pgx.Tx, did *assist.Accepted) error {
			tell := assist.Event{Kind: assist.KindMessage, At: did.Event.At, Outcome: assist.Escalated,
				Author: assist.Author{Kind: assist.ByBot, Name: a.BotName}}
			events, err := passOn(ctx, tx, &did.Conversation, a.Escalation, telling{event: tell})
			if err != nil {
				return err
			}
			did.Replies = append(did.Replies, events...)
			c := did.Conversation
			return db.enqueueDraft(ctx, tx, draft.Rescue{SiteID: c.SiteID, ConversationID: c.ID, Seq: did.Event.Seq}, draft.RescueAfter)
		},
	})
}

const sqlCorrectHandoff = `
update handoffs set wish = $2, corrected_at = $3
where id = (select h.id from handoffs h where h.conversation_id = $1 order by h.id desc limit 1)`

// AcceptSummary stores the shopper's correction of their summary.
func (db *DB) AcceptSummary(ctx context.Context, a assist.AcceptSummary) (assist.Accepted, error) {
	return db.accept(ctx, incoming{
		visit: a.Visit,
		event: assist.Event{Kind: assist.KindHandoff,
			Handoff: &assist.Handoff{State: assist.HandoffCorrected, Summary: a.Text}},
		allowed: func(_ context.Context, _ pgx.Tx, c assist.Conversation) error {
			if c.Charge != assist.PersonInCharge && c.WaitingSince == nil {
				return refuse(assist.CodeNoHandoff)
			}
			return nil
		},
		more: func(b *pgx.Batch, did *assist.Accepted) {
			b.Queue(sqlCorrectHandoff, did.Conversation.ID, a.Text, did.Event.At)
		},
	})
}

const sqlShopperRead = `
update conversations set shopper_read_seq = greatest(shopper_read_seq, least($3, last_seq))
where id = $1 and shopper_id = $2
returning shopper_read_seq`

// ShopperRead notes how far the shopper has read.
func (db *DB) ShopperRead(ctx context.Context, shopperID, conversationID string, seq int64) (int64, error) {
	if !isID(conversationID) {
		return 0, refuse(assist.CodeUnknownConversation)
	}
	err := db.pool.QueryRow(ctx, sqlShopperRead, conversationID, shopperID, seq).Scan(&seq)
	return seq, orRefuse(err, assist.CodeUnknownConversation)
}

const sqlIsBotMessage = `
select exists (select from events
	where conversation_id = $1 and seq = $2 and kind = 'message' and author_kind = 'bot')`

const sqlUpsertRating = `
insert into ratings (conversation_id, event_seq, score, comment, at)
values ($1, $2, $3, $4, $5)
on conflict (conversation_id, event_seq) do update set
	score = excluded.score, comment = excluded.comment, at = excluded.at`

const sqlHasSentDrafts = `
select exists (select from drafts where site_id = $1 and conversation_id = $2 and sent_seq is not null)`

// AcceptRating stores a verdict on one of the bot's messages. A good one has the
// conversation's replies looked at for what they teach; a bad one drops what was
// kept of them.
func (db *DB) AcceptRating(ctx context.Context, a assist.AcceptRating) (assist.Accepted, error) {
	r := a.Rating
	if r.Score != 1 && r.Score != -1 {
		return assist.Accepted{}, refuse(assist.CodeBadRating)
	}
	return db.accept(ctx, incoming{
		visit: a.Visit,
		event: assist.Event{Kind: assist.KindRating, Rating: &r},
		allowed: func(ctx context.Context, tx pgx.Tx, c assist.Conversation) error {
			var is bool
			if err := tx.QueryRow(ctx, sqlIsBotMessage, c.ID, r.EventSeq).Scan(&is); err != nil {
				return err
			}
			if !is {
				return refuse(assist.CodeBadRating)
			}
			return nil
		},
		more: func(b *pgx.Batch, did *assist.Accepted) {
			b.Queue(sqlUpsertRating, did.Conversation.ID, r.EventSeq, r.Score, r.Comment, did.Event.At)
			if r.Score < 0 {
				b.Queue(sqlForgetGoodReplies, did.Conversation.SiteID, did.Conversation.ID)
			}
		},
		then: func(ctx context.Context, tx pgx.Tx, did *assist.Accepted) error {
			c := did.Conversation
			if err := db.collectRating(ctx, tx, c, r); err != nil || r.Score < 0 {
				return err
			}
			var sent bool
			if err := tx.QueryRow(ctx, sqlHasSentDrafts, c.SiteID, c.ID).Scan(&sent); err != nil || !sent {
				return err
			}
			return db.enqueueLearning(ctx, tx, c.SiteID, c.ID)
		},
	})
}
