package retrieval

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// words returns n numbered words, as sentences of ten.
func words(n int, prefix string) string {
	var out strings.Builder
	for i := range n {
		if i > 0 {
			out.WriteByte(' ')
		}
		fmt.Fprintf(&out, "%s%d", prefix, i)
		if i%10 == 9 {
			out.WriteString(". And")
		}
	}
	return out.String()
}

func TestCutKeepsAShortArticleWhole(t *testing.T) {
	article := "You can return them.\n\n## How\n\n1. Pack\n2. Send\n"
	got := Cut("\n\n" + article)
	want := []Chunk{{Text: strings.TrimSpace(article)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCutOfNothing(t *testing.T) {
	for _, s := range []string{"", " ", "\n\t\n"} {
		if got := Cut(s); got != nil {
			t.Errorf("Cut(%q) = %v", s, got)
		}
	}
}

func TestCutFollowsHeadings(t *testing.T) {
	article := "# Returns\n\nintro " + words(60, "a") + "\n\n## In *Germany* &amp; `EU`\n\n" + words(80, "b") +
		"\n\n### Shoes\n\n" + words(60, "c") + "\n\nElsewhere\n---------\n\n" + words(60, "d")
	got := Cut(article)
	var paths []string
	for i, c := range got {
		paths = append(paths, strings.Join(c.Heading, " > "))
		if c.Ordinal != i {
			t.Errorf("chunk %d has ordinal %d", i, c.Ordinal)
		}
		if strings.Contains(c.Text, "#") || strings.Contains(c.Text, "---") {
			t.Errorf("the heading of a section of its own stands in its text: %q", c.Text)
		}
	}
	want := []string{"Returns", "Returns > In Germany & EU", "Returns > In Germany & EU > Shoes", "Returns > Elsewhere"}
	if !reflect.DeepEqual(paths, want) {
		t.Errorf("paths %q, want %q", paths, want)
	}
}

func TestCutMergesTinyNeighbours(t *testing.T) {
	article := "## Questions\n\n### One\n\nFirst answer.\n\n### Two\n\nSecond answer.\n\n### Long\n\n" + words(200, "w") + "\n\n### Three\n\nThird answer.\n"
	got := Cut(article)
	if len(got) != 3 {
		t.Fatalf("%d chunks: %v", len(got), got)
	}
	if want := "### One\n\nFirst answer.\n\n### Two\n\nSecond answer."; got[0].Text != want || !reflect.DeepEqual(got[0].Heading, []string{"Questions"}) {
		t.Errorf("merged chunk %q under %q", got[0].Text, got[0].Heading)
	}
	if got[2].Text != "Third answer." || !reflect.DeepEqual(got[2].Heading, []string{"Questions", "Three"}) {
		t.Errorf("last chunk %q under %q", got[2].Text, got[2].Heading)
	}
}

func TestCutSplitsTablesBetweenRowsAndRepeatsTheHead(t *testing.T) {
	var table strings.Builder
	table.WriteString("Sizes:\n\n| Size | Centimetres |\n|---|---|\n")
	for i := range 300 {
		fmt.Fprintf(&table, "| s%d | c%d |\n", i, i)
	}
	got := Cut(table.String())
	if len(got) < 3 {
		t.Fatalf("%d chunks", len(got))
	}
	row := 0
	for i, c := range got {
		text := strings.TrimPrefix(c.Text, "Sizes:\n\n")
		head := "| Size | Centimetres |\n|---|---|\n"
		if !strings.HasPrefix(text, head) {
			t.Fatalf("chunk %d does not start with the head: %q", i, text[:60])
		}
		for _, line := range strings.Split(strings.TrimPrefix(text, head), "\n") {
			if want := fmt.Sprintf("| s%d | c%d |", row, row); line != want {
				t.Fatalf("chunk %d: row %q, want %q", i, line, want)
			}
			row++
		}
	}
	if row != 300 {
		t.Errorf("%d rows", row)
	}
}

func TestCutSplitsListsBetweenItems(t *testing.T) {
	var list strings.Builder
	for i := range 60 {
		fmt.Fprintf(&list, "%d. item%d %s\n   - nested %s\n", i+1, i, words(5, "x"), words(4, "y"))
	}
	got := Cut(list.String())
	if len(got) < 3 {
		t.Fatalf("%d chunks", len(got))
	}
	for i, c := range got {
		if !regexp.MustCompile(`^\d+\. item`).MatchString(c.Text) {
			t.Errorf("chunk %d starts inside an item: %q", i, c.Text[:40])
		}
	}
}

func TestCutKeepsCodeWhole(t *testing.T) {
	code := "```\n" + strings.Repeat("a b c d e\n", 50) + "```"
	got := Cut(words(170, "w") + "\n\n" + code + "\n\n" + words(170, "v"))
	found := false
	for _, c := range got {
		found = found || strings.Contains(c.Text, code)
	}
	if !found {
		t.Error("the code is cut though it is smaller than a chunk")
	}
}

func TestCutKeepsAListWithItsLead(t *testing.T) {
	article := "## A\n\n" + words(175, "w") + "\n\nThese are needed:\n\n- " + words(20, "x") + "\n- " + words(150, "y") + "\n"
	for _, c := range Cut(article) {
		if strings.HasSuffix(c.Text, "needed:") {
			t.Errorf("the lead stands apart from its list: %q", c.Text)
		}
	}
}

func TestCutSplitsAtSentenceEnds(t *testing.T) {
	sentence := "It costs approx. 5 euros, e.g. 4.50 at Dr. Smith's shop in No. 7 on 24. December in St. Pauli. "
	for i, c := range Cut(strings.Repeat(sentence, 40)) {
		if !strings.HasPrefix(c.Text, "It costs") || !strings.HasSuffix(c.Text, "St. Pauli.") {
			t.Errorf("chunk %d is cut inside a sentence: %q … %q", i, c.Text[:20], c.Text[len(c.Text)-20:])
		}
	}
}

func TestCutOfStrangeArticles(t *testing.T) {
	cases := map[string]string{
		"headings only":         strings.Repeat("## Heading of several words\n\n", 80),
		"nested headings only":  strings.Repeat("# A b c\n## D e f\n### G h i\n", 40),
		"one paragraph of 1 MB": words(170000, "w"),
		"one word of 1 MB":      strings.Repeat("x", 1<<20),
		"marks of 1 MB":         strings.Repeat("-_", 1<<19),
		"Chinese":               strings.Repeat("退货政策允许您在三十天内退货。", 300),
		"deep quotations":       strings.Repeat(">", 300) + " " + words(400, "q"),
		"deep lists":            deepList(80),
		"a heading of 1 MB":     "# " + words(170000, "h"),
		"code of 1 MB":          "```\n" + strings.Repeat("a b c\n", 170000),
		"one row of 1 MB":       "|a|b|\n|-|-|\n|" + words(170000, "w") + "|x|",
		"a huge table head":     "|" + words(2000, "h") + "|\n|-|\n|x|\n",
		"references":            strings.Repeat("[a]: https://example.com/a\n\n", 200),
	}
	for name, article := range cases {
		t.Run(name, func(t *testing.T) {
			chunks := Cut(article)
			if len(chunks) == 0 {
				t.Fatal("no chunks")
			}
			checkSizes(t, chunks)
			var text strings.Builder
			for _, c := range chunks {
				text.WriteString(c.Text)
			}
			if got, want := len(letters(text.String())), len(letters(article)); got < want*9/10 && name != "nested headings only" {
				t.Errorf("%d letters of %d are left", got, want)
			}
		})
	}
}

func deepList(depth int) string {
	var out strings.Builder
	for i := range depth {
		fmt.Fprintf(&out, "%s- %s\n", strings.Repeat("  ", i), words(6, "n"))
	}
	return out.String()
}

func letters(s string) string { return regexp.MustCompile(`[^\pL\pN]`).ReplaceAllString(s, "") }

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func checkSizes(t fataler, chunks []Chunk) {
	t.Helper()
	for i, c := range chunks {
		if n := wordCount(c.Text); n > maxWords {
			t.Fatalf("chunk %d has %d words", i, n)
		}
		if strings.TrimSpace(c.Text) == "" {
			t.Fatalf("chunk %d is empty", i)
		}
		if c.Ordinal != i {
			t.Fatalf("chunk %d has ordinal %d", i, c.Ordinal)
		}
		for _, h := range c.Heading {
			if h == "" || wordCount(h) > headingWords {
				t.Fatalf("chunk %d has the heading %q", i, h)
			}
		}
	}
}

// TestCutLosesNothing makes articles in which every word is numbered and its
// headings known: w words are text, h words headings, t words table heads.
func TestCutLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var article strings.Builder
		w, h := 0, 0
		var pathOf [][]string
		var path []headingOf
		text := func(label string, most int) string {
			var out []string
			mark := rapid.SampledFrom([]string{"", ".", ",", ":", "!", "。"}).Draw(t, "mark")
			every := rapid.IntRange(1, 30).Draw(t, "every")
			for i := range rapid.IntRange(1, most).Draw(t, label) {
				end := ""
				if i%every == every-1 {
					end = mark
				}
				out = append(out, fmt.Sprintf("w%d%s", w, end))
				w++
				pathOf = append(pathOf, titles(path))
			}
			return strings.Join(out, " ")
		}
		for range rapid.IntRange(1, 25).Draw(t, "blocks") {
			switch rapid.IntRange(0, 6).Draw(t, "kind") {
			case 0, 1:
				level := rapid.IntRange(1, 6).Draw(t, "level")
				title := fmt.Sprintf("h%d", h)
				h++
				for len(path) > 0 && path[len(path)-1].level >= level {
					path = path[:len(path)-1]
				}
				path = append(path, headingOf{level, title})
				fmt.Fprintf(&article, "%s %s\n\n", strings.Repeat("#", level), title)
			case 2:
				fmt.Fprintf(&article, "%s\n\n", text("paragraph", 20))
			case 3:
				fmt.Fprintf(&article, "%s\n\n", text("long paragraph", 700))
			case 4:
				for i := range rapid.IntRange(1, 30).Draw(t, "items") {
					fmt.Fprintf(&article, "%d. %s\n", i+1, text("item", 30))
				}
				article.WriteString("\n")
			case 5:
				article.WriteString("| t1 | t2 |\n|---|---|\n")
				for range rapid.IntRange(0, 40).Draw(t, "rows") {
					fmt.Fprintf(&article, "| %s | %s |\n", text("cell", 12), text("cell", 3))
				}
				article.WriteString("\n")
			case 6:
				fmt.Fprintf(&article, "> %s\n\n```\n%s\n```\n\n", text("quote", 40), text("code", 40))
			}
		}
		chunks := Cut(article.String())
		if again := Cut(article.String()); !reflect.DeepEqual(chunks, again) {
			t.Fatalf("cut twice, cut differently")
		}
		checkSizes(t, chunks)
		next := 0
		seen := map[string]bool{}
		for _, c := range chunks {
			for _, title := range c.Heading {
				seen[title] = true
			}
			above := map[string]bool{}
			for _, word := range regexp.MustCompile(`[wh]\d+`).FindAllString(c.Text, -1) {
				if word[0] == 'h' {
					above[word], seen[word] = true, true
					continue
				}
				if word != fmt.Sprintf("w%d", next) {
					t.Fatalf("found %s, want w%d", word, next)
				}
				want := pathOf[next]
				next++
				if len(c.Heading) > len(want) || !reflect.DeepEqual(append([]string{}, c.Heading...), want[:len(c.Heading)]) {
					t.Fatalf("%s stands under %q, found under %q", word, want, c.Heading)
				}
				for _, title := range want[len(c.Heading):] {
					if !above[title] {
						t.Fatalf("%s has lost its heading %s", word, title)
					}
				}
			}
		}
		if next != w {
			t.Fatalf("%d words of %d", next, w)
		}
		for i := range h {
			if !seen[fmt.Sprintf("h%d", i)] {
				t.Fatalf("heading h%d is lost", i)
			}
		}
	})
}

func FuzzCut(f *testing.F) {
	f.Add("# A\n\ntext\n\n- a\n  - b\n\n|a|b|\n|-|-|\n|1|2|\n", 30)
	f.Add("> > - 1. a\n\n```x\n", 90)
	f.Add("退货。退货！\n===\n", 200)
	f.Fuzz(func(t *testing.T, s string, times int) {
		s = normalise(strings.Repeat(s, min(max(times, 1), 400)))
		if len(s) > 100_000 {
			return
		}
		chunks := Cut(s)
		checkSizes(t, chunks)
		if strings.ContainsAny(s, "#|=") || strings.Contains(s, "-") {
			return // headings leave the text, table heads are repeated
		}
		var text strings.Builder
		for _, c := range chunks {
			text.WriteString(c.Text)
		}
		if letters(text.String()) != letters(s) {
			t.Fatalf("%q became %q", s, text.String())
		}
	})
}
