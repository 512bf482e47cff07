package telemetry

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
)

func TestTracesReachTheCollector(t *testing.T) {
	var mu sync.Mutex
	var paths []string
	var bodies int
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
		if r.ContentLength > 0 {
			bodies++
		}
		w.WriteHeader(http.StatusOK)
	}))
	defer collector.Close()
	stop, err := StartTracing(t.Context(), collector.URL, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	_, span := otel.Tracer("test").Start(t.Context(), "a turn")
	if !span.SpanContext().IsValid() {
		t.Error("the span is not recorded")
	}
	span.End()
	for range 2 {
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(paths) != 1 || paths[0] != "/v1/traces" || bodies != 1 {
		t.Errorf("the collector got %v, %d with a body", paths, bodies)
	}
}

func TestNoEndpointNoTracing(t *testing.T) {
	before := otel.GetTracerProvider()
	stop, err := StartTracing(t.Context(), "", "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	if otel.GetTracerProvider() != before {
		t.Error("a provider is set without an endpoint")
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestLoggerFormats(t *testing.T) {
	for format, want := range map[string]string{"json": `"msg":"x"`, "text": "msg=x"} {
		var out bytes.Buffer
		log := NewLogger(&out, format, slog.LevelInfo)
		log.Debug("hidden")
		log.Info("x")
		if s := out.String(); !strings.Contains(s, want) || strings.Contains(s, "hidden") {
			t.Errorf("%s: %s", format, s)
		}
	}
}
