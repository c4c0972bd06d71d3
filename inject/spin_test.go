package inject_test

import (
	"fmt"
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A waiting is how a loop waits: by an Await, or by a Yield that says nothing.
type waiting = func(p *shmlab.Proc, g shmlab.Guard)

func await(p *shmlab.Proc, g shmlab.Guard) { p.Await(g) }
func yield(p *shmlab.Proc, _ shmlab.Guard) { p.Yield() }

// spinlock is n actors that count under a lock on which they spin.
func spinlock(n int) func(waiting) []body {
	return func(wait waiting) []body {
		return same(n, func(p *shmlab.Proc, s *small) {
			for !s.T.CompareAndSwap(p, 0, 1) {
				wait(p, s.T.Is(0))
			}
			s.X.Store(p, s.X.Load(p)+1)
			s.T.Store(p, 0)
		})
	}
}

// swaplock is spinlock with an exchange, which writes what is there already.
func swaplock(n int) func(waiting) []body {
	return func(wait waiting) []body {
		return same(n, func(p *shmlab.Proc, s *small) {
			for s.T.Swap(p, 1) != 0 {
				wait(p, s.T.Is(0))
			}
			s.T.Store(p, 0)
		})
	}
}

// ticket is n actors that wait for their turn, and look whenever it is another's.
func ticket(n int) func(waiting) []body {
	return func(wait waiting) []body {
		return same(n, func(p *shmlab.Proc, s *small) {
			mine := s.T.Add(p, 1) - 1
			for now := s.Z.Load(p); now != mine; now = s.Z.Load(p) {
				wait(p, s.Z.Is(now).Not())
			}
			s.X.Store(p, s.X.Load(p)+1)
			s.Z.Add(p, 1)
		})
	}
}

// petersons is Peterson's lock with a loop, which reads one or two words.
func petersons(wait waiting) []body {
	return times(2, func(i int) body {
		return func(p *shmlab.Proc, s *small) {
			s.Flag[i].Store(p, 1)
			s.T.Store(p, int64(1-i))
			for s.Flag[1-i].Load(p) != 0 && s.T.Load(p) != int64(i) {
				wait(p, s.Flag[1-i].Is(0).Or(s.T.Is(int64(i))))
			}
			s.Flag[i].Store(p, 0)
		}
	})
}

// handshake is two actors each of which waits for the other, twice.
func handshake(wait waiting) []body {
	return times(2, func(i int) body {
		return func(p *shmlab.Proc, s *small) {
			for n := int64(1); n <= 2; n++ {
				s.Flag[i].Store(p, n)
				for s.Flag[1-i].Load(p) < n {
					wait(p, s.Flag[1-i].Is(n-1).Not())
				}
			}
		}
	})
}

// deadly is two actors that wait for what nobody does.
func deadly(wait waiting) []body {
	return times(2, func(i int) body {
		return func(p *shmlab.Proc, s *small) {
			for s.Flag[1-i].Load(p) == 0 {
				wait(p, s.Flag[1-i].Is(0).Not())
			}
			s.Flag[i].Store(p, 1)
		}
	})
}

// A loop that only yields is searched in as many schedules as one that says what
// it waits for, and these are as many as there are.
func TestSpinAsAwait(t *testing.T) {
	for _, test := range []struct {
		name   string
		bodies func(waiting) []body
	}{
		{"spinlock 2", spinlock(2)}, {"spinlock 3", spinlock(3)}, {"swaplock 2", swaplock(2)}, {"swaplock 3", swaplock(3)},
		{"ticket 2", ticket(2)}, {"ticket 3", ticket(3)}, {"peterson", petersons}, {"handshake", handshake}, {"deadly", deadly},
	} {
		var want, got *inject.DPOR
		ends := [2]map[string]bool{{}, {}}
		for i, wait := range []waiting{await, yield} {
			d := inject.NewDPOR()
			explore(t, program(test.bodies(wait)...), d, func(r shmlab.Run, bench *shmlab.Bench) {
				if r.Verdict == trace.Budget {
					t.Fatalf("%s: %v", test.name, r.Reason)
				}
				ends[i][fmt.Sprint(r.Verdict.Bad(), bench.State())] = true
			})
			want, got = got, d
		}
		if got.Explored() != want.Explored() || got.Blocked() != 0 || fmt.Sprint(ends[0]) != fmt.Sprint(ends[1]) {
			t.Errorf("%s: %d schedules, %d of them blocked, ends %v; with Await %d, ends %v",
				test.name, got.Explored(), got.Blocked(), ends[1], want.Explored(), ends[0])
		}
		t.Logf("%s: %d schedules", test.name, got.Explored())
	}
}

// Every search comes to an end on a loop that only yields, and finds the same
// ends.
func TestSpinEverySearch(t *testing.T) {
	for _, bodies := range [][]body{spinlock(2)(yield), ticket(2)(yield), petersons(yield), handshake(yield), deadly(yield)} {
		want := outcomes(t, program(bodies...), inject.NewDPOR())
		for _, s := range []shmlab.Strategy{all(), inject.NewBoundedDPOR(inject.Unbounded)} {
			if got := outcomes(t, program(bodies...), s); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%T: ends %v, expected %v", s, got, want)
			}
		}
	}
}

// A loop that gives up after some rounds is not parked, be it after many: what
// it does then is found.
func TestSpinGivesUp(t *testing.T) {
	for _, rounds := range []int{1, 3, 7} {
		bodies := []body{
			func(p *shmlab.Proc, s *small) {
				for range rounds {
					if s.X.Load(p) != 0 {
						return
					}
					p.Yield()
				}
				s.Y.Store(p, 1)
			},
			func(p *shmlab.Proc, s *small) {
				for range rounds {
					s.Z.Add(p, 1)
				}
				s.X.Store(p, 1)
			},
		}
		ends := map[string]bool{}
		explore(t, program(bodies...), all(), func(r shmlab.Run, bench *shmlab.Bench) { ends[fmt.Sprint(r.Verdict, bench.State())] = true })
		if len(ends) != 2 {
			t.Errorf("after %d rounds: %d ends %v, expected that it gives up and that it does not", rounds, len(ends), ends)
		}
	}
}

// Whoever spins for ever is told with the words that it reads.
func TestSpinLivelock(t *testing.T) {
	for _, test := range []struct {
		bodies  []body
		message string
	}{
		{deadly(yield), "livelock: A reads Flag[1] again and again, B reads Flag[0] again and again"},
		{[]body{
			func(p *shmlab.Proc, s *small) {
				lock(p, &s.L[0])
				for s.X.Load(p) == 0 || s.Y.Load(p) == 0 {
					p.Yield()
				}
			},
			func(p *shmlab.Proc, s *small) { s.X.Store(p, 1); lock(p, &s.L[0]) },
		}, "livelock: A reads X and Y again and again, B waits at Lock L[0]"},
		{same(1, func(p *shmlab.Proc, s *small) {
			for {
				p.Yield()
			}
		}), "livelock: A reads nothing again and again"},
	} {
		bench := open(t, program(test.bodies...))
		told, err := bench.Trace(started(inject.NewOrder(nil)))
		if err != nil {
			t.Fatal(err)
		}
		if told.Verdict != trace.Livelock || told.Message != test.message {
			t.Errorf("%v: %s\nexpected livelock: %s\n%s", told.Verdict, told.Message, test.message, told)
		}
		again, err := bench.Trace(started(inject.NewReplay(told.Schedule.Decisions)))
		if err != nil {
			t.Fatal(err)
		}
		if again.String() != told.String() {
			t.Errorf("another schedule when replayed:\n%s\nexpected\n%s", again, told)
		}
	}
}

func started(s shmlab.Strategy) shmlab.Strategy {
	s.Begin()
	return s
}

// told is a watcher that writes down what it is told.
type told []trace.Access

func (l *told) Take(a *trace.Access) { *l = append(*l, *a) }

// A run that is broken off to find out who spins is told once, as one that is not.
func TestSpinWatched(t *testing.T) {
	bench := open(t, program(petersons(yield)...))
	var first, again told
	for _, l := range []*told{&first, &again} {
		bench.Watch(l)
		if _, err := bench.Run(started(&inject.RoundRobin{})); err != nil {
			t.Fatal(err)
		}
	}
	if len(first) == 0 || !slices.Equal(first, again) {
		t.Errorf("%d accesses are told, then %d:\n%v\n%v", len(first), len(again), first, again)
	}
}

// A cell outside of the state ends the run, and no search stumbles over it.
func TestStrayCell(t *testing.T) {
	var stray shmlab.Uint32
	bench := open(t, program(func(p *shmlab.Proc, s *small) { s.X.Store(p, 1) }, func(p *shmlab.Proc, s *small) { stray.Store(p, 1) }))
	for _, s := range []shmlab.Strategy{inject.NewDPOR(), inject.NewBoundedDPOR(inject.Unbounded), all()} {
		if run, err := bench.Run(started(s)); err != nil || run.Verdict != trace.Violated || run.Reason.Error() != "B uses a cell that is not part of the lab's state" {
			t.Errorf("%T: %v: %v, %v", s, run.Verdict, run.Reason, err)
		}
	}
}

// takings is a strategy that writes down from where each step was taken.
type takings struct {
	inject.RoundRobin
	from []trace.Kind
}

func (s *takings) Next(c *shmlab.Choice) trace.Decision {
	s.from = append(s.from, c.Before().Kind)
	return s.RoundRobin.Next(c)
}

func (s *takings) End(c *shmlab.Choice) { s.from = append(s.from, c.Before().Kind) }

// A schedule that is broken off to find out who spins, and begun again, looks to
// a search as one that is not: an end of sleep, which comes when nobody can step,
// is not told as a fault.
func TestSpinResumed(t *testing.T) {
	bench := open(t, program(func(p *shmlab.Proc, s *drawn) {
		for range 2 {
			s.Word[1].Wait(p, 0, 1)
			p.Yield()
		}
	}))
	for i := range 2 {
		var s takings
		if run, err := bench.Run(started(&s)); err != nil || run.Verdict != trace.Holds {
			t.Fatal(run.Verdict, run.Reason, err)
		}
		want := []trace.Kind{s.from[0], trace.Wait, trace.Blocked, trace.Yield, trace.Wait, trace.Blocked, trace.Yield}
		if !slices.Equal(s.from, want) {
			t.Errorf("run %d: the steps are taken from %v, expected %v", i+1, s.from, want)
		}
	}
}

// A loop whose limit is an argument goes round for ever at one time and not at
// another: which it is does not depend on what was seen before.
func TestSpinOfLimits(t *testing.T) {
	lab := program(
		func(p *shmlab.Proc, s *small) {
			limit := 3
			if s.Z.Load(p) != 0 {
				limit = 1 << 30
			}
			p.Yield() // what it reads from here on is the same
			for range limit {
				if s.X.Load(p) != 0 {
					return
				}
				p.Yield()
			}
			s.Y.Store(p, 1)
		},
		func(p *shmlab.Proc, s *small) { s.Z.Store(p, 1) },
	)
	for first := range trace.Actor(2) {
		bench := open(t, lab)
		for i := range 4 {
			begins := (first + trace.Actor(i)) % 2
			told, err := bench.Trace(started(inject.NewOrder([]trace.Decision{{Actor: begins}, {Actor: 1 - begins}})))
			if err != nil {
				t.Fatal(err)
			}
			if want := [...]trace.Verdict{trace.Holds, trace.Livelock}[begins]; told.Verdict != want {
				t.Errorf("run %d, in which %v begins: %v: %s, expected %v\n%s", i+1, begins, told.Verdict, told.Message, want, told)
			}
			again, err := bench.Trace(started(inject.NewReplay(told.Schedule.Decisions)))
			if err != nil || again.String() != told.String() {
				t.Errorf("run %d: another schedule when replayed: %v\n%s\nexpected\n%s", i+1, err, again, told)
			}
		}
	}
}

// A loop that goes on in too many ways is not looked into for ever, and the step
// budget says so.
func TestSpinBudget(t *testing.T) {
	bench := open(t, program(
		func(p *shmlab.Proc, s *small) {
			for i := 0; ; i++ {
				p.Yield()
				if s.X.Load(p) < 0 {
					return
				}
			}
		},
		func(p *shmlab.Proc, s *small) {
			for {
				s.X.Add(p, 1)
				p.Yield()
			}
		},
	))
	run, err := bench.Run(started(&inject.RoundRobin{}))
	want := "no end after 10000 steps; A yields in a loop that goes on in too many ways to tell whether it spins"
	if err != nil || run.Verdict != trace.Budget || run.Reason.Error() != want {
		t.Errorf("%v: %v, %v\nexpected %s", run.Verdict, run.Reason, err, want)
	}
}
