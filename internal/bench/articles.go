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
	real      *realTexts // in place of the demo shop's, if there are any
}

const (
	sectionsPerArticle = 4 // each long enough to be a chunk of its own
	sectionWords       = 120
)

var (
	sentenceEnd = regexp.MustCompile(`[.!?]\s+`)
	plainLine   = regexp.MustCompile(`^[A-Z][^|#\[\]*<>]+[.!?]$`)
)

// newCorpus makes a corpus of the texts in a folder; without one, of the demo
// shop's.
func newCorpus(texts string) (*corpus, error) {
	c := &corpus{random: rand.New(rand.NewPCG(1, 2))}
	if texts != "" {
		var err error
		c.real, err = readTexts(texts)
		return c, err
	}
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

// write writes articles that make at least so many chunks, as JSON lines.
func (c *corpus) write(dir string, chunks int) (string, error) {
	path := filepath.Join(dir, "articles.jsonl")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	lines := json.NewEncoder(w)
	articles := (chunks + sectionsPerArticle - 1) / sectionsPerArticle
	articles += articles / 50 // two short neighbours may become one chunk
	if c.real != nil {
		articles = chunks + chunks/50
	}
	for n := range articles {
		article := map[string]string{"id": fmt.Sprintf("article-%d", n)}
		if c.real != nil {
			article["title"], article["text"] = c.real.article(c.random, n)
		} else {
			article["title"] = fmt.Sprintf("%s: %s, part %d", pick(c.random, c.headings), pick(c.random, c.headings), n)
			article["text"] = c.body()
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
	if c.real != nil {
		return pick(c.random, c.real.questions)
	}
	words := strings.Fields(strings.TrimRight(pick(c.random, c.sentences), ".!?"))
	from := c.random.IntN(max(1, len(words)-8))
	some := slices.Clone(words[from:min(len(words), from+8)])
	return pick(c.random, []string{"Can you tell me about", "I would like to know about", "Please explain"}) +
		" " + strings.ToLower(strings.Join(some, " ")) + "?"
}
