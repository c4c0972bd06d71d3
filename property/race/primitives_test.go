package race_test

import (
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// A guarded is ordinary variables and everything that can guard them.
type guarded struct {
	X, Y      shmlab.Var[int64]
	Pair      shmlab.Record[[2]int64]
	Mutex     shmsync.Mutex
	Robust    shmsync.RobustMutex
	RW        shmsync.RWMutex
	Seq       shmsync.SeqLock
	Spin      shmsync.SpinLock
	Ticket    shmsync.TicketLock
	MCS       shmsync.MCSLock
	Peterson  shmsync.Peterson
	Dekker    shmsync.Dekker
	Bakery    shmsync.Bakery
	Semaphore shmsync.Semaphore
	Barrier   shmsync.Barrier
	Group     shmsync.WaitGroup
	Once      shmsync.Once
	Cond      shmsync.Cond
	SPSC      shmsync.SPSC[int64]
	MPMC      shmsync.MPMC[int64]
}

type body = func(p *shmlab.Proc, s *guarded)

func touch(p *shmlab.Proc, s *guarded) { s.X.Set(p, s.X.Get(p)+1) }

// between is what each of two actors does under a lock.
func between(lock, unlock body) body {
	return func(p *shmlab.Proc, s *guarded) {
		lock(p, s)
		touch(p, s)
		unlock(p, s)
	}
}

// guards are right uses of each primitive: what the first actor does and what
// the second does, if that is not the same.
var guards = map[string][]body{
	"Mutex": {between(func(p *shmlab.Proc, s *guarded) { s.Mutex.Lock(p) }, func(p *shmlab.Proc, s *guarded) { s.Mutex.Unlock(p) })},
	"RobustMutex": {between(func(p *shmlab.Proc, s *guarded) {
		if s.Robust.Lock(p) == shmsync.ErrOwnerDied {
			s.Robust.Consistent(p)
		}
	}, func(p *shmlab.Proc, s *guarded) { s.Robust.Unlock(p) })},
	"RWMutex": {between(func(p *shmlab.Proc, s *guarded) {
		if s.RW.Lock(p) == shmsync.ErrOwnerDied {
			s.RW.Consistent(p)
		}
	}, func(p *shmlab.Proc, s *guarded) { s.RW.Unlock(p) }),
		func(p *shmlab.Proc, s *guarded) {
			if s.RW.RLock(p) == nil {
				s.X.Get(p)
				s.RW.RUnlock(p)
			}
		}},
	"SeqLock": {func(p *shmlab.Proc, s *guarded) {
		s.Seq.Lock(p)
		s.Pair.Set(p, [2]int64{1, 1})
		s.Seq.Unlock(p)
	}, func(p *shmlab.Proc, s *guarded) {
		s.Seq.Read(p, func() { s.Pair.Get(p) })
	}},
	"SpinLock":   {between(func(p *shmlab.Proc, s *guarded) { s.Spin.Lock(p) }, func(p *shmlab.Proc, s *guarded) { s.Spin.Unlock(p) })},
	"TicketLock": {between(func(p *shmlab.Proc, s *guarded) { s.Ticket.Lock(p) }, func(p *shmlab.Proc, s *guarded) { s.Ticket.Unlock(p) })},
	"MCSLock":    {between(func(p *shmlab.Proc, s *guarded) { s.MCS.Lock(p) }, func(p *shmlab.Proc, s *guarded) { s.MCS.Unlock(p) })},
	"Peterson":   {between(func(p *shmlab.Proc, s *guarded) { s.Peterson.Lock(p) }, func(p *shmlab.Proc, s *guarded) { s.Peterson.Unlock(p) })},
	"Dekker":     {between(func(p *shmlab.Proc, s *guarded) { s.Dekker.Lock(p) }, func(p *shmlab.Proc, s *guarded) { s.Dekker.Unlock(p) })},
	"Bakery":     {between(func(p *shmlab.Proc, s *guarded) { s.Bakery.Lock(p) }, func(p *shmlab.Proc, s *guarded) { s.Bakery.Unlock(p) })},
	"Semaphore":  {between(func(p *shmlab.Proc, s *guarded) { s.Semaphore.Acquire(p) }, func(p *shmlab.Proc, s *guarded) { s.Semaphore.Release(p) })},
	"Barrier": {func(p *shmlab.Proc, s *guarded) {
		touch(p, s)
		if _, err := s.Barrier.Wait(p); err == nil {
			s.Y.Get(p)
		}
	}, func(p *shmlab.Proc, s *guarded) {
		s.Y.Set(p, 1)
		if _, err := s.Barrier.Wait(p); err == nil {
			s.X.Get(p)
		}
	}},
	"WaitGroup": {func(p *shmlab.Proc, s *guarded) {
		touch(p, s)
		s.Group.Done(p)
	}, func(p *shmlab.Proc, s *guarded) {
		s.Group.Done(p)
		if s.Group.Wait(p) == nil {
			touch(p, s)
		}
	}},
	"Once": {func(p *shmlab.Proc, s *guarded) {
		s.Once.Do(p, func() { touch(p, s) })
		s.X.Get(p)
	}},
	"Cond": {func(p *shmlab.Proc, s *guarded) {
		s.Mutex.Lock(p)
		touch(p, s)
		s.Mutex.Unlock(p)
		s.Cond.Signal(p)
	}, func(p *shmlab.Proc, s *guarded) {
		s.Mutex.Lock(p)
		for s.X.Get(p) == 0 {
			s.Cond.Wait(p, &s.Mutex)
		}
		s.Mutex.Unlock(p)
		s.X.Get(p)
	}},
	"SPSC": {func(p *shmlab.Proc, s *guarded) {
		touch(p, s)
		s.SPSC.Push(p, 1)
	}, func(p *shmlab.Proc, s *guarded) {
		s.SPSC.Pop(p)
		touch(p, s)
	}},
	"MPMC": {func(p *shmlab.Proc, s *guarded) {
		touch(p, s)
		s.MPMC.Push(p, 1)
	}, func(p *shmlab.Proc, s *guarded) {
		s.MPMC.Pop(p)
		touch(p, s)
	}},
}

// guardedLab is a lab of two actors that each run one of bodies.
func guardedLab(bodies []body) shmlab.AnyLab {
	return shmlab.Lab[guarded]{
		Name: "test/guarded", Size: shmlab.Size{Actors: 2, Ops: 1},
		Setup: func(s *guarded, size shmlab.Size) {
			s.Semaphore.Init(1)
			s.Barrier.Init(size.Actors)
			s.Group.Init(size.Actors)
			s.SPSC.Init(2)
			s.MPMC.Init(2)
		},
		Actors: func(shmlab.Size) []shmlab.Actor[guarded] {
			return append(shmlab.Each(1, "first", bodies[0]), shmlab.Each(1, "second", bodies[len(bodies)-1])...)
		},
	}
}

// racing counts the schedules of a lab with a data race, and tells the first.
func racing(t *testing.T, lab shmlab.AnyLab, setting shmlab.Setting, n int) (races int, first *race.Race) {
	t.Helper()
	setting.Host = shmlab.Coroutines
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	for _, strategy := range []shmlab.Strategy{inject.NewRandom(1), inject.NewCrash(inject.NewRandom(2), 2)} {
		for range n {
			strategy.Begin()
			made, err := bench.Trace(strategy)
			if err != nil {
				t.Fatal(err)
			}
			if made.Verdict == trace.Violated {
				t.Fatalf("%s\n%v", made.Message, made)
			}
			if found := race.Find(made); len(found) > 0 {
				if races++; first == nil {
					first = &found[0]
				}
			}
		}
	}
	return races, first
}

// TestNoRacePrimitives: what a primitive guards is ordered, also by one whose
// owner was killed, whether it is taken as a whole or looked into.
func TestNoRacePrimitives(t *testing.T) {
	n := 300
	if testing.Short() {
		n = 50
	}
	for name, bodies := range guards {
		for _, inside := range []bool{false, true} {
			if races, first := racing(t, guardedLab(bodies), shmlab.Setting{InsideLocks: inside}, n); races > 0 {
				t.Errorf("%s, inside %v: a race in %d of %d schedules:\n%v", name, inside, races, 2*n, first)
			}
		}
	}
}

// TestRacePrimitives: the same beside an actor that does without.
func TestRacePrimitives(t *testing.T) {
	bare := func(p *shmlab.Proc, s *guarded) {
		touch(p, s)
		s.Y.Set(p, 2)
		s.Pair.Set(p, [2]int64{2, 2})
	}
	for name, bodies := range guards {
		if name == "Barrier" || name == "WaitGroup" { // which wait for the other
			continue
		}
		for _, inside := range []bool{false, true} {
			if races, _ := racing(t, guardedLab([]body{bodies[0], bare}), shmlab.Setting{InsideLocks: inside}, 50); races == 0 {
				t.Errorf("%s, inside %v: no race with an actor that does without", name, inside)
			}
		}
	}
}

// inVain are readers without a lock whose next step on a primitive that they
// passed before fails: it says nothing about what they read.
var inVain = map[string]body{
	"TryWait": func(p *shmlab.Proc, s *guarded) {
		s.Semaphore.Wait(p)
		s.X.Get(p)
		p.Assert(!s.Semaphore.TryWait(p), "a permit too many")
	},
	"WaitUntil": func(p *shmlab.Proc, s *guarded) {
		s.Semaphore.Wait(p)
		s.X.Get(p)
		p.Assert(s.Semaphore.WaitUntil(p, shmlab.In(time.Millisecond)) == shmsync.ErrTimeout, "a permit too many")
	},
	"AcquireUntil": func(p *shmlab.Proc, s *guarded) {
		s.Semaphore.Acquire(p)
		s.X.Get(p)
		p.Assert(s.Semaphore.AcquireUntil(p, shmlab.In(time.Millisecond)) == shmsync.ErrTimeout, "a permit too many")
	},
}

// TestRaceInVain: whoever tries again in vain has read what it read.
func TestRaceInVain(t *testing.T) {
	bare := func(p *shmlab.Proc, s *guarded) { s.X.Set(p, 1) }
	for name, reader := range inVain {
		for _, inside := range []bool{false, true} {
			bench, err := shmlab.Open(guardedLab([]body{reader, bare}), shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: inside})
			if err != nil {
				t.Fatal(err)
			}
			strategy := inject.NewRandom(1)
			for range 50 {
				strategy.Begin()
				made, err := bench.Trace(strategy)
				if err != nil {
					t.Fatal(err)
				}
				if found := race.Find(made); made.Verdict != trace.Holds || len(found) != 1 || found[0].Word() != "X" {
					t.Fatalf("%s, inside %v: found %v, expected a race of X\n%v", name, inside, found, made)
				}
			}
			bench.Close()
		}
	}
}
