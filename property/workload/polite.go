package workload

import (
	"errors"

	"shmrace/shmlab"
)

// Polite are labs of some who meet in a corridor and do not lock each other out:
// nobody is blocked, and yet nobody gets through.
var Polite = []shmlab.AnyLab{PoliteAfterYou, PoliteStepsBack, PoliteOneStays}

// mostPolite is how many the corridor knows.
const mostPolite = 8

// A Corridor is wide enough for one.
type Corridor struct {
	Here   [mostPolite]shmlab.Uint32     // who is in it
	Backs  [mostPolite]shmlab.Var[int64] // how often each has stepped back since it passed
	Passed shmlab.Var[int64]
	Size   int64
	Want   int64
}

// patience is how often all may step back before it is called a livelock.
const patience = 3

var errNobodyPasses = errors.New("livelock: each has stepped back 3 times for another, and nobody has passed")

// corridor is a lab of actors that pass as often as they have operations.
func corridor(variant, doc, why string, enter func(p *shmlab.Proc, s *Corridor)) shmlab.Lab[Corridor] {
	return shmlab.Lab[Corridor]{
		Name: "polite/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Setup: func(s *Corridor, size shmlab.Size) {
			s.Size, s.Want = int64(size.Actors), int64(size.Actors)*int64(size.Ops)
		},
		Actors: func(size shmlab.Size) []shmlab.Actor[Corridor] {
			return shmlab.Each(min(size.Actors, mostPolite), "passes", func(p *shmlab.Proc, s *Corridor) {
				for range size.Ops {
					enter(p, s)
					n := s.Passed.Get(p)
					s.Passed.Set(p, n+1)
					s.Backs[p.Index()].Set(p, 0)
					s.Here[p.Index()].Store(p, 0)
				}
			})
		},
		Always: func(s *Corridor) error {
			for i := range s.Size {
				if s.Backs[i].Peek() < patience {
					return nil
				}
			}
			return errNobodyPasses
		},
		Final: func(s *Corridor) error { return arrived(s.Passed.Peek(), s.Want) },
	}
}

// meets returns another who is here, with a number from from to below limit; -1:
// nobody is.
func (s *Corridor) meets(p *shmlab.Proc, from, limit int) int {
	for i := from; i < limit; i++ {
		if i != p.Index() && s.Here[i].Load(p) != 0 {
			return i
		}
	}
	return -1
}

// everybody returns the limit of all.
func (s *Corridor) everybody() int { return int(s.Size) }

// stepBack comes in when none below limit is here, and steps back if one is.
func (s *Corridor) stepBack(p *shmlab.Proc, limit int) {
	for n := int64(1); ; n++ {
		s.Here[p.Index()].Store(p, 1)
		other := s.meets(p, 0, limit)
		if other < 0 {
			return
		}
		s.Here[p.Index()].Store(p, 0)
		s.Backs[p.Index()].Set(p, n)
		for s.Here[other].Load(p) != 0 {
			p.Await(s.Here[other].Is(0))
		}
	}
}

// PoliteAfterYou has two who look at each other.
var PoliteAfterYou = corridor("after-you", "who meets another looks until the corridor is free",
	"Each is in the other's way and looks until the other is gone: both are busy for ever, and no deadlock detector sees anybody blocked. Cure: one of the two steps back.",
	func(p *shmlab.Proc, s *Corridor) {
		s.Here[p.Index()].Store(p, 1)
		for s.meets(p, 0, s.everybody()) >= 0 {
			p.Yield()
		}
	})

// PoliteStepsBack has two who do the same.
var PoliteStepsBack = corridor("steps-back", "who meets another steps back until he is gone, and tries again",
	"Both do the same at the same time, again and again: nobody waits, and nobody gets through. Cure: not both alike, as by a rank, a turn, or a time to wait that is drawn at random.",
	func(p *shmlab.Proc, s *Corridor) {
		s.stepBack(p, s.everybody())
	})

// PoliteOneStays has a rank: it is the one-bit algorithm of Burns and of Lamport
// ("The mutual exclusion problem", part II, 1986, section 3.1).
var PoliteOneStays = corridor("one-stays", "steps back for those of a higher rank, waits for the others", "",
	func(p *shmlab.Proc, s *Corridor) {
		s.stepBack(p, p.Index())
		rest := p.Index() + 1
		for other := s.meets(p, rest, s.everybody()); other >= 0; other = s.meets(p, rest, s.everybody()) {
			p.Await(s.Here[other].Is(0))
		}
	})
