package retrieval

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Page is what CleanHTML read off an HTML page.
type Page struct {
	Title    string
	Markdown string
	// Locale is the page's lang attribute; empty where it has none.
	Locale string
	// Canonical is the address that the page gives as its own, absolute; empty
	// where it gives none.
	Canonical string
	// NoIndex is set where the page asks not to be indexed.
	NoIndex bool
}

// CleanHTML reads an HTML page: its title and its main content as clean
// Markdown. pageURL is where the page was found, for its relative links; it may
// be empty, and then relative links become text. It returns an error where the
// page cannot be parsed.
func CleanHTML(page []byte, pageURL string) (Page, error) {
	root, err := parseHTML(page)
	if err != nil {
		return Page{}, err
	}
	var at *url.URL
	if pageURL != "" {
		if at, err = url.Parse(pageURL); err != nil {
			return Page{}, fmt.Errorf("the page's address is not a URL: %w", err)
		}
	}
	head := readHead(root, at)
	main := mainContent(root)
	if h1 := firstElement(main, atom.H1); h1 != nil {
		head.h1 = CleanTitle(textOf(h1))
	} else if h1 := firstElement(root, atom.H1); h1 != nil {
		head.h1 = CleanTitle(textOf(h1))
	}
	title := head.title()
	dropFurniture(main)
	sanitise(main, resolvedAgainst(head.base))
	markdown, err := toMarkdown(main)
	if err != nil {
		return Page{}, err
	}
	if markdown, err = neutral(markdown); err != nil {
		return Page{}, err
	}
	return Page{
		Title:     title,
		Markdown:  WithoutTitle(markdown, title),
		Locale:    head.locale,
		Canonical: head.canonical,
		NoIndex:   head.noIndex,
	}, nil
}

// parseHTML parses a page; what is nested too deeply is refused.
func parseHTML(page []byte) (*html.Node, error) {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("the HTML cannot be read: %w", err)
	}
	return root, nil
}

var htmlConverter = converter.NewConverter(converter.WithPlugins(
	base.NewBasePlugin(),
	commonmark.NewCommonmarkPlugin(commonmark.WithListEndComment(false), commonmark.WithHorizontalRule("---"), commonmark.WithLinkEmptyHrefBehavior(commonmark.LinkBehaviorSkip), commonmark.WithLinkEmptyContentBehavior(commonmark.LinkBehaviorSkip)),
	table.NewTablePlugin(table.WithHeaderPromotion(true), table.WithNewlineBehavior(table.NewlineBehaviorPreserve), table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal), table.WithSkipEmptyRows(true)),
	strikethrough.NewStrikethroughPlugin(),
))

// toMarkdown writes a sanitised tree as Markdown.
func toMarkdown(n *html.Node) (md string, err error) {
	// The converter is handed hostile pages; a page that trips it is one bad
	// page, not the end of an import.
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the HTML cannot be turned into Markdown")
		}
	}()
	if tooWide(n) {
		return "", errors.New("it has a table of more than 200 columns")
	}
	out, err := htmlConverter.ConvertNode(n)
	if err != nil {
		return "", fmt.Errorf("the HTML cannot be turned into Markdown: %w", err)
	}
	return unescapeAngles(cellBreak.ReplaceAllString(string(out), " ")), nil
}

// unescapeAngles writes angle brackets as a quotation of the text should show
// them: plainly, behind a backslash where they would begin a tag.
func unescapeAngles(md string) string {
	md = tagLike.ReplaceAllString(md, `\<$1`)
	md = lineAngle.ReplaceAllString(md, `$1\>`)
	return strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(md)
}

var (
	tagLike   = regexp.MustCompile(`&lt;([A-Za-z/!?])`)
	lineAngle = regexp.MustCompile(`(?m)^([ \t]*)&gt;`)
)

// cellBreak is how the converter writes a line break inside a table's cell.
var cellBreak = regexp.MustCompile(`[ \t]*<br ?/>[ \t]*`)

// pageHead is what a page says about itself.
type pageHead struct {
	base      *url.URL
	locale    string
	canonical string
	noIndex   bool
	ogTitle   string
	docTitle  string
	siteName  string
	h1        string
}

func readHead(root *html.Node, at *url.URL) pageHead {
	h := pageHead{base: at}
	baseSeen := false
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Html:
			h.locale = strings.TrimSpace(attr(n, "lang"))
		case atom.Base:
			if href := attr(n, "href"); href != "" && !baseSeen && at != nil {
				if u, err := at.Parse(href); err == nil {
					h.base, baseSeen = u, true
				}
			}
		case atom.Title:
			if h.docTitle == "" && n.Namespace == "" {
				h.docTitle = CleanTitle(textOf(n))
			}
		case atom.Link:
			if hasToken(attr(n, "rel"), "canonical") && h.canonical == "" {
				h.canonical = webURL(at, attr(n, "href"))
				if at == nil && h.canonical != "" {
					h.base, _ = url.Parse(h.canonical) // of a page saved as a file
				}
			}
		case atom.Meta:
			content := attr(n, "content")
			switch strings.ToLower(attr(n, "name") + attr(n, "property")) {
			case "og:title":
				h.ogTitle = CleanTitle(content)
			case "og:site_name":
				h.siteName = CleanTitle(content)
			case "robots", "careloop":
				h.noIndex = h.noIndex || NoIndex(content)
			}
		}
	}
	return h
}

// webURL makes a reference absolute; it returns "" for what leads to no page.
func webURL(at *url.URL, ref string) string {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil || ref == "" {
		return ""
	}
	if at != nil {
		u = at.ResolveReference(u)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	u.Fragment = ""
	return u.String()
}

// NoIndex tells whether a robots directive (a meta element's content or an
// X-Robots-Tag header) asks not to be indexed.
func NoIndex(directives string) bool {
	for _, d := range strings.FieldsFunc(strings.ToLower(directives), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		if d == "noindex" || d == "none" {
			return true
		}
	}
	return false
}

var titleSeparators = []string{" | ", " – ", " — ", " - ", " · ", " :: ", " » ", " • "}

// title chooses the page's title and takes the site's name off its end.
func (h pageHead) title() string {
	for _, t := range []string{h.ogTitle, h.h1, h.docTitle} {
		if t == "" {
			continue
		}
		for _, sep := range titleSeparators {
			before, after, found := cutLast(t, sep)
			if !found || before == "" {
				continue
			}
			if before == h.h1 || h.siteName != "" && strings.EqualFold(after, h.siteName) || t == h.docTitle && sep != " - " {
				return before
			}
		}
		return t
	}
	return ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+len(sep):]), true
}
