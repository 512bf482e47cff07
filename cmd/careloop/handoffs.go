package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/postgres"
)

func handoffs(ctx context.Context, c *call) error {
	where := dataFlags(c)
	key := c.flags.String("site", "", "the site's key; empty is the default site")
	asJSON := c.flags.Bool("json", false, "one JSON object per line")
	all := c.flags.Bool("all", false, "closed ones, too")
	limit := c.flags.Int("limit", 20, "how many at most, the newest first")
	before := c.flags.Int64("before", 0, "only those with a number below this, to read on")
	closeID := c.flags.Int64("close", 0, "close the handoff of this number")
	if err := c.parse(0, 0); err != nil {
		return err
	}
	inst, err := open(ctx, c, where)
	if err != nil {
		return err
	}
	defer inst.close()
	s, err := inst.site(ctx, *key)
	if err != nil {
		return err
	}
	if *closeID > 0 {
		closed, err := inst.db.CloseHandoff(ctx, s.ID, *closeID)
		if err != nil {
			return err
		}
		if !closed {
			return fmt.Errorf("site %s has no open handoff %d", s.Key, *closeID)
		}
		fmt.Fprintf(c.out, "Handoff %d is closed.\n", *closeID)
		return nil
	}
	list, err := inst.db.Handoffs(ctx, s.ID, *limit, *before)
	if err != nil {
		return err
	}
	shown := 0
	for _, h := range list {
		if !h.Open && !*all {
			continue
		}
		shown++
		if *asJSON {
			if err := json.NewEncoder(c.out).Encode(h); err != nil {
				return err
			}
			continue
		}
		printHandoff(c.out, h)
	}
	if shown == 0 && !*asJSON {
		fmt.Fprintln(c.out, "Nobody waits for a person.")
	}
	if len(list) == *limit && !*asJSON {
		fmt.Fprintf(c.out, "There may be more: careloop handoffs --before %d\n", list[len(list)-1].ID)
	}
	return nil
}

func printHandoff(w io.Writer, h postgres.Handoff) {
	state := ""
	if !h.Open {
		state = ", closed"
	}
	fmt.Fprintf(w, "%d  %s%s\n", h.ID, h.At.Local().Format(time.DateTime), state)
	to := h.Email
	if to == "" {
		to = h.Shopper.Email
	}
	if to == "" {
		to = "no e-mail address was left"
	}
	fmt.Fprintf(w, "   reply to: %s\n", strings.TrimSpace(h.Shopper.Name+" "+to))
	if h.Note != "" {
		fmt.Fprintf(w, "   note: %s\n", indent(h.Note))
	}
	if h.Page.URL != "" {
		fmt.Fprintf(w, "   page: %s\n", h.Page.URL)
	}
	for _, e := range h.Events {
		if e.Kind == assist.KindMessage && e.Author.Kind != assist.BySystem {
			fmt.Fprintf(w, "   %-8s %s\n", e.Author.Kind, indent(e.Text))
		}
	}
	fmt.Fprintln(w)
}

func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n            ") }
