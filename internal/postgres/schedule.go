package postgres

import (
	"time"

	"github.com/careloop/careloop/assist/hours"
)

// calendarOf reads a shop's hours. A table that makes no sense says nothing: it
// counts as always open, and nobody is told when.
func calendarOf(t hours.Table) hours.Calendar {
	c, err := hours.New(t)
	if err != nil {
		c, _ = hours.New(hours.Table{TimeZone: "UTC"})
	}
	return c
}

// opensAt is when the shop's people are back, on the shop's clock; nil while
// they should be there, and where there is no telling.
func opensAt(c hours.Calendar, at time.Time) *time.Time {
	if c.Open(at) {
		return nil
	}
	next, ok := c.Next(at)
	if !ok {
		return nil
	}
	next = next.In(c.Zone())
	return &next
}
