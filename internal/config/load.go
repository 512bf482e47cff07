package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFile bounds a file that holds a value, in bytes.
const maxFile = 64 << 10

// Load reads every setting through lookup, which is os.LookupEnv outside of
// tests. The error is one line for people: which variable, and what is allowed.
// An empty variable counts as not set.
func Load(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	for _, s := range settings {
		value, given, err := valueOf(s, lookup)
		if err != nil {
			return Config{}, err
		}
		if !given {
			value = s.Default
		}
		if err := s.set(&c, value); err != nil {
			if s.Secret {
				return Config{}, fmt.Errorf("%s: %w", s.Name, err)
			}
			return Config{}, fmt.Errorf("%s: %w; it is %q", s.Name, err, value)
		}
	}
	if c.Model.Name == "" {
		return Config{}, errors.New("CARELOOP_MODEL: must name a model")
	}
	if c.Embedding.BaseURL == "" || c.Embedding.BaseURL == c.Model.BaseURL {
		// A key never goes to a server that it is not meant for.
		if !c.Embedding.APIKey.IsSet() {
			c.Embedding.APIKey = c.Model.APIKey
		}
		c.Embedding.BaseURL = c.Model.BaseURL
	}
	if c.OIDC.Issuer != "" && (c.OIDC.ClientID == "" || c.PublicURL == "") {
		return Config{}, errors.New("CARELOOP_OIDC_ISSUER: needs CARELOOP_OIDC_CLIENT_ID and CARELOOP_PUBLIC_URL")
	}
	if c.Mail.Enabled() && (c.Mail.From == "" || c.Mail.ReplyTo == "" || !c.Mail.Secret.IsSet()) {
		return Config{}, errors.New("CARELOOP_SMTP_URL: needs CARELOOP_MAIL_FROM, CARELOOP_MAIL_REPLY_TO and CARELOOP_MAIL_SECRET")
	}
	if !c.Mail.Enabled() && (c.Mail.IMAP.IsSet() || c.Mail.WebhookSecret.IsSet()) {
		return Config{}, errors.New("CARELOOP_IMAP_URL and CARELOOP_MAIL_WEBHOOK_SECRET: need CARELOOP_SMTP_URL")
	}
	if c.ShutdownSpread >= c.ShutdownTime {
		return Config{}, errors.New("CARELOOP_SHUTDOWN_SPREAD: must be less than CARELOOP_SHUTDOWN_TIME")
	}
	return c, nil
}

// Override lets flags of the command line win over the environment: values by
// the name of their variable.
func Override(lookup func(string) (string, bool), values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if v, ok := values[strings.TrimSuffix(name, "_FILE")]; ok && v != "" {
			if strings.HasSuffix(name, "_FILE") {
				return "", false
			}
			return v, true
		}
		return lookup(name)
	}
}

func valueOf(s Setting, lookup func(string) (string, bool)) (value string, given bool, err error) {
	value, _ = lookup(s.Name)
	path, _ := lookup(s.Name + "_FILE")
	switch {
	case value != "" && path != "":
		return "", false, fmt.Errorf("%s: is set, and so is %s_FILE; set one of them", s.Name, s.Name)
	case value != "":
		return value, true, nil
	case path == "":
		return "", false, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return "", false, fmt.Errorf("%s_FILE: %w", s.Name, err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return "", false, fmt.Errorf("%s_FILE: %w", s.Name, err)
	case len(content) > maxFile:
		return "", false, fmt.Errorf("%s_FILE: %s is larger than %d bytes", s.Name, path, maxFile)
	}
	value = strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	return value, value != "", nil
}

// Help writes the table for a terminal.
func Help(w io.Writer) error {
	var b strings.Builder
	b.WriteString("Environment variables. Each may be given as NAME_FILE instead: the path of a file that holds the value.\n")
	group := ""
	for _, s := range settings {
		if s.Group != group {
			group = s.Group
			fmt.Fprintf(&b, "\n%s:\n", group)
		}
		fmt.Fprintf(&b, "  %s", s.Name)
		if s.Default != "" {
			fmt.Fprintf(&b, " (default %s)", s.Default)
		}
		fmt.Fprintf(&b, "\n      %s\n", s.Help)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Example writes the table as a file for an .env loader: every variable with its
// default, commented out.
func Example(w io.Writer) error {
	var b strings.Builder
	group := ""
	for _, s := range settings {
		if s.Group != group {
			if group != "" {
				b.WriteByte('\n')
			}
			group = s.Group
			fmt.Fprintf(&b, "# %s\n", group)
		}
		fmt.Fprintf(&b, "\n# %s\n# %s=%s\n", s.Help, s.Name, s.Default)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
