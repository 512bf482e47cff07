package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
)

// evaluations are the words behind careloop eval.
func evaluations() []command {
	return []command{
		{"triage", "", "read labelled messages and compare: asks for a person, negative, in scope", evalTriage},
		{"drafts", "", "write replies to real conversations, cut before an agent's turn, and score them", evalDrafts},
	}
}

func evaluate(ctx context.Context, c *call) error {
	if len(c.args) > 0 {
		for _, e := range evaluations() {
			if e.name != c.args[0] {
				continue
			}
			c.flags = flag.NewFlagSet("careloop eval "+e.name, flag.ContinueOnError)
			c.flags.SetOutput(c.err)
			c.flags.Usage = func() {
				fmt.Fprintf(c.out, "careloop eval %s %s\n  %s\n\nFlags:\n", e.name, strings.TrimSpace("[flags] "+e.args), e.about)
				c.flags.SetOutput(c.out)
				c.flags.PrintDefaults()
			}
			c.args = c.args[1:]
			return e.run(ctx, c)
		}
	}
	w := c.err
	asked := len(c.args) == 1 && (c.args[0] == "-h" || c.args[0] == "--help" || c.args[0] == "help")
	if asked {
		w = c.out
	} else if len(c.args) > 0 {
		fmt.Fprintf(w, "careloop eval: there is no evaluation %q\n", c.args[0])
	}
	for _, e := range evaluations() {
		fmt.Fprintf(w, "  careloop eval %-11s %-4s %s\n", e.name, e.args, e.about)
	}
	if asked {
		return nil
	}
	return errUsage
}

// need refuses flags that are missing.
func (c *call) need(flags map[string]*string) error {
	for name, value := range flags {
		if *value == "" {
			fmt.Fprintf(c.err, "%s: --%s is needed; see --help\n", c.flags.Name(), name)
			return errUsage
		}
	}
	return nil
}

func printJSON(w io.Writer, v any) error {
	return json.NewEncoder(w).Encode(v)
}
