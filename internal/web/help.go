package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"golang.org/x/text/language"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// articlesPage is how many articles one page of the list shows.
const articlesPage = 500

// maxSlug is the longest slug that is looked up, in bytes.
const maxSlug = 200

// markdown renders articles. Raw HTML in them is left out by the renderer, and
// the sanitiser has the last word.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
)

var sanitiser = func() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[\pL\pN_-]{1,100}$`)).OnElements("h1", "h2", "h3", "h4", "h5", "h6")
	p.RequireNoFollowOnLinks(false)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}()

// renderMarkdown makes safe HTML of an article.
func renderMarkdown(text string) (template.HTML, error) {
	var out bytes.Buffer
	if err := markdown.Convert([]byte(text), &out); err != nil {
		return "", err
	}
	return template.HTML(sanitiser.SanitizeBytes(out.Bytes())), nil //nolint:gosec // just sanitised
}

// page is what every page of the help centre shows around its content.
type page struct {
	Locale, Dir string
	Title       string
	Shop        string
	Home        string
	Words       words
	// One of these.
	Articles []link
	Article  *articlePage
	Message  string

	Query string
	Site  string
	Total int
}

type link struct{ Title, Address string }

type articlePage struct {
	Title   string
	Body    template.HTML
	Updated string // RFC 3339 date
	Locale  string
}

func (s *Server) helpPage(c echo.Context, site assist.Site, key string) page {
	locale := chooseLocale(c.QueryParam("lang"), pageLocale(c.Request(), site.Locale))
	w := wordsOf(locale)
	return page{
		Locale: locale, Dir: direction(locale), Shop: site.Name, Words: w, Title: w.Help,
		Home: "/help/" + siteQuery(key), Site: key,
	}
}

func (s *Server) helpList(c echo.Context) error {
	key := c.QueryParam("site")
	ctx := c.Request().Context()
	site, err := s.site(ctx, key)
	if err != nil {
		return s.pageError(c, err)
	}
	p := s.helpPage(c, site, key)
	if q := cleanText(strings.TrimSpace(c.QueryParam("q")), 500); q != "" && s.Searcher != nil {
		found, err := s.Searcher.Search(ctx, retrieval.Query{SiteID: site.ID, Text: q, Locale: p.Locale, SiteLocale: site.Locale, Limit: maxSearchLimit})
		if err != nil {
			return s.pageError(c, err)
		}
		p.Query, p.Title = q, q
		p.Articles = linksOfPassages(found.Passages, key)
		p.Total = len(p.Articles)
		return s.render(c, http.StatusOK, "list.html", p)
	}
	// The shopper's language if there is something in it, else the site's own,
	// else whatever there is.
	for _, locale := range []string{p.Locale, baseLanguage(p.Locale), site.Locale, ""} {
		list, total, err := s.Articles.ArticleList(ctx, site.ID, locale, articlesPage, 0)
		if err != nil {
			return s.pageError(c, err)
		}
		if total == 0 {
			continue
		}
		for _, a := range list {
			p.Articles = append(p.Articles, link{a.Title, helpAddress(a, key)})
		}
		p.Total = total
		break
	}
	return s.render(c, http.StatusOK, "list.html", p)
}

func linksOfPassages(passages []retrieval.Passage, key string) []link {
	var links []link
	seen := map[string]bool{}
	for _, p := range passages {
		if !seen[p.Article.ID] {
			seen[p.Article.ID] = true
			links = append(links, link{p.Article.Title, helpAddress(p.Article, key)})
		}
	}
	return links
}

func (s *Server) helpArticle(c echo.Context) error {
	key, slug := c.QueryParam("site"), c.Param("slug")
	ctx := c.Request().Context()
	site, err := s.site(ctx, key)
	if err != nil {
		return s.pageError(c, err)
	}
	p := s.helpPage(c, site, key)
	if !plain(slug, maxSlug) {
		return errNoFile
	}
	article, ok, err := s.Articles.ArticleBySlug(ctx, site.ID, p.Locale, slug)
	if err != nil {
		return s.pageError(c, err)
	}
	if !ok {
		p.Title, p.Message = p.Words.NotFoundTitle, p.Words.NotFound
		return s.render(c, http.StatusNotFound, "message.html", p)
	}
	body, err := renderMarkdown(withoutTitle(article.Markdown, article.Title))
	if err != nil {
		return err
	}
	p.Title = article.Title
	p.Article = &articlePage{Title: article.Title, Body: body, Locale: article.Locale}
	if !article.UpdatedAt.IsZero() {
		p.Article.Updated = article.UpdatedAt.UTC().Format("2006-01-02")
	}
	return s.render(c, http.StatusOK, "article.html", p)
}

func (s *Server) helpStyle(c echo.Context) error { return s.assets.help.serve(c, cacheFile) }

// pageError shows people what is wrong: an unknown shop by name, anything else
// through the one place for errors.
func (s *Server) pageError(c echo.Context, err error) error {
	p := problemFor(err)
	if p.Code == codeUnknownSite {
		return s.renderUnknownSite(c)
	}
	s.Logger.Error("page cannot be made", "request_id", requestID(c), "error", err)
	return echo.NewHTTPError(p.Status)
}

func (s *Server) renderUnknownSite(c echo.Context) error {
	locale := pageLocale(c.Request(), "en")
	w := wordsOf(locale)
	// Any page may show it: the shop's own, where the script tag is wrong, is
	// where it is needed.
	c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'")
	return s.render(c, http.StatusNotFound, "message.html", page{
		Locale: locale, Dir: direction(locale), Words: w, Title: w.UnknownSiteTitle, Message: s.Phrase(locale, codeUnknownSite),
	})
}

func (s *Server) renderErrorPage(c echo.Context, status int) error {
	locale := pageLocale(c.Request(), "en")
	w := wordsOf(locale)
	p := page{Locale: locale, Dir: direction(locale), Words: w, Title: w.FailedTitle, Message: w.Failed}
	switch {
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		p.Title, p.Message = w.NotFoundTitle, w.NotFound
	case status == http.StatusTooManyRequests:
		p.Message = w.TooFast
	case status < 500:
		p.Message = w.problem[codeBadRequest]
	}
	c.Response().Header().Set("Content-Security-Policy", policyHelp)
	return s.render(c, status, "message.html", p)
}

func (s *Server) render(c echo.Context, status int, name string, p page) error {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, p); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Language")
	return c.HTMLBlob(status, out.Bytes())
}

// articleAddress is where shoppers read an article: on the shop's own page if
// it has one, else on ours, which shows what is for everyone.
func articleAddress(a retrieval.Article, siteKey string) string {
	if a.URL != "" || a.Audience != retrieval.Everyone {
		return a.URL
	}
	return helpAddress(a, siteKey)
}

func helpAddress(a retrieval.Article, siteKey string) string {
	q := url.Values{}
	if siteKey != "" {
		q.Set("site", siteKey)
	}
	if a.Locale != "" {
		q.Set("lang", a.Locale)
	}
	address := "/help/" + url.PathEscape(a.Slug)
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	return address
}

func siteQuery(key string) string {
	if key == "" {
		return ""
	}
	return "?" + url.Values{"site": {key}}.Encode()
}

// withoutTitle drops a first heading that only repeats the title.
func withoutTitle(text, title string) string {
	first, rest, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	if heading, ok := strings.CutPrefix(first, "# "); ok && strings.EqualFold(strings.TrimSpace(heading), strings.TrimSpace(title)) {
		return rest
	}
	return text
}

// pageLocale is the language that a browser asks for first.
func pageLocale(r *http.Request, standard string) string {
	header := r.Header.Get("Accept-Language")
	if header == "" || len(header) > 500 {
		return standard
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 || tags[0] == language.Und {
		return standard
	}
	return tags[0].String()
}

// direction is the way a language is written.
func direction(locale string) string {
	switch baseLanguage(locale) {
	case "ar", "he", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb":
		return "rtl"
	}
	return "ltr"
}
