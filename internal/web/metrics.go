package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are what /metrics tells, in a registry of their own. The engine is
// observed through its exported methods.
type Metrics struct {
	registry *prometheus.Registry

	sockets    prometheus.Gauge
	closes     *prometheus.CounterVec
	frames     *prometheus.CounterVec
	errors     *prometheus.CounterVec
	gaps       prometheus.Counter
	requests   *prometheus.HistogramVec
	turns      *prometheus.CounterVec
	turnTime   *prometheus.HistogramVec
	firstDelta prometheus.Histogram
	tokens     *prometheus.CounterVec
	cost       *prometheus.CounterVec
	failures   *prometheus.CounterVec
}

// NewMetrics makes a registry with everything in it, the Go runtime's and the
// process's own figures included.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		sockets:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "careloop_sockets", Help: "Open sockets of shoppers."}),
		closes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "careloop_sockets_closed_total", Help: "Sockets that the server closed, by close code."}, []string{"code"}),
		frames: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "careloop_frames_received_total", Help: "Frames from shoppers, by type."}, []string{"type"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "careloop_errors_total", Help: "Errors told to shoppers, by code."}, []string{"code"}),
		gaps: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "careloop_gaps_total", Help: "Gaps in live events that were filled from the store."}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "careloop_http_request_seconds", Help: "HTTP requests, by route and status.",
			Buckets: []float64{.001, .005, .01, .05, .1, .5, 1, 5}}, []string{"route", "status"}),
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "careloop_turns_total", Help: "Turns that ended, by outcome and reason."}, []string{"outcome", "reason"}),
		turnTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "careloop_turn_seconds", Help: "Turns from accept to finish, by outcome.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}}, []string{"outcome"}),
		firstDelta: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "careloop_first_delta_seconds", Help: "From accept to the first text of the answer.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "careloop_model_tokens_total", Help: "Tokens that models took and gave, by model and direction."}, []string{"model", "direction"}),
		cost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "careloop_model_cost_dollars_total", Help: "What models cost, by model."}, []string{"model"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "careloop_model_failures_total", Help: "Calls of models that failed, by model and failure."}, []string{"model", "failure"}),
	}
	m.registry.MustRegister(m.sockets, m.closes, m.frames, m.errors, m.gaps, m.requests, m.turns, m.turnTime,
		m.firstDelta, m.tokens, m.cost, m.failures,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// TurnEnded counts a turn. outcome is an assist.Outcome, or "superseded" or
// "lost"; reason is empty except where it escalated.
func (m *Metrics) TurnEnded(outcome, reason string, took time.Duration) {
	m.turns.WithLabelValues(outcome, reason).Inc()
	m.turnTime.WithLabelValues(outcome).Observe(took.Seconds())
}

// FirstDelta notes how long a shopper waited for the first text of an answer.
func (m *Metrics) FirstDelta(took time.Duration) { m.firstDelta.Observe(took.Seconds()) }

// ModelCalled counts a call of a model; cost is in millionths of a dollar,
// failure empty where the call was of use.
func (m *Metrics) ModelCalled(model string, promptTokens, completionTokens int, cost int64, failure string) {
	m.tokens.WithLabelValues(model, "in").Add(float64(promptTokens))
	m.tokens.WithLabelValues(model, "out").Add(float64(completionTokens))
	m.cost.WithLabelValues(model).Add(float64(cost) / 1e6)
	if failure != "" {
		m.failures.WithLabelValues(model, failure).Inc()
	}
}

// Registry is where others register figures of their own.
func (m *Metrics) Registry() prometheus.Registerer { return m.registry }

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Metrics) frameReceived(kind string) { m.frames.WithLabelValues(kind).Inc() }

func (m *Metrics) errorSent(code string) { m.errors.WithLabelValues(code).Inc() }

func (m *Metrics) socketClosed(code int) { m.closes.WithLabelValues(strconv.Itoa(code)).Inc() }

func (m *Metrics) requestServed(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}
