package workload

import (
	"fmt"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Operations are labs whose actors tell what they call and what it returns: that
// is judged, and the state they leave is not.
var Operations = []shmlab.AnyLab{OperationsUnlocked, OperationsReadsLater, OperationsAtomic, OperationsMutex, OperationsQueue}

// tickets is a lab of a counter whose increments return what it is then.
func tickets[S any](variant, doc, why string, increment func(p *shmlab.Proc, s *S) int64) shmlab.Lab[S] {
	return shmlab.Lab[S]{
		Name: "operations/" + variant, Doc: doc, Why: why, Source: source, Object: "counter",
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: repeat("counts", func(p *shmlab.Proc, s *S) {
			p.Op("inc", func() any { return increment(p, s) })
		}),
	}
}

// OperationsUnlocked is a read and a write.
var OperationsUnlocked = tickets("unlocked", "reads, adds one, writes, returns it",
	"Two that read the same number return the same. Cure: one step.",
	func(p *shmlab.Proc, s *Counter) int64 {
		n := s.Count.Get(p) + 1
		s.Count.Set(p, n)
		return n
	})

// OperationsReadsLater loses nothing, and that cannot be seen in the state.
var OperationsReadsLater = tickets("reads-later", "adds one atomically, then reads what to return",
	"The count is right in the end, and yet two may return the same: the second adds before the first has looked. Cure: return what the addition itself returns.",
	func(p *shmlab.Proc, s *AtomicCounter) int64 {
		s.Count.Add(p, 1)
		return s.Count.Load(p)
	})

// OperationsAtomic is one step.
var OperationsAtomic = tickets("atomic", "adds one atomically and returns what that returns", "",
	func(p *shmlab.Proc, s *AtomicCounter) int64 { return s.Count.Add(p, 1) })

// OperationsMutex is a read and a write with a lock around them.
var OperationsMutex = tickets("mutex", "as unlocked, with the kit's Mutex around it", "",
	func(p *shmlab.Proc, s *Counter) int64 {
		s.Mu.Lock(p)
		n := s.Count.Get(p) + 1
		s.Count.Set(p, n)
		s.Mu.Unlock(p)
		return n
	})

// A Line is the kit's queue.
type Line struct{ Queue shmsync.MPMC[int64] }

// OperationsQueue is the kit's.
var OperationsQueue = shmlab.Lab[Line]{
	Name: "operations/queue", Doc: "the kit's MPMC, each puts a number in and takes one out", Source: source, Object: "queue 2",
	Size:  shmlab.Size{Actors: 2, Ops: 1},
	Setup: func(s *Line, _ shmlab.Size) { s.Queue.Init(2) },
	Actors: repeat("passes on", func(p *shmlab.Proc, s *Line) {
		mine := int64(p.Index()) + 1
		p.Op(fmt.Sprint("enqueue ", mine), func() any { s.Queue.Push(p, mine); return nil })
		p.Op("dequeue", func() any { return s.Queue.Pop(p) })
	}),
}
