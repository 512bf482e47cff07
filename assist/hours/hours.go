// Package hours knows when a shop's people are there: opening hours by the day
// of the week in the shop's time zone, holidays, and short days. It is pure: the
// time is always given.
package hours

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // so that time zones are known wherever the program runs
)

// Table is what a shop says of its hours, in the form in which it is stored and
// sent.
type Table struct {
	// TimeZone is an IANA name, such as Europe/Berlin.
	TimeZone string `json:"time_zone"`
	// Hours are the spans of a week; several may lie on one day. Empty: always.
	Hours []Span `json:"hours"`
	// Holidays are the days on which the week does not count.
	Holidays []Holiday `json:"holidays"`
}

// Span is a time of the week at which people are there. Both ends are on the
// shop's clock as HH:MM; To is not part of it and may be 24:00.
type Span struct {
	Day  int    `json:"day" minimum:"1" maximum:"7" doc:"1 is Monday"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Holiday is a day on which the shop is closed, or, with From and To, open at
// these times alone.
type Holiday struct {
	Date string `json:"date" doc:"YYYY-MM-DD"`
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Calendar answers when people are there.
type Calendar struct {
	zone     *time.Location
	week     [7][]clock // by time.Weekday
	holidays map[string][]clock
}

// clock is a span of one day in minutes after midnight on the clock.
type clock struct{ from, to int }

const wholeDay = 24 * 60

// lookAhead bounds how many days the next opening is looked for.
const lookAhead = 400

// New reads a table. What it does not understand is an error that says, for the
// person who filled it in, what is wrong.
func New(t Table) (Calendar, error) {
	if t.TimeZone == "" {
		t.TimeZone = "UTC"
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return Calendar{}, fmt.Errorf("the time zone %q is not known; write it as in Europe/Berlin", t.TimeZone)
	}
	c := Calendar{zone: zone, holidays: map[string][]clock{}}
	for _, s := range t.Hours {
		if s.Day < 1 || s.Day > 7 {
			return Calendar{}, fmt.Errorf("day %d is not a day of the week; 1 is Monday and 7 is Sunday", s.Day)
		}
		span, err := readSpan(s.From, s.To)
		if err != nil {
			return Calendar{}, err
		}
		c.week[s.Day%7] = append(c.week[s.Day%7], span)
	}
	if len(t.Hours) == 0 {
		for day := range c.week {
			c.week[day] = []clock{{0, wholeDay}}
		}
	}
	for day := range c.week {
		c.week[day] = sorted(c.week[day])
	}
	for _, h := range t.Holidays {
		if _, err := time.Parse(time.DateOnly, h.Date); err != nil {
			return Calendar{}, fmt.Errorf("%q is not a date; write it as in 2026-12-25", h.Date)
		}
		spans := c.holidays[h.Date]
		if h.From != "" || h.To != "" {
			span, err := readSpan(h.From, h.To)
			if err != nil {
				return Calendar{}, err
			}
			spans = sorted(append(spans, span))
		}
		c.holidays[h.Date] = spans
	}
	return c, nil
}

func readSpan(from, to string) (clock, error) {
	f, okFrom := readClock(from)
	t, okTo := readClock(to)
	switch {
	case !okFrom || f == wholeDay:
		return clock{}, fmt.Errorf("%q is not a time; write it as in 09:00", from)
	case !okTo:
		return clock{}, fmt.Errorf("%q is not a time; write it as in 17:30, or 24:00 for midnight", to)
	case f >= t:
		return clock{}, fmt.Errorf("%s to %s ends before it begins; hours past midnight are two entries, until 24:00 and from 00:00", from, to)
	}
	return clock{f, t}, nil
}

// readClock reads HH:MM into minutes after midnight.
func readClock(s string) (int, bool) {
	if s == "24:00" {
		return wholeDay, true
	}
	at, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, false
	}
	return at.Hour()*60 + at.Minute(), true
}

func sorted(spans []clock) []clock {
	slices.SortFunc(spans, func(a, b clock) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	return spans
}

// Zone is the shop's time zone.
func (c Calendar) Zone() *time.Location { return c.zone }

// Open reports whether people are there at a time.
func (c Calendar) Open(at time.Time) bool {
	for _, s := range c.spans(at.In(c.zone)) {
		if !at.Before(s.from) && at.Before(s.to) {
			return true
		}
	}
	return false
}

// Next is when people are there at a time or next after it: at itself while they
// are. It reports false where they will not be within a year.
func (c Calendar) Next(at time.Time) (time.Time, bool) {
	local := at.In(c.zone)
	for day := range lookAhead {
		noon := time.Date(local.Year(), local.Month(), local.Day()+day, 12, 0, 0, 0, c.zone)
		for _, s := range c.spans(noon) {
			switch {
			case !at.Before(s.to):
			case !at.Before(s.from):
				return at, true
			default:
				return s.from, true
			}
		}
	}
	return time.Time{}, false
}

type span struct{ from, to time.Time }

// spans are those of the day that local lies on. Where the clock is put forward
// or back, a time on it is turned into an instant as time.Date does; what lies in
// the hour that is left out is nothing.
func (c Calendar) spans(local time.Time) []span {
	clocks, special := c.holidays[local.Format(time.DateOnly)]
	if !special {
		clocks = c.week[local.Weekday()]
	}
	out := make([]span, 0, len(clocks))
	for _, k := range clocks {
		instant := func(minutes int) time.Time {
			return time.Date(local.Year(), local.Month(), local.Day(), minutes/60, minutes%60, 0, 0, c.zone)
		}
		if s := (span{instant(k.from), instant(k.to)}); s.from.Before(s.to) {
			out = append(out, s)
		}
	}
	return out
}

// Opening is a time when people are there, To not included.
type Opening struct{ From, To time.Time }

// Openings are the times when people are there between two instants, in order,
// none of which touches the next.
func (c Calendar) Openings(from, to time.Time) []Opening {
	var out []Opening
	local := from.In(c.zone)
	for day := 0; ; day++ {
		noon := time.Date(local.Year(), local.Month(), local.Day()+day, 12, 0, 0, 0, c.zone)
		if noon.Add(-2 * wholeDay * time.Minute).After(to) {
			return out
		}
		for _, s := range c.spans(noon) {
			if s.from.Before(from) {
				s.from = from
			}
			if s.to.After(to) {
				s.to = to
			}
			if last := len(out) - 1; last >= 0 && !s.from.After(out[last].To) {
				if s.to.After(out[last].To) {
					out[last].To = s.to
				}
			} else if s.from.Before(s.to) {
				out = append(out, Opening{s.from, s.to})
			}
		}
	}
}
