-- Questions whose right ending is known.
create table golden_questions (
    id         uuid primary key,
    site_id    uuid not null references sites on delete cascade,
    question   text not null,
    -- What was said before: [{"by":"shopper|bot","text":"…"}]
    history    jsonb not null default '[]',
    locale     text not null,
    verdict    text not null check (verdict in ('answer', 'abstain', 'person')),
    -- Any of these answers it.
    articles   uuid[] not null default '{}',
    note       text not null default '',
    created_by uuid references agents on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index golden_questions_by_site on golden_questions (site_id, created_at desc);

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
create index replays_by_site on replays (site_id, started_at desc);
create table replay_results (
    replay_id uuid not null references replays on delete cascade,
    n         integer not null,
    -- A golden question's id, or a turn's.
    golden_id uuid,
    turn_id   uuid,
    question  text not null,
    result    jsonb not null,
    primary key (replay_id, n)
);
