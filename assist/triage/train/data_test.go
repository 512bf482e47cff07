package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist/triage/linear"
)

func TestWritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sentences.txt")
	if err := os.WriteFile(name, []byte("# yes\nI {love|like} it{|!}\n\n# no\nno\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := written(name, map[string]float64{"yes": 1}, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		if e.Weight != 0.5 || (e.Target == 1) != strings.HasPrefix(e.Text, "I ") {
			t.Errorf("got %+v", e)
		}
		got = append(got, e.Text)
	}
	slices.Sort(got)
	if want := []string{"I like it", "I like it!", "I love it", "I love it!", "no"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSentencesAreWellFormed finds braces without their other half and sections
// that no target is known for.
func TestSentencesAreWellFormed(t *testing.T) {
	sections := map[string][]string{
		"feeling.en.txt": {"negative", "problem", "neutral", "positive"}, "feeling.de-fr-es.txt": {"negative", "problem", "neutral", "positive"},
		"person.txt": {"person", "desk", "contact", "none"},
	}
	for name, known := range sections {
		if err := lines(filepath.Join("data", name), func(line string) error {
			if section, ok := strings.CutPrefix(line, "# "); ok {
				if !slices.Contains(known, section) {
					t.Errorf("%s: no section %q", name, section)
				}
				return nil
			}
			depth := 0
			for _, r := range line {
				if r == '{' {
					depth++
				} else if r == '}' {
					depth--
				}
				if depth < 0 || depth > 1 {
					break
				}
			}
			if depth != 0 {
				t.Errorf("%s: braces do not match: %s", name, line)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
}

func TestJoinedKeepsTheWorst(t *testing.T) {
	list := []linear.Example{{Text: "good", Target: 0}, {Text: "bad", Target: 1}, {Text: "so-so", Target: 0.5}}
	longer := joined(list, 50)
	if len(longer) != 50 || !slices.Equal(longer, joined(list, 50)) {
		t.Fatal("the same sentences gave different messages")
	}
	for _, e := range longer {
		want := 0.0
		for _, part := range list {
			if strings.Contains(e.Text, part.Text) {
				want = max(want, part.Target)
			}
		}
		if e.Target != want {
			t.Errorf("%q has %v", e.Text, e.Target)
		}
	}
}
