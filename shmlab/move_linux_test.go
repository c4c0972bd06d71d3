package shmlab_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// dawdles takes its time between two steps, as on a processor that others want.
var dawdles = served(play("move/dawdles", func(p *shmlab.Proc, s *board) {
	s.X.Set(p, 1)
	if s.X.Get(p) == 1 {
		time.Sleep(1100 * time.Millisecond)
	}
}))

// After a run that was slow the next is on another processor, that of the
// supervisor too; after a quick one it stays.
func TestSlowRunMoves(t *testing.T) {
	var all unix.CPUSet
	if unix.SchedGetaffinity(0, &all); all.Count() < 2 {
		t.Skip("there is one processor only")
	}
	for _, c := range []struct {
		lab   shmlab.AnyLab
		moves bool
	}{{dawdles, true}, {exits, false}} {
		var before, after unix.CPUSet
		bench := open(t, c.lab, shmlab.Setting{})
		unix.SchedGetaffinity(0, &before)
		if run, err := bench.Run(script(t, "A A")); err != nil || c.moves && run.Verdict != trace.Holds {
			t.Fatal(run, err)
		}
		unix.SchedGetaffinity(0, &after)
		if before.Count() != 1 || after.Count() != 1 || (before != after) != c.moves {
			t.Errorf("%s: it moves: %v, expected %v", c.lab.Describe().Name, before != after, c.moves)
		}
	}
}
