package hours

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func calendar(t *testing.T, table Table) Calendar {
	t.Helper()
	c, err := New(table)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var office = Table{
	TimeZone: "Europe/Berlin",
	Hours: []Span{
		{1, "13:00", "17:00"}, {1, "09:00", "12:00"}, {2, "09:00", "17:00"}, {3, "09:00", "17:00"}, {4, "09:00", "17:00"},
		{5, "09:00", "17:00"}, {6, "22:00", "24:00"}, {7, "00:00", "02:00"},
	},
	Holidays: []Holiday{{Date: "2026-12-24", From: "09:00", To: "11:00"}, {Date: "2026-12-25", Name: "Christmas Day"}},
}

func TestOpenAndNext(t *testing.T) {
	c := calendar(t, office)
	for _, tc := range []struct{ at, next string }{
		{"2026-11-23T09:00", "2026-11-23T09:00"}, // Monday, the first minute
		{"2026-11-23T08:59", "2026-11-23T09:00"},
		{"2026-11-23T12:00", "2026-11-23T13:00"}, // the end is not part of it
		{"2026-11-23T17:00", "2026-11-24T09:00"},
		{"2026-11-27T17:00", "2026-11-28T22:00"}, // Friday evening to Saturday night
		{"2026-11-28T23:59", "2026-11-28T23:59"},
		{"2026-11-29T00:00", "2026-11-29T00:00"}, // over midnight
		{"2026-11-29T02:00", "2026-11-30T09:00"},
		{"2026-12-24T11:00", "2026-12-26T22:00"}, // a short day, then a holiday
		{"2026-12-24T10:59", "2026-12-24T10:59"},
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04", tc.at, c.Zone())
		if err != nil {
			t.Fatal(err)
		}
		next, ok := c.Next(at.UTC())
		if got := next.In(c.Zone()).Format("2006-01-02T15:04"); !ok || got != tc.next {
			t.Errorf("after %s it opens at %s, want %s", tc.at, got, tc.next)
		}
		if open := c.Open(at); open != (tc.at == tc.next) {
			t.Errorf("at %s open is %v", tc.at, open)
		}
	}
}

// The clock of Berlin goes forward on 29 March 2026 and back on 25 October; nine
// o'clock is nine o'clock all the same.
func TestDaylightSaving(t *testing.T) {
	c := calendar(t, Table{TimeZone: "Europe/Berlin", Hours: []Span{{7, "09:00", "10:00"}}})
	for date, utc := range map[string]string{"2026-03-22": "08:00", "2026-03-29": "07:00", "2026-10-18": "07:00", "2026-10-25": "08:00"} {
		midnight, err := time.ParseInLocation(time.DateOnly, date, c.Zone())
		if err != nil {
			t.Fatal(err)
		}
		next, ok := c.Next(midnight)
		if !ok || next.UTC().Format("2006-01-02 15:04") != date+" "+utc {
			t.Errorf("on %s it opens at %v", date, next.UTC())
		}
		if !c.Open(next) || c.Open(next.Add(-time.Nanosecond)) || !c.Open(next.Add(time.Hour-1)) || c.Open(next.Add(time.Hour)) {
			t.Errorf("on %s it is not open for one hour", date)
		}
	}
	// The hour that is left out opens nothing.
	night := calendar(t, Table{TimeZone: "Europe/Berlin", Hours: []Span{{7, "02:30", "03:00"}}})
	if next, ok := night.Next(time.Date(2026, 3, 29, 0, 0, 0, 0, night.Zone())); !ok || next.In(night.Zone()).Format(time.DateOnly) != "2026-04-05" {
		t.Errorf("it opens at %v", next)
	}
	// A whole day has 23 or 25 hours then.
	always := calendar(t, Table{TimeZone: "Europe/Berlin", Holidays: []Holiday{{Date: "2026-10-25"}}})
	closed := time.Date(2026, 10, 25, 0, 0, 0, 0, always.Zone())
	if next, _ := always.Next(closed); next.Sub(closed) != 25*time.Hour {
		t.Errorf("closed for %v", next.Sub(closed))
	}
}

func TestWithoutHours(t *testing.T) {
	c := calendar(t, Table{})
	now := time.Now()
	if next, ok := c.Next(now); !ok || !next.Equal(now) || !c.Open(now) || c.Zone() != time.UTC {
		t.Error("a shop that says nothing is not always open")
	}
	never := Table{Hours: []Span{{1, "09:00", "10:00"}}}
	for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2028; day = day.AddDate(0, 0, 1) {
		never.Holidays = append(never.Holidays, Holiday{Date: day.Format(time.DateOnly)})
	}
	if next, ok := calendar(t, never).Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Errorf("a shop that is closed for two years opens at %v", next)
	}
}

func TestRefusals(t *testing.T) {
	for name, table := range map[string]Table{
		"time zone":  {TimeZone: "Europe/Entenhausen"},
		"day":        {Hours: []Span{{0, "09:00", "10:00"}}},
		"day eight":  {Hours: []Span{{8, "09:00", "10:00"}}},
		"from":       {Hours: []Span{{1, "9", "10:00"}}},
		"one digit":  {Hours: []Span{{1, "9:00", "10:00"}}},
		"to":         {Hours: []Span{{1, "09:00", "25:00"}}},
		"from 24":    {Hours: []Span{{1, "24:00", "24:00"}}},
		"backwards":  {Hours: []Span{{1, "22:00", "02:00"}}},
		"empty":      {Hours: []Span{{1, "09:00", "09:00"}}},
		"date":       {Holidays: []Holiday{{Date: "25.12.2026"}}},
		"half a day": {Holidays: []Holiday{{Date: "2026-12-24", From: "09:00"}}},
	} {
		_, err := New(table)
		if err == nil || !strings.Contains(err.Error(), " ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo"}

func tables(t *rapid.T) Table {
	table := Table{TimeZone: rapid.SampledFrom(zones).Draw(t, "zone")}
	for range rapid.IntRange(0, 10).Draw(t, "spans") {
		from := rapid.IntRange(0, wholeDay-1).Draw(t, "from")
		to := rapid.IntRange(from+1, wholeDay).Draw(t, "to")
		table.Hours = append(table.Hours, Span{rapid.IntRange(1, 7).Draw(t, "day"), clockText(from), clockText(to)})
	}
	for range rapid.IntRange(0, 3).Draw(t, "holidays") {
		h := Holiday{Date: start.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "date")).Format(time.DateOnly)}
		if rapid.Bool().Draw(t, "short") {
			h.From, h.To = "10:00", "12:30"
		}
		table.Holidays = append(table.Holidays, h)
	}
	return table
}

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func clockText(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// What Next promises, held against Open; and Open, on days on which no clock is
// put, held against a look at the clock on the wall.
func TestNextAndOpenAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := tables(t)
		c, err := New(table)
		if err != nil {
			t.Fatal(err)
		}
		at := start.Add(time.Duration(rapid.Int64Range(0, 366*24*60).Draw(t, "minute")) * time.Minute)
		next, ok := c.Next(at)
		if !ok {
			return
		}
		if next.Before(at) || !c.Open(next) || c.Open(at) != next.Equal(at) {
			t.Fatalf("at %v (open %v) the next opening is %v (open %v)", at, c.Open(at), next, c.Open(next))
		}
		if gap := next.Sub(at); gap > 0 {
			between := at.Add(time.Duration(rapid.Int64Range(0, int64(gap)-1).Draw(t, "between")))
			if c.Open(between) {
				t.Fatalf("open at %v, before the next opening after %v, which is %v", between, at, next)
			}
		}
		if want, plain := onTheWall(table, c.Zone(), at); plain && c.Open(at) != want {
			t.Fatalf("at %v open is %v", at.In(c.Zone()), !want)
		}
	})
}

// onTheWall compares a clock with the table; plain is false on days on which the
// clock is put.
func onTheWall(table Table, zone *time.Location, at time.Time) (open, plain bool) {
	local := at.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	if midnight.AddDate(0, 0, 1).Sub(midnight) != 24*time.Hour || midnight.Hour() != 0 {
		return false, false
	}
	now := local.Format("15:04")
	within := func(from, to string) bool { return from <= now && now < to }
	special := false
	for _, h := range table.Holidays {
		if h.Date == local.Format(time.DateOnly) {
			special = true
			open = open || h.From != "" && within(h.From, h.To)
		}
	}
	if special {
		return open, true
	}
	for _, s := range table.Hours {
		open = open || s.Day%7 == int(local.Weekday()) && within(s.From, s.To)
	}
	return open || len(table.Hours) == 0, true
}

func FuzzNew(f *testing.F) {
	f.Add("Europe/Berlin", 1, "09:00", "17:00", "2026-12-25")
	f.Add("", 7, "00:00", "24:00", "")
	f.Fuzz(func(t *testing.T, zone string, day int, from, to, date string) {
		table := Table{TimeZone: zone, Hours: []Span{{day, from, to}}}
		if date != "" {
			table.Holidays = []Holiday{{Date: date, From: from, To: to}}
		}
		c, err := New(table)
		if err != nil {
			return
		}
		if next, ok := c.Next(start); ok && !c.Open(next) {
			t.Errorf("closed at the next opening, %v", next)
		}
	})
}
