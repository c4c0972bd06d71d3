package main

import (
	"fmt"
	"io"

	"shmrace/property"
	"shmrace/shmlab"
)

// recorded is what was found in the recordings of free runs; part of a tally.
type recorded struct {
	Recorded int    `json:"recorded"` // operations looked at
	Missed   int    `json:"missed"`   // operations that were written over
	Races    int    `json:"races"`    // runs with a data race
	Race     string `json:"race"`     // the first
	Told     int    `json:"told"`     // calls and returns of p.Op
	Untold   int    `json:"untold"`   // of these, that were not kept

	looked bool
}

func (r *recorded) add(run shmlab.FreeRun, actors int) {
	if run.Record == nil {
		return
	}
	r.looked = true
	r.Recorded, r.Missed = r.Recorded+run.Record.Kept, r.Missed+run.Record.Lost
	told := len(run.Record.History().Events)
	r.Told, r.Untold = r.Told+told+run.Record.Untold, r.Untold+run.Record.Untold
	if race := property.RaceIn(run.Record, actors); race != nil {
		if r.Races++; r.Races == 1 {
			r.Race = race.Text()
		}
	}
}

func (r *recorded) tell(out io.Writer) {
	if r.looked {
		fmt.Fprintf(out, "  data races       in %s; %d operations looked at", property.Count(r.Races, "run"), r.Recorded)
		if r.Missed > 0 {
			fmt.Fprintf(out, ", %d not", r.Missed)
		}
		fmt.Fprintln(out)
	}
	if r.Told > 0 {
		fmt.Fprintf(out, "  linearizable     %d calls and returns judged", r.Told-r.Untold)
		if r.Untold > 0 {
			fmt.Fprintf(out, ", %d not", r.Untold)
		}
		fmt.Fprintln(out)
	}
}
