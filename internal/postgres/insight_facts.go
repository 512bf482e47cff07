package postgres

// What each plot counts: at is the time that it belongs to, conversation_id and
// series where, value what is measured (null: nothing). Both what counts and what
// lists is made of these, so that a point and its list are the same.
//
// $1 the site, $2 and $3 the time from and until when, $4 a language (empty:
// every one), $5 the moment as of which it is counted, $6 to $8 the opening hours
// (when each begins, when it ends, how many seconds were open before it).

// sqlInsightAsk gives the parameters their types, whichever of them a plot needs.
const sqlInsightAsk = `
select $1::uuid, $2::timestamptz, $3::timestamptz, $4::text, $5::timestamptz, $6::timestamptz[], $7::timestamptz[], $8::double precision[]`

// inLanguage leaves out conversations in other languages. The list is made where
// it is needed, once.
const inLanguage = `
	and ($4 = '' or conversation_id in (
		select l.id from conversations l where l.site_id = $1 and split_part(lower(l.locale), '-', 1) = $4))`

// aQuestion is what a turn has to be: finished, and more than small talk.
const aQuestion = `
	t.site_id = $1 and t.started_at >= $2 and t.started_at < least($3::timestamptz, $5::timestamptz) and t.state = 'finished'
	and (t.topic <> '' or t.outcome <> 'answered')`

const sqlOutcomeFacts = `
select t.started_at as at, t.conversation_id, null::double precision as value,
	case when t.outcome <> 'answered' and t.finished_at < $5::timestamptz - interval '24 hours' and not exists (
		select from events e
		where e.conversation_id = t.conversation_id and e.seq > t.question_seq
		and e.kind in ('message', 'handoff') and e.author_kind in ('shopper', 'agent')
		and e.at <= t.finished_at + interval '24 hours')
	then 'abandoned' else t.outcome end as series
from turns t
where` + aQuestion + inLanguage

const sqlTopicFacts = `
select t.started_at as at, t.conversation_id, null::double precision as value, coalesce(nullif(t.topic, ''), 'other') as series
from turns t
where` + aQuestion + inLanguage

const sqlConfidenceFacts = `
select t.started_at as at, t.conversation_id, t.confidence as value, 'confidence' as series
from turns t
where t.outcome = 'answered' and` + aQuestion + inLanguage

const sqlFirstAnswerFacts = `
select c.created_at as at, c.id as conversation_id, extract(epoch from f.finished_at - c.created_at)::double precision as value,
	'first_answer' as series
from conversations c
join (
	select t.conversation_id, min(t.finished_at) as finished_at from turns t
	where t.site_id = $1 and t.started_at >= $2 and t.started_at < $3::timestamptz + interval '1 day'
	and t.state = 'finished' and t.finished_at <= $5
	group by t.conversation_id
) f on f.conversation_id = c.id
where c.site_id = $1 and c.created_at >= $2 and c.created_at < least($3::timestamptz, $5::timestamptz) and f.finished_at < c.created_at + interval '1 day'` + inLanguage

// A wait is what was open until the reply less what was open until the handoff;
// the opening before an instant is found by halving.
const sqlWaitFacts = `
select h.created_at as at, h.conversation_id, case when h.replied_at <= $5 then opened.until_reply - opened.until_handoff end as value,
	case when h.replied_at <= $5 then 'replied' else 'unanswered' end as series
from handoffs h
cross join lateral (select width_bucket(h.created_at, $6) as handoff, width_bucket(h.replied_at, $6) as reply) o
cross join lateral (select
	coalesce(($8::double precision[])[o.handoff] + extract(epoch from least(h.created_at, ($7::timestamptz[])[o.handoff]) - ($6::timestamptz[])[o.handoff]), 0)::double precision as until_handoff,
	coalesce(($8::double precision[])[o.reply] + extract(epoch from least(h.replied_at, ($7::timestamptz[])[o.reply]) - ($6::timestamptz[])[o.reply]), 0)::double precision as until_reply
) opened
where h.site_id = $1 and h.created_at >= $2 and h.created_at < least($3::timestamptz, $5::timestamptz)` + inLanguage

const sqlDraftFacts = `
select d.decided_at as at, d.conversation_id, null::double precision as value, d.outcome as series
from drafts d
where d.site_id = $1 and d.decided_at >= $2 and d.decided_at < least($3::timestamptz, $5::timestamptz) and d.outcome is not null` + inLanguage

const sqlEditFacts = `
select d.decided_at as at, d.conversation_id, d.edit_distance::double precision as value, d.outcome as series
from drafts d
where d.site_id = $1 and d.decided_at >= $2 and d.decided_at < least($3::timestamptz, $5::timestamptz) and d.outcome = 'edited'` + inLanguage

const sqlCostFacts = `
select at, conversation_id, cost_micros / 1e6::double precision as value, 'cost' as series
from (
	select t.started_at as at, t.conversation_id, t.cost_micros from turns t
	where t.site_id = $1 and t.started_at >= $2 and t.started_at < least($3::timestamptz, $5::timestamptz)
	union all
	select d.created_at, d.conversation_id, d.cost_micros from drafts d
	where d.site_id = $1 and d.created_at >= $2 and d.created_at < least($3::timestamptz, $5::timestamptz)
) spent
where true` + inLanguage

const sqlRatingFacts = `
select r.at, r.conversation_id, null::double precision as value, case when r.score > 0 then 'up' else 'down' end as series
from ratings r
join conversations c on c.id = r.conversation_id and c.site_id = $1
where r.at >= $2 and r.at < least($3::timestamptz, $5::timestamptz)` + inLanguage

const sqlArticleFacts = `
select a.at, t.conversation_id, null::double precision as value,
	a.article_id || case when d.turn_id is not null then '/down' when p.last_at > a.at then '/person' else '/worked' end as series
from cited_articles a
join turns t on t.id = a.turn_id and t.site_id = $1 and t.started_at >= $2::timestamptz - interval '1 day' and t.started_at < $3
left join (
	select e.turn_id from ratings r
	join conversations c on c.id = r.conversation_id and c.site_id = $1
	join events e on e.conversation_id = r.conversation_id and e.seq = r.event_seq
	where r.score < 0 and r.at >= $2 and r.at < $5
) d on d.turn_id = a.turn_id
left join (
	select h.conversation_id, max(h.created_at) as last_at from handoffs h
	where h.site_id = $1 and h.created_at >= $2 and h.created_at < $5
	group by h.conversation_id
) p on p.conversation_id = t.conversation_id
where a.site_id = $1 and a.at >= $2 and a.at < least($3::timestamptz, $5::timestamptz)` + `
	and ($4 = '' or t.conversation_id in (
		select l.id from conversations l where l.site_id = $1 and split_part(lower(l.locale), '-', 1) = $4))`
