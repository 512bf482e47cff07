// Package tool holds what the bot may do besides writing, one file a tool. Each
// has its words to the model in prompts/tools.
package tool

import "github.com/careloop/careloop/assist"

// All lists the tools.
func All() []assist.Tool { return []assist.Tool{Escalate{}} }
