package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/careloop/careloop/assist/fact"
)

// Removing personal data is done by form and by what is known: it catches what
// looks like an address, a number or a name, and every name of the people in the
// conversation. In doubt it takes out too much: what is kept is there for its
// tone. It does not catch everything; what it catches of a labelled set is told
// in docs/evaluation.md.

var (
	iban   = regexp.MustCompile(`\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{2,4}){3,8}\b`)
	phone  = regexp.MustCompile(`(?:\+|\b00|\()?\d[\d\s()./-]{5,}\d(?:\s?(?:x|ext\.?)\s?\d+)?`)
	longID = regexp.MustCompile(`#?\b[\p{L}]{0,5}[-_/]?\d[\d-]{3,}[\p{L}\d]*\b`)
	ipv    = regexp.MustCompile(`\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b`)
	domain = regexp.MustCompile(`(?i)\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|co|uk|de|at|ch|fr|es|eu|info|biz|shop)\b\S*`)

	streetWords = `(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq|place|pl|way|terrace|close|crescent|parkway|pkwy|highway|hwy|circle|trail|grove|hill|row|gardens|mews|view|path|walk)`
	addresses   = []*regexp.Regexp{
		regexp.MustCompile(`(?i)\b\d{1,5}[a-z]?,?\s+(?:[\p{L}'.-]+\s+){1,4}` + streetWords + `\b\.?(?:,?\s*(?:apt|apartment|suite|unit|flat|floor|no)\.?\s*#?\w+)?(?:,?\s+[\p{Lu}][\p{L}'-]+(?:\s[\p{Lu}][\p{L}'-]+)?)?(?:,?\s+[A-Z]{2})?(?:,?\s+\d{4,5}(?:-\d{4})?)?`),
		regexp.MustCompile(`(?:\p{Lu}[\p{L}-]+\s)?\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|weg|platz|gasse|allee|ring|damm|ufer)\s+\d+\s?[a-z]?(?:,?\s*\d{4,5}\s+\p{Lu}[\p{L}-]+)?`),
		regexp.MustCompile(`(?i)\b\d{0,5},?\s?(?:bis |ter )?(?:rue|avenue|boulevard|place|chemin|impasse|allée|quai|route)\s+(?:de\s|du\s|des\s|de la\s|de l'|la\s|le\s)?[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]+){0,3}(?:,?\s*\d{5}\s+\p{Lu}[\p{L}-]+)?`),
		regexp.MustCompile(`(?i)\b(?:calle|avenida|avda\.?|plaza|paseo|camino|carrera)\s+(?:de\s|del\s|de la\s)?[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]+){0,3},?\s*(?:n[º°.]?\s*)?\d+(?:,?\s*\d{5}\s+\p{Lu}[\p{L}-]+)?`),
		regexp.MustCompile(`(?i)\bP\.?\s?O\.? Box \d+\b`),
		regexp.MustCompile(`\b\d{4,5}\s+\p{Lu}[\p{Ll}]+(?:[ -]\p{Lu}[\p{Ll}]+)?\b`),
		regexp.MustCompile(`\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b`),
	}

	nameWord = `\p{Lu}[\p{L}'’-]+`
	called   = []*regexp.Regexp{
		regexp.MustCompile(`\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|Mme|Mlle|Monsieur|Madame|Sr|Sra|Srta|Señora?|Don|Doña)\b\.?\s+((?:` + nameWord + `\s?){1,3})`),
		regexp.MustCompile(`(?i:\b(?:my name is|name's|my name's|i am|i'm|this is|call me|ich heiße|mein name ist|ich bin|je m'appelle|mon nom est|je suis|me llamo|mi nombre es|soy)\s+)((?:` + nameWord + `\s?){1,3})`),
		regexp.MustCompile(`(?im:^\s*(?:hi|hello|hey|dear|hallo|liebe[r]?|guten tag|bonjour|chère|cher|hola|estimad[oa])\s+)((?:` + nameWord + `\s?){1,3})`),
		regexp.MustCompile(`(?im:^(?:(?:kind|best|warm|many) regards|regards|thanks|thank you|best|cheers|sincerely|viele grüße|liebe grüße|mit freundlichen grüßen|lg|cordialement|saludos)[,.!]?\s*\n?\s*)((?:` + nameWord + `\s?){1,3})`),
	}
	capitals = regexp.MustCompile(nameWord + `(?:\s+(?:de|da|del|van|von|der|di|la|le)?\s*` + nameWord + `)*`)
)

// notNames are capitalised words that are none: days, months, what carries
// parcels and money, and what our own marks are made of.
var notNames = set(`monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december lundi mardi mercredi jeudi vendredi samedi dimanche paypal visa mastercard klarna amazon google apple iphone ipad android dhl ups fedex usps hermes dpd gls english german french spanish christmas easter i i'm i've i'd i'll ok faq usa uk eu gmt hi hello dear hey thank thanks please you your we our the this that it if when kind best regards yes no and but so what how could would can is are do does my could`)

// Redact takes personal data out of a text, marks in brackets in their place.
// names are those known from the conversation; locale is the text's language.
func Redact(text string, names []string, locale string) string {
	return RedactBut(text, names, locale, func(string) bool { return false })
}

// RedactBut is Redact for texts that are kept for what they say: a word that is
// written like a name stays where known tells that it is none, for instance since
// the shop's own articles use it. Names of the people in the conversation, and
// what somebody is called by, go all the same.
func RedactBut(text string, names []string, locale string, known func(word string) bool) string {
	text = mail.ReplaceAllString(text, "[e-mail]")
	text = link.ReplaceAllString(text, "[link]")
	text = domain.ReplaceAllString(text, "[link]")
	for _, re := range addresses {
		text = re.ReplaceAllString(text, "[address]")
	}
	text = iban.ReplaceAllStringFunc(text, func(s string) string {
		if strings.ContainsAny(s, "0123456789") && len(s) > 12 {
			return "[account]"
		}
		return s
	})
	text = ipv.ReplaceAllString(text, "[number]")
	text = withoutDates(text)
	text = phone.ReplaceAllStringFunc(text, func(s string) string {
		if n := strings.Count(strings.Map(onlyDigits, s), "0"); n > 6 {
			return "[number]"
		}
		return s
	})
	text = longID.ReplaceAllString(text, "[number]")
	text = withoutNames(text, names)
	for _, re := range called {
		text = replaceGroup(re, text, func(name string) bool {
			first, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(name)), " ")
			return !notNames[first]
		})
	}
	if languageOf(locale) != "de" { // where every noun is written like a name
		text = withoutCapitals(text, known)
	}
	text = loose.ReplaceAllString(text, "[address]")
	return looseBefore.ReplaceAllString(text, "[address]")
}

// Numbers beside what was taken out belong to it: of a house, of a flat.
var (
	loose       = regexp.MustCompile(`(?i)\[(?:address|name)\](?:[\s,.]*(?:(?:apt|apartment|suite|box|unit|str|st|tér|u)\b\.?)?[\s,#]*\d+[a-z]?\b)+`)
	looseBefore = regexp.MustCompile(`\b\d+[a-z]?,?\s+\[(?:name|address)\]`)
)

// onlyDigits turns digits into "0" and drops the rest, so that they can be
// counted.
func onlyDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return '0'
	}
	return -1
}

// withoutDates takes out days: of births and of deliveries alike.
func withoutDates(text string) string {
	located := fact.Locate(text)
	for i := len(located) - 1; i >= 0; i-- {
		f := located[i]
		if f.Kind == fact.Date && !strings.HasPrefix(f.Value, "weekday") && !strings.HasPrefix(f.Value, "month") && f.Value != "tomorrow" && f.End <= len(text) {
			text = text[:f.Start] + "[date]" + text[f.End:]
		}
	}
	return text
}

// withoutNames takes out each name and each part of one that is long enough to
// be one.
func withoutNames(text string, names []string) string {
	var parts []string
	for _, n := range names {
		for _, p := range append([]string{n}, strings.Fields(n)...) {
			if utf8.RuneCountInString(p) >= 3 && !notNames[strings.ToLower(p)] && !slices.Contains(parts, p) {
				parts = append(parts, p)
			}
		}
	}
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	for _, p := range parts {
		re, err := regexp.Compile(`(?i)(^|[^\p{L}])` + regexp.QuoteMeta(p) + `([^\p{L}]|$)`)
		if err == nil {
			text = re.ReplaceAllString(text, "${1}[name]${2}")
		}
	}
	return text
}

func replaceGroup(re *regexp.Regexp, text string, is func(string) bool) string {
	for _, m := range slices.Backward(re.FindAllStringSubmatchIndex(text, -1)) {
		if is(text[m[2]:m[3]]) {
			text = text[:m[2]] + "[name]" + trailingSpace(text[m[2]:m[3]]) + text[m[3]:]
		}
	}
	return text
}

func trailingSpace(s string) string {
	return s[len(strings.TrimRightFunc(s, unicode.IsSpace)):]
}

// withoutCapitals takes out what is written like a name within a sentence, and
// two such words anywhere, but for what is known to be no name.
func withoutCapitals(text string, known func(string) bool) string {
	for _, m := range slices.Backward(capitals.FindAllStringIndex(text, -1)) {
		run := text[m[0]:m[1]]
		fields := strings.Fields(run)
		from := 0
		for from < len(fields) && notNames[strings.Trim(strings.ToLower(fields[from]), "'’")] {
			from++
		}
		if from == len(fields) || m[0] > 0 && (text[m[0]-1] == '[' || isLetterBefore(text, m[0])) {
			continue
		}
		if !slices.ContainsFunc(fields[from:], func(w string) bool { return !known(strings.Trim(w, "'’-")) }) {
			continue
		}
		if from == 0 && len(fields) == 1 && beginsSentence(text, m[0]) && !aloneOnLine(text, m[0], m[1]) {
			continue
		}
		start := m[0]
		for range from {
			start += strings.IndexFunc(text[start:m[1]], unicode.IsSpace) + 1
		}
		if start >= m[1] || run == strings.ToUpper(run) && len(fields) == 1 && utf8.RuneCountInString(run) <= 4 {
			continue // a size, a sign
		}
		text = text[:start] + "[name]" + text[m[1]:]
	}
	return text
}

// aloneOnLine says that a word is a line of its own, as in an address.
func aloneOnLine(text string, from, to int) bool {
	return strings.HasSuffix(text[:from], "\n") && strings.HasPrefix(strings.TrimLeft(text[to:], " ,"), "\n")
}

func beginsSentence(text string, at int) bool {
	before := strings.TrimRightFunc(text[:at], func(r rune) bool { return r == ' ' || r == '"' || r == '“' || r == '\'' || r == '(' })
	if before == "" || strings.HasSuffix(text[:at], "\n") {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return strings.ContainsRune(".!?:\n-–•*", last)
}
