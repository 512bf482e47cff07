package web

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bound what one shopper and one address may do to this replica; each 0
// means its default. An IPv6 address counts by its /64 network.
type Limits struct {
	MessagesPerMinute int // of a shopper; 20
	MessageBurst      int // of a shopper; 5
	// Every message may cost a model's turn, so there is an hourly bound too.
	MessagesPerHour        int // of a shopper; 120
	AddressMessagesPerHour int // of all shoppers at an address; 600
	AddressMessageBurst    int // at once; 60

	FramesPerSecond int // of a socket, pings included; 10, and 60 at once
	FrameBurst      int
	BytesPerSecond  int // of a socket; 16 KiB, and 256 KiB at once
	ByteBurst       int

	SocketsPerShopper  int // 10
	SocketsPerAddress  int // 100
	NewShoppersPerHour int // of an address; 600, and 60 at once
	RequestsPerSecond  int // of an address, over HTTP; 20, and 100 at once
	RequestBurst       int

	// Refusals is how often a socket may be refused for going too fast, without
	// one frame that was let through, before it is closed; 20.
	Refusals int
}

func (l Limits) withDefaults() Limits {
	set := func(n *int, standard int) {
		if *n == 0 {
			*n = standard
		}
	}
	set(&l.MessagesPerMinute, 20)
	set(&l.MessageBurst, 5)
	set(&l.MessagesPerHour, 120)
	set(&l.AddressMessagesPerHour, 600)
	set(&l.AddressMessageBurst, 60)
	set(&l.FramesPerSecond, 10)
	set(&l.FrameBurst, 60)
	set(&l.BytesPerSecond, 16<<10)
	set(&l.ByteBurst, 256<<10)
	set(&l.SocketsPerShopper, 10)
	set(&l.SocketsPerAddress, 100)
	set(&l.NewShoppersPerHour, 600)
	set(&l.RequestsPerSecond, 20)
	set(&l.RequestBurst, 100)
	set(&l.Refusals, 20)
	return l
}

// newShopperBurst is how many new shoppers an address may bring at once.
const newShopperBurst = 60

const (
	// maxBuckets bounds each generation of a bucketSet.
	maxBuckets = 50_000
	// generation is how long an unused bucket is kept at least. Every bucket
	// here refills within an hour at most, so that forgetting one earlier gives
	// a burst again to those who were quiet, and to nobody else.
	generation = 20 * time.Minute
)

// bucketSet is a token bucket for each key, in bounded memory: the set keeps
// two generations, and what was not used in the younger one is forgotten. When
// a flood of keys fills a generation, the turn-over comes early.
type bucketSet struct {
	limit rate.Limit
	burst int

	mu      sync.Mutex
	young   map[string]*rate.Limiter
	old     map[string]*rate.Limiter
	started time.Time
}

func newBucketSet(limit rate.Limit, burst int) *bucketSet {
	return &bucketSet{limit: limit, burst: burst, young: map[string]*rate.Limiter{}}
}

func (b *bucketSet) get(key string, now time.Time) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.young[key]; ok {
		return l
	}
	if len(b.young) >= maxBuckets || now.Sub(b.started) > generation {
		b.old, b.young, b.started = b.young, map[string]*rate.Limiter{}, now
	}
	l, ok := b.old[key]
	if !ok {
		l = rate.NewLimiter(b.limit, b.burst)
	}
	b.young[key] = l
	return l
}

// bucket names one bucket of a set.
type bucket struct {
	set *bucketSet
	key string
}

// take takes one token out of each bucket, or none and says how long to wait.
func take(now time.Time, buckets ...bucket) (wait time.Duration) {
	taken := make([]*rate.Reservation, 0, len(buckets))
	for _, b := range buckets {
		r := b.set.get(b.key, now).ReserveN(now, 1)
		taken = append(taken, r)
		wait = max(wait, r.DelayFrom(now))
	}
	if wait > 0 {
		for _, r := range taken {
			r.CancelAt(now)
		}
	}
	return wait
}

// counters counts what is held at a time by each key; a key that holds nothing
// takes no memory.
type counters struct {
	mu sync.Mutex
	n  map[string]int
}

func newCounters() *counters { return &counters{n: map[string]int{}} }

// hold counts one up unless the key holds max already.
func (c *counters) hold(key string, max int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n[key] >= max {
		return false
	}
	c.n[key]++
	return true
}

func (c *counters) release(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n[key]--; c.n[key] <= 0 {
		delete(c.n, key)
	}
}

// pace bounds how fast one socket sends frames and bytes. It is smaller than
// two rate.Limiters, and there is one in each socket.
type pace struct {
	last          time.Time
	frames, bytes float64 // that may be sent now
}

// allow takes a frame of n bytes out, or says that it came too soon.
func (p *pace) allow(l Limits, n int, now time.Time) bool {
	if p.last.IsZero() {
		p.frames, p.bytes = float64(l.FrameBurst), float64(l.ByteBurst)
	} else {
		passed := now.Sub(p.last).Seconds()
		p.frames = min(float64(l.FrameBurst), p.frames+passed*float64(l.FramesPerSecond))
		p.bytes = min(float64(l.ByteBurst), p.bytes+passed*float64(l.BytesPerSecond))
	}
	p.last = now
	if p.frames < 1 || p.bytes < float64(n) {
		return false
	}
	p.frames--
	p.bytes -= float64(n)
	return true
}

// limiter applies Limits.
type limiter struct {
	Limits
	shopperMinute, shopperHour *bucketSet
	shopperActs                *bucketSet
	addressMessages            *bucketSet
	addressShoppers            *bucketSet
	addressRequests            *bucketSet
	shopperSockets             *counters
	addressSockets             *counters
}

func newLimiter(l Limits) *limiter {
	perHour := func(n int) rate.Limit { return rate.Limit(float64(n) / 3600) }
	return &limiter{
		Limits:          l,
		shopperMinute:   newBucketSet(rate.Limit(float64(l.MessagesPerMinute)/60), l.MessageBurst),
		shopperHour:     newBucketSet(perHour(l.MessagesPerHour), l.MessagesPerHour),
		shopperActs:     newBucketSet(rate.Limit(float64(l.MessagesPerMinute)/60), l.MessageBurst),
		addressMessages: newBucketSet(perHour(l.AddressMessagesPerHour), l.AddressMessageBurst),
		addressShoppers: newBucketSet(perHour(l.NewShoppersPerHour), newShopperBurst),
		addressRequests: newBucketSet(rate.Limit(l.RequestsPerSecond), l.RequestBurst),
		shopperSockets:  newCounters(),
		addressSockets:  newCounters(),
	}
}

// message says how long a shopper must wait before the next message; 0 lets it
// through.
func (l *limiter) message(shopperID, address string, now time.Time) time.Duration {
	return take(now,
		bucket{l.shopperMinute, shopperID},
		bucket{l.shopperHour, shopperID},
		bucket{l.addressMessages, address})
}

// act is message for what costs no turn: ratings and wishes for a person.
func (l *limiter) act(shopperID string, now time.Time) time.Duration {
	return take(now, bucket{l.shopperActs, shopperID})
}

func (l *limiter) newShopper(address string, now time.Time) time.Duration {
	return take(now, bucket{l.addressShoppers, address})
}

func (l *limiter) request(address string, now time.Time) time.Duration {
	return take(now, bucket{l.addressRequests, address})
}

// addressKey is what an address is counted by.
func addressKey(a netip.Addr) string {
	if !a.IsValid() {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		// Whoever has one IPv6 address has its whole /64.
		p, err := a.Prefix(64)
		if err == nil {
			return p.String()
		}
	}
	return a.String()
}
