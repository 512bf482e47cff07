-- Sources that are read again by themselves.
create table import_sources (
    id          uuid primary key,
    site_id     uuid not null references sites on delete cascade,
    -- What the articles' source is; the kind says how it is read.
    name        text not null,
    kind        text not null check (kind in ('page', 'sitemap', 'crawl')),
    address     text not null,
    every_hours integer not null default 0 check (every_hours >= 0), -- 0: by hand
    next_at     timestamptz,
    created_by  uuid references agents on delete set null,
    created_at  timestamptz not null default now(),
    unique (site_id, name)
);
create index import_sources_due on import_sources (next_at) where next_at is not null;

-- One reading of a source or of a file: first a preview, which an admin applies.
create table import_runs (
    id          uuid primary key,
    site_id     uuid not null references sites on delete cascade,
    source_id   uuid references import_sources on delete set null,
    name        text not null,
    kind        text not null,
    file_name   text not null default '',
    state       text not null check (state in ('reading', 'ready', 'applying', 'done', 'failed', 'cancelled')),
    done        integer not null default 0,
    total       integer not null default 0,
    message     text not null default '',
    started_by  uuid references agents on delete set null,
    started_at  timestamptz not null default now(),
    read_at     timestamptz,
    finished_at timestamptz
);
create index import_runs_by_site on import_runs (site_id, started_at desc);

create table import_items (
    run_id   uuid not null references import_runs on delete cascade,
    n        integer not null,
    key      text not null,
    title    text not null default '',
    -- edited: changed at its source and, since the last import, in the console, too.
    state    text not null check (state in ('new', 'changed', 'edited', 'gone', 'unchanged', 'refused')),
    file     text not null default '',
    line     integer not null default 0,
    reason   text not null default '',
    document jsonb,
    chosen   boolean not null default false,
    outcome  text not null default '' check (outcome in ('', 'applied', 'skipped', 'failed')),
    primary key (run_id, n)
);
create index import_items_by_state on import_items (run_id, state, n);
