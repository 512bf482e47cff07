// Package fact finds what can be checked in a text (numbers, prices,
// percentages, dates, durations, addresses on the web and by mail, phone
// numbers, codes) and holds an answer back until every such fact was found in
// the passages that it rests on.
package fact

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Kind names a sort of fact.
type Kind string

// Kinds of facts.
const (
	Number   Kind = "number"
	Price    Kind = "price"
	Percent  Kind = "percentage"
	Date     Kind = "date"
	Time     Kind = "time"
	Duration Kind = "duration"
	URL      Kind = "url"
	Email    Kind = "email"
	Phone    Kind = "phone"
	Code     Kind = "code"
)

// Fact is something checkable in a text.
type Fact struct {
	Kind Kind
	// Value is a canonical form: two ways to write one fact have the same.
	Value string
	// High is the upper end of a range, canonical like Value.
	High string
	// Unit is a currency sign, a unit of time, or empty.
	Unit string
	// Raw is how it was written.
	Raw string
	// start and end are its place in the normal form of the text.
	start, end int
}

var (
	numberPattern = `(?:\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)`
	wordPattern   = `(?:` + alternation(keys(numberWords)) + `)`
	rangeWords    = `(?:-|to|or|and|bis|und|oder|à|ou|et|a|o|y)`
	currencySign  = `(?:US\$|[€$£¥₹₩₺₽¢]|zł|Kč)`
	currencyWord  = `\b(?:` + alternation(wordKeys(currencies)) + `)\b`
	monthPattern  = `(?:` + alternation(keys(months)) + `)`
	business      = `(?:` + alternation(businessWords) + `)`

	emailRE    = anywhere(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	urlRE      = beginning(atWord("http", "www"), `(?i)\b(?:https?://|www\.)[^\s<>"'\])}|*]+`)
	domainRE   = beginning(atDomain, `(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+(?:com|net|org|io|co|uk|de|at|ch|fr|es|eu|info|shop|store|example|biz|app|dev|ai|us|ca|it|nl|be|pl|se|no|dk|fi|pt|ie|au|nz|jp|me|tv|help|support|online|site)\b(?:/[^\s<>"'\])}|*]*)?`)
	pathRE     = anywhere(`(?:^|[\s(])(/[a-z0-9][a-z0-9_-]*(?:/[A-Za-z0-9_.-]+)+)`)
	isoDateRE  = beginning(atNumber, `(\d{4})-(\d{2})-(\d{2})\b`)
	numDateRE  = beginning(atNumber, `(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})\b`)
	dayMonthRE = beginning(atNumber, `(?i)(\d{1,2})(?:st|nd|rd|th|\.|er|º)?\s+(?:of\s+|de\s+)?(`+monthPattern+`)\b\.?(?:,?\s+(?:de\s+)?(\d{4})\b)?`)
	monthDayRE = beginning(atWord(keys(months)...), `(?i)\b(`+monthPattern+`)\b\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(\d{4})\b)?`)
	clockRE    = beginning(atNumber, `(?i)(\d{1,2})[:h](\d{2})(?:\s?(a\.?m\b\.?|p\.?m\b\.?|uhr|h\b))?`)
	hourRE     = beginning(atNumber, `(?i)(\d{1,2})\s?(a\.?m\b\.?|p\.?m\b\.?|uhr\b|o'clock\b|h\b)`)

	oneUnitRE    = beginning(atWord("one", "ein", "un"), `(?i)\b(?:one|ein|eine|einem|einen|einer|eines|un|une|una)[\s-](\p{L}+)(?:\s(`+business+`)\b)?`)
	oneBusiRE    = beginning(atWord("one", "a"), `(?i)\b(?:one|a)[\s-](`+business+`)[\s-](?:day)\b`)
	aUnitRE      = beginning(atWord("within", "in", "after", "for", "takes", "about", "than", "every", "up", "at"), `(?i)\b(?:within|in|after|for|takes|about|than|every|up to|at least)\s+an?\s+(\p{L}+)`)
	phoneRE      = beginning(atPhone, `(?:\+|\b00)?\(?\d[\d\s()/.-]{5,}\d`)
	measureRE    = beginning(atNumber, `(`+numberPattern+`)(?:°|([A-Za-z]{1,3})\b)`)
	codeRE       = beginning(atCode, `(?:[\p{L}_]+[-/#]?\d[\p{L}\d_/-]*|\d+[-_/]?[\p{L}_][\p{L}\d_/-]*)\b`)
	capsRE       = anywhere(`\b\p{Lu}{5,}\b`)
	namedCodeRE  = anywhere(`(?i:\b(?:code|coupon|voucher|gutschein|gutscheincode|rabattcode|cupón|código|promo)\b)[^\p{L}\p{N}]{0,4}(\p{Lu}[\p{Lu}\d]{2,})\b`)
	quotedCodeRE = anywhere("(?i)\\b(?:code|coupon|voucher|gutschein|gutscheincode|rabattcode|cupón|código|promo)\\b\\s*[:=]?\\s*[\"'`*“„«]+([\\p{L}\\p{N}_-]{3,})")
	numberRE     = beginning(atDigit, numberPattern)
	numWordRE    = beginning(atWord(keys(numberWords)...), `(?i)\b`+wordPattern+`\b`)
	freeRE       = anywhere(`(?i)(\b\p{L}+[\s-])?\b(` + alternation(freeWords) + `)\b(\s(?:to|from|of)\b)?`)
	weekdayRE    = beginning(atWord(keys(weekdays)...), `(?i)\b(`+alternation(keys(weekdays))+`)\b`)
	monthWordRE  = beginning(atWord(keys(months)...), `\b(\p{Lu}\p{L}+)\b`)
	tomorrowRE   = anywhere(`(?i)\b(?:tomorrow|demain)\b`)
)

func wordKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		if strings.IndexFunc(k, unicode.IsLetter) == 0 && !strings.Contains(k, "$") {
			out = append(out, k)
		}
	}
	return out
}

// amounts are the patterns that begin with a number, in digits alone or in
// digits and words; the second set is slow and needed for few texts.
type amounts struct {
	priceFront, priceBack, percent, duration pattern
}

var (
	inDigits = makeAmounts(atDigit, numberPattern)
	inWords  = makeAmounts(either(atDigit, atWord(keys(numberWords)...)), numberPattern+`|\b`+wordPattern+`\b`)
)

func makeAmounts(begins func(string, int) bool, number string) amounts {
	amount := `(` + number + `)`
	tail := `(?:\s?` + rangeWords + `\s?` + amount + `)?`
	currency := `(` + currencySign + `|` + currencyWord + `)`
	return amounts{
		priceFront: beginning(either(atSign, atWord(wordKeys(currencies)...)), `(?i)`+currency+`\s?`+amount+`(?:\s?(?:-|to|bis|à|a)\s?(?:`+currencySign+`)?\s?`+amount+`)?`),
		priceBack:  beginning(begins, `(?i)`+amount+tail+`(?:[.,]-{1,2})?\s?`+currency),
		percent:    beginning(begins, `(?i)`+amount+tail+`\s?(?:%|percent\b|per cent\b|prozent\b|pour cent\b|pourcent\b|por ciento\b)`),
		duration:   beginning(begins, `(?i)`+amount+tail+`[\s-]*(?:(`+business+`)\s|(?:full|whole|calendar|consecutive|more|entire|volle|vollen|ganze|weitere)\s)?(\p{L}+)(?:\s(`+business+`)\b)?`),
	}
}

// Normal is the form of a text that facts are looked for in: compatibility
// forms, digits of other scripts and kinds of dashes and spaces made plain,
// invisible characters gone.
func Normal(s string) string {
	s = norm.NFKC.String(s)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060' || r == '\ufeff' || r == '\u00ad' || unicode.Is(unicode.Variation_Selector, r) || r == '\u20e3':
			return -1
		case r >= '\u2010' && r <= '\u2015' || r == '\u2212':
			return '-'
		case r == '’' || r == '‘':
			return '\''
		case r == '⁄':
			return '/'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsSpace(r):
			return ' '
		case r > 127 && unicode.IsDigit(r):
			return '0' + digitValue(r)
		}
		return r
	}, s)
}

// digitValue is the value of a decimal digit of any script: Unicode lays them
// out in runs of ten that begin with zero.
func digitValue(r rune) rune {
	n := rune(0)
	for unicode.IsDigit(r-n-1) && n < 9 {
		n++
	}
	return n
}

// Find lists the facts of a text, in no particular order.
func Find(text string) []Fact {
	f := finder{text: Normal(text)}
	f.signs = scan(f.text)
	f.addresses()
	f.dates()
	f.amounts()
	f.codes()
	f.numbers()
	f.words()
	return f.facts
}

// namedCode is the Unit of a code that the text calls one.
const namedCode = "named"

type finder struct {
	text  string
	signs sign
	facts []Fact
}

// take runs a pattern over what no earlier pattern took. read is given the
// whole match and its groups and says whether it is a fact; then its place is
// blanked.
//
// It does nothing where the text has not all that the pattern needs.
func (f *finder) take(needs sign, p pattern, read func(g []string) (Fact, bool)) {
	if f.signs&needs != needs {
		return
	}
	matches := p.find(f.text)
	if matches == nil {
		return
	}
	out := []byte(f.text)
	for _, m := range matches {
		if f.insideWord(m[0], m[1]) {
			continue
		}
		g := groups(f.text, m)
		fact, ok := read(g)
		if !ok {
			continue
		}
		if fact.Raw == "" {
			fact.Raw = strings.Trim(g[0], " \n\t.,")
		}
		fact.start, fact.end = m[0], m[1]
		f.facts = append(f.facts, fact)
		for i := m[0]; i < m[1]; i++ {
			out[i] = '\x1f'
		}
	}
	f.text = string(out)
}

// insideWord says that a match begins or ends in the middle of a word. The
// patterns' own boundaries know ASCII letters only.
func (f *finder) insideWord(from, to int) bool {
	first, _ := utf8.DecodeRuneInString(f.text[from:])
	last, _ := utf8.DecodeLastRuneInString(f.text[:to])
	before, _ := utf8.DecodeLastRuneInString(f.text[:from])
	after, _ := utf8.DecodeRuneInString(f.text[to:])
	return (unicode.IsLetter(first) || unicode.IsDigit(first)) && unicode.IsLetter(before) || unicode.IsLetter(last) && unicode.IsLetter(after)
}

func groups(s string, m []int) []string {
	g := make([]string, len(m)/2)
	for i := range g {
		if m[2*i] >= 0 {
			g[i] = s[m[2*i]:m[2*i+1]]
		}
	}
	return g
}

func (f *finder) addresses() {
	f.take(hasAt, emailRE, func(g []string) (Fact, bool) {
		return Fact{Kind: Email, Value: strings.ToLower(strings.Trim(g[0], ".-"))}, true
	})
	link := func(g []string) (Fact, bool) {
		return Fact{Kind: URL, Value: canonicalURL(g[0])}, true
	}
	f.take(hasAddress, urlRE, link)
	f.take(hasAddress, domainRE, link)
	f.take(hasAddress, pathRE, func(g []string) (Fact, bool) {
		return Fact{Kind: URL, Value: strings.TrimRight(g[1], "/."), Raw: g[1]}, true
	})
}

// canonicalURL drops the scheme, "www." and a final slash, and lowers the host.
func canonicalURL(s string) string {
	s = strings.TrimRight(s, ".,;:!?_~`")
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return strings.ToLower(s)
	}
	out := strings.TrimPrefix(strings.ToLower(u.Host), "www.") + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		out += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		out += "#" + u.Fragment
	}
	return out
}

func (f *finder) dates() {
	day := func(d, m, y int) (Fact, bool) {
		if d < 1 || d > 31 || m < 1 || m > 12 {
			return Fact{}, false
		}
		v := pad(m) + "-" + pad(d)
		if y > 0 && y < 100 {
			y += 2000
		}
		if y > 0 {
			v = strconv.Itoa(y) + "-" + v
		}
		return Fact{Kind: Date, Value: v}, true
	}
	f.take(hasDigit, isoDateRE, func(g []string) (Fact, bool) { return day(atoi(g[3]), atoi(g[2]), atoi(g[1])) })
	f.take(hasDigit, numDateRE, func(g []string) (Fact, bool) {
		d, m := atoi(g[1]), atoi(g[2])
		if m > 12 {
			d, m = m, d
		}
		return day(d, m, atoi(g[3]))
	})
	f.take(hasDigit|hasMonth, dayMonthRE, func(g []string) (Fact, bool) {
		return day(atoi(g[1]), months[strings.ToLower(g[2])], atoi(g[3]))
	})
	f.take(hasDigit|hasMonth, monthDayRE, func(g []string) (Fact, bool) {
		return day(atoi(g[2]), months[strings.ToLower(g[1])], atoi(g[3]))
	})
	clock := func(h, m int, half string) (Fact, bool) {
		half = strings.ToLower(strings.ReplaceAll(half, ".", ""))
		if half == "pm" && h < 12 {
			h += 12
		} else if half == "am" && h == 12 {
			h = 0
		}
		if h > 24 || m > 59 {
			return Fact{}, false
		}
		return Fact{Kind: Time, Value: pad(h) + ":" + pad(m)}, true
	}
	f.take(hasDigit, clockRE, func(g []string) (Fact, bool) { return clock(atoi(g[1]), atoi(g[2]), g[3]) })
	f.take(hasDigit, hourRE, func(g []string) (Fact, bool) { return clock(atoi(g[1]), 0, g[2]) })
}

func pad(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func (f *finder) amounts() {
	re := inDigits
	switch {
	case f.signs&hasNumberWord != 0:
		re = inWords
	case f.signs&hasDigit == 0:
		f.ones()
		return
	}
	f.take(hasCurrency, re.priceFront, func(g []string) (Fact, bool) {
		return Fact{Kind: Price, Unit: currencies[strings.ToLower(g[1])], Value: value(g[2]), High: value(g[3])}, true
	})
	f.take(hasCurrency, re.priceBack, func(g []string) (Fact, bool) {
		return Fact{Kind: Price, Unit: currencies[strings.ToLower(g[3])], Value: value(g[1]), High: value(g[2])}, true
	})
	f.take(hasPercent, re.percent, func(g []string) (Fact, bool) {
		return Fact{Kind: Percent, Value: value(g[1]), High: value(g[2])}, true
	})
	f.take(hasUnit, re.duration, func(g []string) (Fact, bool) {
		u := unit(g[4], g[3]+g[5])
		return Fact{Kind: Duration, Value: value(g[1]), High: value(g[2]), Unit: u}, u != ""
	})
	f.ones()
}

// ones finds spans of time of one unit, which have no number.
func (f *finder) ones() {
	f.take(hasUnit, oneBusiRE, func([]string) (Fact, bool) {
		return Fact{Kind: Duration, Value: "1", Unit: "business day"}, true
	})
	f.take(hasUnit, oneUnitRE, func(g []string) (Fact, bool) {
		u := unit(g[1], g[2])
		return Fact{Kind: Duration, Value: "1", Unit: u}, u != "" && u != "times"
	})
	f.take(hasUnit, aUnitRE, func(g []string) (Fact, bool) {
		u := unit(g[1], "")
		return Fact{Kind: Duration, Value: "1", Unit: u}, u != "" && u != "times"
	})
}

func unit(word, businessWord string) string {
	u := units[strings.ToLower(word)]
	if businessWord != "" && u == "day" {
		return "business day"
	}
	return u
}

func (f *finder) codes() {
	f.take(hasDigit, measureRE, func(g []string) (Fact, bool) {
		return Fact{Kind: Number, Value: value(g[1])}, g[2] == "" || measures[strings.ToLower(g[2])]
	})
	f.take(hasDigit, phoneRE, func(g []string) (Fact, bool) {
		d := digits(g[0])
		return Fact{Kind: Phone, Value: d}, len(d) >= 7
	})
	f.take(hasDigit, codeRE, func(g []string) (Fact, bool) {
		return Fact{Kind: Code, Value: strings.ToUpper(g[0])}, true
	})
	named := func(g []string) (Fact, bool) {
		return Fact{Kind: Code, Value: strings.ToUpper(g[1]), Unit: namedCode, Raw: g[1]}, true
	}
	f.take(hasCodeWord, namedCodeRE, named)
	f.take(hasCodeWord, quotedCodeRE, named)
	f.take(hasCapitals, capsRE, func(g []string) (Fact, bool) {
		return Fact{Kind: Code, Value: g[0]}, true
	})
}

func (f *finder) numbers() {
	f.take(hasDigit, numberRE, func(g []string) (Fact, bool) {
		d := digits(g[0])
		if len(d) >= 7 {
			return Fact{Kind: Phone, Value: d}, true
		}
		return Fact{Kind: Number, Value: value(g[0])}, true
	})
	f.take(hasNumberWord, numWordRE, func(g []string) (Fact, bool) {
		w := strings.ToLower(g[0])
		return Fact{Kind: Number, Value: value(w)}, numberWords[w] > 10 && !onlyBeforeUnit[w]
	})
}

func (f *finder) words() {
	f.take(hasFree, freeRE, func(g []string) (Fact, bool) {
		before := strings.ToLower(g[1])
		english := strings.EqualFold(g[2], "free")
		if english && (strings.HasPrefix(before, "feel") || strings.HasSuffix(before, "-") || g[3] != "" && !strings.HasSuffix(g[3], "of")) {
			return Fact{}, false
		}
		return Fact{Kind: Price, Value: "0", Unit: "free", Raw: g[2]}, true
	})
	f.take(hasWeekday, weekdayRE, func(g []string) (Fact, bool) {
		return Fact{Kind: Date, Value: "weekday " + strconv.Itoa(weekdays[strings.ToLower(g[1])])}, true
	})
	f.take(hasMonth, monthWordRE, func(g []string) (Fact, bool) {
		w := strings.ToLower(g[1])
		m, ok := months[w]
		// "May", "Mars" and the short forms are too often something else.
		if !ok || len(w) < 4 || w == "mars" {
			return Fact{}, false
		}
		return Fact{Kind: Date, Value: "month " + strconv.Itoa(m)}, true
	})
	f.take(hasTomorrow, tomorrowRE, func([]string) (Fact, bool) {
		return Fact{Kind: Date, Value: "tomorrow"}, true
	})
}

func digits(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, s)
	if strings.HasPrefix(s, "00") {
		return s[2:]
	}
	return strings.TrimPrefix(s, "+")
}

// value is the canonical decimal form of a written number. A separator with
// exactly three digits behind it separates thousands, as shops write; the last
// other one is the decimal sign.
func value(s string) string {
	if s == "" {
		return ""
	}
	if n, ok := numberWords[strings.ToLower(s)]; ok {
		return strconv.Itoa(n)
	}
	s = strings.NewReplacer(" ", "", "'", "").Replace(s)
	whole, frac := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 {
		if len(s)-i-1 != 3 || strings.HasPrefix(s, "0") {
			whole, frac = s[:i], s[i+1:]
		}
	}
	whole = strings.TrimLeft(strings.NewReplacer(".", "", ",", "").Replace(whole), "0")
	if whole == "" {
		whole = "0"
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		return whole + "." + frac
	}
	return whole
}
