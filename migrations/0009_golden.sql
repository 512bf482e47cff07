-- Questions whose right ending is known.
create table golden_questions (
    id         uuid primary key,
    site_id    uuid not null references sites on delete cascade,
    -- Names the question, its language and its history, in every file and replay.
    key        text not null,
    question   text not null,
    -- What was said before: [{"by":"shopper|bot","text":"…"}]
    history    jsonb not null default '[]',
    locale     text not null,
    verdict    text not null check (verdict in ('answer', 'abstain', 'person')),
    -- Any of these answers it.
    articles   uuid[] not null default '{}',
    note       text not null default '',
    -- Asked as by a shopper whom the shop vouches for.
    signed_in  boolean not null default false,
    created_by uuid references agents on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (site_id, key)
);
create index golden_questions_by_site on golden_questions (site_id, created_at desc, id);

-- Replays of them, and of past conversations.
create table replays (
    id          uuid primary key,
    site_id     uuid not null references sites on delete cascade,
    state       text not null check (state in ('running', 'done', 'failed', 'cancelled')),
    done        integer not null default 0,
    total       integer not null default 0,
    -- What was replayed, and with which embedder, model, prompts and limits.
    setting     jsonb not null default '{}',
    scores      jsonb not null default '{}',
    message     text not null default '',
    started_by  uuid references agents on delete set null,
    started_at  timestamptz not null default now(),
    finished_at timestamptz
);
create index replays_by_site on replays (site_id, started_at desc, id);
-- A second one would only make both slower.
create unique index replays_one_running on replays (site_id) where state = 'running';

-- The questions of a replay from its start on, so that one that was interrupted
-- goes on where it was; result is null until it was asked. What was said in a
-- conversation goes with the conversation.
create table replay_results (
    replay_id uuid not null references replays on delete cascade,
    n         integer not null,
    key       text not null,
    turn_id   uuid references turns on delete cascade,
    item      jsonb not null,
    result    jsonb,
    primary key (replay_id, n)
);
create index replay_results_by_key on replay_results (replay_id, key);
create index replay_results_by_turn on replay_results (turn_id) where turn_id is not null;
