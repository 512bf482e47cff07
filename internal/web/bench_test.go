package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist"
)

// socketServerVariable makes the test binary a server in a process of its own,
// so that its memory is nobody else's: "careloop" or "echo".
const socketServerVariable = "CARELOOP_TEST_SOCKET_SERVER"

// idleSockets is how many sockets are opened at each server.
const idleSockets = 2000

// BenchmarkIdleSocket compares the memory of an idle socket after hello with
// that of gorilla's echo handler in its default form, side by side.
//
//	go test -run '^$' -bench IdleSocket -benchtime 1x ./internal/web
func BenchmarkIdleSocket(b *testing.B) {
	for range b.N {
		echo := bytesPerSocket(b, "echo")
		ours := bytesPerSocket(b, "careloop")
		b.ReportMetric(echo, "echo-B/socket")
		b.ReportMetric(ours, "careloop-B/socket")
		b.ReportMetric(ours/echo, "ratio")
	}
}

// bytesPerSocket is how much the resident memory of a server grows by a socket.
func bytesPerSocket(b *testing.B, kind string) float64 {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), socketServerVariable+"="+kind)
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = stdin.Close() // ends it
		_ = child.Wait()
	}()
	lines := bufio.NewScanner(stdout)
	ask := func(question string) string {
		fmt.Fprintln(stdin, question)
		if !lines.Scan() {
			b.Fatalf("the %s server ended", kind)
		}
		return lines.Text()
	}
	resident := func() float64 {
		n, err := strconv.ParseFloat(ask("memory"), 64)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	address := ask("address")
	// Some first, so that what is made once is there already.
	open := func(n int) {
		for range n {
			c, _, err := (&websocket.Dialer{Subprotocols: []string{subprotocol}, ReadBufferSize: 256, WriteBufferSize: 256}).Dial("ws://"+address+"/v1/chat", nil)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = c.Close() })
			if err := c.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","locale":"en","page":{"url":"https://shop.example/p/1","title":"Boots"}}`)); err != nil {
				b.Fatal(err)
			}
			if _, _, err := c.ReadMessage(); err != nil {
				b.Fatal(err)
			}
		}
	}
	open(100)
	before := resident()
	open(idleSockets)
	return (resident() - before) / idleSockets
}

// serveForBenchmark is the process of a server: it answers questions on its
// standard input until that ends.
func serveForBenchmark() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		// Ends with the process.
		_ = http.Serve(l, handlerForBenchmark(os.Getenv(socketServerVariable)))
	}()
	questions := bufio.NewScanner(os.Stdin)
	for questions.Scan() {
		switch questions.Text() {
		case "address":
			fmt.Println(l.Addr())
		case "memory":
			runtime.GC()
			debug.FreeOSMemory()
			fmt.Println(residentBytes())
		}
	}
}

func handlerForBenchmark(kind string) http.Handler {
	if kind == "echo" {
		upgrader := websocket.Upgrader{}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer c.Close()
			for {
				kind, data, err := c.ReadMessage()
				if err != nil || c.WriteMessage(kind, data) != nil {
					return
				}
			}
		})
	}
	w := newWorld()
	s, err := New(Options{
		Desk: w, Store: forgetful{w}, Signals: w, Phrase: phrase, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Limits: Limits{SocketsPerAddress: 1 << 20, NewShoppersPerHour: 1 << 30, RequestBurst: 1 << 20},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return s.Handler()
}

// forgetful keeps no shoppers: a real store does not keep them in this process.
type forgetful struct{ *world }

func (forgetful) CreateShopper(_ context.Context, s assist.Shopper, _ []byte) (assist.Shopper, error) {
	s.ID = uuid.NewString()
	return s, nil
}

// residentBytes is what Linux says this process holds in memory.
func residentBytes() int64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
