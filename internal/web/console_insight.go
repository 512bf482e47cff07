package web

import "github.com/danielgtaylor/huma/v2"

// consoleInsight puts the figures of a shop on the group of those who are signed in.
func (s *Server) consoleInsight(in huma.API) {}
