package fact

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Where a pattern is tried must miss nothing that trying it everywhere finds.
func TestPatternsBeginWhereTheySay(t *testing.T) {
	boundary := func(text string, at int) bool {
		return utf8.RuneStart(text[at]) && (at > 0 && isWord(text[at-1])) != isWord(text[at])
	}
	everywhere := func(text string, at int) bool { return utf8.RuneStart(text[at]) }
	cases := map[string]struct {
		pattern pattern
		begins  func(string, int) bool
	}{
		"url": {urlRE, boundary}, "domain": {domainRE, boundary},
		"iso date": {isoDateRE, boundary}, "date": {numDateRE, boundary}, "day, month": {dayMonthRE, boundary}, "month, day": {monthDayRE, boundary},
		"clock": {clockRE, boundary}, "hour": {hourRE, boundary},
		"one unit": {oneUnitRE, boundary}, "one business day": {oneBusiRE, boundary}, "a unit": {aUnitRE, boundary},
		"measure": {measureRE, boundary}, "code": {codeRE, boundary}, "number word": {numWordRE, boundary},
		"weekday": {weekdayRE, boundary},
		"phone":   {phoneRE, everywhere}, "number": {numberRE, everywhere},
		"price": {inDigits.priceBack, everywhere}, "percent": {inDigits.percent, everywhere}, "duration": {inDigits.duration, everywhere},
	}
	pieces := []string{"30", "5", "000", "2026", "24.12.", "days", "twenty", "five", "fünf", "FÜNF", "dieciséis", "one", "a", "an", "ein", "within", "up to", "at least", "hour", "business", "to", "-", " ", " ", " ", " ", "€", "$", "US$", "EUR", "kr", "zł", "Kč", ".", ",", "(", ")", "+", "/", "00", ":", "#", "_", "'", "°", "%", "percent", "code", "ABC", "AB-12", "x1", "12x", "kg", "é", "ü", "may", "August", "Montag", "monday", "3rd", "h", "pm", "uhr", "\n", "www.", "https://", "shop.example", "/a/b", "of", "de"}
	rapid.Check(t, func(t *rapid.T) {
		text := Normal(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 14).Draw(t, "pieces"), ""))
		for name, c := range cases {
			all := pattern{c.pattern.re, c.begins}
			if got, want := fmt.Sprint(c.pattern.find(text)), fmt.Sprint(all.find(text)); got != want {
				t.Fatalf("%s in %q: found %s, want %s", name, text, got, want)
			}
		}
	})
}
