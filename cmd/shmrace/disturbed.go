package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/shmlab"
)

// disturbed is what was done to the actors of free runs; part of a tally.
type disturbed struct {
	Plan    string   `json:"plan"`    // "" if there is none
	Chaos   bool     `json:"chaos"`   // was asked for
	Fires   int      `json:"fires"`   // what the plan did in all runs
	Killed  int      `json:"killed"`  // actors, in all runs
	Extinct int      `json:"extinct"` // runs that nobody survived
	Fired   string   `json:"fired"`   // what it did in the first bad run, else in the last, as a plan
	Denied  []string `json:"denied"`  // what of the chaos was not allowed

	plan    inject.Plan
	setting shmlab.Setting
	run     int // that Fired is of
	count   int // what it did in that
	bad     bool
}

func (d *disturbed) begin(f freedom, setting shmlab.Setting) {
	d.Plan, d.plan, d.Chaos, d.setting, d.Denied = f.plan.String(), f.plan, f.chaos, setting, []string{}
}

// add adds a run that t has added.
func (d *disturbed) add(t *tally, run shmlab.FreeRun) {
	d.Fires, d.Killed = d.Fires+run.Fires, d.Killed+run.Killed
	if run.Killed == t.Actors {
		d.Extinct++
	}
	for _, what := range run.Denied {
		if !slices.Contains(d.Denied, what) {
			d.Denied = append(d.Denied, what)
		}
	}
	if run.Fires == 0 || d.bad {
		return
	}
	d.bad, d.run, d.count = run.Verdict.Bad(), t.Runs, run.Fires
	d.Fired = d.plan.Compile(run.Fired[:min(len(run.Fired), shmlab.MaxTraps)]).String()
}

func (d *disturbed) tell(out io.Writer) {
	if d.Plan != "" {
		fmt.Fprintf(out, "  faults           %d by the plan, %s killed\n", d.Fires, property.Count(d.Killed, "actor"))
	}
	if d.Extinct > 0 {
		fmt.Fprintf(out, "  nobody survived  %s, of which little was asked\n", property.Count(d.Extinct, "run"))
	}
	for _, what := range d.Denied {
		fmt.Fprintf(out, "  not allowed      %.60s\n", what)
	}
}

// longAgain is the longest plan that is printed.
const longAgain = 400

// tellAgain prints the line that does again what the plan did in one run.
func (t *tally) tellAgain(out io.Writer) {
	if t.Fires == 0 {
		return
	}
	fmt.Fprintf(out, "In run %d the plan did %s", t.run, property.Count(t.count, "thing"))
	if len(t.Fired) > longAgain {
		fmt.Fprintf(out, ", too many for a line: seed %d draws the same.\n", t.Seed+uint64(t.run)-1)
		return
	}
	flags := ""
	if t.setting.InsideLocks {
		flags = " --inside-locks"
	}
	fmt.Fprintf(out, ". To have the same done:\nshmrace run %s --actors %d --ops %d%s --plan '%s'\n",
		t.Lab, t.Actors, t.Ops, flags, strings.ReplaceAll(t.Fired, "'", `'\''`))
}
