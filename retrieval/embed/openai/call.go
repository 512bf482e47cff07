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

	"github.com/careloop/careloop/retrieval"
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
	text  bool          // it is the texts that the server will not take
}

// rest makes every request of this embedder wait, since it is the key and not the
// one request that a server limits.
func (e *Embedder) rest(d time.Duration) {
	until := time.Now().Add(d).UnixNano()
	for {
		has := e.notBefore.Load()
		if has >= until || e.notBefore.CompareAndSwap(has, until) {
			return
		}
	}
}

// wait waits until the server may be asked, at least d. Where that is too long
// for the caller, it does not wait at all and says when to come again.
func (e *Embedder) wait(ctx context.Context, d time.Duration, why error) error {
	d = max(d, time.Until(time.Unix(0, e.notBefore.Load())))
	if d <= 0 {
		return nil
	}
	deadline, bounded := ctx.Deadline()
	if d > maxPause || bounded && time.Until(deadline) < d {
		if why == nil {
			why = errors.New("the server has asked for a pause")
		}
		return &retrieval.LaterError{After: d, Err: fmt.Errorf("embed by %s: %w (the next attempt would come too late)", e.o.Model, why)}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("embed by %s: %w", e.o.Model, errors.Join(ctx.Err(), why))
	case <-timer.C:
		return nil
	}
}

func (e *Embedder) embedBatch(ctx context.Context, inputs []string) ([][]float32, error) {
	body, err := json.Marshal(request{Model: e.o.Model, Input: inputs, EncodingFormat: "float", Dimensions: e.o.Dimensions})
	if err != nil {
		return nil, err
	}
	if err := e.wait(ctx, 0, nil); err != nil {
		return nil, err
	}
	pause := e.pause
	for attempt := 1; ; attempt++ {
		vectors, failed := e.attempt(ctx, body, len(inputs))
		if failed == nil {
			return vectors, nil
		}
		err := fmt.Errorf("embed by %s: %w", e.o.Model, failed.err)
		if failed.after > 0 {
			e.rest(failed.after)
		}
		switch {
		case failed.text:
			return nil, &retrieval.RefusedError{Err: err}
		case !failed.again || ctx.Err() != nil:
			return nil, err
		case attempt == maxAttempts:
			if failed.after > 0 {
				return nil, &retrieval.LaterError{After: failed.after, Err: err}
			}
			return nil, err
		}
		var wait time.Duration
		if failed.after == 0 {
			wait = pause/2 + rand.N(pause)
			pause *= 2
		}
		if err := e.wait(ctx, wait, failed.err); err != nil {
			return nil, err
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
	case code == http.StatusBadRequest, code == http.StatusRequestEntityTooLarge, code == http.StatusUnprocessableEntity:
		f.text = true
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
