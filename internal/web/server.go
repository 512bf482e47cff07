package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"
)

// maxHeader bounds an HTTP request's head, in bytes.
const maxHeader = 32 << 10

// Server is the whole of HTTP. Start it with Serve; end it with Drain, then
// Shutdown.
type Server struct {
	Options
	echo    *echo.Echo
	http    *http.Server
	hub     *hub
	limiter *limiter
	assets  *assets
	// pages holds pages of the help centre, which are as old as this server.
	pages, largePages *lru.Cache[string, keptPage]
	began             time.Time
	// consoleDocument describes the console's REST interface.
	consoleDocument *huma.OpenAPI
	draining        atomic.Bool
}

// New makes a server that listens nowhere yet. Its socket work begins at once,
// so Shutdown is due even where Serve was never called.
func New(o Options) (*Server, error) {
	if o.Desk == nil || o.Store == nil || o.Signals == nil || o.Phrase == nil {
		return nil, errors.New("web: Desk, Store, Signals and Phrase are needed")
	}
	if (o.Accounts == nil) != (o.Inbox == nil) {
		return nil, errors.New("web: Accounts and Inbox come together")
	}
	o.Timing = o.Timing.withDefaults()
	o.Limits = o.Limits.withDefaults()
	if o.TokenLife == 0 {
		o.TokenLife = 180 * 24 * time.Hour
	}
	if o.MaxText == 0 {
		o.MaxText = 4000
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	if o.PublicURL != "" && normalOrigin(o.PublicURL) == "" {
		return nil, fmt.Errorf("web: the public URL %q is not an http or https address", o.PublicURL)
	}
	a, err := newAssets(o.Widget, o.Console, o.Storefront)
	if err != nil {
		return nil, err
	}
	s := &Server{Options: o, assets: a, hub: newHub(o), pages: newPageCache(keptPages), largePages: newPageCache(largePages), began: time.Now()}
	s.limiter = s.hub.limiter
	s.echo = s.routes()
	s.http = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: o.Timing.ReadHead,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       o.Timing.Idle,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Handler is the server without its listener.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			// HEAD is GET without its body, which the HTTP server leaves out.
			asGet := *r
			asGet.Method = http.MethodGet
			r = &asGet
		}
		s.echo.ServeHTTP(w, r)
	})
}

// Serve answers on a listener until Shutdown; then it returns nil.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Drain makes /readyz say no and refuses new sockets; those that are open go
// on. Between Drain and Shutdown is the time to finish what runs.
func (s *Server) Drain() { s.draining.Store(true) }

// Shutdown stops accepting, closes the sockets with 1012, spread over
// Timing.Spread, and returns when all is done or, with its error, when ctx
// ends. It may be called again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	// http.Server knows nothing of sockets: they left it when they were
	// upgraded. So they are closed apart, and first: their pages may still want
	// to load something.
	sockets := s.hub.shutdown(ctx)
	requests := s.http.Shutdown(ctx)
	if requests != nil {
		requests = errors.Join(requests, s.http.Close())
	}
	return errors.Join(sockets, requests)
}
