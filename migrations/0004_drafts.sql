-- What a draft needs to be written anew where its process dies, and to spend of
-- the site's budget as turns do.
alter table drafts
    add column attempt         integer not null default 1,
    -- What was asked for: the language (empty: the conversation's) and the text
    -- that stood in the composer.
    add column locale          text not null default '',
    add column given           text not null default '',
    add column asked_by        uuid references agents on delete set null,
    add column topic           text not null default '',
    -- For the agent: needs_model where something was asked that only a model can.
    add column note            text not null default '',
    add column calls           jsonb not null default '[]',
    add column reserved_micros bigint not null default 0,
    add column reserved_on     date;
create index drafts_reserving on drafts (conversation_id) where reserved_micros > 0;
-- A reply is kept once.
create unique index good_replies_one_per_draft on good_replies (draft_id) where draft_id is not null;
