-- Sources on the web that are read again.
create table import_sources (
    id          uuid primary key,
    site_id     uuid not null references sites on delete cascade,
    -- What the articles' source is; the kind says how it is read.
    name        text not null,
    kind        text not null check (kind in ('page', 'sitemap', 'crawl')),
    address     text not null,
    every_hours integer not null default 0 check (every_hours >= 0), -- 0: by hand
    -- Apply what is new and changed by itself.
    auto        boolean not null default false,
    paused      boolean not null default false,
    next_at     timestamptz,
    created_by  uuid references agents on delete set null,
    created_at  timestamptz not null default now(),
    unique (site_id, name)
);
create index import_sources_due on import_sources (next_at) where next_at is not null;

-- One reading of a source or of files: first a preview, which an admin applies.
create table import_runs (
    id          uuid primary key,
    site_id     uuid not null references sites on delete cascade,
    source_id   uuid references import_sources on delete set null,
    name        text not null,
    kind        text not null check (kind in ('files', 'page', 'sitemap', 'crawl')),
    address     text not null default '',
    file_name   text not null default '',
    bytes       bigint not null default 0,
    state       text not null check (state in
        ('asking', 'reading', 'ready', 'applying', 'stopped', 'done', 'undoing', 'undone', 'failed', 'cancelled', 'replaced')),
    -- What a table looks like and which column is what, where that had to be asked.
    layout      jsonb,
    done        integer not null default 0,
    total       integer not null default 0,
    counts      jsonb not null default '{}',
    message     text not null default '',
    held        text not null default '',
    auto        boolean not null default false,
    -- Who works on it; expired, another may.
    owner       text not null default '',
    leased_to   timestamptz,
    started_by  uuid references agents on delete set null,
    author      text not null default '',
    started_at  timestamptz not null default now(),
    read_at     timestamptz,
    finished_at timestamptz
);
create index import_runs_by_site on import_runs (site_id, started_at desc, id);
create index import_runs_by_source on import_runs (source_id, started_at desc);
-- One at a time for a source.
create unique index import_runs_at_work on import_runs (site_id, name) where state in ('reading', 'applying', 'undoing');
create index import_runs_left on import_runs (leased_to) where state in ('reading', 'applying', 'undoing');

-- What was uploaded, in pieces, until it is read.
create table import_pieces (
    run_id uuid not null references import_runs on delete cascade,
    file   integer not null,
    n      integer not null,
    name   text not null,
    data   bytea not null,
    primary key (run_id, file, n)
);

create table import_items (
    run_id       uuid not null references import_runs on delete cascade,
    n            integer not null,
    key          text not null,
    title        text not null default '',
    -- edited: changed at its source and, since the last import, here, too.
    state        text not null check (state in ('new', 'changed', 'edited', 'gone', 'unchanged', 'refused')),
    file         text not null default '',
    line         integer not null default 0,
    reason       text not null default '',
    warnings     text[] not null default '{}',
    document     jsonb,
    -- The article as the preview saw it: its newest version and the published one; 0: none.
    article_id   uuid,
    last_version integer not null default 0,
    published    integer not null default 0,
    chosen       boolean not null default false,
    outcome      text not null default '' check (outcome in ('', 'applied', 'failed', 'undone', 'kept')),
    why          text not null default '',
    -- The version that applying it made; 0: none, it was unpublished.
    made         integer not null default 0,
    primary key (run_id, n)
);
create index import_items_by_state on import_items (run_id, state, n);
create index import_items_to_do on import_items (run_id, n) where chosen and outcome = '';
create index import_items_done on import_items (run_id, n) where outcome = 'applied';
