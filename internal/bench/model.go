package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/careloop/careloop/assist/llm/llmtest"
)

// answerText needs no fact to be found, so that the fact gate lets each word
// through as it comes; the mark makes it an answer that cites its passage.
const answerText = "You can bring it back to the shop or send it to us with the label that lies in the parcel, and we look at it together with you before anything else happens [1]."

// words are the steps that write answerText, with a pause between tokens.
func words(between time.Duration) []llmtest.Step {
	var steps []llmtest.Step
	for i, w := range strings.Fields(answerText) {
		if i > 0 {
			w = " " + w
			steps = append(steps, llmtest.Pause(between))
		}
		steps = append(steps, llmtest.Token(w))
	}
	return append(steps, llmtest.Finish("stop"), llmtest.Usage(1000, 40), llmtest.Done())
}

// numbers marks each question of a run with a number of its own.
var numbers atomic.Int64

var shopperNumber = regexp.MustCompile(`Shopper (\d+): `)

// marked puts a number before a question, by which the request to the model is
// found again.
func marked(question string) (n int64, text string) {
	n = numbers.Add(1)
	return n, fmt.Sprintf("Shopper %d: %s", n, question)
}

// requestsSince finds the requests for answers from a moment on by the number
// of their question.
func requestsSince(m *llmtest.Server, t time.Time) map[int64]llmtest.Request {
	out := map[int64]llmtest.Request{}
	for _, r := range m.Requests() {
		if r.At.Before(t) {
			continue
		}
		for _, digits := range shopperNumber.FindAllStringSubmatch(r.Chat.LastUser(), -1) {
			if n, err := strconv.ParseInt(digits[1], 10, 64); err == nil {
				out[n] = r
			}
		}
	}
	return out
}

// read asks the model server as plainly as a client can and returns when the
// first text was there.
func read(ctx context.Context, url string, body []byte) (first time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return first, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := direct.Do(req)
	if err != nil {
		return first, err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: {"))
		if !ok || !first.IsZero() {
			continue
		}
		at := time.Now()
		var event struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		if err := json.Unmarshal(append([]byte("{"), data...), &event); err != nil {
			return first, err
		}
		if len(event.Choices) > 0 && event.Choices[0].Delta.Content != "" {
			first = at
		}
	}
	if first.IsZero() && lines.Err() == nil {
		return first, errors.New("the model server wrote no text")
	}
	return first, lines.Err()
}

// direct keeps its connections, as the server under test does.
var direct = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}}
