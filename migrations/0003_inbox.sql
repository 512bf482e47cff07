-- What the agents' inbox needs beyond the accounts themselves.
alter table agents
    -- When a conversation was last given to them by itself: among those who are
    -- equally busy the one who has waited longest is next.
    add column assigned_at timestamptz,
    -- Since when none of their consoles is open, or they are away; null while
    -- they are there.
    add column left_at     timestamptz;

-- Who put it back into the queue: it is given to anybody but them by itself.
alter table conversations add column passed_by uuid references agents on delete set null;

-- Which conversation a console has on its screen; null: none. No foreign key:
-- the table is unlogged, and a row that points nowhere harms nobody.
alter table presences add column conversation_id uuid;
create index presences_by_conversation on presences (conversation_id) where conversation_id is not null;

-- How far each agent has read, where they have read at all.
create table agent_reads (
    agent_id        uuid not null references agents on delete cascade,
    conversation_id uuid not null references conversations on delete cascade,
    seq             bigint not null,
    primary key (agent_id, conversation_id)
);
create index agent_reads_by_conversation on agent_reads (conversation_id);

-- To find people by the words of their name and the parts of their address.
create index shoppers_by_words on shoppers
    using gin (to_tsvector('simple', translate(name || ' ' || email, '@._+-', '     ')));
create index conversations_by_reply_email on conversations
    using gin (to_tsvector('simple', translate(reply_email, '@._+-', '     '))) where reply_email <> '';
