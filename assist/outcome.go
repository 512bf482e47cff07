package assist

// Outcome is how a turn ended for the shopper.
type Outcome string

// A turn ends in one of these, or was superseded by a newer message.
const (
	Answered  Outcome = "answered"
	Clarified Outcome = "clarified"
	Escalated Outcome = "escalated"
)

// Reason says why a turn escalated.
type Reason string

// The fixed list of reasons.
const (
	ReasonAsked       Reason = "asked_for_person"
	ReasonNotFound    Reason = "not_in_knowledge_base"
	ReasonUnsupported Reason = "unsupported_fact"
	ReasonModel       Reason = "model_failed"
	ReasonInternal    Reason = "internal_failure"
	ReasonStuck       Reason = "two_failures_in_a_row"
	ReasonFeeling     Reason = "anger_or_distress"
	ReasonLegal       Reason = "legal_or_safety"
	ReasonRepeated    Reason = "asked_again"
	ReasonPersonOnly  Reason = "needs_a_person"
	ReasonModelAsked  Reason = "model_asked"
)
