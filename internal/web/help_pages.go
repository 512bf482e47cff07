package web

import (
	"context"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

// page is what every page of the help centre shows around its content.
type page struct {
	Locale, Dir string
	Title       string
	Shop, Mark  string
	Home        string
	Words       words
	Style       string // address
	Script      string // address; empty: there is no chat
	Site        string
	Query       string
	CanSearch   bool
	Hero        bool // the search stands in the page, large

	// For those who index it.
	Summary    string
	NoIndex    bool
	Canonical  string
	Prev, Next string
	Alternates []alternate
	Data       any // JSON-LD

	Languages []languageLink
	Crumbs    []link

	// What it holds.
	Topics   []topicLink
	Further  []topicLink // smaller topics
	MostRead []link
	Articles []link
	All      link
	Count    string
	Pages    []pageLink
	Results  []result
	Unsure   bool
	Article  *articlePage
	Message  string
}

type link struct{ Title, Address string }

type alternate struct{ Locale, Address string }

type languageLink struct {
	Name, Locale, Address string
	Current               bool
}

type topicLink struct{ Title, Count, Address string }

// pageLink leads to another page of a list; without an address it is a gap.
type pageLink struct {
	Number  string
	Address string
	Current bool
}

type articlePage struct {
	Title         string
	Body          template.HTML
	Updated, Date string // RFC 3339, and for people
	Locale        string
	Outline       []help.Heading
	Related       []link
}

// frame begins a page.
func (s *Server) frame(r reader) page {
	w := wordsOf(r.locale)
	p := page{
		Locale: r.locale, Dir: direction(r.locale), Shop: r.site.Name, Mark: initial(r.site.Name), Words: w, Title: w.Help,
		Home: homePath(r.site.Key, r.locale, nil), Site: r.site.Key, CanSearch: s.Searcher != nil,
		Style: "/help/assets/help.css?v=" + version(s.assets.help),
	}
	if _, ok := s.assets.widget["widget.js"]; ok {
		p.Script = "/help/assets/help.js?v=" + version(s.assets.helpScript)
	}
	if len(r.shelf.Locales) > 1 {
		for _, l := range slices.Sorted(slices.Values(r.shelf.Locales)) {
			p.Languages = append(p.Languages, languageLink{Name: languageName(l), Locale: l, Address: homePath(r.site.Key, l, nil), Current: l == r.locale})
		}
	}
	return p
}

func version(a *asset) string { return strings.Trim(a.etag, `"`) }

// homePath is the address of the home page or, with further values, of a list.
func homePath(siteKey, locale string, more url.Values) string {
	q := url.Values{}
	for k, v := range more {
		q[k] = v
	}
	if siteKey != "" {
		q.Set("site", siteKey)
	}
	if locale != "" {
		q.Set("lang", locale)
	}
	if len(q) == 0 {
		return "/help/"
	}
	return "/help/?" + q.Encode()
}

// homePage is where a reader begins. It reports whether it may be kept.
func (s *Server) homePage(ctx context.Context, r reader) (page, bool, error) {
	p := s.frame(r)
	p.Hero = true
	topics, err := s.Articles.Topics(ctx, r.site.ID, r.locale, maxTopics)
	if err != nil {
		return p, false, err
	}
	read, err := s.Articles.MostRead(ctx, r.site.ID, r.locale, time.Now().Add(-readWithin), mostRead)
	if err != nil {
		return p, false, err
	}
	_, total, err := s.Articles.ArticleList(ctx, r.site.ID, help.Filter{Locale: r.locale}, 0, 0)
	if err != nil {
		return p, false, err
	}
	if total <= mainTopics || len(topics) == 1 && topics[0].Tag == "" {
		// There are no topics, or more than articles: a list serves better.
		topics = nil
		list, _, err := s.Articles.ArticleList(ctx, r.site.ID, help.Filter{Locale: r.locale}, listPage, 0)
		if err != nil {
			return p, false, err
		}
		p.Articles = r.links(list)
	}
	p.addTopics(r, topics)
	p.MostRead = r.links(read)
	p.All = link{p.Words.count(total), r.listPath(help.Filter{}, 1)}
	p.Title = p.Words.HelpOf(r.site.Name)
	p.Summary = p.Words.HomeSummary(r.site.Name)
	p.Canonical = r.origin + p.Home
	if len(r.shelf.Locales) > 1 {
		for _, l := range r.shelf.Locales {
			p.Alternates = append(p.Alternates, alternate{l, r.origin + homePath(r.site.Key, l, nil)})
		}
		p.Alternates = append(p.Alternates, alternate{"x-default", r.origin + homePath(r.site.Key, "", nil)})
	}
	p.Data = homeData(r, p)
	return p, true, nil
}

// mainTopics is how many topics have a card of their own.
const mainTopics = 12

// addTopics shows the large topics, and below them the small ones. What has no
// tag comes last among the large ones, however much it is.
func (p *page) addTopics(r reader, topics []help.Topic) {
	var links []topicLink
	var more *topicLink
	for _, t := range topics {
		l := r.topic(p.Words, t)
		if t.Tag == "" {
			more = &l
			continue
		}
		links = append(links, l)
	}
	n := len(links)
	if n > mainTopics {
		n = mainTopics
		if more != nil {
			n--
		}
	}
	p.Topics, p.Further = links[:n:n], links[n:]
	if more != nil {
		p.Topics = append(p.Topics, *more)
	}
}

func (r reader) topic(w words, t help.Topic) topicLink {
	if t.Tag == "" {
		return topicLink{w.More, w.count(t.Articles), r.listPath(help.Filter{Untagged: true}, 1)}
	}
	return topicLink{headed(t.Tag), w.count(t.Articles), r.listPath(help.Filter{Tag: t.Tag}, 1)}
}

func (r reader) links(list []retrieval.Article) []link {
	var links []link
	for _, a := range list {
		links = append(links, link{a.Title, help.Path(r.site.Key, a.Slug, a.Locale)})
	}
	return links
}

func (r reader) listPath(f help.Filter, n int) string {
	q := url.Values{}
	switch {
	case f.Tag != "":
		q.Set("topic", f.Tag)
	case f.Untagged:
		q.Set("list", "more")
	default:
		q.Set("list", "all")
	}
	if n > 1 {
		q.Set("page", strconv.Itoa(n))
	}
	return homePath(r.site.Key, r.locale, q)
}

// listPage is one page of a topic's articles, or of all.
func (s *Server) listPage(ctx context.Context, r reader, f help.Filter, n int) (page, bool, error) {
	p := s.frame(r)
	list, total, err := s.Articles.ArticleList(ctx, r.site.ID, f, listPage, (n-1)*listPage)
	if err != nil {
		return p, false, err
	}
	if len(list) == 0 && (n > 1 || f.Tag != "") {
		return p, false, errNoFile
	}
	switch {
	case f.Tag != "":
		p.Title = headed(f.Tag)
	case f.Untagged:
		p.Title = p.Words.More
	default:
		p.Title = p.Words.AllArticles
	}
	p.Articles = r.links(list)
	p.Count = p.Words.count(total)
	p.Summary = p.Title + " · " + p.Count + " · " + p.Words.HelpOf(r.site.Name)
	p.Crumbs = []link{{p.Words.Help, p.Home}, {p.Title, ""}}
	p.Canonical = r.origin + r.listPath(f, n)
	last := (total + listPage - 1) / listPage
	if n > 1 {
		p.Prev = r.listPath(f, n-1)
	}
	if n < last {
		p.Next = r.listPath(f, n+1)
	}
	p.Pages = r.pagesOf(f, n, last)
	p.Data = crumbData(r, p)
	return p, true, nil
}

// pagesOf leads to the first and the last page and to those around this one.
func (r reader) pagesOf(f help.Filter, n, last int) []pageLink {
	if last < 2 {
		return nil
	}
	var links []pageLink
	before := 0
	for i := 1; i <= last; i++ {
		if i != 1 && i != last && (i < n-1 || i > n+1) {
			if i < n-1 {
				i = n - 2
			} else {
				i = last - 1
			}
			continue
		}
		if before != 0 && i > before+1 {
			links = append(links, pageLink{})
		}
		links = append(links, pageLink{Number: strconv.Itoa(i), Address: r.listPath(f, i), Current: i == n})
		before = i
	}
	return links
}

// longText is the length in characters from which an article has a table of
// contents, if it has headings enough.
const (
	longText     = 1200
	fewHeadings  = 3
	deepestInTOC = 3
)

func (s *Server) articlePage(ctx context.Context, r reader, a help.Article) (page, bool, error) {
	p := s.frame(r)
	markdown := retrieval.WithoutTitle(a.Markdown, a.Title)
	rendered, err := help.Render(markdown, r.linkWithin)
	if err != nil {
		return p, false, err
	}
	blocks := help.Text(rendered)
	p.Title = a.Title
	p.Summary = summaryOf(blocks)
	p.Canonical = r.origin + help.Path(r.site.Key, a.Slug, a.Locale)
	p.Article = &articlePage{Title: a.Title, Body: template.HTML(rendered), Locale: a.Locale} //nolint:gosec // just sanitised
	if !a.UpdatedAt.IsZero() {
		at := a.UpdatedAt.UTC()
		p.Article.Updated, p.Article.Date = at.Format("2006-01-02"), p.Words.date(at)
	}
	if outline := help.Outline(rendered, deepestInTOC); len(outline) >= fewHeadings && utf8.RuneCountInString(strings.Join(blocks, " ")) >= longText {
		p.Article.Outline = outline
	}
	p.Crumbs = []link{{p.Words.Help, p.Home}}
	if len(a.Tags) > 0 && a.Tags[0] != "" {
		p.Crumbs = append(p.Crumbs, link{headed(a.Tags[0]), r.listPath(help.Filter{Tag: a.Tags[0]}, 1)})
	}
	p.Crumbs = append(p.Crumbs, link{a.Title, ""})
	for i, l := range p.Languages {
		if slices.Contains(a.Locales, l.Locale) {
			p.Languages[i].Address = help.Path(r.site.Key, a.Slug, l.Locale)
		}
	}
	if len(a.Locales) > 1 {
		for _, l := range a.Locales {
			p.Alternates = append(p.Alternates, alternate{l, r.origin + help.Path(r.site.Key, a.Slug, l)})
		}
	}
	var whole bool
	p.Article.Related, whole = s.related(ctx, r, a.Title, a.ID)
	p.Data = articleData(r, p, a, blocks)
	return p, whole, nil
}

// linkWithin leads links between articles to the same shop's article in the same
// language.
func (r reader) linkWithin(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.RawQuery != "" || !strings.HasPrefix(u.Path, "/help/") {
		return to
	}
	slug := strings.Trim(strings.TrimPrefix(u.Path, "/help/"), "/")
	path := homePath(r.site.Key, r.locale, nil)
	if slug != "" {
		path = help.Path(r.site.Key, slug, r.locale)
	}
	if u.Fragment != "" {
		path += "#" + u.EscapedFragment()
	}
	return path
}

// related finds articles of the page's locale that go with a text, without one
// of them. It reports whether the search came to its end in time.
func (s *Server) related(ctx context.Context, r reader, text, without string) ([]link, bool) {
	if s.Searcher == nil {
		return nil, true
	}
	ctx, cancel := context.WithTimeout(ctx, relatedWithin)
	defer cancel()
	found, err := s.Searcher.Search(ctx, retrieval.Query{SiteID: r.site.ID, Text: text, Locale: r.locale, SiteLocale: r.locale, Limit: 4 * maxRelated})
	if err != nil {
		return nil, false
	}
	shown, err := s.shown(ctx, r.site.ID, found.Passages)
	if err != nil {
		return nil, false
	}
	var list []retrieval.Article
	for _, p := range found.Passages {
		a, ok := shown[p.Article.ID]
		if !ok || a.ID == without || a.Locale != r.locale || len(list) == maxRelated {
			continue
		}
		delete(shown, a.ID) // once
		list = append(list, a)
	}
	return r.links(list), true
}

// summaryLength is what search engines show of a description, in characters.
const summaryLength = 160

// summaryOf is how an article begins.
func summaryOf(blocks []string) string {
	return shortened(strings.Join(blocks, " "), summaryLength)
}

// shortened cuts a text between words and says so.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	cut := string([]rune(text)[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:–-") + "…"
}

// headed is a tag as a heading: tags are mostly written small.
func headed(tag string) string {
	r, size := utf8.DecodeRuneInString(tag)
	return string(unicode.ToUpper(r)) + tag[size:]
}

// initial is the letter that stands for a shop.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "?"
}
