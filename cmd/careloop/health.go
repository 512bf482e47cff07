package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// health is for container health checks: the image has no curl.
func health(ctx context.Context, c *call) error {
	addr := c.flags.String("addr", "", "where the server listens; CARELOOP_ADDR by default")
	if err := c.parse(0, 0); err != nil {
		return err
	}
	if *addr == "" {
		cfg, err := configuration(c)
		if err != nil {
			return err
		}
		*addr = cfg.Addr
	}
	host, port, err := net.SplitHostPort(*addr)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT", *addr)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("nobody answers at %s", *addr)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 200))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", strings.TrimSpace(string(body)))
	}
	_, err = fmt.Fprintln(c.out, strings.TrimSpace(string(body)))
	return err
}
