package web

import "github.com/danielgtaylor/huma/v2"

// consoleGolden puts the playground, golden questions and replays on the group of those who are signed in.
func (s *Server) consoleGolden(in huma.API) {}
