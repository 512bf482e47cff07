package llmtest

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
	"unicode"
)

// Embed gives the vector that /v1/embeddings gives for a text: each word adds to
// a few places chosen by its hash, so texts that share words are near each
// other. The same text always gives the same vector, of length 1.
func Embed(text string, dimensions int) []float32 {
	sum := make([]float64, dimensions)
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range append(words, "\x00") { // a text without words has a direction, too
		h := fnv.New64a()
		_, _ = h.Write([]byte(word))
		bits := h.Sum64()
		weight := 1.0
		if word == "\x00" {
			weight = 0.05
		}
		for range 4 {
			place := int(bits % uint64(dimensions)) //nolint:gosec // the remainder fits
			if bits&(1<<40) != 0 {
				sum[place] -= weight
			} else {
				sum[place] += weight
			}
			bits = bits*6364136223846793005 + 1442695040888963407
		}
	}
	norm := 0.0
	for _, v := range sum {
		norm += v * v
	}
	norm = math.Sqrt(norm)
	out := make([]float32, dimensions)
	if norm == 0 {
		out[0] = 1
		return out
	}
	for i, v := range sum {
		out[i] = float32(v / norm)
	}
	return out
}

func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) {
	req, err := s.begin(r)
	if err != nil {
		return
	}
	defer s.end()
	var ask struct {
		Model      string          `json:"model"`
		Input      json.RawMessage `json:"input"`
		Dimensions int             `json:"dimensions"`
	}
	var inputs []string
	if err := json.Unmarshal(req.Body, &ask); err == nil {
		var one string
		if json.Unmarshal(ask.Input, &one) == nil {
			inputs = []string{one}
		} else {
			_ = json.Unmarshal(ask.Input, &inputs)
		}
	}
	if len(inputs) == 0 || ask.Dimensions < 0 || ask.Dimensions > 8192 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]any{"error": map[string]any{"message": "The body is not an embeddings request.", "type": "invalid_request_error"}})
		return
	}
	dims := ask.Dimensions
	if dims == 0 {
		s.mu.Lock()
		dims = s.dims
		s.mu.Unlock()
	}
	data := make([]any, len(inputs))
	words := 0
	for i, text := range inputs {
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": Embed(text, dims)}
		words += len(strings.Fields(text))
	}
	writeJSON(w, map[string]any{
		"object": "list", "model": ask.Model, "data": data,
		"usage": map[string]any{"prompt_tokens": words, "total_tokens": words},
	})
}
