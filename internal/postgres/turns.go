package postgres

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/retrieval"
)

const sqlTurnInput = `
select ` + siteColumns + `, ` + conversationColumns + `,
	exists (select from shoppers h where h.id = c.shopper_id and h.external_id is not null)
from turns t
join conversations c on c.id = t.conversation_id
join sites s on s.id = t.site_id
where t.id = $1`

const sqlTurnMessages = `
select * from (
	select ` + eventColumns + `
	from turns t
	join events e on e.conversation_id = t.conversation_id and e.seq <= t.question_seq
	where t.id = $1 and e.kind = 'message'
	order by e.seq desc limit $2
) newest order by seq`

// TurnInput reads what a turn works with.
func (db *DB) TurnInput(ctx context.Context, turnID string, limit int) (assist.TurnInput, error) {
	var in assist.TurnInput
	b := &pgx.Batch{}
	b.Queue(sqlTurnInput, turnID).QueryRow(func(row pgx.Row) error {
		s, c := &in.Site, &in.Conversation
		var known bool
		targets := append([]any{&s.ID, &s.Key, &s.Name, &s.Locale, &s.AllowedOrigins, &s.IdentitySecret,
			&s.Greeting, &s.Suggestions, &s.DailyBudget}, conversationTargets(c)...)
		if err := row.Scan(append(targets, &known)...); err != nil {
			return orRefuse(err, assist.CodeTurnOver)
		}
		if known {
			in.Audience = retrieval.SignedIn
		}
		return nil
	})
	b.Queue(sqlTurnMessages, turnID, limit).Query(func(rows pgx.Rows) (err error) {
		in.Messages, err = collectEvents(rows)
		return err
	})
	if err := db.pool.SendBatch(ctx, b).Close(); err != nil {
		return assist.TurnInput{}, err
	}
	return in, nil
}

const sqlRenewLease = `
update turns set leased_until = clock_timestamp() + $3::interval
where id = $1 and owner = $2 and state = 'running'`

// RenewLease keeps a running turn.
func (db *DB) RenewLease(ctx context.Context, turnID, owner string, until time.Duration) error {
	tag, err := db.pool.Exec(ctx, sqlRenewLease, turnID, owner, until)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return refuse(assist.CodeTurnOver)
	}
	return nil
}

const sqlLockTurnForTaking = `
select t.state, t.leased_until > clock_timestamp(), t.id, t.site_id, c.shopper_id, t.conversation_id,
	t.question_seq, t.attempt, t.reserved_micros, t.reserved_on
from turns t
join conversations c on c.id = t.conversation_id
where t.id = $1
for no key update of t`

const sqlTakeTurn = `
update turns set owner = $2, leased_until = clock_timestamp() + $3::interval, attempt = attempt + 1
where id = $1
returning attempt`

// TakeTurn leases a running turn whose lease ran out and counts the attempt. Of
// a turn that was superseded and whose process is gone, it gives back what is
// still reserved of the budget.
func (db *DB) TakeTurn(ctx context.Context, turnID, owner string, until time.Duration) (assist.Turn, error) {
	var t assist.Turn
	var refusal error
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		var state string
		var held bool
		var r reservation
		err := tx.QueryRow(ctx, sqlLockTurnForTaking, turnID).Scan(&state, &held, &t.ID, &t.SiteID, &t.ShopperID,
			&t.ConversationID, &t.QuestionSeq, &t.Attempt, &r.amount, &r.day)
		if err != nil {
			return orRefuse(err, assist.CodeTurnOver)
		}
		switch {
		case state != "running":
			refusal = refuse(assist.CodeTurnOver)
			if held || r.amount == 0 {
				return nil
			}
			b := &pgx.Batch{}
			queueRelease(b, t.SiteID, turnID, r)
			return runBatch(ctx, tx, b)
		case held:
			refusal = refuse(assist.CodeTurnHeld)
			return nil
		}
		return tx.QueryRow(ctx, sqlTakeTurn, turnID, owner, until).Scan(&t.Attempt)
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return assist.Turn{}, err
	}
	return t, nil
}

const sqlLockConversationOfTurn = `
select ` + conversationColumns + `
from turns t
join conversations c on c.id = t.conversation_id
where t.id = $1
for update of c`

// By the time of this statement the conversation is locked: its newest message
// is the one that the turn answers last.
const sqlLockTurn = `
select t.state, t.owner, t.reserved_micros, t.reserved_on, t.question_seq, coalesce((
	select e.via from events e
	where e.conversation_id = t.conversation_id and e.kind = 'message' and e.author_kind = 'shopper'
	order by e.seq desc limit 1), '')
from turns t where t.id = $1 for no key update of t`

const sqlFinishTurn = `
update turns set
	state = 'finished', finished_at = $2, outcome = $3, reason = nullif($4, ''),
	model = $5, prompt_hash = $6, confidence = $7, passages = $8, held = $9,
	search_ms = $10, first_delta_ms = nullif($11::bigint, 0), total_ms = $12, topic = $13
where id = $1`

const sqlAddCalls = `
update turns set calls = calls || $2::jsonb, cost_micros = cost_micros + $3 where id = $1`

// FinishTurn ends a turn if it is still the owner's to end. What its calls cost
// is counted in any case.
func (db *DB) FinishTurn(ctx context.Context, f assist.FinishTurn) (assist.Finished, error) {
	var did assist.Finished
	var refusal error
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		did, refusal = assist.Finished{}, nil
		c := &did.Conversation
		var state, owner string
		var reserved reservation
		var question int64
		var via assist.Via
		locks := &pgx.Batch{}
		locks.Queue(sqlLockConversationOfTurn, f.TurnID).QueryRow(func(row pgx.Row) (err error) {
			*c, err = scanConversation(row)
			return orRefuse(err, assist.CodeTurnOver)
		})
		locks.Queue(sqlLockTurn, f.TurnID).QueryRow(func(row pgx.Row) error {
			return row.Scan(&state, &owner, &reserved.amount, &reserved.day, &question, &via)
		})
		if err := runBatch(ctx, tx, locks); err != nil {
			return err
		}

		b := &pgx.Batch{}
		if state != "running" || owner != f.Owner || c.Charge != assist.BotInCharge {
			refusal = refuse(assist.CodeTurnOver)
		} else {
			at := storable(time.Now())
			if err := say(ctx, tx, f, at, &did); err != nil {
				return err
			}
			if via == assist.ViaEmail && did.Event.Seq > 0 {
				if err := db.enqueueLetter(ctx, tx, assist.LetterDue{ConversationID: c.ID, Seq: did.Event.Seq}, at); err != nil {
					return err
				}
			}
			if f.Escalation != nil {
				if err := db.enqueueDraft(ctx, tx, draft.Rescue{SiteID: c.SiteID, ConversationID: c.ID, Seq: question}, draft.RescueAfter); err != nil {
					return err
				}
			}
			if err := db.collectTurn(ctx, tx, *c, question, f); err != nil {
				return err
			}
			r := f.Record
			b.Queue(sqlFinishTurn, f.TurnID, at, f.Outcome, f.Reason, r.Model, r.PromptHash, r.Confidence,
				orEmpty(r.Passages), orEmpty(r.Held), r.SearchMillis, r.FirstDeltaMillis, r.TotalMillis, r.Topic)
			queueCited(b, c.SiteID, f, at)
		}
		// While somebody else runs the turn, the reservation is theirs to settle.
		if state == "running" && owner != f.Owner {
			reserved = reservation{}
		}
		queueSettle(b, c.SiteID, f.TurnID, reserved, f.Record.Calls)
		return runBatch(ctx, tx, b)
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return assist.Finished{}, err
	}
	return did, nil
}

const sqlCite = `
insert into cited_articles (turn_id, article_id, site_id, version, at)
select $1, a.id, a.site_id, c.version, $5
from unnest($3::uuid[], $4::integer[]) as c (article_id, version)
join articles a on a.id = c.article_id and a.site_id = $2
on conflict do nothing`

// queueCited notes which articles an answer rests on.
func queueCited(b *pgx.Batch, siteID string, f assist.FinishTurn, at time.Time) {
	var ids []string
	var versions []int
	for _, p := range f.Record.Passages {
		if p.Cited && isID(p.ArticleID) {
			ids, versions = append(ids, p.ArticleID), append(versions, p.Version)
		}
	}
	if f.Outcome == assist.Answered && len(ids) > 0 {
		b.Queue(sqlCite, f.TurnID, siteID, ids, versions, at)
	}
}

// say appends what the turn has to say, which may be nothing, and passes the
// conversation on where the turn escalates.
func say(ctx context.Context, tx pgx.Tx, f assist.FinishTurn, at time.Time, did *assist.Finished) error {
	e := assist.Event{
		Kind:      assist.KindMessage,
		At:        at,
		Author:    assist.Author{Kind: assist.ByBot, Name: f.BotName},
		Text:      f.Text,
		TurnID:    f.TurnID,
		Outcome:   f.Outcome,
		Citations: f.Citations,
	}
	switch {
	case f.Escalation != nil:
		events, err := passOn(ctx, tx, &did.Conversation, f.Escalation, telling{event: e, lead: f.Text})
		if err != nil {
			return err
		}
		did.Event, did.Replies = events[0], events[1:]
		return nil
	case f.Text == "":
		return nil
	case f.Offer:
		e.Handoff = &assist.Handoff{State: assist.HandoffOffered, Reason: f.Reason}
	}
	b := &pgx.Batch{}
	queueEvent(b, &did.Conversation, &e, nil)
	did.Event = e
	return runBatch(ctx, tx, b)
}

// byModel sums calls by model, in the order of names: everybody locks the rows
// of usage in that order.
func byModel(calls []assist.CallRecord) []modelUsage {
	sums := map[string]*modelUsage{}
	for _, c := range calls {
		u := sums[c.Model]
		if u == nil {
			u = &modelUsage{model: c.Model}
			sums[c.Model] = u
		}
		u.calls++
		u.promptTokens += int64(c.PromptTokens)
		u.completionTokens += int64(c.CompletionTokens)
		u.cost += c.Cost
	}
	list := make([]modelUsage, 0, len(sums))
	for _, u := range sums {
		list = append(list, *u)
	}
	slices.SortFunc(list, func(a, b modelUsage) int { return strings.Compare(a.model, b.model) })
	return list
}

type modelUsage struct {
	model                                       string
	calls, promptTokens, completionTokens, cost int64
}
