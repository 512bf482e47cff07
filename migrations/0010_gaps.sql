-- What the knowledge base did not answer, by meaning.
create table gaps (
    id           uuid primary key,
    site_id      uuid not null references sites on delete cascade,
    locale       text not null,
    -- The question that stands for all; an admin may give it another name.
    title        text not null,
    named        boolean not null default false,
    -- An admin touched it: no question is taken out of it by itself any more.
    pinned       boolean not null default false,
    state        text not null default 'open' check (state in ('open', 'dismissed')),
    -- The article that is to close it, and since when.
    article_id   uuid references articles on delete set null,
    drafted_at   timestamptz,
    -- Counted from its questions whenever they change. rank is the logarithm of how
    -- many shoppers asked, each weighed by when they did last; it need not be
    -- counted again as time goes by.
    questions    integer not null default 0,
    shoppers     integer not null default 0,
    texts        integer not null default 0, -- different ones
    rank         double precision not null default 0,
    first_at     timestamptz not null default now(),
    last_at      timestamptz not null default now(),
    created_at   timestamptz not null default now()
);
create index gaps_by_site on gaps (site_id, state, rank desc);
create index gaps_by_article on gaps (article_id) where article_id is not null;

create table gap_questions (
    id              bigint generated always as identity primary key,
    site_id         uuid not null references sites on delete cascade,
    -- Null until it is put with its like.
    gap_id          uuid references gaps on delete set null,
    conversation_id uuid not null references conversations on delete cascade,
    seq             bigint not null,
    shopper_id      uuid not null references shoppers on delete cascade,
    locale          text not null,
    -- Without personal data, and with what it leans on.
    text            text not null,
    reason          text not null check (reason in ('not_found', 'unsure', 'thumbs_down', 'agent_answered')),
    confidence      double precision,
    embedder        text not null default '',
    embedding       halfvec,
    at              timestamptz not null,
    unique (conversation_id, seq)
);
create index gap_questions_by_gap on gap_questions (gap_id, at desc);
create index gap_questions_by_site on gap_questions (site_id, at desc);
create index gap_questions_new on gap_questions (site_id, id) where gap_id is null;

-- One row is held by whoever puts a site's questions together.
create table gap_sites (
    site_id    uuid primary key references sites on delete cascade,
    -- How many questions there were when all of them were looked at together.
    refined    integer not null default 0,
    refined_at timestamptz
);
