package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

// Articles is the help centre that shoppers read by themselves: published
// articles whose audience is everyone, and no others.
type Articles interface {
	// Shelf tells what a site's help centre holds.
	Shelf(ctx context.Context, siteID string) (help.Shelf, error)
	// ArticleBySlug finds an article; where the locale has none of that slug,
	// another locale's. It reports false where there is none.
	ArticleBySlug(ctx context.Context, siteID, locale, slug string) (help.Article, bool, error)
	// FormerSlug finds the article that had a slug before.
	FormerSlug(ctx context.Context, siteID, locale, slug string) (retrieval.Article, bool, error)
	// ArticleList lists articles by title and counts all that there are.
	ArticleList(ctx context.Context, siteID string, f help.Filter, limit, offset int) ([]retrieval.Article, int, error)
	// Topics counts a locale's articles by tag, those without a tag last.
	Topics(ctx context.Context, siteID, locale string, limit int) ([]help.Topic, error)
	// MostRead lists the articles on which most answers rest since a time.
	MostRead(ctx context.Context, siteID, locale string, since time.Time, limit int) ([]retrieval.Article, error)
	// Shown gives, of the articles by id, those of the help centre, in any order.
	Shown(ctx context.Context, siteID string, ids []string) ([]retrieval.Article, error)
	// Places lists articles for a sitemap, in an order that stays.
	Places(ctx context.Context, siteID string, limit, offset int) ([]help.Place, error)
	// SitesWithHelp lists the keys of sites that have something to read.
	SitesWithHelp(ctx context.Context, limit int) ([]string, error)
}

const (
	// maxSlug is the longest slug that is looked up, in bytes; maxTag the longest
	// tag.
	maxSlug = 400
	maxTag  = 400
	// listPage is how many articles one page of a list shows.
	listPage = 50
	maxPage  = 100_000
	// maxTopics bounds the topics of the home page.
	maxTopics = 120
	mostRead  = 6
	// readWithin is the time in which the most read articles were read.
	readWithin = 90 * 24 * time.Hour
	// relatedWithin bounds the search for what goes with a page: a page does not
	// wait for it.
	relatedWithin = 300 * time.Millisecond
	maxRelated    = 4
)

// reader is who asks for a page, and where.
type reader struct {
	site   assist.Site
	shelf  help.Shelf
	locale string // of the page: one that the shop has articles in, if it has any
	asked  string // the language that the address names; may be empty
	origin string // scheme://host, where addresses have to be whole
}

func (s *Server) reader(c echo.Context) (reader, error) {
	ctx := c.Request().Context()
	site, err := s.site(ctx, c.QueryParam("site"))
	if err != nil {
		return reader{}, err
	}
	shelf, err := s.Articles.Shelf(ctx, site.ID)
	if err != nil {
		return reader{}, err
	}
	asked := c.QueryParam("lang")
	if len(asked) > maxLocale {
		asked = ""
	}
	return reader{
		site: site, shelf: shelf, asked: asked, origin: s.ownOrigin(c.Request()),
		locale: readingLocale(asked, c.Request(), site.Locale, shelf.Locales),
	}, nil
}

// readingLocale chooses, among the locales that there are articles in, the one
// that suits the reader: what the address asks for, then what the browser does,
// then the shop's own.
func readingLocale(asked string, r *http.Request, own string, has []string) string {
	if len(has) == 0 {
		return chooseLocale(asked, pageLocale(r, own))
	}
	locales := []string{}
	for _, l := range has {
		if l == own || baseLanguage(l) == baseLanguage(own) {
			locales = append(locales, l)
		}
	}
	locales = append(locales, has...) // the first is taken where none fits
	tags := make([]language.Tag, len(locales))
	for i, l := range locales {
		tags[i] = language.Make(l)
	}
	accepted := r.Header.Get("Accept-Language")
	if len(accepted) > 500 {
		accepted = ""
	}
	_, i := language.MatchStrings(language.NewMatcher(tags), asked, accepted)
	return locales[i]
}

func (s *Server) helpHome(c echo.Context) error {
	r, err := s.reader(c)
	if err != nil {
		return s.pageError(c, err)
	}
	if q := strings.TrimSpace(cleanText(c.QueryParam("q"), 500)); q != "" && s.Searcher != nil {
		return s.helpSearch(c, r, q)
	}
	f := help.Filter{Locale: r.locale, Tag: c.QueryParam("topic")}
	switch list := c.QueryParam("list"); {
	case f.Tag != "":
		if !plain(f.Tag, maxTag) {
			return s.helpNotFound(c, r, "")
		}
	case list == "more":
		f.Untagged = true
	case list != "all":
		return s.cached(c, r, "home", "home.html", func(ctx context.Context) (page, bool, error) { return s.homePage(ctx, r) })
	}
	n := pageNumber(c.QueryParam("page"))
	key := strings.Join([]string{"list", f.Tag, strconv.FormatBool(f.Untagged), strconv.Itoa(n)}, "\x00")
	return s.cached(c, r, key, "list.html", func(ctx context.Context) (page, bool, error) { return s.listPage(ctx, r, f, n) })
}

// pageNumber reads the number of a list's page; what is none is the first.
func pageNumber(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 1
	}
	return n
}

func (s *Server) helpArticle(c echo.Context) error {
	r, err := s.reader(c)
	if err != nil {
		return s.pageError(c, err)
	}
	slug := c.Param("slug")
	if !plain(slug, maxSlug) || slug == "" {
		return s.helpNotFound(c, r, "")
	}
	ctx := c.Request().Context()
	key := "article\x00" + slug
	if r.asked == "" || r.asked == r.locale {
		if kept, ok := s.kept(r, key); ok {
			return s.servePage(c, r, kept)
		}
	}
	article, ok, err := s.Articles.ArticleBySlug(ctx, r.site.ID, r.locale, slug)
	if err != nil {
		return s.pageError(c, err)
	}
	if !ok {
		return s.helpMoved(c, r, slug)
	}
	if r.asked != "" && r.asked != article.Locale {
		// Not for good: there may be one in that language tomorrow.
		return redirect(c, http.StatusFound, help.Path(r.site.Key, article.Slug, article.Locale))
	}
	r.locale = article.Locale
	return s.cached(c, r, key, "article.html", func(ctx context.Context) (page, bool, error) {
		return s.articlePage(ctx, r, article)
	})
}

// helpMoved leads from an address that an article had, or that is written
// another way, to the one that it has.
func (s *Server) helpMoved(c echo.Context, r reader, slug string) error {
	ctx := c.Request().Context()
	a, ok, err := s.Articles.FormerSlug(ctx, r.site.ID, r.locale, slug)
	if err != nil {
		return s.pageError(c, err)
	}
	if ok {
		return redirect(c, http.StatusMovedPermanently, help.Path(r.site.Key, a.Slug, a.Locale))
	}
	if usual := retrieval.Slug(slug); usual != slug && usual != "" {
		found, ok, err := s.Articles.ArticleBySlug(ctx, r.site.ID, r.locale, usual)
		if err != nil {
			return s.pageError(c, err)
		}
		if ok {
			return redirect(c, http.StatusMovedPermanently, help.Path(r.site.Key, found.Slug, found.Locale))
		}
	}
	return s.helpNotFound(c, r, slug)
}

func redirect(c echo.Context, status int, to string) error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	c.Response().Header().Add("Vary", "Accept-Language")
	return c.Redirect(status, to)
}

// helpNotFound says that there is no such page, and what may have been meant.
func (s *Server) helpNotFound(c echo.Context, r reader, slug string) error {
	p := s.frame(r)
	p.Title, p.Message, p.NoIndex = p.Words.NotFoundTitle, p.Words.NotFound, true
	if slug != "" {
		p.Articles, _ = s.related(c.Request().Context(), r, strings.ReplaceAll(slug, "-", " "), "") // the page does without
	}
	return s.render(c, http.StatusNotFound, "message.html", p)
}

func (s *Server) helpStyle(c echo.Context) error  { return s.helpAsset(c, s.assets.help) }
func (s *Server) helpScript(c echo.Context) error { return s.helpAsset(c, s.assets.helpScript) }

func (s *Server) helpAsset(c echo.Context, a *asset) error {
	if c.QueryParam("v") != "" {
		return a.serve(c, cacheVersed)
	}
	return a.serve(c, cacheFile)
}
