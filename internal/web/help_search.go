package web

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

const (
	// surely is the confidence from which results are said to answer; below it a
	// few are shown. Below hardly only what has every word of the question is:
	// that is something else than an answer, but what was typed.
	surely = 0.35
	hardly = 0.1
	few    = 5
	// excerptLength is how much of a passage a result shows, in bytes.
	excerptLength = 260
)

// result is an article that a search found, with its best passage.
type result struct {
	Title, Address string
	Locale         string // where it is not the page's
	Heading        string
	Excerpt        []span
}

// span is a piece of text, marked where it stands in the question.
type span struct {
	Text   string
	Marked bool
}

// helpSearch shows what was found, and says so where that is nothing, or hardly
// anything. It is never kept: the text is anybody's.
func (s *Server) helpSearch(c echo.Context, r reader, q string) error {
	ctx := c.Request().Context()
	found, err := s.Searcher.Search(ctx, retrieval.Query{SiteID: r.site.ID, Text: q, Locale: r.locale, SiteLocale: r.site.Locale, Limit: maxSearchLimit})
	if err != nil {
		return s.pageError(c, err)
	}
	shown, err := s.shown(ctx, r.site.ID, found.Passages)
	if err != nil {
		return s.pageError(c, err)
	}
	p := s.frame(r)
	p.Query, p.Title, p.NoIndex = q, p.Words.ResultsFor(q), true
	p.Unsure = found.Confidence < surely
	for _, passage := range found.Passages {
		a, ok := shown[passage.Article.ID]
		if !ok || found.Confidence < hardly && !retrieval.Holds(q, a.Title+"\n"+passage.Text, a.Locale) {
			continue
		}
		if p.Unsure && len(p.Results) == few {
			break
		}
		delete(shown, a.ID) // its best passage stands for it
		p.Results = append(p.Results, r.result(q, a, passage))
	}
	if len(p.Results) == 0 {
		topics, err := s.Articles.Topics(ctx, r.site.ID, r.locale, maxTopics)
		if err != nil {
			return s.pageError(c, err)
		}
		p.addTopics(r, topics)
	}
	return s.render(c, http.StatusOK, "search.html", p)
}

func (r reader) result(q string, a retrieval.Article, passage retrieval.Passage) result {
	out := result{
		Title:   a.Title,
		Address: help.At(help.Path(r.site.Key, a.Slug, a.Locale), passage.Heading, passage.Text),
		Excerpt: excerpt(q, running(help.Blocks(passage.Text)), a.Locale),
	}
	if n := len(passage.Heading); n > 0 {
		out.Heading = passage.Heading[n-1]
	}
	if a.Locale != r.locale {
		out.Locale = a.Locale
	}
	return out
}

// running makes one line of blocks: paragraphs follow each other, cells and items
// are set apart.
func running(blocks []string) string {
	var b strings.Builder
	for i, block := range blocks {
		b.WriteString(block)
		switch {
		case i == len(blocks)-1:
		case strings.ContainsAny(block[len(block)-1:], ".!?:"):
			b.WriteByte(' ')
		default:
			b.WriteString(" · ")
		}
	}
	return b.String()
}

// shown gives, by id, the articles of passages that the help centre shows. A
// search may know others.
func (s *Server) shown(ctx context.Context, siteID string, passages []retrieval.Passage) (map[string]retrieval.Article, error) {
	if len(passages) == 0 {
		return nil, nil
	}
	ids := make([]string, 0, len(passages))
	for _, p := range passages {
		ids = append(ids, p.Article.ID)
	}
	list, err := s.Articles.Shown(ctx, siteID, ids)
	if err != nil {
		return nil, err
	}
	shown := make(map[string]retrieval.Article, len(list))
	for _, a := range list {
		shown[a.ID] = a
	}
	return shown, nil
}

// excerpt is the part of a text in which most of a question's words stand, with
// those marked.
func excerpt(question, text, locale string) []span {
	marks := retrieval.Marks(question, text, locale)
	from, most := 0, 0
	for i, m := range marks {
		n := 0
		for _, other := range marks[i:] {
			if other[1] <= m[0]+excerptLength*3/4 {
				n++
			}
		}
		if n > most {
			from, most = m[0], n
		}
	}
	from = wordStart(text, max(0, from-excerptLength/4))
	to := wordStart(text, min(len(text), from+excerptLength))
	var spans []span
	add := func(t string, marked bool) {
		if t != "" {
			spans = append(spans, span{t, marked})
		}
	}
	if from > 0 {
		add("… ", false)
	}
	at := from
	for _, m := range marks {
		if m[0] < at || m[1] > to {
			continue
		}
		add(text[at:m[0]], false)
		add(text[m[0]:m[1]], true)
		at = m[1]
	}
	add(strings.TrimRight(text[at:to], " "), false)
	if to < len(text) {
		add(" …", false)
	}
	return spans
}

// wordStart is the start of the first word from an offset on, or a rune's where
// none begins near.
func wordStart(text string, at int) int {
	if at <= 0 || at >= len(text) {
		return max(0, min(at, len(text)))
	}
	if i := strings.IndexByte(text[at:min(len(text), at+60)], ' '); i >= 0 && text[at-1] != ' ' {
		return at + i + 1
	}
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	return at
}
