package web

import (
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/live"
)

var (
	_ Signals = (*live.Bus)(nil)
	_ Desk    = (*assist.Engine)(nil)
)

// published is a world whose signals go through a real bus.
type published struct {
	*world
	bus *live.Bus
}

func (p published) Subscribe(shopperID string, fn func(assist.Signal)) func() {
	return p.bus.Subscribe(shopperID, fn)
}

func (p published) OnResync(fn func()) { p.bus.OnResync(fn) }

// A desk on one side of the bus, a shopper on the other.
func TestThroughTheBus(t *testing.T) {
	bus, err := live.Open(live.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	w := newWorld()
	_, address := serve(t, w, func(o *Options) { o.Signals = published{w, bus} })
	c, token, conv := begin(t, w, address)
	other := dial(t, address, nil)
	other.hello(fmt.Sprintf(`,"visitor_token":%q`, token))
	other.expectEvent(1)
	bus.Publish(conv.delta(0, "You can"))
	w.mu.Lock()
	w.append(conv, assist.Event{Kind: assist.KindMessage, Text: "lost on the way"})
	last := w.append(conv, assist.Event{Kind: assist.KindMessage, Text: "You can"})
	w.mu.Unlock()
	bus.Publish(last)
	for _, c := range []*client{c, other} {
		if d := c.expect("delta"); d.Text != "You can" {
			t.Errorf("%+v", d)
		}
		c.expectEvent(2)
		c.expectEvent(3)
	}
}
