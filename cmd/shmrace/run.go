package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"
)

func runCommand() *cobra.Command {
	var f flags
	var free freedom
	c := &cobra.Command{
		Use:   "run LAB",
		Short: "free runs at full speed: what the hardware does",
		Args:  named("lab"),
		RunE: func(c *cobra.Command, args []string) error {
			lab, err := find(args[0])
			if err != nil {
				return err
			}
			setting, err := f.setting(c)
			if err != nil {
				return err
			}
			free.limit, free.seed = f.time, f.seed
			if err := free.check(setting, f.host); err != nil {
				return err
			}
			ctx, cancel := interruptible(c.Context())
			defer cancel()
			t, err := freeRuns(ctx, lab, setting, free)
			if err != nil {
				return wish(err)
			}
			if f.json {
				err = json.NewEncoder(c.OutOrStdout()).Encode(t)
			} else {
				t.tell(c.OutOrStdout())
			}
			return t.status(err)
		},
	}
	f.addSetting(c)
	c.Flags().IntVar(&free.runs, "runs", 10, "`N`, how many")
	c.Flags().DurationVar(&f.time, "time", time.Minute, "most `time` for one run")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "`N`, what --plan and --chaos begin with")
	c.Flags().StringVar(&free.text, "plan", "", "`faults` at points, as 'label=p3 actor=B : 10%kill'")
	c.Flags().BoolVar(&free.chaos, "chaos", false, "disturb the actors from outside, wherever they are")
	c.Flags().BoolVar(&free.race, "race", false, "record and judge: data races, what operations returned")
	c.SetContext(context.Background())
	return c
}
