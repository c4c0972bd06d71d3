package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Together are labs of readers who may be inside at once. Which is wrong fails
// in no schedule: it only never lets them.
var Together = []shmlab.AnyLab{TogetherOneByOne, TogetherKit}

// A Hall is a room and how many are inside.
type Hall[L any] struct {
	Lock   L
	Inside shmlab.Uint32
}

// hall is a lab whose readers come and go.
func hall[L any](variant, doc, why string, lock, unlock func(p *shmlab.Proc, l *L)) shmlab.Lab[Hall[L]] {
	return shmlab.Lab[Hall[L]]{
		Name: "together/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: repeat("reads", func(p *shmlab.Proc, s *Hall[L]) {
			lock(p, &s.Lock)
			s.Inside.Add(p, 1)
			s.Inside.Add(p, ^uint32(0))
			unlock(p, &s.Lock)
		}),
		Reach: map[string]func(s *Hall[L]) bool{
			"two readers inside": func(s *Hall[L]) bool { return s.Inside.Peek() == 2 },
		},
	}
}

// TogetherOneByOne is a mutex that calls itself shared.
var TogetherOneByOne = hall("one-by-one", "a lock to read that is only a mutex",
	"Nothing breaks, and no two readers are ever inside together: they wait for each other for nothing. Cure: a lock that lets all readers in.",
	func(p *shmlab.Proc, l *shmsync.Mutex) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.Mutex) { l.Unlock(p) })

// TogetherKit is the kit's RWMutex.
var TogetherKit = hall("kit", "the kit's RWMutex, readers only", "",
	func(p *shmlab.Proc, l *shmsync.RWMutex) { _ = l.RLock(p) },
	func(p *shmlab.Proc, l *shmsync.RWMutex) { l.RUnlock(p) })
