package shmlab_test

import (
	"math"
	"strings"
	"testing"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

var (
	tidies = served(play("abandon/tidies", func(p *shmlab.Proc, s *board) {
		defer s.Word.Store(p, 7)
		defer s.X.Set(p, 7)
		defer s.Mu.Unlock(p)
		s.Mu.Lock(p)
		s.Y.Set(p, 1)
		s.Y.Set(p, 2)
	}, locks))
	// sleeper is a primitive of the kit's kind that sleeps within its step.
	sleeper = served(play("abandon/sleeper", func(p *shmlab.Proc, s *board) {
		defer s.X.Set(p, 7)
		p.Enter(trace.Lock, s.Word.Is(0))
		defer p.Leave(true)
		defer s.Mu.Unlock(p)
		defer s.Y.Set(p, 7)
		_ = s.Word.Wait(p, 0, 0)
	}))
	notes = served(play("abandon/notes", func(p *shmlab.Proc, s *board) {
		for {
			p.Label("again")
		}
	}))
)

// What an actor's code deferred is run when the actor is killed or its run is
// over, and touches nothing.
func TestDeferredTouchesNothing(t *testing.T) {
	for _, test := range []struct {
		lab     shmlab.Lab[board]
		set     shmlab.Setting
		script  string
		verdict trace.Verdict
		state   string
	}{
		{lab: tidies, script: "A A kill(A)", verdict: trace.Deadlock, state: "X=0 Y=1 Word=0 Other=0"},
		{lab: tidies, script: "A A B", verdict: trace.Diverged, state: "X=0 Y=1 Word=0 Other=0"},
		{lab: tidies, set: shmlab.Setting{InsideLocks: true}, script: "A A kill(A)", verdict: trace.Deadlock, state: "X=0 Y=1 Word=0 Other=0"},
		{lab: tidies, set: shmlab.Setting{Steps: 2}, script: "A A", verdict: trace.Budget, state: "X=0 Y=1 Word=0 Other=0"},
		{lab: tidies, set: shmlab.Setting{Steps: 20}, script: "A A A A", verdict: trace.Holds, state: "X=8 Y=2 Word=7 Other=0"},
		{lab: sleeper, verdict: trace.Deadlock, state: "X=0 Y=0 Word=0 Other=0"},
		{lab: sleeper, set: shmlab.Setting{InsideLocks: true}, verdict: trace.Deadlock, state: "X=0 Y=0 Word=0 Other=0"},
	} {
		t.Run(test.lab.Name+" "+test.script, func(t *testing.T) {
			onBoth(t, test.lab, test.set, func(t *testing.T, bench *shmlab.Bench) {
				run, err := bench.Run(script(t, test.script))
				if err != nil {
					t.Fatal(err)
				}
				if state := bench.State(); run.Verdict != test.verdict || state != test.state {
					t.Errorf("%v %v: %s, expected %v: %s", run.Verdict, run.Reason, state, test.verdict, test.state)
				}
			})
		})
	}
}

// An actor that comes to notes for ever and to no point is out of budget.
func TestNotesForEver(t *testing.T) {
	onBoth(t, notes, shmlab.Setting{Steps: 100}, func(t *testing.T, bench *shmlab.Bench) {
		run, err := bench.Run(first{})
		if err != nil || run.Verdict != trace.Budget || run.Reason.Error() != "A has come to 100 notes and to no point" {
			t.Errorf("%v: %v, %v", run.Verdict, run.Reason, err)
		}
	})
}

// A wide is larger than the distance of two cells on a Go heap.
type wide struct {
	Words [1 << 20]shmlab.Uint32
}

// strangers are cells that are not part of the state: on an actor's heap.
var strangers = map[string]func(p *shmlab.Proc, c *foreign){
	"get":      func(p *shmlab.Proc, c *foreign) { c.v.Get(p) },
	"set":      func(p *shmlab.Proc, c *foreign) { c.v.Set(p, 1) },
	"add":      func(p *shmlab.Proc, c *foreign) { c.u.Add(p, 1) },
	"wait":     func(p *shmlab.Proc, c *foreign) { _ = c.u.Wait(p, 0, 0) },
	"wake":     func(p *shmlab.Proc, c *foreign) { c.u.Wake(p, 1) },
	"record":   func(p *shmlab.Proc, c *foreign) { c.r.Get(p) },
	"lock":     func(p *shmlab.Proc, c *foreign) { c.m.Lock(p) },
	"or":       func(p *shmlab.Proc, c *foreign) { p.Enter(trace.Lock, c.s.Is(1).Or(c.u.Is(1))); p.Leave(true) },
	"negative": func(p *shmlab.Proc, c *foreign) { p.Enter(trace.Lock, c.u.Is(0).Not()); p.Leave(true) },
}

type foreign struct {
	v shmlab.Var[int16]
	u shmlab.Uint32
	m shmsync.Mutex
	r shmlab.Record[[3]int64]
	s *shmlab.Uint32 // in the state
}

var strange = func() (list []shmlab.Lab[wide]) {
	for name, use := range strangers {
		list = append(list, served(shmlab.Lab[wide]{
			Name: "foreign/" + name,
			Actors: func(size shmlab.Size) []shmlab.Actor[wide] {
				return shmlab.Each(size.Actors, "uses", func(p *shmlab.Proc, s *wide) {
					use(p, &foreign{s: &s.Words[0]})
				})
			},
		}))
	}
	return list
}()

// A cell outside of the state is found out, however the addresses are.
func TestCellOutsideTheState(t *testing.T) {
	for _, lab := range strange {
		for _, inside := range []bool{false, true} {
			if inside && strings.HasSuffix(lab.Name, "/lock") {
				continue
			}
			t.Run(lab.Name, func(t *testing.T) {
				onBoth(t, lab, shmlab.Setting{InsideLocks: inside, Steps: 10}, func(t *testing.T, bench *shmlab.Bench) {
					if inside && (strings.HasSuffix(lab.Name, "/or") || strings.HasSuffix(lab.Name, "/negative")) {
						t.Skip("no access within the step")
					}
					run, err := bench.Run(first{})
					if err != nil {
						t.Fatal(err)
					}
					if want := "A uses a cell that is not part of the lab's state"; run.Verdict != trace.Violated || run.Reason.Error() != want {
						t.Errorf("%v: %v, expected %v: %s", run.Verdict, run.Reason, trace.Violated, want)
					}
				})
			})
		}
	}
}

// A wake releases as many as it says: all for the largest number, none for 0.
func TestWakeCounts(t *testing.T) {
	for _, test := range []struct {
		n    int
		want string
	}{{math.MaxInt, "2"}, {1 << 32, "2"}, {math.MaxInt32, "2"}, {1, "1"}, {0, "0"}, {-1, "0"}} {
		bench := open(t, play("futex/count", waits, waits, wakes(test.n)), shmlab.Setting{Host: shmlab.Coroutines})
		told := traced(t, bench, script(t, "A B C"))
		if !strings.Contains(story(told), "C Return "+test.want+";") {
			t.Errorf("Wake(%d): %s, expected %s woken", test.n, story(told), test.want)
		}
	}
}
