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

const draftColumns = `d.id, d.site_id, d.conversation_id, d.for_seq, d.state, d.tone, d.text, d.citations,
	d.unsupported, d.model, d.note, coalesce(d.outcome, ''), d.created_at`

func draftTargets(d *draft.Draft) []any {
	return []any{&d.ID, &d.SiteID, &d.ConversationID, &d.ForSeq, &d.State, &d.Tone, &d.Text, &d.Citations,
		&d.Unsupported, &d.Model, &d.Note, &d.Outcome, &d.CreatedAt}
}

func readDraft(row pgx.Row) (draft.Draft, error) {
	var d draft.Draft
	err := row.Scan(draftTargets(&d)...)
	d.CreatedAt = d.CreatedAt.UTC()
	return d, err
}

const sqlLockConversationForDraft = `
select c.shopper_id, c.state,
	coalesce((select max(e.seq) from events e
		where e.conversation_id = c.id and e.author_kind = 'shopper'
		and (e.kind = 'message' or e.kind = 'handoff' and e.handoff ->> 'state' = 'requested')), 0)
from conversations c
where c.id = $1 and c.site_id = $2
for update of c`

const sqlWritingDraft = `
select ` + draftColumns + `, d.attempt, d.leased_until > clock_timestamp()
from drafts d
where d.conversation_id = $1 and d.state = 'writing'
for no key update`

const sqlDraftIsThere = `
select exists (select from drafts where conversation_id = $1 and for_seq >= $2 and state <> 'writing')`

const sqlTakeDraft = `
update drafts set owner = $2, leased_until = clock_timestamp() + $3::interval, attempt = attempt + 1
where id = $1
returning attempt`

const sqlSupersedeDraft = `
update drafts set state = 'superseded', finished_at = clock_timestamp() where id = $1 and state = 'writing'`

const sqlInsertDraft = `
insert into drafts as d (id, site_id, conversation_id, for_seq, tone, state, owner, leased_until, locale, given, asked_by)
values ($1, $2, $3, $4, $5, 'writing', $6, clock_timestamp() + $7::interval, $8, $9, nullif($10, '')::uuid)
returning ` + draftColumns

// BeginDraft opens a draft, or takes one over that nobody writes any more.
func (db *DB) BeginDraft(ctx context.Context, b draft.Begin) (draft.Work, error) {
	if !isID(b.ConversationID) || !isID(b.SiteID) {
		return draft.Work{}, refuse(assist.CodeUnknownConversation)
	}
	var w draft.Work
	var refusal error
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		w, refusal = draft.Work{}, nil
		var state assist.ConversationState
		var newest int64
		if err := tx.QueryRow(ctx, sqlLockConversationForDraft, b.ConversationID, b.SiteID).Scan(&w.ShopperID, &state, &newest); err != nil {
			return orRefuse(err, assist.CodeUnknownConversation)
		}
		if err := releaseOfDead(ctx, tx, b.SiteID, b.ConversationID); err != nil {
			return err
		}
		if state != assist.Open {
			refusal = refuse(draft.CodeClosed)
			return nil
		}
		var running draft.Work
		var held bool
		err := tx.QueryRow(ctx, sqlWritingDraft, b.ConversationID).Scan(append(draftTargets(&running.Draft), &running.Attempt, &held)...)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		switch there := err == nil; {
		case newest == 0, b.DraftID != "" && running.ID != b.DraftID, b.DraftID == "" && b.Seq > 0 && newest > b.Seq:
			refusal = refuse(draft.CodeOver)
			return nil
		case there && held && (b.DraftID != "" || b.Seq > 0 && running.ForSeq >= b.Seq):
			refusal = refuse(draft.CodeHeld)
			return nil
		case there && (b.DraftID != "" || b.Seq > 0 && running.ForSeq >= b.Seq):
			running.ShopperID = w.ShopperID
			w = running
			return tx.QueryRow(ctx, sqlTakeDraft, w.ID, b.Owner, b.Lease).Scan(&w.Attempt)
		}
		if b.Seq > 0 {
			var is bool
			if err := tx.QueryRow(ctx, sqlDraftIsThere, b.ConversationID, b.Seq).Scan(&is); err != nil {
				return err
			}
			if is {
				refusal = refuse(draft.CodeOver)
				return nil
			}
		}
		return db.insertDraft(ctx, tx, b, newest, running.ID, &w)
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return draft.Work{}, err
	}
	return w, nil
}

func (db *DB) insertDraft(ctx context.Context, tx pgx.Tx, b draft.Begin, newest int64, superseded string, w *draft.Work) error {
	if superseded != "" {
		if _, err := tx.Exec(ctx, sqlSupersedeDraft, superseded); err != nil {
			return err
		}
	}
	id, err := newID()
	if err != nil {
		return err
	}
	w.SupersededID, w.Attempt = superseded, 1
	w.Draft, err = readDraft(tx.QueryRow(ctx, sqlInsertDraft, id, b.SiteID, b.ConversationID, newest, b.Tone, b.Owner, b.Lease, b.Locale, b.Given, b.AgentID))
	if err != nil || b.RescueAfter == 0 {
		return err
	}
	return db.enqueueDraft(ctx, tx, draft.Rescue{SiteID: b.SiteID, ConversationID: b.ConversationID, DraftID: id}, b.RescueAfter)
}

// enqueueDraft sees to it that a draft is written even if nobody begins it or
// the process dies: whoever commits what calls for one enqueues it in the same
// transaction. A job for later notifies nobody.
func (db *DB) enqueueDraft(ctx context.Context, tx pgx.Tx, r draft.Rescue, after time.Duration) error {
	if _, err := db.queue.InsertTx(ctx, tx, r, &river.InsertOpts{ScheduledAt: time.Now().Add(after)}); err != nil {
		return fmt.Errorf("enqueue the draft: %w", err)
	}
	return nil
}

const sqlRenewDraft = `
update drafts set leased_until = clock_timestamp() + $3::interval
where id = $1 and owner = $2 and state = 'writing'`

// RenewDraft keeps a draft that is being written.
func (db *DB) RenewDraft(ctx context.Context, draftID, owner string, until time.Duration) error {
	tag, err := db.pool.Exec(ctx, sqlRenewDraft, draftID, owner, until)
	if err == nil && tag.RowsAffected() == 0 {
		err = refuse(draft.CodeOver)
	}
	return err
}

const sqlLockConversationOfDraft = `
select c.site_id, c.state from drafts d join conversations c on c.id = d.conversation_id where d.id = $1 for update of c`

const sqlLockDraft = `
select state, owner, reserved_micros, reserved_on from drafts where id = $1 for no key update`

const sqlFinishDraft = `
update drafts as d set state = $2, finished_at = clock_timestamp(), text = $3, citations = $4, unsupported = $5,
	model = $6, prompt_hash = $7, care_version = $8, topic = $9, note = $10
where id = $1
returning ` + draftColumns

const sqlSupersedeReady = `
update drafts set state = 'superseded'
where conversation_id = $2 and id <> $1 and state = 'ready' and outcome is null`

// FinishDraft ends a draft if it is still the owner's to end. What its calls
// cost is counted in any case.
func (db *DB) FinishDraft(ctx context.Context, f draft.Finish) (draft.Draft, error) {
	var d draft.Draft
	var refusal error
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		d, refusal = draft.Draft{}, nil
		var siteID, owner string
		var open assist.ConversationState
		var state draft.State
		var reserved reservation
		locks := &pgx.Batch{}
		locks.Queue(sqlLockConversationOfDraft, f.DraftID).QueryRow(func(row pgx.Row) error {
			return orRefuse(row.Scan(&siteID, &open), draft.CodeOver)
		})
		locks.Queue(sqlLockDraft, f.DraftID).QueryRow(func(row pgx.Row) error {
			return orRefuse(row.Scan(&state, &owner, &reserved.amount, &reserved.day), draft.CodeOver)
		})
		if err := runBatch(ctx, tx, locks); err != nil {
			return err
		}
		b := &pgx.Batch{}
		mine := state == draft.Writing && owner == f.Owner
		switch {
		case f.State == "":
		case !mine:
			refusal = refuse(draft.CodeOver)
		case open != assist.Open:
			refusal = refuse(draft.CodeOver)
			b.Queue(sqlSupersedeDraft, f.DraftID)
		default:
			r := f.Result
			b.Queue(sqlFinishDraft, f.DraftID, f.State, r.Text, orEmpty(r.Citations), orEmpty(r.Unsupported), r.Model, r.PromptHash,
				r.CareVersion, r.Topic, r.Note).QueryRow(func(row pgx.Row) (err error) {
				d, err = readDraft(row)
				return err
			})
		}
		// While somebody else writes the draft, the reservation is theirs to settle.
		if state == draft.Writing && owner != f.Owner {
			reserved = reservation{}
		}
		queueSettleDraft(b, siteID, f.DraftID, reserved, f.Result.Calls)
		if err := runBatch(ctx, tx, b); err != nil {
			return err
		}
		if d.State == draft.Ready {
			_, err := tx.Exec(ctx, sqlSupersedeReady, d.ID, d.ConversationID)
			return err
		}
		return nil
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return draft.Draft{}, err
	}
	return d, nil
}

const sqlLatestDraft = `
select ` + draftColumns + ` from drafts d
where d.conversation_id = $2 and d.site_id = $1 and d.state in ('writing', 'ready') and d.outcome is null
order by d.created_at desc, d.id desc limit 1`

// LatestDraft is the draft that waits for the agent.
func (db *DB) LatestDraft(ctx context.Context, siteID, conversationID string) (draft.Draft, bool, error) {
	if !isID(conversationID) {
		return draft.Draft{}, false, refuse(assist.CodeUnknownConversation)
	}
	d, err := readDraft(db.pool.QueryRow(ctx, sqlLatestDraft, siteID, conversationID))
	if errors.Is(err, pgx.ErrNoRows) {
		return draft.Draft{}, false, nil
	}
	return d, err == nil, err
}

const sqlOpenDraft = `
update drafts set opened_at = coalesce(opened_at, clock_timestamp())
where id = $3 and conversation_id = $2 and site_id = $1`

// OpenDraft notes when an agent first saw a draft. Errors: draft.CodeUnknownDraft.
func (db *DB) OpenDraft(ctx context.Context, siteID, conversationID, draftID string) error {
	if !isID(conversationID) || !isID(draftID) {
		return refuse(draft.CodeUnknownDraft)
	}
	tag, err := db.pool.Exec(ctx, sqlOpenDraft, siteID, conversationID, draftID)
	if err == nil && tag.RowsAffected() == 0 {
		err = refuse(draft.CodeUnknownDraft)
	}
	return err
}

// What was sent with a draft stays what it is.
const sqlDiscardDraft = `
update drafts set
	outcome = coalesce(outcome, 'discarded'), decided_at = coalesce(decided_at, clock_timestamp()), agent_id = coalesce(agent_id, $4)
where id = $3 and conversation_id = $2 and site_id = $1 and state <> 'writing'`

// DiscardDraft notes that an agent does not want a draft.
// Errors: draft.CodeUnknownDraft.
func (db *DB) DiscardDraft(ctx context.Context, siteID, conversationID, draftID, agentID string) error {
	if !isID(conversationID) || !isID(draftID) {
		return refuse(draft.CodeUnknownDraft)
	}
	tag, err := db.pool.Exec(ctx, sqlDiscardDraft, siteID, conversationID, draftID, agentID)
	if err == nil && tag.RowsAffected() == 0 {
		err = refuse(draft.CodeUnknownDraft)
	}
	return err
}
