package article

import (
	"regexp"
	"strings"

	"github.com/careloop/careloop/retrieval"
)

// Warning says what looks wrong in a text that is being written. It keeps nobody
// from publishing.
type Warning string

// Warnings.
const (
	// Instructs: it reads like an order to a model. Passages are data to the models
	// that are asked, but not every model keeps to that.
	Instructs Warning = "instructs"
	// Script: it holds active content, which is left out.
	Script  Warning = "script"
	NoText  Warning = "no_text"
	TooLong Warning = "too_long"
	// Cut: it is so long that the preview shows its beginning alone.
	Cut Warning = "cut"
	// Unfit: it cannot be published as it is.
	Unfit Warning = "unfit"
)

// Orders to a model in the languages that Careloop speaks, and the marks by which
// chats with models are written down.
var orders = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`\b(?:ignore|disregard|forget|override)\s+(?:\w+\s+){0,3}(?:above|instructions?|prompts?|guidelines|(?:previous|prior|earlier|preceding)\s+(?:text|messages?|rules))\b`,
	`\b(?:ignore|disregard|override)\s+(?:your|these|those|all)\s+(?:\w+\s+){0,2}rules\b`,
	`\b(?:reveal|show|print|repeat)\s+(?:\w+\s+){0,2}(?:system|hidden|secret)\s+(?:prompt|instructions?|message)\b`,
	`\byou\s+are\s+(?:now|no\s+longer)\s+(?:an?\s+)?(?:\w+\s+){0,2}(?:ai|assistant|chat\s?bot|bot|model|dan)\b`,
	`\bas\s+an?\s+(?:ai|language)\s+(?:model|assistant),?\s+you\b`,
	`\b(?:ignoriere?|missachte|vergiss|vergesst)\s+(?:[\pL]+\s+){0,4}(?:oben|obigen?|vorherigen?|bisherigen?|vorigen?|anweisung(?:en)?|instruktionen)\b`,
	`\b(?:ignore[zr]?|oublie[zr]?)\s+(?:[\pL'’]+\s+){0,4}(?:instructions?|consignes?|ci-dessus)`,
	`\b(?:ignora|ignore|olvida|olvide)\s+(?:[\pL]+\s+){0,4}(?:instrucci[oó]n(?:es)?|de\s+arriba)`,
	`<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>`, `\[/?INST\]`, `<</?SYS>>`,
	`(?m)^\s*#{0,4}\s*(?:system|assistant)\s*:\s`,
}, "|"))

var active = regexp.MustCompile(`(?i)<\s*(?:script|iframe|object|embed|form|style|svg|link|meta|base)\b|<[^<>]*\son\w+\s*=|\b(?:javascript|vbscript)\s*:|\bdata\s*:\s*text/html`)

// Watch finds what looks wrong.
func Watch(title, markdown string) []Warning {
	var list []Warning
	if len(markdown) > MaxMarkdown {
		return []Warning{TooLong}
	}
	if strings.TrimSpace(markdown) == "" {
		list = append(list, NoText)
	}
	if orders.MatchString(title) || orders.MatchString(markdown) {
		list = append(list, Instructs)
	}
	if active.MatchString(markdown) {
		list = append(list, Script)
	}
	return list
}

// Shown is the text of an article as it would be published, for a preview; the
// error is *retrieval.Unfit.
func Shown(title, markdown string) (string, error) {
	p, err := retrieval.Prepare(retrieval.Site{Locale: "en"}, Source, retrieval.Document{Key: Source, Title: title, Markdown: markdown})
	return p.Markdown, err
}
