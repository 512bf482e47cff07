package extractive

import (
	"regexp"
	"strings"
)

// wish is what kind of answer a question asks for.
type wish struct {
	yesNo, amount, money, time, heat, contact, howTo bool
}

// asks holds the phrases, each between blanks, by which a wish is known.
type asks struct {
	yesNoStart                   map[string]bool
	yesNo                        []string
	money, time, amount, contact []string
	howTo                        []string
	notHowTo                     []string
}

var askedIn = map[string]asks{
	"en": {
		yesNoStart: set(`can could may do does did is are am will would has have should must shall was were`),
		yesNo:      []string{"can i", "can you", "could i", "am i", "do you", "do i", "does it", "is it", "is there", "are there", "will you", "may i"},
		money:      []string{"how much", "cost", "costs", "price", "fee", "fees", "charge", "expensive", "cheaper", "dearer", "do i pay", "free"},
		time:       []string{"how long", "when", "until", "how soon", "how fast", "what time", "how many days", "how late", "deadline", "opening hours", "open"},
		amount:     []string{"how many", "how much", "how often", "at what", "from what", "how old", "how big", "what size"},
		contact:    []string{"phone", "telephone", "call", "e-mail address", "email address", "contact", "reach", "get in touch", "talk to", "speak to", "number"},
		howTo:      []string{"how do i", "how can i", "how to", "how do you", "how should i", "how does", "what do i have to do", "steps", "instructions", "what do i do"},
		notHowTo:   []string{"how much", "how many", "how long"},
	},
	"de": {
		yesNoStart: set(`kann kannst könnt können könnte darf dürfen ist sind gibt gibts habt haben hat liefert liefern muss müssen wird werden bekomme bekommt
			geht nehmt nehmen akzeptiert verschickt versendet repariert bietet macht soll sollte zahle`),
		yesNo:    []string{"kann ich", "kann man", "darf ich", "gibt es", "muss ich", "habt ihr", "ist es"},
		money:    []string{"wie viel", "wieviel", "kosten", "kostet", "preis", "teuer", "gebühr", "versandkosten", "gratis", "kostenlos", "zahle"},
		time:     []string{"wie lange", "wann", "bis wann", "frist", "lieferzeit", "dauert", "öffnungszeiten", "wie schnell", "wie viele tage"},
		amount:   []string{"wie viel", "wieviel", "wie viele", "ab welchem", "wie oft", "wie alt", "wie groß", "welche größe"},
		contact:  []string{"telefon", "telefonnummer", "anrufen", "erreiche", "erreichen", "kontakt", "mailadresse", "e-mail-adresse", "sprechen", "nummer", "rufnummer"},
		howTo:    []string{"wie"},
		notHowTo: []string{"wie viel", "wie viele", "wieviel", "wie lange", "wie teuer", "wie oft", "wie hoch", "wie groß", "wie schnell", "wie alt"},
	},
	"fr": {
		yesNoStart: set(`puis peut peux est avez livrez acceptez faites proposez dois faut existe`),
		yesNo:      []string{"est-ce que", "puis-je", "peut-on", "je peux", "avez-vous", "y a-t-il", "faut-il", "livrez-vous", "acceptez-vous", "est-il"},
		money:      []string{"combien", "coût", "coûte", "coûtent", "prix", "tarif", "frais", "gratuit", "gratuite", "cher", "payer"},
		time:       []string{"quand", "combien de temps", "délai", "délais", "jusqu'à quand", "horaires", "combien de jours"},
		amount:     []string{"combien", "à partir de"},
		contact:    []string{"téléphone", "appeler", "joindre", "contacter", "adresse mail", "courriel", "numéro", "parler"},
		howTo:      []string{"comment", "que dois-je faire"},
	},
	"es": {
		yesNoStart: set(`puedo puede pueden podría es son hay tienen tengo hacen aceptan envían enviáis tenéis debo`),
		yesNo:      []string{"puedo", "se puede", "es posible", "hay", "tengo que", "aceptan", "envían", "hacéis", "tenéis"},
		money:      []string{"cuánto cuesta", "cuánto cuestan", "cuánto", "cuanto", "coste", "cuesta", "precio", "gastos", "tarifa", "gratis", "pagar"},
		time:       []string{"cuándo", "cuando", "cuánto tiempo", "plazo", "tarda", "cuántos días", "cuantos dias", "hasta cuándo", "horario"},
		amount:     []string{"cuánto", "cuánta", "cuántos", "cuántas", "cuanto", "cuantos", "a partir de"},
		contact:    []string{"teléfono", "telefono", "llamar", "contactar", "correo", "dirección de correo", "hablar", "número"},
		howTo:      []string{"cómo", "como", "qué tengo que hacer", "que tengo que hacer"},
	},
}

// read gives the wish in a question.
func read(question, language string) wish {
	a, ok := askedIn[language]
	if !ok {
		return wish{}
	}
	words := strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune("?!.,;:¿¡\"()", r) {
			return ' '
		}
		return r
	}, strings.ToLower(strings.ReplaceAll(question, "’", "'"))))
	if len(words) == 0 {
		return wish{}
	}
	text := " " + strings.Join(words, " ") + " "
	has := func(phrases []string) bool {
		for _, p := range phrases {
			if strings.Contains(text, " "+p+" ") {
				return true
			}
		}
		return false
	}
	w := wish{money: has(a.money), time: has(a.time), amount: has(a.amount), contact: has(a.contact)}
	w.heat = heatAsked.MatchString(text)
	w.howTo = has(a.howTo) && !has(a.notHowTo)
	w.yesNo = !w.howTo && (a.yesNoStart[words[0]] || has(a.yesNo))
	return w
}

var heatAsked = regexp.MustCompile(`\b(temperatur\w*|température|degrees?|grad|degrés?|grados?|how (hot|warm)|wie (heiß|warm))\b`)

var (
	currency = regexp.MustCompile(`\b(EUR|USD|GBP|CHF|Euro|euros|cents?)\b`)
	timed    = regexp.MustCompile(`\d[^.;]{0,24}?\b(days?|weeks?|months?|years?|hours?|minutes?|working|[Tt]age?n?|[Ww]erktage?n?|Wochen?|Monate?n?|Jahre?n?|Stunden?|Uhr|jours?|ouvrés|semaines?|mois|ans?|heures?|días?|laborables|hábiles|semanas?|mes|meses|años?|horas?)\b|\b\d{1,2}[:h]\d{2}\b`)
	reach    = regexp.MustCompile(`[\w.+-]+@[\w-]+\.\w|\+?\d[\d ()/-]{6,}\d`)
	heated   = regexp.MustCompile(`\d\s?°`)
	direct   = regexp.MustCompile(`(?i)^(yes|no|you can|you cannot|you can't|unfortunately|sorry|of course|ja|nein|leider|sie können|du kannst|natürlich|oui|non|vous pouvez|malheureusement|bien sûr|sí|no|puede|puedes|lamentablemente|por supuesto)(,|\s|\.|\z)`)

	forNothing = []string{"free", "kostenlos", "gratis", "kostenfrei", "gratuit", "offert", "no charge"}
	onDays     = []string{"same day", "next day", "next working day", "selben tag", "nächsten werktag", "today", "tomorrow", "monday", "montag", "lundi", "lunes"}
)

func priced(text string) bool {
	return strings.ContainsAny(text, "€$£¥") || holds(text, forNothing) || hasDigit(text) && currency.MatchString(text)
}

func datedOrTimed(text string) bool {
	return hasDigit(text) && timed.MatchString(text) || holds(text, onDays)
}

func hasDigit(text string) bool { return strings.ContainsAny(text, "0123456789") }

func holds(text string, phrases []string) bool {
	text = strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// meets says how well the form of a sentence fits the wish: a bonus.
func (w wish) meets(text string) float64 {
	bonus := 0.0
	switch {
	case w.money && priced(text):
		bonus += 0.18
	case w.time && datedOrTimed(text):
		bonus += 0.18
	case w.heat && heated.MatchString(text):
		bonus += 0.25
	case w.amount && hasDigit(text):
		bonus += 0.12
	case w.money || w.time || w.amount:
		bonus -= 0.04
	}
	if w.contact && strings.ContainsAny(text, "@0123456789") && reach.MatchString(text) {
		bonus += 0.25
	}
	if w.yesNo && direct.MatchString(text) {
		bonus += 0.15
	}
	return bonus
}
