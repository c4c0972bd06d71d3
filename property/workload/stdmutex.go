package workload

import (
	"sync"

	"shmrace/shmlab"
)

// A StdCounter is a Counter with the standard library's lock in shared memory.
// It compiles, go vet is content, and it hangs.
type StdCounter struct {
	Count shmlab.Var[int64]
	Mu    sync.Mutex `shmrace:"unsound"`
	Want  int64
}

// StdMutexShared locks with sync.Mutex between processes.
var StdMutexShared = shmlab.Lab[StdCounter]{
	Name: "stdmutex/shared", Source: source,
	Doc:   "the standard library's Mutex in shared memory",
	Why:   "The lock's state is in shared memory, but the list of who sleeps on it is in each process's own. Unlock looks for sleepers in the wrong process, and nobody is woken. Cure: a lock whose sleepers the kernel knows: a futex, as in shmrace/sync.",
	Size:  shmlab.Size{Actors: 2, Ops: 1_000_000},
	Setup: func(s *StdCounter, size shmlab.Size) { s.Want = int64(size.Actors) * int64(size.Ops) },
	Actors: repeat("counts", func(p *shmlab.Proc, s *StdCounter) {
		s.Mu.Lock()
		n := s.Count.Get(p)
		s.Count.Set(p, n+1)
		s.Mu.Unlock()
	}),
	Final: func(s *StdCounter) error { return arrived(s.Count.Peek(), s.Want) },
	Lost:  func(s *StdCounter) int64 { return s.Want - s.Count.Peek() },
}
