// Command careloop is the whole product in one binary: the server and the tools
// beside it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// version is set when the binary is built.
var version = "dev"

// command is one of the words behind careloop.
type command struct {
	name, args, about string
	run               func(ctx context.Context, c *call) error
}

// call is a command under way.
type call struct {
	flags  *flag.FlagSet
	args   []string // what follows the flags
	out    io.Writer
	err    io.Writer
	lookup func(string) (string, bool)
}

// errUsage is an error that the usage was printed for already.
var errUsage = errors.New("usage")

func commands() []command {
	return []command{
		{"serve", "", "run the server", serve},
		{"import", "PATH|URL", "load articles: Markdown, CSV, JSONL, HTML, a sitemap", importArticles},
		{"ask", "QUESTION", "run one turn in the terminal", ask},
		{"embed", "WHAT", "show and change the embedder: status, switch [EMBEDDER], cancel, resume", embed},
		{"eval", "WHAT", "measure what Careloop does: search, confidence, triage, drafts, whole turns", evaluate},
		{"site", "", "list sites, or make and change one", site},
		{"user", "[add|invite|password|disable|enable]", "list agents and admins, or let somebody in", user},
		{"handoffs", "", "list shoppers who wait for a person", handoffs},
		{"migrate", "", "bring the database up to this version", migrate},
		{"health", "", "ask a running server whether it is ready", health},
		{"version", "", "print the version", func(_ context.Context, c *call) error {
			_, err := fmt.Fprintln(c.out, "careloop", version)
			return err
		}},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.LookupEnv)
	stop()
	os.Exit(code)
}

// run does what the arguments say and returns the exit code: 0, 1 for a failure,
// 2 for a call that cannot be understood, 3 where an evaluation came out worse
// than the last time.
func run(ctx context.Context, args []string, out, errOut io.Writer, lookup func(string) (string, bool)) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(out)
		return 0
	}
	for _, cmd := range commands() {
		if cmd.name != args[0] {
			continue
		}
		c := &call{flags: flag.NewFlagSet("careloop "+cmd.name, flag.ContinueOnError), args: args[1:], out: out, err: errOut, lookup: lookup}
		c.flags.SetOutput(errOut)
		c.flags.Usage = func() {
			fmt.Fprintf(out, "careloop %s %s\n  %s\n\nFlags:\n", cmd.name, strings.TrimSpace("[flags] "+cmd.args), cmd.about)
			c.flags.SetOutput(out)
			c.flags.PrintDefaults()
		}
		err := cmd.run(ctx, c)
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		case errors.Is(err, errRegression):
			return 3
		}
		fmt.Fprintf(errOut, "careloop %s: %s\n", cmd.name, err)
		return 1
	}
	fmt.Fprintf(errOut, "careloop: there is no command %q; careloop help lists them\n", args[0])
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "Careloop answers shoppers from a shop's own help pages, and brings a person when one is needed.")
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintf(w, "  careloop %-9s %-9s %s\n", c.name, c.args, c.about)
	}
	fmt.Fprintln(w, "\ncareloop COMMAND --help tells more; careloop serve --help lists every setting.")
}

// parse reads flags, which may stand before and after the other arguments, and
// keeps those others in c.args. It wants between least and most of them.
func (c *call) parse(least, most int) error {
	var rest []string
	for args := c.args; ; {
		if err := c.flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			return errUsage
		}
		if c.flags.NArg() == 0 {
			break
		}
		rest = append(rest, c.flags.Arg(0))
		args = c.flags.Args()[1:]
	}
	c.args = rest
	if len(rest) < least || len(rest) > most {
		fmt.Fprintf(c.err, "%s: wanted %d to %d arguments, got %d; see --help\n", c.flags.Name(), least, most, len(rest))
		return errUsage
	}
	return nil
}
