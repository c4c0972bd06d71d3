package main

import (
	"errors"
	"fmt"
	"testing"

	"shmrace/shmlab/ipc"
)

// What does not come on a busy machine decides nothing; what comes out wrong does,
// whichever is first.
func TestLateIsUndecided(t *testing.T) {
	d := ipc.All()[0]
	late := &ipc.Report{Err: fmt.Errorf("%w: waited 10s for a reply", ipc.ErrLate)}
	wrong := &ipc.Report{Err: errors.New("pipe2: EMFILE")}
	for _, c := range []struct {
		runs []*ipc.Report
		want int
	}{
		{[]*ipc.Report{late}, statusUndecided},
		{[]*ipc.Report{wrong}, statusViolated},
		{[]*ipc.Report{late, wrong}, statusViolated},
		{[]*ipc.Report{wrong, late}, statusViolated},
	} {
		var first error
		for _, r := range c.runs {
			first = graver(first, d, r)
		}
		var e *exit
		if !errors.As(first, &e) || e.status != c.want {
			t.Errorf("%v: expected status %d", first, c.want)
		}
	}
}
