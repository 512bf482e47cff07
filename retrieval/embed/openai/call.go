package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxAttempts = 4
	maxPause    = 30 * time.Second
	maxError    = 4 << 10 // bytes read of a refusal
	// A number of a vector takes at most some 25 bytes; the longest vectors have
	// 16,000 of them.
	maxVector = 25 * 16_000
)

type request struct {
	Model          string   `json:"model"`
	Input          []string `json:"input"`
	EncodingFormat string   `json:"encoding_format"`
	Dimensions     int      `json:"dimensions,omitempty"`
}

type response struct {
	Data []struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	} `json:"data"`
}

// failure is what one attempt ended in.
type failure struct {
	err   error
	again bool          // worth another attempt
	after time.Duration // that the server asked for; 0: none
}

func (e *Embedder) embedBatch(ctx context.Context, inputs []string) ([][]float32, error) {
	body, err := json.Marshal(request{Model: e.o.Model, Input: inputs, EncodingFormat: "float", Dimensions: e.o.Dimensions})
	if err != nil {
		return nil, err
	}
	pause := e.pause
	for attempt := 1; ; attempt++ {
		vectors, failed := e.attempt(ctx, body, len(inputs))
		if failed == nil {
			return vectors, nil
		}
		if !failed.again || attempt == maxAttempts || ctx.Err() != nil {
			return nil, fmt.Errorf("embed by %s: %w", e.o.Model, failed.err)
		}
		wait := failed.after
		if wait == 0 {
			wait = pause/2 + rand.N(pause)
			pause *= 2
		}
		deadline, bounded := ctx.Deadline()
		if wait > maxPause || (bounded && time.Until(deadline) < wait) {
			return nil, fmt.Errorf("embed by %s: %w (the next attempt would come too late)", e.o.Model, failed.err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("embed by %s: %w", e.o.Model, errors.Join(ctx.Err(), failed.err))
		case <-timer.C:
		}
	}
}

func (e *Embedder) attempt(ctx context.Context, body []byte, n int) ([][]float32, *failure) {
	ctx, cancel := context.WithTimeout(ctx, e.o.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, &failure{err: err}
	}
	r.Header.Set("Content-Type", "application/json")
	if e.o.APIKey != "" {
		r.Header.Set("Authorization", "Bearer "+e.o.APIKey)
	}
	answer, err := e.client.Do(r)
	if err != nil {
		return nil, &failure{err: err, again: true}
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, refusal(answer)
	}
	limit := int64(n)*maxVector + maxError
	raw, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	switch {
	case err != nil:
		return nil, &failure{err: fmt.Errorf("the answer broke off: %w", err), again: true}
	case int64(len(raw)) > limit:
		return nil, &failure{err: fmt.Errorf("the answer is longer than %d bytes", limit)}
	}
	vectors, err := e.read(raw, n)
	if err != nil {
		return nil, &failure{err: err}
	}
	return vectors, nil
}

func refusal(answer *http.Response) *failure {
	said, _ := io.ReadAll(io.LimitReader(answer.Body, maxError))
	f := &failure{err: fmt.Errorf("the server says %s: %s", answer.Status, clean(said))}
	switch code := answer.StatusCode; {
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= 500 && code != http.StatusNotImplemented:
		f.again, f.after = true, retryAfter(answer.Header.Get("Retry-After"))
	}
	return f
}

// clean makes one short line of what a server said.
func clean(said []byte) string {
	line := strings.Join(strings.Fields(strings.ToValidUTF8(string(said), "")), " ")
	if r := []rune(line); len(r) > 300 {
		line = string(r[:300]) + "…"
	}
	return line
}

// retryAfter reads the header's two forms, seconds and a date.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 3600)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// read checks an answer against what was asked: a vector for each text, all of
// the length that this embedder's vectors have.
func (e *Embedder) read(raw []byte, n int) ([][]float32, error) {
	var r response
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("the answer is no list of embeddings: %w", err)
	}
	if len(r.Data) != n {
		return nil, fmt.Errorf("%d texts gave %d vectors", n, len(r.Data))
	}
	vectors := make([][]float32, n)
	for _, d := range r.Data {
		if d.Index < 0 || d.Index >= n || vectors[d.Index] != nil {
			return nil, fmt.Errorf("the vector of text %d is missing or comes twice", d.Index)
		}
		length := int64(len(d.Embedding))
		if !e.dimensions.CompareAndSwap(0, length) && e.dimensions.Load() != length || length == 0 {
			return nil, fmt.Errorf("a vector has length %d instead of %d", length, e.dimensions.Load())
		}
		if err := normal(d.Embedding); err != nil {
			return nil, err
		}
		vectors[d.Index] = d.Embedding
	}
	return vectors, nil
}
