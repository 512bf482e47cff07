package source

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/careloop/careloop/retrieval"
)

const maxFrontMatter = 16 << 10 // bytes

// readMarkdown reads a Markdown file with its front matter as an article.
func readMarkdown(p string, b []byte) retrieval.Item {
	text, err := decodeText(b)
	if err != nil {
		return problem(p, p, 0, "%s", err)
	}
	doc := retrieval.Document{Key: p}
	head, body, err := cutFrontMatter(text)
	if err == nil && head != "" {
		err = readFrontMatter(head, &doc)
	}
	if err != nil {
		line := 1
		if at := (lineError{}); errors.As(err, &at) {
			line = at.line
		}
		return problem(p, p, line, "%s", err)
	}
	doc.Markdown = body
	if doc.Title == "" {
		doc.Title = retrieval.FirstHeading(body)
	}
	withPath(&doc, p)
	return retrieval.Item{Doc: doc}
}

// lineError is an error at a line of the file.
type lineError struct {
	line int
	err  error
}

func (e lineError) Error() string { return e.err.Error() }

// cutFrontMatter divides a file into its front matter (empty where it has none)
// and its body.
func cutFrontMatter(text string) (head, body string, err error) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	first, rest, _ := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t") != "---" {
		return "", text, nil
	}
	at := 0
	for line := range strings.Lines(rest) {
		if mark := strings.TrimRight(line, " \t\n"); mark == "---" || mark == "..." {
			if at > maxFrontMatter {
				return "", "", fmt.Errorf("the front matter is longer than %d KB", maxFrontMatter>>10)
			}
			return rest[:at], rest[at+len(line):], nil
		}
		at += len(line)
	}
	// Without a second mark it is a rule across the page, unless fields follow.
	next, _, _ := strings.Cut(strings.TrimLeft(rest, "\n"), "\n")
	if key, _, found := strings.Cut(next, ":"); found && !strings.ContainsAny(key, " \t#*[") {
		return "", "", errors.New("the front matter is not closed by a line ---")
	}
	return "", text, nil
}

// readFrontMatter fills the document from the fields title, slug, tags, locale
// (or lang) and url; others are ignored.
func readFrontMatter(head string, doc *retrieval.Document) error {
	fields, err := parseYAML(head)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		to   *string
		keys []string
	}{
		{&doc.Title, []string{"title"}},
		{&doc.Slug, []string{"slug"}},
		{&doc.Locale, []string{"locale", "lang", "language"}},
		{&doc.URL, []string{"url"}},
	} {
		for _, key := range f.keys {
			value, there := fields[key]
			if !there || value == nil || *f.to != "" {
				continue
			}
			switch value := value.(type) {
			case string:
				*f.to = strings.TrimSpace(value)
			case uint64, int64, int, float64, bool:
				*f.to = fmt.Sprint(value)
			default:
				return fmt.Errorf("the front matter's %s is not a text", key)
			}
		}
	}
	if doc.Locale, err = checkLocale(doc.Locale); err != nil {
		return err
	}
	if doc.URL, err = checkURL(doc.URL); err != nil {
		return err
	}
	switch tags := fields["tags"].(type) {
	case nil:
	case string:
		doc.Tags = splitTags(tags)
	case []any:
		var list []string
		for _, t := range tags {
			switch t.(type) {
			case string, uint64, int64, int, float64, bool:
				list = append(list, fmt.Sprint(t))
			default:
				return errors.New("the front matter's tags are not a list of words")
			}
		}
		doc.Tags = cleanTags(list)
	default:
		return errors.New("the front matter's tags are not a list of words")
	}
	return nil
}

// parseYAML reads front matter. Anchors and aliases are refused: a few lines of
// them can stand for gigabytes.
func parseYAML(head string) (fields map[string]any, err error) {
	defer func() {
		// A parser that a strange file trips is one bad file, not the end.
		if recover() != nil {
			err = errors.New("the front matter is not YAML")
		}
	}()
	if strings.TrimSpace(head) == "" {
		return nil, nil
	}
	if nesting(head) > 20 {
		return nil, errors.New("the front matter is nested too deeply")
	}
	file, err := parser.ParseBytes([]byte(head), 0)
	if err != nil {
		return nil, yamlError(err)
	}
	for _, doc := range file.Docs {
		found := aliasFinder{}
		ast.Walk(&found, doc)
		if found.yes {
			return nil, errors.New("the front matter uses anchors or aliases (& and *), which are not supported; put such a text in quotes")
		}
	}
	if err := yaml.Unmarshal([]byte(head), &fields); err != nil {
		return nil, yamlError(err)
	}
	return fields, nil
}

// nesting is how deep brackets stand within one another.
func nesting(s string) int {
	depth, deepest := 0, 0
	for _, r := range s {
		switch r {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth--
		}
	}
	return deepest
}

type aliasFinder struct{ yes bool }

func (f *aliasFinder) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		f.yes = true
	}
	return f
}

// yamlError gives the line in the file, where the mark --- is the first.
func yamlError(err error) error {
	var ye yaml.Error
	if errors.As(err, &ye) && ye.GetToken() != nil && ye.GetToken().Position != nil {
		return lineError{ye.GetToken().Position.Line + 1, fmt.Errorf("the front matter is not YAML: %s", ye.GetMessage())}
	}
	return errors.New("the front matter is not YAML")
}
