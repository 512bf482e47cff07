package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

const sqlLockConversationOfSite = `
select ` + conversationColumns + ` from conversations c where c.id = $1 and c.site_id = $2 for update`

// deed is an agent's act while its transaction runs.
type deed struct {
	inbox.Act
	tx   pgx.Tx
	at   time.Time
	done inbox.Done
	b    *pgx.Batch // what is still to be run
}

// act runs what an agent does to a conversation: it locks the conversation,
// returns the first event of a client id that is known, and else does f, which
// queues its events. The conversation in the result is as it is after the act.
func (in Inbox) act(ctx context.Context, a inbox.Act, f func(context.Context, *deed) error) (inbox.Done, error) {
	if !isID(a.ConversationID) {
		return inbox.Done{}, refuse(assist.CodeUnknownConversation)
	}
	d := &deed{Act: a}
	err := in.db.inTx(ctx, func(tx pgx.Tx) error {
		*d = deed{Act: a, tx: tx, at: storable(time.Now()), b: &pgx.Batch{}}
		locks := &pgx.Batch{}
		locks.Queue(sqlLockConversationOfSite, a.ConversationID, a.SiteID).QueryRow(func(row pgx.Row) (err error) {
			d.done.Conversation, err = scanConversation(row)
			return orRefuse(err, assist.CodeUnknownConversation)
		})
		if a.ClientID != "" {
			// Sees what another request stored while this one waited for the lock.
			locks.Queue(sqlEventByClientID, a.ConversationID, a.ClientID).QueryRow(func(row pgx.Row) error {
				first, err := scanEvent(row)
				if errors.Is(err, pgx.ErrNoRows) {
					return nil
				}
				d.done.Events, d.done.Duplicate = []assist.Event{first}, true
				return err
			})
		}
		if err := runBatch(ctx, tx, locks); err != nil || d.done.Duplicate {
			return err
		}
		if err := f(ctx, d); err != nil {
			return err
		}
		return runBatch(ctx, tx, d.b)
	})
	if err != nil {
		return inbox.Done{}, err
	}
	return d.done, nil
}

// append queues an event by the agent.
func (d *deed) append(e assist.Event) {
	e.At = d.at
	if e.Author.Kind == "" {
		e.Author, e.AgentID = assist.Author{Kind: assist.ByAgent, Name: d.Agent.Name}, d.Agent.ID
	}
	queueEvent(d.b, &d.done.Conversation, &e, nil)
	d.done.Events = append(d.done.Events, e)
}

// supersede queues the end of a turn of the bot that runs.
func (d *deed) supersede() {
	d.b.Queue(sqlSupersedeTurn, d.done.Conversation.ID).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&d.done.SupersededTurnID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
}

const sqlAgentName = `select name from agents where id = $1`

// mayAct refuses what somebody else has, and with open also what is closed.
func (d *deed) mayAct(ctx context.Context, open bool) error {
	c := d.done.Conversation
	if open && c.State == assist.Closed {
		return refuse(inbox.CodeClosed)
	}
	if c.State == assist.Closed || c.AssigneeID == "" || c.AssigneeID == d.Agent.ID {
		return nil
	}
	holder := inbox.Name{ID: c.AssigneeID}
	if err := d.tx.QueryRow(ctx, sqlAgentName, c.AssigneeID).Scan(&holder.Name); err != nil {
		return err
	}
	return inbox.ClaimedBy(holder)
}

// claim gives the conversation to the agent unless they have it.
func (d *deed) claim(ctx context.Context) error {
	c := &d.done.Conversation
	if c.AssigneeID == d.Agent.ID && c.Charge == assist.PersonInCharge {
		return nil
	}
	e, err := assign(ctx, d.tx, c, d.Agent, d.at, false)
	if err != nil {
		return err
	}
	d.supersede()
	e.Author, e.AgentID = assist.Author{Kind: assist.ByAgent, Name: d.Agent.Name}, d.Agent.ID
	d.append(*e)
	return nil
}

// Claim gives a conversation to the agent.
func (in Inbox) Claim(ctx context.Context, a inbox.Act) (inbox.Done, error) {
	return in.act(ctx, a, func(ctx context.Context, d *deed) error {
		if err := d.mayAct(ctx, true); err != nil {
			return err
		}
		return d.claim(ctx)
	})
}

const sqlTransferee = `
select a.name from agents a
where a.id = $1 and a.disabled_at is null
and (a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = $2))`

const sqlTeamName = `select name from teams where id = $1 and site_id = $2`

// Whoever puts it back does not get it again by itself. The bot is in charge
// while it waits.
const sqlBackToQueue = `
update conversations set
	assignee_id = null, charge = 'bot', team_id = nullif($2, '')::uuid, passed_by = nullif($3, '')::uuid,
	waiting_since = coalesce(waiting_since, $4)
where id = $1
returning waiting_since`

// Transfer gives it to an agent, to a team or back into the queue.
func (in Inbox) Transfer(ctx context.Context, a inbox.Act, to inbox.Transfer) (inbox.Done, error) {
	if to.AgentID != "" && !isID(to.AgentID) {
		return inbox.Done{}, refuse(inbox.CodeUnknownAgent)
	}
	if to.TeamID != "" && !isID(to.TeamID) {
		return inbox.Done{}, refuse(inbox.CodeUnknownTeam)
	}
	return in.act(ctx, a, func(ctx context.Context, d *deed) error {
		c := &d.done.Conversation
		if c.State == assist.Closed {
			return refuse(inbox.CodeClosed)
		}
		note := func() {
			if to.Note != "" {
				e := assist.Event{Kind: assist.KindNote, Text: to.Note}
				if to.AgentID != "" {
					e.Mentions = []string{to.AgentID}
				}
				d.append(e)
			}
		}
		if to.AgentID != "" {
			agent := inbox.Name{ID: to.AgentID}
			if err := d.tx.QueryRow(ctx, sqlTransferee, agent.ID, d.SiteID).Scan(&agent.Name); err != nil {
				return orRefuse(err, inbox.CodeUnknownAgent)
			}
			if c.AssigneeID == agent.ID {
				note()
				return nil
			}
			e, err := assign(ctx, d.tx, c, agent, d.at, false)
			if err != nil {
				return err
			}
			note()
			d.supersede()
			e.Author = assist.Author{}
			d.append(*e)
			return nil
		}
		var team string
		if to.TeamID != "" {
			if err := d.tx.QueryRow(ctx, sqlTeamName, to.TeamID, d.SiteID).Scan(&team); err != nil {
				return orRefuse(err, inbox.CodeUnknownTeam)
			}
		}
		note()
		if err := backToQueue(ctx, d.tx, c, to.TeamID, d.Agent.ID, d.at); err != nil {
			return err
		}
		d.append(assist.Event{Kind: assist.KindAssignment, Assignment: &assist.Assignment{TeamID: to.TeamID, TeamName: team}})
		return nil
	})
}

// backToQueue takes the locked conversation from whoever has it and lets it
// wait; by says who does so, empty: nobody.
func backToQueue(ctx context.Context, tx pgx.Tx, c *assist.Conversation, teamID, by string, at time.Time) error {
	c.AssigneeID, c.TeamID, c.Charge = "", teamID, assist.BotInCharge
	return tx.QueryRow(ctx, sqlBackToQueue, c.ID, teamID, by, at).Scan(&c.WaitingSince)
}

const sqlBotAgain = `
update conversations set
	assignee_id = null, team_id = null, passed_by = null, charge = 'bot', waiting_since = null, urgency = 0
where id = $1`

const sqlCloseHandoffs = `
update handoffs set state = 'closed' where conversation_id = $1 and state = 'open'`

// HandBack puts the bot in charge.
func (in Inbox) HandBack(ctx context.Context, a inbox.Act) (inbox.Done, error) {
	return in.act(ctx, a, func(ctx context.Context, d *deed) error {
		if err := d.mayAct(ctx, true); err != nil {
			return err
		}
		c := &d.done.Conversation
		if c.Charge == assist.BotInCharge && c.WaitingSince == nil {
			return nil
		}
		d.b.Queue(sqlBotAgain, c.ID)
		d.b.Queue(sqlCloseHandoffs, c.ID)
		c.AssigneeID, c.TeamID, c.Charge, c.WaitingSince = "", "", assist.BotInCharge, nil
		d.append(assist.Event{Kind: assist.KindStatus, Change: assist.ChangeHandedBack})
		return nil
	})
}

// Who had it stays on it, or else who closes it. The shopper who writes again is
// answered by the bot first.
const sqlResolve = `
update conversations set
	state = 'closed', resolved_at = $3, charge = 'bot', assignee_id = coalesce(assignee_id, $2),
	waiting_since = null, urgency = 0, passed_by = null
where id = $1`

// Resolve closes a conversation.
func (in Inbox) Resolve(ctx context.Context, a inbox.Act) (inbox.Done, error) {
	return in.act(ctx, a, func(ctx context.Context, d *deed) error {
		if err := d.mayAct(ctx, false); err != nil {
			return err
		}
		c := &d.done.Conversation
		if c.State != assist.Open {
			return nil
		}
		d.resolve()
		return in.db.enqueueLearning(ctx, d.tx, c.SiteID, c.ID)
	})
}

func (d *deed) resolve() {
	c := &d.done.Conversation
	d.supersede()
	d.b.Queue(sqlResolve, c.ID, d.Agent.ID, d.at)
	d.b.Queue(sqlCloseHandoffs, c.ID)
	if c.AssigneeID == "" {
		c.AssigneeID = d.Agent.ID
	}
	c.State, c.Charge, c.WaitingSince = assist.Closed, assist.BotInCharge, nil
	d.append(assist.Event{Kind: assist.KindStatus, Change: assist.ChangeResolved})
}

const sqlReopen = `
update conversations set state = 'open', resolved_at = null where id = $1`

// Reopen opens a conversation again and gives it to the agent.
func (in Inbox) Reopen(ctx context.Context, a inbox.Act) (inbox.Done, error) {
	return in.act(ctx, a, func(ctx context.Context, d *deed) error {
		c := &d.done.Conversation
		if c.State == assist.Open {
			return nil
		}
		d.b.Queue(sqlReopen, c.ID)
		c.State = assist.Open
		d.append(assist.Event{Kind: assist.KindStatus, Change: assist.ChangeReopened})
		return d.claim(ctx)
	})
}

const sqlKnownMentions = `
select a.id::text from agents a
where a.id::text = any($1) and a.disabled_at is null
and (a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = $2))
order by a.id`

// Note appends a note for agents.
func (in Inbox) Note(ctx context.Context, a inbox.Act, text string, mentions []string) (inbox.Done, error) {
	return in.act(ctx, a, func(ctx context.Context, d *deed) error {
		var known []string
		if len(mentions) > 0 {
			rows, err := d.tx.Query(ctx, sqlKnownMentions, mentions, d.SiteID)
			if err != nil {
				return err
			}
			if known, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
				return err
			}
		}
		d.append(assist.Event{Kind: assist.KindNote, Text: text, ClientID: d.ClientID, Mentions: known})
		return nil
	})
}

const sqlAnswerHandoffs = `
update handoffs set
	state = 'closed', agent_id = coalesce(agent_id, $2), claimed_at = coalesce(claimed_at, $3), replied_at = $3
where conversation_id = $1 and state = 'open'`

const sqlReadByAgent = `
update conversations set agent_read_seq = greatest(agent_read_seq, $2) where id = $1`

// Reply appends an agent's message.
func (in Inbox) Reply(ctx context.Context, a inbox.Act, r inbox.Reply) (inbox.Done, error) {
	if !isID(r.DraftID) {
		r.DraftID = ""
	}
	return in.act(ctx, a, func(ctx context.Context, d *deed) error {
		if err := d.mayAct(ctx, true); err != nil {
			return err
		}
		if err := d.claim(ctx); err != nil {
			return err
		}
		c := &d.done.Conversation
		if err := in.db.collectAgentAnswer(ctx, d.tx, *c); err != nil {
			return err
		}
		d.append(assist.Event{Kind: assist.KindMessage, Text: r.Text, ClientID: d.ClientID, Citations: r.Citations, DraftID: r.DraftID})
		seq := c.LastSeq
		c.WaitingSince = nil // as queueEvent stores it
		d.b.Queue(sqlAnswerHandoffs, c.ID, d.Agent.ID, d.at)
		d.b.Queue(sqlReadByAgent, c.ID, seq)
		sent := sentReply{siteID: c.SiteID, conversationID: c.ID, draftID: r.DraftID, agentID: d.Agent.ID, seq: seq, text: r.Text}
		if err := recordSent(ctx, d.tx, sent); err != nil {
			return err
		}
		if r.Resolve {
			d.resolve()
			if err := in.db.enqueueLearning(ctx, d.tx, c.SiteID, c.ID); err != nil {
				return err
			}
		}
		return in.db.enqueueLetter(ctx, d.tx, assist.LetterDue{ConversationID: c.ID, Seq: seq}, d.at)
	})
}
