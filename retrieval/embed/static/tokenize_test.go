package static

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func tokensOf(t testing.TB, text string) []string {
	table := embedder(t).table
	found := []string{}
	table.tokens(text, func(id int) { found = append(found, table.token(id)) })
	return found
}

// The expected tokens come from the teacher's own tokenizer.
func TestTokensAreTheTeachers(t *testing.T) {
	file, err := os.Open("testdata/tokens.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, cases := bufio.NewScanner(file), 0
	for lines.Scan() {
		var c struct {
			Text   string
			Tokens []string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if got := tokensOf(t, c.Text); !slices.Equal(got, c.Tokens) {
			t.Errorf("%q:\ngot  %q\nwant %q", c.Text, got, c.Tokens)
		}
		cases++
	}
	if err := lines.Err(); err != nil || cases < 30 {
		t.Fatalf("%d cases, %v", cases, err)
	}
}

func FuzzTokens(f *testing.F) {
	for _, text := range []string{"Where is my order?", "\xff\xfeé你好\u0301", strings.Repeat("a", 101), "İ\u0307ΑΣ ﬁ", "##a [SEP]"} {
		f.Add(text)
	}
	table := embedder(f).table
	f.Fuzz(func(t *testing.T, text string) {
		bytes := 0
		table.tokens(text, func(id int) {
			if id < 0 || id >= len(table.ends) {
				t.Fatalf("token %d", id)
			}
			bytes += len(strings.TrimPrefix(table.token(id), continued))
		})
		// Decomposition makes of one character at most 18 bytes for each of its own.
		if bytes > 18*len(text) {
			t.Fatalf("%d bytes of tokens from %d bytes of text", bytes, len(text))
		}
		if !utf8.ValidString(text) {
			return
		}
		upper, plain := tokensOf(t, strings.ToUpper(text)), tokensOf(t, text)
		if ascii(text) && !slices.Equal(upper, plain) {
			t.Fatalf("case changes the tokens: %q and %q", plain, upper)
		}
	})
}
