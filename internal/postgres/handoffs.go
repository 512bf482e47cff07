package postgres

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
)

// A Handoff is a shopper's wish for a person, with all that was said.
type Handoff struct {
	ID             int64
	ConversationID string
	Locale         string
	At             time.Time
	Email, Note    string
	Open           bool
	Shopper        assist.Shopper
	Page           assist.Page
	Events         []assist.Event
}

const sqlHandoffs = `
select h.id, h.conversation_id, c.locale, h.created_at, h.email, h.note, h.state = 'open', c.page,
	` + shopperColumns + `
from handoffs h
join conversations c on c.id = h.conversation_id
join shoppers s on s.id = c.shopper_id
where h.site_id = $1 and h.id < $2
order by h.id desc
limit $3`

const sqlHandoffEvents = `
select ` + eventColumns + ` from events e
where e.conversation_id = any($1)
order by e.conversation_id, e.seq`

// Handoffs lists a site's wishes for a person, the newest first, at most limit,
// those with an id below before (0: all of them).
func (db *DB) Handoffs(ctx context.Context, siteID string, limit int, before int64) ([]Handoff, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	rows, err := db.pool.Query(ctx, sqlHandoffs, siteID, before, limit)
	if err != nil {
		return nil, err
	}
	var conversations []string
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Handoff, err error) {
		s := &h.Shopper
		err = row.Scan(&h.ID, &h.ConversationID, &h.Locale, &h.At, &h.Email, &h.Note, &h.Open, &h.Page,
			&s.ID, &s.SiteID, &s.ExternalID, &s.Name, &s.Email)
		h.At = h.At.UTC()
		conversations = append(conversations, h.ConversationID)
		return h, err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if rows, err = db.pool.Query(ctx, sqlHandoffEvents, conversations); err != nil {
		return nil, err
	}
	events, err := collectEvents(rows)
	if err != nil {
		return nil, err
	}
	byConversation := map[string][]assist.Event{}
	for _, e := range events {
		byConversation[e.ConversationID] = append(byConversation[e.ConversationID], e)
	}
	for i := range list {
		list[i].Events = byConversation[list[i].ConversationID]
	}
	return list, nil
}

const sqlCloseHandoff = `
update handoffs set state = 'closed' where id = $1 and site_id = $2 and state = 'open'`

// CloseHandoff closes one of a site's handoffs and reports whether it was open.
func (db *DB) CloseHandoff(ctx context.Context, siteID string, id int64) (bool, error) {
	tag, err := db.pool.Exec(ctx, sqlCloseHandoff, id, siteID)
	return tag.RowsAffected() == 1, err
}
