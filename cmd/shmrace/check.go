package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"shmrace/inject"
	"shmrace/property"
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

// A score is how often a demonstration showed what it should, seed by seed.
type score struct {
	demo              *workload.Demonstration
	shown, fixed, run int
	of                int
}

// checkDemo runs a demonstration with many seeds and says how often it shows
// what it should. When ctx ends it says so of the seeds that were tried.
func checkDemo(ctx context.Context, out io.Writer, d *workload.Demonstration) error {
	if d.Wrong.Describe().FreeOnly {
		return checkFree(ctx, out, d)
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
	s := &score{demo: d, of: checkSeeds}
	err = s.each(ctx, func(seed uint64) (shown, fixed bool, err error) {
		orders, err := showsAll(wrong, d.Blows, seed)
		if orders == nil {
			return false, false, err
		}
		fixed, err = holdsIn(right, orders, d.Blows, seed)
		return true, fixed, err
	})
	return s.tell(out, err)
}

// each calls try with one seed after another, until ctx ends.
func (s *score) each(ctx context.Context, try func(seed uint64) (shown, fixed bool, err error)) error {
	m, start := newMeter(), time.Now()
	defer m.clear()
	for s.run < s.of && ctx.Err() == nil {
		shown, fixed, err := try(uint64(s.run) + 1)
		switch {
		case ctx.Err() != nil: // this one was not brought to an end
			return nil
		case err != nil:
			return err
		}
		s.run++
		if shown {
			s.shown++
		}
		if fixed {
			s.fixed++
		}
		if took := time.Since(start); took > time.Second {
			m.show(fmt.Sprintf("%d of %s, %v", s.run, property.Count(s.of, "seed"), took.Round(time.Second)))
		}
	}
	return nil
}

// tell prints the score, unless there was an error.
func (s *score) tell(out io.Writer, err error) error {
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d/%d show the bug, %d/%d fixed\n", s.demo.Family(), s.shown, s.run, s.fixed, s.run)
	switch {
	case s.shown < s.run || s.fixed < s.run:
		return &exit{status: statusViolated}
	case s.run < s.of:
		return undecided(fmt.Errorf("interrupted after %d of %s", s.run, property.Count(s.of, "seed")))
	}
	return nil
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
func checkFree(ctx context.Context, out io.Writer, d *workload.Demonstration) error {
	s := &score{demo: d, of: checkFreeSeeds}
	err := s.each(ctx, func(uint64) (shown, fixed bool, err error) {
		wrong, err := freeRuns(ctx, d.Wrong, shmlab.Setting{}, freedom{runs: freeTries})
		if err != nil {
			return false, false, err
		}
		right, err := freeRuns(ctx, d.Right, shmlab.Setting{Size: d.Wrong.Describe().Size}, freedom{runs: 1})
		if err != nil {
			return false, false, err
		}
		return wrong.Bad > 0, right.Bad == 0, nil
	})
	return s.tell(out, err)
}
