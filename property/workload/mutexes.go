package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Mutexes are the ladder of mutexes: each wrong one is one step from a right one.
var Mutexes = []shmlab.AnyLab{
	MutexCheckThenSet, MutexOneLook, MutexNeverWakes, MutexWakeFirst, MutexForgetsSleepers,
	MutexThreeStates, MutexKit, MutexKitTry,
}

// A Guarded is a counter and a lock that is to guard it.
type Guarded[L any] struct {
	Lock  L
	Count shmlab.Var[int64]
	Want  int64 // what it must come to; set before the actors start
}

// guarded is a lab in which each actor locks, counts and unlocks.
func guarded[L any](name, doc, why string, actors int, lock, unlock func(p *shmlab.Proc, l *L)) shmlab.Lab[Guarded[L]] {
	return shmlab.Lab[Guarded[L]]{
		Name: name, Doc: doc, Why: why, Source: source,
		Size:  shmlab.Size{Actors: actors, Ops: 1},
		Setup: func(s *Guarded[L], size shmlab.Size) { s.Want = int64(size.Actors) * int64(size.Ops) },
		Actors: repeat("counts", func(p *shmlab.Proc, s *Guarded[L]) {
			lock(p, &s.Lock)
			n := s.Count.Get(p)
			s.Count.Set(p, n+1)
			unlock(p, &s.Lock)
		}),
		Final: func(s *Guarded[L]) error { return arrived(s.Count.Peek(), s.Want) },
		Lost:  func(s *Guarded[L]) int64 { return s.Want - s.Count.Peek() },
	}
}

// The states of the futex mutexes below.
const (
	free      uint32 = iota
	held             // and nobody sleeps
	contended        // and perhaps somebody sleeps
)

// MutexCheckThenSet looks and takes in two steps.
var MutexCheckThenSet = guarded("mutex/check-then-set", "looks until the lock is free, then takes it",
	"Between the look and the store another may have looked as well. Cure: compare-and-swap, which does both in one step.", 2,
	func(p *shmlab.Proc, l *shmlab.Uint32) {
		for l.Load(p) != free {
			p.Await(l.Is(free))
		}
		l.Store(p, held)
	},
	func(p *shmlab.Proc, l *shmlab.Uint32) { l.Store(p, free) })

// MutexOneLook believes that who is woken has the lock.
var MutexOneLook = guarded("mutex/one-look", "takes the lock for its own as soon as it is woken",
	"A wake says that something has changed, not that the lock is still free: somebody else may have come first. Cure: look again, in a loop.", 3,
	func(p *shmlab.Proc, l *shmlab.Uint32) {
		if l.Swap(p, contended) != free {
			_ = l.Wait(p, contended, 0)
			l.Store(p, contended)
		}
	},
	func(p *shmlab.Proc, l *shmlab.Uint32) {
		l.Store(p, free)
		l.Wake(p, 1)
	})

// MutexNeverWakes lets sleepers lie.
var MutexNeverWakes = guarded("mutex/never-wakes", "unlocks by a store, and that is all",
	"Who sleeps on the word does not see that it has changed. Cure: after the store, wake one.", 2,
	lockThreeStates,
	func(p *shmlab.Proc, l *shmlab.Uint32) { l.Store(p, free) })

// MutexWakeFirst wakes before there is anything to wake for.
var MutexWakeFirst = guarded("mutex/wake-first", "wakes, then makes the lock free",
	"Who is woken finds the lock held and sleeps again, and then the lock is made free without a wake. Cure: first the store, then the wake.", 2,
	lockThreeStates,
	func(p *shmlab.Proc, l *shmlab.Uint32) {
		l.Wake(p, 1)
		l.Store(p, free)
	})

// MutexForgetsSleepers takes the lock as if nobody else slept.
var MutexForgetsSleepers = guarded("mutex/forgets-sleepers", "after a sleep it takes the lock as uncontended",
	"Who was woken does not know whether others still sleep. If it takes the lock as held and not as contended, its unlock wakes nobody, and the others sleep for ever. Cure: after a sleep, take it as contended.", 3,
	func(p *shmlab.Proc, l *shmlab.Uint32) {
		for !l.CompareAndSwap(p, free, held) {
			if l.Load(p) == contended || l.CompareAndSwap(p, held, contended) {
				_ = l.Wait(p, contended, 0)
			}
		}
	},
	unlockThreeStates)

// MutexThreeStates is right, as long as nobody is killed.
var MutexThreeStates = guarded("mutex/three-states", "mutex2 of Drepper, \"Futexes are tricky\"", "", 3,
	lockThreeStates, unlockThreeStates)

func lockThreeStates(p *shmlab.Proc, l *shmlab.Uint32) {
	if l.CompareAndSwap(p, free, held) {
		return
	}
	for l.Swap(p, contended) != free {
		_ = l.Wait(p, contended, 0)
	}
}

func unlockThreeStates(p *shmlab.Proc, l *shmlab.Uint32) {
	if l.Swap(p, free) == contended {
		l.Wake(p, 1)
	}
}

// MutexKit is the kit's.
var MutexKit = guarded("mutex/kit", "the kit's Mutex", "", 3,
	func(p *shmlab.Proc, l *shmsync.Mutex) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.Mutex) { l.Unlock(p) })

// MutexKitTry is the kit's, and does not wait if it need not.
var MutexKitTry = guarded("mutex/kit-try", "the kit's Mutex by TryLock, if that fails by Lock", "", 2,
	func(p *shmlab.Proc, l *shmsync.Mutex) {
		if !l.TryLock(p) {
			l.Lock(p)
		}
	},
	func(p *shmlab.Proc, l *shmsync.Mutex) { l.Unlock(p) })
