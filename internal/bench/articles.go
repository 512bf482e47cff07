package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/careloop/careloop/demo"
)

// corpus is generated text that reads like a help centre: sentences and
// headings of the demo shop's articles, put together anew. The same seed gives
// the same corpus.
type corpus struct {
	random    *rand.Rand
	sentences []string
	headings  []string
}

const (
	sectionsPerArticle = 4 // each long enough to be a chunk of its own
	sectionWords       = 120
)

var (
	sentenceEnd = regexp.MustCompile(`[.!?]\s+`)
	plainLine   = regexp.MustCompile(`^[A-Z][^|#\[\]*<>]+[.!?]$`)
)

func newCorpus() (*corpus, error) {
	c := &corpus{random: rand.New(rand.NewPCG(1, 2))}
	files, err := fs.Glob(demo.Articles(), "*.md")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		b, err := fs.ReadFile(demo.Articles(), file)
		if err != nil {
			return nil, err
		}
		c.learn(string(b))
	}
	if len(c.sentences) < 200 || len(c.headings) < 50 {
		return nil, fmt.Errorf("the demo articles gave %d sentences and %d headings only", len(c.sentences), len(c.headings))
	}
	return c, nil
}

// learn takes the sentences and headings out of an article.
func (c *corpus) learn(markdown string) {
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			c.headings = append(c.headings, heading)
		}
		if title, ok := strings.CutPrefix(line, "title: "); ok {
			c.headings = append(c.headings, strings.Trim(title, `"'`))
		}
		for at := 0; at < len(line); {
			end := len(line)
			if m := sentenceEnd.FindStringIndex(line[at:]); m != nil {
				end = at + m[1]
			}
			s := strings.TrimSpace(line[at:end])
			if words := len(strings.Fields(s)); words >= 6 && words <= 40 && plainLine.MatchString(s) {
				c.sentences = append(c.sentences, s)
			}
			at = end
		}
	}
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// write writes articles with at least so many sections, as JSON lines.
func (c *corpus) write(dir string, sections int) (string, error) {
	path := filepath.Join(dir, "articles.jsonl")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	lines := json.NewEncoder(w)
	for n := range (sections + sectionsPerArticle - 1) / sectionsPerArticle {
		article := map[string]string{
			"id":    fmt.Sprintf("article-%d", n),
			"title": fmt.Sprintf("%s: %s, part %d", pick(c.random, c.headings), pick(c.random, c.headings), n),
			"text":  c.body(),
		}
		if err := lines.Encode(article); err != nil {
			return "", err
		}
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	return path, f.Close()
}

func (c *corpus) body() string {
	var b strings.Builder
	for range sectionsPerArticle {
		fmt.Fprintf(&b, "## %s\n\n", pick(c.random, c.headings))
		for words := 0; words < sectionWords; {
			s := pick(c.random, c.sentences)
			words += len(strings.Fields(s))
			b.WriteString(s + " ")
		}
		b.WriteString("\n\n")
	}
	return b.String()
}

// question asks for what some sentence says, in some of its words.
func (c *corpus) question() string {
	words := strings.Fields(strings.TrimRight(pick(c.random, c.sentences), ".!?"))
	from := c.random.IntN(max(1, len(words)-8))
	some := slices.Clone(words[from:min(len(words), from+8)])
	return pick(c.random, []string{"Can you tell me about", "I would like to know about", "Please explain"}) +
		" " + strings.ToLower(strings.Join(some, " ")) + "?"
}
