-- The schema that the migrations lead to, read back from the database. Not to be edited:
--   go run ./internal/pgtest/withpostgres go test ./internal/pgtest -run Golden -update

-- extensions

create extension vector;

-- tables

create table article_versions (
    article_id uuid not null,
    version integer not null,
    title text not null,
    markdown text not null,
    tags text[] not null default '{}'::text[],
    url text not null default ''::text,
    created_at timestamp with time zone not null default now(),
    constraint article_versions_pkey PRIMARY KEY (article_id, version),
    constraint article_versions_version_check CHECK ((version > 0)),
    constraint article_versions_article_id_fkey FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE
);

create table articles (
    id uuid not null,
    site_id uuid not null,
    source text not null,
    key text not null,
    slug text not null,
    locale text not null,
    content_hash bytea not null,
    last_version integer not null,
    published_version integer,
    created_at timestamp with time zone not null default now(),
    updated_at timestamp with time zone not null default now(),
    constraint articles_pkey PRIMARY KEY (id),
    constraint articles_site_id_locale_slug_key UNIQUE (site_id, locale, slug),
    constraint articles_site_id_source_key_key UNIQUE (site_id, source, key),
    constraint articles_published_version_exists FOREIGN KEY (id, published_version) REFERENCES article_versions(article_id, version) DEFERRABLE INITIALLY DEFERRED,
    constraint articles_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table budgets (
    site_id uuid not null,
    day date not null,
    reserved_micros bigint not null default 0,
    spent_micros bigint not null default 0,
    constraint budgets_pkey PRIMARY KEY (site_id, day),
    constraint budgets_reserved_micros_check CHECK ((reserved_micros >= 0)),
    constraint budgets_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table chunk_vectors (
    embedder_id integer not null,
    chunk_id bigint not null,
    site_id uuid not null,
    locale text not null,
    embedding halfvec not null,
    constraint chunk_vectors_pkey PRIMARY KEY (embedder_id, chunk_id),
    constraint chunk_vectors_chunk_id_fkey FOREIGN KEY (chunk_id) REFERENCES chunks(id) ON DELETE CASCADE,
    constraint chunk_vectors_embedder_id_fkey FOREIGN KEY (embedder_id) REFERENCES embedders(id),
    constraint chunk_vectors_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table chunks (
    id bigint not null generated always as identity,
    site_id uuid not null,
    article_id uuid not null,
    version integer not null,
    locale text not null,
    ordinal integer not null,
    heading text[] not null default '{}'::text[],
    text text not null,
    terms integer[] not null,
    weights sparsevec not null,
    constraint chunks_pkey PRIMARY KEY (id),
    constraint chunks_article_id_ordinal_key UNIQUE (article_id, ordinal),
    constraint chunks_article_id_fkey FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE,
    constraint chunks_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table conversations (
    id uuid not null,
    site_id uuid not null,
    shopper_id uuid not null,
    locale text not null,
    state text not null default 'open'::text,
    charge text not null default 'bot'::text,
    last_seq bigint not null default 0,
    page jsonb not null default '{}'::jsonb,
    created_at timestamp with time zone not null default now(),
    updated_at timestamp with time zone not null default now(),
    constraint conversations_pkey PRIMARY KEY (id),
    constraint conversations_charge_check CHECK ((charge = ANY (ARRAY['bot'::text, 'person'::text]))),
    constraint conversations_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text]))),
    constraint conversations_shopper_id_fkey FOREIGN KEY (shopper_id) REFERENCES shoppers(id) ON DELETE CASCADE,
    constraint conversations_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table corpora (
    site_id uuid not null,
    locale text not null,
    chunks bigint not null,
    constraint corpora_pkey PRIMARY KEY (site_id, locale),
    constraint corpora_chunks_check CHECK ((chunks >= 0)),
    constraint corpora_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table corpus_terms (
    site_id uuid not null,
    locale text not null,
    term integer not null,
    chunks bigint not null,
    constraint corpus_terms_pkey PRIMARY KEY (site_id, term, locale),
    constraint corpus_terms_chunks_check CHECK ((chunks >= 0)),
    constraint corpus_terms_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table embedders (
    id integer not null generated always as identity,
    name text not null,
    dimensions integer,
    state text not null default 'retired'::text,
    changed_at timestamp with time zone not null default now(),
    constraint embedders_pkey PRIMARY KEY (id),
    constraint embedders_name_key UNIQUE (name),
    constraint embedders_dimensions_check CHECK (((dimensions >= 1) AND (dimensions <= 16000))),
    constraint embedders_state_check CHECK ((state = ANY (ARRAY['searched'::text, 'coming'::text, 'cancelled'::text, 'retired'::text])))
);

create table embedding_refusals (
    embedder_id integer not null,
    chunk_id bigint not null,
    reason text not null,
    constraint embedding_refusals_pkey PRIMARY KEY (embedder_id, chunk_id),
    constraint embedding_refusals_chunk_id_fkey FOREIGN KEY (chunk_id) REFERENCES chunks(id) ON DELETE CASCADE,
    constraint embedding_refusals_embedder_id_fkey FOREIGN KEY (embedder_id) REFERENCES embedders(id)
);

create table events (
    conversation_id uuid not null,
    seq bigint not null,
    kind text not null,
    at timestamp with time zone not null default now(),
    author_kind text not null,
    author_name text not null default ''::text,
    text text not null default ''::text,
    client_id text,
    turn_id uuid,
    outcome text,
    citations jsonb not null default '[]'::jsonb,
    handoff jsonb,
    rating jsonb,
    constraint events_pkey PRIMARY KEY (conversation_id, seq),
    constraint events_author_kind_check CHECK ((author_kind = ANY (ARRAY['shopper'::text, 'bot'::text, 'agent'::text, 'system'::text]))),
    constraint events_kind_check CHECK ((kind = ANY (ARRAY['message'::text, 'handoff'::text, 'rating'::text]))),
    constraint events_outcome_check CHECK ((outcome = ANY (ARRAY['answered'::text, 'clarified'::text, 'escalated'::text]))),
    constraint events_seq_check CHECK ((seq > 0)),
    constraint events_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE,
    constraint events_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table handoffs (
    id bigint not null generated always as identity,
    site_id uuid not null,
    conversation_id uuid not null,
    seq bigint not null,
    email text not null default ''::text,
    note text not null default ''::text,
    state text not null default 'open'::text,
    created_at timestamp with time zone not null default now(),
    constraint handoffs_pkey PRIMARY KEY (id),
    constraint handoffs_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text]))),
    constraint handoffs_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE,
    constraint handoffs_conversation_id_seq_fkey FOREIGN KEY (conversation_id, seq) REFERENCES events(conversation_id, seq),
    constraint handoffs_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table ratings (
    conversation_id uuid not null,
    event_seq bigint not null,
    score smallint not null,
    comment text not null default ''::text,
    at timestamp with time zone not null default now(),
    constraint ratings_pkey PRIMARY KEY (conversation_id, event_seq),
    constraint ratings_score_check CHECK ((score = ANY (ARRAY['-1'::integer, 1]))),
    constraint ratings_conversation_id_event_seq_fkey FOREIGN KEY (conversation_id, event_seq) REFERENCES events(conversation_id, seq),
    constraint ratings_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE
);

create table shoppers (
    id uuid not null,
    site_id uuid not null,
    external_id text,
    name text not null default ''::text,
    email text not null default ''::text,
    created_at timestamp with time zone not null default now(),
    constraint shoppers_pkey PRIMARY KEY (id),
    constraint shoppers_site_id_external_id_key UNIQUE (site_id, external_id),
    constraint shoppers_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table sites (
    id uuid not null,
    key text not null,
    name text not null,
    locale text not null default 'en'::text,
    is_default boolean not null default false,
    allowed_origins text[] not null default '{}'::text[],
    identity_secret text not null default ''::text,
    greeting jsonb not null default '{}'::jsonb,
    suggestions jsonb not null default '{}'::jsonb,
    daily_budget_micros bigint,
    created_at timestamp with time zone not null default now(),
    constraint sites_pkey PRIMARY KEY (id),
    constraint sites_key_key UNIQUE (key),
    constraint sites_daily_budget_micros_check CHECK ((daily_budget_micros >= 0)),
    constraint sites_key_check CHECK ((key ~ '^[A-Za-z0-9_-]{1,64}$'::text))
);

create table turns (
    id uuid not null,
    conversation_id uuid not null,
    site_id uuid not null,
    question_seq bigint not null,
    state text not null,
    owner text not null,
    leased_until timestamp with time zone not null,
    attempt integer not null default 1,
    outcome text,
    reason text,
    model text not null default ''::text,
    prompt_hash text not null default ''::text,
    confidence double precision,
    passages jsonb not null default '[]'::jsonb,
    held jsonb not null default '[]'::jsonb,
    calls jsonb not null default '[]'::jsonb,
    search_ms bigint,
    first_delta_ms bigint,
    total_ms bigint,
    cost_micros bigint not null default 0,
    reserved_micros bigint not null default 0,
    reserved_on date,
    started_at timestamp with time zone not null default now(),
    finished_at timestamp with time zone,
    constraint turns_pkey PRIMARY KEY (id),
    constraint turns_check CHECK (((state = 'finished'::text) = (outcome IS NOT NULL))),
    constraint turns_outcome_check CHECK ((outcome = ANY (ARRAY['answered'::text, 'clarified'::text, 'escalated'::text]))),
    constraint turns_state_check CHECK ((state = ANY (ARRAY['running'::text, 'finished'::text, 'superseded'::text]))),
    constraint turns_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE,
    constraint turns_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table usage (
    site_id uuid not null,
    day date not null,
    model text not null,
    calls bigint not null default 0,
    prompt_tokens bigint not null default 0,
    completion_tokens bigint not null default 0,
    cost_micros bigint not null default 0,
    constraint usage_pkey PRIMARY KEY (site_id, day, model),
    constraint usage_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table visitor_tokens (
    token_hash bytea not null,
    shopper_id uuid not null,
    created_at timestamp with time zone not null default now(),
    last_seen_at timestamp with time zone not null default now(),
    constraint visitor_tokens_pkey PRIMARY KEY (token_hash),
    constraint visitor_tokens_shopper_id_fkey FOREIGN KEY (shopper_id) REFERENCES shoppers(id) ON DELETE CASCADE
);

-- indexes

CREATE INDEX chunk_vectors_by_chunk ON public.chunk_vectors USING btree (chunk_id);
CREATE INDEX chunk_vectors_by_site ON public.chunk_vectors USING btree (site_id, embedder_id);
CREATE INDEX chunks_by_site ON public.chunks USING btree (site_id, locale) INCLUDE (id);
CREATE INDEX chunks_by_term ON public.chunks USING gin (terms) WITH (fastupdate=off);
CREATE INDEX conversations_by_shopper ON public.conversations USING btree (shopper_id, created_at DESC);
CREATE INDEX conversations_by_site ON public.conversations USING btree (site_id, updated_at DESC);
CREATE UNIQUE INDEX embedders_one_coming ON public.embedders USING btree (state) WHERE (state = 'coming'::text);
CREATE UNIQUE INDEX embedders_one_searched ON public.embedders USING btree (state) WHERE (state = 'searched'::text);
CREATE INDEX embedding_refusals_by_chunk ON public.embedding_refusals USING btree (chunk_id);
CREATE UNIQUE INDEX events_client_id ON public.events USING btree (conversation_id, client_id) WHERE (client_id IS NOT NULL);
CREATE UNIQUE INDEX events_one_per_turn ON public.events USING btree (turn_id) WHERE (turn_id IS NOT NULL);
CREATE INDEX handoffs_open ON public.handoffs USING btree (site_id, created_at) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX sites_one_default ON public.sites USING btree (is_default) WHERE is_default;
CREATE INDEX turns_by_site ON public.turns USING btree (site_id, started_at DESC);
CREATE UNIQUE INDEX turns_one_running ON public.turns USING btree (conversation_id) WHERE (state = 'running'::text);
CREATE INDEX visitor_tokens_by_shopper ON public.visitor_tokens USING btree (shopper_id);
