package inbox

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Store keeps what the inbox shows and changes. Each method is one transaction
// and has its site as part of every filter: what belongs to another site is
// unknown. Errors are *assist.Error with a code where one is named.
type Store interface {
	// List reads a page of a list.
	List(ctx context.Context, q Query) ([]Row, error)
	// Counts counts each view for an agent, up to MaxCount.
	Counts(ctx context.Context, siteID, agentID string) (Counts, error)
	// Rows reads the rows of conversations, in any order; what is unknown is left
	// out.
	Rows(ctx context.Context, siteID string, ids []string) ([]Row, error)
	// Open reads what an agent finds when they open a conversation.
	// Errors: assist.CodeUnknownConversation.
	Open(ctx context.Context, siteID, id string) (Opened, error)
	// Conversation finds one. Errors: assist.CodeUnknownConversation.
	Conversation(ctx context.Context, siteID, id string) (assist.Conversation, error)
	// EventsAfter reads events with seq above after, in order; EventsBefore those
	// below before (0: the newest), in order, too; at most limit.
	// Errors: assist.CodeUnknownConversation.
	EventsAfter(ctx context.Context, siteID, id string, after int64, limit int) ([]assist.Event, error)
	EventsBefore(ctx context.Context, siteID, id string, before int64, limit int) ([]assist.Event, error)
	// Turn reads what the bot did. Errors: CodeUnknownTurn.
	Turn(ctx context.Context, siteID, id, turnID string) (Turn, error)
	// Draft reads the newest draft of a conversation that nothing took the place
	// of; nil where there is none.
	Draft(ctx context.Context, siteID, id string) (*Draft, error)

	// Claim gives a conversation to the agent. One that they have already stays
	// with them and nothing happens.
	// Errors: assist.CodeUnknownConversation, CodeClosed, CodeClaimed.
	Claim(ctx context.Context, a Act) (Done, error)
	// Transfer gives it to an agent, to a team or back into the queue, whoever
	// has it. Errors: assist.CodeUnknownConversation, CodeClosed,
	// CodeUnknownAgent, CodeUnknownTeam.
	Transfer(ctx context.Context, a Act, to Transfer) (Done, error)
	// HandBack puts the bot in charge.
	// Errors: assist.CodeUnknownConversation, CodeClosed, CodeClaimed.
	HandBack(ctx context.Context, a Act) (Done, error)
	// Resolve closes it, Reopen opens it again and gives it to the agent; done
	// already, nothing happens.
	// Errors: assist.CodeUnknownConversation, CodeClaimed.
	Resolve(ctx context.Context, a Act) (Done, error)
	Reopen(ctx context.Context, a Act) (Done, error)
	// Reply appends an agent's message, claims the conversation where nobody has
	// it, ends a turn of the bot that runs, and enqueues the letter to a shopper
	// who is away.
	// Errors: assist.CodeUnknownConversation, CodeClosed, CodeClaimed.
	Reply(ctx context.Context, a Act, r Reply) (Done, error)
	// Cite finds the articles that an agent attaches, as they are published. What
	// the draft cites already comes with its passage.
	// Errors: CodeUnknownArticle.
	Cite(ctx context.Context, siteID, conversationID, draftID string, list []Attachment) ([]Cited, error)
	// Note appends a note for agents. Mentions of whom the site does not know are
	// dropped. Errors: assist.CodeUnknownConversation.
	Note(ctx context.Context, a Act, text string, mentions []string) (Done, error)

	// SetTags replaces a conversation's tags.
	// Errors: assist.CodeUnknownConversation.
	SetTags(ctx context.Context, siteID, id string, tags []string) (assist.Conversation, error)
	// SetWish replaces what the newest handoff says that the shopper wants.
	// Errors: assist.CodeUnknownConversation, CodeNoHandoff.
	SetWish(ctx context.Context, siteID, id, wish string) (assist.Conversation, error)
	// MarkRead notes how far an agent has read. It reports how far any agent has,
	// and whether that is news.
	// Errors: assist.CodeUnknownConversation.
	MarkRead(ctx context.Context, siteID, agentID, id string, seq int64) (c assist.Conversation, upTo int64, news bool, err error)

	// People lists to whom a site's conversations can be passed.
	People(ctx context.Context, siteID string) (People, error)
	// Filters lists an agent's own, SaveFilter keeps one, DropFilter forgets one.
	// Errors: CodeNameTaken, CodeTooMany; CodeUnknownFilter.
	Filters(ctx context.Context, siteID, agentID string) ([]SavedFilter, error)
	SaveFilter(ctx context.Context, siteID, agentID string, f SavedFilter) (SavedFilter, error)
	DropFilter(ctx context.Context, siteID, agentID, id string) error
	// Mentions lists notes for an agent, the newest first.
	Mentions(ctx context.Context, siteID, agentID string, unread bool, limit int) ([]Mention, error)
	// Macros lists those whose name or text holds words, the most used first;
	// the others add, change and drop one.
	// Errors: CodeNameTaken, CodeTooMany; CodeUnknownMacro.
	Macros(ctx context.Context, siteID, words string, limit int) ([]Macro, error)
	AddMacro(ctx context.Context, siteID, agentID string, m Macro) (Macro, error)
	ChangeMacro(ctx context.Context, siteID string, m Macro) (Macro, error)
	DropMacro(ctx context.Context, siteID, id string) error

	// AssignNext gives the conversation that is first in the queues to the least
	// busy agent who may take it. It reports false where there is nothing to
	// give, or nobody to give it to.
	AssignNext(ctx context.Context) (Done, bool, error)
	// ReleaseNext puts one conversation back into the queue whose agent has been
	// gone for grace, and whose shopper has waited for as long. It reports false
	// where there is none.
	ReleaseNext(ctx context.Context, grace time.Duration) (Done, bool, error)

	Presences
}

// Presences keeps which consoles are open. An agent is online while one of
// theirs is, and they are not away.
type Presences interface {
	// Arrive notes that a console is open; first says that the agent was not
	// online before and is now.
	Arrive(ctx context.Context, socketID, agentID string) (first bool, err error)
	// Look notes what a console has on its screen; empty: no conversation.
	Look(ctx context.Context, socketID, conversationID string) error
	// Renew keeps consoles open that are open still.
	Renew(ctx context.Context, open []Console) error
	// Leave notes that a console is closed; last says that the agent was online
	// and is not any more.
	Leave(ctx context.Context, socketID, agentID string) (last bool, err error)
	// Sweep forgets consoles that were not renewed, and returns the agents who
	// are gone with them.
	Sweep(ctx context.Context) (gone []string, err error)
	// Online lists the agents who are online for a site.
	Online(ctx context.Context, siteID string) ([]string, error)
	// Looking lists who has a conversation on their screen.
	Looking(ctx context.Context, siteID, conversationID string) ([]LookingPerson, error)
	// SitesOf lists the sites that an agent answers for.
	SitesOf(ctx context.Context, agentID string) ([]string, error)
	// SetPresence notes what an agent says of themselves, and whether they are
	// online now.
	SetPresence(ctx context.Context, agentID string, away bool) (online bool, err error)
}

// Console is one that is open.
type Console struct {
	SocketID, AgentID string
	// ConversationID is what it has on its screen; empty: none.
	ConversationID string
}

// Act is something that an agent does to a conversation.
type Act struct {
	SiteID, SiteKey string
	ConversationID  string
	Agent           Name
	// ClientID makes sending idempotent; empty for what appends no text.
	ClientID string
}

// Transfer says to whom a conversation goes; neither: back into the queue.
type Transfer struct {
	AgentID, TeamID string
	// Note tells colleagues why; empty: nothing to tell.
	Note string
}

// Reply is an agent's message.
type Reply struct {
	Text     string
	DraftID  string // the draft that it began as; empty: none
	Attached []Attachment
	// Citations are filled in from what is attached.
	Citations []assist.Citation
	// Resolve closes the conversation with it.
	Resolve bool
}

// Attachment is an article that a reply points to by [N].
type Attachment struct {
	N         int
	ArticleID string
}

// Cited is an attachment that was found. Where the citation has no URL, the
// article's page is meant.
type Cited struct {
	assist.Citation
	Article retrieval.Article
	// Hidden says that the shopper may not read the article.
	Hidden bool
}

// Done is what an act did.
type Done struct {
	Conversation assist.Conversation
	// Events were appended, in this order. Of a reply or a note that was stored
	// before, it is the first one.
	Events    []assist.Event
	Duplicate bool
	// SupersededTurnID is a turn of the bot that ran and was ended.
	SupersededTurnID string
}
