package live

import (
	"slices"
	"sync"

	"github.com/careloop/careloop/assist"
)

// fanout knows who listens for which shopper, or for which site. One NATS subscription serves the
// whole process; this map does the rest, because a subscription for each socket
// would cost more memory than the socket.
type fanout struct {
	mu sync.RWMutex
	by map[string][]*listener
}

type listener struct {
	id string
	fn func(assist.Signal)
}

func newFanout() *fanout { return &fanout{by: map[string][]*listener{}} }

// listen hands what is for an id to fn until cancel is called.
func (f *fanout) listen(id string, fn func(assist.Signal)) (cancel func()) {
	l := &listener{id: id, fn: fn}
	f.add(l)
	return func() { f.remove(l) }
}

func (f *fanout) add(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	// A new slice each time: deliver reads the old one without the lock.
	f.by[l.id] = append(slices.Clip(f.by[l.id]), l)
}

func (f *fanout) remove(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.by[l.id]
	left := make([]*listener, 0, len(old))
	for _, other := range old {
		if other != l {
			left = append(left, other)
		}
	}
	if len(left) == 0 {
		delete(f.by, l.id)
		return
	}
	f.by[l.id] = left
}

// listeners of an id; the slice must not be changed.
func (f *fanout) listeners(id string) []*listener {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.by[id]
}
