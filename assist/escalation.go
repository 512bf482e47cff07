package assist

import (
	"time"

	"github.com/careloop/careloop/assist/triage"
)

// Escalation passes a conversation on to a person. The store works it off inside
// the transaction that stores it, so that packet, queue and the words to the
// shopper are of one moment.
type Escalation struct {
	Reason Reason
	// Email and Note are what the shopper gave with their wish for a person.
	Email, Note string
	// Letters says that a reply can go out by e-mail. Without it none is promised
	// and no address asked for; one that is given is kept for the agents.
	Letters bool
	// Pack makes the packet of the conversation's newest messages, oldest first.
	// It is pure and takes microseconds.
	Pack func(messages []Event) Packet
	// Tell says to the shopper how things stand. It is pure, too.
	Tell func(Packet, Situation) string
}

// Packet is what the agent finds with a conversation that is passed on.
type Packet struct {
	// Wish is what the shopper wants, in their own words.
	Wish    string
	Feeling triage.Feeling
	Topic   triage.Topic
	// Urgency is 0 for an ordinary matter, 1 for an angry shopper or one who had
	// to ask more than once, 2 for a legal or safety matter.
	Urgency int
	// Danger says that somebody may be hurt.
	Danger   bool
	Tried    []Attempt
	Passages []Source
	// Orders are the numbers of orders that the shopper named.
	Orders []string
}

// Attempt is something that the bot said before. Kind is answered, clarified or
// not_found.
type Attempt struct {
	Kind     string `json:"kind"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
	Seq      int64  `json:"seq"`
}

// Source is a passage that was consulted, as an agent sees it.
type Source struct {
	Title string `json:"title"`
	URL   string `json:"url"`
	Quote string `json:"quote"`
}

// Situation is how things stand for a shopper who is passed on to a person.
type Situation struct {
	// Locale is the conversation's language.
	Locale string
	// Agent is the name of the person who has the conversation now; empty:
	// nobody yet.
	Agent string
	// Waited says that it had been passed on already.
	Waited bool
	// Online counts the agents who are there for the shop.
	Online int
	// Queue is the shopper's place among those who wait, 1 for the next.
	Queue int
	// Wait is the wait by recent handoffs; 0 where there is no telling.
	Wait time.Duration
	// OpensAt is when the shop's people are back, in the shop's time zone; nil
	// while they are there, and where there is no telling.
	OpensAt *time.Time
	// Email is where a reply goes that comes later; empty: nowhere.
	Email string
	// AskEmail says that an address is asked for: nobody can answer now, and none
	// was asked for before.
	AskEmail bool
}

// DraftFor names the shopper's message that a reply is to be written to.
type DraftFor struct {
	SiteID, ShopperID, ConversationID string
	// Seq is the newest message of the shopper.
	Seq int64
}

// Drafter writes replies for agents. The engine calls it after the commit of an
// escalation, and of each message that a shopper writes while a person is in
// charge or waited for. Draft begins the work and returns at once; what it could
// not begin, its own rescue does.
type Drafter interface {
	Draft(DraftFor)
}
