package intake

import "regexp"

// What an admin is warned of.
const (
	WarnInstructs = "instructs" // reads like an order to a model
	WarnScript    = "script"    // holds a script, which is left out
)

// instructs finds texts that speak to a model rather than to a reader. It is a
// warning only: whatever an article says is data to a model.
var instructs = regexp.MustCompile(`(?i)\b(?:` +
	`(?:ignore|disregard|forget|override)\s+(?:(?:all|any|every|the|your|these|those|of)\s+){0,3}(?:above|previous|prior|earlier|preceding|system|instructions?|rules|prompts?)|` +
	`(?:ignoriere?|vergiss|missachte)\s+(?:(?:alle|alles|die|deine|diese|das)\s+){0,3}(?:obigen?|bisherigen?|vorherigen?|vorigen?|anweisungen|regeln|anweisung)|` +
	`(?:ignorez?|oubliez?)\s+(?:(?:toutes?|tous|les|vos|tes|ces)\s+){0,3}(?:instructions|consignes|règles)|` +
	`(?:ignora|olvida)\s+(?:(?:todas?|todos?|las|los|tus|estas)\s+){0,3}(?:instrucciones|reglas)|` +
	`you\s+are\s+now\s+(?:a|an|the|no\s+longer|in)\b|du\s+bist\s+jetzt\s+(?:ein|eine|kein)\b|` +
	`(?:system|developer)\s+prompt|new\s+instructions\s*:|neue\s+anweisungen\s*:|` +
	`(?:reveal|print|repeat)\s+(?:your|the)\s+(?:system\s+)?(?:prompt|instructions)` +
	`)|<\|?(?:im_start|system|endoftext)\|?>|\[/?INST\]`)

var script = regexp.MustCompile(`(?i)<\s*(?:script|iframe|object|embed)\b|\bjavascript\s*:|<[a-z][^>]{0,500}\son[a-z]{3,20}\s*=`)

// Warnings says what looks wrong in a text as its source has it.
func Warnings(title, markdown string) []string {
	out := []string{}
	if instructs.MatchString(title) || instructs.MatchString(markdown) {
		out = append(out, WarnInstructs)
	}
	if script.MatchString(markdown) {
		out = append(out, WarnScript)
	}
	return out
}
