-- The schema that the migrations lead to, read back from the database. Not to be edited:
--   go run ./internal/pgtest/withpostgres go test ./internal/pgtest -run Golden -update

-- extensions

create extension vector;

-- tables

create table agent_reads (
    agent_id uuid not null,
    conversation_id uuid not null,
    seq bigint not null,
    constraint agent_reads_pkey PRIMARY KEY (agent_id, conversation_id),
    constraint agent_reads_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
    constraint agent_reads_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE
);

create table agent_sessions (
    id uuid not null,
    token_hash bytea not null,
    agent_id uuid not null,
    user_agent text not null default ''::text,
    address text not null default ''::text,
    created_at timestamp with time zone not null default now(),
    last_seen_at timestamp with time zone not null default now(),
    expires_at timestamp with time zone not null,
    constraint agent_sessions_pkey PRIMARY KEY (id),
    constraint agent_sessions_token_hash_key UNIQUE (token_hash),
    constraint agent_sessions_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE
);

create table agent_sites (
    agent_id uuid not null,
    site_id uuid not null,
    constraint agent_sites_pkey PRIMARY KEY (agent_id, site_id),
    constraint agent_sites_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
    constraint agent_sites_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table agents (
    id uuid not null,
    email text not null,
    name text not null,
    role text not null,
    password_hash text not null default ''::text,
    oidc_subject text,
    locale text not null default 'en'::text,
    preferences jsonb not null default '{}'::jsonb,
    presence text not null default 'online'::text,
    capacity integer not null default 5,
    disabled_at timestamp with time zone,
    created_at timestamp with time zone not null default now(),
    assigned_at timestamp with time zone,
    left_at timestamp with time zone,
    constraint agents_pkey PRIMARY KEY (id),
    constraint agents_oidc_subject_key UNIQUE (oidc_subject),
    constraint agents_capacity_check CHECK (((capacity >= 0) AND (capacity <= 100))),
    constraint agents_presence_check CHECK ((presence = ANY (ARRAY['online'::text, 'away'::text]))),
    constraint agents_role_check CHECK ((role = ANY (ARRAY['agent'::text, 'admin'::text])))
);

create table article_drafts (
    article_id uuid not null,
    site_id uuid not null,
    revision integer not null default 1,
    base_version integer not null default 0,
    title text not null,
    markdown text not null,
    tags text[] not null default '{}'::text[],
    url text not null default ''::text,
    slug text not null default ''::text,
    locale text not null,
    audience smallint not null default 0,
    updated_by uuid,
    author text not null default ''::text,
    updated_at timestamp with time zone not null default now(),
    publish_at timestamp with time zone,
    publish_by uuid,
    publish_note text not null default ''::text,
    trouble text not null default ''::text,
    constraint article_drafts_pkey PRIMARY KEY (article_id),
    constraint article_drafts_audience_check CHECK (((audience >= 0) AND (audience <= 2))),
    constraint article_drafts_revision_check CHECK ((revision > 0)),
    constraint article_drafts_article_id_fkey FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE,
    constraint article_drafts_publish_by_fkey FOREIGN KEY (publish_by) REFERENCES agents(id) ON DELETE SET NULL,
    constraint article_drafts_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE,
    constraint article_drafts_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES agents(id) ON DELETE SET NULL
);

create table article_slugs (
    site_id uuid not null,
    locale text not null,
    slug text not null,
    article_id uuid not null,
    at timestamp with time zone not null default now(),
    constraint article_slugs_pkey PRIMARY KEY (site_id, locale, slug),
    constraint article_slugs_article_id_fkey FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE,
    constraint article_slugs_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table article_versions (
    article_id uuid not null,
    version integer not null,
    title text not null,
    markdown text not null,
    tags text[] not null default '{}'::text[],
    url text not null default ''::text,
    created_at timestamp with time zone not null default now(),
    created_by uuid,
    author text not null default ''::text,
    note text not null default ''::text,
    constraint article_versions_pkey PRIMARY KEY (article_id, version),
    constraint article_versions_version_check CHECK ((version > 0)),
    constraint article_versions_article_id_fkey FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE,
    constraint article_versions_created_by_fkey FOREIGN KEY (created_by) REFERENCES agents(id) ON DELETE SET NULL
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
    audience smallint not null default 0,
    owner_id uuid,
    review_on date,
    edited_at timestamp with time zone,
    revisions integer not null default 0,
    constraint articles_pkey PRIMARY KEY (id),
    constraint articles_site_id_locale_slug_key UNIQUE (site_id, locale, slug),
    constraint articles_site_id_source_key_key UNIQUE (site_id, source, key),
    constraint articles_audience_check CHECK (((audience >= 0) AND (audience <= 2))),
    constraint articles_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES agents(id) ON DELETE SET NULL,
    constraint articles_published_version_exists FOREIGN KEY (id, published_version) REFERENCES article_versions(article_id, version) DEFERRABLE INITIALLY DEFERRED,
    constraint articles_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table audit_log (
    id bigint not null generated always as identity,
    at timestamp with time zone not null default now(),
    site_id uuid,
    agent_id uuid,
    actor text not null,
    action text not null,
    subject text not null default ''::text,
    details jsonb not null default '{}'::jsonb,
    address text not null default ''::text,
    constraint audit_log_pkey PRIMARY KEY (id),
    constraint audit_log_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE SET NULL,
    constraint audit_log_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE SET NULL
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

create table care_guides (
    site_id uuid not null,
    version integer not null,
    markdown text not null,
    offers text[] not null default '{}'::text[],
    created_by uuid,
    created_at timestamp with time zone not null default now(),
    constraint care_guides_pkey PRIMARY KEY (site_id, version),
    constraint care_guides_version_check CHECK ((version > 0)),
    constraint care_guides_created_by_fkey FOREIGN KEY (created_by) REFERENCES agents(id) ON DELETE SET NULL,
    constraint care_guides_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table chunk_vectors (
    embedder_id integer not null,
    chunk_id bigint not null,
    site_id uuid not null,
    locale text not null,
    embedding halfvec not null,
    audience smallint not null default 0,
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
    audience smallint not null default 0,
    constraint chunks_pkey PRIMARY KEY (id),
    constraint chunks_article_id_ordinal_key UNIQUE (article_id, ordinal),
    constraint chunks_article_id_fkey FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE,
    constraint chunks_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table cited_articles (
    turn_id uuid not null,
    article_id uuid not null,
    site_id uuid not null,
    version integer not null,
    at timestamp with time zone not null,
    constraint cited_articles_pkey PRIMARY KEY (turn_id, article_id),
    constraint cited_articles_article_id_fkey FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE,
    constraint cited_articles_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE,
    constraint cited_articles_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id) ON DELETE CASCADE
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
    assignee_id uuid,
    team_id uuid,
    waiting_since timestamp with time zone,
    urgency smallint not null default 0,
    topic text not null default ''::text,
    feeling text not null default ''::text,
    tags text[] not null default '{}'::text[],
    reply_email text not null default ''::text,
    shopper_read_seq bigint not null default 0,
    agent_read_seq bigint not null default 0,
    last_text text not null default ''::text,
    last_author text not null default ''::text,
    last_message_at timestamp with time zone,
    escalated_at timestamp with time zone,
    resolved_at timestamp with time zone,
    passed_by uuid,
    constraint conversations_pkey PRIMARY KEY (id),
    constraint conversations_charge_check CHECK ((charge = ANY (ARRAY['bot'::text, 'person'::text]))),
    constraint conversations_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text]))),
    constraint conversations_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES agents(id) ON DELETE SET NULL,
    constraint conversations_passed_by_fkey FOREIGN KEY (passed_by) REFERENCES agents(id) ON DELETE SET NULL,
    constraint conversations_shopper_id_fkey FOREIGN KEY (shopper_id) REFERENCES shoppers(id) ON DELETE CASCADE,
    constraint conversations_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE,
    constraint conversations_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE SET NULL
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

create table corpus_words (
    site_id uuid not null,
    word text not null,
    term integer not null,
    constraint corpus_words_pkey PRIMARY KEY (site_id, word, term),
    constraint corpus_words_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table drafts (
    id uuid not null,
    site_id uuid not null,
    conversation_id uuid not null,
    for_seq bigint not null,
    tone text not null default 'standard'::text,
    state text not null,
    owner text not null default ''::text,
    leased_until timestamp with time zone,
    text text not null default ''::text,
    citations jsonb not null default '[]'::jsonb,
    unsupported jsonb not null default '[]'::jsonb,
    model text not null default ''::text,
    prompt_hash text not null default ''::text,
    care_version integer not null default 0,
    cost_micros bigint not null default 0,
    created_at timestamp with time zone not null default now(),
    finished_at timestamp with time zone,
    outcome text,
    decided_at timestamp with time zone,
    agent_id uuid,
    opened_at timestamp with time zone,
    sent_seq bigint,
    sent_text text,
    edit_distance integer,
    words_added text[] not null default '{}'::text[],
    words_removed text[] not null default '{}'::text[],
    seconds_to_send double precision,
    attempt integer not null default 1,
    locale text not null default ''::text,
    given text not null default ''::text,
    asked_by uuid,
    topic text not null default ''::text,
    note text not null default ''::text,
    calls jsonb not null default '[]'::jsonb,
    reserved_micros bigint not null default 0,
    reserved_on date,
    constraint drafts_pkey PRIMARY KEY (id),
    constraint drafts_outcome_check CHECK ((outcome = ANY (ARRAY['accepted'::text, 'edited'::text, 'discarded'::text]))),
    constraint drafts_state_check CHECK ((state = ANY (ARRAY['writing'::text, 'ready'::text, 'failed'::text, 'superseded'::text]))),
    constraint drafts_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE SET NULL,
    constraint drafts_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES agents(id) ON DELETE SET NULL,
    constraint drafts_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE,
    constraint drafts_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
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
    agent_id uuid,
    assignment jsonb,
    change text not null default ''::text,
    mentions uuid[] not null default '{}'::uuid[],
    via text not null default 'chat'::text,
    draft_id uuid,
    constraint events_pkey PRIMARY KEY (conversation_id, seq),
    constraint events_author_kind_check CHECK ((author_kind = ANY (ARRAY['shopper'::text, 'bot'::text, 'agent'::text, 'system'::text]))),
    constraint events_change_check CHECK ((change = ANY (ARRAY[''::text, 'resolved'::text, 'reopened'::text, 'handed_back'::text]))),
    constraint events_kind_check CHECK ((kind = ANY (ARRAY['message'::text, 'handoff'::text, 'rating'::text, 'note'::text, 'assignment'::text, 'status'::text]))),
    constraint events_outcome_check CHECK ((outcome = ANY (ARRAY['answered'::text, 'clarified'::text, 'escalated'::text]))),
    constraint events_seq_check CHECK ((seq > 0)),
    constraint events_via_check CHECK ((via = ANY (ARRAY['chat'::text, 'email'::text]))),
    constraint events_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE SET NULL,
    constraint events_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE,
    constraint events_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table gap_questions (
    id bigint not null generated always as identity,
    site_id uuid not null,
    gap_id uuid,
    conversation_id uuid not null,
    seq bigint not null,
    shopper_id uuid not null,
    locale text not null,
    text text not null,
    reason text not null,
    confidence double precision,
    embedder text not null default ''::text,
    embedding halfvec,
    at timestamp with time zone not null,
    constraint gap_questions_pkey PRIMARY KEY (id),
    constraint gap_questions_conversation_id_seq_key UNIQUE (conversation_id, seq),
    constraint gap_questions_reason_check CHECK ((reason = ANY (ARRAY['not_found'::text, 'unsure'::text, 'thumbs_down'::text, 'agent_answered'::text]))),
    constraint gap_questions_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE,
    constraint gap_questions_gap_id_fkey FOREIGN KEY (gap_id) REFERENCES gaps(id) ON DELETE SET NULL,
    constraint gap_questions_shopper_id_fkey FOREIGN KEY (shopper_id) REFERENCES shoppers(id) ON DELETE CASCADE,
    constraint gap_questions_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table gap_sites (
    site_id uuid not null,
    refined integer not null default 0,
    refined_at timestamp with time zone,
    constraint gap_sites_pkey PRIMARY KEY (site_id),
    constraint gap_sites_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table gaps (
    id uuid not null,
    site_id uuid not null,
    locale text not null,
    title text not null,
    named boolean not null default false,
    pinned boolean not null default false,
    state text not null default 'open'::text,
    article_id uuid,
    drafted_at timestamp with time zone,
    questions integer not null default 0,
    shoppers integer not null default 0,
    texts integer not null default 0,
    rank double precision not null default 0,
    first_at timestamp with time zone not null default now(),
    last_at timestamp with time zone not null default now(),
    created_at timestamp with time zone not null default now(),
    constraint gaps_pkey PRIMARY KEY (id),
    constraint gaps_state_check CHECK ((state = ANY (ARRAY['open'::text, 'dismissed'::text]))),
    constraint gaps_article_id_fkey FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE SET NULL,
    constraint gaps_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table golden_questions (
    id uuid not null,
    site_id uuid not null,
    key text not null,
    question text not null,
    history jsonb not null default '[]'::jsonb,
    locale text not null,
    verdict text not null,
    articles uuid[] not null default '{}'::uuid[],
    note text not null default ''::text,
    signed_in boolean not null default false,
    created_by uuid,
    created_at timestamp with time zone not null default now(),
    updated_at timestamp with time zone not null default now(),
    constraint golden_questions_pkey PRIMARY KEY (id),
    constraint golden_questions_site_id_key_key UNIQUE (site_id, key),
    constraint golden_questions_verdict_check CHECK ((verdict = ANY (ARRAY['answer'::text, 'abstain'::text, 'person'::text]))),
    constraint golden_questions_created_by_fkey FOREIGN KEY (created_by) REFERENCES agents(id) ON DELETE SET NULL,
    constraint golden_questions_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table good_replies (
    id bigint not null generated always as identity,
    site_id uuid not null,
    draft_id uuid,
    locale text not null,
    topic text not null default ''::text,
    question text not null,
    reply text not null,
    embedder text not null,
    embedding halfvec not null,
    created_at timestamp with time zone not null default now(),
    constraint good_replies_pkey PRIMARY KEY (id),
    constraint good_replies_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES drafts(id) ON DELETE SET NULL,
    constraint good_replies_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
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
    reason text not null default 'asked_for_person'::text,
    wish text not null default ''::text,
    feeling text not null default ''::text,
    topic text not null default ''::text,
    tried jsonb not null default '[]'::jsonb,
    passages jsonb not null default '[]'::jsonb,
    orders text[] not null default '{}'::text[],
    corrected_at timestamp with time zone,
    agent_id uuid,
    claimed_at timestamp with time zone,
    replied_at timestamp with time zone,
    constraint handoffs_pkey PRIMARY KEY (id),
    constraint handoffs_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text]))),
    constraint handoffs_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE SET NULL,
    constraint handoffs_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE,
    constraint handoffs_conversation_id_seq_fkey FOREIGN KEY (conversation_id, seq) REFERENCES events(conversation_id, seq),
    constraint handoffs_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table import_items (
    run_id uuid not null,
    n integer not null,
    key text not null,
    title text not null default ''::text,
    state text not null,
    file text not null default ''::text,
    line integer not null default 0,
    reason text not null default ''::text,
    document jsonb,
    chosen boolean not null default false,
    outcome text not null default ''::text,
    constraint import_items_pkey PRIMARY KEY (run_id, n),
    constraint import_items_outcome_check CHECK ((outcome = ANY (ARRAY[''::text, 'applied'::text, 'skipped'::text, 'failed'::text]))),
    constraint import_items_state_check CHECK ((state = ANY (ARRAY['new'::text, 'changed'::text, 'edited'::text, 'gone'::text, 'unchanged'::text, 'refused'::text]))),
    constraint import_items_run_id_fkey FOREIGN KEY (run_id) REFERENCES import_runs(id) ON DELETE CASCADE
);

create table import_runs (
    id uuid not null,
    site_id uuid not null,
    source_id uuid,
    name text not null,
    kind text not null,
    file_name text not null default ''::text,
    state text not null,
    done integer not null default 0,
    total integer not null default 0,
    message text not null default ''::text,
    started_by uuid,
    started_at timestamp with time zone not null default now(),
    read_at timestamp with time zone,
    finished_at timestamp with time zone,
    constraint import_runs_pkey PRIMARY KEY (id),
    constraint import_runs_state_check CHECK ((state = ANY (ARRAY['reading'::text, 'ready'::text, 'applying'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
    constraint import_runs_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE,
    constraint import_runs_source_id_fkey FOREIGN KEY (source_id) REFERENCES import_sources(id) ON DELETE SET NULL,
    constraint import_runs_started_by_fkey FOREIGN KEY (started_by) REFERENCES agents(id) ON DELETE SET NULL
);

create table import_sources (
    id uuid not null,
    site_id uuid not null,
    name text not null,
    kind text not null,
    address text not null,
    every_hours integer not null default 0,
    next_at timestamp with time zone,
    created_by uuid,
    created_at timestamp with time zone not null default now(),
    constraint import_sources_pkey PRIMARY KEY (id),
    constraint import_sources_site_id_name_key UNIQUE (site_id, name),
    constraint import_sources_every_hours_check CHECK ((every_hours >= 0)),
    constraint import_sources_kind_check CHECK ((kind = ANY (ARRAY['page'::text, 'sitemap'::text, 'crawl'::text]))),
    constraint import_sources_created_by_fkey FOREIGN KEY (created_by) REFERENCES agents(id) ON DELETE SET NULL,
    constraint import_sources_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table invitations (
    id uuid not null,
    token_hash bytea not null,
    email text not null default ''::text,
    name text not null default ''::text,
    role text not null,
    site_ids uuid[] not null default '{}'::uuid[],
    invited_by uuid,
    created_at timestamp with time zone not null default now(),
    expires_at timestamp with time zone not null,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    constraint invitations_pkey PRIMARY KEY (id),
    constraint invitations_token_hash_key UNIQUE (token_hash),
    constraint invitations_role_check CHECK ((role = ANY (ARRAY['agent'::text, 'admin'::text]))),
    constraint invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES agents(id) ON DELETE SET NULL
);

create table letters (
    id uuid not null,
    site_id uuid not null,
    conversation_id uuid,
    direction text not null,
    message_id text not null,
    address text not null,
    subject text not null default ''::text,
    from_seq bigint,
    to_seq bigint,
    state text not null,
    reason text not null default ''::text,
    created_at timestamp with time zone not null default now(),
    sent_at timestamp with time zone,
    constraint letters_pkey PRIMARY KEY (id),
    constraint letters_message_id_key UNIQUE (message_id),
    constraint letters_direction_check CHECK ((direction = ANY (ARRAY['out'::text, 'in'::text]))),
    constraint letters_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'taken'::text, 'refused'::text]))),
    constraint letters_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE,
    constraint letters_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create table macros (
    id uuid not null,
    site_id uuid not null,
    name text not null,
    text text not null,
    locale text not null default ''::text,
    uses bigint not null default 0,
    created_by uuid,
    created_at timestamp with time zone not null default now(),
    updated_at timestamp with time zone not null default now(),
    constraint macros_pkey PRIMARY KEY (id),
    constraint macros_site_id_name_key UNIQUE (site_id, name),
    constraint macros_created_by_fkey FOREIGN KEY (created_by) REFERENCES agents(id) ON DELETE SET NULL,
    constraint macros_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
);

create unlogged table presences (
    socket_id text not null,
    agent_id uuid not null,
    seen_at timestamp with time zone not null default now(),
    conversation_id uuid,
    constraint presences_pkey PRIMARY KEY (socket_id),
    constraint presences_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE
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

create table replay_results (
    replay_id uuid not null,
    n integer not null,
    key text not null,
    turn_id uuid,
    item jsonb not null,
    result jsonb,
    constraint replay_results_pkey PRIMARY KEY (replay_id, n),
    constraint replay_results_replay_id_fkey FOREIGN KEY (replay_id) REFERENCES replays(id) ON DELETE CASCADE,
    constraint replay_results_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id) ON DELETE CASCADE
);

create table replays (
    id uuid not null,
    site_id uuid not null,
    state text not null,
    done integer not null default 0,
    total integer not null default 0,
    setting jsonb not null default '{}'::jsonb,
    scores jsonb not null default '{}'::jsonb,
    message text not null default ''::text,
    started_by uuid,
    started_at timestamp with time zone not null default now(),
    finished_at timestamp with time zone,
    constraint replays_pkey PRIMARY KEY (id),
    constraint replays_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
    constraint replays_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE,
    constraint replays_started_by_fkey FOREIGN KEY (started_by) REFERENCES agents(id) ON DELETE SET NULL
);

create table saved_filters (
    id uuid not null,
    agent_id uuid not null,
    site_id uuid not null,
    name text not null,
    query jsonb not null,
    created_at timestamp with time zone not null default now(),
    constraint saved_filters_pkey PRIMARY KEY (id),
    constraint saved_filters_agent_id_site_id_name_key UNIQUE (agent_id, site_id, name),
    constraint saved_filters_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
    constraint saved_filters_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
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

create table sign_in_failures (
    key text not null,
    failures integer not null,
    last_at timestamp with time zone not null,
    blocked_until timestamp with time zone,
    constraint sign_in_failures_pkey PRIMARY KEY (key)
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
    time_zone text not null default 'UTC'::text,
    hours jsonb not null default '[]'::jsonb,
    holidays jsonb not null default '[]'::jsonb,
    mail_from text not null default ''::text,
    constraint sites_pkey PRIMARY KEY (id),
    constraint sites_key_key UNIQUE (key),
    constraint sites_daily_budget_micros_check CHECK ((daily_budget_micros >= 0)),
    constraint sites_key_check CHECK ((key ~ '^[A-Za-z0-9_-]{1,64}$'::text))
);

create table team_members (
    team_id uuid not null,
    agent_id uuid not null,
    constraint team_members_pkey PRIMARY KEY (team_id, agent_id),
    constraint team_members_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
    constraint team_members_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
);

create table teams (
    id uuid not null,
    site_id uuid not null,
    name text not null,
    topics text[] not null default '{}'::text[],
    created_at timestamp with time zone not null default now(),
    constraint teams_pkey PRIMARY KEY (id),
    constraint teams_site_id_name_key UNIQUE (site_id, name),
    constraint teams_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE
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
    topic text not null default ''::text,
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

CREATE INDEX agent_reads_by_conversation ON public.agent_reads USING btree (conversation_id);
CREATE INDEX agent_sessions_by_agent ON public.agent_sessions USING btree (agent_id);
CREATE INDEX agent_sites_by_site ON public.agent_sites USING btree (site_id);
CREATE UNIQUE INDEX agents_by_email ON public.agents USING btree (lower(email));
CREATE INDEX article_drafts_due ON public.article_drafts USING btree (publish_at) WHERE (publish_at IS NOT NULL);
CREATE INDEX article_slugs_by_article ON public.article_slugs USING btree (article_id);
CREATE INDEX articles_by_site ON public.articles USING btree (site_id, updated_at DESC, id);
CREATE INDEX articles_by_slug ON public.articles USING btree (site_id, slug);
CREATE INDEX articles_in_help ON public.articles USING btree (site_id, locale) INCLUDE (published_version) WHERE ((audience = 0) AND (published_version IS NOT NULL));
CREATE INDEX chunk_vectors_by_chunk ON public.chunk_vectors USING btree (chunk_id);
CREATE INDEX chunk_vectors_by_site ON public.chunk_vectors USING btree (site_id, embedder_id);
CREATE INDEX chunks_by_site ON public.chunks USING btree (site_id, locale) INCLUDE (id);
CREATE INDEX chunks_by_term ON public.chunks USING gin (terms) WITH (fastupdate=off);
CREATE INDEX cited_articles_by_article ON public.cited_articles USING btree (article_id, at DESC);
CREATE INDEX cited_articles_by_site ON public.cited_articles USING btree (site_id, at DESC);
CREATE INDEX conversations_by_assignee ON public.conversations USING btree (assignee_id, updated_at DESC) WHERE (state = 'open'::text);
CREATE INDEX conversations_by_creation ON public.conversations USING btree (site_id, created_at) INCLUDE (id, locale);
CREATE INDEX conversations_by_reply_email ON public.conversations USING gin (to_tsvector('simple'::regconfig, translate(reply_email, '@._+-'::text, '     '::text))) WHERE (reply_email <> ''::text);
CREATE INDEX conversations_by_shopper ON public.conversations USING btree (shopper_id, created_at DESC);
CREATE INDEX conversations_by_site ON public.conversations USING btree (site_id, updated_at DESC);
CREATE INDEX conversations_by_state ON public.conversations USING btree (site_id, state, updated_at DESC);
CREATE INDEX conversations_by_tag ON public.conversations USING gin (tags);
CREATE INDEX conversations_waiting ON public.conversations USING btree (site_id, urgency DESC, waiting_since) WHERE ((state = 'open'::text) AND (waiting_since IS NOT NULL));
CREATE INDEX corpus_words_by_start ON public.corpus_words USING btree (site_id, "left"(word, 1), char_length(word)) INCLUDE (word, term);
CREATE INDEX corpus_words_by_term ON public.corpus_words USING btree (site_id, term);
CREATE INDEX drafts_by_conversation ON public.drafts USING btree (conversation_id, created_at DESC);
CREATE INDEX drafts_by_site ON public.drafts USING btree (site_id, created_at) INCLUDE (conversation_id, cost_micros);
CREATE INDEX drafts_decided ON public.drafts USING btree (site_id, decided_at) INCLUDE (conversation_id, outcome, edit_distance) WHERE (outcome IS NOT NULL);
CREATE UNIQUE INDEX drafts_one_writing ON public.drafts USING btree (conversation_id) WHERE (state = 'writing'::text);
CREATE INDEX drafts_reserving ON public.drafts USING btree (conversation_id) WHERE (reserved_micros > 0);
CREATE INDEX drafts_sent ON public.drafts USING btree (site_id, decided_at DESC) WHERE (sent_seq IS NOT NULL);
CREATE UNIQUE INDEX embedders_one_coming ON public.embedders USING btree (state) WHERE (state = 'coming'::text);
CREATE UNIQUE INDEX embedders_one_searched ON public.embedders USING btree (state) WHERE (state = 'searched'::text);
CREATE INDEX embedding_refusals_by_chunk ON public.embedding_refusals USING btree (chunk_id);
CREATE INDEX events_by_mention ON public.events USING gin (mentions) WHERE (mentions <> '{}'::uuid[]);
CREATE INDEX events_by_words ON public.events USING gin (to_tsvector('simple'::regconfig, text)) WHERE (kind = ANY (ARRAY['message'::text, 'note'::text]));
CREATE UNIQUE INDEX events_client_id ON public.events USING btree (conversation_id, client_id) WHERE (client_id IS NOT NULL);
CREATE UNIQUE INDEX events_one_per_turn ON public.events USING btree (turn_id) WHERE (turn_id IS NOT NULL);
CREATE INDEX gap_questions_by_gap ON public.gap_questions USING btree (gap_id, at DESC);
CREATE INDEX gap_questions_by_site ON public.gap_questions USING btree (site_id, at DESC);
CREATE INDEX gap_questions_new ON public.gap_questions USING btree (site_id, id) WHERE (gap_id IS NULL);
CREATE INDEX gaps_by_article ON public.gaps USING btree (article_id) WHERE (article_id IS NOT NULL);
CREATE INDEX gaps_by_site ON public.gaps USING btree (site_id, state, rank DESC);
CREATE INDEX golden_questions_by_site ON public.golden_questions USING btree (site_id, created_at DESC, id);
CREATE INDEX good_replies_by_site ON public.good_replies USING btree (site_id, embedder);
CREATE UNIQUE INDEX good_replies_one_per_draft ON public.good_replies USING btree (draft_id) WHERE (draft_id IS NOT NULL);
CREATE INDEX handoffs_by_conversation ON public.handoffs USING btree (conversation_id, id DESC);
CREATE INDEX handoffs_by_site ON public.handoffs USING btree (site_id, created_at) INCLUDE (conversation_id, replied_at);
CREATE INDEX handoffs_open ON public.handoffs USING btree (site_id, created_at) WHERE (state = 'open'::text);
CREATE INDEX handoffs_replied ON public.handoffs USING btree (site_id, replied_at DESC) WHERE (replied_at IS NOT NULL);
CREATE INDEX import_items_by_state ON public.import_items USING btree (run_id, state, n);
CREATE INDEX import_runs_by_site ON public.import_runs USING btree (site_id, started_at DESC);
CREATE INDEX import_sources_due ON public.import_sources USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX letters_by_conversation ON public.letters USING btree (conversation_id, created_at DESC);
CREATE INDEX presences_by_agent ON public.presences USING btree (agent_id);
CREATE INDEX presences_by_conversation ON public.presences USING btree (conversation_id) WHERE (conversation_id IS NOT NULL);
CREATE INDEX ratings_by_time ON public.ratings USING btree (at) INCLUDE (conversation_id, event_seq, score);
CREATE INDEX replay_results_by_key ON public.replay_results USING btree (replay_id, key);
CREATE INDEX replay_results_by_turn ON public.replay_results USING btree (turn_id) WHERE (turn_id IS NOT NULL);
CREATE INDEX replays_by_site ON public.replays USING btree (site_id, started_at DESC, id);
CREATE UNIQUE INDEX replays_one_running ON public.replays USING btree (site_id) WHERE (state = 'running'::text);
CREATE INDEX shoppers_by_words ON public.shoppers USING gin (to_tsvector('simple'::regconfig, translate(((name || ' '::text) || email), '@._+-'::text, '     '::text)));
CREATE UNIQUE INDEX sites_one_default ON public.sites USING btree (is_default) WHERE is_default;
CREATE INDEX turns_by_site ON public.turns USING btree (site_id, started_at) INCLUDE (id, conversation_id, question_seq, state, outcome, topic, confidence, cost_micros, finished_at);
CREATE UNIQUE INDEX turns_one_running ON public.turns USING btree (conversation_id) WHERE (state = 'running'::text);
CREATE INDEX visitor_tokens_by_shopper ON public.visitor_tokens USING btree (shopper_id);
