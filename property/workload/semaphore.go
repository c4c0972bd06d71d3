package workload

import (
	"fmt"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Semaphores are labs of semaphores.
var Semaphores = []shmlab.AnyLab{SemaphoreWakesFromZero, SemaphoreSignals, SemaphoreReleasesTwice, SemaphorePermits}

// signals is a lab in which the last actor posts once for each of the others.
func signals[S any](variant, doc, why string, wait, post func(p *shmlab.Proc, s *S)) shmlab.Lab[S] {
	return shmlab.Lab[S]{
		Name: "semaphore/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 3, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[S] {
			actors := repeat("waits", wait)(shmlab.Size{Actors: max(size.Actors-1, 0), Ops: size.Ops})
			return append(actors, repeat("posts", post)(shmlab.Size{Actors: 1, Ops: size.Ops * (size.Actors - 1)})...)
		},
	}
}

// A Tally is a semaphore of one word.
type Tally struct{ Permits shmlab.Uint32 }

// SemaphoreWakesFromZero wakes only with the first permit.
var SemaphoreWakesFromZero = signals("wakes-from-0", "wakes one when the number was 0",
	"Two sleep. The first post makes the number 1 and wakes one; before that one takes the permit the second post makes it 2 and wakes nobody. One permit is left, and one sleeps for ever. Cure: wake with every post while anybody waits.",
	func(p *shmlab.Proc, s *Tally) {
		for {
			if n := s.Permits.Load(p); n == 0 {
				_ = s.Permits.Wait(p, 0, 0)
			} else if s.Permits.CompareAndSwap(p, n, n-1) {
				return
			}
		}
	},
	func(p *shmlab.Proc, s *Tally) {
		if s.Permits.Add(p, 1) == 1 {
			s.Permits.Wake(p, 1)
		}
	})

// A Signalled is the kit's semaphore alone.
type Signalled struct{ Sem shmsync.Semaphore }

// SemaphoreSignals is the kit's, with permits that are signals.
var SemaphoreSignals = signals("signals", "the kit's Semaphore, Wait and Post", "",
	func(p *shmlab.Proc, s *Signalled) { s.Sem.Wait(p) },
	func(p *shmlab.Proc, s *Signalled) { s.Sem.Post(p) })

// A Pool has fewer places than actors.
type Pool struct {
	Sem    shmsync.Semaphore
	Inside shmlab.Uint32
}

const places = 1

// pool is a lab in which nobody may be inside who has no permit.
func pool(variant, doc, why string, visit func(p *shmlab.Proc, s *Pool)) shmlab.Lab[Pool] {
	return shmlab.Lab[Pool]{
		Name: "semaphore/" + variant, Doc: doc, Why: why, Source: source,
		Size:   shmlab.Size{Actors: 2, Ops: 1},
		Setup:  func(s *Pool, _ shmlab.Size) { s.Sem.Init(places) },
		Actors: repeat("visits", visit),
		Always: func(s *Pool) error {
			if n := s.Inside.Peek(); n > places {
				return fmt.Errorf("%d are inside, expected at most %d", n, places)
			}
			return nil
		},
		Final: func(s *Pool) error {
			if n := s.Sem.Permits(); n != places {
				return fmt.Errorf("%d permits are left, expected %d", n, places)
			}
			return nil
		},
	}
}

func (s *Pool) stay(p *shmlab.Proc) {
	s.Inside.Add(p, 1)
	s.Inside.Add(p, ^uint32(0))
}

// SemaphoreReleasesTwice gives back what it does not have.
var SemaphoreReleasesTwice = pool("posts-twice", "gives its permit back in two places",
	"A permit that nobody had lets one more in. Cure: give back what was taken, once; Release refuses a second time.",
	func(p *shmlab.Proc, s *Pool) {
		s.Sem.Wait(p)
		s.stay(p)
		s.Sem.Post(p)
		if p.Index() == 0 {
			s.Sem.Post(p)
		}
	})

// SemaphorePermits is the kit's, with permits that belong to somebody.
var SemaphorePermits = pool("permits", "the kit's Semaphore, Acquire and Release", "",
	func(p *shmlab.Proc, s *Pool) {
		s.Sem.Acquire(p)
		s.stay(p)
		s.Sem.Release(p)
	})
