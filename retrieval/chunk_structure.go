package retrieval

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// blockParser finds blocks only: what stands inside a paragraph does not matter
// for cutting, and is where hostile text costs a parser time.
var blockParser = parser.NewParser(
	parser.WithBlockParsers(parser.DefaultBlockParsers()...),
	parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(),
		util.Prioritized(extension.NewTableParagraphTransformer(), 200))...),
)

// sections reads the article's structure.
func (c *cutter) sections() []section {
	source := []byte(c.source)
	var blocks []ast.Node
	var starts []int
	var first ast.Node
	if intricate(c.source) == "" {
		first = blockParser.Parse(text.NewReader(source)).FirstChild()
	}
	for n := first; n != nil; n = n.NextSibling() {
		at := c.lineStart(n.Pos())
		if len(starts) > 0 && at <= starts[len(starts)-1] {
			continue // cannot be told apart from the block before it
		}
		blocks, starts = append(blocks, n), append(starts, at)
	}
	if len(starts) == 0 {
		return []section{{end: len(source), words: wordCount(c.source), units: c.split(0, len(source), sentenceEnds)}}
	}
	starts[0] = 0
	starts = append(starts, len(source))

	var sections []section
	var stack []headingOf
	current := section{}
	for i, b := range blocks {
		start, end := starts[i], starts[i+1]
		if h, ok := b.(*ast.Heading); ok && wordCount(c.source[start:end]) <= headingWords {
			if title := headingText(h, source); title != "" {
				if i > 0 {
					sections = append(sections, current)
				}
				for len(stack) > 0 && stack[len(stack)-1].level >= h.Level {
					stack = stack[:len(stack)-1]
				}
				stack = append(stack, headingOf{h.Level, title})
				current = section{path: titles(stack), start: start, end: end, words: wordCount(c.source[start:end])}
				continue
			}
		}
		units := c.units(b, start, end)
		for _, u := range units {
			current.words += u.words
		}
		current.units = append(current.units, units...)
		current.end = end
	}
	return append(sections, current)
}

type headingOf struct {
	level int
	title string
}

func titles(stack []headingOf) []string {
	path := make([]string, len(stack))
	for i, h := range stack {
		path[i] = h.title
	}
	return path
}

// headingText is a heading's text without Markdown's marks.
func headingText(h *ast.Heading, source []byte) string {
	var raw strings.Builder
	for i := range h.Lines().Len() {
		line := h.Lines().At(i)
		raw.Write(line.Value(source))
		raw.WriteByte(' ')
	}
	return plainText(raw.String())
}

// plainText strips Markdown's marks off one line of text.
func plainText(line string) string {
	source := []byte(strings.TrimSpace(line))
	var out strings.Builder
	doc := goldmark.DefaultParser().Parse(text.NewReader(source))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			value := n.Value(source)
			if !n.IsRaw() {
				value = util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(value)))
			}
			out.Write(value)
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.WriteByte(' ')
			}
		case *ast.AutoLink:
			out.Write(n.Label(source))
		}
		return ast.WalkContinue, nil
	})
	if out.Len() == 0 {
		// The line is Markdown of another kind, such as a list's mark.
		return strings.Join(strings.Fields(line), " ")
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// lineStart is the offset of the line that holds the offset.
func (c *cutter) lineStart(at int) int {
	at = min(max(at, 0), len(c.source))
	return strings.LastIndexByte(c.source[:at], '\n') + 1
}

// units splits one block as far as it may be split.
func (c *cutter) units(block ast.Node, start, end int) []unit {
	switch block.(type) {
	case *ast.List:
		var units []unit
		for _, r := range c.childRanges(block.FirstChild(), start, end) {
			units = append(units, c.split(r[0], r[1], sentenceEnds)...)
		}
		return units
	case *east.Table:
		return c.tableUnits(block, start, end)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		return c.split(start, end, lineEnds)
	default:
		return c.split(start, end, sentenceEnds)
	}
}

// childRanges divides start to end at the lines where the children begin.
func (c *cutter) childRanges(child ast.Node, start, end int) [][2]int {
	at := []int{start}
	for n := child; n != nil; n = n.NextSibling() {
		if s := c.lineStart(n.Pos()); s > at[len(at)-1] && s < end {
			at = append(at, s)
		}
	}
	ranges := make([][2]int, len(at))
	for i, s := range at {
		ranges[i] = [2]int{s, end}
		if i+1 < len(at) {
			ranges[i][1] = at[i+1]
		}
	}
	return ranges
}

// tableUnits makes each row a unit; the first holds the table's head, the
// others carry it as their prefix.
func (c *cutter) tableUnits(table ast.Node, start, end int) []unit {
	head := table.FirstChild()
	if head == nil || head.NextSibling() == nil {
		return c.split(start, end, lineEnds)
	}
	body := c.lineStart(head.NextSibling().Pos())
	if body <= start || body >= end {
		return c.split(start, end, lineEnds)
	}
	prefix := strings.TrimLeft(c.source[start:body], "\n")
	headWords := wordCount(prefix)
	if headWords > maxWords/4 {
		return c.split(start, end, lineEnds)
	}
	var units []unit
	for i, r := range c.childRanges(head.NextSibling(), body, end) {
		if i == 0 {
			r[0] = start
		}
		if words := wordCount(c.source[r[0]:r[1]]); words+headWords <= maxWords {
			u := unit{start: r[0], end: r[1], words: words}
			if i > 0 {
				u.prefix = prefix
			}
			units = append(units, u)
			continue
		}
		units = append(units, c.split(r[0], r[1], sentenceEnds)...)
	}
	return units
}
