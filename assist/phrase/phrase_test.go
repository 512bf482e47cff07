package phrase

import (
	"strings"
	"testing"
	"time"
)

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	for _, l := range []string{"en", "de", "fr", "es"} {
		for k := range catalogues["en"] {
			if strings.TrimSpace(catalogues[l][k]) == "" {
				t.Errorf("%s lacks %s", l, k)
			}
			for _, place := range []string{"{email}", "{agent}", "{when}", "{time}", "{n}", "{matter}", "{city}", "{clock}", "{day}", "{month}", "{weekday}"} {
				if strings.Contains(catalogues["en"][k], place) != strings.Contains(catalogues[l][k], place) {
					t.Errorf("%s: %s does not keep the place %s", l, k, place)
				}
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

func TestLists(t *testing.T) {
	for key, want := range map[string]int{"time.months": 12, "time.weekdays": 7, "time.numbers": 12} {
		for _, l := range Languages() {
			if got := len(list(l, key)); got != want {
				t.Errorf("%s: %s holds %d words, want %d", l, key, got, want)
			}
		}
	}
}

func TestAbout(t *testing.T) {
	for _, c := range []struct {
		locale string
		d      time.Duration
		want   string
	}{
		{"en", 10 * time.Second, "less than a minute"},
		{"en", 50 * time.Second, "about a minute"},
		{"en", 3*time.Minute + 10*time.Second, "about four minutes"},
		{"de", 4 * time.Minute, "etwa vier Minuten"},
		{"fr", 20 * time.Minute, "environ 20 minutes"},
		{"es", 12 * time.Minute, "unos doce minutos"},
		{"en", 55 * time.Minute, "about an hour"},
		{"de", 150 * time.Minute, "etwa drei Stunden"},
		{"ar", time.Minute, "about a minute"},
	} {
		if got := About(c.locale, c.d); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.locale, c.d, got, c.want)
		}
	}
}

func TestWhen(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	york, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 23, 22, 30, 0, 0, time.UTC) // 23:30 in Berlin
	for _, c := range []struct {
		locale string
		at     time.Time
		want   string
	}{
		{"en", time.Date(2026, 12, 23, 23, 45, 0, 0, berlin), "today at 23:45 (Berlin time)"},
		{"en", time.Date(2026, 12, 24, 9, 0, 0, 0, berlin), "tomorrow at 09:00 (Berlin time)"},
		{"de", time.Date(2026, 12, 28, 9, 30, 0, 0, berlin), "am Montag um 09:30 Uhr (Ortszeit Berlin)"},
		{"fr", time.Date(2027, 1, 4, 9, 0, 0, 0, york), "le 4 janvier à 09:00 (heure de New York)"},
		{"es", time.Date(2026, 12, 30, 8, 0, 0, 0, time.UTC), "el 30 de diciembre a las 08:00 (UTC)"},
		{"es", time.Date(2026, 12, 26, 8, 0, 0, 0, time.UTC), "el sábado a las 08:00 (UTC)"},
	} {
		if got := When(c.locale, c.at, now); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
