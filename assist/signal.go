package assist

// Signal wakes those who watch a conversation. Exactly one of the pointers is
// set. A signal may be lost: an event is then read from the store when the next
// one shows the gap; a delta is lost for good and the finished event repairs it.
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
