package inject

import (
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
	shared []int32 // words that two actors use, and one writes
	picked int32   // the word of this schedule; none: all is a random walk
	goes   trace.Actor
}

// A usage is how a word is used.
type usage struct {
	most  [trace.MaxActors]int32 // accesses by each actor, in the schedule that had most
	now   [trace.MaxActors]int32 // in this schedule
	users uint64
	wrote bool
}

// NewSURW returns the sampler whose schedules seed determines.
func NewSURW(seed uint64) *SURW { return &SURW{seed: seed} }

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
		s.picked = s.shared[below(&s.rng, len(s.shared))]
	}
	return true
}

// Next chooses an actor that does not access the picked word, or the one whose
// turn it is to access it.
func (s *SURW) Next(c *shmlab.Choice) trace.Decision {
	if s.picked != none && s.goes < 0 {
		s.draw(c)
	}
	var others [trace.MaxActors]trace.Actor
	n := 0
	for _, a := range c.Enabled {
		if a == s.goes || s.goes < 0 || s.word(c, a) != s.picked {
			others[n] = a
			n++
		}
	}
	var chosen trace.Actor
	if n > 0 {
		chosen = others[below(&s.rng, n)]
	} else { // the one whose turn it is waits for one whose turn it is not
		chosen = c.Enabled[below(&s.rng, len(c.Enabled))]
	}
	s.took(c, chosen)
	return trace.Decision{Actor: chosen}
}

// draw draws who accesses the picked word next, with weights the accesses that
// are left.
func (s *SURW) draw(c *shmlab.Choice) {
	u := &s.usage[s.picked]
	total := 0
	for a := range c.Actors() {
		total += int(max(u.most[a]-u.now[a], 0))
	}
	if total == 0 {
		return
	}
	at := below(&s.rng, total)
	for a := range c.Actors() {
		if at -= int(max(u.most[a]-u.now[a], 0)); at < 0 {
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
	u.now[a]++
	u.users |= 1 << uint(a)
	if !u.wrote {
		k := c.Point(a).Kind
		u.wrote = k.Writes() || k >= trace.Wait
	}
	if id == s.picked {
		s.goes = -1
	}
}

func (s *SURW) word(c *shmlab.Choice, a trace.Actor) int32 {
	off, size := c.Word(a)
	if size == 0 {
		return none
	}
	return s.words.id(off, size)
}
