package phrase

import (
	"strings"
	"testing"
)

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	for _, l := range []string{"en", "de", "fr", "es"} {
		for k := range catalogues["en"] {
			if strings.TrimSpace(catalogues[l][k]) == "" {
				t.Errorf("%s lacks %s", l, k)
			}
			if strings.Contains(catalogues["en"][k], "{email}") != strings.Contains(catalogues[l][k], "{email}") {
				t.Errorf("%s: %s does not keep the place for the address", l, k)
			}
		}
		if len(catalogues[l]) != len(catalogues["en"]) {
			t.Errorf("%s has %d keys, en has %d", l, len(catalogues[l]), len(catalogues["en"]))
		}
	}
}

func TestText(t *testing.T) {
	if Text("de-AT", "bot.hello") != catalogues["de"]["bot.hello"] {
		t.Error("a region does not change the language")
	}
	if Text("ar", "bot.hello") != catalogues["en"]["bot.hello"] {
		t.Error("an unknown language falls back to English")
	}
	if Error("fr", "no_such_code") != catalogues["fr"]["error.unavailable"] {
		t.Error("an unknown code has a sentence")
	}
}
