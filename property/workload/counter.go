package workload

import (
	"fmt"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// A Counter is counted up by several actors at once.
type Counter struct {
	Count shmlab.Var[int64]
	Want  int64 // what it must come to; set once, before the actors start
}

func setupCounter(s *Counter, size shmlab.Size) { s.Want = int64(size.Actors) * int64(size.Ops) }

func finalCounter(s *Counter) error {
	if got := s.Count.Peek(); got != s.Want {
		return lost{got, s.Want}
	}
	return nil
}

// lost says that increments are; it is made into text only if somebody reads it.
type lost struct{ got, want int64 }

func (l lost) Error() string {
	return fmt.Sprintf("the count is %d, expected %d: %d of %d increments are lost", l.got, l.want, l.want-l.got, l.want)
}

// CounterUnlocked reads, adds and writes back with nothing around it.
var CounterUnlocked = shmlab.Lab[Counter]{
	Name:  "counter/unlocked",
	Size:  shmlab.Size{Actors: 2, Ops: 1},
	Setup: setupCounter,
	Actors: func(size shmlab.Size) []shmlab.Actor[Counter] {
		return shmlab.Each(size.Actors, "count", func(p *shmlab.Proc, s *Counter) {
			for range size.Ops {
				n := s.Count.Get(p)
				s.Count.Set(p, n+1)
			}
		})
	},
	Final: finalCounter,
}

// CounterMutex
var CounterMutex = shmlab.Lab[CounterLocked]{
	Name: "counter/mutex",
	Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[CounterLocked] {
		return shmlab.Each(size.Actors, "count", func(p *shmlab.Proc, s *CounterLocked) {
			for range size.Ops {
				s.Mu.Lock(p)
				n := s.Count.Get(p)
				s.Count.Set(p, n+1)
				s.Mu.Unlock(p)
			}
		})
	},
}

type CounterLocked struct {
	Mu shmsync.Mutex
	Counter
}
