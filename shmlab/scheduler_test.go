package shmlab_test

import (
	"errors"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// waits sleeps on Word and tells what came of it.
func waits(p *shmlab.Proc, s *board) {
	p.Op("wait", func() any { return s.Word.Wait(p, 0, 0) })
}

// naps sleeps until a deadline.
func naps(p *shmlab.Proc, s *board) { _ = s.Word.Wait(p, 0, 1) }

func wakes(n int) deed {
	return func(p *shmlab.Proc, s *board) {
		p.Op("wake", func() any { return s.Word.Wake(p, n) })
	}
}

func sets(n int64) deed {
	return func(p *shmlab.Proc, s *board) { s.X.Set(p, n) }
}

// locks holds the lock for one step.
func locks(p *shmlab.Proc, s *board) {
	s.Mu.Lock(p)
	s.X.Set(p, s.X.Get(p)+1)
	s.Mu.Unlock(p)
}

var (
	twoWaiters = served(play("futex/two", waits, waits, wakes(1)))
	allWoken   = served(play("futex/all", waits, waits, wakes(9)))
	noneWoken  = served(play("futex/none", wakes(0), waits))
	hasChanged = served(play("futex/changed", func(p *shmlab.Proc, s *board) {
		p.Op("wait", func() any { return s.Word.Wait(p, 7, 0) })
	}))
	elsewhere = served(play("futex/elsewhere", waits, func(p *shmlab.Proc, s *board) { s.Other.Wake(p, 1) }))
	untilTime = served(play("futex/deadline", func(p *shmlab.Proc, s *board) {
		p.Op("wait", func() any { return s.Word.Wait(p, 0, 1) })
	}, sets(1)))
	untilTimes = served(play("futex/deadlines", func(p *shmlab.Proc, s *board) {
		for s.Word.Wait(p, 0, 1) == shmlab.ErrTimeout {
		}
	}))
	untilTwo = served(play("futex/deadlines-two", naps, naps))
	twoSet   = served(play("step/two", sets(1), sets(2)))
	twoLock  = served(play("step/lock", locks, locks))
	rewrites = served(play("step/rewrites", func(p *shmlab.Proc, s *board) {
		for range 3 {
			s.X.Set(p, 1)
		}
	}, sets(2)))
	spins = served(play("step/spin", func(p *shmlab.Proc, s *board) {
		for s.Word.Load(p) == 0 {
			p.Yield()
		}
	}, func(p *shmlab.Proc, s *board) { s.Word.Store(p, 1) }))
	forever = served(play("step/forever", func(p *shmlab.Proc, s *board) {
		for {
			s.X.Get(p)
		}
	}))
)

// Each script has one story, the same on both hosts.
func TestScripts(t *testing.T) {
	for _, test := range []struct {
		lab     shmlab.Lab[board]
		set     shmlab.Setting
		script  string
		verdict trace.Verdict
		message string
		story   string
	}{
		{lab: twoWaiters, script: "A B C", verdict: trace.Deadlock, message: "deadlock: B waits at Wait Word",
			story: "A Call wait; B Call wait; C Call wake; A Wait Word 0 asleep; B Wait Word 0 asleep; C Wake Word woke A; C Return 1; C Finish; A Return <nil>; A Finish; B Blocked Word Wait"},
		{lab: twoWaiters, script: "A B wake(B) C", verdict: trace.Deadlock, message: "deadlock: A waits at Wait Word",
			story: "A Call wait; B Call wait; C Call wake; A Wait Word 0 asleep; B Wait Word 0 asleep; B Injected wake; C Wake Word woke B; C Return 1; C Finish; B Return <nil>; B Finish; A Blocked Word Wait"},
		{lab: allWoken, script: "B A C", verdict: trace.Holds,
			story: "A Call wait; B Call wait; C Call wake; B Wait Word 0 asleep; A Wait Word 0 asleep; C Wake Word woke B A; C Return 2; C Finish; B Return <nil>; B Finish; A Return <nil>; A Finish"},
		{lab: noneWoken, script: "B A", verdict: trace.Deadlock, message: "deadlock: B waits at Wait Word",
			story: "A Call wake; B Call wait; B Wait Word 0 asleep; A Wake Word woke nobody; A Return 0; A Finish; B Blocked Word Wait"},
		{lab: elsewhere, script: "A B", verdict: trace.Deadlock, message: "deadlock: A waits at Wait Word",
			story: "A Call wait; A Wait Word 0 asleep; B Wake Other woke nobody; B Finish; A Blocked Word Wait"},
		{lab: hasChanged, verdict: trace.Holds,
			story: "A Call wait; A Wait Word changed; A Return the word has changed; A Finish"},
		{lab: elsewhere, script: "A eintr(A) B", verdict: trace.Holds,
			story: "A Call wait; A Wait Word 0 asleep; A Injected eintr; A Return interrupted by a signal; A Finish; B Wake Other woke nobody; B Finish"},
		{lab: elsewhere, script: "A spurious(A) B", verdict: trace.Holds,
			story: "A Call wait; A Wait Word 0 asleep; A Injected spurious; A Return <nil>; A Finish; B Wake Other woke nobody; B Finish"},
		{lab: untilTime, script: "A timeout(A) B", verdict: trace.Holds,
			story: "A Call wait; A Wait Word 0 asleep; A Injected timeout; A Return the deadline has passed; A Finish; B Set X 1; B Finish"},
		{lab: untilTime, script: "A B", verdict: trace.Holds,
			story: "A Call wait; A Wait Word 0 asleep; B Set X 1; B Finish; A Injected timeout; A Return the deadline has passed; A Finish"},
		{lab: untilTimes, set: shmlab.Setting{Steps: 3}, verdict: trace.Budget, message: "no end after 3 steps",
			story: "A Wait Word 0 asleep; A Injected timeout; A Wait Word 0 asleep"},
		{lab: twoSet, script: "B A", verdict: trace.Holds, story: "B Set X 2; B Finish; A Set X 1; A Finish"},
		{lab: twoSet, set: shmlab.Setting{Staggered: true}, script: "B B A A", verdict: trace.Holds,
			story: "B Start; B Set X 2; B Finish; A Start; A Set X 1; A Finish"},
		{lab: spins, script: "A B A A", verdict: trace.Holds,
			story: "A Load Word 0; B Store Word 1; B Finish; A Yield; A Load Word 1; A Finish"},
		{lab: twoLock, script: "A B", verdict: trace.Diverged, message: "step 2: the schedule says B, but A waits at Get X, B waits at Lock Mu",
			story: "A Lock Mu"},
		{lab: forever, set: shmlab.Setting{Steps: 2}, verdict: trace.Budget, message: "no end after 2 steps",
			story: "A Get X 0; A Get X 0"},

		{lab: twoSet, script: "kill(A) B", verdict: trace.Holds, story: "A Injected kill; B Set X 2; B Finish"},
		{lab: twoSet, script: "kill(A) kill(B)", verdict: trace.Holds, story: "A Injected kill; B Injected kill"},
		{lab: twoLock, script: "A kill(A)", verdict: trace.Deadlock, message: "deadlock: A was killed, B waits at Lock Mu",
			story: "A Lock Mu; A Injected kill; B Blocked Mu Lock"},
		{lab: twoSet, script: "stop(A) B", verdict: trace.Holds,
			story: "A Injected stop; B Set X 2; B Finish; A Injected cont; A Set X 1; A Finish"},
		{lab: twoSet, script: "stop(A) B cont(A)", verdict: trace.Holds,
			story: "A Injected stop; B Set X 2; B Finish; A Injected cont; A Set X 1; A Finish"},
		{lab: rewrites, script: "A stop(A) cont(A) A B A", verdict: trace.Holds,
			story: "A Set X 1; A Injected stop; A Injected cont; A Set X 1; B Set X 2; B Finish; A Set X 1; A Finish"},
		{lab: rewrites, script: "stop(A) kill(A) B", verdict: trace.Holds, story: "A Injected stop; A Injected kill; B Set X 2; B Finish"},
		{lab: twoWaiters, script: "A stop(A) C cont(A) B", verdict: trace.Deadlock, message: "deadlock: B waits at Wait Word",
			story: "A Call wait; B Call wait; C Call wake; A Wait Word 0 asleep; A Injected stop; C Wake Word woke A; C Return 1; C Finish; A Injected cont; A Return <nil>; A Finish; B Wait Word 0 asleep; B Blocked Word Wait"},
		{lab: twoWaiters, script: "A stop(A) C B", verdict: trace.Deadlock, message: "deadlock: B waits at Wait Word",
			story: "A Call wait; B Call wait; C Call wake; A Wait Word 0 asleep; A Injected stop; C Wake Word woke A; C Return 1; C Finish; B Wait Word 0 asleep; A Injected cont; A Return <nil>; A Finish; B Blocked Word Wait"},
		{lab: elsewhere, script: "A stop(A) eintr(A) B", verdict: trace.Holds,
			story: "A Call wait; A Wait Word 0 asleep; A Injected stop; A Injected eintr; B Wake Other woke nobody; B Finish; A Injected cont; A Return interrupted by a signal; A Finish"},
		{lab: untilTime, script: "A stop(A) timeout(A) cont(A) B", verdict: trace.Holds,
			story: "A Call wait; A Wait Word 0 asleep; A Injected stop; A Injected timeout; A Injected cont; A Return the deadline has passed; A Finish; B Set X 1; B Finish"},
		{lab: twoSet, set: shmlab.Setting{Staggered: true}, script: "stop(A) B B", verdict: trace.Holds,
			story: "A Injected stop; B Start; B Set X 2; B Finish; A Injected cont; A Start; A Set X 1; A Finish"},
		{lab: untilTwo, script: "A B B", verdict: trace.Holds,
			story: "A Wait Word 0 asleep; B Wait Word 0 asleep; B Injected timeout; B Finish; A Injected timeout; A Finish"},
	} {
		test.set.Guard = 2 * time.Second
		t.Run(test.lab.Name+" "+test.script, func(t *testing.T) {
			onBoth(t, test.lab, test.set, func(t *testing.T, bench *shmlab.Bench) {
				for range 2 {
					told := traced(t, bench, script(t, test.script))
					if told.Verdict != test.verdict || told.Message != test.message || story(told) != test.story {
						t.Errorf("%v: %s\n%s\nexpected %v: %s\n%s", told.Verdict, told.Message, story(told), test.verdict, test.message, test.story)
					}
					if run, err := bench.Run(first{}); err != nil || run.Verdict == trace.Stuck || len(run.Decisions) == 0 {
						t.Errorf("the next run: %v: %v, %v", run.Verdict, run.Reason, err)
					}
				}
			})
		})
	}
}

// What a run decided, the passing of deadlines included, is a schedule that
// leads to the same run.
func TestDeadlineReplays(t *testing.T) {
	for _, lab := range []shmlab.Lab[board]{untilTime, untilTimes} {
		onBoth(t, lab, shmlab.Setting{Steps: 20}, func(t *testing.T, bench *shmlab.Bench) {
			told := traced(t, bench, first{})
			replay := inject.NewReplay(told.Schedule.Decisions)
			replay.Begin()
			again := traced(t, bench, replay)
			if told.Hash() != again.Hash() || replay.Left() > 0 {
				t.Errorf("%s\nis replayed as %s: %v %s, %d decisions left", story(told), story(again), again.Verdict, again.Message, replay.Left())
			}
		})
	}
}

// A decision that cannot be carried out ends the run, and the reason is one line.
func TestImpossibleDecisions(t *testing.T) {
	for _, test := range []struct {
		lab             shmlab.Lab[board]
		script, message string
	}{
		{twoSet, "C", "step 1: the schedule says C, but there are 2 actors"},
		{twoSet, "A A", "step 2: the schedule says A, but A is over"},
		{twoSet, "kill(A) A", "step 2: the schedule says A, but A is over"},
		{twoSet, "A kill(A)", "step 2: the schedule says kill(A), but A is over"},
		{twoSet, "stop(A) A", "step 2: the schedule says A, but A is stopped, B waits at Set X"},
		{twoSet, "wake(A)", "step 1: the schedule says wake(A), but A is not asleep"},
		{twoSet, "eintr(A)", "step 1: the schedule says eintr(A), but A is not asleep"},
		{twoSet, "spurious(A)", "step 1: the schedule says spurious(A), but A is not asleep"},
		{twoSet, "timeout(A)", "step 1: the schedule says timeout(A), but A is not asleep"},
		{elsewhere, "A timeout(A)", "step 2: the schedule says timeout(A), but A sleeps without a deadline"},
		{spins, "A A", "step 2: the schedule says A, but A reads Word again and again, B waits at Store Word"},
	} {
		t.Run(test.lab.Name+" "+test.script, func(t *testing.T) {
			onBoth(t, test.lab, shmlab.Setting{}, func(t *testing.T, bench *shmlab.Bench) {
				told := traced(t, bench, script(t, test.script))
				if told.Verdict != trace.Diverged || told.Message != test.message {
					t.Errorf("%v: %s\nexpected %v: %s", told.Verdict, told.Message, trace.Diverged, test.message)
				}
			})
		})
	}
}

// Always is checked when the actors have come to their first points and after
// every step, and the run ends there.
func TestAlways(t *testing.T) {
	lab := rewrites
	seen := 0
	lab.Always = func(s *board) error {
		seen++
		if s.X.Peek() == 2 {
			return errors.New("X is 2")
		}
		return nil
	}
	for _, test := range []struct {
		script  string
		checks  int
		verdict trace.Verdict
		steps   int
	}{
		{"B", 3, trace.Violated, 1},
		{"A B A", 4, trace.Violated, 2},
		{"A3 B", 6, trace.Violated, 4},
		{"kill(B) A3", 5, trace.Holds, 4},
	} {
		onBoth(t, lab, shmlab.Setting{}, func(t *testing.T, bench *shmlab.Bench) {
			seen = 0
			told := traced(t, bench, script(t, test.script))
			if told.Verdict != test.verdict || seen != test.checks || len(told.Schedule.Decisions) != test.steps {
				t.Errorf("%s: %v after %d steps and %d checks, expected %v after %d and %d",
					test.script, told.Verdict, len(told.Schedule.Decisions), seen, test.verdict, test.steps, test.checks)
			}
		})
	}
}

// An actor that yields lets every other go first, however the strategy would
// have it, and goes on when there is nobody else.
func TestYieldIsFair(t *testing.T) {
	onBoth(t, spins, shmlab.Setting{}, func(t *testing.T, bench *shmlab.Bench) {
		told := traced(t, bench, first{})
		if want := "A Load Word 0; B Store Word 1; B Finish; A Yield; A Load Word 1; A Finish"; told.Verdict != trace.Holds || story(told) != want {
			t.Errorf("%v: %s\nexpected %s", told.Verdict, story(told), want)
		}
	})
	onBoth(t, spins, shmlab.Setting{Steps: 9}, func(t *testing.T, bench *shmlab.Bench) {
		if told := traced(t, bench, script(t, "kill(B)")); told.Verdict != trace.Livelock || told.Message != "livelock: A reads Word again and again, B was killed" {
			t.Errorf("a spin that nobody ends: %v, %s", told.Verdict, told.Message)
		}
	})
}

// first is the strategy that takes the first who can step, for ever.
type first struct{}

func (first) Begin() bool                          { return true }
func (first) Next(c *shmlab.Choice) trace.Decision { return trace.Decision{Actor: c.Enabled[0]} }
