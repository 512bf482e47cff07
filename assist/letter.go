package assist

// LetterDue asks, some time after an agent's message, whether the shopper has
// read it in the widget, and to send it by mail where they have not.
type LetterDue struct {
	ConversationID string `json:"conversation_id"`
	// Seq is the message.
	Seq int64 `json:"seq"`
}

// Kind names the job in the queue.
func (LetterDue) Kind() string { return "letter_due" }

// LetterQueue is where such jobs wait: a mail server that is slow must not hold
// up anything else.
const LetterQueue = "letters"
