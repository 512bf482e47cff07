package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
)

const sqlLockQueue = `select pg_advisory_xact_lock(hashtext('careloop queue'))`

const sqlJoinQueue = `
update conversations c set
	waiting_since = coalesce(c.waiting_since, $2),
	escalated_at  = coalesce(c.escalated_at, $2),
	urgency       = greatest(c.urgency, $3),
	topic         = coalesce(nullif($4, ''), c.topic),
	feeling       = coalesce(nullif($5, ''), c.feeling),
	team_id       = coalesce(c.team_id, (
		select t.id from teams t
		where t.site_id = c.site_id and $4 = any (t.topics)
		order by t.name limit 1))
where c.id = $1
returning c.waiting_since, coalesce(c.team_id::text, '')`

// onlineAgents are those of a site ($1) whose console is open and who have not
// said that they are away.
const onlineAgents = `
from agents a
where a.disabled_at is null and a.presence = 'online'
and exists (select from presences p where p.agent_id = a.id and p.seen_at > clock_timestamp() - interval '45 seconds')
and (a.role = 'admin' or exists (select from agent_sites s where s.agent_id = a.id and s.site_id = $1))`

const sqlAgentsOnline = `select count(*) ` + onlineAgents

const sqlFreeAgent = `
select a.id, a.name ` + onlineAgents + `
and ($2 = '' or exists (select from team_members m where m.agent_id = a.id and m.team_id = nullif($2, '')::uuid))
and (select count(*) from conversations c where c.assignee_id = a.id and c.state = 'open') < a.capacity
order by (select count(*) from conversations c where c.assignee_id = a.id and c.state = 'open'), a.id
limit 1
for no key update of a`

const sqlAssign = `update conversations set assignee_id = $2, charge = 'person' where id = $1`

const sqlQueuePlace = `
select count(*) + 1 from conversations o
join conversations c on c.id = $1
where o.site_id = c.site_id and o.state = 'open' and o.waiting_since is not null and o.assignee_id is null and o.id <> c.id
and (o.urgency > c.urgency or o.urgency = c.urgency and (o.waiting_since, o.id) < (c.waiting_since, c.id))`

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

// place passes conversation c, which tx has locked, on to people.
func place(ctx context.Context, tx pgx.Tx, c *assist.Conversation, w wait) (placed, error) {
	var p placed
	b := &pgx.Batch{}
	b.Queue(sqlJoinQueue, c.ID, w.since, w.urgency, w.topic, w.feeling).QueryRow(func(row pgx.Row) error {
		return row.Scan(&c.WaitingSince, &c.TeamID)
	})
	b.Queue(sqlAgentsOnline, c.SiteID).QueryRow(func(row pgx.Row) error { return row.Scan(&p.online) })
	b.Queue(sqlLockQueue)
	if err := runBatch(ctx, tx, b); err != nil || c.AssigneeID != "" {
		return p, err
	}
	var a assist.Assignment
	err := tx.QueryRow(ctx, sqlFreeAgent, c.SiteID, c.TeamID).Scan(&a.AgentID, &a.AgentName)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, tx.QueryRow(ctx, sqlQueuePlace, c.ID).Scan(&p.queue)
	}
	if err != nil {
		return p, err
	}
	c.AssigneeID, c.Charge = a.AgentID, assist.PersonInCharge
	p.event = &assist.Event{Kind: assist.KindAssignment, At: w.since, Author: assist.Author{Kind: assist.BySystem}, Assignment: &a}
	_, err = tx.Exec(ctx, sqlAssign, c.ID, a.AgentID)
	return p, err
}

// AgentsOnline counts the agents who are there for a site right now.
func (db *DB) AgentsOnline(ctx context.Context, siteID string) (int, error) {
	var n int
	err := db.pool.QueryRow(ctx, sqlAgentsOnline, siteID).Scan(&n)
	return n, err
}
