package help

import (
	"net/url"
	"strings"

	"github.com/careloop/careloop/retrieval"
)

// Words of a passage that name its beginning and its end in an address: enough
// to stand in one place of an article, and few enough to stay in one line.
const (
	namingWords  = 6
	tellingWords = 3 // a cell of a table or a label has fewer
)

// Anchor is the id that a heading has on an article's page.
func Anchor(heading string) string {
	if slug := retrieval.Slug(heading); slug != "" {
		return slug
	}
	return "section"
}

// At is the address of a passage within the page at an address: the id of its
// last heading, and a text fragment (WICG Scroll to Text Fragment), by which a
// browser scrolls to the passage and marks it. One that knows no text fragments
// is led to the heading, or to the page. It is empty where the address is.
func At(address string, heading []string, markdown string) string {
	if address == "" {
		return ""
	}
	page, id, has := strings.Cut(address, "#")
	if !has && len(heading) > 0 {
		id = url.PathEscape(Anchor(heading[len(heading)-1]))
	}
	if strings.Contains(id, ":~:") {
		return address
	}
	if text := directive(Blocks(markdown)); text != "" {
		id += ":~:text=" + text
	}
	if id == "" {
		return address
	}
	return page + "#" + id
}

// directive names a passage by its first and last words, and is empty where it
// has none.
func directive(blocks []string) string {
	var first, last []string
	for _, b := range blocks {
		words := strings.Fields(b)
		if len(words) == 0 {
			continue
		}
		if len(first) < tellingWords {
			first = words
		}
		if len(words) >= tellingWords || last == nil {
			last = words
		}
	}
	if len(first) == 0 {
		return ""
	}
	one := strings.Join(first, " ") == strings.Join(last, " ")
	if one && len(first) <= 2*namingWords {
		return escapeDirective(first)
	}
	return escapeDirective(first[:min(len(first), namingWords)]) + "," + escapeDirective(last[max(0, len(last)-namingWords):])
}

// escapeDirective writes words so that none of their signs means anything.
func escapeDirective(words []string) string {
	text := url.QueryEscape(strings.Join(words, " "))
	return strings.NewReplacer("+", "%20", "-", "%2D").Replace(text)
}
