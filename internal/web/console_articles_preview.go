package web

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

type previewInput struct {
	SiteParam
	Body struct {
		Markdown string `json:"markdown"`
		Title    string `json:"title,omitempty" maxLength:"1000"`
	}
}

type articlePreview struct {
	Nodes    []articleNode    `json:"nodes" doc:"What shoppers would see"`
	Warnings []articleWarning `json:"warnings"`
}

type articleWarning struct {
	Kind string `json:"kind" enum:"instructs,script,no_text,too_long,cut,unfit"`
	Text string `json:"text" doc:"A sentence for people"`
}

// articleNode is a piece of a page: a text, or an element with what is in it.
type articleNode struct {
	text     string
	tag      string // empty: a text
	attrs    map[string]string
	children []articleNode
}

type elementNode struct {
	Tag      string            `json:"tag"`
	Attrs    map[string]string `json:"attrs"`
	Children []articleNode     `json:"children"`
}

// MarshalJSON writes a text as a string and an element as an object.
func (n articleNode) MarshalJSON() ([]byte, error) {
	if n.tag == "" {
		return json.Marshal(n.text)
	}
	return json.Marshal(elementNode{n.tag, n.attrs, nonNil(n.children)})
}

// Schema describes both.
func (articleNode) Schema(r huma.Registry) *huma.Schema {
	const name = "ArticleNode"
	if r.Map()[name] == nil {
		node := &huma.Schema{Ref: "#/components/schemas/" + name}
		r.Map()[name] = &huma.Schema{
			Description: "A text, or an element",
			AnyOf: []*huma.Schema{{Type: huma.TypeString}, {
				Type: huma.TypeObject, Required: []string{"tag", "attrs", "children"},
				Properties: map[string]*huma.Schema{
					"tag":      {Type: huma.TypeString},
					"attrs":    {Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString}},
					"children": {Type: huma.TypeArray, Items: node},
				},
			}},
		}
	}
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

var _ huma.SchemaProvider = articleNode{}

// previewed is how much of a text is shown, in bytes: enough for any page that
// somebody reads, and drawn fast enough while they type.
const previewed = 200_000

func (s *Server) previewArticle(ctx context.Context, in *previewInput) (*body[articlePreview], error) {
	if _, err := s.siteToSet(ctx, in.Site); err != nil {
		return nil, s.articleError(ctx, err)
	}
	locale := personOf(ctx).Locale
	out := articlePreview{Nodes: []articleNode{}, Warnings: []articleWarning{}}
	warn := func(kind article.Warning, phrase string) {
		out.Warnings = append(out.Warnings, articleWarning{string(kind), s.Phrase(locale, phrase)})
	}
	text := in.Body.Markdown
	for _, w := range article.Watch(in.Body.Title, text) {
		warn(w, "article_"+string(w))
	}
	if len(text) > previewed {
		text = cutAt(text, previewed)
		warn(article.Cut, "article_cut")
	}
	shown, err := article.Shown(in.Body.Title, text)
	var unfit *retrieval.Unfit
	switch {
	case errors.As(err, &unfit):
		if unfit.Why != retrieval.NoText && unfit.Why != retrieval.NoTitle {
			warn(article.Unfit, string(article.CodeBad)+"_"+string(unfit.Why))
		}
		return answer(out), nil
	case err != nil:
		return nil, s.articleError(ctx, err)
	}
	page, err := help.Render(shown, nil)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	out.Nodes, err = nodesOf(page)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return answer(out), nil
}

// cutAt cuts a text at the end of a paragraph before n bytes, or at n.
func cutAt(text string, n int) string {
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	text = text[:n]
	if end := strings.LastIndex(text, "\n\n"); end > n/2 {
		return text[:end]
	}
	return text
}

// nodesOf turns a page's harmless HTML into a tree.
func nodesOf(page string) ([]articleNode, error) {
	list, err := html.ParseFragment(strings.NewReader(page), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return nil, err
	}
	out := []articleNode{}
	for _, n := range list {
		out = append(out, nodeOf(n)...)
	}
	return out, nil
}

// nodeOf is a node and what is in it; comments and the like are nothing.
func nodeOf(n *html.Node) []articleNode {
	switch n.Type {
	case html.TextNode:
		return []articleNode{{text: n.Data}}
	case html.ElementNode:
		e := articleNode{tag: n.Data, attrs: map[string]string{}}
		for _, a := range n.Attr {
			e.attrs[a.Key] = a.Val
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			e.children = append(e.children, nodeOf(c)...)
		}
		return []articleNode{e}
	}
	return nil
}
