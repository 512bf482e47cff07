// Package triage reads a message before anything else does: does it ask for a
// person, is it small talk? It is local, takes microseconds and calls nobody.
package triage

import (
	"regexp"
	"strings"
)

// Matter is what a message is about, as far as it decides who answers.
type Matter string

// What a message may be. Question is everything else.
const (
	Question  Matter = "question"
	AskPerson Matter = "ask_person"
	Hello     Matter = "hello"
	Thanks    Matter = "thanks"
	Bye       Matter = "bye"
)

var (
	person = `(?:human|person|people|someone|somebody|agent|representative|rep|operator|advisor|adviser|colleague|staff|employee|manager|supervisor|real (?:human|person|agent)|customer (?:service|care|support)|mensch(?:en)?|person|mitarbeiter(?:in)?|berater(?:in)?|kundendienst|kundenservice|jemand(?:em|en)?|humain|personne|conseiller|conseillère|agent|quelqu'un|service client|humano|persona|agente|asesor|asesora|alguien|atención al cliente|representante)`

	asks = []*regexp.Regexp{
		regexp.MustCompile(`\b(?:speak|talk|chat|connect me|transfer me|put me through|pass me|get me|escalate)\b(?: (?:me|directly|please|to|with|over|on|through|a|an|the|your|some|another|real|live|actual|human|customer|support|service|care)){0,6} ` + person + `\b`),
		regexp.MustCompile(`\b(?:want|need|like|prefer|give me|get|have) (?:to (?:speak|talk|chat) (?:to|with) )?(?:a |an |the |some )?(?:real |live |actual )?(?:human|person|agent|representative|operator|someone real|somebody real)\b`),
		regexp.MustCompile(`^(?:a |an |the )?(?:real |live |actual )?(?:human|agent|representative|operator|person|customer service|live agent|mensch|mitarbeiter|mitarbeiterin|kundenservice|kundendienst|humain|conseiller|humano|persona|agente|asesor)(?: please| bitte| svp| s'il vous plaît| por favor)?$`),
		regexp.MustCompile(`\b(?:is|are) there (?:a |any |an )?(?:real |live )?(?:human|person|people|agent|agents|someone|anybody|anyone)\b.*\b(?:talk|speak|help|chat|there)\b`),
		regexp.MustCompile(`\b(?:not|no) (?:a |another )?(?:bot|robot|machine)s?\b`),
		regexp.MustCompile(`\b(?:sprechen|reden|verbinden|verbinde|weiterleiten|chatten)\b.*\b` + person + `|` + person + `\b.{0,30}\b(?:sprechen|reden|verbinden|chatten)\b`),
		regexp.MustCompile(`\b(?:möchte|will|brauche|hätte gern) (?:einen |eine |mit einem |mit einer |mit )?(?:echten |echte |richtigen )?(?:menschen|mitarbeiter|mitarbeiterin|berater)`),
		regexp.MustCompile(`\b(?:parler|discuter|échanger|joindre)\b.{0,20}\b` + person),
		regexp.MustCompile(`\b(?:hablar|comunicarme|conectar|contactar)\b.{0,20}\b` + person),
	}
	// A shopper who asks how to reach somebody's number or shop asks a question.
	negated = regexp.MustCompile(`\b(?:don't|do not|dont|no need to|without) (?:want |need |have |like )?(?:to )?(?:speak|talk|chat)`)
)

var smallTalk = map[Matter][]string{
	Hello:  {"hi", "hello", "hey", "hi there", "hello there", "hey there", "good morning", "good afternoon", "good evening", "hallo", "guten tag", "guten morgen", "guten abend", "servus", "grüß gott", "moin", "bonjour", "bonsoir", "salut", "coucou", "hola", "buenos días", "buenas tardes", "buenas noches", "buenas", "how are you", "wie geht's", "ça va"},
	Thanks: {"thanks", "thank you", "thx", "ty", "thanks a lot", "thank you very much", "thank you so much", "many thanks", "great thanks", "ok thanks", "okay thanks", "perfect thanks", "ok thank you", "great thank you", "perfect thank you", "cheers", "danke", "danke schön", "dankeschön", "vielen dank", "ok danke", "super danke", "merci", "merci beaucoup", "parfait merci", "gracias", "muchas gracias", "perfecto gracias", "that helps", "that helped", "great", "perfect"},
	Bye:    {"bye", "goodbye", "bye bye", "see you", "have a nice day", "tschüss", "auf wiedersehen", "ciao", "au revoir", "à bientôt", "bonne journée", "adiós", "hasta luego"},
}

// Feeling is how the shopper seems to feel.
type Feeling string

// What a shopper may feel. Calm is everything else, gladness included.
const (
	Calm         Feeling = "calm"
	Disappointed Feeling = "disappointed"
	Worried      Feeling = "worried"
	Angry        Feeling = "angry"
	Distressed   Feeling = "distressed"
)

// Topic is what of a shop's business a message touches. It chooses words, never
// who answers.
type Topic string

// What a message may be about.
const (
	Delivery    Topic = "delivery"
	Return      Topic = "return"
	Refund      Topic = "refund"
	Damaged     Topic = "damaged"
	WrongItem   Topic = "wrong_item"
	Missing     Topic = "missing"
	Payment     Topic = "payment"
	Warranty    Topic = "warranty"
	Account     Topic = "account"
	Product     Topic = "product"
	Size        Topic = "size"
	OrderChange Topic = "order_change"
	Other       Topic = "other"
)

// Reading is what triage read out of a message.
type Reading struct {
	Matter Matter
	// Person is the probability that it asks for a person.
	Person float64
	// Contact says that it asks how to reach the shop, or to be called: its
	// telephone number, the hours of its service.
	Contact bool
	// Negative is the probability of anger or distress.
	Negative float64
	Feeling  Feeling
	// Legal marks a legal threat, a regulator, a lawyer, the press, fraud, a
	// demand under data protection.
	Legal bool
	// Safety marks an injury, a fire, an allergy, self-harm, a child at risk.
	Safety bool
	// PersonOnly marks a matter that only a person can settle: an order to be
	// changed or cancelled, money wanted back now, an account that is locked.
	PersonOnly bool
	// Unhelped says that the last answer did not help.
	Unhelped bool
	Topic    Topic
}

// Reader reads messages. It is safe for concurrent use.
type Reader struct{}

// New returns a reader.
func New() *Reader { return &Reader{} }

// Read says what a message is. locale (BCP 47) is the language the shopper's
// page is in; the message may be in another one. It takes microseconds however
// long the text is, and never fails.
func (*Reader) Read(text, locale string) Reading {
	r := Reading{Matter: matter(text), Feeling: Calm, Topic: Other}
	if r.Matter == AskPerson {
		r.Person = 1
	}
	return r
}

// Repeats says whether the shopper says the same again as in one of their
// earlier messages.
func Repeats(earlier []string, text string) bool {
	s := plain(text)
	for _, e := range earlier {
		if s != "" && plain(e) == s {
			return true
		}
	}
	return false
}

// matter says what a message is.
func matter(text string) Matter {
	s := plain(text)
	if !negated.MatchString(s) {
		for _, re := range asks {
			if re.MatchString(s) {
				return AskPerson
			}
		}
	}
	for m, phrases := range smallTalk {
		for _, p := range phrases {
			if s == p {
				return m
			}
		}
	}
	return Question
}

// plain lowers the text and leaves words with single spaces between them.
func plain(s string) string {
	s = strings.ToLower(strings.ReplaceAll(s, "’", "'"))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return strings.ContainsRune(" \t\n.,;:!?¡¿\"()…-*🙂😊👍🙏", r)
	}), " ")
}
