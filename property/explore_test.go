package property_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// The lost update is found at once, whatever the seed, and told the same way.
func TestExploreFindsLostUpdate(t *testing.T) {
	for _, host := range hosts {
		for seed := range uint64(30) {
			r := explored(t, workload.CounterUnlocked, host, seed)
			if r.Failure == nil || r.FirstFailure > 4 {
				t.Fatalf("%v, seed %d: first failure in schedule %d of %d, expected within 4", host, seed, r.FirstFailure, r.Schedules)
			}
			s := &r.Failure.Trace.Schedule
			if len(s.Decisions) != 4 || r.Failure.Trace.Preemptions != 1 || s.Actors != 2 || s.Ops != 1 {
				t.Errorf("%v, seed %d: %v with %d preemptions, expected 4 steps with 1", host, seed, s, r.Failure.Trace.Preemptions)
			}
		}
	}
}

// Every lab that says why it fails does, on both hosts with the same verdict.
func TestExploreFindsWrongLabs(t *testing.T) {
	eachLab(t, true, func(t *testing.T, lab shmlab.AnyLab) {
		one, other := explored(t, lab, shmlab.Coroutines, 3), explored(t, lab, shmlab.Processes, 3)
		if !one.Verdict().Bad() || one.Verdict() != other.Verdict() || one.FirstFailure != other.FirstFailure {
			t.Errorf("on coroutines %v in schedule %d, on processes %v in schedule %d",
				one.Verdict(), one.FirstFailure, other.Verdict(), other.FirstFailure)
		}
	})
}

// Every lab that does not, holds: in all schedules with few preemptions, in many
// at random, and with its primitives' insides looked at.
func TestExploreFindsNothingInRightLabs(t *testing.T) {
	eachLab(t, false, func(t *testing.T, lab shmlab.AnyLab) {
		for _, o := range []property.Options{
			{Strategy: "dfs", Inject: inject.Options{Bounded: true, Preemptions: 2}},
			{Strategy: "random", Schedules: 2000},
			{Setting: shmlab.Setting{InsideLocks: true, Staggered: true}, Schedules: 2000},
		} {
			o.Host = shmlab.Coroutines
			property.Check(t, lab, o)
		}
	})
}

// An exhaustive search says so, and how it was bounded; each outcome is counted.
func TestExploreExhaustive(t *testing.T) {
	o := property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}, Strategy: "dfs", Whole: true}
	r, err := property.Explore(context.Background(), workload.CounterUnlocked, o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Exhaustive || r.Schedules != 6 || r.Complete != 6 || r.Failures != 4 || r.Bound != -1 {
		t.Errorf("%+v, expected all 6 schedules and 4 failures", r)
	}
	if r.Outcomes["Count=2"] != 2 || r.Outcomes["Count=1"] != 4 || len(r.Outcomes) != 2 {
		t.Errorf("outcomes %v, expected Count=2 twice and Count=1 four times", r.Outcomes)
	}
	o.Inject = inject.Options{Bounded: true}
	if r, err = property.Explore(context.Background(), workload.CounterUnlocked, o); err != nil {
		t.Fatal(err)
	}
	if !r.Exhaustive || r.Schedules != 2 || r.Failures != 0 || r.Bound != 0 {
		t.Errorf("%+v, expected the 2 schedules without preemption, which hold", r)
	}
}

// A search that is interrupted says what it knows and claims nothing.
func TestExploreInterrupted(t *testing.T) {
	for _, host := range hosts {
		ctx, cancel := context.WithCancel(context.Background())
		seen := 0
		r, err := property.Explore(ctx, workload.CounterMutex, property.Options{
			Setting: shmlab.Setting{Host: host}, Strategy: "random", Schedules: 1 << 30,
			Progress: func(r *property.Report) { seen = r.Schedules; cancel() }, // after a second
		})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict() != trace.Budget || r.Undecided == nil || !strings.HasPrefix(r.Undecided.Error(), "interrupted after ") {
			t.Errorf("%v, %v: expected it undecided as interrupted", r.Verdict(), r.Undecided)
		}
		if seen == 0 || r.Schedules < seen || r.Outcomes["Count=2"] != r.Schedules {
			t.Errorf("%d schedules, %d when interrupted, outcomes %v", r.Schedules, seen, r.Outcomes)
		}
	}
}

// What the budgets do not reach is undecided too.
func TestExploreUndecided(t *testing.T) {
	small := shmlab.Setting{Host: shmlab.Coroutines, Steps: 3}
	for _, c := range []struct {
		why string
		o   property.Options
	}{
		{"no end after 3 steps", property.Options{Setting: small}},
		{"no end after 3 steps", property.Options{Setting: small, Strategy: "dpor"}},
		{"no time for a single schedule", property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}, Time: time.Nanosecond}},
	} {
		r, err := property.Explore(context.Background(), workload.CounterMutex, c.o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict() != trace.Budget || r.Failures != 0 || r.Complete != 0 || r.Exhaustive || r.Cut() != r.Schedules || r.Undecided == nil || r.Undecided.Error() != c.why {
			t.Errorf("%v, %v, exhaustive %v: expected %s", r.Verdict(), r.Undecided, r.Exhaustive, c.why)
		}
	}
}

// TestRaceBeforeTheFirst: what fails before any decision is a failure.
func TestRaceBeforeTheFirst(t *testing.T) {
	lab := workload.CounterMutex
	lab.Always = func(*workload.Counter) error { return errors.New("never right") }
	r := explore(t, lab, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}})
	if r.Failure == nil || r.Verdict() != trace.Violated || len(r.Failure.Trace.Schedule.Decisions) != 0 {
		t.Errorf("%v: %v", r.Verdict(), r.Failure)
	}
}
