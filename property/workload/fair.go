package workload

import (
	"shmrace/shmlab"
)

// Fair are labs of locks that say how often others may pass who waits.
var Fair = []shmlab.AnyLab{FairBarging, FairTicket}

// An Entrance is what a lock consists of that lets one in at a time, and how many
// have gone in.
type Entrance struct {
	Held    shmlab.Uint32
	Tickets shmlab.Uint32
	Called  shmlab.Uint32
	In      shmlab.Uint32
}

// fair is a lab that claims bounded bypass (Lamport, "A new solution of Dijkstra's
// concurrent programming problem", CACM 1974, for who has come first): each of the
// others goes in once at most while one waits. Lock returns how many had gone in
// when it had begun to wait.
func fair(variant, doc, why string, lock func(p *shmlab.Proc, s *Entrance) uint32, unlock func(p *shmlab.Proc, s *Entrance)) shmlab.Lab[Entrance] {
	return shmlab.Lab[Entrance]{
		Name: "fair/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 2},
		Actors: func(size shmlab.Size) []shmlab.Actor[Entrance] {
			bound := uint32(size.Actors - 1)
			return shmlab.Each(size.Actors, "goes in", func(p *shmlab.Proc, s *Entrance) {
				for range size.Ops {
					before := lock(p, s)
					in := s.In.Load(p)
					p.Assert(in-before <= bound, "it was passed %d times while it waited: the bound is %d", in-before, bound)
					s.In.Store(p, in+1)
					unlock(p, s)
				}
			})
		},
	}
}

// FairBarging lets in whoever comes when nobody is in.
var FairBarging = fair("barging", "a spin lock for which nobody stands in a queue",
	"Who waits has no place: whoever comes when the lock is free takes it, the one who has just left it as well, and the one who waits can wait for ever. Cure: a ticket.",
	func(p *shmlab.Proc, s *Entrance) (before uint32) {
		if s.Held.CompareAndSwap(p, 0, 1) {
			return s.In.Load(p)
		}
		before = s.In.Load(p)
		for !s.Held.CompareAndSwap(p, 0, 1) {
			p.Await(s.Held.Is(0))
		}
		return before
	},
	func(p *shmlab.Proc, s *Entrance) { s.Held.Store(p, 0) })

// FairTicket calls them in the order in which they came.
var FairTicket = fair("ticket", "a lock whose tickets are called in turn", "",
	func(p *shmlab.Proc, s *Entrance) uint32 {
		mine := s.Tickets.Add(p, 1) - 1
		before := s.In.Load(p)
		for s.Called.Load(p) != mine {
			p.Await(s.Called.Is(mine))
		}
		return before
	},
	func(p *shmlab.Proc, s *Entrance) { s.Called.Add(p, 1) })
