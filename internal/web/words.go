package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// words are what the help centre's pages say around the articles.
type words struct {
	Help, Search, SearchButton, AllArticles, Empty           string
	How                                                      string // how can we help?
	Topics, FurtherTopics, MostRead, More, Contents, Related string
	Updated                                                  string
	Language, Path, Pages, PreviousPage, NextPage            string
	Skip                                                     string
	// Of a search.
	NoHits, NoHitsHint, Unsure string
	// The way to the chat.
	AskTitle, AskText, Ask         string
	PerhapsMeant                   string
	NotFoundTitle, NotFound        string
	UnknownSiteTitle               string
	FailedTitle, Failed, TooFast   string
	helpOf, homeSummary, resultsOf string // with %s
	one, many                      string // articles, with %s
	dateForm                       string // day, month, year
	months                         string

	problem map[string]string // by code, for programs' errors that the wire has no phrase for
}

// HelpOf names a shop's help centre.
func (w words) HelpOf(shop string) string { return fmt.Sprintf(w.helpOf, shop) }

// HomeSummary says what is found there.
func (w words) HomeSummary(shop string) string { return fmt.Sprintf(w.homeSummary, shop) }

// ResultsFor is the title of a search's page.
func (w words) ResultsFor(q string) string { return fmt.Sprintf(w.resultsOf, q) }

func (w words) count(n int) string {
	if n == 1 {
		return w.one
	}
	return fmt.Sprintf(w.many, strconv.Itoa(n))
}

// date is a day as it is written in the language.
func (w words) date(at time.Time) string {
	month := strings.Fields(w.months)[at.Month()-1]
	return fmt.Sprintf(w.dateForm, at.Day(), month, at.Year())
}

// languageName is what those who speak it call a language.
func languageName(locale string) string {
	name := display.Self.Name(language.Make(locale))
	if name == "" {
		return locale
	}
	return headed(name)
}

var wordsByLanguage = map[string]words{
	"en": {
		Help:             "Help",
		Search:           "Search the help centre",
		SearchButton:     "Search",
		AllArticles:      "All articles",
		Empty:            "There are no articles here yet.",
		How:              "How can we help?",
		Topics:           "Topics",
		FurtherTopics:    "All topics",
		MostRead:         "Read most",
		More:             "More",
		Contents:         "On this page",
		Related:          "Goes with this",
		Updated:          "Last changed",
		Language:         "Language",
		Path:             "You are here",
		Pages:            "Pages",
		PreviousPage:     "Back",
		NextPage:         "Next",
		Skip:             "Skip to the content",
		NoHits:           "Nothing was found.",
		NoHitsHint:       "Try other words, look through the topics, or ask in the chat.",
		Unsure:           "Nothing answers this for certain. These articles come closest.",
		AskTitle:         "Is your question still open?",
		AskText:          "Ask it in the chat. You get an answer at once, or a person.",
		Ask:              "Ask us in the chat",
		PerhapsMeant:     "Perhaps you were looking for this:",
		NotFoundTitle:    "This page does not exist",
		NotFound:         "It may have moved, or the address has a typing error.",
		UnknownSiteTitle: "This shop is not known here",
		FailedTitle:      "That did not work",
		Failed:           "Something went wrong on our side. Please try again in a moment.",
		TooFast:          "That was a lot at once. Please try again in a moment.",
		helpOf:           "%s Help",
		homeSummary:      "Answers to questions about orders, delivery, returns and more at %s: search, browse by topic, or ask in the chat.",
		resultsOf:        "Results for “%s”",
		one:              "1 article",
		many:             "%s articles",
		dateForm:         "%d %s %d",
		months:           "January February March April May June July August September October November December",
		problem: map[string]string{
			codeNotFound: "There is nothing at this address.", codeBadRequest: "The request could not be read.",
			"too_large": "The request is too large.",
		},
	},
	"de": {
		Help:             "Hilfe",
		Search:           "Hilfe durchsuchen",
		SearchButton:     "Suchen",
		AllArticles:      "Alle Artikel",
		Empty:            "Hier gibt es noch keine Artikel.",
		How:              "Wie können wir helfen?",
		Topics:           "Themen",
		FurtherTopics:    "Alle Themen",
		MostRead:         "Am meisten gelesen",
		More:             "Weiteres",
		Contents:         "Auf dieser Seite",
		Related:          "Passt dazu",
		Updated:          "Zuletzt geändert",
		Language:         "Sprache",
		Path:             "Sie sind hier",
		Pages:            "Seiten",
		PreviousPage:     "Zurück",
		NextPage:         "Weiter",
		Skip:             "Zum Inhalt springen",
		NoHits:           "Es wurde nichts gefunden.",
		NoHitsHint:       "Versuchen Sie andere Wörter, sehen Sie die Themen durch oder fragen Sie im Chat.",
		Unsure:           "Nichts beantwortet das mit Sicherheit. Diese Artikel kommen am nächsten.",
		AskTitle:         "Ist Ihre Frage noch offen?",
		AskText:          "Stellen Sie sie im Chat. Sie erhalten sofort eine Antwort oder sprechen mit einem Menschen.",
		Ask:              "Im Chat fragen",
		PerhapsMeant:     "Vielleicht haben Sie das gesucht:",
		NotFoundTitle:    "Diese Seite gibt es nicht",
		NotFound:         "Sie ist vielleicht umgezogen, oder die Adresse enthält einen Tippfehler.",
		UnknownSiteTitle: "Dieser Shop ist hier nicht bekannt",
		FailedTitle:      "Das hat nicht geklappt",
		Failed:           "Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es gleich noch einmal.",
		TooFast:          "Das war viel auf einmal. Bitte versuchen Sie es gleich noch einmal.",
		helpOf:           "Hilfe von %s",
		homeSummary:      "Antworten auf Fragen zu Bestellung, Lieferung, Rückgabe und mehr bei %s: suchen, nach Themen stöbern oder im Chat fragen.",
		resultsOf:        "Ergebnisse für „%s“",
		one:              "1 Artikel",
		many:             "%s Artikel",
		dateForm:         "%d. %s %d",
		months:           "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
		problem: map[string]string{
			codeNotFound: "Unter dieser Adresse gibt es nichts.", codeBadRequest: "Die Anfrage war nicht lesbar.",
			"too_large": "Die Anfrage ist zu groß.",
		},
	},
	"fr": {
		Help:             "Aide",
		Search:           "Rechercher dans l’aide",
		SearchButton:     "Rechercher",
		AllArticles:      "Tous les articles",
		Empty:            "Il n’y a pas encore d’articles ici.",
		How:              "Comment pouvons-nous vous aider ?",
		Topics:           "Thèmes",
		FurtherTopics:    "Tous les thèmes",
		MostRead:         "Les plus lus",
		More:             "Autres",
		Contents:         "Sur cette page",
		Related:          "À lire aussi",
		Updated:          "Dernière modification",
		Language:         "Langue",
		Path:             "Vous êtes ici",
		Pages:            "Pages",
		PreviousPage:     "Précédente",
		NextPage:         "Suivante",
		Skip:             "Aller au contenu",
		NoHits:           "Aucun résultat.",
		NoHitsHint:       "Essayez d’autres mots, parcourez les thèmes ou posez la question dans le chat.",
		Unsure:           "Rien n’y répond avec certitude. Voici les articles les plus proches.",
		AskTitle:         "Votre question reste ouverte ?",
		AskText:          "Posez-la dans le chat : une réponse vous attend tout de suite, ou une personne.",
		Ask:              "Poser la question dans le chat",
		PerhapsMeant:     "Peut-être cherchiez-vous :",
		NotFoundTitle:    "Cette page n’existe pas",
		NotFound:         "Elle a peut-être été déplacée, ou l’adresse contient une faute de frappe.",
		UnknownSiteTitle: "Cette boutique n’est pas connue ici",
		FailedTitle:      "Cela n’a pas fonctionné",
		Failed:           "Un problème est survenu de notre côté. Réessayez dans un instant.",
		TooFast:          "Cela fait beaucoup à la fois. Réessayez dans un instant.",
		helpOf:           "Aide de %s",
		homeSummary:      "Les réponses aux questions sur les commandes, la livraison, les retours et plus encore chez %s : cherchez, parcourez les thèmes ou demandez dans le chat.",
		resultsOf:        "Résultats pour « %s »",
		one:              "1 article",
		many:             "%s articles",
		dateForm:         "%d %s %d",
		months:           "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		problem: map[string]string{
			codeNotFound: "Il n’y a rien à cette adresse.", codeBadRequest: "La requête n’a pas pu être lue.",
			"too_large": "La requête est trop volumineuse.",
		},
	},
	"es": {
		Help:             "Ayuda",
		Search:           "Buscar en la ayuda",
		SearchButton:     "Buscar",
		AllArticles:      "Todos los artículos",
		Empty:            "Aquí todavía no hay artículos.",
		How:              "¿En qué podemos ayudarle?",
		Topics:           "Temas",
		FurtherTopics:    "Todos los temas",
		MostRead:         "Lo más leído",
		More:             "Otros",
		Contents:         "En esta página",
		Related:          "Relacionado",
		Updated:          "Última modificación",
		Language:         "Idioma",
		Path:             "Está aquí",
		Pages:            "Páginas",
		PreviousPage:     "Anterior",
		NextPage:         "Siguiente",
		Skip:             "Ir al contenido",
		NoHits:           "No se encontró nada.",
		NoHitsHint:       "Pruebe con otras palabras, recorra los temas o pregunte en el chat.",
		Unsure:           "Nada lo responde con seguridad. Estos artículos son los más cercanos.",
		AskTitle:         "¿Sigue abierta su pregunta?",
		AskText:          "Hágala en el chat: recibirá una respuesta al momento o hablará con una persona.",
		Ask:              "Preguntar en el chat",
		PerhapsMeant:     "Quizá buscaba esto:",
		NotFoundTitle:    "Esta página no existe",
		NotFound:         "Puede que se haya movido o que la dirección tenga un error.",
		UnknownSiteTitle: "Esta tienda no se conoce aquí",
		FailedTitle:      "No ha funcionado",
		Failed:           "Algo ha fallado por nuestra parte. Inténtelo de nuevo en un momento.",
		TooFast:          "Eso fue mucho de una vez. Inténtelo de nuevo en un momento.",
		helpOf:           "Ayuda de %s",
		homeSummary:      "Respuestas a preguntas sobre pedidos, envíos, devoluciones y más en %s: busque, recorra los temas o pregunte en el chat.",
		resultsOf:        "Resultados de «%s»",
		one:              "1 artículo",
		many:             "%s artículos",
		dateForm:         "%d de %s de %d",
		months:           "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		problem: map[string]string{
			codeNotFound: "No hay nada en esta dirección.", codeBadRequest: "No se pudo leer la petición.",
			"too_large": "La petición es demasiado grande.",
		},
	},
}

// wordsOf gives the words in a locale's language, English where there are none.
func wordsOf(locale string) words {
	if w, ok := wordsByLanguage[baseLanguage(locale)]; ok {
		return w
	}
	return wordsByLanguage["en"]
}
