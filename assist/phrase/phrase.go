// Package phrase holds the fixed sentences that a shopper may read from the bot
// and from the server, in the languages that Careloop speaks.
package phrase

import (
	"embed"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

//go:embed *.json
var files embed.FS

var catalogues = load()

func load() map[string]map[string]string {
	out := map[string]map[string]string{}
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // embedded: cannot be missing in a built program
	}
	for _, e := range entries {
		b, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		var m map[string]string
		if err := json.Unmarshal(b, &m); err != nil {
			panic(fmt.Sprintf("%s: %v", e.Name(), err))
		}
		out[strings.TrimSuffix(e.Name(), ".json")] = m
	}
	return out
}

// Language is the language of a BCP 47 tag if Careloop speaks it, else "en".
func Language(locale string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	if _, ok := catalogues[base]; ok {
		return base
	}
	return "en"
}

// Languages lists what Careloop speaks.
func Languages() []string {
	var out []string
	for l := range catalogues {
		out = append(out, l)
	}
	sort.Strings(out)
	return out
}

// Text is the sentence for a key in a locale's language. A key that no
// catalogue has gives the sentence for a failure without a name: nobody is left
// with a code.
func Text(locale, key string) string {
	if s, ok := catalogues[Language(locale)][key]; ok {
		return s
	}
	return catalogues[Language(locale)]["error.unavailable"]
}

// Find is the text for a key, empty where there is none.
func Find(locale, key string) string { return catalogues[Language(locale)][key] }

// Error is the sentence for an error's code.
func Error(locale, code string) string { return Text(locale, "error."+code) }
