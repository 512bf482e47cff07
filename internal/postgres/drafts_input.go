package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
)

const sqlDraftInput = `
select ` + siteColumns + `, ` + conversationColumns + `, h.id, h.site_id, coalesce(h.external_id, ''), h.name, h.email,
	d.for_seq, d.tone, d.locale, d.given
from drafts d
join conversations c on c.id = d.conversation_id
join sites s on s.id = d.site_id
join shoppers h on h.id = c.shopper_id
where d.id = $1`

const sqlDraftMessages = `
select * from (
	select ` + eventColumns + `
	from drafts d
	join events e on e.conversation_id = d.conversation_id
	where d.id = $1 and e.kind in ('message', 'handoff', 'note')
	order by e.seq desc limit $2
) newest order by seq`

const sqlPacketOfDraft = `
select h.wish, h.feeling, h.topic, h.reason, h.orders
from drafts d
join handoffs h on h.conversation_id = d.conversation_id
where d.id = $1
order by h.id desc limit 1`

const sqlGuideOfDraft = `
select g.version, g.markdown, g.offers
from drafts d
join care_guides g on g.site_id = d.site_id
where d.id = $1
order by g.version desc limit 1`

const sqlPreviousDraft = `
select p.text, p.citations
from drafts d
join drafts p on p.conversation_id = d.conversation_id and p.id <> d.id
where d.id = $1 and p.state = 'ready' and p.outcome is null
order by p.created_at desc, p.id desc limit 1`

// DraftInput reads what a draft is made of.
func (db *DB) DraftInput(ctx context.Context, draftID string, limit int) (draft.Input, error) {
	var in draft.Input
	b := &pgx.Batch{}
	b.Queue(sqlDraftInput, draftID).QueryRow(func(row pgx.Row) error {
		s, c, h := &in.Site, &in.Conversation, &in.Shopper
		targets := append([]any{&s.ID, &s.Key, &s.Name, &s.Locale, &s.AllowedOrigins, &s.IdentitySecret,
			&s.Greeting, &s.Suggestions, &s.DailyBudget}, conversationTargets(c)...)
		return orRefuse(row.Scan(append(targets, &h.ID, &h.SiteID, &h.ExternalID, &h.Name, &h.Email,
			&in.ForSeq, &in.Tone, &in.Locale, &in.Given)...), draft.CodeOver)
	})
	b.Queue(sqlDraftMessages, draftID, limit).Query(func(rows pgx.Rows) (err error) {
		in.Messages, err = collectEvents(rows)
		return err
	})
	b.Queue(sqlPacketOfDraft, draftID).QueryRow(func(row pgx.Row) error {
		p := &in.Packet
		return orNothing(row.Scan(&p.Wish, &p.Feeling, &p.Topic, &p.Reason, &p.Orders))
	})
	b.Queue(sqlGuideOfDraft, draftID).QueryRow(func(row pgx.Row) error {
		return orNothing(row.Scan(&in.Guide.Version, &in.Guide.Markdown, &in.Guide.Offers))
	})
	b.Queue(sqlPreviousDraft, draftID).QueryRow(func(row pgx.Row) error {
		return orNothing(row.Scan(&in.Previous, &in.PreviousCitations))
	})
	if err := db.pool.SendBatch(ctx, b).Close(); err != nil {
		return draft.Input{}, err
	}
	return in, nil
}

const sqlTalk = `
select ` + siteColumns + `, ` + conversationColumns + `
from conversations c join sites s on s.id = c.site_id
where c.id = $2 and c.site_id = $1`

const sqlTalkMessages = `
select * from (
	select ` + eventColumns + ` from events e
	where e.conversation_id = $1 and e.kind in ('message', 'handoff', 'note')
	order by e.seq desc limit $2
) newest order by seq`

const sqlPacket = `
select h.wish, h.feeling, h.topic, h.reason, h.orders from handoffs h
where h.conversation_id = $1 order by h.id desc limit 1`

// Talk reads a conversation without a draft.
func (db *DB) Talk(ctx context.Context, siteID, conversationID string, limit int) (draft.Input, error) {
	if !isID(siteID) || !isID(conversationID) {
		return draft.Input{}, refuse(assist.CodeUnknownConversation)
	}
	var in draft.Input
	b := &pgx.Batch{}
	b.Queue(sqlTalk, siteID, conversationID).QueryRow(func(row pgx.Row) error {
		s := &in.Site
		return orRefuse(row.Scan(append([]any{&s.ID, &s.Key, &s.Name, &s.Locale, &s.AllowedOrigins, &s.IdentitySecret,
			&s.Greeting, &s.Suggestions, &s.DailyBudget}, conversationTargets(&in.Conversation)...)...), assist.CodeUnknownConversation)
	})
	b.Queue(sqlTalkMessages, conversationID, limit).Query(func(rows pgx.Rows) (err error) {
		in.Messages, err = collectEvents(rows)
		return err
	})
	b.Queue(sqlPacket, conversationID).QueryRow(func(row pgx.Row) error {
		p := &in.Packet
		return orNothing(row.Scan(&p.Wish, &p.Feeling, &p.Topic, &p.Reason, &p.Orders))
	})
	if err := db.pool.SendBatch(ctx, b).Close(); err != nil {
		return draft.Input{}, err
	}
	return in, nil
}

// orNothing takes "no rows" for nothing to be read.
func orNothing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

const sqlEvidenceSite = `
select ` + siteColumns + `, c.locale from conversations c join sites s on s.id = c.site_id
where c.id = $2 and c.site_id = $1`

const sqlEvidenceEvents = `
select e.author_kind, e.text, e.citations from events e
where e.conversation_id = $1 and e.kind in ('message', 'handoff', 'note')
order by e.seq desc limit 500`

const sqlEvidenceTexts = `
select concat_ws(E'\n', q ->> 'title', q ->> 'quote', q ->> 'url') from drafts d, jsonb_array_elements(d.citations) q
	where d.conversation_id = $2 and d.site_id = $1
union all
select concat_ws(E'\n', q ->> 'title', q ->> 'quote', q ->> 'url') from handoffs h, jsonb_array_elements(h.passages) q
	where h.conversation_id = $2 and h.site_id = $1
union all
select o from handoffs h, unnest(h.orders) o where h.conversation_id = $2 and h.site_id = $1
union all
select concat_ws(E'\n', a.title, array_to_string(k.heading, E'\n'), k.text, a.url)
	from chunks k join article_versions a on a.article_id = k.article_id and a.version = k.version
	where k.site_id = $1 and k.article_id::text = any($3)
union all
select o from (select offers from care_guides where site_id = $1 order by version desc limit 1) g, unnest(g.offers) o`

// DraftEvidence is what supports facts in a reply besides passages of a search.
func (db *DB) DraftEvidence(ctx context.Context, siteID, conversationID string, articleIDs []string) (draft.Statements, error) {
	if !isID(siteID) || !isID(conversationID) {
		return draft.Statements{}, refuse(assist.CodeUnknownConversation)
	}
	var st draft.Statements
	b := &pgx.Batch{}
	b.Queue(sqlEvidenceSite, siteID, conversationID).QueryRow(func(row pgx.Row) error {
		s := &st.Site
		return orRefuse(row.Scan(&s.ID, &s.Key, &s.Name, &s.Locale, &s.AllowedOrigins, &s.IdentitySecret,
			&s.Greeting, &s.Suggestions, &s.DailyBudget, &st.Locale), assist.CodeUnknownConversation)
	})
	b.Queue(sqlEvidenceEvents, conversationID).Query(func(rows pgx.Rows) error {
		var by assist.AuthorKind
		var text string
		var citations []assist.Citation
		_, err := pgx.ForEachRow(rows, []any{&by, &text, &citations}, func() error {
			switch by {
			case assist.ByShopper:
				st.Shopper = append(st.Shopper, text)
			case assist.ByAgent:
				st.Texts = append(st.Texts, text)
			}
			for _, c := range citations {
				st.Texts = append(st.Texts, c.Title+"\n"+c.Quote+"\n"+c.URL)
			}
			citations = nil
			return nil
		})
		return err
	})
	b.Queue(sqlEvidenceTexts, siteID, conversationID, orEmpty(articleIDs)).Query(func(rows pgx.Rows) error {
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		st.Texts = append(st.Texts, texts...)
		return err
	})
	if err := db.pool.SendBatch(ctx, b).Close(); err != nil {
		return draft.Statements{}, err
	}
	return st, nil
}
