package live

import (
	"io"
	"log/slog"
	"testing"

	"github.com/careloop/careloop/assist"
)

// BenchmarkDelta is the way of one delta from Publish to a subscriber, through
// the embedded server.
func BenchmarkDelta(b *testing.B) {
	bus, err := Open(Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	defer bus.Close()
	got := make(chan struct{}, 1)
	defer bus.Subscribe("shopper", func(assist.Signal) { got <- struct{}{} })()
	s := assist.Signal{SiteID: "site", ShopperID: "shopper", ConversationID: "conversation",
		Delta: &assist.Delta{TurnID: "turn", Offset: 12, Text: " worn once"}}
	for b.Loop() {
		bus.Publish(s)
		<-got
	}
}
