package shmsync_test

import (
	"time"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// A letter is a value of several words, which are equal.
type letter [4]uint64

func mustBeEqual(pair *[2]shmlab.Var[int64], p *shmlab.Proc) {
	if a, b := pair[0].Get(p), pair[1].Get(p); a != b {
		panic("the halves differ under the lock")
	}
}

func changeBoth(pair *[2]shmlab.Var[int64], p *shmlab.Proc) {
	mustBeEqual(pair, p)
	n := pair[0].Get(p)
	pair[0].Set(p, n+1)
	for range 50 { // some time in which to die between the two
		pair[0].Get(p)
	}
	pair[1].Set(p, n+1)
}

func soakRobust(s *arena, p *shmlab.Proc) {
	s.repair(p, s.robust.Lock(p))
	changeBoth(&s.pair, p)
	s.robust.Unlock(p)
}

func soakPermits(s *arena, p *shmlab.Proc) {
	s.sem.Acquire(p)
	i := takePlace(s, p)
	for range 50 {
		s.places[i].Load(p)
	}
	s.places[i].Store(p, 0)
	s.sem.Release(p)
}

// takePlace takes one of the two places, of which one must be free, or a dead
// actor's, for whoever has one of the two permits.
func takePlace(s *arena, p *shmlab.Proc) int {
	for i := range s.places {
		if id := s.places[i].Load(p); (id == 0 || p.Dead(id)) && s.places[i].CompareAndSwap(p, id, p.ID()) {
			return i
		}
	}
	for i := range s.places { // another may have taken the one that was looked at
		if id := s.places[i].Load(p); (id == 0 || p.Dead(id)) && s.places[i].CompareAndSwap(p, id, p.ID()) {
			return i
		}
	}
	panic("three have one of two permits")
}

func soakWrite(s *arena, p *shmlab.Proc) {
	if s.rw.Lock(p) == shmsync.ErrOwnerDied {
		s.rwPair[1].Set(p, s.rwPair[0].Get(p))
		s.rw.Consistent(p)
	}
	changeBoth(&s.rwPair, p)
	s.rw.Unlock(p)
}

func soakRead(s *arena, p *shmlab.Proc) {
	if s.rw.RLock(p) != nil {
		soakWrite(s, p)
		return
	}
	mustBeEqual(&s.rwPair, p)
	s.rw.RUnlock(p)
}

func soakQueue(s *arena, p *shmlab.Proc) {
	s.queue.Push(p, p.ID())
	if s.queue.Pop(p) == 0 {
		panic("popped what nobody has pushed")
	}
}

// repair makes whole what s.robust guards, after a death.
func (s *arena) repair(p *shmlab.Proc, err error) {
	if err == shmsync.ErrOwnerDied {
		s.pair[1].Set(p, s.pair[0].Get(p))
		s.robust.Consistent(p)
	}
}

// soakRing pushes and pops, each end under a lock: a queue for one producer and
// one consumer outlives both. Whoever pops has pushed, so that nobody waits for
// ever for what nobody sends.
func soakRing(s *arena, p *shmlab.Proc) {
	if s.ends[0].Lock(p) == shmsync.ErrOwnerDied {
		s.ends[0].Consistent(p)
	}
	n := s.sent.Get(p) + 1
	s.ring.Push(p, letter{n, n, n, n})
	s.sent.Set(p, n)
	s.ends[0].Unlock(p)
	s.popRing(p)
}

// popRing pops. A producer that died between its Push and counting it has the next
// push the same again; a consumer may have died before it wrote down what it got.
func (s *arena) popRing(p *shmlab.Proc) {
	if s.ends[1].Lock(p) == shmsync.ErrOwnerDied {
		s.ends[1].Consistent(p)
	}
	v := s.ring.Pop(p)
	if v[0] != v[1] || v[0] != v[2] || v[0] != v[3] {
		panic("popped a torn value")
	}
	if v[0] < s.received.Get(p) {
		panic("popped what was popped before")
	}
	s.received.Set(p, v[0])
	s.ends[1].Unlock(p)
}

// A beginning is what a Once guards: both 1, once it is done.
type beginning struct {
	once  shmsync.Once
	cells [2]shmlab.Var[int64]
}

func soakOnce(s *arena, p *shmlab.Proc) {
	b := &s.onces[s.epoch.Load(p)]
	b.once.Do(p, func() {
		b.cells[0].Set(p, 1)
		time.Sleep(time.Millisecond)
		b.cells[1].Set(p, 1)
	})
	if b.cells[0].Get(p) != 1 || b.cells[1].Get(p) != 1 {
		panic("not initialized after Do")
	}
}

// soakCond waits until something has happened, if fewer than two do, and else
// makes it happen.
func soakCond(s *arena, p *shmlab.Proc) {
	for i := range s.waiters {
		if id := s.waiters[i].Load(p); (id == 0 || p.Dead(id)) && s.waiters[i].CompareAndSwap(p, id, p.ID()) {
			s.repair(p, s.robust.Lock(p))
			for n := s.events.Get(p); s.events.Get(p) == n; {
				s.repair(p, s.cond.WaitRobust(p, &s.robust))
			}
			s.robust.Unlock(p)
			s.waiters[i].Store(p, 0)
			return
		}
	}
	soakSignal(s, p)
}

func soakSignal(s *arena, p *shmlab.Proc) {
	s.repair(p, s.robust.Lock(p))
	s.events.Set(p, s.events.Get(p)+1)
	s.cond.Broadcast(p)
	s.robust.Unlock(p)
}
