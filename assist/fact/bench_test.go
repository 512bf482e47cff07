package fact

import "testing"

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		Find("You can return shoes that you wore once within 30 days, and refunds take 3–5 business days.")
	}
}

func BenchmarkGate(b *testing.B) {
	e := NewEvidence(shop)
	sink := Sink{Text: func(int, string) {}, Retract: func(int, string) {}}
	for b.Loop() {
		g := NewGate(e, honest, sink)
		for _, p := range []string{"Yes", ",", " you", " can", " return", " them", " within", " 30", " days", ".", " Refunds", " take", " 3–5", " business", " days", " [1]", "."} {
			g.Write(p)
		}
		g.Close(false)
	}
}
