package live

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/careloop/careloop/assist"
)

// Subjects. The version stands in them so that replicas of two versions with
// different signals can share one cluster during an upgrade. A signal's subject
// ends in its site and its shopper, so that most need not be decoded to be
// passed over.
const (
	signalPrefix      = "careloop.v2.signal."
	supersededSubject = "careloop.v2.superseded"
	resyncSubject     = "careloop.v2.resync"
)

// nobody stands in a subject for a site or a shopper that a signal has not.
const nobody = "-"

const (
	// publishQueue bounds the signals that wait to go out to NATS; beyond it
	// they are dropped and everybody is called to resync.
	publishQueue = 8192
	// pendingSignals and pendingBytes bound what NATS keeps for this process
	// while its signals are being handed out; beyond it NATS drops.
	pendingSignals = 65536
	pendingBytes   = 64 << 20

	readyTimeout = 10 * time.Second
	pingEvery    = 5 * time.Second
	reconnectIn  = 500 * time.Millisecond
)

// Options say where the bus lives.
type Options struct {
	// URL names one or more NATS servers, divided by commas; empty means a
	// server inside this process that listens on no port.
	URL    string
	Logger *slog.Logger

	queue, pending int // smaller in tests
}

// Bus is assist.Bus over NATS. Close it to end its goroutines.
type Bus struct {
	log    *slog.Logger
	server *server.Server // nil where NATS runs elsewhere
	conn   *nats.Conn
	// shoppers and sites know who listens for which.
	shoppers, sites *fanout

	queue chan outgoing
	stop  chan struct{}
	done  sync.WaitGroup
	once  sync.Once
	ended chan struct{} // the connection is closed for good

	// connected is kept here because asking the NATS client takes a lock that
	// it holds while it writes.
	connected atomic.Bool
	lost      atomic.Bool // something was dropped that nobody was told of yet
	dropped   atomic.Int64

	mu           sync.RWMutex
	onSuperseded func(turnID string)
	onResync     func()
}

type outgoing struct {
	subject string
	data    []byte
}

var _ assist.Bus = (*Bus)(nil)

// Open starts or joins NATS and returns when signals flow.
func Open(o Options) (*Bus, error) {
	if o.queue == 0 {
		o.queue, o.pending = publishQueue, pendingSignals
	}
	b := &Bus{
		log:      o.Logger,
		shoppers: newFanout(), sites: newFanout(),
		queue: make(chan outgoing, o.queue),
		stop:  make(chan struct{}),
		ended: make(chan struct{}),
	}
	if b.log == nil {
		b.log = slog.Default()
	}
	options := []nats.Option{
		nats.Name("careloop"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectIn),
		// Notice a dead peer within some 10 seconds.
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(2),
		// What could not be sent during an outage is stale after it; everybody
		// resyncs instead.
		nats.ReconnectBufSize(-1),
		nats.ReconnectHandler(func(c *nats.Conn) {
			// The subscriptions must be back at the server before anybody reads
			// the store, or what comes between the two is missed.
			if err := c.FlushTimeout(readyTimeout); err != nil {
				_ = c.ForceReconnect() // ends here again, or the bus is closed
				return
			}
			b.connected.Store(true)
			b.log.Info("live: connection to NATS is back")
			b.resync()
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			b.connected.Store(false)
			if err != nil {
				b.log.Warn("live: connection to NATS lost", "error", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			b.log.Warn("live: NATS reports", "error", err)
			if errors.Is(err, nats.ErrSlowConsumer) {
				b.resync()
			}
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(b.ended) }),
	}
	url := o.URL
	if url == "" {
		if err := b.embed(); err != nil {
			return nil, err
		}
		options = append(options, nats.InProcessServer(b.server))
	}
	conn, err := nats.Connect(url, options...)
	if err != nil {
		b.stopServer()
		return nil, fmt.Errorf("live: connect to NATS: %w", err)
	}
	b.conn = conn
	b.connected.Store(true)
	if err := b.subscribe(o.pending); err != nil {
		conn.Close()
		b.stopServer()
		return nil, fmt.Errorf("live: subscribe: %w", err)
	}
	b.done.Add(1)
	go b.send()
	return b, nil
}

func (b *Bus) embed() error {
	s, err := server.NewServer(&server.Options{
		ServerName: "careloop-embedded",
		DontListen: true,
		NoSigs:     true,
		NoLog:      true,
	})
	if err != nil {
		return fmt.Errorf("live: make the embedded NATS server: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(readyTimeout) {
		s.Shutdown()
		s.WaitForShutdown()
		return errors.New("live: the embedded NATS server did not become ready")
	}
	b.server = s
	return nil
}

func (b *Bus) subscribe(pending int) error {
	subjects := map[string]nats.MsgHandler{
		signalPrefix + ">": b.receive,
		supersededSubject:  func(m *nats.Msg) { b.superseded(string(m.Data)) },
		resyncSubject:      func(*nats.Msg) { b.resync() },
	}
	for subject, handler := range subjects {
		sub, err := b.conn.Subscribe(subject, handler)
		if err != nil {
			return err
		}
		if err := sub.SetPendingLimits(pending, pendingBytes); err != nil {
			return err
		}
	}
	// Flushed, so that nothing that is published after Open is missed.
	return b.conn.FlushTimeout(readyTimeout)
}

// Publish sends a signal to every replica, this one included. It never waits:
// a signal that finds the queue full is dropped, and a resync makes up for it.
// While NATS is out of reach, signals are handed out in this process at once,
// so that an outage does not silence the replica that an answer runs on.
func (b *Bus) Publish(s assist.Signal) {
	if s.Superseded != "" {
		if !b.connected.Load() {
			b.superseded(s.Superseded)
			return
		}
		b.enqueue(outgoing{supersededSubject, []byte(s.Superseded)})
		return
	}
	if !b.connected.Load() {
		b.deliver(s)
		return
	}
	subject, ok := subjectOf(s)
	if !ok {
		b.log.Error("live: signal without a usable site or shopper", "conversation", s.ConversationID)
		return
	}
	data, err := json.Marshal(s)
	if err != nil {
		b.log.Error("live: encode signal", "error", err)
		return
	}
	b.enqueue(outgoing{subject, data})
}

// subjectOf is where a signal goes. It reports false for one that nobody could
// listen for.
func subjectOf(s assist.Signal) (string, bool) {
	site, shopper := cmp.Or(s.SiteID, nobody), cmp.Or(s.ShopperID, nobody)
	if site == nobody && shopper == nobody || !subjectSafe(site) || !subjectSafe(shopper) {
		return "", false
	}
	return signalPrefix + site + "." + shopper, true
}

func (b *Bus) enqueue(o outgoing) {
	select {
	case b.queue <- o:
	default:
		b.dropped.Add(1)
		b.lost.Store(true)
	}
}

// send owns the way out: the NATS client may block on a full pipe, and only
// this goroutine may wait for it.
func (b *Bus) send() {
	defer b.done.Done()
	for {
		select {
		case <-b.stop:
			return
		case o := <-b.queue:
			if err := b.conn.Publish(o.subject, o.data); err != nil {
				// Everybody resyncs when the connection is back.
				b.dropped.Add(1)
				b.lost.Store(true)
			}
		}
		if len(b.queue) == 0 && b.lost.CompareAndSwap(true, false) {
			b.log.Warn("live: signals were dropped, calling for a resync", "dropped_so_far", b.dropped.Load())
			if err := b.conn.Publish(resyncSubject, nil); err != nil {
				b.resync()
			}
		}
	}
}

func (b *Bus) receive(m *nats.Msg) {
	site, shopper, _ := strings.Cut(strings.TrimPrefix(m.Subject, signalPrefix), ".")
	// Most signals are for people on other replicas: not worth decoding.
	if len(b.shoppers.listeners(shopper)) == 0 && len(b.sites.listeners(site)) == 0 {
		return
	}
	var s assist.Signal
	if err := json.Unmarshal(m.Data, &s); err != nil {
		b.log.Error("live: decode signal", "error", err)
		return
	}
	if subject, ok := subjectOf(s); !ok || subject != m.Subject {
		b.log.Error("live: a signal's site or shopper differs from its subject")
		return
	}
	b.deliver(s)
}

// deliver hands a signal to those on this replica. What is for agents reaches no
// shopper from here on.
func (b *Bus) deliver(s assist.Signal) {
	if s.ShopperID != "" && !s.ForAgents() {
		for _, l := range b.shoppers.listeners(s.ShopperID) {
			l.fn(s)
		}
	}
	if s.SiteID != "" {
		for _, l := range b.sites.listeners(s.SiteID) {
			l.fn(s)
		}
	}
}

// Subscribe hands every signal of a shopper to fn until cancel is called, but for
// those that agents alone may hear. fn must not wait for anything; it may still
// run once while cancel returns.
func (b *Bus) Subscribe(shopperID string, fn func(assist.Signal)) (cancel func()) {
	return b.shoppers.listen(shopperID, fn)
}

// SubscribeSite is Subscribe for every signal of a site, those for agents
// included.
func (b *Bus) SubscribeSite(siteID string, fn func(assist.Signal)) (cancel func()) {
	return b.sites.listen(siteID, fn)
}

// OnSuperseded sets what is called, on every replica, when a turn was
// superseded. fn must not wait for anything.
func (b *Bus) OnSuperseded(fn func(turnID string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.onSuperseded = fn
}

// OnResync sets what is called when signals may have been lost: everybody is to
// compare what they hold with the store. fn must not wait for anything.
func (b *Bus) OnResync(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.onResync = fn
}

func (b *Bus) superseded(turnID string) {
	b.mu.RLock()
	fn := b.onSuperseded
	b.mu.RUnlock()
	if fn != nil {
		fn(turnID)
	}
}

func (b *Bus) resync() {
	b.mu.RLock()
	fn := b.onResync
	b.mu.RUnlock()
	if fn != nil {
		fn()
	}
}

// Dropped counts the signals that this process could not send.
func (b *Bus) Dropped() int64 { return b.dropped.Load() }

// Ready fails while there is no connection to NATS.
func (b *Bus) Ready(context.Context) error {
	if !b.connected.Load() {
		return errors.New("live: no connection to NATS")
	}
	return nil
}

// Close ends the bus and waits for its goroutines; nothing is handed out after
// it returned. It may be called twice.
func (b *Bus) Close() {
	b.once.Do(func() {
		close(b.stop)
		b.done.Wait()
		b.conn.Close()
		<-b.ended
		b.stopServer()
	})
}

func (b *Bus) stopServer() {
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
}

// subjectSafe tells whether an id can be one token of a NATS subject.
func subjectSafe(id string) bool {
	return id != "" && !strings.ContainsAny(id, ".*> \t\r\n")
}
