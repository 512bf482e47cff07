package web

import "github.com/danielgtaylor/huma/v2"

// consoleArticles puts what admins do with articles on the group of those who are signed in.
func (s *Server) consoleArticles(in huma.API) {}
