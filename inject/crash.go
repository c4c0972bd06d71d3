package inject

import (
	"math/rand/v2"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Crash kills one actor in a schedule, somewhere, and leaves the rest to another
// strategy. Where is drawn anew for each schedule: any step of the one before
// is as likely as any other, and one in that many schedules is left in peace.
type Crash struct {
	inner shmlab.Strategy
	seed  uint64
	runs  uint64
	steps int // of the schedule before, kill included
	at    int // the step before which the kill comes
	rng   rand.PCG
}

// NewCrash returns inner with one kill in a schedule, which seed determines.
func NewCrash(inner shmlab.Strategy, seed uint64) *Crash { return &Crash{inner: inner, seed: seed} }

// Begin prepares inner for the next schedule.
func (s *Crash) Begin() bool {
	s.rng.Seed(mix(s.seed), mix(^s.runs))
	s.runs++
	s.at = below(&s.rng, s.steps+1)
	s.steps = 0
	return s.inner.Begin()
}

// Next kills one of the enabled actors when the time has come, else asks inner.
func (s *Crash) Next(c *shmlab.Choice) trace.Decision {
	s.steps = c.Step + 1
	if c.Step == s.at {
		victim := c.Enabled[below(&s.rng, len(c.Enabled))]
		return trace.Decision{Actor: victim, Fault: trace.Kill}
	}
	return s.inner.Next(c)
}
