package live

import (
	"slices"
	"sync"

	"github.com/careloop/careloop/assist"
)

// fanout knows who listens for which shopper. One NATS subscription serves the
// whole process; this map does the rest, because a subscription for each socket
// would cost more memory than the socket.
type fanout struct {
	mu sync.RWMutex
	by map[string][]*listener
}

type listener struct {
	shopperID string
	fn        func(assist.Signal)
}

func newFanout() *fanout { return &fanout{by: map[string][]*listener{}} }

func (f *fanout) add(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	// A new slice each time: deliver reads the old one without the lock.
	f.by[l.shopperID] = append(slices.Clip(f.by[l.shopperID]), l)
}

func (f *fanout) remove(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.by[l.shopperID]
	left := make([]*listener, 0, len(old))
	for _, other := range old {
		if other != l {
			left = append(left, other)
		}
	}
	if len(left) == 0 {
		delete(f.by, l.shopperID)
		return
	}
	f.by[l.shopperID] = left
}

// listeners of a shopper; the slice must not be changed.
func (f *fanout) listeners(shopperID string) []*listener {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.by[shopperID]
}
