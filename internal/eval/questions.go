package eval

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/careloop/careloop/retrieval"
)

// Question is a row of a file of questions.
type Question struct {
	ID   string
	Text string
	// Relevant are the ids of the documents that answer it, each once; none where
	// there is no answer, or where nobody looked for one.
	Relevant []string
	// Unanswerable says that somebody looked and found that nothing answers it.
	Unanswerable bool
	history      []said
}

type said struct {
	Role string `json:"role"`
	Text string `json:"text"`
}

// shopperRoles are what data sets call the one who asks.
var shopperRoles = []string{"shopper", "customer", "user", "visitor", "human"}

// Query puts the question as a conversation would, with what both sides said
// before it.
func (q Question) Query(siteID, locale string) retrieval.Query {
	out := retrieval.Query{SiteID: siteID, Text: q.Text, Locale: locale, SiteLocale: locale}
	for _, s := range q.history {
		if slices.Contains(shopperRoles, strings.ToLower(s.Role)) {
			out.History = append(out.History, s.Text)
		} else {
			out.Replies = append(out.Replies, s.Text)
		}
	}
	return out
}

type questionRow struct {
	ID            label   `json:"id"`
	Query         *string `json:"query"`
	Text          *string `json:"text"`
	Relevant      []label `json:"relevant"`
	Answerable    *bool   `json:"answerable"`
	Answerability string  `json:"answerability"`
	History       []said  `json:"history"`
}

// ReadQuestions reads rows with query or text, and id, relevant, history,
// answerable and answerability where they have them.
func ReadQuestions(path string) ([]Question, error) {
	rows, err := ReadLines(path, func(_ int, r *questionRow) error {
		if r.Query == nil && r.Text == nil {
			return errors.New("the row has neither query nor text")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	list := make([]Question, len(rows))
	for i, r := range rows {
		q := Question{ID: string(r.ID), history: r.History}
		if r.Query != nil {
			q.Text = *r.Query
		} else {
			q.Text = *r.Text
		}
		q.Unanswerable = r.Answerable != nil && !*r.Answerable || r.Answerability == "unanswerable"
		for _, id := range r.Relevant {
			if !q.Unanswerable && !slices.Contains(q.Relevant, string(id)) {
				q.Relevant = append(q.Relevant, string(id))
			}
		}
		list[i] = q
	}
	return list, nil
}

// Corpus is the documents of a file.
type Corpus struct {
	path      string
	documents []retrieval.Item
	ids       map[string]bool
}

type documentRow struct {
	ID       label   `json:"id"`
	Title    string  `json:"title"`
	Question string  `json:"question"`
	Text     *string `json:"text"`
	Answer   *string `json:"answer"`
	Locale   string  `json:"locale"`

	line int
}

// ReadCorpus reads rows with id, title (or question) and text (or answer).
func ReadCorpus(path string) (*Corpus, error) {
	c := &Corpus{path: path, ids: map[string]bool{}}
	rows, err := ReadLines(path, func(line int, r *documentRow) error {
		switch {
		case r.ID == "":
			return errors.New("the document has no id")
		case c.ids[string(r.ID)]:
			return fmt.Errorf("the id %q stood in a line before", r.ID)
		case r.Text == nil && r.Answer == nil:
			return errors.New("the document has no text")
		}
		c.ids[string(r.ID)] = true
		r.line = line
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		d := retrieval.Document{Key: string(r.ID), Title: r.Title, Locale: r.Locale}
		if d.Title == "" {
			d.Title = r.Question
		}
		if r.Text != nil {
			d.Markdown = *r.Text
		} else {
			d.Markdown = *r.Answer
		}
		c.documents = append(c.documents, retrieval.Item{File: path, Line: r.line, Doc: d})
	}
	return c, nil
}

// Len is how many documents there are.
func (c *Corpus) Len() int { return len(c.documents) }

// Holds tells whether all of the ids are documents' ids.
func (c *Corpus) Holds(ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return !c.ids[id] })
}

// Without is the corpus without the documents of some ids.
func (c *Corpus) Without(ids []string) *Corpus {
	rest := &Corpus{path: c.path, ids: map[string]bool{}}
	for _, d := range c.documents {
		if !slices.Contains(ids, d.Doc.Key) {
			rest.documents = append(rest.documents, d)
			rest.ids[d.Doc.Key] = true
		}
	}
	return rest
}

// Name, Whole, Total and Items make a corpus a source to import.

// Name is the file's path.
func (c *Corpus) Name() string { return c.path }

// Whole says that the file lists all there is.
func (c *Corpus) Whole() bool { return true }

// Total is how many items there are.
func (c *Corpus) Total() int { return len(c.documents) }

// Items yields the documents.
func (c *Corpus) Items(ctx context.Context) iter.Seq[retrieval.Item] {
	return func(yield func(retrieval.Item) bool) {
		for _, d := range c.documents {
			if ctx.Err() != nil || !yield(d) {
				return
			}
		}
	}
}
