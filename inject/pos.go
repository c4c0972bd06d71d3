package inject

import (
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
	priority [trace.MaxActors]uint64 // 0: not yet drawn
}

// NewPOS returns the sampler whose schedules seed determines.
func NewPOS(seed uint64) *POS { return &POS{seed: seed} }

// Begin seeds the next schedule; there is always one.
func (s *POS) Begin() bool {
	s.rng.Seed(mix(s.seed), mix(s.runs+1))
	s.runs++
	s.priority = [trace.MaxActors]uint64{}
	return true
}

// Next chooses the enabled actor whose step has the highest priority.
func (s *POS) Next(c *shmlab.Choice) trace.Decision {
	var best trace.Actor
	high := uint64(0)
	for _, a := range c.Enabled {
		if s.priority[a] == 0 {
			s.priority[a] = s.rng.Uint64() | 1
		}
		if s.priority[a] > high {
			best, high = a, s.priority[a]
		}
	}
	s.priority[best] = 0
	taken := c.Point(best)
	for a := range trace.Actor(c.Actors()) {
		if s.priority[a] != 0 && c.Conflict(a, &taken) {
			s.priority[a] = 0
		}
	}
	return trace.Decision{Actor: best}
}
