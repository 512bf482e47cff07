package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

const sqlOpenConversation = `
select ` + rowColumns + `, c.reply_email, c.shopper_read_seq, c.agent_read_seq, c.page, coalesce(s.external_id, ''), s.created_at,
	(select count(*) from conversations o where o.shopper_id = s.id)
from conversations c` + rowTables + `
where c.id = $1 and c.site_id = $2`

const sqlNewestPacket = `
select h.reason, h.wish, h.feeling, h.topic, h.tried, h.passages, h.orders, h.email, h.note,
	h.corrected_at is not null, h.created_at
from handoffs h
where h.conversation_id = $1 and h.site_id = $2
order by h.id desc limit 1`

// maxEarlier is how many of a shopper's other conversations are shown.
const maxEarlier = 20

const sqlEarlierConversations = `
select ` + rowColumns + `
from conversations c` + rowTables + `
where c.site_id = $2 and c.id <> $1 and c.shopper_id = (select o.shopper_id from conversations o where o.id = $1 and o.site_id = $2)
order by c.created_at desc, c.id desc limit $3`

const sqlNewestDraft = `
select d.id, d.for_seq, d.state, d.tone, d.text, d.citations, d.unsupported, d.model, d.note, d.created_at
from drafts d
where d.conversation_id = $1 and d.site_id = $2 and d.state in ('writing', 'ready') and d.sent_seq is null and d.outcome is null
order by d.created_at desc limit 1`

// Open reads what an agent finds when they open a conversation.
func (in Inbox) Open(ctx context.Context, siteID, id string) (inbox.Opened, error) {
	if !isID(id) {
		return inbox.Opened{}, refuse(assist.CodeUnknownConversation)
	}
	var o inbox.Opened
	b := &pgx.Batch{}
	b.Queue(sqlOpenConversation, id, siteID).QueryRow(func(row pgx.Row) (err error) {
		c := &o.Conversation
		c.Row, err = scanRow(row, &c.ReplyEmail, &c.ShopperReadSeq, &c.AgentReadSeq, &o.Page,
			&o.Shopper.ExternalID, &o.Shopper.CreatedAt, &o.Shopper.Conversations)
		o.Shopper.Person = c.Shopper
		return orRefuse(err, assist.CodeUnknownConversation)
	})
	b.Queue(sqlNewestPacket, id, siteID).QueryRow(func(row pgx.Row) error {
		var p inbox.Packet
		err := row.Scan(&p.Reason, &p.Wish, &p.Feeling, &p.Topic, &p.Tried, &p.Passages, &p.Orders, &p.Email, &p.Note, &p.Corrected, &p.CreatedAt)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		o.Packet = &p
		return err
	})
	b.Queue(sqlNewestDraft, id, siteID).QueryRow(func(row pgx.Row) (err error) {
		o.Draft, err = scanDraft(row)
		return err
	})
	b.Queue(sqlEarlierConversations, id, siteID, maxEarlier).Query(func(rows pgx.Rows) (err error) {
		o.Earlier, err = collectRows(rows)
		return err
	})
	b.Queue(sqlLooking, id, siteID).Query(func(rows pgx.Rows) (err error) {
		o.Looking, err = pgx.CollectRows(rows, pgx.RowToStructByPos[inbox.LookingPerson])
		return err
	})
	if err := in.db.pool.SendBatch(ctx, b).Close(); err != nil {
		return inbox.Opened{}, err
	}
	return o, nil
}

// scanDraft gives nil where there is none.
func scanDraft(row pgx.Row) (*inbox.Draft, error) {
	var d inbox.Draft
	err := row.Scan(&d.ID, &d.ForSeq, &d.State, &d.Tone, &d.Text, &d.Citations, &d.Unsupported, &d.Model, &d.Note, &d.CreatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &d, err
}

// Draft reads the newest draft that nothing took the place of.
func (in Inbox) Draft(ctx context.Context, siteID, id string) (*inbox.Draft, error) {
	if !isID(id) {
		return nil, nil
	}
	return scanDraft(in.db.pool.QueryRow(ctx, sqlNewestDraft, id, siteID))
}

const sqlSiteEventsAfter = `
select ` + eventColumns + `
from events e
join conversations c on c.id = e.conversation_id
where e.conversation_id = $1 and c.site_id = $2 and e.seq > $3
order by e.seq limit $4`

const sqlSiteEventsBefore = `
select ` + eventColumns + `
from events e
join conversations c on c.id = e.conversation_id
where e.conversation_id = $1 and c.site_id = $2 and ($3 = 0 or e.seq < $3)
order by e.seq desc limit $4`

// EventsAfter returns events with seq above after, in order, at most limit.
func (in Inbox) EventsAfter(ctx context.Context, siteID, id string, after int64, limit int) ([]assist.Event, error) {
	return in.events(ctx, sqlSiteEventsAfter, siteID, id, after, limit)
}

// EventsBefore returns the newest events below before (0: of all), in order, at
// most limit.
func (in Inbox) EventsBefore(ctx context.Context, siteID, id string, before int64, limit int) ([]assist.Event, error) {
	events, err := in.events(ctx, sqlSiteEventsBefore, siteID, id, before, limit)
	slices.Reverse(events)
	return events, err
}

func (in Inbox) events(ctx context.Context, query, siteID, id string, at int64, limit int) ([]assist.Event, error) {
	if !isID(id) {
		return nil, refuse(assist.CodeUnknownConversation)
	}
	var events []assist.Event
	b := &pgx.Batch{}
	b.Queue(sqlConversationOfSite, id, siteID).QueryRow(func(row pgx.Row) error {
		_, err := scanConversation(row)
		return orRefuse(err, assist.CodeUnknownConversation)
	})
	b.Queue(query, id, siteID, at, limit).Query(func(rows pgx.Rows) (err error) {
		events, err = collectEvents(rows)
		return err
	})
	if err := in.db.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	return events, nil
}

const sqlInspectTurn = `
select t.confidence, coalesce(t.outcome, ''), coalesce(t.reason, ''), t.model, t.held,
	coalesce(t.search_ms, 0), coalesce(t.first_delta_ms, 0), coalesce(t.total_ms, 0), t.cost_micros
from turns t
where t.id = $1 and t.conversation_id = $2 and t.site_id = $3`

// A chunk is gone once its article was published anew; the title is still that
// of the version which was read.
const sqlInspectPassages = `
select coalesce(v.title, ''), coalesce(array_to_string(k.heading, ' › '), ''), coalesce(k.text, ''),
	coalesce((p.value->>'lexical')::float8, 0), coalesce((p.value->>'semantic')::float8, 0),
	coalesce((p.value->>'fused')::float8, 0), coalesce((p.value->>'cited')::boolean, false),
	coalesce(a.id::text, ''), coalesce(v.version, 0), coalesce(a.slug, ''), coalesce(a.locale, ''), coalesce(v.url, '')
from turns t
cross join jsonb_array_elements(t.passages) with ordinality p(value, n)
left join articles a on a.id = nullif(p.value->>'article_id', '')::uuid and a.site_id = t.site_id
left join article_versions v on v.article_id = a.id and v.version = (p.value->>'version')::integer
left join chunks k on k.id = (p.value->>'chunk_id')::bigint and k.article_id = a.id and k.version = v.version
where t.id = $1 and t.conversation_id = $2 and t.site_id = $3
order by p.n`

// Turn reads what the bot did.
func (in Inbox) Turn(ctx context.Context, siteID, id, turnID string) (inbox.Turn, error) {
	if !isID(id) || !isID(turnID) {
		return inbox.Turn{}, refuse(inbox.CodeUnknownTurn)
	}
	var t inbox.Turn
	b := &pgx.Batch{}
	b.Queue(sqlInspectTurn, turnID, id, siteID).QueryRow(func(row pgx.Row) error {
		return orRefuse(row.Scan(&t.Confidence, &t.Outcome, &t.Reason, &t.Model, &t.Held,
			&t.SearchMillis, &t.FirstDeltaMillis, &t.TotalMillis, &t.CostMicros), inbox.CodeUnknownTurn)
	})
	b.Queue(sqlInspectPassages, turnID, id, siteID).Query(func(rows pgx.Rows) (err error) {
		t.Passages, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p inbox.Passage, err error) {
			a := &p.Article
			err = row.Scan(&p.Title, &p.Heading, &p.Text, &p.Lexical, &p.Semantic, &p.Fused, &p.Cited,
				&a.ID, &a.Version, &a.Slug, &a.Locale, &a.URL)
			a.Title = p.Title
			return p, err
		})
		return err
	})
	if err := in.db.pool.SendBatch(ctx, b).Close(); err != nil {
		return inbox.Turn{}, err
	}
	t.Passages, t.Held = orEmpty(t.Passages), orEmpty(t.Held)
	return t, nil
}

const sqlCiteArticles = `
select a.id, v.version, v.title, v.url, a.slug, a.locale, a.audience, coalesce(k.text, ''),
	a.audience > case when exists (select from conversations c join shoppers s on s.id = c.shopper_id
		where c.id = $3 and c.site_id = $1 and s.external_id is not null) then 1 else 0 end
from articles a
join article_versions v on v.article_id = a.id and v.version = a.published_version
left join chunks k on k.article_id = a.id and k.ordinal = 0
where a.site_id = $1 and a.id = any($2::text[]::uuid[])`

const sqlDraftCitations = `
select d.citations from drafts d where d.id = $1 and d.conversation_id = $2 and d.site_id = $3`

// quoteRunes is how much of an article stands on a citation that nobody chose a
// passage for.
const quoteRunes = 400

// Cite finds the articles that an agent attaches.
func (in Inbox) Cite(ctx context.Context, siteID, conversationID, draftID string, list []inbox.Attachment) ([]inbox.Cited, error) {
	ids := make([]string, 0, len(list))
	for _, a := range list {
		if !isID(a.ArticleID) {
			return nil, refuse(inbox.CodeUnknownArticle)
		}
		ids = append(ids, a.ArticleID)
	}
	var conversation any // of none that there can be, nobody reads
	if isID(conversationID) {
		conversation = conversationID
	}
	var drafted []assist.Citation
	found := map[string]inbox.Cited{}
	b := &pgx.Batch{}
	b.Queue(sqlCiteArticles, siteID, ids, conversation).Query(func(rows pgx.Rows) error {
		var c inbox.Cited
		var quote string
		_, err := pgx.ForEachRow(rows, []any{&c.Article.ID, &c.Article.Version, &c.Article.Title, &c.Article.URL, &c.Article.Slug, &c.Article.Locale,
			&c.Article.Audience, &quote, &c.Hidden}, func() error {
			line := []rune(strings.Join(strings.Fields(quote), " "))
			c.Citation = assist.Citation{Title: c.Article.Title, URL: c.Article.URL, ArticleID: c.Article.ID, Version: c.Article.Version,
				Quote: string(line[:min(len(line), quoteRunes)])}
			found[c.Article.ID] = c
			return nil
		})
		return err
	})
	if isID(draftID) && isID(conversationID) {
		b.Queue(sqlDraftCitations, draftID, conversationID, siteID).QueryRow(func(row pgx.Row) error {
			if err := row.Scan(&drafted); !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			return nil
		})
	}
	if err := in.db.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	out := make([]inbox.Cited, 0, len(list))
	for _, a := range list {
		c, ok := found[strings.ToLower(a.ArticleID)]
		if !ok {
			return nil, refuse(inbox.CodeUnknownArticle)
		}
		for _, d := range drafted {
			if d.N == a.N && d.ArticleID == c.ArticleID {
				c.Citation = d
			}
		}
		c.N = a.N
		out = append(out, c)
	}
	return out, nil
}
