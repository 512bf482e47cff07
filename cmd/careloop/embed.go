package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/retrieval"
)

// embed shows and changes which vectors are searched.
func embed(ctx context.Context, c *call) error {
	where := dataFlags(c)
	now := c.flags.Bool("now", false, "with switch and resume: do all of it here, instead of leaving it to a running server")
	asJSON := c.flags.Bool("json", false, "with status: print one JSON object")
	if err := c.parse(1, 2); err != nil {
		return err
	}
	what, name := c.args[0], ""
	if len(c.args) == 2 {
		name = c.args[1]
	}
	if what != "status" && what != "switch" && what != "cancel" && what != "resume" || name != "" && what != "switch" {
		fmt.Fprintln(c.err, "careloop embed takes: status, switch [EMBEDDER], cancel, resume; see --help")
		return errUsage
	}
	inst, err := open(ctx, c, where)
	if err != nil {
		return err
	}
	defer inst.close()
	switch what {
	case "switch":
		err = inst.switchTo(ctx, c, name)
	case "cancel":
		if name, err = inst.db.CancelSwitch(ctx); err == nil {
			fmt.Fprintf(c.out, "The switch to %s is stopped. Its vectors stay: careloop embed resume goes on with them.\n", name)
		} else if errors.Is(err, postgres.ErrNoSwitch) {
			err = errors.New("no switch is under way, so there is nothing to cancel; careloop embed status shows what is")
		}
	case "resume":
		if name, err = inst.db.ResumeSwitch(ctx); err == nil {
			fmt.Fprintf(c.out, "The switch to %s goes on.\n", name)
		} else if errors.Is(err, postgres.ErrNoneCancelled) {
			err = errors.New("no switch was cancelled, so there is nothing to resume; careloop embed switch EMBEDDER begins one")
		}
	}
	if err != nil {
		return err
	}
	if *now && (what == "switch" || what == "resume") {
		if err := inst.embedAll(ctx, c); err != nil {
			return err
		}
	}
	return printEmbedders(ctx, c, inst, *asJSON)
}

// switchTo begins a switch, after one try whether the embedder can do it at all.
func (inst *instance) switchTo(ctx context.Context, c *call, name string) error {
	if name == "" {
		name = inst.cfg.Embedding.Model
	}
	name = embedderName(name)
	embedder, err := inst.embedding.embedder(name)
	if err != nil {
		return err
	}
	if _, err := embedder.Embed(ctx, []string{"Is anybody there?"}, true); err != nil {
		return fmt.Errorf("%s does not embed, so nothing is changed: %w", name, err)
	}
	switch err := inst.db.BeginSwitch(ctx, name); {
	case errors.Is(err, postgres.ErrSearchedAlready):
		return fmt.Errorf("the vectors of %s are searched already", name)
	case err != nil:
		return err
	}
	if set := inst.cfg.Embedding.Model; set != "" && embedderName(set) != name {
		fmt.Fprintf(c.err, "CARELOOP_EMBEDDING_MODEL is %s: set it to %s as well, or the next start of the server switches back.\n", set, name)
	}
	fmt.Fprintf(c.out, "Vectors of %s are being made. Until there is one for every chunk, the old ones are searched.\n", name)
	return nil
}

// embedAll embeds what any site lacks.
func (inst *instance) embedAll(ctx context.Context, c *call) error {
	sites, err := inst.db.Sites(ctx)
	if err != nil {
		return err
	}
	for _, s := range sites {
		bar := newBar(c.err, "embedding "+s.Key)
		_, err := inst.embedding.now(ctx, s.ID, func(done int) { _ = bar.Set(done) })
		_ = bar.Finish()
		if err != nil {
			return fmt.Errorf("%s was not embedded to the end; what is done stays, and the same command goes on: %w", s.Key, err)
		}
	}
	return nil
}

// embedderJSON is one embedder of embed status --json.
type embedderJSON struct {
	Embedder   string                  `json:"embedder"`
	State      retrieval.EmbedderState `json:"state"`
	Dimensions int                     `json:"dimensions"`
	Wanted     int                     `json:"wanted"`
	Done       int                     `json:"done"`
	Failed     int                     `json:"failed"`
	Reason     string                  `json:"reason,omitempty"`
	Since      time.Time               `json:"since"`
}

func printEmbedders(ctx context.Context, c *call, inst *instance, asJSON bool) error {
	all, err := inst.db.EmbedderProgress(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		list := []embedderJSON{}
		for _, p := range all {
			list = append(list, embedderJSON{p.Name, p.State, p.Dimensions, p.Wanted, p.Done, p.Refused, p.Reason, p.Since})
		}
		return printJSON(c.out, map[string]any{"embedders": list})
	}
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "EMBEDDER\tSTATE\tWANTED\tDONE\tFAILED\tSINCE")
	for _, p := range all {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\n", p.Name, p.State, p.Wanted, p.Done, p.Refused, p.Since.Local().Format(time.DateTime))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range all {
		if p.Refused > 0 {
			fmt.Fprintf(c.out, "%s does not take %d chunks, which are found by their words alone: %s\n", p.Name, p.Refused, p.Reason)
		}
	}
	return nil
}
