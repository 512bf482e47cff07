package web

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// serveSocket upgrades a request to a socket and returns, so that the
// goroutine, the buffers and the request of the HTTP server are freed.
func (s *Server) serveSocket(c echo.Context) error {
	r := c.Request()
	if s.draining.Load() || s.hub.isClosing() {
		c.Response().Header().Set("Retry-After", "5")
		return problemOf(http.StatusServiceUnavailable, codeUnavailable)
	}
	origin := r.Header.Get("Origin")
	if origin != "" {
		if s.hub.origins.isOwn(origin, r) {
			// The widget's own frame: which pages may embed it is decided by
			// the frame's policy.
			origin = ""
		} else {
			known, err := s.hub.origins.anySite(r.Context(), origin)
			if err != nil {
				s.Logger.Error("sites' origins cannot be read", "error", err)
				return problemOf(http.StatusServiceUnavailable, codeUnavailable)
			}
			if !known {
				return problemOf(http.StatusForbidden, codeOriginNotAllowed)
			}
		}
	}
	address := addressKey(clientAddress(r, s.TrustedProxies))
	conn, err := s.hub.upgrader.Upgrade(c.Response(), r, nil)
	if err != nil {
		// The upgrader has answered. The peer is at fault, or gone.
		s.Logger.Debug("socket: upgrade failed", "error", err)
		return nil
	}
	k := &socket{pump: pump{hub: s.hub, conn: conn, address: address}, origin: origin}
	k.talk = k
	if !s.hub.add(&k.pump) {
		_ = conn.Close()
		return nil
	}
	held := s.hub.limiter.addressSockets.hold(address, s.Limits.SocketsPerAddress)
	go k.run(held)
	return nil
}

// serveConsole upgrades an agent's request to a socket. Whose session it is, is
// known from here on; where it is nobody's, the socket is told so and closed,
// since a page learns nothing of an upgrade that was refused.
func (s *Server) serveConsole(c echo.Context) error {
	r := c.Request()
	if s.draining.Load() || s.hub.isClosing() {
		c.Response().Header().Set("Retry-After", "5")
		return problemOf(http.StatusServiceUnavailable, codeUnavailable)
	}
	if origin := r.Header.Get("Origin"); origin != "" && !s.hub.origins.isOwn(origin, r) {
		return problemOf(http.StatusForbidden, codeOriginNotAllowed)
	}
	who, refused := s.whoAsks(r)
	address := addressKey(clientAddress(r, s.TrustedProxies))
	conn, err := s.hub.consoleUpgrader.Upgrade(c.Response(), r, nil)
	if err != nil {
		// The upgrader has answered. The peer is at fault, or gone.
		s.Logger.Debug("socket: upgrade failed", "error", err)
		return nil
	}
	k := &console{pump: pump{hub: s.hub, conn: conn, address: address}, id: uuid.NewString(),
		person: who.person, sessionID: who.session.ID, refused: refused}
	k.talk = k
	if !s.hub.add(&k.pump) {
		_ = conn.Close()
		return nil
	}
	held := s.hub.limiter.addressSockets.hold(address, s.Limits.SocketsPerAddress)
	go k.run(held)
	return nil
}
