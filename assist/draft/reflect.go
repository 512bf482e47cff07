package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// What an English sentence says of the speaker is turned so that the other side
// can say it back: "my boots came in the wrong size" becomes "your boots came in
// the wrong size". Only sentences of a plain build are turned; of others a thing
// is named, or they are quoted.

// mostReflected bounds the words of a sentence that is said back.
const mostReflected = 24

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	auxiliaries = set(`am is are was were have has had do does did can could will would shall should may might must isn't aren't wasn't weren't haven't hasn't hadn't don't doesn't didn't can't cannot couldn't won't wouldn't shouldn't`)
	// verbs are finite forms that a sentence about a shop may be built on.
	verbs = set(`want wanted need needed like liked ordered bought got get received sent paid returned came arrived asked tried called wrote emailed contacted placed purchased picked chose expected booked cancelled canceled changed charged lost found opened broke stopped started keeps keep kept says said shows showed works worked fits fit looks looked seems seemed forgot made took gave went told think thought know see saw noticed hope hoped wish use used live moved signed logged shipped delivered promised refused failed fell came comes did left waited reached missed`)
	// objects of a verb are what follows these.
	prepositions = set(`to for from with by at of about on in into without against after before than like`)
)

// contractions of the speaker, in both directions.
var turned = map[string]string{
	"i": "you", "i'm": "you're", "im": "you're", "i've": "you've", "ive": "you've", "i'd": "you'd", "i'll": "you'll", "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
	"we": "you", "we're": "you're", "we've": "you've", "we'd": "you'd", "us": "you", "our": "your", "ours": "yours",
	"your": "our", "yours": "ours", "yourself": "ourselves", "ur": "our",
	"you're": "we're", "you've": "we've", "you'd": "we'd", "you'll": "we'll",
}

var apostrophes = map[string]string{"dont": "don't", "doesnt": "doesn't", "didnt": "didn't", "cant": "can't", "wont": "won't", "isnt": "isn't", "wasnt": "wasn't", "havent": "haven't", "hasnt": "hasn't", "couldnt": "couldn't", "arent": "aren't", "u": "you", "r": "are", "pls": "please", "plz": "please", "thats": "that's", "its": "its", "ordr": "order"}

// tokens splits a sentence into words with what follows each of them.
func tokens(s string) (words, after []string) {
	for _, f := range strings.Fields(s) {
		w := strings.Trim(f, `.,;:!?"()`)
		i := strings.Index(f, w)
		if w == "" {
			if n := len(after); n > 0 {
				after[n-1] += f
			}
			continue
		}
		words, after = append(words, w), append(after, f[i+len(w):])
	}
	return words, after
}

// turn says words back. It is sure of itself only where every "you" can be
// told to be subject or object.
func turn(words, after []string) string {
	var b strings.Builder
	subjectIsYou := false
	for i, w := range words {
		low := strings.ToLower(w)
		if full, ok := apostrophes[low]; ok {
			w, low = full, full
		}
		next := ""
		if i+1 < len(words) {
			next = strings.ToLower(words[i+1])
		}
		out := w
		switch t, ok := turned[low]; {
		case low == "you":
			out = "us"
			before := ""
			if i > 0 {
				before = strings.ToLower(words[i-1])
			}
			if !prepositions[before] && (auxiliaries[next] || verbs[next] || adverbs[next]) {
				out = "we"
			}
		case ok:
			out = t
		case low == "am":
			out = "are"
		case low == "was" && subjectIsYou:
			out = "were"
		case low == "wasn't" && subjectIsYou:
			out = "weren't"
		case i == 0 && !proper(w, next):
			out = lowerFirst(w)
		}
		if !adverbs[low] {
			subjectIsYou = low == "i" || low == "we"
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(out)
		if i+1 < len(words) {
			b.WriteString(strings.Trim(after[i], `.!?"()`))
		}
	}
	return b.String()
}

var adverbs = set(`still just also only never always already really now then even recently actually finally`)

// proper guesses that the first word keeps its capital: a name, or a word in
// capitals.
func proper(w, _ string) bool {
	r := []rune(w)
	return len(r) > 1 && unicode.IsUpper(r[1]) || len(r) > 1 && unicode.IsDigit(r[1])
}

func lowerFirst(s string) string {
	r := []rune(s)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

func upperFirst(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

var (
	request     = regexp.MustCompile(`(?i)^(?:please |pls |plz )(?:can you |could you )?(.+)$`)
	requestLong = regexp.MustCompile(`(?i)^(?:can|could|would|will) (?:you|u|someone|somebody|anyone|anybody) (?:please |pls |kindly )?(.+?)\??$`)
	mayI        = regexp.MustCompile(`(?i)^(?:can|could|may|am) (i|we)(?: still| also| able to| allowed to)? (.+?)\??$`)
	howWhen     = regexp.MustCompile(`(?i)^(how long|how much|how many|how|when|where|what|which|why|who) (can|could|do|does|did|will|would|should|is|are|was|were|have|has|had) (.+?)\??$`)
	isThere     = regexp.MustCompile(`(?i)^(is|are|was|were) there (.+?)\??$`)
	doYou       = regexp.MustCompile(`(?i)^(do|have|will|would|did) (you|u) (.+?)\??$`)
	isIt        = regexp.MustCompile(`(?i)^(is|are|has|have|will|can|could|was|were|would|should) (.+?)\??$`)
)

// asked turns a question into what follows "you would like to know".
func asked(s string) string {
	if n := len(strings.Fields(s)); n < 3 || n > mostReflected || strings.ContainsAny(s, "():;") {
		return ""
	}
	if !strings.HasSuffix(s, "?") && !howWhen.MatchString(s) {
		return ""
	}
	if s = shortOfFacts(strings.TrimSuffix(s, "?")); s == "" || strings.Contains(s, "?") {
		return ""
	}
	if m := mayI.FindStringSubmatch(s); m != nil {
		return "whether you can " + turn(tokens(m[2]))
	}
	if m := isThere.FindStringSubmatch(s); m != nil {
		return "whether there " + strings.ToLower(m[1]) + " " + turn(tokens(m[2]))
	}
	if m := doYou.FindStringSubmatch(s); m != nil && !strings.EqualFold(m[1], "did") {
		aux := strings.ToLower(m[1]) + " "
		if aux == "do " {
			aux = ""
		}
		return "whether we " + aux + turn(tokens(m[3]))
	}
	if m := howWhen.FindStringSubmatch(s); m != nil {
		return questionWith(strings.ToLower(m[1]), strings.ToLower(m[2]), strings.Fields(m[3]))
	}
	if m := isIt.FindStringSubmatch(s); m != nil {
		return questionWith("whether", strings.ToLower(m[1]), strings.Fields(m[2]))
	}
	return ""
}

// subjectOf counts the words at the beginning that are a subject: a pronoun, or
// a phrase that ends on a thing; 0 where there is none.
func subjectOf(words []string) int {
	switch first := strings.ToLower(words[0]); {
	case slices.Contains([]string{"i", "we", "it", "this", "that", "they", "you"}, first):
		return 1
	case !determiners[first]:
		return 0
	}
	for i := 1; i < min(len(words), 5); i++ {
		switch low := strings.ToLower(words[i]); {
		case things[low]:
			if i+1 < len(words) && things[strings.ToLower(words[i+1])] {
				continue // "my order number"
			}
			return i + 1
		case stops[low]:
			return 0
		}
	}
	return 0
}

// shortOfFacts drops a fact with which a sentence ends; empty where one stands in
// its midst.
func shortOfFacts(s string) string {
	if short := withoutFacts(s); strings.HasPrefix(s, short) {
		return short
	}
	return ""
}

// questionWith puts the verb behind the subject, as a question within a
// sentence has it. Empty where that would change the verb's form.
func questionWith(word, aux string, words []string) string {
	n := subjectOf(words)
	if n == 0 {
		return ""
	}
	subject, rest := strings.Join(words[:n], " "), strings.Join(words[n:], " ")
	who := turn(tokens(subject))
	if strings.EqualFold(subject, "you") {
		who = "we"
	}
	both := who == "you" || who == "we"
	if len(words) > n && (strings.EqualFold(words[n], "not") || n > 1 && prepositions[strings.ToLower(words[n])]) {
		return ""
	}
	rest = turn(tokens(rest))
	being := slices.Contains([]string{"is", "are", "was", "were"}, aux)
	switch {
	case rest == "" && !being:
		return ""
	case aux == "do" && word == "how" && who == "you":
		return "how to " + rest
	case aux == "do" && both:
		return word + " " + who + " " + rest
	case aux == "do" || aux == "does" || aux == "did":
		return ""
	case both && aux == "is":
		aux = "are"
	case both && aux == "was":
		aux = "were"
	case both && aux == "has":
		aux = "have"
	}
	return strings.TrimSpace(word + " " + who + " " + aux + " " + rest)
}

// said turns a statement or a request, empty where it is not plainly built.
func said(s string) string {
	question := strings.HasSuffix(s, "?")
	s = strings.TrimSuffix(s, "?")
	if s = shortOfFacts(tail.ReplaceAllString(s, "")); s == "" {
		return ""
	}
	if n := len(strings.Fields(s)); n < 3 || n > mostReflected || strings.ContainsAny(s, "():;") {
		return ""
	}
	for _, re := range []*regexp.Regexp{request, requestLong} {
		if m := re.FindStringSubmatch(s); m != nil {
			words, after := tokens(m[1])
			if len(words) < 2 || !plainVerb[strings.ToLower(words[0])] {
				return ""
			}
			return "you'd like us to " + turn(words, after)
		}
	}
	if question {
		return ""
	}
	words, after := tokens(s)
	if !plainlyBuilt(words) || runOn.MatchString(s) {
		return ""
	}
	return turn(words, after)
}

// tail is what is said to the reader at the end and is no part of the matter.
var tail = regexp.MustCompile(`(?i)[\s,]*\b(?:any (?:suggestions?|ideas?|help|advice)|please(?: help| advise| assist)?|pls|plz|can you help|help|so annoyed|thank(?:s| you).*)[\s.!?]*$|,\s*(?:please|pls|can you|could you)\s.*$`)

// runOn is what begins a second sentence within one.
var runOn = regexp.MustCompile(`(?i)\s(?:why|what if|how come|what the|when will|where is|how do|how can|can you|could you|will you|do you|are you)\s`)

// plainVerb are what a shop is asked to do.
var plainVerb = set(`cancel change send return refund exchange replace check tell help give update resend reship ship deliver fix confirm extend remove add explain look find issue process track stop reset unlock delete credit repair swap hold`)

var oughts = set(`must should shall will would can could may might are is need don't do can't cannot won't wouldn't shouldn't am`)

// plainlyBuilt says that a sentence begins with its subject and goes on with a
// finite verb.
func plainlyBuilt(words []string) bool {
	low := make([]string, len(words))
	for i, w := range words {
		low[i] = strings.ToLower(w)
		if full, ok := apostrophes[low[i]]; ok {
			low[i] = full
		}
	}
	finite := func(i int) bool {
		for i < len(low) && adverbs[low[i]] {
			i++
		}
		return i < len(low) && (auxiliaries[low[i]] || verbs[low[i]])
	}
	switch low[0] {
	case "i", "we":
		return finite(1)
	case "you":
		// What the shop did can be said back, what it ought to do not.
		return finite(1) && !slices.ContainsFunc(low[1:min(3, len(low))], func(w string) bool { return oughts[w] })
	case "i'm", "i've", "i'd", "we've", "we're", "you've", "im", "ive":
		return len(low) > 2
	case "my", "our", "the", "your", "this", "these", "both", "one":
		for i := 2; i <= min(6, len(low)-1); i++ {
			if prepositions[low[i-1]] || low[i-1] == "and" {
				continue
			}
			if auxiliaries[low[i]] || verbs[low[i]] {
				return !pronouns[low[i-1]]
			}
			if pronouns[low[i]] {
				return false
			}
		}
	}
	return false
}

var pronouns = set(`i you he she it we they me him us them who which that this`)

var (
	determiners = set(`my our the a an this that these those your`)
	// things are nouns of a shop's trade, on which a phrase may end.
	things = set(`parcel parcels package packages order orders refund return delivery item items product products shoe shoes boot boots sneakers trainers jacket coat dress shirt t-shirt trousers jeans pants skirt sweater jumper hoodie socks hat bag bags backpack case luggage suitcase baggage flight seat seats ticket tickets booking reservation account card payment invoice receipt bill voucher code coupon discount size sizes subscription membership phone laptop tablet charger headphones watch camera tv television keyboard mouse cable battery machine kettle grill lamp chair table sofa mattress bed pillow blanket rug bike helmet toy toys game book books gift present email password address website app login service internet connection signal broadband router box order's cups mug plate pan pot knife set pair perfume cream shampoo supplement protein food sandwich meal milk meat bread collection replacement exchange warranty repair statement points rewards upgrade plan data bottle puzzle vacuum cleaner speaker monitor hose desk`)
	stops  = set(`is was are were has have had hasn't haven't isn't wasn't from in on at to for with and but or so that which who when because yet still came arrived got not by of i you it they we he she if as than then since after before will would can can't cannot won't didn't doesn't don't did does do been being just only about into over up out off now again today please which while where what there here your my our the a an this these me us`)
)

// thingIn finds the noun phrase that a text is about and says it from the other
// side: "my blue boots" gives "your blue boots".
func thingIn(text string) string {
	best, bestScore := "", 0
	words, after := tokens(text)
	for i, w := range words {
		det := strings.ToLower(w)
		if !determiners[det] || after[i] != "" {
			continue
		}
		var phrase []string
		known := 0
		for j := i + 1; j < len(words) && j <= i+5; j++ {
			low := strings.ToLower(words[j])
			if stops[low] || strings.ContainsFunc(low, func(r rune) bool { return unicode.IsDigit(r) || r == '/' || r == '$' }) || harsh.MatchString(low) {
				break
			}
			phrase = append(phrase, words[j])
			if things[low] {
				known = len(phrase)
			}
			if after[j] != "" {
				break
			}
		}
		if known == 0 {
			continue
		}
		phrase = phrase[:known]
		for k, p := range phrase {
			// A word in capitals is shouted, not a name.
			if len(p) > 3 && p == strings.ToUpper(p) {
				phrase[k] = strings.ToLower(p)
			}
		}
		score := 2*min(len(phrase), 3) + 1
		if det == "my" || det == "our" {
			score += 2
		}
		if slices.Contains([]string{"order", "item", "email", "service", "website", "app"}, strings.ToLower(phrase[len(phrase)-1])) {
			score--
		}
		if det == "your" {
			score -= 2
		}
		if score > bestScore {
			det := map[string]string{"my": "your", "our": "your", "your": "our"}[det]
			if det == "" {
				det = "the"
			}
			best, bestScore = det+" "+strings.Join(phrase, " "), score
		}
	}
	return best
}
