package inject

import (
	"math/bits"
	"math/rand/v2"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// SURW is the selectively uniform random walk (Zhao, Wolff, Mathur,
// Roychoudhury 2025): each schedule picks one word that actors share, and makes
// every order of the accesses to that word as likely as any other. Everything
// else is a random walk around it. Which words are shared, and how often each
// actor accesses them, is seen in the first schedule and corrected by the rest.
type SURW struct {
	seed   uint64
	runs   uint64
	rng    rand.PCG
	words  dictionary
	usage  []usage
	shared []int32                // words that two actors use, and one writes
	picked int32                  // the word of this schedule; none: all is a random walk
	left   int                    // accesses to it that are left
	rest   [trace.MaxActors]int32 // of them by each actor
	goes   trace.Actor
	ids    [trace.MaxActors]id // of the word that each actor stands at
}

// A usage is how a word is used.
type usage struct {
	most  [trace.MaxActors]int32 // accesses by each actor, in the schedule that had most
	now   [trace.MaxActors]int32 // in this schedule
	users uint64
	wrote bool
}

// An id is the number of a word.
type id struct {
	off  uint32
	size uint8
	n    int32
}

// NewSURW returns the sampler whose schedules seed determines.
func NewSURW(seed uint64) *SURW {
	s := &SURW{seed: seed}
	for i := range s.ids {
		s.ids[i].n = none
	}
	return s
}

// Begin picks the word of the next schedule; there is always one.
func (s *SURW) Begin() bool {
	s.rng.Seed(mix(s.seed), mix(s.runs+1))
	s.runs++
	s.shared = s.shared[:0]
	for id := range s.usage {
		u := &s.usage[id]
		for a := range u.now {
			u.most[a] = max(u.most[a], u.now[a])
			u.now[a] = 0
		}
		if u.wrote && u.users&(u.users-1) != 0 {
			s.shared = append(s.shared, int32(id))
		}
	}
	s.picked, s.goes = none, -1
	if len(s.shared) > 0 {
		s.picked, s.left = s.shared[below(&s.rng, len(s.shared))], 0
		s.rest = s.usage[s.picked].most
		for _, n := range s.rest {
			s.left += int(n)
		}
	}
	return true
}

// Next chooses an actor that does not access the picked word, or the one whose
// turn it is to access it.
func (s *SURW) Next(c *shmlab.Choice) trace.Decision {
	if s.picked != none && s.goes < 0 {
		s.draw(c)
	}
	others := c.Set()
	if s.goes >= 0 {
		others &^= s.waiting(c) &^ (1 << s.goes)
	}
	if others == 0 { // the one whose turn it is waits for one whose turn it is not
		others = c.Set()
	}
	chosen := member(others, below(&s.rng, bits.OnesCount64(others)))
	s.took(c, chosen)
	return trace.Decision{Actor: chosen}
}

// waiting returns the enabled that stand at the picked word, as a set.
func (s *SURW) waiting(c *shmlab.Choice) (set uint64) {
	for _, a := range c.Enabled {
		known := &s.ids[a]
		if off, size := c.Word(a); known.off != off || known.size != size {
			s.look(known, off, size)
		}
		if known.n == s.picked {
			set |= 1 << a
		}
	}
	return set
}

// member returns the k-th of a set.
func member(set uint64, k int) trace.Actor {
	for ; k > 0; k-- {
		set &= set - 1
	}
	return trace.Actor(bits.TrailingZeros64(set))
}

// draw draws who accesses the picked word next, with weights the accesses that
// are left.
func (s *SURW) draw(c *shmlab.Choice) {
	if s.left == 0 {
		return
	}
	at := below(&s.rng, s.left)
	for a := range c.Actors() {
		if at -= int(s.rest[a]); at < 0 {
			s.goes = trace.Actor(a)
			return
		}
	}
}

// took counts a step.
func (s *SURW) took(c *shmlab.Choice, a trace.Actor) {
	id := s.word(c, a)
	if id == none {
		return
	}
	for int(id) >= len(s.usage) {
		s.usage = append(s.usage, usage{})
	}
	u := &s.usage[id]
	if id == s.picked {
		s.goes = -1
		if s.rest[a] > 0 {
			s.rest[a]--
			s.left--
		}
	}
	u.now[a]++
	u.users |= 1 << uint(a)
	if !u.wrote {
		k := c.Kind(a)
		u.wrote = k.Writes() || k >= trace.Wait
	}
}

// word returns the number of the word that actor a stands at, or none.
func (s *SURW) word(c *shmlab.Choice, a trace.Actor) int32 {
	known := &s.ids[a]
	if off, size := c.Word(a); known.off != off || known.size != size {
		s.look(known, off, size)
	}
	return known.n
}

// look is for an actor that stands at another word than when it was looked at before.
func (s *SURW) look(known *id, off uint32, size uint8) {
	*known = id{off, size, none}
	if size > 0 {
		known.n = s.words.id(off, size)
	}
}
