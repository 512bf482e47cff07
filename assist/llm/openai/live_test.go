package openai_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/openai"
)

// TestRealModel asks a real server, where CARELOOP_REAL_MODEL_URL names one (and
// CARELOOP_REAL_MODEL the model), and says what was seen.
func TestRealModel(t *testing.T) {
	base := os.Getenv("CARELOOP_REAL_MODEL_URL")
	if base == "" {
		t.Skip("CARELOOP_REAL_MODEL_URL is not set")
	}
	name := os.Getenv("CARELOOP_REAL_MODEL")
	if name == "" {
		name = "default"
	}
	m, err := openai.New(openai.Options{BaseURL: base, APIKey: os.Getenv("OPENAI_API_KEY"), Model: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.CloseIdle)
	guarded := llm.Guard(m, llm.Policy{FirstContent: time.Minute, TryFirstContent: time.Minute, Silence: 20 * time.Second, Whole: 3 * time.Minute})

	passages := "Passage [1]: Standard delivery within Germany costs €4.90 and is free for orders of €60 or more.\nPassage [2]: Returns are free within 30 days."
	system := llm.Message{Role: llm.System, Text: "You answer shoppers from the passages, in one sentence, and cite the passage as [1] or [2].\n\n" + passages}
	ask := func(t *testing.T, req llm.Request) (string, llm.Result) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var text strings.Builder
		pieces, begun := 0, time.Now()
		result, err := guarded.Write(ctx, req, func(d llm.Delta) error {
			pieces++
			text.WriteString(d.Text)
			return nil
		})
		if err != nil {
			t.Fatalf("after %q: %v", text.String(), err)
		}
		took := time.Since(begun)
		t.Logf("finish %s, usage %+v, %d pieces, first after %v, whole %v, %.1f tokens/s after the first", result.Finish, result.Usage, pieces,
			result.FirstDelta.Round(time.Millisecond), took.Round(time.Millisecond), float64(result.Usage.CompletionTokens)/(took-result.FirstDelta).Seconds())
		t.Logf("text %q, calls %s", text.String(), calls(result))
		return text.String(), result
	}

	t.Run("answer", func(t *testing.T) {
		text, result := ask(t, llm.Request{Messages: []llm.Message{system, {Role: llm.User, Text: "How much is delivery to Berlin?"}}, MaxTokens: 120, Temperature: 0.1})
		if text == "" || result.Usage.CompletionTokens == 0 {
			t.Errorf("%q, %+v", text, result)
		}
	})
	t.Run("length", func(t *testing.T) {
		_, result := ask(t, llm.Request{Messages: []llm.Message{{Role: llm.User, Text: "Write a long story about a pair of boots."}}, MaxTokens: 12})
		if result.Finish != llm.FinishLength {
			t.Errorf("finish is %s, want length", result.Finish)
		}
	})
	t.Run("tool", func(t *testing.T) {
		ask(t, llm.Request{
			Messages:  []llm.Message{{Role: llm.System, Text: "Use the tool find_order to look up orders."}, {Role: llm.User, Text: "Where is my order 1001?"}},
			Tools:     []llm.Tool{{Name: "find_order", Description: "Finds an order by its number.", Parameters: json.RawMessage(`{"type":"object","properties":{"number":{"type":"string"}},"required":["number"]}`)}},
			MaxTokens: 80, Temperature: 0.1,
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, err := guarded.Write(ctx, llm.Request{Messages: []llm.Message{{Role: llm.User, Text: "Count to one thousand."}}}, func(llm.Delta) error { cancel(); return nil })
		if err != context.Canceled { //nolint:errorlint // as it is, not wrapped
			t.Errorf("error is %v", err)
		}
	})
}

func calls(r llm.Result) string {
	b, err := json.Marshal(r.ToolCalls)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
