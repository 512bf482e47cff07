-- Which vectors are searched, and which are on their way to take their place.
alter table embedders
    -- Known with the first vector.
    alter column dimensions drop not null,
    add column state text not null default 'retired'
        check (state in ('searched', 'coming', 'cancelled', 'retired')),
    add column changed_at timestamptz not null default now();
update embedders set state = 'searched'
where id = (select embedder_id from chunk_vectors group by embedder_id order by count(*) desc, embedder_id limit 1);
create unique index embedders_one_searched on embedders (state) where state = 'searched';
create unique index embedders_one_coming on embedders (state) where state = 'coming';

-- Chunks that an embedder will not take: they are found by their words alone.
create table embedding_refusals (
    embedder_id integer not null references embedders,
    chunk_id    bigint not null references chunks on delete cascade,
    reason      text not null,
    primary key (embedder_id, chunk_id)
);
create index embedding_refusals_by_chunk on embedding_refusals (chunk_id);
