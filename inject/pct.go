package inject

import (
	"math/rand/v2"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// PCT runs whoever has the highest of random priorities, and lowers the
// runner's below all others at depth-1 random steps. A bug that takes d steps
// in a certain order is found with probability at least 1/(n k^(d-1)) in a
// schedule of n actors and k steps, if depth is d (Burckhardt, Kothari,
// Musuvathi, Nagarakatte 2010). k is the length of the longest schedule so far.
type PCT struct {
	seed     uint64
	depth    int
	runs     uint64
	rng      rand.PCG
	priority [trace.MaxActors]uint64
	changes  []int // steps at which a priority is lowered
	steps    int   // of this schedule
	longest  int
	low      uint64 // the lowest priority given
}

// NewPCT returns the sampler for bugs of the given depth, at least 1, whose
// schedules seed determines.
func NewPCT(seed uint64, depth int) *PCT {
	return &PCT{seed: seed, depth: depth, changes: make([]int, max(depth-1, 0))}
}

// Begin draws the priorities and the steps at which they change; there is
// always a next schedule.
func (s *PCT) Begin() bool {
	s.rng.Seed(mix(s.seed), mix(s.runs+1))
	s.runs++
	s.longest = max(s.longest, s.steps)
	s.steps, s.low = 0, 1<<62
	for i := range s.priority {
		s.priority[i] = s.rng.Uint64() | 1<<63
	}
	for i := range s.changes {
		s.changes[i] = below(&s.rng, max(s.longest, 1))
	}
	return true
}

// Next chooses the enabled actor of the highest priority.
func (s *PCT) Next(c *shmlab.Choice) trace.Decision {
	best := s.highest(c)
	if s.runs > 1 {
		for _, at := range s.changes {
			if at == s.steps {
				s.low--
				s.priority[best] = s.low
				best = s.highest(c)
			}
		}
	}
	if s.steps++; c.Kind(best) == trace.Yield {
		s.low-- // it waits for others
		s.priority[best] = s.low
	}
	return trace.Decision{Actor: best}
}

func (s *PCT) highest(c *shmlab.Choice) trace.Actor {
	best := c.Enabled[0]
	for _, a := range c.Enabled[1:] {
		if s.priority[a] > s.priority[best] {
			best = a
		}
	}
	return best
}
