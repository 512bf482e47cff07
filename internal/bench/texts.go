package main

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/careloop/careloop/internal/eval"
	"github.com/careloop/careloop/retrieval"
)

// realTexts are the documents and questions of a folder of evaluation sets. They
// are written as they are as long as they last; after that, documents are mixed
// of the sentences of two of the same file and now and then of one of another, so
// that their vectors lie as near to each other as those of real ones on the same
// subject.
type realTexts struct {
	documents []realDocument
	byFile    map[string][]realDocument
	questions []string
}

type realDocument struct{ file, title, text string }

// longest bounds a document, in characters: about one chunk.
const longest = 1200

func readTexts(dir string) (*realTexts, error) {
	r := &realTexts{byFile: map[string][]realDocument{}}
	seen := map[[2]string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), "retrieval-") {
			return err
		}
		switch {
		case strings.HasSuffix(path, "-corpus.jsonl"):
			c, err := eval.ReadCorpus(path)
			if err != nil {
				return err
			}
			for item := range c.Items(context.Background()) {
				doc := realDocument{path, item.Doc.Title, cutText(item.Doc.Markdown)}
				if key := [2]string{doc.title, doc.text}; !seen[key] {
					seen[key] = true
					r.documents = append(r.documents, doc)
					r.byFile[path] = append(r.byFile[path], doc)
				}
			}
		case strings.HasSuffix(path, "-queries.jsonl"):
			questions, err := eval.ReadQuestions(path)
			if err != nil {
				return err
			}
			for _, q := range questions {
				if len(q.Text) <= longest {
					r.questions = append(r.questions, q.Text)
				}
			}
		}
		return nil
	})
	if err == nil && (len(r.documents) < 1000 || len(r.questions) < 100) {
		err = fmt.Errorf("%s holds %d documents and %d questions only", dir, len(r.documents), len(r.questions))
	}
	shuffled := rand.New(rand.NewPCG(3, 4))
	shuffled.Shuffle(len(r.documents), func(i, j int) { r.documents[i], r.documents[j] = r.documents[j], r.documents[i] })
	return r, err
}

func cutText(text string) string {
	if r := []rune(text); len(r) > longest {
		return string(r[:longest])
	}
	return text
}

// article is the title and text of the article of a number.
func (r *realTexts) article(random *rand.Rand, n int) (title, text string) {
	if n < len(r.documents) {
		return r.documents[n].title, r.documents[n].text
	}
	one := r.documents[random.IntN(len(r.documents))]
	same := r.byFile[one.file]
	other := same[random.IntN(len(same))]
	lines := sentencesOf(one.text)
	random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	lines = slices.Clone(lines[:max(1, len(lines)*2/3)])
	for range 2 {
		lines = append(lines, pick(random, sentencesOf(other.text)))
	}
	if random.IntN(5) == 0 {
		lines = append(lines, pick(random, sentencesOf(r.documents[random.IntN(len(r.documents))].text)))
	}
	title = one.title
	if random.IntN(3) == 0 {
		title = retrieval.CleanTitle(one.title + " " + other.title)
	}
	if runes := []rune(title); len(runes) > 250 {
		title = string(runes[:250])
	}
	return title, cutText(strings.Join(lines, " "))
}

func sentencesOf(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		for _, s := range sentenceEnd.Split(line, -1) {
			if s = strings.TrimSpace(s); len(s) > 15 {
				list = append(list, s+".")
			}
		}
	}
	if len(list) == 0 {
		return []string{text}
	}
	return list
}
