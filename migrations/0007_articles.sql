-- Articles as admins curate them.
alter table articles
    -- Who may read it: 0 everybody, 1 shoppers whom the shop vouches for, 2 the shop's people alone.
    add column audience   smallint not null default 0 check (audience between 0 and 2),
    add column owner_id   uuid references agents on delete set null,
    add column review_on  date,
    -- When it was published from the console, or taken back there, after its last
    -- import; null: it stands as it was imported. content_hash is of the import.
    add column edited_at  timestamptz,
    -- The greatest revision that a draft of it had: they never come again.
    add column revisions  integer not null default 0;
create index articles_by_site on articles (site_id, updated_at desc, id);

-- A search reads who may see a chunk where it reads the chunk.
alter table chunks        add column audience smallint not null default 0;
alter table chunk_vectors add column audience smallint not null default 0;

alter table article_versions
    add column created_by uuid references agents on delete set null,
    -- The name as it was then; empty: an import.
    add column author     text not null default '',
    add column note       text not null default '';

-- What is being written of an article: one draft that all admins share. revision
-- counts its savings, so that who saves over another's is told.
create table article_drafts (
    article_id   uuid primary key references articles on delete cascade,
    site_id      uuid not null references sites on delete cascade,
    revision     integer not null default 1 check (revision > 0),
    -- The version that it began from; 0: none.
    base_version integer not null default 0,
    title        text not null,
    markdown     text not null,
    tags         text[] not null default '{}',
    url          text not null default '',
    slug         text not null default '',
    locale       text not null,
    audience     smallint not null default 0 check (audience between 0 and 2),
    updated_by   uuid references agents on delete set null,
    author       text not null default '',
    updated_at   timestamptz not null default now(),
    -- When it is published by itself, and in whose name.
    publish_at   timestamptz,
    publish_by   uuid references agents on delete set null,
    publish_note text not null default '',
    -- Why it was not published when its time came; empty: nothing is wrong.
    trouble      text not null default ''
);
create index article_drafts_due on article_drafts (publish_at) where publish_at is not null;

-- Which articles an answer rests on.
create table cited_articles (
    turn_id    uuid not null references turns on delete cascade,
    article_id uuid not null references articles on delete cascade,
    site_id    uuid not null references sites on delete cascade,
    version    integer not null,
    at         timestamptz not null,
    primary key (turn_id, article_id)
);
create index cited_articles_by_article on cited_articles (article_id, at desc);
create index cited_articles_by_site on cited_articles (site_id, at desc);
insert into cited_articles (turn_id, article_id, site_id, version, at)
select distinct on (t.id, a.id) t.id, a.id, t.site_id, (p ->> 'version')::integer, t.finished_at
from turns t
cross join lateral jsonb_array_elements(t.passages) p
join articles a on a.id::text = p ->> 'article_id' and a.site_id = t.site_id
where t.outcome = 'answered' and (p ->> 'cited')::boolean;
