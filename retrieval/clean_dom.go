package retrieval

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mainContent finds the element that holds the page's own text: main, or the
// one article, or else the body.
func mainContent(root *html.Node) *html.Node {
	if n := longest(root, func(n *html.Node) bool { return n.DataAtom == atom.Main || attr(n, "role") == "main" }); n != nil {
		return n
	}
	body := firstElement(root, atom.Body)
	if body == nil {
		return root
	}
	// Of a list of articles the longest is not the page; of a page with a few
	// teasers it is.
	all := 0
	for n := range body.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == atom.Article {
			all += len(textOf(n))
		}
	}
	if n := longest(body, func(n *html.Node) bool { return n.DataAtom == atom.Article }); n != nil && 2*len(textOf(n)) > all {
		return n
	}
	return body
}

func longest(root *html.Node, match func(*html.Node) bool) *html.Node {
	var best *html.Node
	size := 0
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			if l := len(strings.TrimSpace(textOf(n))); l > size {
				best, size = n, l
			}
		}
	}
	return best
}

// dropFurniture removes what surrounds an article: navigation, footers, forms,
// what is hidden. A collapsed answer that a button opens is kept.
func dropFurniture(main *html.Node) {
	opened := map[string]bool{} // ids that a button shows and hides
	total := 0
	for n := range main.Descendants() {
		switch n.Type {
		case html.ElementNode:
			for _, id := range strings.Fields(attr(n, "aria-controls")) {
				opened[id] = true
			}
		case html.TextNode:
			total += len(n.Data)
		}
	}
	isBody := main.DataAtom != atom.Main && main.DataAtom != atom.Article && attr(main, "role") != "main"
	var visit func(*html.Node)
	visit = func(parent *html.Node) {
		for n := parent.FirstChild; n != nil; {
			next := n.NextSibling
			if n.Type == html.ElementNode {
				switch {
				case n.DataAtom == atom.Form && 2*len(textOf(n)) > total:
					visit(n) // some sites wrap the whole page in a form
				case isFurniture(n, isBody), isHidden(n) && !opened[attr(n, "id")]:
					parent.RemoveChild(n)
				default:
					visit(n)
				}
			}
			n = next
		}
	}
	visit(main)
}

func isFurniture(n *html.Node, inBody bool) bool {
	switch n.DataAtom {
	case atom.Nav, atom.Footer, atom.Aside, atom.Form, atom.Dialog, atom.Menu:
		return true
	case atom.Header:
		return inBody
	case atom.Button:
		return attr(n, "aria-controls") == "" && attr(n, "aria-expanded") == ""
	}
	switch attr(n, "role") {
	case "navigation", "contentinfo", "search", "complementary", "dialog", "alertdialog", "menu":
		return true
	case "banner":
		return inBody
	}
	return false
}

func isHidden(n *html.Node) bool {
	for _, a := range n.Attr {
		switch strings.ToLower(a.Key) {
		case "hidden":
			return true
		case "aria-hidden":
			if a.Val == "true" {
				return true
			}
		case "style":
			style := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
			if strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") {
				return true
			}
		}
	}
	return false
}

// sanitise takes out of a tree what must not become part of an article: what
// runs or loads, comments, the text that is not content. Images become their
// alternative text. link rewrites each link's address; where it returns none
// the link becomes text.
func sanitise(root *html.Node, link func(string) string) {
	var visit func(*html.Node)
	visit = func(parent *html.Node) {
		for n := parent.FirstChild; n != nil; {
			next := n.NextSibling
			switch {
			case n.Type == html.CommentNode || n.Type == html.DoctypeNode:
				parent.RemoveChild(n)
			case n.Type != html.ElementNode:
			case isDropped(n):
				parent.RemoveChild(n)
			case n.DataAtom == atom.Img:
				alt := &html.Node{Type: html.TextNode, Data: strings.Join(strings.Fields(attr(n, "alt")), " ")}
				parent.InsertBefore(alt, n)
				parent.RemoveChild(n)
			case n.DataAtom == atom.Summary:
				visit(n)
				n.Data, n.DataAtom, n.Attr = "h4", atom.H4, nil
			case n.DataAtom == atom.A:
				visit(n)
				cleanLink(n, link)
			default:
				n.Attr = keptAttributes(n)
				visit(n)
			}
			n = next
		}
	}
	visit(root)
}

func isDropped(n *html.Node) bool {
	if n.Namespace != "" { // SVG and MathML
		return true
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Embed, atom.Applet,
		atom.Canvas, atom.Audio, atom.Video, atom.Map, atom.Input, atom.Select, atom.Textarea, atom.Datalist,
		atom.Link, atom.Meta, atom.Base, atom.Title, atom.Head, atom.Frame, atom.Frameset, atom.Noframes, atom.Noembed,
		atom.Xmp, atom.Plaintext:
		return true
	}
	return false
}

// keptAttributes are those that the converter needs to see.
func keptAttributes(n *html.Node) []html.Attribute {
	var kept []html.Attribute
	for _, a := range n.Attr {
		switch a.Key {
		case "colspan", "rowspan":
			if n, err := strconv.Atoi(a.Val); err == nil && n > 0 && n <= 20 {
				kept = append(kept, a)
			}
		case "start", "align":
			kept = append(kept, a)
		case "class":
			if n.DataAtom == atom.Code || n.DataAtom == atom.Pre {
				kept = append(kept, a)
			}
		}
	}
	return kept
}

func cleanLink(n *html.Node, link func(string) string) {
	href := strings.TrimSpace(attr(n, "href"))
	n.Attr = nil
	if isHarmlessLink(href) {
		href = link(href)
	} else {
		href = ""
	}
	if href == "" {
		n.Data, n.DataAtom = "span", atom.Span
		return
	}
	n.Attr = []html.Attribute{{Key: "href", Val: href}}
}

// asWritten keeps a link as its author wrote it.
func asWritten(href string) string { return href }

// resolvedAgainst makes links absolute. Without a base a relative link leads
// nowhere.
func resolvedAgainst(base *url.URL) func(string) string {
	return func(href string) string {
		u, err := url.Parse(href)
		if err != nil || strings.HasPrefix(href, "#") || base == nil && u.Scheme == "" {
			return ""
		}
		if base != nil {
			u = base.ResolveReference(u)
		}
		return u.String()
	}
}

// keepUnknownTags turns tags that HTML does not know back into text: in an
// article, <order_number> is a placeholder that its author wrote.
func keepUnknownTags(root *html.Node) {
	var visit func(*html.Node)
	visit = func(parent *html.Node) {
		for n := parent.FirstChild; n != nil; {
			next := n.NextSibling
			visit(n)
			if n.Type == html.ElementNode && n.Namespace == "" && n.DataAtom == 0 && !strings.Contains(n.Data, "-") {
				parent.InsertBefore(&html.Node{Type: html.TextNode, Data: "<" + n.Data + ">"}, n)
				for c := n.FirstChild; c != nil; c = n.FirstChild {
					n.RemoveChild(c)
					parent.InsertBefore(c, n)
				}
				parent.RemoveChild(n)
			}
			n = next
		}
	}
	visit(root)
}

func firstElement(root *html.Node, a atom.Atom) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == a && n.Namespace == "" {
			return n
		}
	}
	return nil
}

// textOf is the text inside a node, without scripts and styles.
func textOf(root *html.Node) string {
	var out strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode && (n.Parent == nil || n.Parent.DataAtom != atom.Script && n.Parent.DataAtom != atom.Style) {
			out.WriteString(n.Data)
		}
	}
	return out.String()
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasToken(list, token string) bool {
	for _, t := range strings.Fields(list) {
		if strings.EqualFold(t, token) {
			return true
		}
	}
	return false
}
