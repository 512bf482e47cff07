package insight

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/careloop/careloop/assist/hours"
)

// Desk answers questions about figures.
type Desk struct {
	store Store
	now   func() time.Time
	// places bounds how many questions are worked on at once: figures are read
	// beside shoppers who wait. Who finds no place waits as long as their
	// request does.
	places chan struct{}
}

// atOnce is how many questions one process works on.
const atOnce = 2

// New makes a desk.
func New(store Store) *Desk {
	return &Desk{store: store, now: time.Now, places: make(chan struct{}, atOnce)}
}

func (d *Desk) enter(ctx context.Context) (leave func(), err error) {
	select {
	case d.places <- struct{}{}:
		return func() { <-d.places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// About is what a page has to know before it asks.
type About struct {
	TimeZone  string   `json:"time_zone"`
	Today     string   `json:"today" doc:"The day at the shop"`
	First     string   `json:"first" doc:"The day of the first conversation; empty: there is none"`
	Languages []string `json:"languages" doc:"Of its conversations"`
}

// About reads it.
func (d *Desk) About(ctx context.Context, siteID string) (About, error) {
	shop, err := d.store.Shop(ctx, siteID)
	if err != nil {
		return About{}, err
	}
	zone := calendar(shop.Hours).Zone()
	a := About{TimeZone: zone.String(), Today: day(d.now().In(zone)), Languages: shop.Languages}
	if !shop.First.IsZero() {
		a.First = day(shop.First.In(zone))
	}
	return a, nil
}

// calendar reads a shop's hours. A table that makes no sense counts as always
// open, as everywhere.
func calendar(t hours.Table) hours.Calendar {
	c, err := hours.New(t)
	if err != nil {
		c, _ = hours.New(hours.Table{TimeZone: "UTC"})
	}
	return c
}

// prepare turns a question into instants. The question is completed on the way.
func (d *Desk) prepare(ctx context.Context, q *Question) (Ask, span, error) {
	shop, err := d.store.Shop(ctx, q.SiteID)
	if err != nil {
		return Ask{}, span{}, err
	}
	c := calendar(shop.Hours)
	s, err := cut(c.Zone(), q.From, q.To, q.ByWeek && q.Plot.OverTime())
	if err != nil {
		return Ask{}, span{}, err
	}
	// What is stored knows microseconds.
	if now := d.now(); q.AsOf.IsZero() || q.AsOf.After(now) {
		q.AsOf = now
	}
	q.AsOf = q.AsOf.UTC().Truncate(time.Microsecond)
	a := Ask{SiteID: q.SiteID, Plot: q.Plot, Language: q.Language, AsOf: q.AsOf}
	if !q.Plot.OverTime() {
		s.bounds = []time.Time{s.bounds[0], s.bounds[len(s.bounds)-1]}
		s.buckets = nil
	}
	if q.Plot == Wait {
		a.Open = c.Openings(s.earlier, q.AsOf)
	}
	a.Bounds = s.bounds
	return a, s, nil
}

// Figures counts a plot. Errors: CodeBadRange, assist.CodeUnknownSite.
func (d *Desk) Figures(ctx context.Context, q Question) (Figures, error) {
	return d.figures(ctx, q, most)
}

func (d *Desk) figures(ctx context.Context, q Question, articles int) (Figures, error) {
	leave, err := d.enter(ctx)
	if err != nil {
		return Figures{}, err
	}
	defer leave()
	a, s, err := d.prepare(ctx, &q)
	if err != nil {
		return Figures{}, err
	}
	now, before, err := d.both(ctx, a, s)
	if err != nil {
		return Figures{}, err
	}
	f := Figures{Plot: q.Plot, TimeZone: s.zone.String(), From: q.From, To: q.To, By: "day", Language: q.Language, AsOf: q.AsOf,
		Before: s.before, Few: Few, Buckets: orNone(s.buckets), Series: series(q.Plot, now, before, len(s.buckets))}
	if q.ByWeek {
		f.By = "week"
	}
	if q.Plot == Articles {
		if f.Series, err = d.named(ctx, q.SiteID, f.Series, articles); err != nil {
			return Figures{}, err
		}
	}
	return f, nil
}

// both counts the range and, beside it, the days before; articles are compared
// with each other, and not with themselves.
func (d *Desk) both(ctx context.Context, a Ask, s span) (now, before []Group, err error) {
	if a.Plot == Articles {
		now, err = d.store.Measure(ctx, a)
		return now, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	earlier := a
	earlier.Bounds = []time.Time{s.earlier, s.bounds[0]}
	done := make(chan error, 1)
	go func() {
		var err error
		before, err = d.store.Measure(ctx, earlier)
		done <- err
	}()
	now, err = d.store.Measure(ctx, a)
	if err != nil {
		cancel()
	}
	return now, before, cmp.Or(err, <-done)
}

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// series puts groups in their places.
func series(plot Plot, now, before []Group, buckets int) []Series {
	of := map[string]*Series{}
	add := func(key string) *Series {
		if of[key] == nil {
			of[key] = &Series{Key: key, Points: make([]Measure, buckets)}
		}
		return of[key]
	}
	for _, key := range keys[plot] {
		add(key)
	}
	for _, g := range now {
		s := add(g.Series)
		switch {
		case g.Bucket == 0:
			s.Now = sure(g.Measure)
			if buckets == 1 {
				s.Points[0] = s.Now
			}
		case g.Bucket <= buckets:
			s.Points[g.Bucket-1] = sure(g.Measure)
		}
	}
	for _, g := range before {
		if g.Bucket == 0 {
			add(g.Series).Before = sure(g.Measure)
		}
	}
	fixed := keys[plot]
	list := slices.Collect(maps.Values(of))
	slices.SortFunc(list, func(a, b *Series) int {
		if len(fixed) > 0 {
			return slices.Index(fixed, a.Key) - slices.Index(fixed, b.Key)
		}
		return cmp.Or(b.Now.N-a.Now.N, b.Before.N-a.Before.N, strings.Compare(a.Key, b.Key))
	})
	out := make([]Series, 0, len(list))
	for _, s := range list {
		out = append(out, *s)
	}
	return out
}

// sure leaves out the quantiles of too few.
func sure(m Measure) Measure {
	if m.N < Few {
		m.P25, m.P50, m.P75, m.P95 = nil, nil, nil, nil
	}
	return m
}

// most is how many of the articles that work, and of those that fail, are
// shown.
const most = 10

// named keeps the series of the articles that worked most and of those that
// failed most, and gives them their titles. What cited none of them in the range
// is left out.
func (d *Desk) named(ctx context.Context, siteID string, all []Series, most int) ([]Series, error) {
	type tally struct {
		id             string
		worked, failed int
	}
	of := map[string]*tally{}
	for _, s := range all {
		id, fate, _ := strings.Cut(s.Key, "/")
		t := of[id]
		if t == nil {
			t = &tally{id: id}
			of[id] = t
		}
		if fate == Worked {
			t.worked += s.Now.N
		} else {
			t.failed += s.Now.N
		}
	}
	list := slices.Collect(maps.Values(of))
	kept := map[string]bool{}
	keep := func(count func(*tally) int) {
		slices.SortFunc(list, func(a, b *tally) int { return cmp.Or(count(b)-count(a), strings.Compare(a.id, b.id)) })
		for _, t := range list[:min(len(list), most)] {
			if count(t) > 0 {
				kept[t.id] = true
			}
		}
	}
	keep(func(t *tally) int { return t.worked })
	keep(func(t *tally) int { return t.failed })
	titles, err := d.store.Titles(ctx, siteID, slices.Sorted(maps.Keys(kept)))
	if err != nil {
		return nil, err
	}
	out := []Series{}
	for _, s := range all {
		id, _, _ := strings.Cut(s.Key, "/")
		if kept[id] {
			s.Title = titles[id]
			out = append(out, s)
		}
	}
	return out, nil
}

// Behind lists the conversations behind a point: of a series (empty: of all), in
// the bucket that begins on the day at (empty: in the whole range).
// Errors: CodeBadRange, assist.CodeUnknownSite.
func (d *Desk) Behind(ctx context.Context, q Question, series, at string, limit, offset int) ([]Found, int, error) {
	leave, err := d.enter(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer leave()
	a, s, err := d.prepare(ctx, &q)
	if err != nil {
		return nil, 0, err
	}
	p := Point{Series: series, From: s.bounds[0], To: s.bounds[len(s.bounds)-1], Limit: limit, Offset: offset}
	if at != "" {
		i := slices.IndexFunc(s.buckets, func(b Days) bool { return b.From == at })
		if i < 0 {
			return []Found{}, 0, nil
		}
		p.From, p.To = s.bounds[i], s.bounds[i+1]
	}
	found, total, err := d.store.Behind(ctx, a, p)
	return orNone(found), total, err
}
