package main

import (
	"context"
	"fmt"
)

func migrate(ctx context.Context, c *call) error {
	where := dataFlags(c)
	if err := c.parse(0, 0); err != nil {
		return err
	}
	inst, err := open(ctx, c, where)
	if err != nil {
		return err
	}
	defer inst.close()
	for _, name := range inst.applied {
		fmt.Fprintln(c.out, "applied", name)
	}
	if len(inst.applied) == 0 {
		fmt.Fprintln(c.out, "The database is up to date.")
	}
	return nil
}
