package phrase

import (
	"strconv"
	"strings"
	"time"
)

// About puts a wait into words of a locale's language: "about four minutes". It
// rounds up to the minute, past fifty minutes to the hour.
func About(locale string, d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch {
	case d <= 30*time.Second:
		return Text(locale, "time.less")
	case minutes == 1:
		return Text(locale, "time.minute")
	case minutes <= 50:
		return counted(locale, "time.minutes", minutes)
	}
	hours := (minutes + 30) / 60
	if hours <= 1 {
		return Text(locale, "time.hour")
	}
	return counted(locale, "time.hours", hours)
}

func counted(locale, key string, n int) string {
	number := strconv.Itoa(n)
	if words := list(locale, "time.numbers"); n >= 1 && n <= len(words) {
		number = words[n-1]
	}
	return strings.ReplaceAll(Text(locale, key), "{n}", number)
}

func list(locale, key string) []string { return strings.Split(Text(locale, key), ",") }

// When names a moment as seen from now, in the time zone of at, which it names:
// "tomorrow at 9:00 (Berlin time)".
func When(locale string, at, now time.Time) string {
	now = now.In(at.Location())
	var day string
	switch days := daysBetween(now, at); {
	case days == 0:
		day = Text(locale, "time.today")
	case days == 1:
		day = Text(locale, "time.tomorrow")
	case days > 1 && days < 7:
		day = strings.ReplaceAll(Text(locale, "time.weekday"), "{weekday}", list(locale, "time.weekdays")[at.Weekday()])
	default:
		day = strings.NewReplacer("{day}", strconv.Itoa(at.Day()), "{month}", list(locale, "time.months")[at.Month()-1]).
			Replace(Text(locale, "time.date"))
	}
	when := strings.NewReplacer("{day}", day, "{clock}", at.Format("15:04")).Replace(Text(locale, "time.when"))
	return when + " (" + zone(locale, at.Location()) + ")"
}

// daysBetween counts midnights.
func daysBetween(from, to time.Time) int {
	y, m, d := from.Date()
	first := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	y, m, d = to.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(first) / (24 * time.Hour))
}

// zone names a time zone by its city, as people do.
func zone(locale string, l *time.Location) string {
	i := strings.LastIndexByte(l.String(), '/')
	if i < 0 {
		return l.String()
	}
	city := strings.ReplaceAll(l.String()[i+1:], "_", " ")
	return strings.ReplaceAll(Text(locale, "time.zone"), "{city}", city)
}
