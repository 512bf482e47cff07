package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist"
)

// Bounds of what waits to be written to one socket. A reader that lets it grow
// beyond them is cut with 4408 and comes back with after_seq.
const (
	maxQueued      = 256
	maxQueuedBytes = 1 << 20
)

// maxReason is the longest reason that fits a close frame.
const maxReason = 123

// frame is something to be written.
type frame struct {
	opcode int // websocket.TextMessage, PingMessage or PongMessage
	data   []byte
}

// talk is what is said over a socket: the shopper's wire, or the console's.
type talk interface {
	// handle does what one frame asks for.
	handle(kind int, data []byte)
	// leave ends what the socket holds.
	leave()
	// resync looks whether the store holds more than the client. It waits.
	resync()
	// locale is the language of whoever is there, who their id; empty before they
	// said hello.
	locale() string
	who() string
	// following is the timeline that the socket is kept in step with; nil before
	// hello. The lock is held.
	following() *follow
	// events reads on in a conversation; see assist.Store.Events.
	events(ctx context.Context, conversationID string, after int64, limit int) ([]assist.Event, error)
	// show sends an event, apply whatever else a signal brings. The lock is held.
	show(e assist.Event)
	apply(sig assist.Signal)
}

// pump moves the frames of one connection. It costs one goroutine, the reader,
// which does nothing but read and so keeps a small stack: frames are handled,
// and written, in goroutines that live only as long as there is something to do.
type pump struct {
	hub     *hub
	conn    *websocket.Conn
	talk    talk
	address string // what it is counted by
	slot    uint8
	// Only the goroutine that reads or handles touches refusals and pace.
	refusals int
	pace     pace

	mu          sync.Mutex
	queue       []frame
	queuedBytes int
	writing     bool // a writer is running
	dead        bool // nothing is queued or written any more
	closeCode   int  // 0: open
	closeReason string
	written     chan struct{} // made by close; closed when the close frame is out
	room        chan struct{} // made by waitForRoom; closed when the queue is empty
	known       bool          // hello was said, and believed
}

// readBuffers hold frames while they are read and handled.
var readBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// run reads until the socket ends. It is the reader goroutine. welcome is false
// where the address has too many sockets already.
func (s *pump) run(welcome bool) {
	defer s.hub.work.Done()
	if !welcome {
		s.refuse(codeTooManySockets, "", 0)
		s.finish(nil)
		s.hub.remove(s)
		return
	}
	s.extend(s.hub.Timing.Hello)
	s.conn.SetPongHandler(s.onPong)
	s.conn.SetPingHandler(s.onPing)
	err := s.read()
	s.talk.leave()
	s.finish(err)
	s.hub.remove(s)
}

// read returns when the socket is not to be read any more.
func (s *pump) read() error {
	for {
		kind, r, err := s.conn.NextReader()
		if err != nil {
			if timedOut(err) && !s.greeted() {
				s.refuse(codeHelloExpected, "", 0)
			}
			return err
		}
		// Once begun, a frame must not take forever.
		if !s.extend(s.hub.Timing.Frame) {
			return nil
		}
		buffer := readBuffers.Get().(*bytes.Buffer)
		buffer.Reset()
		_, err = buffer.ReadFrom(io.LimitReader(r, maxFrame+1))
		if err == nil {
			s.await(kind, buffer.Bytes())
		}
		readBuffers.Put(buffer)
		if err != nil {
			return err
		}
		if !s.extend(s.silence()) {
			return nil
		}
	}
}

// extend gives the other side until the time from now to be heard of. It
// reports false when the socket is closing and nothing is to be read any more.
func (s *pump) extend(d time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closeCode != 0 || s.dead {
		return false
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(d))
	return true
}

// await handles a frame in a goroutine of its own and waits for it, so that the
// deep stack of decoding and storing does not stay with the idle socket.
func (s *pump) await(kind int, data []byte) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				s.hub.log.Error("socket: panic", "panic", p, "stack", string(debug.Stack()))
				s.hub.Metrics.errorSent("panic")
				s.close(closeInternal, "internal error")
			}
		}()
		s.talk.handle(kind, data)
	}()
	<-done
}

// silence is how long the other side may say nothing before it counts as dead.
func (s *pump) silence() time.Duration { return s.hub.Timing.Ping * 5 / 2 }

func (s *pump) greeted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known
}

func (s *pump) onPong(string) error {
	s.alive()
	return nil
}

func (s *pump) onPing(data string) error {
	// Pings count as frames: they cost an answer each.
	if !s.pace.allow(s.hub.Limits, len(data), time.Now()) {
		s.tooFast("", time.Second)
		return nil
	}
	s.alive()
	s.send(frame{websocket.PongMessage, []byte(data)})
	return nil
}

// alive puts death off. Before hello nothing but hello does.
func (s *pump) alive() {
	if s.greeted() {
		s.extend(s.silence())
	}
}

// send queues a frame. It never waits; a queue that is full closes the socket
// with 4408.
func (s *pump) send(f frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sendLocked(f)
}

func (s *pump) sendLocked(f frame) {
	if s.dead || s.closeCode != 0 {
		return
	}
	if len(s.queue) >= maxQueued || s.queuedBytes+len(f.data) > maxQueuedBytes {
		s.closeLocked(closeSlowReader, "too slow a reader")
		return
	}
	s.queue = append(s.queue, f)
	s.queuedBytes += len(f.data)
	s.startWriter()
}

// close closes the socket after what is queued, except that a slow reader's
// queue is dropped. The first call counts.
func (s *pump) close(code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeLocked(code, reason)
}

func (s *pump) closeLocked(code int, reason string) {
	if s.dead || s.closeCode != 0 {
		return
	}
	s.closeCode, s.closeReason = code, reason[:min(len(reason), maxReason)]
	s.written = make(chan struct{})
	if code == closeSlowReader {
		s.queue, s.queuedBytes = nil, 0
	}
	s.hub.Metrics.socketClosed(code)
	s.startWriter()
}

// startWriter is called with the lock held, by those whose goroutine the
// shutdown waits for or while the socket's reader still runs.
func (s *pump) startWriter() {
	if !s.writing {
		s.writing = true
		s.hub.goWork(s.write)
	}
}

// write writes what is queued, and the close frame after it, and ends.
func (s *pump) write() {
	for {
		s.mu.Lock()
		batch := s.queue
		s.queue, s.queuedBytes = nil, 0
		if len(batch) == 0 || s.dead {
			s.writing = false
			if s.room != nil {
				close(s.room)
				s.room = nil
			}
			code, reason, written := s.closeCode, s.closeReason, s.written
			s.mu.Unlock()
			if code != 0 {
				s.writeClose(code, reason)
				close(written)
			}
			return
		}
		s.mu.Unlock()
		for _, f := range batch {
			if err := s.writeFrame(f); err != nil {
				s.mu.Lock()
				s.dead = true
				s.mu.Unlock()
				// Ends the reader, which cleans up.
				_ = s.conn.SetReadDeadline(time.Now())
				break
			}
		}
	}
}

func (s *pump) writeFrame(f frame) error {
	deadline := time.Now().Add(s.hub.Timing.Write)
	if f.opcode == websocket.TextMessage {
		_ = s.conn.SetWriteDeadline(deadline)
		return s.conn.WriteMessage(f.opcode, f.data)
	}
	return s.conn.WriteControl(f.opcode, f.data, deadline)
}

func (s *pump) writeClose(code int, reason string) {
	data := websocket.FormatCloseMessage(code, reason)
	_ = s.conn.WriteControl(websocket.CloseMessage, data, time.Now().Add(s.hub.Timing.Write))
	// From now on the other side has a moment to answer.
	_ = s.conn.SetReadDeadline(time.Now().Add(s.hub.Timing.Linger))
}

// finish ends the connection. If it was closed from this side, the close frame
// goes out first and the other side has a moment to answer it: closing at once,
// with bytes unread, would reset the connection and lose the frames that say
// why.
func (s *pump) finish(err error) {
	s.mu.Lock()
	written := s.written
	if written == nil {
		s.dead = true
	}
	s.mu.Unlock()
	if written != nil {
		<-written // bounded by the write deadline
		_ = s.conn.SetReadDeadline(time.Now().Add(s.hub.Timing.Linger))
		for err == nil {
			_, _, err = s.conn.NextReader()
		}
	}
	s.mu.Lock()
	s.dead = true
	s.mu.Unlock()
	_ = s.conn.Close()
}

// cut ends the connection without a word.
func (s *pump) cut() { _ = s.conn.NetConn().Close() }

// waitForRoom waits until what was queued is written. It reports false when
// the socket has ended or did not take it in time.
func (s *pump) waitForRoom() bool {
	s.mu.Lock()
	if s.dead || s.closeCode != 0 {
		s.mu.Unlock()
		return false
	}
	if !s.writing {
		s.mu.Unlock()
		return true
	}
	if s.room == nil {
		s.room = make(chan struct{})
	}
	room := s.room
	s.mu.Unlock()
	timer := time.NewTimer(s.hub.Timing.Write)
	defer timer.Stop()
	select {
	case <-room:
		return true
	case <-s.hub.ctx.Done():
	case <-timer.C:
	}
	return false
}

func timedOut(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
