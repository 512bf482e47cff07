package retrieval

import (
	"bytes"
	"errors"
	stdhtml "html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"golang.org/x/text/unicode/norm"
)

// markdownToHTML renders Markdown with its raw HTML, for the cleaner to read.
var markdownToHTML = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough),
	goldmark.WithRendererOptions(html.WithUnsafe()),
)

// CleanMarkdown normalises an article's Markdown (line ends, trailing spaces,
// blank lines, Unicode NFC, no control characters) and takes out what must not
// be in one: HTML, images (their alternative text stays) and links to anything
// but web pages, mail addresses and telephone numbers. Markdown without any of
// these keeps its author's form; otherwise it is written anew. The error, a
// sentence for people, says why a text cannot be cleaned.
func CleanMarkdown(markdown string) (string, error) {
	markdown = normalise(markdown)
	if why := intricate(markdown); why != "" {
		return "", errors.New(why)
	}
	if !isActive(markdown) {
		return markdown, nil
	}
	var rendered bytes.Buffer
	if err := markdownToHTML.Convert([]byte(markdown), &rendered); err != nil {
		return "", err
	}
	root, err := parseHTML(rendered.Bytes())
	if err != nil {
		return "", err
	}
	keepUnknownTags(root)
	sanitise(root, asWritten)
	cleaned, err := toMarkdown(root)
	if err != nil {
		return "", err
	}
	return neutral(cleaned)
}

// neutral is the last guard: what still reads as HTML or as an image after
// cleaning becomes text.
func neutral(markdown string) (string, error) {
	markdown = normalise(markdown)
	if why := intricate(markdown); why != "" {
		return "", errors.New(why)
	}
	if !isActive(markdown) {
		return markdown, nil
	}
	return normalise(strings.NewReplacer("<", "&lt;", "![", `\![`, "](", `]\(`, "]:", `]\:`).Replace(markdown)), nil
}

// isActive tells whether Markdown holds HTML, an image or a link that cleaning
// has to take out.
func isActive(markdown string) bool {
	source := []byte(markdown)
	context := parser.NewContext()
	doc := markdownToHTML.Parser().Parse(text.NewReader(source), parser.WithContext(context))
	active := false
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.HTMLBlock, *ast.RawHTML, *ast.Image:
			active = true
		case *ast.Link:
			active = active || !isHarmlessLink(string(n.Destination))
		case *ast.AutoLink:
			active = active || !isHarmlessLink(string(n.URL(source)))
		}
		if active {
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	for _, ref := range context.References() {
		active = active || !isHarmlessLink(string(ref.Destination()))
	}
	return active
}

// isHarmlessLink tells whether a link may stand in an article: a relative one,
// or one of the schemes that open a page, a mail or a call.
func isHarmlessLink(link string) bool {
	link = strings.Map(func(r rune) rune { // browsers skip these
		if r <= ' ' || unicode.IsSpace(r) || unicode.IsControl(r) || isInvisible(r) {
			return -1
		}
		return r
	}, stdhtml.UnescapeString(link))
	end := strings.IndexAny(link, ":/?#")
	if end < 0 || link[end] != ':' {
		return true
	}
	switch strings.ToLower(link[:end]) {
	case "http", "https", "mailto", "tel":
		return true
	}
	return false
}

// normalise gives text one form: NFC, line feeds only, no control characters,
// no invisible direction overrides, no trailing spaces but the two of a hard
// line break, at most two blank lines.
func normalise(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\u00a0", " ").Replace(s)
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || isInvisible(r) {
			return -1
		}
		return r
	}, s)
	s = norm.NFC.String(s)
	lines := strings.Split(s, "\n")
	out := make([]string, 0, len(lines))
	blank := 0
	for i, line := range lines {
		trimmed := strings.TrimRightFunc(line, unicode.IsSpace)
		if trimmed == "" {
			if blank++; blank <= 2 && len(out) > 0 {
				out = append(out, "")
			}
			continue
		}
		blank = 0
		if strings.HasSuffix(line, "  ") && breaksHard(lines, i) {
			trimmed += "  "
		}
		out = append(out, trimmed)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

// breaksHard tells whether a hard line break behind the i-th line has text of
// the same paragraph to break from.
func breaksHard(lines []string, i int) bool {
	if i+1 >= len(lines) || startsBlock(lines[i+1]) {
		return false
	}
	line := strings.TrimLeft(lines[i], " \t")
	return line != "" && !strings.ContainsRune("#|`~=-", rune(line[0]))
}

// isInvisible tells characters that show nothing and can hide or reorder text.
func isInvisible(r rune) bool {
	switch {
	case r == '\ufeff' || r == '\u200b' || r == '\u2060' || r == '\u00ad':
		return true
	case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
		return true
	case r >= 0xe0000 && r <= 0xe007f: // tags: text that only machines read
		return true
	}
	return false
}

// CleanTitle makes a title one line of plain text.
func CleanTitle(title string) string {
	return strings.Join(strings.Fields(normalise(title)), " ")
}

// WithoutTitle takes the article's title off the top of its Markdown, where it
// would only be repeated.
func WithoutTitle(markdown, title string) string {
	line, rest, found := strings.Cut(markdown, "\n")
	if !found || title == "" || len(line) > 8*maxTitle {
		return markdown
	}
	heading := strings.TrimSpace(strings.TrimLeft(line, "#"))
	if !strings.EqualFold(plainText(heading), title) {
		return markdown
	}
	rest = strings.TrimLeft(rest, "\n")
	if under, after, _ := strings.Cut(rest, "\n"); under != "" && strings.Trim(under, "=") == "" {
		rest = strings.TrimLeft(after, "\n")
	}
	if strings.TrimSpace(rest) == "" {
		return markdown
	}
	return rest
}

// FirstHeading is the text of the first heading in Markdown, and empty where
// there is none.
func FirstHeading(markdown string) string {
	if intricate(markdown) != "" {
		return ""
	}
	source := []byte(markdown)
	for n := blockParser.Parse(text.NewReader(source)).FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || h.Lines().Len() != 1 {
			continue
		}
		if line := h.Lines().At(0); line.Stop-line.Start > 8*maxTitle {
			continue
		}
		if title := headingText(h, source); title != "" {
			return title
		}
	}
	return ""
}
