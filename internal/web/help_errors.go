package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"
)

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
		Locale: locale, Dir: direction(locale), Words: w, Title: w.UnknownSiteTitle, Message: s.Phrase(locale, codeUnknownSite), NoIndex: true,
	})
}

func (s *Server) renderErrorPage(c echo.Context, status int) error {
	locale := pageLocale(c.Request(), "en")
	w := wordsOf(locale)
	p := page{Locale: locale, Dir: direction(locale), Words: w, Title: w.FailedTitle, Message: w.Failed, NoIndex: true}
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
