package web

import "github.com/danielgtaylor/huma/v2"

// consoleImports puts imports in the browser on the group of those who are signed in.
func (s *Server) consoleImports(in huma.API) {}
