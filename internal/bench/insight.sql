-- Weeks of a shop's work, made up: the size of the real thing, and shaped like it (busy
-- noons, quiet weekends, an answer rate that grows). The settings say how much:
--   careloop.conversations, careloop.days, careloop.site (a site's id)
select setseed(0.42);
create function pg_temp.site() returns uuid language sql as $$ select current_setting('careloop.site')::uuid $$;

insert into agents (id, email, name, role)
select md5('agent' || i)::uuid, 'agent' || i || '@shop.example', (array['Mia Berger', 'Tom Ford', 'Lea Roth'])[i], 'agent' from generate_series(1, 3) i;

insert into articles (id, site_id, source, key, slug, locale, content_hash, last_version, published_version)
select md5('article' || i)::uuid, pg_temp.site(), 'made-up', i::text, 'made-up-' || i, 'en', ''::bytea, 1, null from generate_series(1, 60) i;
insert into article_versions (article_id, version, title, markdown)
select md5('article' || i)::uuid, 1,
    (array['Returns and exchanges', 'Delivery times', 'Delivery abroad', 'Refunds', 'Paying by invoice', 'Warranty and repairs', 'Finding your size', 'Changing an order',
        'Gift cards', 'Your account', 'Damaged on arrival', 'Discount codes', 'Waxing a jacket', 'Washing wool', 'Price promise'])[1 + i % 15] || case when i > 15 then ' (' || i / 15 || ')' else '' end,
    'Text.'
from generate_series(1, 60) i;
update articles set published_version = 1 where source = 'made-up';

insert into shoppers (id, site_id, name)
select md5('shopper' || i)::uuid, pg_temp.site(),
    case when i % 3 = 0 then (array['Ada', 'Ben', 'Cleo', 'David', 'Elif', 'Finn', 'Greta', 'Hugo'])[1 + i % 8] || ' ' || (array['Winter', 'Lindqvist', 'Okafor', 'Moreau', 'Sato', 'Novak', 'Berg'])[1 + i % 7] else '' end
from generate_series(1, current_setting('careloop.conversations')::int / 2 + 1) i;

-- at: a day that is more likely a weekday, an hour that is more likely around noon.
create temp table made as
select i as n, md5('conversation' || i)::uuid as id, 1 + floor(random() * 5.65)::int as turns, at,
    extract(epoch from now() - at) / 86400 / current_setting('careloop.days')::float8 as age,
    (array['delivery', 'delivery', 'delivery', 'return', 'return', 'refund', 'damaged', 'payment', 'size', 'size', 'product', 'product', 'order_change', 'account', 'warranty', 'other'])[1 + floor(random() * 16)::int] as topic,
    (array['en', 'en', 'en-GB', 'de', 'de', 'fr'])[1 + floor(random() * 6)::int] as locale, random() as luck
from (
    select i, case when extract(isodow from at) > 5 and random() < 0.55 then at - interval '2 days' else at end as at
    from (
        select i, date_trunc('day', now() - (random() * current_setting('careloop.days')::float8) * interval '1 day')
            + (6 + 8 * (random() + random())) * interval '1 hour' as at
        from generate_series(1, current_setting('careloop.conversations')::int) i
    ) d
) d
where at < now() - interval '10 minutes';

insert into conversations (id, site_id, shopper_id, locale, state, created_at, updated_at, topic, last_text, last_author, last_message_at)
select id, pg_temp.site(), md5('shopper' || 1 + n / 2)::uuid, locale, case when luck < 0.7 then 'closed' else 'open' end, at, at + turns * interval '3 minutes', topic,
    (array['Where is my order?', 'Can I return shoes I wore once?', 'My jacket came in the wrong colour', 'Which size do I need?', 'Thank you, that helped!'])[1 + n % 5], 'shopper', at + turns * interval '3 minutes'
from made;

create temp table asked as
select m.id as conversation_id, m.n, k, m.at + (k - 1) * interval '3 minutes' as at, 2 * k - 1 as seq, md5('turn' || m.n || '.' || k)::uuid as id, m.turns, m.age, m.locale,
    case when k > 1 and k = m.turns and m.luck < 0.3 then '' else m.topic end as topic,
    case when k > 1 and k = m.turns and m.luck < 0.3 then 'answered'
        when r < 0.60 + 0.16 * (1 - m.age) then 'answered' when r < 0.84 then 'clarified' else 'escalated' end as outcome,
    1 + abs(least(3, -ln(greatest(random(), 1e-9)))) as wait
from (select *, random() as r from made cross join lateral generate_series(1, turns) k) m;

insert into turns (id, conversation_id, site_id, question_seq, state, owner, leased_until, outcome, topic, model, confidence, passages, search_ms, first_delta_ms, total_ms, cost_micros, started_at, finished_at)
select id, conversation_id, pg_temp.site(), seq, 'finished', 'made-up', at, outcome, topic, 'made-up',
    case when topic = '' then 0 else least(0.99, greatest(0.05, 0.93 - 0.12 * age - 0.25 * random() * random() - case when outcome = 'answered' then 0 else 0.4 end)) end,
    case when topic = '' then '[]'::jsonb else (
        select jsonb_agg(jsonb_build_object('chunk_id', (random() * 100000)::int, 'article_id', md5('article' || 1 + (n + j) % 60)::uuid, 'version', 1, 'lexical', random(), 'semantic', random(), 'fused', random(), 'cited', j = 1))
        from generate_series(1, 8) j) end,
    12, 400, 1500 * wait, case when topic = '' then 0 else (300 + 900 * random())::bigint end, at, at + wait * interval '1500 milliseconds'
from asked;

insert into events (conversation_id, seq, kind, at, author_kind, text, turn_id, outcome)
select conversation_id, seq + side, 'message', at + side * wait * interval '1500 milliseconds', case side when 0 then 'shopper' else 'bot' end,
    case side when 0 then 'Where is my order ' || n || '? It should have been here by now.' else 'It is on its way and arrives within three days.' end,
    case side when 1 then id end, case side when 1 then outcome end
from asked cross join generate_series(0, 1) side;

-- The last message of a conversation escalates only once.
insert into handoffs (site_id, conversation_id, seq, state, created_at, reason, topic, agent_id, claimed_at, replied_at)
select pg_temp.site(), conversation_id, seq, case when answered then 'closed' else 'open' end, at, 'not_in_knowledge_base', topic, case when answered then md5('agent' || 1 + n % 3)::uuid end,
    case when answered then at + wait * interval '3 minutes' end, case when answered then at + (0.3 + wait * wait * wait * (0.5 + age)) * interval '4 minutes' end
from (select distinct on (conversation_id) *, random() < 0.9 as answered from asked where outcome = 'escalated' order by conversation_id, k) e;
insert into events (conversation_id, seq, kind, at, author_kind, author_name, text, agent_id)
select h.conversation_id, 1000, 'message', h.replied_at, 'agent', a.name, 'I have looked into it, and it is on its way.', a.id
from handoffs h join agents a on a.id = h.agent_id where h.replied_at is not null;

insert into drafts (id, site_id, conversation_id, for_seq, state, text, model, cost_micros, created_at, finished_at, outcome, decided_at, agent_id, sent_seq, edit_distance)
select md5('draft' || h.id)::uuid, pg_temp.site(), h.conversation_id, h.seq, 'ready', 'Dear shopper, it is on its way.', 'made-up', (1500 + 1000 * random())::bigint, h.created_at, h.created_at + interval '3 seconds',
    case when r < 0.44 then 'accepted' when r < 0.83 then 'edited' else 'discarded' end, h.replied_at, h.agent_id, 1000,
    case when r < 0.44 then 0 else (2 + 30 * random() * random())::int end
from (select *, random() - 0.15 * extract(epoch from now() - created_at) / 86400 / current_setting('careloop.days')::float8 * -1 as r from handoffs where replied_at is not null) h;

insert into cited_articles (turn_id, article_id, site_id, version, at)
select distinct id, md5('article' || 1 + floor(60 * power((n * 7919 + k * 104729 + j * 31) % 1000 / 1000.0, 2.2))::int)::uuid, pg_temp.site(), 1, at + wait * interval '1500 milliseconds'
from asked cross join generate_series(1, 2) j
where outcome = 'answered' and topic <> '' and (j = 1 or n % 3 = 0);

insert into ratings (conversation_id, event_seq, score, at)
select conversation_id, seq + 1, case when random() < 0.78 - 0.1 * age then 1 else -1 end, at + interval '1 minute'
from asked where outcome = 'answered' and topic <> '' and random() < 0.14;
