package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/inbox"
)

// A console that was not renewed for 45 seconds is nobody; the same number
// stands in assign.go, where agents with room are looked for.
const sqlArrive = `
with before as (
	select exists (select from presences p where p.agent_id = $2 and p.seen_at > clock_timestamp() - interval '45 seconds') as there
), open as (
	insert into presences (socket_id, agent_id, seen_at) values ($1, $2, clock_timestamp())
	on conflict (socket_id) do update set seen_at = excluded.seen_at
)
update agents a set left_at = case when a.presence = 'online' then null else a.left_at end
where a.id = $2 and a.disabled_at is null
returning a.presence = 'online' and not (select there from before)`

// Arrive notes that a console is open.
func (in Inbox) Arrive(ctx context.Context, socketID, agentID string) (first bool, err error) {
	err = in.db.pool.QueryRow(ctx, sqlArrive, socketID, agentID).Scan(&first)
	return first, err
}

const sqlLook = `
update presences set conversation_id = nullif($2, '')::uuid, seen_at = clock_timestamp() where socket_id = $1`

// Look notes what a console has on its screen.
func (in Inbox) Look(ctx context.Context, socketID, conversationID string) error {
	_, err := in.db.pool.Exec(ctx, sqlLook, socketID, conversationID)
	return err
}

// After a crash of the database the table is empty: what is open is put back.
const sqlRenewPresences = `
insert into presences (socket_id, agent_id, conversation_id, seen_at)
select o.socket_id, o.agent_id, nullif(o.conversation_id, '')::uuid, clock_timestamp()
from unnest($1::text[], $2::text[]::uuid[], $3::text[]) o(socket_id, agent_id, conversation_id)
join agents a on a.id = o.agent_id
on conflict (socket_id) do update set seen_at = excluded.seen_at`

// Renew keeps consoles open that are open still.
func (in Inbox) Renew(ctx context.Context, open []inbox.Console) error {
	sockets, agents, conversations := make([]string, len(open)), make([]string, len(open)), make([]string, len(open))
	for i, c := range open {
		sockets[i], agents[i], conversations[i] = c.SocketID, c.AgentID, c.ConversationID
	}
	_, err := in.db.pool.Exec(ctx, sqlRenewPresences, sockets, agents, conversations)
	return err
}

// Whoever was away has left already.
const sqlLeave = `
with closed as (
	delete from presences where socket_id = $1
)
update agents a set left_at = coalesce(a.left_at, clock_timestamp())
where a.id = $2
and not exists (select from presences p
	where p.agent_id = $2 and p.socket_id <> $1 and p.seen_at > clock_timestamp() - interval '45 seconds')
returning a.presence = 'online'`

// Leave notes that a console is closed.
func (in Inbox) Leave(ctx context.Context, socketID, agentID string) (last bool, err error) {
	rows, err := in.db.pool.Query(ctx, sqlLeave, socketID, agentID)
	if err != nil {
		return false, err
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	return len(left) == 1 && left[0], err
}

// Also finds those whose rows went with a crash of the database.
const sqlSweepPresences = `
with stale as (
	delete from presences where seen_at <= clock_timestamp() - interval '45 seconds'
)
update agents a set left_at = clock_timestamp()
where a.left_at is null
and not exists (select from presences p where p.agent_id = a.id and p.seen_at > clock_timestamp() - interval '45 seconds')
returning a.id`

// Sweep forgets consoles that were not renewed.
func (in Inbox) Sweep(ctx context.Context) ([]string, error) {
	rows, err := in.db.pool.Query(ctx, sqlSweepPresences)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const sqlOnlineAgents = `
select a.id from agents a
where a.disabled_at is null and a.presence = 'online'
and (a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = $1))
and exists (select from presences p where p.agent_id = a.id and p.seen_at > clock_timestamp() - interval '45 seconds')
order by a.id`

// Online lists the agents who are online for a site.
func (in Inbox) Online(ctx context.Context, siteID string) ([]string, error) {
	rows, err := in.db.pool.Query(ctx, sqlOnlineAgents, siteID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const sqlLooking = `
select distinct a.id::text, a.name
from presences p
join agents a on a.id = p.agent_id
join conversations c on c.id = p.conversation_id
where p.conversation_id = $1 and c.site_id = $2 and p.seen_at > clock_timestamp() - interval '45 seconds'
order by a.name`

// Looking lists who has a conversation on their screen.
func (in Inbox) Looking(ctx context.Context, siteID, conversationID string) ([]inbox.LookingPerson, error) {
	if !isID(conversationID) {
		return nil, nil
	}
	rows, err := in.db.pool.Query(ctx, sqlLooking, conversationID, siteID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[inbox.LookingPerson])
}

const sqlSitesOfAgent = `
select s.id from sites s
join agents a on a.id = $1
where a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = s.id)
order by s.id`

// SitesOf lists the sites that an agent answers for.
func (in Inbox) SitesOf(ctx context.Context, agentID string) ([]string, error) {
	rows, err := in.db.pool.Query(ctx, sqlSitesOfAgent, agentID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const sqlSetPresence = `
update agents a set
	presence = case when $2 then 'away' else 'online' end,
	left_at  = case when not $2 and here.there then null else coalesce(a.left_at, clock_timestamp()) end
from (select exists (select from presences p
	where p.agent_id = $1 and p.seen_at > clock_timestamp() - interval '45 seconds') as there) here
where a.id = $1
returning here.there and not $2`

// SetPresence notes what an agent says of themselves.
func (in Inbox) SetPresence(ctx context.Context, agentID string, away bool) (online bool, err error) {
	err = in.db.pool.QueryRow(ctx, sqlSetPresence, agentID, away).Scan(&online)
	return online, err
}
