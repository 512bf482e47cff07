package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/phrase"
	"github.com/careloop/careloop/internal/account"
	"github.com/careloop/careloop/internal/config"
)

// user lets the shop's people in from the machine that Careloop runs on.
func user(ctx context.Context, c *call) error {
	where := dataFlags(c)
	email := c.flags.String("email", "", "whose account it is")
	name := c.flags.String("name", "", "what colleagues and shoppers call them")
	role := c.flags.String("role", "agent", "agent or admin")
	passwordFile := c.flags.String("password-file", "-", "a file with the password; - reads standard input")
	var sites repeated
	c.flags.Var(&sites, "site", "a site that an agent answers for; may be repeated. Without it: the default site")
	if err := c.parse(0, 1); err != nil {
		return err
	}
	verb := "list"
	if len(c.args) == 1 {
		verb = c.args[0]
	}
	if verb != "list" && *email == "" {
		return errors.New("--email says whose account it is")
	}
	inst, err := open(ctx, c, where)
	if err != nil {
		return err
	}
	defer inst.close()
	accounts, err := account.New(ctx, inst.db)
	if err != nil {
		return err
	}
	switch verb {
	case "list":
		return printPeople(ctx, c, accounts)
	case "invite", "add":
		i := account.Invitation{Email: *email, Name: *name, Role: account.Role(*role), SiteKeys: sites}
		if i.Role == account.Agent && len(sites) == 0 {
			s, err := inst.site(ctx, "")
			if err != nil {
				return err
			}
			i.SiteKeys = []string{s.Key}
		}
		if verb == "invite" {
			return inviteUser(ctx, c, inst.cfg, accounts, i)
		}
		return addUser(ctx, c, accounts, i, *name, *passwordFile)
	case "password":
		password, err := readPassword(*passwordFile)
		if err != nil {
			return err
		}
		if err := accounts.ResetFromCommandLine(ctx, *email, password); err != nil {
			return spoken(err)
		}
		fmt.Fprintf(c.out, "The password of %s is changed, and every session of theirs has ended.\n", *email)
		return nil
	case "disable", "enable":
		disabled := verb == "disable"
		if _, err := accounts.ChangeFromCommandLine(ctx, *email, account.Change{Disabled: &disabled}); err != nil {
			return spoken(err)
		}
		fmt.Fprintf(c.out, "%s is %sd.\n", *email, verb)
		return nil
	}
	return fmt.Errorf("there is no %q; it is add, invite, password, disable or enable", verb)
}

func inviteUser(ctx context.Context, c *call, cfg config.Config, accounts *account.Accounts, i account.Invitation) error {
	i, token, err := accounts.InviteFromCommandLine(ctx, i)
	if err != nil {
		return spoken(err)
	}
	addr, err := net.ResolveTCPAddr("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "Good once, until %s:\n%s\n", i.ExpiresAt.Format("2 January 2006"), consoleLink(cfg, addr, token))
	return nil
}

func addUser(ctx context.Context, c *call, accounts *account.Accounts, i account.Invitation, name, passwordFile string) error {
	if name == "" {
		return errors.New("--name says what colleagues and shoppers call them")
	}
	password, err := readPassword(passwordFile)
	if err != nil {
		return err
	}
	p, err := accounts.AddFromCommandLine(ctx, i, name, password)
	if err != nil {
		return spoken(err)
	}
	fmt.Fprintf(c.out, "%s (%s) can sign in.\n", p.Email, p.Role)
	return nil
}

// readPassword takes the first line of a file, or of standard input: a password
// on the command line stands in every list of processes.
func readPassword(file string) (string, error) {
	if file != "-" {
		return readSecret(file)
	}
	const most = 4096
	b, err := io.ReadAll(io.LimitReader(os.Stdin, most))
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimRight(line, "\r"), err
}

// spoken turns a refusal into its sentence.
func spoken(err error) error {
	var refusal *assist.Error
	if errors.As(err, &refusal) {
		return errors.New(phrase.Error("en", string(refusal.Code)))
	}
	return err
}

func printPeople(ctx context.Context, c *call, accounts *account.Accounts) error {
	people, err := accounts.PeopleFromCommandLine(ctx)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		fmt.Fprintln(c.out, "Nobody can sign in to the console yet. careloop serve prints the first admin's link, or: careloop user invite --role admin --email YOU")
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "E-MAIL\tNAME\tROLE\tSTATE\tSITES")
	for _, p := range people {
		state := "away"
		switch {
		case p.Disabled:
			state = "disabled"
		case p.Online:
			state = "online"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Email, p.Name, p.Role, state, strings.Join(p.SiteKeys, " "))
	}
	return w.Flush()
}
