package property_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/linear"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// A works is one of each primitive, and a program of a few actors on one of them.
// It is part of the state, so that actors in processes of their own can read it.
type works struct {
	Machine uint8       // which: see machines
	Program [3][4]uint8 // what each actor does, one after the other: see attempts

	Mutex   shmsync.Mutex
	Robust  shmsync.RobustMutex
	RW      shmsync.RWMutex
	Spin    shmsync.SpinLock
	Ticket  shmsync.TicketLock
	MCS     shmsync.MCSLock
	Seq     shmsync.SeqLock
	Value   shmlab.Record[[2]int64]
	Sem     shmsync.Semaphore
	Barrier shmsync.Barrier
	Group   shmsync.WaitGroup
	Once    shmsync.Once
	Cond    shmsync.Cond
	Slot    shmlab.Var[int64] // that Cond is about; 0: empty
	SPSC    shmsync.SPSC[int64]
	MPMC    shmsync.MPMC[int64]
}

// An attempt is one thing that an actor can do. Nth tells how many it did before.
type attempt func(p *shmlab.Proc, s *works, nth int)

// A machine is a primitive: what can be done with it, and what it is to be like.
type machine struct {
	name     string
	model    linear.Model
	attempts []attempt
}

// does runs f as an operation without a result.
func does(p *shmlab.Proc, name string, f func(p *shmlab.Proc)) {
	p.Op(name, func() any { f(p); return nil })
}

// locker is a machine of a lock: to lock and unlock, and to try if it can be tried.
func locker(name string, lock, unlock func(p *shmlab.Proc, s *works), try func(p *shmlab.Proc, s *works) bool) machine {
	attempts := []attempt{func(p *shmlab.Proc, s *works, _ int) {
		does(p, "lock", func(p *shmlab.Proc) { lock(p, s) })
		s.Slot.Get(p) // else it may as well be unlocked as soon as it is locked
		does(p, "unlock", func(p *shmlab.Proc) { unlock(p, s) })
	}}
	if try != nil {
		attempts = append(attempts, func(p *shmlab.Proc, s *works, _ int) {
			taken := false
			p.Op("trylock", func() any { taken = try(p, s); return taken })
			if taken {
				s.Slot.Get(p)
				does(p, "unlock", func(p *shmlab.Proc) { unlock(p, s) })
			}
		})
	}
	return machine{name, linear.Lock(), attempts}
}

// queue is a machine of a queue. Who puts in and who takes out is asked.
func queue(name string, capacity int, puts, takes func(p *shmlab.Proc) bool, push func(p *shmlab.Proc, s *works, v int64), pop func(p *shmlab.Proc, s *works) int64) machine {
	return machine{name, linear.Queue(capacity), []attempt{
		func(p *shmlab.Proc, s *works, nth int) {
			if v := int64(10*p.Index() + nth + 1); puts(p) {
				does(p, fmt.Sprint("enqueue ", v), func(p *shmlab.Proc) { push(p, s, v) })
			}
		},
		func(p *shmlab.Proc, s *works, _ int) {
			if takes(p) {
				p.Op("dequeue", func() any { return pop(p, s) })
			}
		},
	}}
}

func anybody(*shmlab.Proc) bool { return true }

func only(index int) func(*shmlab.Proc) bool {
	return func(p *shmlab.Proc) bool { return p.Index() == index }
}

var machines = []machine{
	locker("Mutex", func(p *shmlab.Proc, s *works) { s.Mutex.Lock(p) }, func(p *shmlab.Proc, s *works) { s.Mutex.Unlock(p) },
		func(p *shmlab.Proc, s *works) bool { return s.Mutex.TryLock(p) }),
	locker("RobustMutex", func(p *shmlab.Proc, s *works) { _ = s.Robust.Lock(p) }, func(p *shmlab.Proc, s *works) { s.Robust.Unlock(p) },
		func(p *shmlab.Proc, s *works) bool { return s.Robust.TryLock(p) == nil }),
	locker("SpinLock", func(p *shmlab.Proc, s *works) { s.Spin.Lock(p) }, func(p *shmlab.Proc, s *works) { s.Spin.Unlock(p) },
		func(p *shmlab.Proc, s *works) bool { return s.Spin.TryLock(p) }),
	locker("TicketLock", func(p *shmlab.Proc, s *works) { s.Ticket.Lock(p) }, func(p *shmlab.Proc, s *works) { s.Ticket.Unlock(p) }, nil),
	locker("MCSLock", func(p *shmlab.Proc, s *works) { s.MCS.Lock(p) }, func(p *shmlab.Proc, s *works) { s.MCS.Unlock(p) }, nil),
	{"RWMutex", linear.RWLock(), []attempt{
		func(p *shmlab.Proc, s *works, _ int) {
			does(p, "lock", func(p *shmlab.Proc) { _ = s.RW.Lock(p) })
			s.Slot.Get(p)
			does(p, "unlock", s.RW.Unlock)
		},
		func(p *shmlab.Proc, s *works, _ int) {
			does(p, "rlock", func(p *shmlab.Proc) { _ = s.RW.RLock(p) })
			s.Slot.Get(p)
			does(p, "runlock", s.RW.RUnlock)
		},
	}},
	{"SeqLock", linear.Register("0"), []attempt{
		func(p *shmlab.Proc, s *works, nth int) {
			v := int64(10*p.Index() + nth + 1)
			does(p, fmt.Sprint("write ", v), func(p *shmlab.Proc) {
				s.Seq.Lock(p)
				s.Value.Set(p, [2]int64{v, -v})
				s.Seq.Unlock(p)
			})
		},
		func(p *shmlab.Proc, s *works, _ int) {
			p.Op("read", func() any {
				var v [2]int64
				s.Seq.Read(p, func() { v = s.Value.Get(p) })
				if v[0] != -v[1] {
					return "torn"
				}
				return v[0]
			})
		},
	}},
	{"Semaphore", linear.Semaphore(1), []attempt{
		func(p *shmlab.Proc, s *works, _ int) {
			does(p, "acquire", s.Sem.Acquire)
			s.Slot.Get(p)
			does(p, "release", s.Sem.Release)
		},
		func(p *shmlab.Proc, s *works, _ int) { does(p, "acquire", s.Sem.Wait) },
		func(p *shmlab.Proc, s *works, _ int) { p.Op("tryacquire", func() any { return s.Sem.TryWait(p) }) },
		func(p *shmlab.Proc, s *works, _ int) { does(p, "release", s.Sem.Post) },
	}},
	{"Barrier", linear.Rounds(3), []attempt{
		func(p *shmlab.Proc, s *works, _ int) {
			does(p, "come", func(*shmlab.Proc) {})
			does(p, "leave", func(p *shmlab.Proc) { _, _ = s.Barrier.Wait(p) })
		},
	}},
	{"WaitGroup", linear.Group(2), []attempt{
		func(p *shmlab.Proc, s *works, nth int) {
			if nth == 0 && p.Index() < 2 {
				does(p, "done", s.Group.Done)
			}
		},
		func(p *shmlab.Proc, s *works, _ int) { does(p, "wait", func(p *shmlab.Proc) { _ = s.Group.Wait(p) }) },
	}},
	{"Once", linear.Once(), []attempt{
		func(p *shmlab.Proc, s *works, _ int) {
			p.Op("do", func() any { return s.Once.Do(p, func() { s.Slot.Set(p, s.Slot.Get(p)+1) }) })
		},
	}},
	queue("Cond", 1, anybody, anybody, func(p *shmlab.Proc, s *works, v int64) { s.swap(p, v, s.Cond.Broadcast) },
		func(p *shmlab.Proc, s *works) int64 { return s.swap(p, 0, s.Cond.Broadcast) }),
	queue("SPSC", 2, only(0), only(1), func(p *shmlab.Proc, s *works, v int64) { s.SPSC.Push(p, v) }, func(p *shmlab.Proc, s *works) int64 { return s.SPSC.Pop(p) }),
	queue("MPMC", 2, anybody, anybody, func(p *shmlab.Proc, s *works, v int64) { s.MPMC.Push(p, v) }, func(p *shmlab.Proc, s *works) int64 { return s.MPMC.Pop(p) }),

	// These are broken, and must be found.
	locker("no lock", func(p *shmlab.Proc, s *works) { s.Slot.Get(p) }, func(p *shmlab.Proc, s *works) { s.Slot.Get(p) }, nil),
	queue("signals", 1, anybody, anybody, func(p *shmlab.Proc, s *works, v int64) { s.swap(p, v, s.Cond.Signal) },
		func(p *shmlab.Proc, s *works) int64 { return s.swap(p, 0, s.Cond.Signal) }),
	{"leaves at once", linear.Rounds(3), []attempt{
		func(p *shmlab.Proc, s *works, _ int) {
			does(p, "come", func(*shmlab.Proc) {})
			does(p, "leave", func(*shmlab.Proc) {})
		},
	}},
}

const broken = 3 // the last of machines

// swap puts v into the slot, or takes out what is there if v is 0, when it can.
func (s *works) swap(p *shmlab.Proc, v int64, wake func(p *shmlab.Proc)) (before int64) {
	s.Mutex.Lock(p)
	for before = s.Slot.Get(p); (before == 0) == (v == 0); before = s.Slot.Get(p) {
		s.Cond.Wait(p, &s.Mutex)
	}
	s.Slot.Set(p, v)
	wake(p)
	s.Mutex.Unlock(p)
	return before
}

// working is the lab of a machine with a program.
func working(setup func(s *works)) shmlab.AnyLab {
	return shmlab.Lab[works]{
		Name: "test/machine", Size: shmlab.Size{Actors: 3, Ops: 1},
		Setup: func(s *works, _ shmlab.Size) {
			s.Sem.Init(1)
			s.Barrier.Init(3)
			s.Group.Init(2)
			s.SPSC.Init(2)
			s.MPMC.Init(2)
			setup(s)
		},
		Actors: func(size shmlab.Size) []shmlab.Actor[works] {
			return shmlab.Each(size.Actors, "works", func(p *shmlab.Proc, s *works) {
				did := map[uint8]int{}
				for _, n := range s.Program[p.Index()] {
					if attempts := machines[s.Machine].attempts; int(n) < len(attempts) {
						attempts[n](p, s, did[n])
						did[n]++
					}
				}
			})
		},
	}
}

// behaves draws a program on machine i and schedules for it, and fails t unless
// what the operations return is what they would one after the other; and who
// waits for ever has to: that is no lost wake-up.
func behaves(t *rapid.T, i int, setting shmlab.Setting, times int) {
	m := &machines[i]
	bench, err := shmlab.Open(working(func(s *works) {
		s.Machine = uint8(i)
		for a := range s.Program {
			for n := range s.Program[a] {
				s.Program[a][n] = uint8(rapid.IntRange(0, len(m.attempts)).Draw(t, "attempt")) // the last is none
			}
		}
	}), setting)
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer bench.Close()
	for range times {
		made := property.RapidRun(t, bench, inject.Options{})
		switch made.Verdict {
		case trace.Holds, trace.Deadlock, trace.Livelock:
		default:
			t.Fatalf("%s: %s\n%v", m.name, made.Message, made.Schedule)
		}
		r, err := linear.Check(made, m.model, time.Minute)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if r.Verdict != trace.Holds {
			t.Fatalf("%s: %v\n%v", m.name, r, made.Schedule)
		}
		late, err := linear.Overslept(made, m.model, time.Minute)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if len(late) > 0 {
			t.Fatalf("%s: %v waits for ever in %v, and need not\n%v", m.name, late[0].Actor, &late[0], made.Schedule)
		}
	}
}

// TestMachines: any program on any primitive, under any schedule, with locks
// whole and looked into, does what a plain model of it does.
func TestMachines(t *testing.T) {
	times := 5
	if testing.Short() {
		times = 1
	}
	for i := range machines[:len(machines)-broken] {
		for _, inside := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s inside=%v", machines[i].name, inside), func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					behaves(t, i, shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: inside}, times)
				})
			})
		}
	}
}

// TestMachinesBetweenProcesses is TestMachines between processes, each of some
// machine.
func TestMachinesBetweenProcesses(t *testing.T) {
	drawn := map[int]bool{}
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(machines)-broken-1).Draw(t, "machine")
		drawn[i] = true
		behaves(t, i, shmlab.Setting{Host: shmlab.Processes, InsideLocks: rapid.Bool().Draw(t, "inside-locks")}, 5)
	})
	if len(drawn) < (len(machines)-broken)/2 {
		t.Errorf("%d of %d machines were drawn", len(drawn), len(machines)-broken)
	}
}

// TestBrokenMachines: a lock that lets everybody in, a queue that wakes the wrong
// one, a barrier that does not wait are found.
func TestBrokenMachines(t *testing.T) {
	failFiles(t, false)
	for i := len(machines) - broken; i < len(machines); i++ {
		_, failed := check(t.Name(), func(rt *rapid.T) {
			behaves(rt, i, shmlab.Setting{Host: shmlab.Coroutines}, 20)
		})
		if !failed {
			t.Errorf("%s was not found", machines[i].name)
		}
	}
}
