package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// One transaction at a time gives conversations to agents, so that two that
// escalate at once do not both take an agent's last place. The lock is for all
// sites, because agents are; it is taken after the conversation's and held for
// some milliseconds.
const sqlLockQueue = `select pg_advisory_xact_lock(hashtext('careloop queue'))`

// What an escalation says wins where it is more urgent; who waits already keeps
// their place. A topic's team takes it, unless it was passed to a team before.
const sqlJoinQueue = `
update conversations c set
	waiting_since = coalesce(c.waiting_since, $2),
	escalated_at  = coalesce(c.escalated_at, $2),
	urgency       = greatest(c.urgency, $3),
	topic         = coalesce(nullif($4, ''), c.topic),
	feeling       = coalesce(nullif($5, ''), c.feeling),
	team_id       = coalesce(c.team_id, (
		select t.id from teams t
		where t.site_id = c.site_id and $4 <> '' and $4 = any(t.topics)
		order by t.name limit 1))
where c.id = $1
returning c.waiting_since, coalesce(c.team_id::text, '')`

// Who has room, and the first of the queue that one of them may take, for the
// least busy of these. A conversation counts for its agent while it is open and
// either the shopper waits or something happened in it within half a day: what
// was answered yesterday and never closed takes nobody's place. A team's
// conversation goes to its members, and to everybody while none of them is
// there. Whatever somebody else has locked is being taken.
const sqlNextAssignment = `
with here as materialized (
	select a.id, a.name, a.role, a.capacity, a.assigned_at from agents a
	where a.disabled_at is null and a.presence = 'online'
	and exists (select from presences p where p.agent_id = a.id and p.seen_at > clock_timestamp() - interval '45 seconds')
), free as materialized (
	select h.id, h.name, h.role, h.assigned_at, held.n::float8 / h.capacity as load
	from here h
	cross join lateral (
		select count(*) as n from conversations o
		where o.assignee_id = h.id and o.state = 'open'
		and (o.waiting_since is not null or o.updated_at > clock_timestamp() - interval '12 hours')
	) held
	where held.n < h.capacity
)
select c.id, pick.id, pick.name
from conversations c
cross join lateral (
	select f.id, f.name from free f
	where (f.role = 'admin' or exists (select from agent_sites g where g.agent_id = f.id and g.site_id = c.site_id))
	and f.id is distinct from c.passed_by
	and (c.team_id is null
		or exists (select from team_members m where m.team_id = c.team_id and m.agent_id = f.id)
		or not exists (select from team_members m join here h on h.id = m.agent_id where m.team_id = c.team_id))
	order by f.load, f.assigned_at nulls first, f.id
	limit 1
) pick
where c.state = 'open' and c.waiting_since is not null and c.assignee_id is null
order by c.urgency desc, c.waiting_since, c.id
limit 1
for update of c skip locked`

const sqlAssign = `
with given as (
	update agents set assigned_at = $3 where id = $2 and $4
), taken as (
	update handoffs set agent_id = $2, claimed_at = coalesce(claimed_at, $3)
	where conversation_id = $1 and state = 'open'
)
update conversations set assignee_id = $2, charge = 'person', passed_by = null where id = $1`

const sqlQueuePlace = `
select count(*) + 1 from conversations o
join conversations c on c.id = $1
where o.site_id = c.site_id and o.state = 'open' and o.waiting_since is not null and o.assignee_id is null and o.id <> c.id
and (o.urgency > c.urgency or o.urgency = c.urgency and (o.waiting_since, o.id) < (c.waiting_since, c.id))`

const sqlAgentsOnline = `
select count(*) from agents a
where a.disabled_at is null and a.presence = 'online'
and (a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = $1))
and exists (select from presences p where p.agent_id = a.id and p.seen_at > clock_timestamp() - interval '45 seconds')`

// wait is how a conversation joins the queue.
type wait struct {
	since          time.Time
	urgency        int
	topic, feeling string
}

// placed says what became of a conversation that was passed on to people.
type placed struct {
	// event is the assignment, to be appended after what led to it; nil where the
	// conversation waits.
	event *assist.Event
	// queue is its place among those who wait at the site, 1 for the next; 0
	// where somebody has it.
	queue int
	// online counts the agents who are there for the site.
	online int
}

// place passes conversation c, which tx has locked, on to people: it joins the
// queue and is given to the least busy agent who has room, unless others wait
// longer. c becomes what is stored. A conversation that a person has already
// stays theirs.
func place(ctx context.Context, tx pgx.Tx, c *assist.Conversation, w wait) (placed, error) {
	var p placed
	b := &pgx.Batch{}
	b.Queue(sqlJoinQueue, c.ID, w.since, w.urgency, w.topic, w.feeling).QueryRow(func(row pgx.Row) error {
		return row.Scan(&c.WaitingSince, &c.TeamID)
	})
	b.Queue(sqlAgentsOnline, c.SiteID).QueryRow(func(row pgx.Row) error { return row.Scan(&p.online) })
	if c.AssigneeID != "" {
		return p, runBatch(ctx, tx, b)
	}
	b.Queue(sqlLockQueue)
	if err := runBatch(ctx, tx, b); err != nil {
		return placed{}, err
	}
	id, agent, err := nextAssignment(ctx, tx)
	if err != nil {
		return placed{}, err
	}
	if id == c.ID {
		p.event, err = assign(ctx, tx, c, agent, w.since, true)
		return p, err
	}
	// Others are first; whoever made room for them gives them out.
	return p, tx.QueryRow(ctx, sqlQueuePlace, c.ID).Scan(&p.queue)
}

// nextAssignment finds the conversation that is to be given out next, locks it,
// and says to whom it goes; an empty id: nobody waits whom anybody may take. The
// queue is locked.
func nextAssignment(ctx context.Context, tx pgx.Tx) (id string, agent inbox.Name, err error) {
	err = tx.QueryRow(ctx, sqlNextAssignment).Scan(&id, &agent.ID, &agent.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return id, agent, err
}

// assign gives the locked conversation c to an agent, who is in charge from now
// on, and returns the event that says so, to be appended. byItself says that the
// agent did not choose it.
func assign(ctx context.Context, tx pgx.Tx, c *assist.Conversation, agent inbox.Name, at time.Time, byItself bool) (*assist.Event, error) {
	if _, err := tx.Exec(ctx, sqlAssign, c.ID, agent.ID, at, byItself); err != nil {
		return nil, err
	}
	c.AssigneeID, c.Charge = agent.ID, assist.PersonInCharge
	return &assist.Event{
		Kind: assist.KindAssignment, At: at, Author: assist.Author{Kind: assist.BySystem},
		Assignment: &assist.Assignment{AgentID: agent.ID, AgentName: agent.Name},
	}, nil
}

// AgentsOnline counts the agents who are there for a site right now.
func (db *DB) AgentsOnline(ctx context.Context, siteID string) (int, error) {
	var n int
	err := db.pool.QueryRow(ctx, sqlAgentsOnline, siteID).Scan(&n)
	return n, err
}

const sqlLockForAssignment = `
select ` + conversationColumns + ` from conversations c where c.id = $1 for update`

// AssignNext gives the conversation that is first in the queues to the least
// busy agent who may take it.
func (in Inbox) AssignNext(ctx context.Context) (done inbox.Done, ok bool, err error) {
	err = in.db.inTx(ctx, func(tx pgx.Tx) error {
		done, ok = inbox.Done{}, false
		if _, err := tx.Exec(ctx, sqlLockQueue); err != nil {
			return err
		}
		id, agent, err := nextAssignment(ctx, tx)
		if err != nil || id == "" {
			return err
		}
		c := &done.Conversation
		if *c, err = scanConversation(tx.QueryRow(ctx, sqlLockForAssignment, id)); err != nil {
			return err
		}
		e, err := assign(ctx, tx, c, agent, storable(time.Now()), true)
		if err != nil {
			return err
		}
		d := deed{tx: tx, at: e.At, b: &pgx.Batch{}, done: done}
		d.supersede()
		d.append(*e)
		err = runBatch(ctx, tx, d.b)
		done, ok = d.done, true
		return err
	})
	return done, ok && err == nil, err
}

// A shopper who waits for somebody who is gone.
const sqlNextRelease = `
select ` + conversationColumns + `
from conversations c
join agents a on a.id = c.assignee_id
where c.state = 'open' and c.waiting_since < clock_timestamp() - $1::interval
and (a.disabled_at is not null or a.left_at < clock_timestamp() - $1::interval)
order by c.urgency desc, c.waiting_since, c.id
limit 1
for update of c skip locked`

// ReleaseNext puts one conversation back into the queue whose agent is gone.
func (in Inbox) ReleaseNext(ctx context.Context, grace time.Duration) (done inbox.Done, ok bool, err error) {
	err = in.db.inTx(ctx, func(tx pgx.Tx) error {
		done, ok = inbox.Done{}, false
		c, err := scanConversation(tx.QueryRow(ctx, sqlNextRelease, grace))
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		at := storable(time.Now())
		if err := backToQueue(ctx, tx, &c, c.TeamID, "", at); err != nil {
			return err
		}
		d := deed{tx: tx, at: at, b: &pgx.Batch{}, done: inbox.Done{Conversation: c}}
		d.append(assist.Event{Kind: assist.KindAssignment, Author: assist.Author{Kind: assist.BySystem}, Assignment: &assist.Assignment{TeamID: c.TeamID}})
		err = runBatch(ctx, tx, d.b)
		done, ok = d.done, true
		return err
	})
	return done, ok && err == nil, err
}
