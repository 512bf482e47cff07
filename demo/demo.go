// Package demo is an invented shop, Dunnock & Thrift: its help centre and its
// storefront, so that a fresh installation has something real to answer from.
package demo

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed articles
var articles embed.FS

//go:embed storefront
var storefront embed.FS

const (
	// SiteKey is the key that the storefront's script tag carries.
	SiteKey = "demo"
	// Name is what the shop is called, as shoppers see it.
	Name = "Dunnock & Thrift"
	// TimeZone is the IANA zone that the opening hours are meant in.
	TimeZone = "Europe/Berlin"
	// DefaultLocale is the locale of the articles at the root of Articles and
	// the one that Greeting, Suggestions and OpeningHours fall back to.
	DefaultLocale = "en"
)

// Articles is the help centre: Markdown files with YAML front matter (title,
// slug, tags, locale). English ones lie at the root, translations in a folder
// named after their locale; a file is named SLUG.md.
func Articles() fs.FS { return sub(articles, "articles") }

// Storefront is the shop's pages: index.html, product.html, de.html, ar.html
// and what they load. They need no inline script or style and nothing from
// another origin, except the widget at /widget.js.
func Storefront() fs.FS { return sub(storefront, "storefront") }

// sub narrows an embedded tree to one of its folders.
func sub(tree embed.FS, dir string) fs.FS {
	narrowed, err := fs.Sub(tree, dir)
	if err != nil {
		// fs.Sub fails only for an invalid path, and dir is a constant here.
		panic(err)
	}
	return narrowed
}

// words are what the widget says for the shop in one locale.
type words struct {
	greeting     string
	suggestions  [4]string
	openingHours string
}

var byLocale = map[string]words{
	"en": {
		greeting: "Hello, and welcome to Dunnock & Thrift! Ask me about delivery, returns, sizes or repairs.",
		suggestions: [4]string{
			"Can I return shoes I wore once?",
			"Where is my parcel?",
			"What do new soles cost?",
			"How do I find my shoe size?",
		},
		openingHours: "Monday to Friday 8:00–20:00, Saturday 9:00–16:00 (Hamburg time)",
	},
	"de": {
		greeting: "Hallo und willkommen bei Dunnock & Thrift! Fragen Sie mich nach Lieferung, Rückgabe, Gutscheinen oder Ihrem Paket.",
		suggestions: [4]string{
			"Kann ich Schuhe zurückgeben, die ich einmal getragen habe?",
			"Wo ist mein Paket?",
			"Was kostet der Versand?",
			"Wann bekomme ich mein Geld zurück?",
		},
		openingHours: "Montag bis Freitag 8:00–20:00 Uhr, Samstag 9:00–16:00 Uhr",
	},
	"fr": {
		greeting: "Bonjour et bienvenue chez Dunnock & Thrift ! Posez-moi vos questions sur la livraison, les retours ou les remboursements.",
		suggestions: [4]string{
			"Puis-je retourner des chaussures portées une fois ?",
			"Combien coûte la livraison ?",
			"Quand suis-je remboursé après un retour ?",
			"Quel est le supplément pour la Corse ?",
		},
		openingHours: "Du lundi au vendredi de 8 h à 20 h, le samedi de 9 h à 16 h (heure de Hambourg)",
	},
	"es": {
		greeting: "¡Hola! Te damos la bienvenida a Dunnock & Thrift. Pregúntame por envíos, devoluciones o reembolsos.",
		suggestions: [4]string{
			"¿Puedo devolver zapatos que me puse una vez?",
			"¿Cuánto cuesta el envío?",
			"¿Cuándo recibo mi dinero?",
			"¿Enviáis a Canarias?",
		},
		openingHours: "De lunes a viernes de 8:00 a 20:00, sábados de 9:00 a 16:00 (hora de Hamburgo)",
	},
}

// Locales are those that the shop has words of its own for, the default first.
func Locales() []string { return []string{"en", "de", "fr", "es"} }

// Greeting is the first thing the widget says. An unknown locale gets the
// default one's.
func Greeting(locale string) string { return in(locale).greeting }

// Suggestions are four questions that the help centre answers in that locale.
// An unknown locale gets the default one's.
func Suggestions(locale string) []string {
	s := in(locale).suggestions
	return s[:]
}

// OpeningHours says when people answer, as one phrase without a full stop. An
// unknown locale gets the default one's.
func OpeningHours(locale string) string { return in(locale).openingHours }

// in finds the words for a BCP 47 tag such as "de" or "de-AT" by its language.
func in(locale string) words {
	language, _, _ := strings.Cut(locale, "-")
	if w, ok := byLocale[strings.ToLower(language)]; ok {
		return w
	}
	return byLocale[DefaultLocale]
}
