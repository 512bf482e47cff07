package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/post"
)

var _ post.Store = (*DB)(nil)

const sqlLetterAddress = `
select c.site_id, s.name, s.mail_from, coalesce(nullif(c.reply_email, ''), p.email), c.locale,
	coalesce((select e.text from events e
		where e.conversation_id = c.id and e.kind = 'message' and e.author_kind = 'shopper' and e.seq < $2
		order by e.seq desc limit 1), ''),
	array(select l.message_id from letters l
		where l.conversation_id = c.id and l.state in ('sent', 'taken') order by l.created_at, l.id)
from conversations c
join sites s on s.id = c.site_id
join shoppers p on p.id = c.shopper_id
where c.id = $1`

// What the shopper has not read in the chat and no letter carried: messages of
// agents, and of the bot where it answers a letter.
const sqlLetterEvents = `
select ` + eventColumns + `
from conversations c
join events e on e.conversation_id = c.id
where c.id = $1 and e.seq <= $2 and e.kind = 'message'
and (e.author_kind = 'agent' or e.author_kind = 'bot' and (
	select q.via from events q
	where q.conversation_id = c.id and q.seq < e.seq and q.kind = 'message' and q.author_kind = 'shopper'
	order by q.seq desc limit 1) = 'email')
and e.seq > c.shopper_read_seq
and e.seq > coalesce((select max(l.to_seq) from letters l
	where l.conversation_id = c.id and l.direction = 'out' and l.state in ('sent', 'failed')), 0)
order by e.seq limit 50`

// LetterDue reads what there is to send up to an event.
func (db *DB) LetterDue(ctx context.Context, conversationID string, seq int64) (post.Due, error) {
	if !isID(conversationID) {
		return post.Due{}, refuse(assist.CodeUnknownConversation)
	}
	var d post.Due
	b := &pgx.Batch{}
	b.Queue(sqlLetterAddress, conversationID, seq).QueryRow(func(row pgx.Row) error {
		return orRefuse(row.Scan(&d.SiteID, &d.Shop, &d.From, &d.To, &d.Locale, &d.Asked, &d.Earlier), assist.CodeUnknownConversation)
	})
	b.Queue(sqlLetterEvents, conversationID, seq).Query(func(rows pgx.Rows) (err error) {
		d.Said, err = collectEvents(rows)
		return err
	})
	if err := db.pool.SendBatch(ctx, b).Close(); err != nil {
		return post.Due{}, err
	}
	for _, e := range d.Said {
		if e.Author.Kind == assist.ByAgent {
			d.Sender = e.Author.Name
		}
	}
	return d, nil
}

const sqlStartLetter = `
insert into letters as l (id, site_id, conversation_id, direction, message_id, address, from_seq, to_seq, state)
values ($1, $2, $3, 'out', $4, $5, $6, $7, 'queued')
on conflict (message_id) do update set state = 'queued', address = excluded.address
where l.state = 'queued'`

// StartLetter notes that a letter is about to be sent.
func (db *DB) StartLetter(ctx context.Context, l post.Letter) (bool, error) {
	id, err := newID()
	if err != nil {
		return false, err
	}
	tag, err := db.pool.Exec(ctx, sqlStartLetter, id, l.SiteID, l.ConversationID, l.MessageID, l.To, l.FromSeq, l.ToSeq)
	return tag.RowsAffected() == 1, err
}

const sqlEndLetter = `
update letters set state = $2, reason = $3, sent_at = case when $2 = 'sent' then now() end
where message_id = $1 and direction = 'out'`

// EndLetter notes what became of a letter.
func (db *DB) EndLetter(ctx context.Context, messageID string, state post.State, reason string) error {
	_, err := db.pool.Exec(ctx, sqlEndLetter, messageID, state, preview(reason))
	return err
}

const sqlPlaceOfLetter = `
select c.site_id, c.shopper_id, c.id, c.locale, coalesce(nullif(c.reply_email, ''), p.email),
	(select count(*) from letters l
		where l.conversation_id = c.id and l.direction = 'in' and l.created_at > now() - interval '1 hour')
from conversations c
join shoppers p on p.id = c.shopper_id
where c.id = $1`

// PlaceOfLetter finds the conversation of a signed address.
func (db *DB) PlaceOfLetter(ctx context.Context, conversationID string) (post.Place, error) {
	if !isID(conversationID) {
		return post.Place{}, refuse(assist.CodeUnknownConversation)
	}
	var p post.Place
	err := db.pool.QueryRow(ctx, sqlPlaceOfLetter, conversationID).Scan(&p.SiteID, &p.ShopperID, &p.ConversationID, &p.Locale, &p.Email, &p.Taken)
	return p, orRefuse(err, assist.CodeUnknownConversation)
}

const sqlLetterKnown = `select exists (select from letters where message_id = $1)`

// LetterKnown reports whether a letter of this message id was dealt with.
func (db *DB) LetterKnown(ctx context.Context, messageID string) (known bool, err error) {
	err = db.pool.QueryRow(ctx, sqlLetterKnown, messageID).Scan(&known)
	return known, err
}

const sqlNoteIncoming = `
insert into letters (id, site_id, conversation_id, direction, message_id, address, subject, state, reason)
values ($1, $2, $3, 'in', $4, $5, $6, $7, $8)
on conflict (message_id) do nothing`

const sqlLockAnyConversation = `select ` + conversationColumns + ` from conversations c where c.id = $1 for update`

// NoteIncoming stores what became of a letter that came in, once.
func (db *DB) NoteIncoming(ctx context.Context, in post.Incoming, note string) (*assist.Event, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	var event *assist.Event
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		event = nil
		tag, err := tx.Exec(ctx, sqlNoteIncoming, id, in.SiteID, in.ConversationID, in.MessageID, in.Address, preview(in.Subject), in.State, in.Reason)
		if err != nil || tag.RowsAffected() == 0 || note == "" {
			return err
		}
		e, err := appendSystemNote(ctx, tx, in.ConversationID, note)
		event = &e
		return err
	})
	return event, err
}

// NoteFailure writes a note that a letter could not be delivered.
func (db *DB) NoteFailure(ctx context.Context, conversationID, note string) (e assist.Event, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		e, err = appendSystemNote(ctx, tx, conversationID, note)
		return err
	})
	return e, err
}

// appendSystemNote tells the agents something on the timeline.
func appendSystemNote(ctx context.Context, tx pgx.Tx, conversationID, note string) (assist.Event, error) {
	c, err := scanConversation(tx.QueryRow(ctx, sqlLockAnyConversation, conversationID))
	if err != nil {
		return assist.Event{}, orRefuse(err, assist.CodeUnknownConversation)
	}
	e := assist.Event{Kind: assist.KindNote, At: storable(time.Now()), Author: assist.Author{Kind: assist.BySystem}, Text: note}
	b := &pgx.Batch{}
	queueEvent(b, &c, &e, nil)
	return e, runBatch(ctx, tx, b)
}
