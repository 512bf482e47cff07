package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	"github.com/riverqueue/river"

	"github.com/careloop/careloop/assist/draft"
)

const sqlGoodReplies = `
select question, reply, 1 - (embedding <=> $3::vector::halfvec) as likeness
from good_replies
where site_id = $1 and embedder = $2
order by embedding <=> $3::vector::halfvec, id
limit $4`

// GoodReplies finds replies to similar questions, the most similar first.
func (db *DB) GoodReplies(ctx context.Context, siteID, embedder string, vector []float32, limit int) ([]draft.GoodReply, error) {
	rows, err := db.pool.Query(ctx, sqlGoodReplies, siteID, embedder, pgvector.NewVector(vector), limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g draft.GoodReply, err error) {
		err = row.Scan(&g.Question, &g.Reply, &g.Likeness)
		return g, err
	})
}

// The question is what the shopper said since an agent last wrote, up to the
// message that the draft answers.
const sqlLearnableReplies = `
select d.id, c.locale, d.topic, d.text, d.sent_text,
	coalesce((select string_agg(e.text, E'\n' order by e.seq) from events e
		where e.conversation_id = c.id and e.author_kind = 'shopper' and e.kind in ('message', 'handoff') and e.text <> ''
		and e.seq <= d.for_seq and e.seq > coalesce((select max(a.seq) from events a
			where a.conversation_id = c.id and a.author_kind = 'agent' and a.kind = 'message' and a.seq < d.for_seq), 0)), ''),
	array_remove(array[s.name, coalesce(g.name, '')]
		|| array(select distinct e.author_name from events e where e.conversation_id = c.id and e.author_kind = 'agent'), '')
from drafts d
join conversations c on c.id = d.conversation_id
join shoppers s on s.id = c.shopper_id
left join agents g on g.id = d.agent_id
where d.site_id = $1 and d.conversation_id = $2
and d.sent_seq is not null and d.outcome in ('accepted', 'edited')
and (c.resolved_at is not null or c.state = 'closed'
	or exists (select from ratings r where r.conversation_id = c.id and r.score > 0))
and not exists (select from ratings r where r.conversation_id = c.id and r.score < 0)
and not exists (select from good_replies k where k.draft_id = d.id)
order by d.sent_seq
limit 20`

// LearnableReplies lists what may be kept of a conversation.
func (db *DB) LearnableReplies(ctx context.Context, siteID, conversationID string) ([]draft.Learnable, error) {
	if !isID(conversationID) {
		return nil, nil
	}
	rows, err := db.pool.Query(ctx, sqlLearnableReplies, siteID, conversationID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l draft.Learnable, err error) {
		err = row.Scan(&l.DraftID, &l.Locale, &l.Topic, &l.Draft, &l.Sent, &l.Question, &l.Names)
		return l, err
	})
}

const sqlSaveGoodReply = `
insert into good_replies (site_id, draft_id, locale, topic, question, reply, embedder, embedding)
values ($1, $2, $3, $4, $5, $6, $7, $8::vector::halfvec)
on conflict do nothing`

// SaveGoodReply keeps a reply, once for each draft.
func (db *DB) SaveGoodReply(ctx context.Context, siteID string, g draft.NewGoodReply) error {
	_, err := db.pool.Exec(ctx, sqlSaveGoodReply, siteID, g.DraftID, g.Locale, g.Topic, g.Question, g.Reply, g.Embedder, pgvector.NewVector(g.Embedding))
	return err
}

// What was kept of a conversation goes when it is rated badly after all.
const sqlForgetGoodReplies = `
delete from good_replies where draft_id in (select id from drafts where site_id = $1 and conversation_id = $2)`

// learnAfter leaves the shopper time to say that the matter is not settled.
const learnAfter = 10 * time.Minute

// enqueueLearning asks for a look at what a conversation taught, now that it is
// resolved or rated, in the transaction that says so. A job for later notifies
// nobody.
func (db *DB) enqueueLearning(ctx context.Context, tx pgx.Tx, siteID, conversationID string) error {
	if _, err := db.queue.InsertTx(ctx, tx, draft.Learn{SiteID: siteID, ConversationID: conversationID}, &river.InsertOpts{Priority: 3, ScheduledAt: time.Now().Add(learnAfter)}); err != nil {
		return fmt.Errorf("enqueue the learning: %w", err)
	}
	return nil
}
