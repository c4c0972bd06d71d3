package workload

import (
	"fmt"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// A Counter is counted up by several actors at once.
type Counter struct {
	Count shmlab.Var[int64]
	Mu    shmsync.Mutex
	Other shmsync.Mutex // for those who take the wrong one
	Want  int64         // what it must come to; set before the actors start
}

// An AtomicCounter is a Counter whose accesses are atomic one by one.
type AtomicCounter struct {
	Count shmlab.Int64
	Want  int64
}

// lost says that increments are; it is made into text only if somebody reads it.
type lost struct{ got, want int64 }

func (l lost) Error() string {
	return fmt.Sprintf("the count is %d, expected %d: %d of %d increments are lost", l.got, l.want, l.want-l.got, l.want)
}

func arrived(got, want int64) error {
	if got != want {
		return lost{got, want}
	}
	return nil
}

// counter is what the labs of the family share: each actor runs increment as
// often as it has operations.
func counter(variant, doc, why string, increment func(p *shmlab.Proc, s *Counter)) shmlab.Lab[Counter] {
	return shmlab.Lab[Counter]{
		Name: "counter/" + variant, Doc: doc, Why: why, Source: source,
		Size:   shmlab.Size{Actors: 2, Ops: 1},
		Setup:  func(s *Counter, size shmlab.Size) { s.Want = int64(size.Actors) * int64(size.Ops) },
		Actors: repeat("counts", increment),
		Final:  func(s *Counter) error { return arrived(s.Count.Peek(), s.Want) },
		Lost:   func(s *Counter) int64 { return s.Want - s.Count.Peek() },
	}
}

// repeat makes actors that do the same operation again and again.
func repeat[S any](name string, operation func(p *shmlab.Proc, s *S)) func(shmlab.Size) []shmlab.Actor[S] {
	return func(size shmlab.Size) []shmlab.Actor[S] {
		return shmlab.Each(size.Actors, name, func(p *shmlab.Proc, s *S) {
			for range size.Ops {
				operation(p, s)
			}
		})
	}
}

// atomicCounter is counter for an AtomicCounter.
func atomicCounter(variant, doc, why string, increment func(p *shmlab.Proc, s *AtomicCounter)) shmlab.Lab[AtomicCounter] {
	return shmlab.Lab[AtomicCounter]{
		Name: "counter/" + variant, Doc: doc, Why: why, Source: source,
		Size:   shmlab.Size{Actors: 2, Ops: 1},
		Setup:  func(s *AtomicCounter, size shmlab.Size) { s.Want = int64(size.Actors) * int64(size.Ops) },
		Actors: repeat("counts", increment),
		Final:  func(s *AtomicCounter) error { return arrived(s.Count.Peek(), s.Want) },
		Lost:   func(s *AtomicCounter) int64 { return s.Want - s.Count.Peek() },
	}
}

// CounterUnlocked reads, adds and writes back with nothing around it.
var CounterUnlocked = counter("unlocked", "count++ with nothing around it",
	"count++ is a read, an addition and a write. Whoever writes a value that was read before somebody else's write undoes that write. Cure: let nobody in between, with a lock.",
	func(p *shmlab.Proc, s *Counter) {
		n := s.Count.Get(p)
		s.Count.Set(p, n+1)
	})

// CounterLoadStore makes each access atomic and the increment no safer.
var CounterLoadStore = atomicCounter("load-store", "an atomic read, then an atomic write",
	"Each access is atomic, the two together are not. Cure: one operation that reads, adds and writes.",
	func(p *shmlab.Proc, s *AtomicCounter) {
		n := s.Count.Load(p)
		s.Count.Store(p, n+1)
	})

// CounterHalfLocked takes the lock too late.
var CounterHalfLocked = counter("half-locked", "a lock around the write only",
	"The lock keeps two writes apart, which they were anyway. The value written was read outside of it. Cure: lock before the read.",
	func(p *shmlab.Proc, s *Counter) {
		n := s.Count.Get(p)
		s.Mu.Lock(p)
		s.Count.Set(p, n+1)
		s.Mu.Unlock(p)
	})

// CounterTwoLocks locks, but not the same lock.
var CounterTwoLocks = counter("two-locks", "every second actor takes another lock",
	"A lock keeps out only those who take the same lock. Cure: one lock for one variable.",
	func(p *shmlab.Proc, s *Counter) {
		mu := &s.Mu
		if p.Index()%2 == 1 {
			mu = &s.Other
		}
		mu.Lock(p)
		n := s.Count.Get(p)
		s.Count.Set(p, n+1)
		mu.Unlock(p)
	})

// CounterMutex locks before the read and unlocks after the write.
var CounterMutex = counter("mutex", "a lock around read and write", "",
	func(p *shmlab.Proc, s *Counter) {
		s.Mu.Lock(p)
		n := s.Count.Get(p)
		s.Count.Set(p, n+1)
		s.Mu.Unlock(p)
	})

// CounterAtomic reads, adds and writes in one operation.
var CounterAtomic = atomicCounter("atomic", "one atomic addition", "",
	func(p *shmlab.Proc, s *AtomicCounter) {
		s.Count.Add(p, 1)
	})
