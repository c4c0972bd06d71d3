package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
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
			t, err := freeRuns(lab, setting, free)
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
	c.Flags().IntVar(&free.runs, "runs", 10, "how many runs")
	c.Flags().DurationVar(&f.time, "time", time.Minute, "most time for one run")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "of what is drawn for --plan and --chaos: the hardware takes none")
	c.Flags().StringVar(&free.text, "plan", "", "faults at points, as `'label=p3 actor=B : 10%kill'`")
	c.Flags().BoolVar(&free.chaos, "chaos", false, "disturb the actors from outside, wherever they are")
	c.Flags().BoolVar(&free.race, "race", false, "record what the actors do, and judge it: data races, and what operations returned")
	return c
}

// freeRuns runs lab freely, as often as asked; it stops at the first run that is
// stuck, for so will the next be, unless a plan may have stuck it.
func freeRuns(lab shmlab.AnyLab, setting shmlab.Setting, free freedom) (*tally, error) {
	setting, err := property.Judged(lab, setting)
	if err != nil {
		return nil, err
	}
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		return nil, err
	}
	defer bench.Close()
	if err := bench.Fits(free.plan); err != nil {
		return nil, usage("--plan: %w", err)
	}
	d, size := bench.Lab(), bench.Setting().Size
	t := &tally{
		Lab: d.Name, Host: setting.Host.String(), Actors: size.Actors, Ops: size.Ops,
		Seed: free.seed, Outcomes: map[string]int{}, counts: d.CountsLost, object: d.Object, why: d.Why,
	}
	t.disturbed.begin(free, setting)
	draw := free.turbulence(size.Actors)
	m := newMeter()
	defer m.clear()
	for t.Runs < free.runs {
		run, err := bench.FreeAs(free.as(t.Runs, draw()))
		if err != nil {
			return nil, err
		}
		t.add(run, bench.State())
		t.disturbed.add(t, run)
		t.recorded.add(run, size.Actors)
		if run.Verdict == trace.Budget || run.Verdict == trace.Stuck && free.plan == nil {
			break
		}
		if t.ElapsedNS > int64(time.Second) {
			m.show(fmt.Sprintf("%d of %d runs", t.Runs, free.runs))
		}
	}
	return t, nil
}
