package insight

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/assist"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestDaysOfAZone(t *testing.T) {
	for _, tc := range []struct {
		zone, from, to string
		byWeek         bool
		buckets        int
		hours          []float64 // of the first buckets
	}{
		{"UTC", "2026-03-01", "2026-03-31", false, 31, []float64{24, 24}},
		{"Europe/Berlin", "2026-03-28", "2026-03-30", false, 3, []float64{24, 23, 24}},
		{"Europe/Berlin", "2026-10-24", "2026-10-26", false, 3, []float64{24, 25, 24}},
		{"Europe/Berlin", "2026-03-23", "2026-04-05", true, 2, []float64{167, 168}},
		// The clock goes from midnight to one: the day begins at one.
		{"America/Sao_Paulo", "2018-11-03", "2018-11-05", false, 3, []float64{24, 23, 24}},
		{"Asia/Beirut", "2026-03-28", "2026-03-30", false, 3, []float64{24, 23, 24}},
		{"Pacific/Auckland", "2026-09-27", "2026-09-27", false, 1, []float64{23}},
		// From a Thursday to a Tuesday: the rest of a week and the start of another.
		{"UTC", "2026-11-05", "2026-11-10", true, 2, []float64{4 * 24, 2 * 24}},
		{"UTC", "2026-11-08", "2026-11-09", true, 2, []float64{24, 24}},
		// A day that was left out has no hours.
		{"Pacific/Apia", "2011-12-29", "2011-12-31", false, 3, []float64{24, 0, 24}},
		{"UTC", "2024-01-01", "2024-12-31", false, 366, []float64{24}},
	} {
		s, err := cut(zone(t, tc.zone), tc.from, tc.to, tc.byWeek)
		if err != nil {
			t.Fatal(tc, err)
		}
		if len(s.buckets) != tc.buckets || len(s.bounds) != tc.buckets+1 || s.buckets[0].From != tc.from || s.buckets[tc.buckets-1].To != tc.to {
			t.Errorf("%v: the buckets are %v", tc, s.buckets)
			continue
		}
		for i, want := range tc.hours {
			if got := s.bounds[i+1].Sub(s.bounds[i]).Hours(); got != want {
				t.Errorf("%v: bucket %d has %v hours, want %v", tc, i, got, want)
			}
		}
	}
}

func TestRangesThatAreNone(t *testing.T) {
	for _, r := range [][2]string{{"2026-03-02", "2026-03-01"}, {"", "2026-03-01"}, {"2026-03-01", "x"}, {"2024-01-01", "2025-01-01"}, {"2026-02-30", "2026-03-01"},
		{"0001-01-01", "0001-01-02"}, {"9999-12-30", "9999-12-31"}} {
		if _, err := cut(time.UTC, r[0], r[1], false); assist.CodeOf(err) != CodeBadRange {
			t.Errorf("%v: %v", r, err)
		}
	}
}

// Buckets follow each other without a gap, lie on the shop's days, and the days
// before are as many.
func TestBucketsAreTheRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia", "Africa/Cairo", "America/Havana"}).Draw(t, "zone"))
		first := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 7000).Draw(t, "first"))
		days := rapid.IntRange(1, mostDays).Draw(t, "days")
		last := first.AddDate(0, 0, days-1)
		byWeek := rapid.Bool().Draw(t, "by week")
		s, err := cut(z, day(first), day(last), byWeek)
		if err != nil {
			t.Fatal(err)
		}
		next := first
		for i, b := range s.buckets {
			if b.From != day(next) || s.bounds[i].After(s.bounds[i+1]) {
				t.Fatalf("bucket %d is %v from %v", i, b, s.bounds[i])
			}
			if got := s.bounds[i].In(z); z.String() != "Pacific/Apia" && (day(got) != b.From || day(got.Add(-time.Second)) == b.From) {
				t.Fatalf("bucket %d begins at %v", i, got)
			}
			to, _ := time.Parse(time.DateOnly, b.To)
			if byWeek && i > 0 && next.Weekday() != time.Monday {
				t.Fatalf("week %d begins on a %s", i, next.Weekday())
			}
			next = to.AddDate(0, 0, 1)
		}
		if next != last.AddDate(0, 0, 1) || s.before != (Days{day(first.AddDate(0, 0, -days)), day(first.AddDate(0, 0, -1))}) {
			t.Fatalf("ends on %v, before is %v", next, s.before)
		}
	})
}
