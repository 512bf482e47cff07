package postgres

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
)

// BenchmarkTurn accepts messages and finishes their turns, one after the other.
func BenchmarkTurn(b *testing.B) {
	s := newShop(b)
	did := s.opened(b, "r")
	var accept, finish []time.Duration
	for b.Loop() {
		start := time.Now()
		next, err := s.Accept(b.Context(), s.say(did.Conversation.ID, strconv.Itoa(len(accept)), "Where is my parcel?", "r"))
		if err != nil {
			b.Fatal(err)
		}
		accept = append(accept, time.Since(start))
		start = time.Now()
		if _, err := s.FinishTurn(b.Context(), answer(next.Turn.ID, "r")); err != nil && assist.CodeOf(err) != assist.CodeTurnOver {
			b.Fatal(err)
		}
		finish = append(finish, time.Since(start))
	}
	for name, took := range map[string][]time.Duration{"accept": accept, "finish": finish} {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), name+"-p50-µs")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), name+"-p99-µs")
	}
}
