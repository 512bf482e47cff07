package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

// echoCommand makes this program the server that idle sockets are compared
// with.
const echoCommand = "echo"

// serveEcho is the handler that gorilla's own example shows: a default Upgrader
// and a loop that sends back what it reads. It serves until it is killed.
func serveEcho() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	var upgrader websocket.Upgrader
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		for {
			kind, data, err := conn.ReadMessage()
			if err != nil {
				return
			}
			if err := conn.WriteMessage(kind, data); err != nil {
				return
			}
		}
	})
	slog.New(slog.NewJSONHandler(os.Stderr, nil)).Info("ready", "address", listener.Addr().String())
	return http.Serve(listener, mux)
}
