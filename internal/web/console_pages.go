package web

import (
	"path"
	"regexp"

	"github.com/labstack/echo/v4"
)

// consolePages puts the console on its routes: one page for every address, and
// the files that it loads.
func (s *Server) consolePages(e *echo.Echo) {
	if len(s.assets.console) == 0 {
		return
	}
	pages := e.Group("/console", s.consolePolicy)
	pages.GET("", redirectTo("/console/"))
	pages.GET("/", s.serveConsolePage)
	pages.GET("/*", s.serveConsolePage)
	// A route of its own keeps the token out of the log.
	pages.GET("/invitation/:token", s.serveConsolePage)
	pages.GET("/assets/:name", s.serveConsoleFile)
}

// consolePolicy lets the pages run their own files and talk to this server, and
// nothing else. Scripts cannot make HTML out of text at all.
func (s *Server) consolePolicy(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' "+
			s.socketSource(c.Request())+"; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "+
			"require-trusted-types-for 'script'; trusted-types 'none'")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		// An invitation's address is a secret.
		h.Set("Referrer-Policy", "no-referrer")
		return next(c)
	}
}

// serveConsolePage serves the one page.
func (s *Server) serveConsolePage(c echo.Context) error {
	a, ok := s.assets.console["index.html"]
	if !ok {
		return errNoFile
	}
	return a.serve(c, "no-cache")
}

// chunkName is of files that are named by their content.
var chunkName = regexp.MustCompile(`-[A-Z0-9]{8}\.js$`)

// serveConsoleFile serves what the page loads.
func (s *Server) serveConsoleFile(c echo.Context) error {
	name := c.Param("name")
	a, ok := s.assets.console[name]
	if !ok || path.Ext(name) == ".html" {
		return errNoFile
	}
	cache := cacheFile
	if c.QueryParam("v") != "" || chunkName.MatchString(name) {
		cache = cacheVersed
	}
	return a.serve(c, cache)
}
