package web

import "github.com/danielgtaylor/huma/v2"

// consoleGaps puts what the knowledge base did not answer on the group of those who are signed in.
func (s *Server) consoleGaps(in huma.API) {}
