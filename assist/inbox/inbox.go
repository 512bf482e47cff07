// Package inbox is the agents' side of the domain: who takes a conversation, how
// it is answered, passed on, handed back and resolved, and what an agent sees of
// it. It knows no SQL, HTTP or queue.
package inbox

import (
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Name names somebody or something of the shop: an agent, a team.
type Name struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// View is one of the lists of conversations.
type View string

// Views. Waiting are those who wait for this agent or for anybody; all is every
// conversation, resolved or not.
const (
	Mine     View = "mine"
	Waiting  View = "waiting"
	All      View = "all"
	Resolved View = "resolved"
)

// Filter says which conversations are meant. Its JSON form is that of a saved
// filter.
type Filter struct {
	View View `json:"view" enum:"mine,waiting,all,resolved"`
	// Words stand in what was said, each at the beginning of a word.
	Words string `json:"q,omitempty" maxLength:"200"`
	// Person is a part of a shopper's name or address, or an id.
	Person string `json:"person,omitempty" maxLength:"200"`
	Tag    string `json:"tag,omitempty" maxLength:"40"`
	TeamID string `json:"team,omitempty" maxLength:"36"`
}

// Query asks for a page of a list.
type Query struct {
	SiteID, AgentID string
	Filter
	// After is where the page begins; the zero value is the beginning.
	After Cursor
	Limit int
}

// Cursor names a place in a list: the row after which a page begins.
type Cursor struct {
	Urgency int       `json:"u,omitempty"`
	At      time.Time `json:"t"`
	ID      string    `json:"i"`
}

// Row is a conversation as the inbox lists it.
type Row struct {
	ID           string                   `json:"id"`
	Shopper      Person                   `json:"shopper"`
	State        assist.ConversationState `json:"state" enum:"open,closed"`
	Charge       assist.Charge            `json:"charge" enum:"bot,person" doc:"Who answers: the bot is silent while a person does"`
	Assignee     *Name                    `json:"assignee" doc:"Who has it; of a resolved one, who had"`
	Team         *Name                    `json:"team"`
	WaitingSince *time.Time               `json:"waiting_since" doc:"Since when the shopper waits for a person"`
	Urgency      int                      `json:"urgency" doc:"0 ordinary, 1 angry or asked more than once, 2 legal or safety"`
	Topic        string                   `json:"topic"`
	Feeling      string                   `json:"feeling"`
	Tags         []string                 `json:"tags"`
	LastText     string                   `json:"last_text" doc:"The beginning of the newest message"`
	LastAuthor   string                   `json:"last_author" doc:"shopper, bot, agent or system; empty where nothing was said"`
	LastAt       *time.Time               `json:"last_at"`
	LastSeq      int64                    `json:"last_seq"`
	Unread       bool                     `json:"unread" doc:"The shopper wrote something for a person that no agent has read"`
	CreatedAt    time.Time                `json:"created_at"`
	UpdatedAt    time.Time                `json:"updated_at" doc:"By this the lists are ordered, but for waiting"`
	Locale       string                   `json:"locale"`
}

// Person is a shopper as the inbox names them; name and email may be empty.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Counts are how many conversations each view has; beyond MaxCount they are not
// counted.
type Counts struct {
	Mine     int `json:"mine"`
	Waiting  int `json:"waiting"`
	All      int `json:"all"`
	Resolved int `json:"resolved"`
}

// MaxCount is the largest number that Counts tell; it means that many or more.
const MaxCount = 1000

// Opened is what an agent finds when they open a conversation.
type Opened struct {
	Conversation Detail          `json:"conversation"`
	Shopper      Shopper         `json:"shopper"`
	Packet       *Packet         `json:"packet" doc:"What was passed on with it; null where there was no handoff"`
	Draft        *Draft          `json:"draft" doc:"The reply that is written already; null where there is none"`
	Earlier      []Row           `json:"earlier" doc:"The shopper's other conversations, newest first"`
	Page         assist.Page     `json:"page" doc:"Where on the shop's site the shopper was last"`
	Looking      []LookingPerson `json:"looking" doc:"Who has it open right now"`
}

// Detail is a row and what only the open conversation needs.
type Detail struct {
	Row
	ReplyEmail     string `json:"reply_email" doc:"Where a reply goes that comes later"`
	ShopperReadSeq int64  `json:"shopper_read_seq"`
	AgentReadSeq   int64  `json:"agent_read_seq"`
}

// Shopper is the person on the other side.
type Shopper struct {
	Person
	ExternalID    string    `json:"external_id" doc:"Their number in the shop, where the shop vouched for them"`
	CreatedAt     time.Time `json:"created_at"`
	Conversations int       `json:"conversations"`
}

// LookingPerson has a conversation open.
type LookingPerson struct {
	AgentID string `json:"agent_id"`
	Name    string `json:"name"`
}

// Packet is what was passed on with a conversation: the newest handoff.
type Packet struct {
	Reason    assist.Reason    `json:"reason"`
	Wish      string           `json:"wish"`
	Feeling   string           `json:"feeling"`
	Topic     string           `json:"topic"`
	Tried     []assist.Attempt `json:"tried"`
	Passages  []assist.Source  `json:"passages"`
	Orders    []string         `json:"orders"`
	Email     string           `json:"email"`
	Note      string           `json:"note"`
	Corrected bool             `json:"corrected" doc:"The shopper corrected the wish"`
	CreatedAt time.Time        `json:"created_at"`
}

// Draft is a reply that was written for the agent.
type Draft struct {
	ID          string            `json:"id"`
	ForSeq      int64             `json:"for_seq" doc:"The shopper's message that it answers"`
	State       string            `json:"state" enum:"writing,ready,failed,superseded"`
	Tone        string            `json:"tone"`
	Text        string            `json:"text"`
	Citations   []assist.Citation `json:"citations"`
	Unsupported []Fact            `json:"unsupported"`
	Model       string            `json:"model" doc:"Who wrote it; empty: templates"`
	Note        string            `json:"note" doc:"needs_model: what was asked takes a model, and none is there"`
	CreatedAt   time.Time         `json:"created_at"`
}

// Fact is a checkable fact that stands in nothing which supports it. Start and
// End count UTF-16 code units of the text.
type Fact struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// Turn is what the bot did for one of its messages.
type Turn struct {
	Confidence       *float64  `json:"confidence" doc:"Estimated probability that the passages answered; null where nothing was searched"`
	Outcome          string    `json:"outcome"`
	Reason           string    `json:"reason"`
	Model            string    `json:"model"`
	Passages         []Passage `json:"passages"`
	Held             []string  `json:"held" doc:"Facts that were not let through"`
	SearchMillis     int64     `json:"search_ms"`
	FirstDeltaMillis int64     `json:"first_delta_ms"`
	TotalMillis      int64     `json:"total_ms"`
	CostMicros       int64     `json:"cost_micros" doc:"Millionths of a dollar"`
}

// Passage is one that a turn consulted, with its scores.
type Passage struct {
	Title    string  `json:"title"`
	URL      string  `json:"url"`
	Heading  string  `json:"heading" doc:"Headings above the text, outermost first"`
	Text     string  `json:"text" doc:"Empty where the article has changed since"`
	Lexical  float64 `json:"lexical"`
	Semantic float64 `json:"semantic"`
	Fused    float64 `json:"fused"`
	Cited    bool    `json:"cited"`
	// Article is where the passage stands, for its address.
	Article retrieval.Article `json:"-"`
}

// Colleague is somebody to whom a conversation can be passed.
type Colleague struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Online bool   `json:"online"`
	Open   int    `json:"open" doc:"Open conversations that they have"`
}

// People are those to whom a conversation can be passed.
type People struct {
	Agents []Colleague `json:"agents"`
	Teams  []Name      `json:"teams"`
}

// SavedFilter is a list that an agent keeps under a name.
type SavedFilter struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Query Filter `json:"query"`
}

// Mention is a note that is meant for an agent.
type Mention struct {
	ConversationID string    `json:"conversation_id"`
	Seq            int64     `json:"seq"`
	At             time.Time `json:"at"`
	By             string    `json:"by"`
	Text           string    `json:"text"`
	Unread         bool      `json:"unread"`
}

// Macro is a text that a shop's agents keep at hand.
type Macro struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Text   string `json:"text"`
	Locale string `json:"locale" doc:"The language that it is in; empty: any"`
	Uses   int64  `json:"uses"`
}

// Article is one that an agent may attach to a reply.
type Article struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URL   string `json:"url"`
	Quote string `json:"quote" doc:"The passage that fits best"`
	// Internal is never shown or cited to a shopper.
	Internal bool `json:"internal" doc:"For the shop's people alone: it is never cited to a shopper"`
}
