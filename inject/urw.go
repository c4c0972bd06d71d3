package inject

import (
	"math/rand/v2"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// URW is the uniform random walk: the more steps an actor has left, the likelier
// it goes next. So every interleaving of a program whose actors take a known
// number of steps and never wait is as likely as any other. How many they take
// is seen in the first schedule, which is a random walk, and corrected when an
// actor takes more (Zhao, Wolff, Mathur, Roychoudhury 2025).
type URW struct {
	seed  uint64
	runs  uint64
	rng   rand.PCG
	steps [trace.MaxActors]int32 // most steps that an actor was seen to take
	taken [trace.MaxActors]int32 // in this schedule
	set   uint64                 // the enabled, for whom total is known
	total int                    // steps that they have left
}

// NewURW returns the sampler whose schedules seed determines.
func NewURW(seed uint64) *URW { return &URW{seed: seed} }

// Begin seeds the next schedule; there is always one.
func (s *URW) Begin() bool {
	s.rng.Seed(mix(s.seed), mix(s.runs+1))
	s.runs++
	for i, n := range s.taken {
		s.steps[i] = max(s.steps[i], n)
	}
	s.taken, s.set = [trace.MaxActors]int32{}, 0
	return true
}

// Next chooses an enabled actor, with weights the steps that they have left.
func (s *URW) Next(c *shmlab.Choice) trace.Decision {
	if set := c.Set(); set != s.set || set == 0 {
		s.set, s.total = set, 0
		for _, a := range c.Enabled {
			s.total += s.left(a)
		}
	}
	at := below(&s.rng, s.total)
	for _, a := range c.Enabled {
		if at -= s.left(a); at < 0 {
			s.total -= s.left(a)
			s.taken[a]++
			s.total += s.left(a)
			return trace.Decision{Actor: a}
		}
	}
	panic("inject: the weights do not add up")
}

// left is at least 1: an actor that can go on has a step left.
func (s *URW) left(a trace.Actor) int { return int(max(s.steps[a]-s.taken[a], 1)) }
