package main

import (
	"fmt"
	"io"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// The sizes of a check before class.
const (
	checkSeeds     = 100
	checkFreeSeeds = 3   // of a demonstration that is a free run, which has to be waited for
	checkTries     = 100 // schedules in which each seed must show the bug
)

// checkDemo runs a demonstration with many seeds and says how often it shows
// what it should.
func checkDemo(out io.Writer, d *workload.Demonstration) error {
	if d.Wrong.Describe().FreeOnly {
		return checkFree(out, d)
	}
	wrong, err := shmlab.Open(d.Wrong, shmlab.Setting{})
	if err != nil {
		return err
	}
	defer wrong.Close()
	right, err := shmlab.Open(d.Right, shmlab.Setting{})
	if err != nil {
		return err
	}
	defer right.Close()
	shown, fixed := 0, 0
	for seed := range uint64(checkSeeds) {
		order, err := showsBug(wrong, seed+1)
		if err != nil {
			return err
		}
		if order == nil {
			continue
		}
		shown++
		same, err := right.Run(begun(inject.NewOrder(order)))
		if err != nil {
			return err
		}
		held := same.Verdict == trace.Holds
		bad, err := holdsAlways(right, seed+1, checkTries)
		if err != nil {
			return err
		}
		if held && bad == 0 {
			fixed++
		}
	}
	return checked(out, d, shown, fixed, checkSeeds)
}

// showsBug looks for a failing schedule and returns it if it fails again when
// replayed.
func showsBug(bench *shmlab.Bench, seed uint64) ([]trace.Decision, error) {
	random := inject.NewRandom(seed)
	for range checkTries {
		random.Begin()
		run, err := bench.Run(random)
		if err != nil {
			return nil, err
		}
		if !run.Verdict.Bad() {
			continue
		}
		order, verdict := append([]trace.Decision(nil), run.Decisions...), run.Verdict
		again, err := bench.Run(begun(inject.NewReplay(order)))
		if err != nil || again.Verdict != verdict {
			return nil, err
		}
		return order, nil
	}
	return nil, nil
}

func begun(s shmlab.Strategy) shmlab.Strategy {
	s.Begin()
	return s
}

// checkFree is checkDemo for a demonstration that is a free run.
func checkFree(out io.Writer, d *workload.Demonstration) error {
	shown, fixed := 0, 0
	for range checkFreeSeeds {
		wrong, err := freeRuns(d.Wrong, shmlab.Setting{}, freeTries, 0)
		if err != nil {
			return err
		}
		right, err := freeRuns(d.Right, shmlab.Setting{Size: d.Wrong.Describe().Size}, 1, 0)
		if err != nil {
			return err
		}
		shown += min(wrong.Bad, 1)
		fixed += 1 - right.Bad
	}
	return checked(out, d, shown, fixed, checkFreeSeeds)
}

func checked(out io.Writer, d *workload.Demonstration, shown, fixed, of int) error {
	fmt.Fprintf(out, "%s: %d/%d show the bug, %d/%d fixed\n", d.Family(), shown, of, fixed, of)
	if shown < of || fixed < of {
		return &exit{status: statusViolated}
	}
	return nil
}
