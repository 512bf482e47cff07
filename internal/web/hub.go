package web

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// subprotocol names the wire and its version.
const subprotocol = "careloop.v1"

// pingSlots is into how many parts the interval between pings is cut, so that
// the sockets are pinged a few at a time, by one goroutine for all.
const pingSlots = 30

// resyncAtOnce bounds how many sockets read the store at a time in a resync.
const resyncAtOnce = 4

// hub holds the open sockets of this process.
type hub struct {
	Options
	log     *slog.Logger
	origins *origins
	limiter *limiter
	// ctx is that of all work for sockets; it outlives requests and ends with
	// the server.
	ctx    context.Context
	cancel context.CancelFunc
	// work counts the goroutines of sockets.
	work sync.WaitGroup

	upgrader, consoleUpgrader websocket.Upgrader
	consoles                  *consoles

	mu       sync.Mutex
	slots    [pingSlots]map[*pump]struct{}
	nextSlot int
	open     int
	closing  bool
	empty    chan struct{} // closed when the last socket has left after closing
	left     bool          // empty is closed
	// resyncAgain asks for one more round when the one that runs is over.
	resyncing, resyncAgain bool
}

func newHub(o Options) *hub {
	ctx, cancel := context.WithCancel(context.Background())
	h := &hub{
		Options: o,
		log:     o.Logger,
		origins: newOrigins(o.Store, o.PublicURL, o.Timing.Origins),
		limiter: newLimiter(o.Limits),
		ctx:     ctx,
		cancel:  cancel,
		empty:   make(chan struct{}),
	}
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: o.Timing.Write,
		// Small buffers and pooled write buffers: a socket is idle most of its
		// life. A read buffer of its own lets go of the HTTP server's.
		// A control frame's payload is the least that fits; what is larger is read
		// past the buffer.
		ReadBufferSize:  128,
		WriteBufferSize: 2048,
		WriteBufferPool: &sync.Pool{},
		Subprotocols:    []string{subprotocol},
		// The origin was checked before; see serveSocket.
		CheckOrigin: func(*http.Request) bool { return true },
	}
	h.consoleUpgrader = h.upgrader
	h.consoleUpgrader.Subprotocols = []string{consoleSubprotocol}
	h.consoles = newConsoles(h)
	for i := range h.slots {
		h.slots[i] = map[*pump]struct{}{}
	}
	h.goWork(h.ping)
	if o.Accounts != nil {
		h.goWork(h.consoles.keep)
	}
	o.Signals.OnResync(h.resync)
	return h
}

// goWork runs fn in a goroutine that the shutdown waits for.
func (h *hub) goWork(fn func()) {
	h.work.Add(1)
	go func() {
		defer h.work.Done()
		fn()
	}()
}

// add takes a socket in; it reports false while the server shuts down.
func (h *hub) add(s *pump) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return false
	}
	s.slot = uint8(h.nextSlot)
	h.nextSlot = (h.nextSlot + 1) % pingSlots
	h.slots[s.slot][s] = struct{}{}
	h.open++
	// Counted under the lock: the shutdown begins to wait only after it.
	h.work.Add(1)
	h.Metrics.sockets.Set(float64(h.open))
	return true
}

func (h *hub) remove(s *pump) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.slots[s.slot], s)
	h.open--
	h.emptied()
	h.Metrics.sockets.Set(float64(h.open))
}

// emptied tells the shutdown that there is no socket left. The lock is held.
func (h *hub) emptied() {
	if h.closing && h.open == 0 && !h.left {
		h.left = true
		close(h.empty)
	}
}

func (h *hub) isClosing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closing
}

// ping pings one slot after another, each once in the interval.
func (h *hub) ping() {
	ticker := time.NewTicker(max(h.Timing.Ping/pingSlots, time.Millisecond))
	defer ticker.Stop()
	for slot := 0; ; slot = (slot + 1) % pingSlots {
		select {
		case <-h.ctx.Done():
			return
		case <-ticker.C:
		}
		for _, s := range h.inSlot(slot) {
			s.send(frame{opcode: websocket.PingMessage})
		}
	}
}

func (h *hub) inSlot(slot int) []*pump {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*pump, 0, len(h.slots[slot]))
	for s := range h.slots[slot] {
		list = append(list, s)
	}
	return list
}

func (h *hub) all() []*pump {
	var list []*pump
	for slot := range pingSlots {
		list = append(list, h.inSlot(slot)...)
	}
	return list
}

// resync makes every socket compare what it holds with the store. A call while
// one runs makes it run once more.
func (h *hub) resync() {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closing:
	case h.resyncing:
		h.resyncAgain = true
	default:
		h.resyncing = true
		h.goWork(h.resyncAll)
	}
}

// resyncAll reads for a few sockets at a time.
func (h *hub) resyncAll() {
	for {
		var group errgroup.Group
		group.SetLimit(resyncAtOnce)
		for _, s := range h.all() {
			group.Go(func() error {
				s.talk.resync()
				return nil
			})
		}
		_ = group.Wait() // the functions return no errors
		h.mu.Lock()
		again := h.resyncAgain && !h.closing
		h.resyncAgain = false
		h.resyncing = again
		h.mu.Unlock()
		if !again {
			return
		}
	}
}

// shutdown closes every socket with 1012, spread over a time so that they do
// not all come back at once, and waits for their goroutines until ctx ends;
// then it cuts what is left.
func (h *hub) shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.closing = true
	h.emptied()
	h.mu.Unlock()

	sockets := h.all()
	rand.Shuffle(len(sockets), func(i, j int) { sockets[i], sockets[j] = sockets[j], sockets[i] })
	var pause time.Duration
	if len(sockets) > 0 {
		pause = h.Timing.Spread / time.Duration(len(sockets))
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for _, s := range sockets {
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		s.close(closeRestart, "restarting")
		timer.Reset(pause)
	}

	select {
	case <-h.empty:
	case <-ctx.Done():
		for _, s := range sockets {
			s.cut()
		}
	}
	// The pinger and whatever still waits for the desk or the store.
	h.cancel()
	h.work.Wait()
	return ctx.Err()
}
