package extractive

import (
	"fmt"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist/llm"
)

// Six passages of some 200 words: the aim is under 2 ms.
func BenchmarkWrite(b *testing.B) {
	var passages []llm.Passage
	for n := range 6 {
		var text strings.Builder
		for i := range 14 {
			fmt.Fprintf(&text, "Parcels of kind%d%d go out by %d:00 on working days and arrive within %d to %d days, see [delivery](/d%d). ", n, i, i+6, i, i+2, i)
		}
		passages = append(passages, llm.Passage{N: n + 1, Title: "Delivery of parcels", Text: text.String()})
	}
	req := llm.Request{Grounding: llm.Grounding{Question: "how long does it take until a parcel of kind35 arrives in Hamburg?", Locale: "en", Passages: passages}}
	for b.Loop() {
		if _, err := New().Write(b.Context(), req, func(llm.Delta) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
