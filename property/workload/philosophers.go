package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Philosophers are labs of the dining philosophers (Dijkstra, EWD 310, 1971):
// each needs the two forks beside it.
var Philosophers = []shmlab.AnyLab{PhilosophersLeftFirst, PhilosophersOrdered, PhilosophersLeftHanded, PhilosophersWaiter}

// mostPhilosophers is how many find room at the table.
const mostPhilosophers = 8

// A Dinner is a table with a fork between any two neighbours.
type Dinner struct {
	Forks [mostPhilosophers]shmsync.Mutex
	Seats shmsync.Semaphore // one less than there are philosophers
	Eaten shmlab.Int64
	Want  int64
}

// dining is a lab whose actor i takes the forks i and i+1, in the order that
// first and second say.
func dining(variant, doc, why string, dine func(p *shmlab.Proc, s *Dinner, left, right int)) shmlab.Lab[Dinner] {
	return shmlab.Lab[Dinner]{
		Name: "philosophers/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 3, Ops: 1},
		Setup: func(s *Dinner, size shmlab.Size) {
			s.Want = int64(size.Actors) * int64(size.Ops)
			s.Seats.Init(max(size.Actors-1, 1))
		},
		Actors: func(size shmlab.Size) []shmlab.Actor[Dinner] {
			n := max(min(size.Actors, mostPhilosophers), 2) // one alone has two forks as well
			return shmlab.Each(min(size.Actors, mostPhilosophers), "dines", func(p *shmlab.Proc, s *Dinner) {
				for range size.Ops {
					dine(p, s, p.Index(), (p.Index()+1)%n)
				}
			})
		},
		Final: func(s *Dinner) error { return arrived(s.Eaten.Peek(), s.Want) },
	}
}

// eat takes the forks one after the other, eats, and lays them back.
func (s *Dinner) eat(p *shmlab.Proc, first, second int) {
	s.Forks[first].Lock(p)
	s.Forks[second].Lock(p)
	s.Eaten.Add(p, 1)
	s.Forks[second].Unlock(p)
	s.Forks[first].Unlock(p)
}

// PhilosophersLeftFirst takes the left fork, then the right one.
var PhilosophersLeftFirst = dining("left-first", "each takes the left fork, then the right one",
	"When each has its left fork all wait for the right one, which the neighbour holds: a circle. Cure: break it, by one order of all forks, by one who takes the right fork first, or by one seat less.",
	func(p *shmlab.Proc, s *Dinner, left, right int) {
		s.eat(p, left, right)
	})

// PhilosophersOrdered takes the fork with the lower number first.
var PhilosophersOrdered = dining("ordered", "each takes the fork with the lower number first", "",
	func(p *shmlab.Proc, s *Dinner, left, right int) {
		s.eat(p, min(left, right), max(left, right))
	})

// PhilosophersLeftHanded has one at the table who takes the right fork first.
var PhilosophersLeftHanded = dining("left-handed", "the first takes the right fork first", "",
	func(p *shmlab.Proc, s *Dinner, left, right int) {
		if p.Index() == 0 {
			left, right = right, left
		}
		s.eat(p, left, right)
	})

// PhilosophersWaiter lets all but one sit down.
var PhilosophersWaiter = dining("waiter", "one seat less than there are philosophers", "",
	func(p *shmlab.Proc, s *Dinner, left, right int) {
		s.Seats.Acquire(p)
		s.eat(p, left, right)
		s.Seats.Release(p)
	})
