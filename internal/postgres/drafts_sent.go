package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/draft"
)

// sentReply is an agent's reply whose event the same transaction appends.
type sentReply struct {
	siteID, conversationID string
	draftID                string // the draft that it was made of; empty: of none
	agentID                string
	seq                    int64
	text                   string
}

const sqlDraftToDecide = `
select case when d.state = 'writing' then '' else d.id::text end, d.text from drafts d
where d.id = $3 and d.conversation_id = $2 and d.site_id = $1
for no key update`

const sqlReadyDraft = `
select d.id, d.text from drafts d
where d.conversation_id = $2 and d.site_id = $1 and d.state = 'ready' and d.outcome is null
order by d.created_at desc, d.id desc limit 1
for no key update`

const sqlDecideDraft = `
update drafts set outcome = $2, decided_at = clock_timestamp(), agent_id = nullif($3, '')::uuid, sent_seq = $4, sent_text = $5,
	edit_distance = $6, words_added = $7, words_removed = $8,
	seconds_to_send = extract(epoch from clock_timestamp() - opened_at)
where id = $1 and sent_seq is null`

const sqlSupersedeOthers = `
update drafts set state = 'superseded', finished_at = coalesce(finished_at, clock_timestamp())
where conversation_id = $1 and id::text <> $2 and state in ('writing', 'ready') and outcome is null`

// recordSent notes what became of the draft that a reply was made of: accepted
// or edited, how far it was changed, and how long it took. A reply made of none
// discards the one that waited. Every other draft of the conversation is
// superseded, and so is one that was being written still. It runs in the
// transaction that appends the reply, with the conversation locked.
// Errors: draft.CodeUnknownDraft for one that is not of this conversation.
func recordSent(ctx context.Context, tx pgx.Tx, r sentReply) error {
	var id, text string
	var row pgx.Row
	if r.draftID != "" {
		if !isID(r.draftID) {
			return refuse(draft.CodeUnknownDraft)
		}
		row = tx.QueryRow(ctx, sqlDraftToDecide, r.siteID, r.conversationID, r.draftID)
	} else {
		row = tx.QueryRow(ctx, sqlReadyDraft, r.siteID, r.conversationID)
	}
	switch err := row.Scan(&id, &text); {
	case errors.Is(err, pgx.ErrNoRows) && r.draftID != "":
		return refuse(draft.CodeUnknownDraft)
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	b := &pgx.Batch{}
	if id != "" {
		d := draft.Compare(text, r.text)
		if r.draftID == "" {
			d.Outcome = draft.Discarded
		}
		b.Queue(sqlDecideDraft, id, d.Outcome, r.agentID, r.seq, r.text, d.Distance, orEmpty(d.Added), orEmpty(d.Removed))
	}
	b.Queue(sqlSupersedeOthers, r.conversationID, id)
	return runBatch(ctx, tx, b)
}
