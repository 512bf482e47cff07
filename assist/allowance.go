package assist

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// TokenLimits bound what models may spend on one shopper and on all shoppers at
// one address, in tokens of prompts and answers per hour, on each replica.
type TokenLimits struct {
	Shopper, Address int
}

// allowances hand out tokens by the hour. Whoever has used theirs is answered
// without a model.
type allowances struct {
	limits TokenLimits
	mu     sync.Mutex
	swept  time.Time
	buys   map[string]*rate.Limiter
}

func newAllowances(l TokenLimits) *allowances {
	if l.Shopper == 0 {
		l.Shopper = 100_000
	}
	if l.Address == 0 {
		l.Address = 1_000_000
	}
	return &allowances{limits: l, buys: map[string]*rate.Limiter{}}
}

// take gives n tokens to a shopper at an address, or none at all. An empty
// address is not counted.
func (a *allowances) take(shopper, address string, n int, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sweep(now)
	of := []*rate.Limiter{a.limiter("shopper "+shopper, a.limits.Shopper)}
	if address != "" {
		of = append(of, a.limiter("address "+address, a.limits.Address))
	}
	for _, l := range of {
		if l.TokensAt(now) < float64(n) {
			return false
		}
	}
	for _, l := range of {
		l.AllowN(now, n)
	}
	return true
}

func (a *allowances) limiter(key string, perHour int) *rate.Limiter {
	l := a.buys[key]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(float64(perHour)/3600), perHour)
		a.buys[key] = l
	}
	return l
}

// sweep forgets, now and then, whoever has their whole hour again.
func (a *allowances) sweep(now time.Time) {
	if now.Sub(a.swept) < time.Minute {
		return
	}
	a.swept = now
	for key, l := range a.buys {
		if l.TokensAt(now) >= float64(l.Burst()) {
			delete(a.buys, key)
		}
	}
}
