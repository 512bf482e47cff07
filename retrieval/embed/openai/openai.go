// Package openai embeds texts through any server that speaks OpenAI's
// /embeddings: OpenAI itself, Ollama, llama.cpp, vLLM and others.
package openai

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Options say which model of which server embeds.
type Options struct {
	BaseURL string // up to and with the version, as in http://localhost:11434/v1
	APIKey  string // empty: none is sent
	Model   string
	// Dimensions asks the server for vectors of this length; 0 takes what the
	// model gives.
	Dimensions int
	// QueryPrefix and PassagePrefix stand before what is embedded, for models
	// that tell questions and passages apart by such words.
	QueryPrefix, PassagePrefix string
	// Batch is how many texts go into one request; 0 means 96.
	Batch int
	// Timeout bounds each attempt; 0 means 30 seconds.
	Timeout time.Duration
	Client  *http.Client // nil: one of its own
}

// Embedder turns texts into vectors. It is safe for concurrent use.
type Embedder struct {
	o          Options
	endpoint   string
	name       string
	client     *http.Client
	dimensions atomic.Int64
	pause      time.Duration // before the second attempt; doubles
	// notBefore is until when the server wants to be left alone, in nanoseconds
	// since 1970.
	notBefore atomic.Int64
}

// New checks the options. It does not call the server.
func New(o Options) (*Embedder, error) {
	base, err := url.Parse(o.BaseURL)
	switch {
	case err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "":
		return nil, fmt.Errorf("the embedder's address %q is not of the form http(s)://host/v1", o.BaseURL)
	case o.Model == "":
		return nil, errors.New("the embedder's model has no name")
	case o.Dimensions < 0 || o.Batch < 0 || o.Timeout < 0:
		return nil, errors.New("an embedder's dimensions, batch and timeout are not negative")
	}
	if o.Batch == 0 {
		o.Batch = 96
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	e := &Embedder{o: o, endpoint: base.JoinPath("embeddings").String(), client: o.Client, pause: 500 * time.Millisecond}
	if e.client == nil {
		// A redirect would lead the shop's texts and key elsewhere.
		e.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	e.dimensions.Store(int64(o.Dimensions))
	e.name = o.Model
	if o.Dimensions > 0 {
		e.name += fmt.Sprintf("/%d", o.Dimensions)
	}
	if o.QueryPrefix+o.PassagePrefix != "" {
		h := fnv.New32a()
		_, _ = h.Write([]byte(o.QueryPrefix + "\x00" + o.PassagePrefix))
		e.name += fmt.Sprintf("+%08x", h.Sum32())
	}
	return e, nil
}

// Name is the model's name, with the length and a mark of the prefixes where
// they were chosen.
func (e *Embedder) Name() string { return e.name }

// Dimensions is the length of each vector; 0 until the first call where the
// server decides.
func (e *Embedder) Dimensions() int { return int(e.dimensions.Load()) }

// Bounds of one text and of one request, in bytes. A text that is cut is still
// embedded by its beginning, where its title stands.
const (
	maxText  = 16 << 10
	maxBatch = 256 << 10
)

// Embed returns one vector of length 1 for each text, in order. It tries again
// where the server is busy or broken, until the context ends. Errors: a
// *retrieval.RefusedError where the server will not take one of the texts, a
// *retrieval.LaterError where it asks for a pause that is too long to wait for;
// until then every call ends so at once.
func (e *Embedder) Embed(ctx context.Context, texts []string, asQuery bool) ([][]float32, error) {
	prefix := e.o.PassagePrefix
	if asQuery {
		prefix = e.o.QueryPrefix
	}
	inputs := make([]string, len(texts))
	for i, text := range texts {
		inputs[i] = prefix + cut(text)
		if strings.TrimSpace(inputs[i]) == "" {
			inputs[i] = "-" // servers refuse an empty text
		}
	}
	vectors := make([][]float32, 0, len(inputs))
	for len(inputs) > 0 {
		n, size := 0, 0
		for n < len(inputs) && n < e.o.Batch && (n == 0 || size+len(inputs[n]) <= maxBatch) {
			size += len(inputs[n])
			n++
		}
		some, err := e.embedBatch(ctx, inputs[:n])
		if err != nil {
			return nil, err
		}
		vectors, inputs = append(vectors, some...), inputs[n:]
	}
	return vectors, nil
}

func cut(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}

// normal brings a vector to length 1 and checks that it can be.
func normal(v []float32) error {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if length := math.Sqrt(sum); length > 0 && !math.IsInf(length, 0) && !math.IsNaN(length) {
		for i := range v {
			v[i] = float32(float64(v[i]) / length)
		}
		return nil
	}
	return errors.New("the embedder gave a vector without a direction")
}
