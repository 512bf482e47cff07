package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// enqueueLetter asks for a look, some time after what was said at a time,
// whether a letter is due.
func (db *DB) enqueueLetter(ctx context.Context, tx pgx.Tx, due assist.LetterDue, said time.Time) error {
	if _, err := db.queue.InsertTx(ctx, tx, due, &river.InsertOpts{Queue: assist.LetterQueue, ScheduledAt: said.Add(db.letterWait)}); err != nil {
		return fmt.Errorf("enqueue the letter: %w", err)
	}
	return nil
}

const sqlSetTags = `
update conversations c set tags = $3 where c.id = $1 and c.site_id = $2 returning ` + conversationColumns

// SetTags replaces a conversation's tags.
func (in Inbox) SetTags(ctx context.Context, siteID, id string, tags []string) (assist.Conversation, error) {
	if !isID(id) {
		return assist.Conversation{}, refuse(assist.CodeUnknownConversation)
	}
	c, err := scanConversation(in.db.pool.QueryRow(ctx, sqlSetTags, id, siteID, orEmpty(tags)))
	return c, orRefuse(err, assist.CodeUnknownConversation)
}

const sqlSetWish = `
update handoffs set wish = $3
where id = (select h.id from handoffs h where h.conversation_id = $1 and h.site_id = $2 order by h.id desc limit 1)`

// SetWish replaces what the newest handoff says that the shopper wants.
func (in Inbox) SetWish(ctx context.Context, siteID, id, wish string) (assist.Conversation, error) {
	c, err := in.Conversation(ctx, siteID, id)
	if err != nil {
		return c, err
	}
	tag, err := in.db.pool.Exec(ctx, sqlSetWish, id, siteID, wish)
	if err == nil && tag.RowsAffected() == 0 {
		err = refuse(inbox.CodeNoHandoff)
	}
	return c, err
}

// What is read is never more than there is. The agent's own mark is kept beside
// the one that all agents share.
const sqlMarkRead = `
with found as (
	select c.id, c.agent_read_seq as before, least($4, c.last_seq) as seq
	from conversations c where c.id = $1 and c.site_id = $2
	for update
), own as (
	insert into agent_reads (agent_id, conversation_id, seq)
	select $3, f.id, f.seq from found f
	on conflict (agent_id, conversation_id) do update set seq = greatest(agent_reads.seq, excluded.seq)
)
update conversations c set agent_read_seq = greatest(f.before, f.seq)
from found f
where c.id = f.id
returning ` + conversationColumns + `, c.agent_read_seq, f.seq > f.before`

// MarkRead notes how far an agent has read.
func (in Inbox) MarkRead(ctx context.Context, siteID, agentID, id string, seq int64) (c assist.Conversation, upTo int64, news bool, err error) {
	if !isID(id) {
		return c, 0, false, refuse(assist.CodeUnknownConversation)
	}
	err = in.db.pool.QueryRow(ctx, sqlMarkRead, id, siteID, agentID, max(seq, 0)).Scan(append(conversationTargets(&c), &upTo, &news)...)
	return c, upTo, news, orRefuse(err, assist.CodeUnknownConversation)
}

const sqlColleagues = `
select a.id, a.name,
	a.presence = 'online' and exists (select from presences p where p.agent_id = a.id and p.seen_at > clock_timestamp() - interval '45 seconds'),
	(select count(*) from conversations c where c.assignee_id = a.id and c.state = 'open')
from agents a
where a.disabled_at is null
and (a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = $1))
order by lower(a.name), a.id`

const sqlTeamNames = `select id, name from teams where site_id = $1 order by lower(name), id`

// People lists to whom a site's conversations can be passed.
func (in Inbox) People(ctx context.Context, siteID string) (inbox.People, error) {
	var p inbox.People
	b := &pgx.Batch{}
	b.Queue(sqlColleagues, siteID).Query(func(rows pgx.Rows) (err error) {
		p.Agents, err = pgx.CollectRows(rows, pgx.RowToStructByPos[inbox.Colleague])
		return err
	})
	b.Queue(sqlTeamNames, siteID).Query(func(rows pgx.Rows) (err error) {
		p.Teams, err = pgx.CollectRows(rows, pgx.RowToStructByPos[inbox.Name])
		return err
	})
	return p, in.db.pool.SendBatch(ctx, b).Close()
}

const sqlFilters = `
select id, name, query from saved_filters where site_id = $1 and agent_id = $2 order by lower(name), id`

// Filters lists an agent's own.
func (in Inbox) Filters(ctx context.Context, siteID, agentID string) ([]inbox.SavedFilter, error) {
	rows, err := in.db.pool.Query(ctx, sqlFilters, siteID, agentID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[inbox.SavedFilter])
}

// Two requests at once may keep one more than the bound; nobody is harmed.
const sqlSaveFilter = `
insert into saved_filters (id, agent_id, site_id, name, query)
select $1, $3, $2, $4, $5
where (select count(*) from saved_filters where site_id = $2 and agent_id = $3) < $6`

// SaveFilter keeps one.
func (in Inbox) SaveFilter(ctx context.Context, siteID, agentID string, f inbox.SavedFilter) (inbox.SavedFilter, error) {
	var err error
	if f.ID, err = newID(); err != nil {
		return f, err
	}
	tag, err := in.db.pool.Exec(ctx, sqlSaveFilter, f.ID, siteID, agentID, f.Name, f.Query, inbox.MaxFilters)
	return f, oneMore(tag, err)
}

// oneMore says why a row of somebody's list was not added.
func oneMore(tag pgconn.CommandTag, err error) error {
	var failure *pgconn.PgError
	switch {
	case errors.As(err, &failure) && failure.Code == "23505":
		return refuse(inbox.CodeNameTaken)
	case err == nil && tag.RowsAffected() == 0:
		return refuse(inbox.CodeTooMany)
	}
	return err
}

const sqlDropFilter = `delete from saved_filters where id = $1 and site_id = $2 and agent_id = $3`

// DropFilter forgets one.
func (in Inbox) DropFilter(ctx context.Context, siteID, agentID, id string) error {
	if !isID(id) {
		return refuse(inbox.CodeUnknownFilter)
	}
	tag, err := in.db.pool.Exec(ctx, sqlDropFilter, id, siteID, agentID)
	if err == nil && tag.RowsAffected() == 0 {
		err = refuse(inbox.CodeUnknownFilter)
	}
	return err
}

const sqlMentions = `
select e.conversation_id::text, e.seq, e.at, e.author_name, e.text, e.seq > coalesce(r.seq, 0)
from events e
join conversations c on c.id = e.conversation_id
left join agent_reads r on r.agent_id = $2 and r.conversation_id = c.id
where e.mentions @> array[$2::uuid] and e.mentions <> '{}' and e.kind = 'note' and c.site_id = $1
and (not $3 or e.seq > coalesce(r.seq, 0))
order by e.at desc, e.conversation_id, e.seq desc
limit $4`

// Mentions lists notes for an agent, the newest first.
func (in Inbox) Mentions(ctx context.Context, siteID, agentID string, unread bool, limit int) ([]inbox.Mention, error) {
	rows, err := in.db.pool.Query(ctx, sqlMentions, siteID, agentID, unread, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[inbox.Mention])
}

const sqlListMacros = `
select id, name, text, locale, uses from macros
where site_id = $1 and ($2 = '' or position(lower($2) in lower(name)) > 0 or position(lower($2) in lower(text)) > 0)
order by position(lower($2) in lower(name)) <> 1, uses desc, lower(name), id
limit $3`

// Macros lists those whose name or text holds words: first those whose name
// begins so, then the most used.
func (in Inbox) Macros(ctx context.Context, siteID, words string, limit int) ([]inbox.Macro, error) {
	rows, err := in.db.pool.Query(ctx, sqlListMacros, siteID, words, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[inbox.Macro])
}

const sqlAddMacro = `
insert into macros (id, site_id, name, text, locale, created_by)
select $1, $2, $4, $5, $6, $3
where (select count(*) from macros where site_id = $2) < $7`

// AddMacro adds one.
func (in Inbox) AddMacro(ctx context.Context, siteID, agentID string, m inbox.Macro) (inbox.Macro, error) {
	var err error
	if m.ID, err = newID(); err != nil {
		return m, err
	}
	tag, err := in.db.pool.Exec(ctx, sqlAddMacro, m.ID, siteID, agentID, m.Name, m.Text, m.Locale, inbox.MaxMacros)
	return m, oneMore(tag, err)
}

const sqlChangeMacro = `
update macros set name = $3, text = $4, locale = $5, updated_at = now()
where id = $1 and site_id = $2
returning uses`

// ChangeMacro changes one.
func (in Inbox) ChangeMacro(ctx context.Context, siteID string, m inbox.Macro) (inbox.Macro, error) {
	if !isID(m.ID) {
		return m, refuse(inbox.CodeUnknownMacro)
	}
	err := in.db.pool.QueryRow(ctx, sqlChangeMacro, m.ID, siteID, m.Name, m.Text, m.Locale).Scan(&m.Uses)
	var failure *pgconn.PgError
	if errors.As(err, &failure) && failure.Code == "23505" {
		return m, refuse(inbox.CodeNameTaken)
	}
	return m, orRefuse(err, inbox.CodeUnknownMacro)
}

const sqlDropMacro = `delete from macros where id = $1 and site_id = $2`

// DropMacro forgets one.
func (in Inbox) DropMacro(ctx context.Context, siteID, id string) error {
	if !isID(id) {
		return refuse(inbox.CodeUnknownMacro)
	}
	tag, err := in.db.pool.Exec(ctx, sqlDropMacro, id, siteID)
	if err == nil && tag.RowsAffected() == 0 {
		err = refuse(inbox.CodeUnknownMacro)
	}
	return err
}
