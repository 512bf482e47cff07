package insight

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTable(t *testing.T) {
	half := 0.5
	got, err := table(Figures{Plot: Confidence, From: "2026-11-01", To: "2026-11-02", Buckets: []Days{{"2026-11-01", "2026-11-01"}, {"2026-11-02", "2026-11-02"}},
		Series: []Series{{Key: "confidence", Points: []Measure{{N: 7, Conversations: 6, P25: &half, P50: &half, P75: &half, P95: &half}, {N: 1, Conversations: 1}}}}})
	if err != nil {
		t.Fatal(err)
	}
	want := "\uFEFFfrom,to,series,count,conversations,p25,median,p75,p95\r\n" +
		"2026-11-01,2026-11-01,confidence,7,6,0.5,0.5,0.5,0.5\r\n2026-11-02,2026-11-02,confidence,1,1,,,,\r\n"
	if string(got) != want {
		t.Errorf("got %q", got)
	}
	got, err = table(Figures{Plot: Cost, Buckets: []Days{{"a", "b"}}, Series: []Series{{Key: "cost", Points: []Measure{{N: 2, Conversations: 2, Mean: &half}}}}})
	if err != nil || !strings.HasSuffix(string(got), "a,b,cost,2,2,0.5\r\n") {
		t.Errorf("got %q, %v", got, err)
	}
}

// Whatever an article is called, it comes back out of the file, and no
// spreadsheet program takes it for a formula.
func TestTitlesInTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`=HYPERLINK("http://x","y")`, "+1", "-2+3", "@SUM(A1)", "\t=1", "a,b", `"q"`, "Größe\nund mehr", "日本"})).Draw(t, "title")
		got, err := table(Figures{Plot: Articles, From: "2026-11-01", To: "2026-11-30", Series: []Series{{Key: "id/worked", Title: title, Now: Measure{N: 3, Conversations: 2}}}})
		if err != nil {
			t.Fatal(err)
		}
		body, ok := strings.CutPrefix(string(got), "\uFEFF")
		lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if !ok || err != nil || len(lines) != 2 {
			t.Fatalf("%q: %v", body, err)
		}
		cell := lines[1][3]
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			t.Fatalf("%q is a formula", cell)
		}
		// Line breaks all become one kind.
		same := func(s string) string { return strings.ReplaceAll(s, "\r", "") }
		if utf8.ValidString(title) && same(strings.TrimPrefix(cell, "'")) != same(strings.TrimPrefix(title, "'")) {
			t.Fatalf("%q became %q", title, cell)
		}
	})
}
