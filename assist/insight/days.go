package insight

import (
	"time"

	"github.com/careloop/careloop/assist"
)

// mostDays bounds a range.
const mostDays = 366

// span is a range in the shop's time zone, cut into buckets.
type span struct {
	zone    *time.Location
	buckets []Days
	before  Days
	// earlier is where the days before begin; bounds are where each bucket does,
	// and where the last one ends.
	earlier time.Time
	bounds  []time.Time
}

// cut cuts a range into days, or into weeks from Monday on, the first and the
// last of which may be shorter. Errors: CodeBadRange.
func cut(zone *time.Location, from, to string, byWeek bool) (span, error) {
	first, err1 := time.Parse(time.DateOnly, from)
	last, err2 := time.Parse(time.DateOnly, to)
	days := int(last.Sub(first)/(24*time.Hour)) + 1
	if err1 != nil || err2 != nil || days < 1 || days > mostDays || first.Year() < 2000 || last.Year() > 9000 {
		return span{}, &assist.Error{Code: CodeBadRange}
	}
	s := span{zone: zone, before: Days{day(first.AddDate(0, 0, -days)), day(first.AddDate(0, 0, -1))}}
	s.earlier = begin(zone, first.AddDate(0, 0, -days))
	for d := first; !d.After(last); {
		next := d.AddDate(0, 0, 1)
		if byWeek {
			next = d.AddDate(0, 0, (8-int(d.Weekday()))%7) // the next Monday
			if !next.After(d) {
				next = d.AddDate(0, 0, 7)
			}
		}
		end := next.AddDate(0, 0, -1)
		if end.After(last) {
			end = last
		}
		s.buckets = append(s.buckets, Days{day(d), day(end)})
		s.bounds = append(s.bounds, begin(zone, d))
		d = next
	}
	s.bounds = append(s.bounds, begin(zone, last.AddDate(0, 0, 1)))
	return s, nil
}

func day(d time.Time) string { return d.Format(time.DateOnly) }

// begin is the first instant of a day in a zone. Some zones put their clocks
// forward at midnight: their day begins at one. Of a day that was left out (one
// in Samoa was) it is the end of the day before.
func begin(zone *time.Location, d time.Time) time.Time {
	at := time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone)
	for day(at.In(zone)) < day(d) {
		at = at.Add(15 * time.Minute)
	}
	return at
}
