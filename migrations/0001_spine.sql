create extension if not exists vector;

-- A shop.
create table sites (
    id                  uuid primary key,
    key                 text not null unique check (key ~ '^[A-Za-z0-9_-]{1,64}$'),
    name                text not null,
    locale              text not null default 'en',
    is_default          boolean not null default false,
    allowed_origins     text[] not null default '{}',
    identity_secret     text not null default '',
    greeting            jsonb not null default '{}',
    suggestions         jsonb not null default '{}',
    daily_budget_micros bigint check (daily_budget_micros >= 0),
    created_at          timestamptz not null default now()
);
create unique index sites_one_default on sites (is_default) where is_default;

-- An article of a shop's knowledge base. published_version is null while no
-- version is published.
create table articles (
    id                uuid primary key,
    site_id           uuid not null references sites on delete cascade,
    source            text not null,
    key               text not null,
    slug              text not null,
    locale            text not null,
    content_hash      bytea not null,
    last_version      integer not null,
    published_version integer,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    unique (site_id, source, key),
    unique (site_id, locale, slug)
);

create table article_versions (
    article_id uuid not null references articles on delete cascade,
    version    integer not null check (version > 0),
    title      text not null,
    markdown   text not null,
    tags       text[] not null default '{}',
    url        text not null default '',
    created_at timestamptz not null default now(),
    primary key (article_id, version)
);
alter table articles add constraint articles_published_version_exists
    foreign key (id, published_version) references article_versions (article_id, version)
    deferrable initially deferred;

-- The chunks of published versions, and of no others: publishing replaces them
-- in its transaction, so a search needs no join to know what is published.
create table chunks (
    id         bigint generated always as identity primary key,
    site_id    uuid not null references sites on delete cascade,
    article_id uuid not null references articles on delete cascade,
    version    integer not null,
    locale     text not null,
    ordinal    integer not null,
    heading    text[] not null default '{}',
    text       text not null,
    terms      integer[] not null,
    weights    sparsevec not null,
    unique (article_id, ordinal)
)
-- The weights stay in the row: a search that fetches those of each chunk from
-- elsewhere takes more than twice as long.
with (toast_tuple_target = 8160);
-- With the id, so that a search by vectors need not read the chunks.
create index chunks_by_site on chunks (site_id, locale) include (id);
-- Without fastupdate an import takes a little longer, and no search has to go
-- through entries that are not yet in their place.
create index chunks_by_term on chunks using gin (terms) with (fastupdate = off);

-- How many chunks a site has, and in how many of them a term stands.
create table corpora (
    site_id uuid not null references sites on delete cascade,
    locale  text not null,
    chunks  bigint not null check (chunks >= 0),
    primary key (site_id, locale)
);
create table corpus_terms (
    site_id uuid not null references sites on delete cascade,
    locale  text not null,
    term    integer not null,
    chunks  bigint not null check (chunks >= 0),
    primary key (site_id, term, locale)
);

create table embedders (
    id         integer generated always as identity primary key,
    name       text not null unique,
    dimensions integer not null check (dimensions between 1 and 16000)
);
create table chunk_vectors (
    embedder_id integer not null references embedders,
    chunk_id    bigint not null references chunks on delete cascade,
    -- The chunk's own, here once more: a join takes as long as the scan itself.
    site_id     uuid not null references sites on delete cascade,
    locale      text not null,
    -- Half precision: half to read at every search, and the ranking is the same.
    embedding   halfvec not null,
    primary key (embedder_id, chunk_id)
)
-- Up to 4,000 numbers stay in the row, for the same reason.
with (toast_tuple_target = 8160);
create index chunk_vectors_by_chunk on chunk_vectors (chunk_id);
create index chunk_vectors_by_site on chunk_vectors (site_id, embedder_id);

-- A person who chats, and the tokens (hashed) that their browsers hold.
create table shoppers (
    id          uuid primary key,
    site_id     uuid not null references sites on delete cascade,
    external_id text,
    name        text not null default '',
    email       text not null default '',
    created_at  timestamptz not null default now(),
    unique (site_id, external_id)
);
create table visitor_tokens (
    token_hash   bytea primary key,
    shopper_id   uuid not null references shoppers on delete cascade,
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now()
);
create index visitor_tokens_by_shopper on visitor_tokens (shopper_id);

create table conversations (
    id         uuid primary key,
    site_id    uuid not null references sites on delete cascade,
    shopper_id uuid not null references shoppers on delete cascade,
    locale     text not null,
    state      text not null default 'open' check (state in ('open', 'closed')),
    charge     text not null default 'bot' check (charge in ('bot', 'person')),
    last_seq   bigint not null default 0,
    page       jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index conversations_by_shopper on conversations (shopper_id, created_at desc);
create index conversations_by_site on conversations (site_id, updated_at desc);

create table turns (
    id                uuid primary key,
    conversation_id   uuid not null references conversations on delete cascade,
    site_id           uuid not null references sites on delete cascade,
    question_seq      bigint not null,
    state             text not null check (state in ('running', 'finished', 'superseded')),
    owner             text not null,
    leased_until      timestamptz not null,
    attempt           integer not null default 1,
    outcome           text check (outcome in ('answered', 'clarified', 'escalated')),
    reason            text,
    model             text not null default '',
    prompt_hash       text not null default '',
    confidence        double precision,
    passages          jsonb not null default '[]',
    held              jsonb not null default '[]',
    calls             jsonb not null default '[]',
    search_ms         bigint,
    first_delta_ms    bigint,
    total_ms          bigint,
    cost_micros       bigint not null default 0,
    reserved_micros   bigint not null default 0,
    reserved_on       date,
    started_at        timestamptz not null default now(),
    finished_at       timestamptz,
    check ((state = 'finished') = (outcome is not null))
);
create unique index turns_one_running on turns (conversation_id) where state = 'running';
create index turns_by_site on turns (site_id, started_at desc);

-- The timeline. seq counts 1, 2, 3 … within the conversation, without gaps.
create table events (
    conversation_id uuid not null references conversations on delete cascade,
    seq             bigint not null check (seq > 0),
    kind            text not null check (kind in ('message', 'handoff', 'rating')),
    at              timestamptz not null default now(),
    author_kind     text not null check (author_kind in ('shopper', 'bot', 'agent', 'system')),
    author_name     text not null default '',
    text            text not null default '',
    client_id       text,
    turn_id         uuid references turns,
    outcome         text check (outcome in ('answered', 'clarified', 'escalated')),
    citations       jsonb not null default '[]',
    handoff         jsonb,
    rating          jsonb,
    primary key (conversation_id, seq)
);
create unique index events_client_id on events (conversation_id, client_id) where client_id is not null;
create unique index events_one_per_turn on events (turn_id) where turn_id is not null;

create table handoffs (
    id              bigint generated always as identity primary key,
    site_id         uuid not null references sites on delete cascade,
    conversation_id uuid not null references conversations on delete cascade,
    seq             bigint not null,
    email           text not null default '',
    note            text not null default '',
    state           text not null default 'open' check (state in ('open', 'closed')),
    created_at      timestamptz not null default now(),
    foreign key (conversation_id, seq) references events (conversation_id, seq)
);
create index handoffs_open on handoffs (site_id, created_at) where state = 'open';

create table ratings (
    conversation_id uuid not null references conversations on delete cascade,
    event_seq       bigint not null,
    score           smallint not null check (score in (-1, 1)),
    comment         text not null default '',
    at              timestamptz not null default now(),
    primary key (conversation_id, event_seq),
    foreign key (conversation_id, event_seq) references events (conversation_id, seq)
);

-- What models cost, by site, day (UTC) and model; amounts in millionths of a
-- dollar. budgets bounds the day: spent and reserved together stay under it.
create table usage (
    site_id           uuid not null references sites on delete cascade,
    day               date not null,
    model             text not null,
    calls             bigint not null default 0,
    prompt_tokens     bigint not null default 0,
    completion_tokens bigint not null default 0,
    cost_micros       bigint not null default 0,
    primary key (site_id, day, model)
);
create table budgets (
    site_id         uuid not null references sites on delete cascade,
    day             date not null,
    reserved_micros bigint not null default 0 check (reserved_micros >= 0),
    spent_micros    bigint not null default 0,
    primary key (site_id, day)
);
