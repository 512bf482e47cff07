package fact

import (
	"sort"
	"strconv"
	"strings"
)

// numberWords maps number words of English, German, French and Spanish, from
// two to a hundred, to their values. "One" is left out: it is a pronoun and an
// article far more often; durations name it themselves.
var numberWords = makeNumberWords()

func makeNumberWords() map[string]int {
	m := map[string]int{}
	add := func(n int, words ...string) {
		for _, w := range words {
			if n >= 2 {
				m[w] = n
			}
		}
	}
	english(add)
	german(add)
	french(add)
	spanish(add)
	return m
}

func english(add func(int, ...string)) {
	ones := strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	for n, w := range ones {
		add(n, w)
	}
	for i, t := range strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety") {
		n := 20 + 10*i
		add(n, t)
		for o := 1; o <= 9; o++ {
			add(n+o, t+"-"+ones[o], t+" "+ones[o])
		}
	}
	add(100, "hundred")
}

func german(add func(int, ...string)) {
	ones := strings.Fields("null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn")
	for n, w := range ones {
		add(n, w)
	}
	add(2, "zwo")
	for i, t := range strings.Fields("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig") {
		n := 20 + 10*i
		add(n, t)
		for o := 1; o <= 9; o++ {
			one := ones[o]
			if o == 1 {
				one = "ein"
			}
			add(n+o, one+"und"+t)
		}
	}
	add(100, "hundert", "einhundert")
}

func french(add func(int, ...string)) {
	low := strings.Fields("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf")
	for n, w := range low {
		add(n, w)
	}
	for i, t := range strings.Fields("vingt trente quarante cinquante soixante") {
		n := 20 + 10*i
		add(n, t)
		add(n+1, t+" et un", t+"-et-un")
		for o := 2; o <= 9; o++ {
			add(n+o, t+"-"+low[o], t+" "+low[o])
		}
	}
	for o := 10; o <= 19; o++ {
		add(60+o, "soixante-"+low[o])
		add(80+o, "quatre-vingt-"+low[o])
	}
	add(71, "soixante et onze")
	add(80, "quatre-vingts")
	for o := 1; o <= 9; o++ {
		add(80+o, "quatre-vingt-"+low[o])
	}
	add(100, "cent")
}

func spanish(add func(int, ...string)) {
	low := strings.Fields("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve")
	for n, w := range low {
		add(n, w)
	}
	for i, t := range strings.Fields("treinta cuarenta cincuenta sesenta setenta ochenta noventa") {
		n := 30 + 10*i
		add(n, t)
		for o := 1; o <= 9; o++ {
			add(n+o, t+" y "+low[o])
		}
	}
	add(100, "cien")
}

// "once" is eleven in Spanish and a plain word in English, "six" and "onze"
// are safe: only words of eleven and more count without a unit behind them, so
// the ambiguous ones are kept to the places where a unit follows.
var onlyBeforeUnit = map[string]bool{"once": true, "elf": true, "acht": true, "hundred": true, "cent": true, "hundert": true}

// alternation makes a regular expression's choice out of words, longest first.
func alternation(words []string) string {
	sort.Slice(words, func(i, j int) bool {
		if len(words[i]) != len(words[j]) {
			return len(words[i]) > len(words[j])
		}
		return words[i] < words[j]
	})
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strings.ReplaceAll(w, ".", `\.`)
	}
	return strings.Join(quoted, "|")
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// units maps words for spans of time to canonical ones.
var units = map[string]string{
	"second": "second", "seconds": "second", "sekunde": "second", "sekunden": "second", "seconde": "second", "secondes": "second", "segundo": "second", "segundos": "second", "sec": "second", "secs": "second",
	"minute": "minute", "minutes": "minute", "minuten": "minute", "minuto": "minute", "minutos": "minute", "min": "minute", "mins": "minute",
	"hour": "hour", "hours": "hour", "stunde": "hour", "stunden": "hour", "heure": "hour", "heures": "hour", "hora": "hour", "horas": "hour", "hrs": "hour", "std": "hour",
	"day": "day", "days": "day", "tag": "day", "tage": "day", "tagen": "day", "tages": "day", "jour": "day", "jours": "day", "día": "day", "días": "day", "dia": "day", "dias": "day", "tägig": "day", "tägige": "day", "tägigen": "day", "tägiges": "day",
	"night": "night", "nights": "night", "nacht": "night", "nächte": "night", "nächten": "night", "nuit": "night", "nuits": "night", "noche": "night", "noches": "night",
	"week": "week", "weeks": "week", "woche": "week", "wochen": "week", "semaine": "week", "semaines": "week", "semana": "week", "semanas": "week", "wöchig": "week", "wöchige": "week", "wöchigen": "week",
	"month": "month", "months": "month", "monat": "month", "monate": "month", "monaten": "month", "mois": "month", "mes": "month", "meses": "month", "monatig": "month", "monatige": "month",
	"year": "year", "years": "year", "jahr": "year", "jahre": "year", "jahren": "year", "jahres": "year", "an": "year", "ans": "year", "année": "year", "années": "year", "año": "year", "años": "year", "jährig": "year", "jährige": "year", "jährigen": "year", "yr": "year", "yrs": "year",
	"werktag": "business day", "werktage": "business day", "werktagen": "business day", "arbeitstag": "business day", "arbeitstage": "business day", "arbeitstagen": "business day",
	"weekday": "business day", "weekdays": "business day",
	"time": "times", "times": "times", "mal": "times", "fois": "times", "vez": "times", "veces": "times",
}

// Words that make a business day out of a day, before or behind it.
var businessWords = []string{"business", "working", "work", "ouvré", "ouvrés", "ouvrable", "ouvrables", "laborable", "laborables", "hábil", "hábiles"}

var months = map[string]int{
	"january": 1, "januar": 1, "jänner": 1, "janvier": 1, "enero": 1, "jan": 1,
	"february": 2, "februar": 2, "feber": 2, "février": 2, "febrero": 2, "feb": 2,
	"march": 3, "märz": 3, "mars": 3, "marzo": 3,
	"april": 4, "avril": 4, "abril": 4, "apr": 4,
	"may": 5, "mai": 5, "mayo": 5,
	"june": 6, "juni": 6, "juin": 6, "junio": 6, "jun": 6,
	"july": 7, "juli": 7, "juillet": 7, "julio": 7, "jul": 7,
	"august": 8, "août": 8, "agosto": 8, "aug": 8,
	"september": 9, "septembre": 9, "septiembre": 9, "sept": 9, "sep": 9,
	"october": 10, "oktober": 10, "octobre": 10, "octubre": 10, "oct": 10, "okt": 10,
	"november": 11, "novembre": 11, "noviembre": 11, "nov": 11,
	"december": 12, "dezember": 12, "décembre": 12, "diciembre": 12, "dec": 12, "dez": 12,
}

var weekdays = map[string]int{
	"monday": 1, "mondays": 1, "montag": 1, "montags": 1, "lundi": 1, "lunes": 1,
	"tuesday": 2, "tuesdays": 2, "dienstag": 2, "dienstags": 2, "mardi": 2, "martes": 2,
	"wednesday": 3, "wednesdays": 3, "mittwoch": 3, "mittwochs": 3, "mercredi": 3, "miércoles": 3,
	"thursday": 4, "thursdays": 4, "donnerstag": 4, "donnerstags": 4, "jeudi": 4, "jueves": 4,
	"friday": 5, "fridays": 5, "freitag": 5, "freitags": 5, "vendredi": 5, "viernes": 5,
	"saturday": 6, "saturdays": 6, "samstag": 6, "samstags": 6, "sonnabend": 6, "samedi": 6, "sábado": 6, "sábados": 6,
	"sunday": 7, "sundays": 7, "sonntag": 7, "sonntags": 7, "dimanche": 7, "domingo": 7, "domingos": 7,
}

// currencies maps signs, codes and words to one sign each.
var currencies = map[string]string{
	"€": "€", "eur": "€", "euro": "€", "euros": "€",
	"$": "$", "us$": "$", "usd": "$", "dollar": "$", "dollars": "$", "dólar": "$", "dólares": "$",
	"£": "£", "gbp": "£", "pound": "£", "pounds": "£", "pfund": "£", "livres": "£", "libras": "£",
	"chf": "chf", "sfr": "chf", "franken": "chf", "franc": "chf", "francs": "chf", "francos": "chf",
	"¥": "¥", "jpy": "¥", "yen": "¥", "cny": "cny", "yuan": "cny",
	"pln": "zł", "zł": "zł", "czk": "kč", "kč": "kč", "sek": "sek", "nok": "nok", "dkk": "dkk", "kr": "kr",
	"cad": "cad", "aud": "aud", "inr": "₹", "₹": "₹", "rs": "₹", "₩": "₩", "₺": "₺", "₽": "₽",
	"cent": "¢", "cents": "¢", "¢": "¢", "céntimos": "¢", "centimes": "¢", "rappen": "¢", "pence": "¢",
}

// freeWords say that something costs nothing.
var freeWords = []string{"free", "kostenlos", "kostenlose", "kostenlosen", "kostenloser", "kostenloses", "kostenfrei", "kostenfreie", "kostenfreien", "gratis", "gratuit", "gratuite", "gratuits", "gratuites", "gratuitement", "gratuito", "gratuita", "gratuitos", "gratuitas", "gratuitamente"}

// measures are units behind a number that do not make it a code: 5kg, 30cm.
var measures = map[string]bool{"kg": true, "g": true, "mg": true, "cm": true, "mm": true, "m": true, "km": true, "l": true, "ml": true, "cl": true, "x": true, "st": true, "nd": true, "rd": true, "th": true, "er": true, "e": true, "mb": true, "gb": true, "kb": true, "px": true, "w": true, "v": true, "oz": true, "lb": true, "lbs": true, "in": true, "ft": true, "c": true, "k": true, "s": true}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
