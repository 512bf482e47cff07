-- What a question was about, as triage read it, whoever answered it; empty: it
-- asked for nothing (a greeting, thanks).
alter table turns add column topic text not null default '';
update turns t set topic = coalesce(nullif(c.topic, ''), 'other')
from conversations c
where c.id = t.conversation_id and t.state = 'finished' and not (t.outcome = 'answered' and t.passages = '[]');

-- Figures over months read these alone, and not the rows, which are wide.
drop index turns_by_site;
create index turns_by_site on turns (site_id, started_at)
    include (id, conversation_id, question_seq, state, outcome, topic, confidence, cost_micros, finished_at);
create index conversations_by_creation on conversations (site_id, created_at) include (id, locale);
create index handoffs_by_site on handoffs (site_id, created_at) include (conversation_id, replied_at);
create index drafts_decided on drafts (site_id, decided_at) include (conversation_id, outcome, edit_distance) where outcome is not null;
create index drafts_by_site on drafts (site_id, created_at) include (conversation_id, cost_micros);
create index ratings_by_time on ratings (at) include (conversation_id, event_seq, score);
