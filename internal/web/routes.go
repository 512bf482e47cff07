package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// readyWithin bounds how long /readyz asks what it depends on.
const readyWithin = 2 * time.Second

// routes is the table of contents. Everything is public: what a shopper may
// see beyond that hangs on their visitor token.
func (s *Server) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.answerError
	e.Use(s.identifyRequest, s.observe, s.secure, bounded)

	// The widget's wire. Its limits are those of its sockets; see limits.go.
	e.GET("/v1/chat", s.serveSocket)

	// The REST interface and its description, made from the handlers: at most
	// Limits.RequestsPerSecond for each address.
	s.api(e, e.Group("", s.pace, compress()))

	// The shop's people: what everybody may ask, then what needs a session.
	if s.Accounts != nil {
		s.consoleDocument = s.console(e)
	}

	// Where a mail service hands over what shoppers answer by e-mail.
	if s.Mail != nil && s.MailSecret != "" {
		e.POST(mailPath, s.takeMail, s.pace)
	}

	// What the shop's pages load. Any page may load the loader; the frame names
	// who may embed it.
	e.GET("/widget.js", s.serveLoader)
	e.GET("/widget/frame", s.serveFrame, s.pace)
	e.GET("/widget/*", s.serveWidgetFile)

	// The pages of the shop's people.
	s.consolePages(e)

	// The help centre: pages that need no script.
	if s.Articles != nil {
		help := e.Group("/help", s.pace, policy(policyHelp))
		help.GET("", redirectTo("/help/"))
		help.GET("/", s.helpHome)
		help.GET("/:slug", s.helpArticle)
		help.GET("/sitemap.xml", s.helpSitemap, compress())
	}
	e.GET("/help/assets/help.css", s.helpStyle)
	e.GET("/help/assets/help.js", s.helpScript)
	e.GET("/robots.txt", s.serveRobots, s.pace)

	// For those who run it.
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", s.serveReady)
	e.GET("/metrics", echo.WrapHandler(s.Metrics.handler()))

	// The demo shop, where there is one.
	if s.Storefront != nil {
		e.GET("/", s.serveStorefront, policy(policyShop))
		e.GET("/*", s.serveStorefront, policy(policyShop))
	}
	return e
}

func redirectTo(path string) echo.HandlerFunc {
	return func(c echo.Context) error {
		if q := c.QueryString(); q != "" {
			return c.Redirect(http.StatusMovedPermanently, path+"?"+q)
		}
		return c.Redirect(http.StatusMovedPermanently, path)
	}
}

// serveReady says whether this replica should be sent shoppers.
func (s *Server) serveReady(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	if s.draining.Load() {
		return c.String(http.StatusServiceUnavailable, "shutting down\n")
	}
	if s.Ready != nil {
		ctx, cancel := context.WithTimeout(c.Request().Context(), readyWithin)
		defer cancel()
		if err := s.Ready(ctx); err != nil {
			s.Logger.Warn("not ready", "error", err)
			return c.String(http.StatusServiceUnavailable, "not ready\n")
		}
	}
	return c.String(http.StatusOK, "ready\n")
}
