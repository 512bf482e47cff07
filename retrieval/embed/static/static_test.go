package static

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/careloop/careloop/retrieval"
	"pgregory.net/rapid"
)

var _ retrieval.Embedder = (*Embedder)(nil)

func embedder(t testing.TB) *Embedder {
	t.Helper()
	e, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func vectors(t testing.TB, texts ...string) [][]float32 {
	t.Helper()
	list, err := embedder(t).Embed(context.Background(), texts, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(texts) {
		t.Fatalf("%d vectors for %d texts", len(list), len(texts))
	}
	return list
}

func cosine(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestNearMeansMoreAlike(t *testing.T) {
	cases := []struct{ question, near, far string }{
		{"where is my parcel", "Track the delivery of your order", "Change your password"},
		{"I want my money back", "Refunds and returns", "Opening hours of our stores"},
		{"cannot log in", "Forgot your password? Reset it to sign in.", "We ship to all countries of Europe."},
		{"how much is postage", "Shipping costs and fees", "Wash the shirt at 30 degrees."},
		{"which payment methods can I use", "Pay by credit card, bank transfer or invoice", "Our sizes run small."},
		{"Wann kommt mein Paket an?", "Lieferzeiten und Sendungsverfolgung", "Passwort ändern"},
		{"Mon colis n'est pas arrivé", "Retards de livraison et colis perdus", "Nos magasins et leurs horaires"},
		{"Quiero cambiar mi contraseña", "Cómo restablecer la clave de tu cuenta", "Gastos de envío a las islas"},
		{"Wie bekomme ich mein Geld zurück?", "How refunds are paid", "Choosing the right size of shoes"},
	}
	for _, c := range cases {
		v := vectors(t, c.question, c.near, c.far)
		if near, far := cosine(v[0], v[1]), cosine(v[0], v[2]); near <= far {
			t.Errorf("%q: %q %.3f, %q %.3f", c.question, c.near, near, c.far, far)
		}
	}
}

func TestTextsWithoutKnownTokens(t *testing.T) {
	e := embedder(t)
	want := float32(1 / math.Sqrt(float64(e.Dimensions())))
	for _, text := range []string{"", " \n\t", "\x00\x01", "\ufffd\u200b", "\xff\xfe", "\U0001f980", strings.Repeat("q", 101)} {
		for i, x := range vectors(t, text)[0] {
			if x != want {
				t.Fatalf("%q: component %d is %v, not %v", text, i, x, want)
			}
		}
	}
}

func TestVectorsHaveLengthOne(t *testing.T) {
	e := embedder(t)
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 0, 5).Draw(t, "texts")
		first, err := e.Embed(context.Background(), texts, true)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range first {
			if len(v) != e.Dimensions() {
				t.Fatalf("%q: %d dimensions", texts[i], len(v))
			}
			if length := cosine(v, v); math.Abs(length-1) > 1e-5 {
				t.Fatalf("%q: length² %v", texts[i], length)
			}
			alone, err := e.Embed(context.Background(), texts[i:i+1], true)
			if err != nil || cosine(alone[0], v) < 1-1e-5 {
				t.Fatalf("%q: another vector alone: %v", texts[i], err)
			}
		}
	})
}

func TestLongTextsAreReadWhole(t *testing.T) {
	filler := strings.Repeat("shoes and boots ", 100_000)
	v := vectors(t, filler, filler+strings.Repeat("refund ", 300_000), "refund")
	if cosine(v[1], v[2]) <= cosine(v[0], v[2])+0.2 {
		t.Error("the end of a long text does not count")
	}
}

func TestTitlesCount(t *testing.T) {
	long := strings.Repeat("Shoes and boots are worn in rain and snow. ", 50)
	v := vectors(t, "Refunds\n"+long, long+"Refunds", "\n"+long, "Refunds\n", long, "Refunds")
	question := v[5]
	if titled, plain := cosine(question, v[0]), cosine(question, v[1]); titled < plain+0.2 {
		t.Errorf("a title makes %.3f of %.3f", titled, plain)
	}
	if cosine(v[2], v[4]) < 1-1e-5 || cosine(v[3], v[5]) < 1-1e-5 {
		t.Error("an empty title or rest changes the vector")
	}
	asked, err := embedder(t).Embed(context.Background(), []string{"Refunds\n" + long, "Refunds " + long}, true)
	if err != nil || cosine(asked[0], asked[1]) < 1-1e-5 {
		t.Errorf("the first line of a question counts more: %v", err)
	}
}

func TestEmbedStopsWhenItsCallerGaveUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := embedder(t).Embed(ctx, []string{"a"}, true); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	e, want := embedder(t), vectors(t, "Where is my order?", "Ça va? 你好")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				got, err := e.Embed(context.Background(), []string{"Where is my order?", "Ça va? 你好"}, true)
				if err != nil || cosine(got[0], want[0]) < 1-1e-5 || cosine(got[1], want[1]) < 1-1e-5 {
					t.Errorf("other vectors: %v", err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestDamagedTables(t *testing.T) {
	cases := map[string]string{
		"empty":       "",
		"other file":  "%PDF-1.7 and so on, long enough",
		"cut":         tableFile[:len(tableFile)/2],
		"no words":    tableFile[:len(tableMagic)+8] + strings.Repeat("\x00", len(tableFile)),
		"no tokens":   tableMagic + "\x00\x00\x00\x00\x00\x01\x00\x00",
		"many tokens": tableMagic + "\xff\xff\xff\xff\x00\x01\x00\x00",
	}
	for name, file := range cases {
		if _, err := readTable(file); !errors.Is(err, errTable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTableFitsTheBinary(t *testing.T) {
	if len(tableFile) > 16<<20 {
		t.Errorf("the table has %d bytes, more than 16 MB", len(tableFile))
	}
}

func BenchmarkQuery(b *testing.B) {
	e, texts := embedder(b), []string{"Hi, I ordered two weeks ago and my parcel still hasn't arrived, can I get a refund?"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Embed(context.Background(), texts, true); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPassage(b *testing.B) {
	e, texts := embedder(b), []string{strings.Repeat("Returns are free within thirty days of delivery. ", 25)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Embed(context.Background(), texts, false); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := readTable(tableFile); err != nil {
			b.Fatal(err)
		}
	}
}
