package assist

// Signal wakes those who watch a conversation. It carries exactly one thing. A
// signal may be lost: an event is then read from the store when the next one
// shows the gap; a delta is lost for good and the finished event repairs it.
type Signal struct {
	SiteID         string `json:"site"`
	ShopperID      string `json:"shopper"`
	ConversationID string `json:"conversation"`

	Event   *Event   `json:"event,omitempty"`
	Delta   *Delta   `json:"delta,omitempty"`
	Retract *Retract `json:"retract,omitempty"`
	Status  *Status  `json:"status,omitempty"`
	// Superseded tells the replica that runs this turn to stop.
	Superseded string `json:"superseded,omitempty"`

	// Typing and Read go to the other side of the conversation.
	Typing *Typing `json:"typing,omitempty"`
	Read   *Read   `json:"read,omitempty"`

	// What follows is for agents alone; no shopper's socket passes it on.

	// Draft is a reply being written for the agent.
	Draft *DraftDelta `json:"draft,omitempty"`
	// Changed says that the conversation's row in the inbox is another.
	Changed bool `json:"changed,omitempty"`
	// Looking says that an agent has the conversation open.
	Looking *Looking `json:"looking,omitempty"`
	// Presence says that an agent came or went; there is no conversation.
	Presence *Presence `json:"presence,omitempty"`
}

// ForAgents says that no shopper is to hear of it.
func (s Signal) ForAgents() bool {
	return s.Draft != nil || s.Changed || s.Looking != nil || s.Presence != nil
}

// Typing says that somebody writes right now. It holds for six seconds.
type Typing struct {
	By      AuthorKind `json:"by"`
	AgentID string     `json:"agent_id,omitempty"`
	Name    string     `json:"name,omitempty"`
}

// Read says how far one side has read.
type Read struct {
	By  AuthorKind `json:"by"`
	Seq int64      `json:"seq"`
}

// DraftDelta is text of a draft as it is written. Offset counts UTF-16 code
// units. The last one of a draft has Done set and no text: the draft is to be
// read from the store then.
type DraftDelta struct {
	DraftID string `json:"draft_id"`
	ForSeq  int64  `json:"for_seq"`
	Offset  int    `json:"offset"`
	Text    string `json:"text,omitempty"`
	Done    bool   `json:"done,omitempty"`
}

// Looking says that an agent has a conversation open, or no longer.
type Looking struct {
	AgentID string `json:"agent_id"`
	Name    string `json:"name"`
	Gone    bool   `json:"gone,omitempty"`
}

// Presence is what an agent is right now.
type Presence struct {
	AgentID string `json:"agent_id"`
	Online  bool   `json:"online"`
}

// Delta is text of an answer as it is written. Offset counts UTF-16 code units.
type Delta struct {
	TurnID string `json:"turn_id"`
	Offset int    `json:"offset"`
	Text   string `json:"text"`
}

// Retract takes streamed text back from FromOffset (UTF-16 code units) on and
// puts Text in its place.
type Retract struct {
	TurnID     string `json:"turn_id"`
	FromOffset int    `json:"from_offset"`
	Text       string `json:"text,omitempty"`
}

// Status tells what a turn is doing: searching, writing, handing_off.
type Status struct {
	TurnID string `json:"turn_id,omitempty"`
	State  string `json:"state"`
}

// Bus carries signals to every replica. Publish never waits for a reader and
// reports nothing: what is lost costs latency only.
type Bus interface {
	Publish(Signal)
}
