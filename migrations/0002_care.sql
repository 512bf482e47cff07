-- People who answer shoppers and those who look after the shop: accounts.
create table agents (
    id            uuid primary key,
    email         text not null,
    name          text not null,
    role          text not null check (role in ('agent', 'admin')),
    -- Empty for those who sign in by OpenID Connect alone.
    password_hash text not null default '',
    oidc_subject  text unique,
    locale        text not null default 'en',
    -- What a person chose for themselves: sound, notifications, single keys.
    preferences   jsonb not null default '{}',
    -- What the person said of themselves; online counts while a console is open.
    presence      text not null default 'online' check (presence in ('online', 'away')),
    -- How many open conversations are given to them by themselves.
    capacity      integer not null default 5 check (capacity between 0 and 100),
    disabled_at   timestamptz,
    created_at    timestamptz not null default now()
);
create unique index agents_by_email on agents (lower(email));

-- Which shops an agent answers for. Admins see all of them.
create table agent_sites (
    agent_id uuid not null references agents on delete cascade,
    site_id  uuid not null references sites on delete cascade,
    primary key (agent_id, site_id)
);
create index agent_sites_by_site on agent_sites (site_id);

create table agent_sessions (
    id           uuid primary key,
    token_hash   bytea not null unique,
    agent_id     uuid not null references agents on delete cascade,
    user_agent   text not null default '',
    address      text not null default '',
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null
);
create index agent_sessions_by_agent on agent_sessions (agent_id);

-- A way in, good once: an invitation, or the link that the first start prints.
create table invitations (
    id         uuid primary key,
    token_hash bytea not null unique,
    email      text not null default '', -- empty: whoever holds the link says
    name       text not null default '',
    role       text not null check (role in ('agent', 'admin')),
    site_ids   uuid[] not null default '{}',
    invited_by uuid references agents on delete set null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at    timestamptz,
    revoked_at timestamptz
);

-- Failed sign-ins, by what they are counted for (an address, an account).
create table sign_in_failures (
    key           text primary key,
    failures      integer not null,
    last_at       timestamptz not null,
    blocked_until timestamptz
);

-- Every change of rights and settings. Rows are only ever added.
create table audit_log (
    id       bigint generated always as identity primary key,
    at       timestamptz not null default now(),
    site_id  uuid references sites on delete set null,
    agent_id uuid references agents on delete set null, -- null: the command line or the system
    actor    text not null,                             -- the name as it was then
    action   text not null,
    subject  text not null default '',
    details  jsonb not null default '{}',
    address  text not null default ''
);

-- When the shop's people are there.
alter table sites
    add column time_zone     text not null default 'UTC',
    -- [{"day":1,"from":"09:00","to":"17:00"}], day 1 is Monday; empty: always.
    add column hours         jsonb not null default '[]',
    -- [{"date":"2026-12-25","name":"Christmas Day"}], with from and to: a short day.
    add column holidays      jsonb not null default '[]',
    -- Where mail to shoppers comes from; empty: the server's own address.
    add column mail_from     text not null default '';

create table teams (
    id         uuid primary key,
    site_id    uuid not null references sites on delete cascade,
    name       text not null,
    -- Topics whose conversations come to this team by themselves.
    topics     text[] not null default '{}',
    created_at timestamptz not null default now(),
    unique (site_id, name)
);
create table team_members (
    team_id  uuid not null references teams on delete cascade,
    agent_id uuid not null references agents on delete cascade,
    primary key (team_id, agent_id)
);

-- Which consoles are open. A row that is not renewed is nobody.
create unlogged table presences (
    socket_id text primary key,
    agent_id  uuid not null references agents on delete cascade,
    seen_at   timestamptz not null default now()
);
create index presences_by_agent on presences (agent_id);

alter table conversations
    add column assignee_id      uuid references agents on delete set null,
    add column team_id          uuid references teams on delete set null,
    -- Since when a shopper waits for a person; null: nobody waits.
    add column waiting_since    timestamptz,
    -- 0 ordinary, 1 angry or asked more than once, 2 legal or safety.
    add column urgency          smallint not null default 0,
    add column topic            text not null default '',
    add column feeling          text not null default '',
    add column tags             text[] not null default '{}',
    add column reply_email      text not null default '',
    -- How far each side has read.
    add column shopper_read_seq bigint not null default 0,
    add column agent_read_seq   bigint not null default 0,
    -- What the inbox shows of it without reading the timeline.
    add column last_text        text not null default '',
    add column last_author      text not null default '',
    add column last_message_at  timestamptz,
    add column escalated_at     timestamptz,
    add column resolved_at      timestamptz;
create index conversations_waiting on conversations (site_id, urgency desc, waiting_since)
    where state = 'open' and waiting_since is not null;
create index conversations_by_assignee on conversations (assignee_id, updated_at desc) where state = 'open';
create index conversations_by_state on conversations (site_id, state, updated_at desc);
create index conversations_by_tag on conversations using gin (tags);

alter table events
    drop constraint events_kind_check,
    add constraint events_kind_check check (kind in ('message', 'handoff', 'rating', 'note', 'assignment', 'status')),
    add column agent_id   uuid references agents on delete set null,
    add column assignment jsonb,
    add column change     text not null default '' check (change in ('', 'resolved', 'reopened', 'handed_back')),
    add column mentions   uuid[] not null default '{}',
    -- How a message came in or went out: chat, email.
    add column via        text not null default 'chat' check (via in ('chat', 'email')),
    add column draft_id   uuid;
create index events_by_words on events using gin (to_tsvector('simple', text)) where kind in ('message', 'note');
create index events_by_mention on events using gin (mentions) where mentions <> '{}';

-- The handoff packet. state: open while nobody has answered, closed when a
-- person has or it was given up.
alter table handoffs
    add column reason       text not null default 'asked_for_person',
    add column wish         text not null default '',
    add column feeling      text not null default '',
    add column topic        text not null default '',
    -- [{"kind":"answered|clarified|not_found","question":"…","answer":"…","seq":4}]
    add column tried        jsonb not null default '[]',
    add column passages     jsonb not null default '[]',
    add column orders       text[] not null default '{}',
    -- The shopper's own words where they corrected the summary.
    add column corrected_at timestamptz,
    add column agent_id     uuid references agents on delete set null,
    add column claimed_at   timestamptz,
    add column replied_at   timestamptz;
create index handoffs_by_conversation on handoffs (conversation_id, id desc);
create index handoffs_replied on handoffs (site_id, replied_at desc) where replied_at is not null;

-- Replies written for agents, what became of them, and what was really sent.
create table drafts (
    id              uuid primary key,
    site_id         uuid not null references sites on delete cascade,
    conversation_id uuid not null references conversations on delete cascade,
    -- The shopper's message that it answers.
    for_seq         bigint not null,
    tone            text not null default 'standard',
    state           text not null check (state in ('writing', 'ready', 'failed', 'superseded')),
    owner           text not null default '',
    leased_until    timestamptz,
    text            text not null default '',
    citations       jsonb not null default '[]',
    -- Facts that stand in no passage: [{"start":4,"end":9,"text":"30 €"}], UTF-16.
    unsupported     jsonb not null default '[]',
    model           text not null default '', -- empty: templates
    prompt_hash     text not null default '',
    care_version    integer not null default 0,
    cost_micros     bigint not null default 0,
    created_at      timestamptz not null default now(),
    finished_at     timestamptz,
    -- What became of it.
    outcome         text check (outcome in ('accepted', 'edited', 'discarded')),
    decided_at      timestamptz,
    agent_id        uuid references agents on delete set null,
    opened_at       timestamptz,
    sent_seq        bigint,
    sent_text       text,
    edit_distance   integer,
    words_added     text[] not null default '{}',
    words_removed   text[] not null default '{}',
    seconds_to_send double precision
);
create index drafts_by_conversation on drafts (conversation_id, created_at desc);
create unique index drafts_one_writing on drafts (conversation_id) where state = 'writing';
create index drafts_sent on drafts (site_id, decided_at desc) where sent_seq is not null;

-- Replies that were sent and went down well, personal data removed, to be found
-- again by likeness.
create table good_replies (
    id         bigint generated always as identity primary key,
    site_id    uuid not null references sites on delete cascade,
    draft_id   uuid references drafts on delete set null,
    locale     text not null,
    topic      text not null default '',
    question   text not null,
    reply      text not null,
    embedder   text not null,
    embedding  halfvec not null,
    created_at timestamptz not null default now()
);
create index good_replies_by_site on good_replies (site_id, embedder);

create table macros (
    id         uuid primary key,
    site_id    uuid not null references sites on delete cascade,
    name       text not null,
    text       text not null,
    locale     text not null default '',
    uses       bigint not null default 0,
    created_by uuid references agents on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (site_id, name)
);

-- The shop's own definition of care; the newest version counts, none: ours.
create table care_guides (
    site_id    uuid not null references sites on delete cascade,
    version    integer not null check (version > 0),
    markdown   text not null,
    -- What agents may offer without asking, one a line.
    offers     text[] not null default '{}',
    created_by uuid references agents on delete set null,
    created_at timestamptz not null default now(),
    primary key (site_id, version)
);

create table saved_filters (
    id         uuid primary key,
    agent_id   uuid not null references agents on delete cascade,
    site_id    uuid not null references sites on delete cascade,
    name       text not null,
    query      jsonb not null,
    created_at timestamptz not null default now(),
    unique (agent_id, site_id, name)
);

-- Mail out and in. message_id keeps a letter from being taken twice.
create table letters (
    id              uuid primary key,
    site_id         uuid not null references sites on delete cascade,
    conversation_id uuid references conversations on delete cascade,
    direction       text not null check (direction in ('out', 'in')),
    message_id      text not null unique,
    address         text not null,
    subject         text not null default '',
    -- Events that an outgoing letter carried, or the one that an incoming made.
    from_seq        bigint,
    to_seq          bigint,
    state           text not null check (state in ('queued', 'sent', 'failed', 'taken', 'refused')),
    reason          text not null default '',
    created_at      timestamptz not null default now(),
    sent_at         timestamptz
);
create index letters_by_conversation on letters (conversation_id, created_at desc);
