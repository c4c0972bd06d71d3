package inject

import (
	"math/rand/v2"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Crash kills at most one actor in a schedule and leaves the rest to another
// strategy. Before each step it kills with the same probability: a half in the
// first schedule, a quarter in the next, down to 1/128 and again from a half, so
// that short runs and long ones are cut early and late, and no schedule depends
// on the one before.
type Crash struct {
	inner shmlab.Strategy
	seed  uint64
	runs  uint64
	rare  int // one step in so many kills; 0: somebody was killed
	rng   rand.PCG
}

// rarest is the binary logarithm of how rare a kill gets.
const rarest = 7

// NewCrash returns inner with one kill in a schedule, which seed determines.
func NewCrash(inner shmlab.Strategy, seed uint64) *Crash { return &Crash{inner: inner, seed: seed} }

// Begin prepares inner for the next schedule.
func (s *Crash) Begin() bool {
	s.rng.Seed(mix(s.seed), mix(^s.runs))
	s.rare = 2 << (s.runs % rarest)
	s.runs++
	return s.inner.Begin()
}

// Next kills one of the enabled actors when its time has come, else asks inner.
func (s *Crash) Next(c *shmlab.Choice) trace.Decision {
	if s.rare > 0 && below(&s.rng, s.rare) == 0 {
		s.rare = 0
		victim := c.Enabled[below(&s.rng, len(c.Enabled))]
		return trace.Decision{Actor: victim, Fault: trace.Kill}
	}
	return s.inner.Next(c)
}
