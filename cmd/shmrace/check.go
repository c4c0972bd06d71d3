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
	checkBlows     = 4   // schedules with a blow in which each seed must be fixed: processes die
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
		orders, err := showsAll(wrong, d.Blows, seed+1)
		if err != nil {
			return err
		}
		if orders == nil {
			continue
		}
		shown++
		held, err := holdsIn(right, orders, d.Blows, seed+1)
		if err != nil {
			return err
		}
		if held {
			fixed++
		}
	}
	return checked(out, d, shown, fixed, checkSeeds)
}

// showsAll returns a failing schedule for each blow, or one that was found; nil
// if one is missing, or does not fail again when replayed.
func showsAll(bench *shmlab.Bench, blows []workload.Blow, seed uint64) (orders [][]trace.Decision, err error) {
	if len(blows) == 0 {
		order, err := showsBug(bench, inject.NewRandom(seed), checkTries)
		if order == nil {
			return nil, err
		}
		return [][]trace.Decision{order}, err
	}
	for _, blow := range blows {
		order, err := showsBug(bench, inject.NewPlay(inject.Scene(blow), seed), 1)
		if order == nil {
			return nil, err
		}
		orders = append(orders, order)
	}
	return orders, nil
}

// holdsIn reports whether a lab holds in the same orders of steps and in others.
func holdsIn(bench *shmlab.Bench, orders [][]trace.Decision, blows []workload.Blow, seed uint64) (bool, error) {
	for _, order := range orders {
		same, err := bench.Run(inject.Begun(inject.NewOrder(order)))
		if err != nil || same.Verdict != trace.Holds {
			return false, err
		}
	}
	tries := checkTries
	if len(blows) > 0 {
		tries = checkBlows
	}
	bad, err := holdsAlways(bench, blows, seed, tries)
	return bad == 0, err
}

// showsBug looks for a failing schedule, in as many as tries, and returns it if
// it fails again when replayed.
func showsBug(bench *shmlab.Bench, strategy shmlab.Strategy, tries int) ([]trace.Decision, error) {
	for range tries {
		run, err := bench.Run(inject.Begun(strategy))
		if err != nil {
			return nil, err
		}
		if !run.Verdict.Bad() {
			continue
		}
		order, verdict := append([]trace.Decision(nil), run.Decisions...), run.Verdict
		again, err := bench.Run(inject.Begun(inject.NewReplay(order)))
		if err != nil || again.Verdict != verdict {
			return nil, err
		}
		return order, nil
	}
	return nil, nil
}

// checkFree is checkDemo for a demonstration that is a free run.
func checkFree(out io.Writer, d *workload.Demonstration) error {
	shown, fixed := 0, 0
	for range checkFreeSeeds {
		wrong, err := freeRuns(d.Wrong, shmlab.Setting{}, freedom{runs: freeTries})
		if err != nil {
			return err
		}
		right, err := freeRuns(d.Right, shmlab.Setting{Size: d.Wrong.Describe().Size}, freedom{runs: 1})
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
