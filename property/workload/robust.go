package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Robust are labs in which an actor may be killed. The wrong ones go wrong only
// then: shmrace explore --crash --inside-locks.
var Robust = []shmlab.AnyLab{
	RobustPlainMutex, RobustIgnored, RobustMutexKit, RobustPermits, RobustRWMutex,
	RobustBarrier, RobustWaitGroup, RobustOnce, RobustQueue,
}

// A Halves is two numbers that are equal, but for whoever is changing them.
type Halves[L any] struct {
	Lock   L
	Halves [2]shmlab.Var[int64]
}

func (s *Halves[L]) change(p *shmlab.Proc) {
	a := s.Halves[0].Get(p)
	b := s.Halves[1].Get(p)
	p.Assert(a == b, "found %d and %d under the lock, expected equal halves", a, b)
	s.Halves[0].Set(p, a+1)
	s.Halves[1].Set(p, b+1)
}

func (s *Halves[L]) repair(p *shmlab.Proc) {
	a := s.Halves[0].Get(p)
	s.Halves[1].Set(p, a)
}

// mortal is a lab whose actors change the halves, and may be killed meanwhile.
func mortal[L any](variant, doc, why string, change func(p *shmlab.Proc, s *Halves[L])) shmlab.Lab[Halves[L]] {
	return shmlab.Lab[Halves[L]]{
		Name: "robust/" + variant, Doc: doc, Why: why, Source: source, Mortal: true,
		Size:   shmlab.Size{Actors: 2, Ops: 1},
		Actors: repeat("changes", change),
	}
}

// RobustPlainMutex locks what nobody unlocks any more.
var RobustPlainMutex = mortal("plain-mutex", "a Mutex whose holder may be killed",
	"Nobody but the holder can unlock a Mutex, and the holder is dead: all others wait for ever. Cure: a RobustMutex, of whose holder's death the kernel tells.",
	func(p *shmlab.Proc, s *Halves[shmsync.Mutex]) {
		s.Lock.Lock(p)
		s.change(p)
		s.Lock.Unlock(p)
	})

// RobustIgnored takes the lock from the dead as if nothing had happened.
var RobustIgnored = mortal("ignored", "a RobustMutex without a repair",
	"ErrOwnerDied says that the last holder died in the middle, and what it was changing is half changed. Cure: repair it before Consistent.",
	func(p *shmlab.Proc, s *Halves[shmsync.RobustMutex]) {
		if s.Lock.Lock(p) == shmsync.ErrOwnerDied {
			s.Lock.Consistent(p)
		}
		s.change(p)
		s.Lock.Unlock(p)
	})

// RobustMutexKit repairs what the dead have left.
var RobustMutexKit = mortal("mutex", "a RobustMutex, with a repair", "",
	func(p *shmlab.Proc, s *Halves[shmsync.RobustMutex]) {
		if s.Lock.Lock(p) == shmsync.ErrOwnerDied {
			s.repair(p)
			s.Lock.Consistent(p)
		}
		s.change(p)
		s.Lock.Unlock(p)
	})

// A Seat is a semaphore with one permit, and who sits there.
type Seat struct {
	Sem  shmsync.Semaphore
	Sits shmlab.Uint32
}

// RobustPermits loses no permit and gives none twice.
var RobustPermits = shmlab.Lab[Seat]{
	Name: "robust/permits", Doc: "a Semaphore with one permit, twice each", Source: source, Mortal: true,
	Size:  shmlab.Size{Actors: 2, Ops: 2},
	Setup: func(s *Seat, _ shmlab.Size) { s.Sem.Init(1) },
	Actors: repeat("sits", func(p *shmlab.Proc, s *Seat) {
		s.Sem.Acquire(p)
		s.Sits.Store(p, uint32(p.Index())+1)
		p.Assert(s.Sits.Load(p) == uint32(p.Index())+1, "another has the permit as well")
		s.Sem.Release(p)
	}),
}

// RobustRWMutex has a writer and a reader, who repairs as well.
var RobustRWMutex = shmlab.Lab[Halves[shmsync.RWMutex]]{
	Name: "robust/rwlock", Doc: "an RWMutex, one writes, one reads", Source: source, Mortal: true,
	Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[Halves[shmsync.RWMutex]] {
		writer := repeat("writes", writeMortal)(shmlab.Size{Actors: 1, Ops: size.Ops})
		return append(writer, repeat("reads", readMortal)(shmlab.Size{Actors: max(size.Actors-1, 0), Ops: size.Ops})...)
	},
}

func writeMortal(p *shmlab.Proc, s *Halves[shmsync.RWMutex]) {
	if s.Lock.Lock(p) == shmsync.ErrOwnerDied {
		s.repair(p)
		s.Lock.Consistent(p)
	}
	s.change(p)
	s.Lock.Unlock(p)
}

func readMortal(p *shmlab.Proc, s *Halves[shmsync.RWMutex]) {
	if s.Lock.RLock(p) == shmsync.ErrOwnerDied {
		writeMortal(p, s)
		return
	}
	a := s.Halves[0].Get(p)
	b := s.Halves[1].Get(p)
	p.Assert(a == b, "read %d and %d, expected equal halves", a, b)
	s.Lock.RUnlock(p)
}

// RobustBarrier is broken, not passed, when a participant dies.
var RobustBarrier = shmlab.Lab[Phases[shmsync.Barrier]]{
	Name: "robust/barrier", Doc: "a Barrier whose participants may be killed", Source: source, Mortal: true,
	Size: shmlab.Size{Actors: 2, Ops: 2},
	Setup: func(s *Phases[shmsync.Barrier], size shmlab.Size) {
		s.Actors = int32(size.Actors)
		s.Barrier.Init(size.Actors)
	},
	Actors: repeat("works", func(p *shmlab.Proc, s *Phases[shmsync.Barrier]) {
		mine := s.Phase[p.Index()].Add(p, 1)
		dead := false
		for i := range int(s.Actors) {
			dead = dead || p.Gone(i)
		}
		if _, err := s.Barrier.Wait(p); err != nil {
			return
		}
		p.Assert(!dead, "passed the barrier though one who has to come was dead by then")
		for i := range s.Actors {
			other := s.Phase[i].Load(p)
			p.Assert(other >= mine, "passed the barrier after step %d while another is at step %d", mine, other)
		}
	}),
}

// A Crew works, and one waits for it.
type Crew struct {
	Group shmsync.WaitGroup
	Work  [8]shmlab.Uint32
}

// RobustWaitGroup waits for no dead.
var RobustWaitGroup = shmlab.Lab[Crew]{
	Name: "robust/waitgroup", Doc: "a WaitGroup whose members may be killed", Source: source, Mortal: true,
	Size:  shmlab.Size{Actors: 3, Ops: 1},
	Setup: func(s *Crew, size shmlab.Size) { s.Group.Init(max(size.Actors-1, 1)) },
	Actors: func(size shmlab.Size) []shmlab.Actor[Crew] {
		crew := shmlab.Each(max(size.Actors-1, 0), "works", func(p *shmlab.Proc, s *Crew) {
			s.Work[p.Index()].Store(p, 1)
			s.Group.Done(p)
		})
		return append(crew, shmlab.Each(1, "waits", func(p *shmlab.Proc, s *Crew) {
			if s.Group.Wait(p) != nil {
				return
			}
			for i := range size.Actors - 1 {
				p.Assert(s.Work[i].Load(p) == 1, "the work of %c is not done", 'A'+rune(i))
			}
		})...)
	},
}

// A Table is filled by the first that needs it.
type Table struct {
	Once  shmsync.Once
	Cells [2]shmlab.Var[int64]
}

// RobustOnce begins again if who began has died.
var RobustOnce = shmlab.Lab[Table]{
	Name: "robust/once", Doc: "a Once whose initializer may be killed", Source: source, Mortal: true,
	Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: repeat("uses", func(p *shmlab.Proc, s *Table) {
		s.Once.Do(p, func() {
			s.Cells[0].Set(p, 1)
			s.Cells[1].Set(p, 1)
		})
		a, b := s.Cells[0].Get(p), s.Cells[1].Get(p)
		p.Assert(a == 1 && b == 1, "found %d and %d after Do, expected 1 and 1", a, b)
	}),
}

// A Post is a queue in which there is room for all that is sent.
type Post struct{ Queue shmsync.MPMC[int64] }

// RobustQueue is not wedged by a producer that is killed: the value of the other
// arrives. So there are two at least: a queue tells nobody that nobody is left to
// push.
var RobustQueue = shmlab.Lab[Post]{
	Name: "robust/queue", Doc: "an MPMC queue: of two that push one may die, and one pops", Source: source, Mortal: true,
	Size: shmlab.Size{Actors: 3, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[Post] {
		producers := shmlab.Each(max(size.Actors-1, 2), "pushes", func(p *shmlab.Proc, s *Post) {
			s.Queue.Push(p, message(p.Index(), 1))
		})
		return append(producers, shmlab.Each(1, "pops", func(p *shmlab.Proc, s *Post) {
			v := s.Queue.Pop(p)
			p.Assert(v&(1<<32-1) == 1, "popped %d, which nobody has pushed", v)
		})...)
	},
}
