package property_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// every is a strategy that takes each schedule there is with so many preemptions
// at most, without any cleverness: it counts in a number whose digits are the
// choices, each with a base of its own.
type every struct {
	most          int // preemptions
	digits, bases []int
	at            int
	begun         bool
	cuts          int // preemptions of this schedule
}

func (e *every) Begin() bool {
	if e.begun {
		n := e.at
		for n > 0 && e.digits[n-1] == e.bases[n-1]-1 {
			n--
		}
		if n == 0 {
			return false
		}
		e.digits, e.bases = e.digits[:n], e.bases[:n]
		e.digits[n-1]++
	}
	e.begun, e.at, e.cuts = true, 0, 0
	return true
}

func (e *every) Next(c *shmlab.Choice) trace.Decision {
	goesOn := slices.Contains(c.Enabled, c.Last)
	from := c.Enabled
	if goesOn && e.cuts == e.most {
		from = []trace.Actor{c.Last}
	}
	if e.at == len(e.digits) {
		e.digits, e.bases = append(e.digits, 0), append(e.bases, len(from))
	}
	chosen := from[e.digits[e.at]]
	e.at++
	if goesOn && chosen != c.Last {
		e.cuts++
	}
	return trace.Decision{Actor: chosen}
}

// No schedule that fails in the same way, of the same size, has fewer
// preemptions, nor as few and fewer steps: all of them are tried.
func TestShrinkIsMinimal(t *testing.T) {
	eachLab(t, true, func(t *testing.T, lab shmlab.AnyLab) {
		f := failed(t, lab, shmlab.Coroutines)
		if slices.ContainsFunc(f.Trace.Schedule.Decisions, func(d trace.Decision) bool { return d.Fault != trace.NoFault }) {
			t.Skip("what decides is a fault")
		}
		bench, err := shmlab.Open(lab, judged(t, lab, property.SettingOf(&f.Trace.Schedule, shmlab.Coroutines)))
		if err != nil {
			t.Fatal(err)
		}
		defer bench.Close()
		cuts, steps := 1<<20, 0
		all, tried := &every{most: f.Trace.Preemptions}, 0
		for all.Begin() {
			run, err := bench.Run(all)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(run.Decisions); run.Verdict == f.Trace.Verdict && (all.cuts < cuts || all.cuts == cuts && n < steps) {
				cuts, steps = all.cuts, n
			}
			tried++
		}
		t.Logf("%d schedules have at most %d preemptions", tried, f.Trace.Preemptions)
		if got := len(f.Trace.Schedule.Decisions); f.Trace.Preemptions != cuts || got != steps {
			t.Errorf("%d steps with %d preemptions, expected %d with %d: %v", got, f.Trace.Preemptions, steps, cuts, &f.Trace.Schedule)
		}
	})
}

// A failure of many actors and operations is one of few.
func TestShrinkSize(t *testing.T) {
	for _, c := range []struct {
		lab  shmlab.AnyLab
		want string
	}{
		{workload.CounterUnlocked, "actors=2 ops=1"},
		{workload.TransferArgumentOrder, "actors=2 ops=1"},
		{workload.TornUnlocked, "actors=2 ops=1"},
	} {
		for _, host := range hosts {
			r, err := property.Explore(context.Background(), c.lab, property.Options{
				Setting: shmlab.Setting{Host: host, Size: shmlab.Size{Actors: 7, Ops: 9}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Failure == nil {
				t.Fatalf("%s: no schedule of %d fails", r.Lab, r.Schedules)
			}
			if s := r.Failure.Trace.Schedule; s.Actors != 2 || s.Ops != 1 {
				t.Errorf("%s on %v: %v, expected %s", r.Lab, host, &s, c.want)
			}
		}
	}
}

// A kill that decides is kept, and no other.
func TestShrinkKeepsTheKill(t *testing.T) {
	r, err := property.Explore(context.Background(), workload.CounterMutex, property.Options{
		Setting: shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 4, Ops: 3}}, Inject: inject.Options{Faults: inject.Kills},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Failure == nil {
		t.Fatal("nobody who is killed with the lock leaves the others waiting")
	}
	kills := 0
	for _, d := range r.Failure.Trace.Schedule.Decisions {
		if d.Fault == trace.Kill {
			kills++
		}
	}
	if s := r.Failure.Trace.Schedule; kills != 1 || len(s.Decisions) > 3 || s.Actors != 2 || s.Ops != 1 {
		t.Errorf("%v: expected one kill soon after a lock", &s)
	}
}

// A post is waited for with a deadline, by somebody, while others do a lot.
type post struct {
	Ready shmlab.Uint32
	Own   [4]shmlab.Var[int64]
}

// hasty is wrong only if time is up though somebody else can take a step.
var hasty = shmlab.Lab[post]{
	Name: "test/hasty", Size: shmlab.Size{Actors: 4, Ops: 3},
	Actors: func(size shmlab.Size) []shmlab.Actor[post] {
		waits := func(p *shmlab.Proc, s *post) {
			for s.Ready.Load(p) == 0 {
				err := s.Ready.Wait(p, 0, shmlab.In(time.Second))
				p.Assert(err != shmlab.ErrTimeout, "time is up")
			}
		}
		makes := func(p *shmlab.Proc, s *post) {
			for range size.Ops {
				s.Own[p.Index()].Set(p, 1)
			}
			s.Ready.Store(p, 1)
			s.Ready.Wake(p, 4)
		}
		return append(shmlab.Each(1, "makes", makes), shmlab.Each(max(size.Actors-1, 0), "waits", waits)...)
	},
}

// A timeout that was asked for is looked for at smaller sizes as well.
func TestShrinkTimeout(t *testing.T) {
	r := explore(t, hasty, property.Options{
		Setting: shmlab.Setting{Host: shmlab.Coroutines}, Inject: inject.Options{Seed: 1, Faults: inject.Faults{Each: []trace.Fault{trace.Timeout}}},
	})
	if r.Failure == nil {
		t.Fatalf("no schedule of %d fails", r.Schedules)
	}
	if s := &r.Failure.Trace.Schedule; s.Actors != 2 || s.Ops != 1 {
		t.Errorf("%v: expected 2 actors of 1 operation", s)
	}
}
