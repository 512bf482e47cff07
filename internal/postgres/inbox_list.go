package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// What a row shows. A conversation is unread while it holds something for a
// person that no agent has read.
const rowColumns = `c.id, s.id, s.name, s.email, c.state, c.charge,
	coalesce(a.id::text, ''), coalesce(a.name, ''), coalesce(t.id::text, ''), coalesce(t.name, ''),
	c.waiting_since, c.urgency, c.topic, c.feeling, c.tags, c.last_text, c.last_author, c.last_message_at, c.last_seq,
	(c.charge = 'person' or c.waiting_since is not null) and exists (
		select from events e
		where e.conversation_id = c.id and e.seq > c.agent_read_seq and e.kind = 'message' and e.author_kind = 'shopper'),
	c.created_at, c.updated_at, c.locale`

const rowTables = `
join shoppers s on s.id = c.shopper_id
left join agents a on a.id = c.assignee_id
left join teams t on t.id = c.team_id`

func scanRow(row pgx.Row, more ...any) (inbox.Row, error) {
	var r inbox.Row
	var assignee, team inbox.Name
	err := row.Scan(append([]any{&r.ID, &r.Shopper.ID, &r.Shopper.Name, &r.Shopper.Email, &r.State, &r.Charge,
		&assignee.ID, &assignee.Name, &team.ID, &team.Name,
		&r.WaitingSince, &r.Urgency, &r.Topic, &r.Feeling, &r.Tags, &r.LastText, &r.LastAuthor, &r.LastAt, &r.LastSeq,
		&r.Unread, &r.CreatedAt, &r.UpdatedAt, &r.Locale}, more...)...)
	if assignee.ID != "" {
		r.Assignee = &assignee
	}
	if team.ID != "" {
		r.Team = &team
	}
	r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC()
	return r, err
}

func collectRows(rows pgx.Rows) ([]inbox.Row, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (inbox.Row, error) { return scanRow(row) })
}

// What narrows a list beside its view: $2 the agent, $6 a tag, $7 a team.
const listFilter = `
and ($6 = '' or c.tags @> array[$6])
and ($7 = '' or c.team_id = nullif($7, '')::uuid)`

// The conversations in which words were said ($8, a tsquery; $12, as they were
// typed, for numbers and addresses that are more than one word), and those of a
// person ($9 a tsquery for names and addresses, $10 an id). Each is found once,
// by its index, and the list is walked beside it.
const listSearch = `
and ($8 = '' or c.id in (
	select e.conversation_id from events e
	where e.kind in ('message', 'note') and to_tsvector('simple', e.text) @@ (to_tsquery('simple', $8) || plainto_tsquery('simple', $12))))
and ($9 = '' and $10 = ''
	or c.shopper_id in (
		select p.id from shoppers p
		where p.site_id = $1 and $9 <> '' and to_tsvector('simple', translate(p.name || ' ' || p.email, '@._+-', '     ')) @@ to_tsquery('simple', $9))
	or c.id in (
		select o.id from conversations o
		where o.site_id = $1 and $9 <> '' and o.reply_email <> ''
		and to_tsvector('simple', translate(o.reply_email, '@._+-', '     ')) @@ to_tsquery('simple', $9))
	or $10 <> '' and (c.id = nullif($11, '')::uuid or c.shopper_id = nullif($11, '')::uuid
		or c.shopper_id in (select p.id from shoppers p where p.site_id = $1 and p.external_id = $10)))`

const listNewest = ` and (c.updated_at, c.id) < ($3, $4)` + listFilter + listSearch + `
order by c.updated_at desc, c.id desc limit $5`

// Each list is read by its index, from the row after which the page begins:
// nothing is counted off. The page alone is joined.
const sqlListMine = `
select ` + rowColumns + ` from (
	select c.* from conversations c
	where c.site_id = $1 and c.assignee_id = $2 and c.state = 'open'` + listNewest + `
) c` + rowTables + ` order by c.updated_at desc, c.id desc`

const sqlListAll = `
select ` + rowColumns + ` from (
	select c.* from conversations c
	where c.site_id = $1 and $2 <> ''` + listNewest + `
) c` + rowTables + ` order by c.updated_at desc, c.id desc`

const sqlListResolved = `
select ` + rowColumns + ` from (
	select c.* from conversations c
	where c.site_id = $1 and $2 <> '' and c.state = 'closed'` + listNewest + `
) c` + rowTables + ` order by c.updated_at desc, c.id desc`

const sqlListWaiting = `
select ` + rowColumns + ` from (
	select c.* from conversations c
	where c.site_id = $1 and c.state = 'open' and c.waiting_since is not null
	and (c.assignee_id is null or c.assignee_id = $2)
	and (c.urgency < $13 or c.urgency = $13 and (c.waiting_since, c.id) > ($3, $4))` + listFilter + listSearch + `
	order by c.urgency desc, c.waiting_since, c.id limit $5
) c` + rowTables + ` order by c.urgency desc, c.waiting_since, c.id`

const (
	lastID  = "ffffffff-ffff-ffff-ffff-ffffffffffff"
	firstID = "00000000-0000-0000-0000-000000000000"
	// mostUrgent is above every urgency.
	mostUrgent = 100
)

// farAway is later than anything that is stored.
var farAway = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// List reads a page of a list.
func (in Inbox) List(ctx context.Context, q inbox.Query) ([]inbox.Row, error) {
	id := ""
	if isID(q.Person) {
		id = q.Person
	}
	args := []any{q.SiteID, q.AgentID, q.After.At, q.After.ID, q.Limit, q.Tag, q.TeamID,
		prefixQuery(q.Words), prefixQuery(q.Person), strings.TrimSpace(q.Person), id, q.Words}
	begin := q.After.ID == ""
	query := ""
	switch q.View {
	case inbox.Waiting:
		query = sqlListWaiting
		urgency := q.After.Urgency
		if begin {
			args[2], args[3], urgency = time.Time{}, firstID, mostUrgent
		}
		args = append(args, urgency)
	case inbox.Mine:
		query = sqlListMine
	case inbox.Resolved:
		query = sqlListResolved
	default:
		query = sqlListAll
	}
	if begin && q.View != inbox.Waiting {
		args[2], args[3] = farAway, lastID
	}
	rows, err := in.db.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collectRows(rows)
}

// prefixQuery is a tsquery for texts in which every word stands, or a word that
// begins so.
func prefixQuery(s string) string {
	words := inbox.Words(s)
	for i, w := range words {
		words[i] = "'" + w + "':*" // a word is of letters and digits alone
	}
	return strings.Join(words, " & ")
}

const sqlInboxCounts = `
select
	(select count(*) from (select from conversations c
		where c.site_id = $1 and c.assignee_id = $2 and c.state = 'open' limit $3) x),
	(select count(*) from (select from conversations c
		where c.site_id = $1 and c.state = 'open' and c.waiting_since is not null
		and (c.assignee_id is null or c.assignee_id = $2) limit $3) x),
	(select count(*) from (select from conversations c where c.site_id = $1 limit $3) x),
	(select count(*) from (select from conversations c where c.site_id = $1 and c.state = 'closed' limit $3) x)`

// Counts counts each view for an agent, up to inbox.MaxCount.
func (in Inbox) Counts(ctx context.Context, siteID, agentID string) (inbox.Counts, error) {
	var n inbox.Counts
	err := in.db.pool.QueryRow(ctx, sqlInboxCounts, siteID, agentID, inbox.MaxCount).Scan(&n.Mine, &n.Waiting, &n.All, &n.Resolved)
	return n, err
}

const sqlInboxRows = `
select ` + rowColumns + ` from conversations c` + rowTables + `
where c.site_id = $1 and c.id = any($2::text[]::uuid[])`

// Rows reads the rows of conversations, in any order.
func (in Inbox) Rows(ctx context.Context, siteID string, ids []string) ([]inbox.Row, error) {
	known := make([]string, 0, len(ids))
	for _, id := range ids {
		if isID(id) {
			known = append(known, id)
		}
	}
	rows, err := in.db.pool.Query(ctx, sqlInboxRows, siteID, known)
	if err != nil {
		return nil, err
	}
	return collectRows(rows)
}

const sqlConversationOfSite = `
select ` + conversationColumns + ` from conversations c where c.id = $1 and c.site_id = $2`

// Conversation finds one of a site's.
func (in Inbox) Conversation(ctx context.Context, siteID, id string) (assist.Conversation, error) {
	if !isID(id) {
		return assist.Conversation{}, refuse(assist.CodeUnknownConversation)
	}
	c, err := scanConversation(in.db.pool.QueryRow(ctx, sqlConversationOfSite, id, siteID))
	return c, orRefuse(err, assist.CodeUnknownConversation)
}
