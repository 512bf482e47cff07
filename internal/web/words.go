package web

// words are what the help centre's pages say around the articles.
type words struct {
	Help, Search, SearchButton, AllArticles, Empty, NoHits string
	Updated                                                string
	NotFoundTitle, NotFound                                string
	UnknownSiteTitle                                       string
	FailedTitle, Failed, TooFast                           string

	problem map[string]string // by code, for programs' errors that the wire has no phrase for
}

var wordsByLanguage = map[string]words{
	"en": {
		Help: "Help", Search: "Search the help centre", SearchButton: "Search", AllArticles: "All articles",
		Empty: "There are no articles here yet.", NoHits: "Nothing was found. Try other words, or ask in the chat.",
		Updated:       "Last changed",
		NotFoundTitle: "This page does not exist", NotFound: "It may have moved, or the address has a typing error.",
		UnknownSiteTitle: "This shop is not known here",
		FailedTitle:      "That did not work", Failed: "Something went wrong on our side. Please try again in a moment.",
		TooFast: "That was a lot at once. Please try again in a moment.",
		problem: map[string]string{
			codeNotFound: "There is nothing at this address.", codeBadRequest: "The request could not be read.",
			"too_large": "The request is too large.",
		},
	},
	"de": {
		Help: "Hilfe", Search: "Hilfe durchsuchen", SearchButton: "Suchen", AllArticles: "Alle Artikel",
		Empty: "Hier gibt es noch keine Artikel.", NoHits: "Nichts gefunden. Versuche andere Wörter oder frag im Chat.",
		Updated:       "Zuletzt geändert",
		NotFoundTitle: "Diese Seite gibt es nicht", NotFound: "Sie ist vielleicht umgezogen, oder die Adresse enthält einen Tippfehler.",
		UnknownSiteTitle: "Dieser Shop ist hier nicht bekannt",
		FailedTitle:      "Das hat nicht geklappt", Failed: "Bei uns ist etwas schiefgegangen. Bitte versuche es gleich noch einmal.",
		TooFast: "Das war viel auf einmal. Bitte versuche es gleich noch einmal.",
		problem: map[string]string{
			codeNotFound: "Unter dieser Adresse gibt es nichts.", codeBadRequest: "Die Anfrage war nicht lesbar.",
			"too_large": "Die Anfrage ist zu groß.",
		},
	},
	"fr": {
		Help: "Aide", Search: "Rechercher dans l’aide", SearchButton: "Rechercher", AllArticles: "Tous les articles",
		Empty: "Il n’y a pas encore d’articles ici.", NoHits: "Aucun résultat. Essayez d’autres mots ou posez la question dans le chat.",
		Updated:       "Dernière modification",
		NotFoundTitle: "Cette page n’existe pas", NotFound: "Elle a peut-être été déplacée, ou l’adresse contient une faute de frappe.",
		UnknownSiteTitle: "Cette boutique n’est pas connue ici",
		FailedTitle:      "Cela n’a pas fonctionné", Failed: "Un problème est survenu de notre côté. Réessayez dans un instant.",
		TooFast: "Cela fait beaucoup à la fois. Réessayez dans un instant.",
		problem: map[string]string{
			codeNotFound: "Il n’y a rien à cette adresse.", codeBadRequest: "La requête n’a pas pu être lue.",
			"too_large": "La requête est trop volumineuse.",
		},
	},
	"es": {
		Help: "Ayuda", Search: "Buscar en la ayuda", SearchButton: "Buscar", AllArticles: "Todos los artículos",
		Empty: "Aquí todavía no hay artículos.", NoHits: "No se encontró nada. Prueba con otras palabras o pregunta en el chat.",
		Updated:       "Última modificación",
		NotFoundTitle: "Esta página no existe", NotFound: "Puede que se haya movido o que la dirección tenga un error.",
		UnknownSiteTitle: "Esta tienda no se conoce aquí",
		FailedTitle:      "No ha funcionado", Failed: "Algo ha fallado por nuestra parte. Inténtalo de nuevo en un momento.",
		TooFast: "Eso fue mucho de una vez. Inténtalo de nuevo en un momento.",
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
