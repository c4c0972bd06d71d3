package inject

import (
	"math/rand/v2"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Mishap has at most one fault happen in a schedule and leaves the rest to
// another strategy. Before each step it comes with the same probability: a half in
// the first schedule, a quarter in the next, down to 1/128 and again from a half, so
// that short runs and long ones are hit early and late, and no schedule depends
// on the one before.
type Mishap struct {
	inner  shmlab.Strategy
	faults Faults
	seed   uint64
	runs   uint64
	rare   int // one step in so many; 0: it has come
	rng    rand.PCG
	list   []trace.Decision
}

// rarest is the binary logarithm of how rare a fault gets.
const rarest = 7

// NewMishap returns inner with one of faults in a schedule, which seed determines.
func NewMishap(inner shmlab.Strategy, faults Faults, seed uint64) *Mishap {
	return &Mishap{inner: inner, faults: faults, seed: seed}
}

// NewCrash returns inner with one kill in a schedule, which seed determines.
func NewCrash(inner shmlab.Strategy, seed uint64) *Mishap { return NewMishap(inner, Kills, seed) }

// Begin prepares inner for the next schedule.
func (s *Mishap) Begin() bool {
	s.rng.Seed(mix(s.seed), mix(^s.runs))
	s.rare = 2 << (s.runs % rarest)
	s.runs++
	return s.inner.Begin()
}

// Next draws one of the faults that can happen when its time has come, else asks
// inner.
func (s *Mishap) Next(c *shmlab.Choice) trace.Decision {
	if s.rare > 0 && below(&s.rng, s.rare) == 0 {
		if s.list = s.faults.Append(s.list[:0], c); len(s.list) > 0 {
			s.rare = 0
			return s.list[below(&s.rng, len(s.list))]
		}
	}
	return s.inner.Next(c)
}
