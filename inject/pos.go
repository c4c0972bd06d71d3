package inject

import (
	"math/bits"
	"math/rand/v2"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// POS is partial order sampling (Yuan, Yang, Gu 2018): each pending step has a
// random priority, the highest goes first, and whatever is in conflict with it
// draws a new one. So the order of steps that do not disturb each other takes
// nothing from the chances of the order of those that do.
type POS struct {
	seed     uint64
	runs     uint64
	rng      rand.PCG
	priority [trace.MaxActors]uint64 // the low bits are the actor
	drawn    uint64                  // actors whose priority is
}

// NewPOS returns the sampler whose schedules seed determines.
func NewPOS(seed uint64) *POS { return &POS{seed: seed} }

// Begin seeds the next schedule; there is always one.
func (s *POS) Begin() bool {
	s.rng.Seed(mix(s.seed), mix(s.runs+1))
	s.runs++
	s.drawn = 0
	return true
}

// Next chooses the enabled actor whose step has the highest priority.
func (s *POS) Next(c *shmlab.Choice) trace.Decision {
	for set := c.Set() &^ s.drawn; set != 0; set &= set - 1 {
		a := bits.TrailingZeros64(set)
		s.priority[a] = s.rng.Uint64()&^(trace.MaxActors-1) | uint64(a)
	}
	s.drawn |= c.Set()
	high := uint64(0)
	for _, a := range c.Enabled {
		high = max(high, s.priority[a])
	}
	best := trace.Actor(high % trace.MaxActors)
	s.drawn &^= 1<<best | c.Conflicts(best)
	return trace.Decision{Actor: best}
}
