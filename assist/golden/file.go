package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Line is a golden question as a file holds it, a JSON object a line.
type Line struct {
	Question string    `json:"question"`
	Locale   string    `json:"locale"`
	History  []Message `json:"history,omitempty"`
	Verdict  Verdict   `json:"verdict"`
	// Articles are addresses, locale/slug.
	Articles []string `json:"articles,omitempty"`
	Note     string   `json:"note,omitempty"`
	SignedIn bool     `json:"signed_in,omitempty"`
}

// LineError is what is wrong with a line of a file.
type LineError struct {
	Line int    `json:"line"`
	Text string `json:"text" doc:"A sentence"`
}

// Error is the sentence with the line's number.
func (e LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// FileError lists what is wrong with a file, at most maxLineErrors of it.
type FileError struct{ Lines []LineError }

// Error is a line for each.
func (e *FileError) Error() string {
	var list []string
	for _, l := range e.Lines {
		list = append(list, l.Error())
	}
	return strings.Join(list, "\n")
}

const (
	// MaxFile bounds a file of golden questions, in bytes.
	MaxFile       = 8 << 20
	maxLineErrors = 50
)

// ReadFile reads golden questions. What is wrong with any line is a *FileError
// that names it. Their articles have addresses and no ids yet.
func ReadFile(in io.Reader) ([]Question, error) {
	text, err := io.ReadAll(io.LimitReader(in, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxFile {
		return nil, &FileError{[]LineError{{1, fmt.Sprintf("the file is larger than %d MB", MaxFile>>20)}}}
	}
	var list []Question
	bad := &FileError{}
	known := map[string]int{}
	n := 0
	for raw := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
		n++
		raw = bytes.TrimSpace(raw)
		if len(raw) == 0 {
			continue
		}
		q, err := readLine(raw)
		if err == nil {
			if first := known[q.Key()]; first > 0 {
				err = fmt.Errorf("the question of line %d stands here once more", first)
			}
			known[q.Key()] = n
		}
		if err != nil {
			if bad.Lines = append(bad.Lines, LineError{n, err.Error()}); len(bad.Lines) == maxLineErrors {
				break
			}
			continue
		}
		list = append(list, q)
	}
	switch {
	case len(bad.Lines) > 0:
		return nil, bad
	case len(list) == 0:
		return nil, &FileError{[]LineError{{1, "the file holds no question"}}}
	case len(list) > MaxQuestions:
		return nil, &FileError{[]LineError{{n, fmt.Sprintf("the file holds more than %d questions", MaxQuestions)}}}
	}
	return list, nil
}

func readLine(raw []byte) (Question, error) {
	if !utf8.Valid(raw) {
		return Question{}, errors.New("the line is not valid UTF-8")
	}
	var l Line
	d := json.NewDecoder(bytes.NewReader(raw))
	// A field that is spelt wrong would otherwise be a question without it.
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return Question{}, jsonReason(err)
	}
	if d.More() {
		return Question{}, errors.New("something stands behind the JSON object")
	}
	q := Question{Text: l.Question, Locale: l.Locale, History: append([]Message{}, l.History...), Verdict: l.Verdict, Articles: []Article{}, Note: l.Note, SignedIn: l.SignedIn}
	for _, a := range l.Articles {
		locale, slug, ok := strings.Cut(a, "/")
		if !ok || locale == "" || slug == "" {
			return Question{}, fmt.Errorf("the article %q is no address; write it as en/return-costs", a)
		}
		q.Articles = append(q.Articles, Article{Address: a})
	}
	return q, q.Check()
}

func jsonReason(err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return errors.New("the line is not a JSON object")
	case errors.As(err, &kind):
		return fmt.Errorf("the field %s holds a %s, which is not what belongs there", kind.Field, kind.Value)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("this is not JSON: the line ends in the middle")
	case strings.Contains(err.Error(), "unknown field"):
		return fmt.Errorf("there is no field %s; a line has question, locale, history, verdict, articles, note and signed_in", strings.TrimPrefix(err.Error(), "json: unknown field "))
	}
	return fmt.Errorf("this is not JSON: %w", err)
}

// WriteFile writes golden questions as ReadFile reads them.
func WriteFile(out io.Writer, list []Question) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for _, q := range list {
		l := Line{Question: q.Text, Locale: q.Locale, History: q.History, Verdict: q.Verdict, Note: q.Note, SignedIn: q.SignedIn}
		for _, a := range q.Articles {
			l.Articles = append(l.Articles, a.Address)
		}
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	return nil
}
