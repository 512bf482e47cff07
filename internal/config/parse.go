package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The parsers: each says in its error what is allowed, and never repeats the
// value; Load adds the name, and the value where it is no secret.

func text(to *string, v string) error {
	*to = strings.TrimSpace(v)
	return nil
}

func secret(to *Secret, v string) error {
	v = strings.TrimSpace(v)
	if strings.ContainsAny(v, " \t\r\n") {
		return errors.New("must not hold spaces or line breaks")
	}
	*to = Secret{v}
	return nil
}

func databaseURL(to *Secret, v string) error {
	v = strings.TrimSpace(v)
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return errors.New("must be postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	*to = Secret{v}
	return nil
}

func address(to *string, v string) error {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return errors.New("must be HOST:PORT, as 127.0.0.1:8080")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return errors.New("must be HOST:PORT with a port from 0 to 65535")
	}
	*to = v
	return nil
}

func webAddress(v string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(v))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("must be an http or https address without user, query and fragment")
	}
	return u, nil
}

func baseURL(to *string, v string) error {
	if v == "" {
		*to = ""
		return nil
	}
	u, err := webAddress(v)
	if err != nil {
		return err
	}
	*to = strings.TrimSuffix(u.String(), "/")
	return nil
}

func origin(to *string, v string) error {
	if v == "" {
		*to = ""
		return nil
	}
	u, err := webAddress(v)
	if err != nil {
		return err
	}
	if u.Path != "" && u.Path != "/" {
		return errors.New("must be scheme://host[:port] without a path")
	}
	*to = u.Scheme + "://" + u.Host
	return nil
}

func natsURL(to *string, v string) error {
	for _, one := range split(v) {
		u, err := url.Parse(one)
		if err != nil || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) || u.Host == "" {
			return errors.New("must be nats://HOST:PORT, several divided by commas")
		}
	}
	*to = strings.Join(split(v), ",")
	return nil
}

func prefixes(to *[]netip.Prefix, v string) error {
	*to = nil
	for _, one := range split(v) {
		p, err := netip.ParsePrefix(one)
		if err != nil {
			a, err := netip.ParseAddr(one)
			if err != nil {
				return errors.New("must be addresses or CIDRs, as 10.0.0.0/8, divided by commas")
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		*to = append(*to, p.Masked())
	}
	return nil
}

func list(to *[]string, v string) error {
	*to = split(v)
	return nil
}

func split(v string) []string {
	var out []string
	for _, one := range strings.Split(v, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

func duration(to *time.Duration, v string, least, most time.Duration) error {
	d, err := time.ParseDuration(strings.TrimSpace(v))
	if err != nil || d < least || d > most {
		return fmt.Errorf("must be a duration from %v to %v, as 1m30s", least, most)
	}
	*to = d
	return nil
}

func integer(to *int, v string, least, most int) error {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < least || n > most {
		return fmt.Errorf("must be a whole number from %d to %d", least, most)
	}
	*to = n
	return nil
}

func fraction(to *float64, v string) error {
	f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 1 {
		return errors.New("must be a number from 0 to 1")
	}
	*to = f
	return nil
}

// maxDollars bounds an amount, so that its millionths are far from overflowing.
const maxDollars = 1e6

func dollars(to *int64, v string) error {
	micros, ok := microsOf(v)
	if !ok {
		return errors.New("must be an amount in dollars from 0 to 1000000, as 5.00")
	}
	*to = micros
	return nil
}

func microsOf(v string) (int64, bool) {
	f, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(v), "$"), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > maxDollars {
		return 0, false
	}
	return int64(math.Round(f * 1e6)), true
}

func prices(to *map[string]Price, v string) error {
	wrong := errors.New("must be MODEL=IN/OUT in dollars per million tokens, as gpt-4o-mini=0.15/0.60, several divided by commas")
	out := map[string]Price{}
	for _, one := range split(v) {
		// The last "=": names of models may hold one, amounts never do.
		at := strings.LastIndexByte(one, '=')
		if at <= 0 {
			return wrong
		}
		in, after, ok := strings.Cut(one[at+1:], "/")
		if !ok {
			return wrong
		}
		inMicros, inOK := microsOf(in)
		outMicros, outOK := microsOf(after)
		if !inOK || !outOK {
			return wrong
		}
		out[strings.TrimSpace(one[:at])] = Price{In: inMicros, Out: outMicros}
	}
	*to = out
	return nil
}

func level(to *slog.Level, v string) error {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "debug":
		*to = slog.LevelDebug
	case "info":
		*to = slog.LevelInfo
	case "warn":
		*to = slog.LevelWarn
	case "error":
		*to = slog.LevelError
	default:
		return errors.New("must be debug, info, warn or error")
	}
	return nil
}

func oneOf(to *string, v string, allowed ...string) error {
	if !slices.Contains(allowed, v) {
		return errors.New("must be " + strings.Join(allowed, " or "))
	}
	*to = v
	return nil
}
