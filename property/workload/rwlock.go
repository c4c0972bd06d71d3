package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// RWLocks are labs of locks that many may hold to read.
var RWLocks = []shmlab.AnyLab{RWLockOnlyMutex, RWLockMeetKit, RWLockUpgrade, RWLockTornCount, RWLockKit}

// A Meeting is where two readers wait for each other.
type Meeting[L any] struct {
	Lock L
	Here shmlab.Uint32
}

// meeting is a lab in which all readers must be inside at once.
func meeting[L any](variant, doc, why string, lock, unlock func(p *shmlab.Proc, l *L)) shmlab.Lab[Meeting[L]] {
	return shmlab.Lab[Meeting[L]]{
		Name: "rwlock/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Meeting[L]] {
			return shmlab.Each(size.Actors, "reads", func(p *shmlab.Proc, s *Meeting[L]) {
				lock(p, &s.Lock)
				s.Here.Add(p, 1)
				for n := s.Here.Load(p); n < uint32(size.Actors); n = s.Here.Load(p) {
					p.Await(s.Here.Is(n).Not())
				}
				unlock(p, &s.Lock)
			})
		},
	}
}

// RWLockOnlyMutex lets one reader in.
var RWLockOnlyMutex = meeting("only-a-mutex", "a reader-writer lock that is only a mutex",
	"Readers that wait for each other inside never meet. A lock that calls itself shared must let them in together.",
	func(p *shmlab.Proc, l *shmsync.Mutex) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.Mutex) { l.Unlock(p) })

// RWLockMeetKit is the kit's.
var RWLockMeetKit = meeting("readers-meet", "the kit's RWMutex, readers only", "",
	func(p *shmlab.Proc, l *shmsync.RWMutex) { _ = l.RLock(p) },
	func(p *shmlab.Proc, l *shmsync.RWMutex) { l.RUnlock(p) })

// A Document is read by some and written by others; its two halves are equal.
type Document[L any] struct {
	Lock   L
	Halves [2]shmlab.Var[int64]
}

func (s *Document[L]) write(p *shmlab.Proc) {
	n := s.Halves[0].Get(p)
	s.Halves[0].Set(p, n+1)
	s.Halves[1].Set(p, n+1)
}

func (s *Document[L]) read(p *shmlab.Proc) {
	a := s.Halves[0].Get(p)
	b := s.Halves[1].Get(p)
	p.Assert(a == b, "read %d and %d, expected equal halves", a, b)
}

// document is a lab in which the first actor writes and the others read.
func document[L any](variant, doc, why string, actors int, write, read func(p *shmlab.Proc, s *Document[L])) shmlab.Lab[Document[L]] {
	return shmlab.Lab[Document[L]]{
		Name: "rwlock/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: actors, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Document[L]] {
			writer := repeat("writes", write)(shmlab.Size{Actors: 1, Ops: size.Ops})
			return append(writer, repeat("reads", read)(shmlab.Size{Actors: max(size.Actors-1, 0), Ops: size.Ops})...)
		},
	}
}

// RWLockUpgrade wants more while it has less.
var RWLockUpgrade = document("upgrade", "locks to write what it has locked to read",
	"The writer waits until all readers have left, and is one of them. Cure: unlock first, lock to write, and look again at what was read.", 2,
	func(p *shmlab.Proc, s *Document[shmsync.RWMutex]) {
		_ = s.Lock.RLock(p)
		s.read(p)
		_ = s.Lock.Lock(p)
		s.write(p)
		s.Lock.Unlock(p)
		s.Lock.RUnlock(p)
	},
	readKit)

func readKit(p *shmlab.Proc, s *Document[shmsync.RWMutex]) {
	if s.Lock.RLock(p) == nil { // else the writer has died
		s.read(p)
		s.Lock.RUnlock(p)
	}
}

// A FirstReader is a lock in which the first reader locks for all.
type FirstReader struct {
	Readers shmlab.Var[int32]
	Room    shmsync.SpinLock
}

// RWLockTornCount counts its readers with nothing around it.
var RWLockTornCount = document("torn-count", "the first reader locks, the last unlocks, the count is plain",
	"Two readers that come at once read the same count, so that one is not counted: the room is unlocked while it is still inside, and a writer comes in. Cure: change the count and take the room under one lock.", 3,
	func(p *shmlab.Proc, s *Document[FirstReader]) {
		s.Lock.Room.Lock(p)
		s.write(p)
		s.Lock.Room.Unlock(p)
	},
	func(p *shmlab.Proc, s *Document[FirstReader]) {
		n := s.Lock.Readers.Get(p)
		s.Lock.Readers.Set(p, n+1)
		if n == 0 {
			s.Lock.Room.Lock(p)
		}
		s.read(p)
		n = s.Lock.Readers.Get(p)
		s.Lock.Readers.Set(p, n-1)
		if n == 1 {
			s.Lock.Room.Unlock(p)
		}
	})

// RWLockKit is the kit's.
var RWLockKit = document("kit", "the kit's RWMutex", "", 3,
	func(p *shmlab.Proc, s *Document[shmsync.RWMutex]) {
		if s.Lock.Lock(p) == nil {
			s.write(p)
			s.Lock.Unlock(p)
		}
	},
	readKit)
