package eval

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// Set is questions with the corpus that they are asked of.
type Set struct {
	Name      string
	Path      string // of the corpus
	Corpus    *Corpus
	Questions []Question
}

// FindSets reads all sets in a folder and what is below it: questions in
// retrieval-NAME-queries.jsonl and documents in retrieval-NAME-corpus.jsonl.
// Questions without a corpus of their name belong to the smallest one that holds
// all documents that answer them.
func FindSets(dir string) ([]Set, error) {
	questions, corpora := map[string]string{}, map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, ok := strings.CutPrefix(d.Name(), "retrieval-")
		if !ok {
			return nil
		}
		if n, ok := strings.CutSuffix(name, "-queries.jsonl"); ok {
			questions[n] = path
		} else if n, ok := strings.CutSuffix(name, "-corpus.jsonl"); ok {
			corpora[n] = path
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s cannot be searched for sets: %s", dir, reason(err))
	}
	if len(questions) == 0 {
		return nil, fmt.Errorf("%s holds no file retrieval-NAME-queries.jsonl", dir)
	}
	read := map[string]*Corpus{}
	for name, path := range corpora {
		if read[name], err = ReadCorpus(path); err != nil {
			return nil, err
		}
	}
	var sets []Set
	for name, path := range questions {
		s := Set{Name: name}
		if s.Questions, err = ReadQuestions(path); err != nil {
			return nil, err
		}
		if s.Corpus = corpusFor(name, s.Questions, read); s.Corpus == nil {
			return nil, fmt.Errorf("%s has no corpus: there is no retrieval-%s-corpus.jsonl, and no other corpus holds all documents that answer its questions", path, name)
		}
		s.Path = s.Corpus.path
		sets = append(sets, s)
	}
	slices.SortFunc(sets, func(a, b Set) int { return strings.Compare(a.Name, b.Name) })
	return sets, nil
}

func corpusFor(name string, questions []Question, corpora map[string]*Corpus) *Corpus {
	if c := corpora[name]; c != nil {
		return c
	}
	var best *Corpus
	for _, c := range corpora {
		holds := !slices.ContainsFunc(questions, func(q Question) bool { return !c.Holds(q.Relevant) })
		if holds && (best == nil || c.Len() < best.Len() || c.Len() == best.Len() && c.path < best.path) {
			best = c
		}
	}
	return best
}

// family is the first word of a set's name, without digits: sets of one family
// speak of the same things.
func (s Set) family() string {
	first, _, _ := strings.Cut(s.Name, "-")
	return strings.TrimRightFunc(first, unicode.IsDigit)
}

// Answerable and Unanswerable are the questions of a set with and without an
// answer in its corpus, as far as somebody looked.
func (s Set) Answerable() []Question { return Scored(s.Questions) }

// Unanswerable is the other half of Answerable.
func (s Set) Unanswerable() []Question {
	return slices.DeleteFunc(slices.Clone(s.Questions), func(q Question) bool { return !q.Unanswerable })
}

// fromEach is how many questions of another set are asked.
const fromEach = 70

// Foreign are questions of the sets of other families, up to 70 of each, drawn by
// their ids: always the same.
func (s Set) Foreign(all []Set) []Question {
	var list []Question
	for _, other := range all {
		if other.family() == s.family() {
			continue
		}
		drawn := slices.SortedFunc(slices.Values(other.Questions), func(a, b Question) int {
			return strings.Compare(lot(a), lot(b))
		})
		list = append(list, drawn[:min(fromEach, len(drawn))]...)
	}
	return list
}

func lot(q Question) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(q.ID + "\x00" + q.Text)) // never fails
	return fmt.Sprintf("%016x", h.Sum64())
}
