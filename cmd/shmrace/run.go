package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A tally is what free runs of a lab came to; its JSON is a contract.
type tally struct {
	Lab       string         `json:"lab"`
	Host      string         `json:"host"`
	Seed      uint64         `json:"seed"`
	Actors    int            `json:"actors"`
	Ops       int            `json:"ops"`
	Runs      int            `json:"runs"`
	Bad       int            `json:"bad"`
	Lost      int64          `json:"lost"`
	Outcomes  map[string]int `json:"outcomes"`
	ElapsedNS int64          `json:"elapsed_ns"`

	counts    bool          // the lab counts what is lost
	perRun    []int64       // lost in each run that came to an end
	verdict   trace.Verdict // of the first bad run
	first     error         // why it is bad
	undecided error         // why nothing is known of some run
	why       string
}

func runCommand() *cobra.Command {
	var f flags
	var runs int
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
			switch {
			case runs < 1:
				return outside("runs", runs)
			case f.time <= 0:
				return outside("time", f.time)
			case setting.Host != shmlab.Processes:
				return usage("--host %s: a free run needs actors that run at the same time, expected processes", f.host)
			case setting.InsideLocks || setting.Staggered:
				return usage("a free run has no points: expected no --inside-locks and no --start staggered")
			}
			t, err := freeRuns(lab, setting, runs, f.time)
			if err != nil {
				return wish(err)
			}
			t.Seed = f.seed
			if f.json {
				err = json.NewEncoder(c.OutOrStdout()).Encode(t)
			} else {
				t.tell(c.OutOrStdout())
			}
			return t.status(err)
		},
	}
	f.addSetting(c)
	c.Flags().IntVar(&runs, "runs", 10, "how many runs")
	c.Flags().DurationVar(&f.time, "time", time.Minute, "most time for one run")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "noted in the result: the hardware takes no seed")
	return c
}

// freeRuns runs lab freely, as often as asked; it stops at the first run that
// is stuck, for so will the next be.
func freeRuns(lab shmlab.AnyLab, setting shmlab.Setting, runs int, limit time.Duration) (*tally, error) {
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		return nil, err
	}
	defer bench.Close()
	d, size := bench.Lab(), bench.Setting().Size
	t := &tally{
		Lab: d.Name, Host: setting.Host.String(), Actors: size.Actors, Ops: size.Ops,
		Outcomes: map[string]int{}, counts: d.CountsLost, why: d.Why,
	}
	m := newMeter()
	defer m.clear()
	for t.Runs < runs {
		run, err := bench.Free(limit)
		if err != nil {
			return nil, err
		}
		t.add(run, bench.State())
		if run.Verdict == trace.Stuck || run.Verdict == trace.Budget {
			break
		}
		if t.ElapsedNS > int64(time.Second) {
			m.show(fmt.Sprintf("%d of %d runs", t.Runs, runs))
		}
	}
	return t, nil
}

func (t *tally) add(run shmlab.FreeRun, state string) {
	t.Runs++
	t.ElapsedNS += run.Elapsed.Nanoseconds()
	if run.Verdict == trace.Stuck || run.Verdict == trace.Budget {
		state = run.Verdict.String()
	} else {
		t.Lost += run.Lost
		t.perRun = append(t.perRun, run.Lost)
	}
	t.Outcomes[state]++
	switch {
	case run.Verdict.Bad():
		t.Bad++
		if t.first == nil {
			t.verdict, t.first = run.Verdict, run.Reason
		}
	case run.Verdict != trace.Holds:
		t.undecided = run.Reason
	}
}

func (t *tally) status(err error) error {
	switch {
	case err != nil:
		return undecided(err)
	case t.Bad > 0:
		return &exit{status: statusViolated}
	case t.undecided != nil:
		return undecided(t.undecided)
	}
	return nil
}

// tell prints the tally for a person.
func (t *tally) tell(out io.Writer) {
	fmt.Fprintln(out, property.Wrap(fmt.Sprintf("%s: %s, %s each; the hardware decides", t.Lab,
		property.Count(t.Actors, "process"), property.Count(t.Ops, "operation")), "  "))
	fmt.Fprintf(out, "  bad runs         %d/%d\n", t.Bad, t.Runs)
	if total := len(t.perRun) * t.Actors * t.Ops; t.counts && total > 0 {
		fmt.Fprintf(out, "  lost operations  %d/%d (%.2f %%)\n", t.Lost, total, 100*float64(t.Lost)/float64(total))
	}
	fmt.Fprintf(out, "  time             %v\n", time.Duration(t.ElapsedNS).Round(time.Millisecond))
	if t.counts && len(t.perRun) > 1 {
		fmt.Fprint(out, "\nlost in a run       runs\n")
		t.histogram(out)
	}
	fmt.Fprint(out, "\n"+paint(t.conclusion()))
	if t.first != nil && t.why != "" {
		fmt.Fprintln(out, property.Wrap("Why: "+t.why, "  "))
	}
}

// conclusion says in a line or two what the runs come to.
func (t *tally) conclusion() string {
	switch {
	case t.first != nil:
		return property.Wrap(fmt.Sprintf("%s: %v", strings.ToUpper(t.verdict.String()), t.first), "  ") + "\n"
	case t.undecided != nil:
		return property.Wrap(fmt.Sprintf("UNDECIDED: %v", t.undecided), "  ") + "\n"
	}
	return "HOLDS in every run. That is luck or law: explore tells which.\n"
}
