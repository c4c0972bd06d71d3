package shmlab_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// A till is counted up under a lock, or not.
type till struct {
	Count shmlab.Var[int64]
	Mu    shmsync.Mutex
	Sum   shmlab.Int64
}

func counting(name string, count func(p *shmlab.Proc, s *till)) shmlab.Lab[till] {
	want := func(s *till) int64 { return s.Sum.Peek() }
	return served(shmlab.Lab[till]{
		Name: "free/" + name, Size: shmlab.Size{Actors: 2, Ops: 20_000},
		Actors: func(size shmlab.Size) []shmlab.Actor[till] {
			return shmlab.Each(size.Actors, "counts", func(p *shmlab.Proc, s *till) {
				for range size.Ops {
					count(p, s)
				}
				s.Sum.Add(p, int64(size.Ops))
			})
		},
		Final: func(s *till) error {
			if got := s.Count.Peek(); got != want(s) {
				return fmt.Errorf("%d of %d", got, want(s))
			}
			return nil
		},
		Lost: func(s *till) int64 { return want(s) - s.Count.Peek() },
	})
}

var (
	freeUnlocked = counting("unlocked", func(p *shmlab.Proc, s *till) { s.Count.Set(p, s.Count.Get(p)+1) })
	freeMutex    = counting("mutex", func(p *shmlab.Proc, s *till) {
		s.Mu.Lock(p)
		s.Count.Set(p, s.Count.Get(p)+1)
		s.Mu.Unlock(p)
	})
	// ends are labs of which one actor ends in its own way, with the lock held.
	freePanics  = ending("panic", func(*shmlab.Proc) { panic("out of order") })
	freeAsserts = ending("assert", func(p *shmlab.Proc) { p.Assert(false, "it is %d", 7) })
	freeExits   = ending("exit", func(*shmlab.Proc) { os.Exit(9) })
	freeForever = served(play("free/forever", func(p *shmlab.Proc, s *board) {
		for s.Word.Load(p) == 0 {
			p.Yield()
		}
	}, sets(1)))
	freeSleeps = served(play("free/sleeps", waits, sets(1)))
	freeNotes  = served(play("free/notes", func(p *shmlab.Proc, s *board) {
		p.Label("here")
		p.Op("in", func() any { s.X.Set(p, 5); return nil })
		p.Assert(s.Word.Wait(p, 1, 0) == shmlab.ErrChanged, "the word is 0")
		p.Assert(errors.Is(s.Word.Wait(p, 0, shmlab.In(time.Millisecond)), shmlab.ErrTimeout), "nobody wakes")
		p.Assert(s.Word.Wake(p, 3) == 0 && s.Word.Wake(p, 0) == 0, "nobody sleeps")
		p.Assert(p.Index() == 0, "this is A")
	}))
	freeWoken = served(play("free/woken", func(p *shmlab.Proc, s *board) {
		for s.Word.Load(p) == 0 {
			_ = s.Word.Wait(p, 0, 0)
		}
	}, func(p *shmlab.Proc, s *board) {
		s.Word.Store(p, 1)
		s.Word.Wake(p, 1)
	}))
)

func ending(name string, end func(p *shmlab.Proc)) shmlab.Lab[board] {
	return served(play("free/"+name, locks, func(p *shmlab.Proc, s *board) {
		s.Mu.Lock(p)
		end(p)
	}))
}

// How a free run ends is told in one line, also when others then wait for ever.
func TestFreeRuns(t *testing.T) {
	for _, test := range []struct {
		lab     shmlab.AnyLab
		limit   time.Duration
		verdict trace.Verdict
		reason  string
	}{
		{freeMutex, time.Minute, trace.Holds, "<nil>"},
		{freeNotes, time.Minute, trace.Holds, "<nil>"},
		{freeWoken, 0, trace.Holds, "<nil>"},
		{freePanics, time.Minute, trace.Violated, "B panicked: out of order"},
		{freeAsserts, time.Minute, trace.Violated, "it is 7"},
		{freeExits, time.Minute, trace.Violated, "B died: exit status 9"},
		{freeSleeps, time.Minute, trace.Stuck, "A is asleep for ever: nothing ran for 1s and nobody is left to wake them"},
		{freeForever, 300 * time.Millisecond, trace.Budget, "A is not finished after 300ms"},
	} {
		t.Run(test.lab.Describe().Name, func(t *testing.T) {
			t.Parallel() // most of the time they wait
			bench := open(t, test.lab, shmlab.Setting{})
			for range 2 {
				run, err := bench.Free(test.limit)
				if err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprint(run.Reason); run.Verdict != test.verdict || got != test.reason || run.Lost != 0 || run.Elapsed <= 0 {
					t.Errorf("%v: %s, %d lost in %v\nexpected %v: %s", run.Verdict, got, run.Lost, run.Elapsed, test.verdict, test.reason)
				}
			}
		})
	}
}

// On two processors increments without a lock are lost, and counted.
func TestFreeUnlockedLoses(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one processor: two processes never run at the same time")
	}
	bench := open(t, freeUnlocked, shmlab.Setting{Size: shmlab.Size{Ops: 1_000_000}})
	for range 20 {
		run, err := bench.Free(time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if run.Verdict == trace.Violated {
			if want := fmt.Sprintf("%d of 2000000", 2_000_000-run.Lost); run.Lost <= 0 || run.Reason.Error() != want {
				t.Errorf("%v, %d lost, expected %s", run.Reason, run.Lost, want)
			}
			return
		}
	}
	t.Error("20 runs of 1000000 increments without a lock lose nothing")
}

// A free run and a stepped one of the same bench do not disturb each other.
func TestFreeAndStepped(t *testing.T) {
	bench := open(t, freeMutex, shmlab.Setting{Size: shmlab.Size{Ops: 3}})
	for range 3 {
		if run, err := bench.Run(first{}); err != nil || run.Verdict != trace.Holds || len(run.Decisions) != 26 {
			t.Errorf("%v: %v after %d steps, %v", run.Verdict, run.Reason, len(run.Decisions), err)
		}
		if run, err := bench.Free(0); err != nil || run.Verdict != trace.Holds {
			t.Errorf("%v: %v, %v", run.Verdict, run.Reason, err)
		}
	}
}

// Coroutines cannot run freely, and say what can.
func TestFreeNeedsProcesses(t *testing.T) {
	_, err := open(t, freeMutex, shmlab.Setting{Host: shmlab.Coroutines}).Free(0)
	if err == nil || !strings.HasSuffix(err.Error(), "expected host processes") {
		t.Error(err)
	}
}
