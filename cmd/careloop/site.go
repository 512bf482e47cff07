package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"text/tabwriter"

	"golang.org/x/text/language"

	"github.com/careloop/careloop/assist"
)

var siteKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func site(ctx context.Context, c *call) error {
	where := dataFlags(c)
	key := c.flags.String("key", "", "the site's key, as in its script tag; makes the site where there is none")
	name := c.flags.String("name", "", "what shoppers call the shop")
	locale := c.flags.String("locale", "", "the shop's own language, such as en or de-AT")
	budget := c.flags.Float64("daily-budget", -1, "what models may cost this site in a day, in dollars; -1 leaves it")
	var origins, secrets repeated
	c.flags.Var(&origins, "origin", "a web origin that may carry the widget, such as https://shop.example; may be repeated, and replaces the list")
	c.flags.Var(&secrets, "identity-secret-file", "a file with the secret that signs the identity of logged-in shoppers")
	if err := c.parse(0, 0); err != nil {
		return err
	}
	s := assist.Site{Key: *key, Name: *name}
	if *key == "" && (*name != "" || *locale != "" || *budget >= 0 || len(origins)+len(secrets) > 0) {
		return errors.New("--key says which site to make or change")
	}
	if *key != "" && !siteKey.MatchString(*key) {
		return fmt.Errorf("the key %q may hold letters, digits, - and _ only, at most 64", *key)
	}
	if *locale != "" {
		tag, err := language.Parse(*locale)
		if err != nil {
			return fmt.Errorf("%q is not a language tag; try en or de-AT", *locale)
		}
		s.Locale = tag.String()
	}
	for _, o := range origins {
		clean, err := cleanOrigin(o)
		if err != nil {
			return err
		}
		s.AllowedOrigins = append(s.AllowedOrigins, clean)
	}
	if *budget >= 0 {
		micros := int64(*budget * 1e6)
		s.DailyBudget = &micros
	}
	for _, file := range secrets {
		secret, err := readSecret(file)
		if err != nil {
			return err
		}
		s.IdentitySecret = secret
	}
	inst, err := open(ctx, c, where)
	if err != nil {
		return err
	}
	defer inst.close()
	if *key != "" {
		if s.Name == "" {
			if _, err := inst.db.SiteByKey(ctx, *key); assist.CodeOf(err) == assist.CodeUnknownSite {
				s.Name = *key
			}
		}
		if _, err := inst.db.EnsureSite(ctx, s); err != nil {
			return err
		}
	}
	return printSites(ctx, c, inst)
}

func printSites(ctx context.Context, c *call, inst *instance) error {
	all, err := inst.db.Sites(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(c.out, `There is no site yet. Make one: careloop site --key shop --name "My shop" --origin https://shop.example`)
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tNAME\tLANGUAGE\tDAILY BUDGET\tORIGINS")
	for _, s := range all {
		budget := "default"
		if s.DailyBudget != nil {
			budget = fmt.Sprintf("$%.2f", float64(*s.DailyBudget)/1e6)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Key, s.Name, s.Locale, budget, strings.Join(s.AllowedOrigins, " "))
	}
	return w.Flush()
}

// cleanOrigin makes scheme://host[:port] out of what was typed.
func cleanOrigin(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil {
		return "", fmt.Errorf("%q is not an origin; it is a scheme and a host, such as https://shop.example", s)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// repeated is a flag that may be given more than once.
type repeated []string

func (r *repeated) String() string { return strings.Join(*r, ", ") }

func (r *repeated) Set(s string) error {
	*r = append(*r, s)
	return nil
}
