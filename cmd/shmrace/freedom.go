package main

import (
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
)

// A freedom is how a lab is run freely.
type freedom struct {
	runs  int
	limit time.Duration // of a run; 0: none
	seed  uint64
	text  string // of the plan
	plan  inject.Plan
	chaos bool
	race  bool
}

// check checks the flags, and reads the plan.
func (f *freedom) check(setting shmlab.Setting, host string) (err error) {
	switch {
	case f.runs < 1:
		return outside("runs", f.runs)
	case f.limit <= 0:
		return outside("time", f.limit)
	case setting.Host != shmlab.Processes:
		return usage("--host %s: expected processes, for actors that run at once", host)
	case setting.InsideLocks && f.text == "" || setting.Staggered:
		return usage("a free run has no points: expected no --inside-locks, no --start")
	case f.text != "":
		if f.plan, err = inject.ParsePlan(f.text); err != nil {
			return usage("--plan: %w", err)
		}
	}
	return nil
}

// turbulence returns what draws the next run's.
func (f *freedom) turbulence(actors int) func() *shmlab.Turbulence {
	if !f.chaos {
		return func() *shmlab.Turbulence { return nil }
	}
	return inject.NewChaos(f.seed, actors).Turbulence
}

// as returns run n's: each run of a plan has a seed of its own, the first the
// one that was given.
func (f *freedom) as(n int, chaos *shmlab.Turbulence) shmlab.Freedom {
	return shmlab.Freedom{Limit: f.limit, Plan: f.plan, Seed: f.seed + uint64(n), Chaos: chaos, Record: f.race, Lines: f.race}
}
