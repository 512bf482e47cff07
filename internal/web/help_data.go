package web

import (
	"strings"

	"github.com/careloop/careloop/assist/help"
)

// Structured data (schema.org, as JSON-LD). The template writes it into the page
// as JSON whose signs cannot end the script element that holds it.

type ld map[string]any

const schema = "https://schema.org"

func homeData(r reader, p page) any {
	search := r.origin + "/help/?"
	if i := strings.IndexByte(p.Home, '?'); i >= 0 {
		search = r.origin + p.Home + "&"
	}
	return ld{
		"@context": schema, "@type": "WebSite", "name": p.Title, "url": p.Canonical, "inLanguage": p.Locale,
		"publisher": ld{"@type": "Organization", "name": r.site.Name},
		"potentialAction": ld{
			"@type": "SearchAction", "query-input": "required name=question",
			"target": ld{"@type": "EntryPoint", "urlTemplate": search + "q={question}"},
		},
	}
}

func crumbData(r reader, p page) any {
	list := crumbs(r, p)
	list["@context"] = schema
	return list
}

func crumbs(r reader, p page) ld {
	var items []ld
	for i, c := range p.Crumbs {
		at := p.Canonical
		if c.Address != "" {
			at = r.origin + c.Address
		}
		items = append(items, ld{"@type": "ListItem", "position": i + 1, "name": c.Title, "item": at})
	}
	return ld{"@type": "BreadcrumbList", "itemListElement": items}
}

// longestAnswer bounds the answer that is written down for search engines, in
// characters.
const longestAnswer = 2000

// articleData describes an article; one whose title is a question is described
// as a question and its answer, too.
func articleData(r reader, p page, a help.Article, blocks []string) any {
	article := ld{
		"@type": "Article", "@id": p.Canonical, "headline": shortened(a.Title, 110), "description": p.Summary,
		"inLanguage": a.Locale, "mainEntityOfPage": p.Canonical, "isAccessibleForFree": true,
		"author":    ld{"@type": "Organization", "name": r.site.Name},
		"publisher": ld{"@type": "Organization", "name": r.site.Name},
	}
	if p.Article.Updated != "" {
		article["dateModified"] = a.UpdatedAt.UTC().Format("2006-01-02T15:04:05Z")
	}
	if len(a.Tags) > 0 {
		article["keywords"] = strings.Join(a.Tags, ", ")
	}
	graph := []any{article, crumbs(r, p)}
	if isQuestion(a.Title) && len(blocks) > 0 {
		graph = append(graph, ld{"@type": "FAQPage", "mainEntity": []ld{{
			"@type": "Question", "name": a.Title,
			"acceptedAnswer": ld{"@type": "Answer", "text": shortened(strings.Join(blocks, " "), longestAnswer), "url": p.Canonical},
		}}})
	}
	return ld{"@context": schema, "@graph": graph}
}

func isQuestion(title string) bool {
	title = strings.TrimSpace(title)
	for _, mark := range []string{"?", "？", "؟"} {
		if strings.HasSuffix(title, mark) {
			return true
		}
	}
	return false
}
