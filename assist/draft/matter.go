package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/careloop/careloop/assist/fact"
)

// matter is what a shopper wants or suffers, in their own words, as far as it
// can be said back safely. At most one of clause, question and quote is set.
type matter struct {
	// clause says it back to them: "the boot came in the wrong size".
	clause string
	// question is what they want to know, after "you would like to know".
	question string
	// thing is what it is about: "your blue boot".
	thing string
	// quote is a sentence of theirs, word for word.
	quote string
	// felt is how they themselves call what they feel.
	felt string
	// sentence is the one that all this was taken from.
	sentence string
}

var (
	tag         = regexp.MustCompile(`<[^<>]{0,200}>`)
	parenthesis = regexp.MustCompile(`\s\([^()\n]{1,120}\)`)
	handle      = regexp.MustCompile(`(^|\s)(?:@|#\p{L})[\p{L}\p{N}_]+|\b__\p{L}+__\b|<\p{L}+>`)
	link        = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+`)
	mail        = regexp.MustCompile(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}`)
	markup      = regexp.MustCompile("[*_`~<>\\[\\]{}|\\\\^]+")
	greeting    = regexp.MustCompile(`(?i)^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|moin|bonjour|bonsoir|salut|hola|buenos días|buenas tardes|buenas)(?:\s+(?:there|all|team|guys|everyone|zusammen|à tous|a todos))?)\s*[,!.:-]*\s*`)
	lead        = regexp.MustCompile(`(?i)^(?:(?:and|but|so|well|ok|okay|also|yes,|no,|oh|ugh|um|please help|sorry|actually|basically|apparently|unfortunately|however|because|then|now|just|umm+|yeah|yep|yo|bruh|man|dude|guys|lol|whoa|wow|hmm|omg|btw|fyi|again|plus|seriously|honestly)\b[\s,:!.-]*)+`)
	lastPause   = regexp.MustCompile(`[\s,;:–—-]+$`)
)

// clean drops what is said to machines or to nobody: addresses, handles, marks,
// pictures.
func clean(s string) string {
	s = tag.ReplaceAllString(s, " ")
	s = parenthesis.ReplaceAllString(s, " ")
	s = link.ReplaceAllString(s, " ")
	s = mail.ReplaceAllString(s, " ")
	s = handle.ReplaceAllString(s, " ")
	s = markup.ReplaceAllString(s, " ")
	s = strings.NewReplacer("’", "'", "“", `"`, "”", `"`, "&amp;", "and", "&", " and ").Replace(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".,;:!?'\"()/-–—%€$£\n#+¿¡ß", r):
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsMark(r):
			return r
		}
		return -1
	}, s)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

var sentenceEnd = regexp.MustCompile(`[.!?…]+(?:["')]|\s|$)|\n+|\s[-–—]\s`)

// sentences cuts a text, each with its final sign where that is a question's.
func sentences(s string) []string {
	var out []string
	from := 0
	add := func(to int, question bool) {
		pieces := shorter(s[from:to])
		for i, t := range pieces {
			if t = strings.Trim(t, " \t\n\"'.,;:-–—()!…¿¡"); t == "" {
				continue
			}
			if question && i == len(pieces)-1 {
				t += "?"
			}
			out = append(out, t)
		}
	}
	for _, m := range sentenceEnd.FindAllStringIndex(s, -1) {
		if m[0] < from || abbreviation(s[from:m[0]]) && s[m[0]] == '.' {
			continue
		}
		add(m[0], strings.Contains(s[m[0]:m[1]], "?"))
		from = m[1]
	}
	add(len(s), false)
	return out
}

// longest is from how many words on a sentence is cut at its joints.
const longest = 18

var joint = regexp.MustCompile(`(?i),\s+|\s+(?:and|but|so|because|since|und|aber|weil|et|mais|parce que|y|pero|porque)\s+`)

// shorter cuts a long sentence into its clauses.
func shorter(s string) []string {
	if len(strings.Fields(s)) <= longest {
		return []string{s}
	}
	return joint.Split(s, -1)
}

// abbreviation says that a full stop behind this is no end.
func abbreviation(s string) bool {
	i := strings.LastIndexAny(s, " .")
	switch strings.ToLower(s[i+1:]) {
	case "mr", "mrs", "ms", "dr", "st", "no", "nr", "e.g", "i.e", "z.b", "bzw", "ca", "etc", "approx", "p.m", "a.m", "g", "e", "b", "z":
		return true
	}
	return false
}

// matterOf reads a shopper's own words; order numbers may stay in them.
func matterOf(text, language string) matter {
	text = clean(text)
	var m matter
	m.felt = feltIn(text, language)
	best := 0
	for i, s := range sentences(text) {
		s = strings.TrimSpace(lead.ReplaceAllString(greeting.ReplaceAllString(s, ""), ""))
		if score := weightOf(s, language); score > best {
			best, m.sentence = score, s
		}
		if i > 40 {
			break
		}
	}
	if language == "en" {
		m.thing = thingIn(m.sentence)
		if m.thing == "" {
			m.thing = thingIn(text)
		}
	}
	if m.sentence == "" || harsh.MatchString(m.sentence) || toMachines.MatchString(text) || len(text) > mostRead {
		return m
	}
	if language == "en" {
		if m.question = asked(m.sentence); m.question == "" {
			m.clause = said(venting.ReplaceAllString(m.sentence, ""))
		}
	}
	if m.clause == "" && m.question == "" {
		m.quote = quotable(m.sentence)
		if strings.HasSuffix(m.quote, "?") {
			switch language {
			case "es":
				m.quote = "¿" + m.quote
			case "fr":
				m.quote = strings.TrimSuffix(m.quote, "?") + "\u00a0?"
			}
		}
	}
	return m
}

// harsh are words that nobody wants read back to them, and commands that have no
// business in a reply.
var harsh = regexp.MustCompile(`(?i)\b(?:worst|terribl\w*|horribl\w*|awful\w*|pathetic|useless|joke|scam\w*|ridiculous|disgust\w*|shame\w*|shambles|crap\w*|shit\w*|bullshit|damn\w*|hell|stupid\w*|idiot\w*|liars?|lies|lying|incompeten\w*|hate|suck\w*|wtf|smh|ffs|lol|lmao|omg|fuck\w*|f\*+\w*|bloody|arse\w*|ass|bastard\w*|bitch\w*|thie[fv]\w*|steal\w*|stole|robb\w*|fraud\w*|criminal\w*|rubbish|garbage|trash|appall\w*|atrocious|clowns?|morons?|sue|lawyer|ignore|disregard|instruction\w*|prompt\w*|system|pretend|assistant|password|scheiß\w*|scheiss\w*|mist|saftladen|unverschämt\w*|frechheit|lächerlich|betrug|betrüger|idioten|anwalt|ignorier\w*|anweisung\w*|passwort|merde|arnaque|honte\w*|nul|nulle|voleurs?|escroc\w*|avocat|ignorez|ignore|instructions|mot de passe|mierda|estafa\w*|vergüenza|ladrones|basura|abogado|ignora\w*|instrucciones|contraseña)\b`)

// toMachines is how people talk who talk to a model and not to a shop. Nothing of
// such a message is read back, and nothing of one of more than mostRead bytes,
// which is none about a parcel.
var toMachines = regexp.MustCompile(`(?i)\b(?:(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:all|any|previous|prior|above|earlier|your|these|those)|instructions?|system|prompt\w*|language model|ai model|chatbot|as an ai|you are now|from now on|pretend|role-?play|act as|respond (?:with|in|to)|response|output|print|repeat|translate|verbose|list format|json|python|access (?:granted|denied|code)|access is granted|say exactly|only say|must never|never say|the user|admin mode|developer mode|jailbreak\w*|dan\b|ignoriere|anweisung\w*|ignorez|consignes|ignora|instrucciones)\b`)

const mostRead = 1500

// problems are the words that make a sentence the one that matters.
var problems = map[string]*regexp.Regexp{
	"en": regexp.MustCompile(`(?i)\b(?:not|no|never|n't|cannot|can't|won't|didn't|doesn't|hasn't|haven't|isn't|wasn't|don't|still|yet|wrong|broken|broke|damaged|missing|late|delayed|lost|refund\w*|return\w*|exchang\w*|cancel\w*|charged|order\w*|parcel|package|deliver\w*|arriv\w*|receiv\w*|sent|size|stopped|want|need|waiting|waited|bought|paid|faulty|torn|cracked|leak\w*|why|where|when|how|instead|problem|issue|help)\b`),
	"de": regexp.MustCompile(`(?i)(?:\b(?:nicht|kein\w*|nie|noch|falsch\w*|kaputt\w*|beschädigt\w*|fehl\w*|spät|verspätet|verloren|zurück\w*|umtausch\w*|storn\w*|abgebucht|bestell\w*|paket\w*|liefer\w*|angekommen|erhalten|bekommen|größe|möchte|brauche|warte|gekauft|bezahlt|defekt\w*|warum|wo|wann|wie|statt)\b)`),
	"fr": regexp.MustCompile(`(?i)(?:\b(?:pas|jamais|aucun\w*|toujours|mauvais\w*|cassé\w*|abîmé\w*|manqu\w*|retard|perdu\w*|rembours\w*|retour\w*|échang\w*|annul\w*|débité\w*|command\w*|colis|livr\w*|arrivé\w*|reçu\w*|taille|voudrais|attends|acheté|payé|défectueu\w*|pourquoi|où|quand|comment)\b)`),
	"es": regexp.MustCompile(`(?i)(?:\b(?:no|nunca|ningún\w*|todavía|aún|equivocad\w*|rot[oa]|dañad\w*|falta\w*|tarde|retraso|perdid\w*|reembols\w*|devol\w*|cambi\w*|cancel\w*|cobr\w*|pedid\w*|paquete|entreg\w*|llegad\w*|llegó|recibid\w*|talla|quiero|necesito|espero|comprad\w*|pagad\w*|defectuos\w*|por qué|dónde|cuándo|cómo)\b)`),
}

var ofMine = map[string]*regexp.Regexp{
	"en": regexp.MustCompile(`(?i)\b(?:i|i'm|i've|i'd|my|me|we|our)\b`),
	"de": regexp.MustCompile(`(?i)\b(?:ich|mein\w*|mir|mich|wir|unser\w*)\b`),
	"fr": regexp.MustCompile(`(?i)\b(?:je|mon|ma|mes|nous|notre)\b|\bj'`),
	"es": regexp.MustCompile(`(?i)\b(?:mi|mis|me|yo|nos|nuestr\w*)\b`),
}

// weightOf says how well a sentence tells what a message is about.
func weightOf(s, language string) int {
	n := len(strings.Fields(s))
	if n < 2 || presence.MatchString(s) {
		return 0
	}
	score := 1 + min(n, 12)/4
	if re := problems[language]; re != nil {
		score += 2 * min(3, len(re.FindAllString(s, -1)))
	}
	if re := ofMine[language]; re != nil && re.MatchString(s) {
		score += 2
	}
	if language == "en" && thingIn(s) != "" {
		score += 2
	}
	if n > 26 {
		score -= 2
	}
	if harsh.MatchString(s) {
		score -= 5
	}
	if thanks.MatchString(s) {
		score -= 4
	}
	return score
}

// presence is a knock on the door: who is asked whether they are there says so by
// answering what was asked before.
var presence = regexp.MustCompile(`(?i)^(?:are you (?:still )?(?:there|here)|is (?:any|some)(?:one|body) (?:still )?(?:there|here)|(?:any|some)(?:one|body) (?:there|here)|sind sie (?:noch )?da|bist du (?:noch )?da|ist (?:da |noch |da noch )?jemand(?: da)?|vous êtes (?:toujours )?là|il y a quelqu'un|sigue ahí|hay alguien(?: ahí)?)\??$`)

// venting is a feeling that hangs on to a matter: the reply names it in a sentence
// of its own.
var venting = regexp.MustCompile(`(?i)[\s,;]+(?:and\s+)?(?:i am|i'm|im|this is|that is|that's|it is|it's)\s+(?:\p{L}+\s+){0,2}(?:angry|furious|upset|annoyed|frustrated|disappointed|unhappy|livid|mad|unacceptable|outrageous|frustrating|annoying|upsetting|disappointing)\b`)

var thanks = regexp.MustCompile(`(?i)\b(?:thank\w*|thx|cheers|danke|merci|gracias|regards|grüße)\b`)

// quotable is a sentence as it may be quoted, word for word, if it is short.
func quotable(s string) string {
	question := strings.HasSuffix(s, "?")
	s = strings.TrimSuffix(s, "?")
	if n := len(strings.Fields(s)); n < 3 || n > 20 || harsh.MatchString(s) {
		return ""
	}
	// A claim about money, or an address to write to, is not read back.
	for _, f := range fact.Locate(s) {
		switch {
		case f.Kind == fact.Price, f.Kind == fact.Percent, f.Kind == fact.URL, f.Kind == fact.Phone, f.Kind == fact.Code && f.Unit != "":
			return ""
		}
	}
	s = strings.ReplaceAll(s, `"`, "")
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	if question {
		return string(r) + "?"
	}
	return string(r) + "."
}

// beforeFact are words that lead to a fact and go with it.
var beforeFact = regexp.MustCompile(`(?i)(?:[\s,(]*\b(?:for|since|on|in|within|over|after|about|almost|nearly|more than|than|at|by|from|until|till|around|approx|the|of|worth|costing|last|this|past|seit|am|im|vor|nach|bis|um|für|über|mehr als|depuis|il y a|le|dès|avant|après|pour|desde|hace|el|antes|después|por|de)\b)*[\s,(]*$`)

var afterFact = regexp.MustCompile(`(?i)^[\s,)]*(?:\b(?:ago|now|already|later|long|earlier|old|worth|lang|später|déjà|ya)\b)?[)]?`)

// withoutFacts takes out what nobody can vouch for yet: spans of time, prices,
// dates. Empty where one cannot be taken out cleanly.
func withoutFacts(s string) string {
	for range 6 {
		at := slices.IndexFunc(fact.Locate(s), func(f fact.Located) bool { return !theirs(f.Fact) })
		if at < 0 {
			return lastPause.ReplaceAllString(strings.TrimSpace(s), "")
		}
		f := fact.Locate(s)[at]
		before := s[:f.Start]
		before = before[:len(before)-len(beforeFact.FindString(before))]
		after := s[f.End:]
		after = after[len(afterFact.FindString(after)):]
		s = strings.TrimSpace(before) + " " + strings.TrimSpace(after)
	}
	return ""
}

// theirs says that a fact is the shopper's own to name.
func theirs(f fact.Fact) bool {
	return f.Unit == "" && (f.Kind == fact.Code || f.Kind == fact.Number || f.Kind == fact.Phone || f.Kind == fact.Email)
}

// feltIn finds the shopper's own word for what they feel.
func feltIn(text, language string) string {
	lower := " " + strings.ToLower(text) + " "
	for _, w := range catalogues[language]["words.person"] {
		i := strings.Index(lower, " "+w)
		if i < 0 || isLetterAt(lower, i+1+len(w)) {
			continue
		}
		before := lower[max(0, i-24):i]
		if denied.MatchString(before) || !firstPerson.MatchString(before+" ") {
			continue
		}
		return w
	}
	return ""
}

var (
	denied      = regexp.MustCompile(`(?i)\b(?:not|n't|isn't|nicht|pas|no|never|nie)\s*(?:\w+\s*)?$`)
	firstPerson = regexp.MustCompile(`(?i)(?:\bi am|\bi'm|\bim|\bi feel|\bi was|\bleft me|\bmakes me|\bmaking me|\bbin|\bje suis|\bestoy|\bwe're|\bwe are)\b\s*(?:[\p{L}]+\s*){0,2}$`)
)

func isLetterAt(s string, i int) bool {
	for _, r := range s[min(i, len(s)):] {
		return unicode.IsLetter(r)
	}
	return false
}

var (
	praising = regexp.MustCompile(`(?i)\b(?:love|loved|lovely|great|amazing|awesome|wonderful|excellent|fantastic|brilliant|superb|perfect|delicious|happy with|well done|kudos|shout ?out|toll|super|klasse|großartig|wunderbar|begeistert|génial|parfait|superbe|excellent|ravie?|genial|estupendo|maravilloso|encantad[oa]|excelente)\b|^\W*(?:thank you|thanks|vielen dank|danke|merci|gracias)(?:\W+\S+){3,}`)
	troubled = regexp.MustCompile(`(?i)\b(?:not|no|never|cannot|can't|won't|but|why|when|how|where|help|please|issue|problem|wrong|still|late|wait\w*|need|want|nicht|kein\w*|aber|warum|wann|wie|wo|problem|falsch|bitte|pas|mais|pourquoi|quand|comment|problème|erreur|pero|por qué|cuándo|cómo|problema)\b|n't\b|\?`)
)

// praises says that a message is a compliment or thanks, and nothing else.
func praises(text string) bool {
	text = clean(strings.ReplaceAll(text, "’", "'"))
	return praising.MatchString(text) && !strings.ContainsAny(text, "0123456789") && !troubled.MatchString(text) && !harsh.MatchString(text)
}

var orderNumber = regexp.MustCompile(`(?i)\b(?:order|bestellung|bestellnummer|auftrag|commande|pedido|reference|ref)\b[\s.]*(?:(?:id|no|nr|number|num|nummer|numéro|número|n°|is|ist|est|es|lautet)[\s.]*){0,3}[:#]*\s*(#?[A-Z]{0,4}-?\d{4,14}(?:-\d{2,10})*)|((?-i:#\s?[A-Z]{0,2}\d{4,14}))`)

// ordersIn lists the order numbers that a text names, in order.
func ordersIn(text string) []string {
	var out []string
	for _, m := range orderNumber.FindAllStringSubmatch(text, 5) {
		n := strings.ReplaceAll(m[1]+m[2], " ", "")
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
