package gap

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	sentenceEnd = regexp.MustCompile(`[.!?…]+["')\]]*\s+|\n+`)
	markup      = regexp.MustCompile(`(?m)^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+|\d{1,2}[.)]\s+)`)
	bold        = regexp.MustCompile(`\*\*|__|` + "`")
	linked      = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	comment     = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// sentencesOf splits a text into its sentences, without Markdown's marks.
func sentencesOf(text string) []string {
	text = comment.ReplaceAllString(text, "")
	text = linked.ReplaceAllString(text, "$1")
	text = bold.ReplaceAllString(markup.ReplaceAllString(text, ""), "")
	var out []string
	from := 0
	add := func(s string) {
		if s = oneLine(s); strings.ContainsFunc(s, unicode.IsLetter) {
			out = append(out, s)
		}
	}
	for _, m := range sentenceEnd.FindAllStringIndex(text, -1) {
		// "e.g. " and "No. 5" end no sentence.
		if end := strings.TrimSpace(text[from:m[1]]); strings.HasSuffix(end, ".") && short(end) && m[1] < len(text) && !strings.Contains(text[m[0]:m[1]], "\n") {
			continue
		}
		add(text[from:m[1]])
		from = m[1]
	}
	add(text[from:])
	return out
}

// short says that the last word of a text is an abbreviation.
func short(text string) bool {
	word := text[strings.LastIndexAny(text, " (")+1:]
	switch strings.ToLower(word) {
	case "e.g.", "i.e.", "no.", "nr.", "z.b.", "d.h.", "ca.", "approx.", "mr.", "mrs.", "dr.", "bzw.", "inkl.", "incl.", "max.", "min.", "p.", "ex.":
		return true
	}
	return false
}

var (
	salutation = regexp.MustCompile(`(?i)^(?:hi|hello|hey|dear|hallo|liebe[r]?|guten (?:tag|morgen|abend)|moin|servus|bonjour|bonsoir|chère|cher|hola|buenos días|estimad[oa]|good (?:morning|afternoon|evening))\b[^.?]{0,40}[,!.]?$`)
	opening    = regexp.MustCompile(`(?i)^(?:hi|hello|hey|dear|hallo|liebe[r]?|bonjour|hola)\s+(?:\[name\]|there|zusammen|\p{Lu}[\p{L}-]+)[,!.]\s*`)
	courtesy   = regexp.MustCompile(`(?i)^(?:(?:many )?thanks?\b|thank you\b|(?:i am|i'm|we are|we're) (?:so |very |really |truly )?sorry\b|sorry (?:for|about|to hear)|(?:my |our )?apologies\b|i (?:completely |fully |totally )?understand\b|no problem\b|you(?:'re| are) welcome\b|(?:please )?let (?:me|us) know\b|(?:feel free|do not hesitate|don't hesitate)\b|have a (?:nice|great|good|lovely)\b|is there anything else\b|i hope (?:this|that) helps\b|(?:i am|i'm) happy to help\b|happy to help\b|of course[!.]?$|sure[!.]?$|danke\b|vielen dank\b|herzlichen dank\b|(?:es )?tut (?:mir|uns) leid\b|entschuldig|gern(?:e)?(?: geschehen)?[!.]?$|bei fragen\b|melden sie sich\b|ich hoffe\b|schönen (?:tag|abend)\b|einen schönen\b|merci\b|désolée?s?\b|je suis désolé|n'hésitez pas\b|bonne journée\b|gracias\b|lo siento\b|lamento\b|no dude en\b|que tenga\b)`)
	signing    = regexp.MustCompile(`(?i)^(?:(?:kind|best|warm|many) (?:regards|wishes)|regards|best|cheers|sincerely|yours(?: sincerely| truly)?|all the best|viele grüße|liebe grüße|beste grüße|mit (?:freundlichen|besten|lieben) grüßen|lg|mfg|grüße|cordialement|bien à vous|saludos|atentamente|un saludo)\b[\s,.!]*(?:\[name\]|[\p{L} '-]{0,40})?$`)
	// deed is what was done for one shopper, or will be.
	deed     = regexp.MustCompile(`(?i)\b(?:i|we)(?:'ve| have|'ll| will| just| am| are|'m|'re| can see| see| had)\b[^.]{0,40}\b(?:refund|sent|sen[dt]|cancel|chang|updat|check|forward|pass|creat|issu|arrang|order|look|book|credit|add|not[ei]|replac|see|ask|contact)|\b(?:i|we) (?:refunded|sent|cancelled|canceled|changed|updated|checked|forwarded|created|issued|arranged|booked|credited|added|replaced|asked|contacted)\b|\b(?:ich|wir) (?:habe|haben|werde|werden|sehe|sehen)\b|\bj'ai\b|\bnous avons\b|\b(?:he|hemos) (?:\p{L}+[ií]do|\p{L}+ado)\b`)
	ownThing = regexp.MustCompile(`(?i)\byour (?:order|parcel|package|refund|account|ticket|case|shipment)\b[^.]{0,60}\b(?:was|is on|has been|left|shows|will arrive|arrives?)\b|\bihre? (?:bestellung|paket|sendung|rückerstattung)\b[^.]{0,60}\b(?:wurde|ist|kommt|hat)\b`)
	redacted = regexp.MustCompile(`\[(?:name|number|e-mail|link|address|account|date)\]`)
)

// personal says that a sentence was meant for one shopper alone.
func personal(s string) bool {
	return redacted.MatchString(s) || deed.MatchString(s) || ownThing.MatchString(s)
}

// matter leaves out of a reply's sentences what every letter has: greetings,
// courtesies, signatures.
func matter(sentences []string) []string {
	var out []string
	for _, s := range sentences {
		if salutation.MatchString(s) || signing.MatchString(s) {
			continue
		}
		s = opening.ReplaceAllString(s, "")
		if courtesy.MatchString(s) || signing.MatchString(s) || len(strings.Fields(s)) < 3 {
			continue
		}
		out = append(out, upperFirst(s))
	}
	return out
}

func upperFirst(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}
