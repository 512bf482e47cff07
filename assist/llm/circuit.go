package llm

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// circuit leaves a model alone that keeps failing.
//
// A failure is what says that the model or the way to it is ill: unavailable,
// rate limited, silent, cut short, garbled, endless. An answer is a success, and
// so is one that the provider filtered or that is empty: the server works.
//
// Not counted at all: what the caller ended (a cancelled call, an error of
// emit); a bad request, since one question that does not fit must not take the
// model from all others; and a wrong key, since it fails at once and without
// cost, and "unauthorized" says what to do where "circuit open" would hide it,
// and the first call with a new key works.
type circuit struct {
	name     string
	openFor  time.Duration
	breaker  *gobreaker.CircuitBreaker[struct{}]
	openedAt atomic.Int64 // Unix nanoseconds
}

func newCircuit(name string, p Policy) *circuit {
	c := &circuit{name: name, openFor: p.OpenFor}
	c.breaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        name,
		MaxRequests: 1,
		Timeout:     p.OpenFor,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= uint32(p.Failures) //nolint:gosec // a small number
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				c.openedAt.Store(time.Now().UnixNano())
			}
			if p.OnOpen == nil {
				return
			}
			switch {
			case to == gobreaker.StateOpen && from == gobreaker.StateClosed:
				p.OnOpen(name, true)
			case to == gobreaker.StateClosed:
				p.OnOpen(name, false)
			}
		},
		IsSuccessful: func(err error) bool { return verdict(err) == healthy },
		IsExcluded:   func(err error) bool { return verdict(err) == unknown },
	})
	return c
}

// do calls f unless the circuit is open, and counts how it ended.
func (c *circuit) do(f func() error) error {
	_, err := c.breaker.Execute(func() (struct{}, error) { return struct{}{}, f() })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		left := time.Until(time.Unix(0, c.openedAt.Load()).Add(c.openFor))
		return &Error{Kind: CircuitOpen, Model: c.name, RetryAfter: max(left, 0), Err: fmt.Errorf("failed too often: %w", err)}
	}
	return err
}

// judgement is what the end of a call says about the model.
type judgement int

const (
	healthy judgement = iota
	ill
	unknown
)

func verdict(err error) judgement {
	if err == nil {
		return healthy
	}
	var e *Error
	if !errors.As(err, &e) {
		return unknown
	}
	switch e.Kind {
	case Filtered, Empty:
		return healthy
	case Unauthorized, BadRequest:
		return unknown
	}
	return ill
}
