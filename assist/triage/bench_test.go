package triage

import (
	"strings"
	"testing"
)

var benchMessages = map[string]string{
	"short": "Where is my order? I need it by Friday.",
	"usual": "I ordered two pairs of shoes ten days ago and only one arrived. I wrote to you twice and nobody answered. Can somebody please look at this, I am really annoyed by now!",
	"4000":  strings.Repeat("The parcel came late, the box was open and the lamp has a crack. ", 62),
}

func BenchmarkRead(b *testing.B) {
	for name, text := range benchMessages {
		b.Run(name, func(b *testing.B) {
			r := New()
			b.ReportAllocs()
			for b.Loop() {
				r.Read(text, "en")
			}
		})
	}
}
