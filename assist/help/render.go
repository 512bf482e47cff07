package help

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// renderer makes HTML of articles. It leaves raw HTML in them out, and the
// sanitiser has the last word.
var renderer = goldmark.New(goldmark.WithExtensions(extension.GFM))

var sanitiser = func() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[\pL\pM\pN_-]{1,100}$`)).OnElements("h1", "h2", "h3", "h4", "h5", "h6")
	p.RequireNoFollowOnLinks(false)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}()

// Render makes safe HTML of an article's Markdown. Every heading has an id (see
// Anchor) and stands below the page's own, of level 1. link, unless nil, gives
// the address that stands in a link in place of the article's.
func Render(markdown string, link func(string) string) (string, error) {
	source := []byte(markdown)
	root := renderer.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext()))
	shape(root, source, link)
	var out bytes.Buffer
	if err := renderer.Renderer().Render(&out, source, root); err != nil {
		return "", fmt.Errorf("render an article: %w", err)
	}
	return sanitiser.Sanitize(out.String()), nil
}

// shape gives headings their ids and levels, and links their addresses.
func shape(root ast.Node, source []byte, link func(string) string) {
	var headings []*ast.Heading
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings = append(headings, n)
		case *ast.Link:
			if link != nil {
				n.Destination = []byte(link(string(n.Destination)))
			}
		}
		return ast.WalkContinue, nil
	})
	lower := slices.ContainsFunc(headings, func(h *ast.Heading) bool { return h.Level == 1 })
	used := map[string]bool{}
	for _, h := range headings {
		if lower {
			h.Level = min(6, h.Level+1)
		}
		anchor := Anchor(inlineText(h, source))
		id := anchor
		for n := 2; used[id]; n++ {
			id = anchor + "-" + strconv.Itoa(n)
		}
		used[id] = true
		h.SetAttributeString("id", []byte(id))
	}
}

// inlineText is what a reader sees of a block's inline parts.
func inlineText(block ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(block, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image, *ast.RawHTML:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			b.Write(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(n.Segment.Value(source)))))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// Heading is a heading of an article's page.
type Heading struct {
	ID, Text string
	Level    int
}

// Outline lists the headings of rendered HTML down to a level, those without
// text left out.
func Outline(rendered string, deepest int) []Heading {
	var list []Heading
	tokens := html.NewTokenizer(strings.NewReader(rendered))
	var open *Heading
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return list
		case html.StartTagToken:
			t := tokens.Token()
			level := levelOf(t.DataAtom)
			if level == 0 || level > deepest {
				continue
			}
			open = &Heading{Level: level}
			for _, a := range t.Attr {
				if a.Key == "id" {
					open.ID = a.Val
				}
			}
		case html.EndTagToken:
			if t := tokens.Token(); open != nil && levelOf(t.DataAtom) > 0 {
				if open.Text = strings.Join(strings.Fields(open.Text), " "); open.Text != "" && open.ID != "" {
					list = append(list, *open)
				}
				open = nil
			}
		case html.TextToken:
			if open != nil {
				open.Text += tokens.Token().Data
			}
		}
	}
}

func levelOf(a atom.Atom) int {
	switch a {
	case atom.H1:
		return 1
	case atom.H2:
		return 2
	case atom.H3:
		return 3
	case atom.H4:
		return 4
	case atom.H5:
		return 5
	case atom.H6:
		return 6
	}
	return 0
}

// Blocks gives the text of Markdown as a reader sees it: of each paragraph, list
// item and cell, without headings and code. It is nil where the Markdown cannot
// be rendered.
func Blocks(markdown string) []string {
	rendered, err := Render(markdown, nil)
	if err != nil {
		return nil
	}
	return Text(rendered)
}

// Text gives the text of each block of rendered HTML, without headings and code.
func Text(rendered string) []string {
	var blocks []string
	var b strings.Builder
	end := func() {
		if words := strings.Join(strings.Fields(b.String()), " "); words != "" {
			blocks = append(blocks, words)
		}
		b.Reset()
	}
	tokens := html.NewTokenizer(strings.NewReader(rendered))
	within := 0 // headings and code blocks
	for {
		kind := tokens.Next()
		switch kind {
		case html.ErrorToken:
			end()
			return blocks
		case html.TextToken:
			if within == 0 {
				b.WriteString(tokens.Token().Data)
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			t := tokens.Token()
			skipped := levelOf(t.DataAtom) > 0 || t.DataAtom == atom.Pre
			switch {
			case t.DataAtom == atom.Br:
				b.WriteByte(' ')
			case !skipped && !breaks[t.DataAtom]:
			default:
				end()
			}
			if skipped && kind == html.StartTagToken {
				within++
			}
			if skipped && kind == html.EndTagToken {
				within = max(0, within-1)
			}
		}
	}
}

var breaks = map[atom.Atom]bool{
	atom.P: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Td: true, atom.Th: true, atom.Tr: true, atom.Table: true,
	atom.Blockquote: true, atom.Hr: true, atom.Div: true, atom.Dt: true, atom.Dd: true,
}
