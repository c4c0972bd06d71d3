package shmlab_test

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// handles writes X when USR1 comes, in between its two accesses to Y.
func handles(p *shmlab.Proc, s *board) {
	p.Handle(trace.Usr1, func() {
		s.X.Set(p, s.X.Get(p)+1)
	})
	s.Y.Set(p, s.Y.Get(p)+1)
}

// handlesTwo nests: USR2 may come while USR1 is handled.
func handlesTwo(p *shmlab.Proc, s *board) {
	p.Handle(trace.Usr1, func() { s.X.Set(p, 1) })
	p.Handle(trace.Usr2, func() { s.X.Set(p, 2) })
	s.Y.Set(p, 7)
}

// relocks takes in its handler the lock that it may hold.
func relocks(p *shmlab.Proc, s *board) {
	p.Handle(trace.Usr1, func() {
		s.Mu.Lock(p)
		s.Mu.Unlock(p)
	})
	s.Mu.Lock(p)
	s.X.Set(p, 1)
	s.Mu.Unlock(p)
}

// sleepsHandled sleeps, and so does its handler.
func sleepsHandled(p *shmlab.Proc, s *board) {
	p.Handle(trace.Usr1, func() { s.X.Set(p, 1) })
	p.Op("wait", func() any { return s.Word.Wait(p, 0, 0) })
}

// locksHandled waits for a lock and has a handler.
func locksHandled(p *shmlab.Proc, s *board) {
	p.Handle(trace.Usr1, func() { s.Y.Set(p, 1) })
	locks(p, s)
}

// handlesOnce goes back to the default action.
func handlesOnce(p *shmlab.Proc, s *board) {
	p.Handle(trace.Usr1, func() { p.Handle(trace.Usr1, nil) })
	s.Y.Set(p, 1)
}

func handlesUrg(p *shmlab.Proc, s *board) {
	p.Handle(trace.Urg, func() { s.X.Set(p, 1) })
	s.Y.Set(p, 1)
}

// toldToStop spins until its handler has run.
func toldToStop(p *shmlab.Proc, s *board) {
	stop := false
	p.Handle(trace.Usr1, func() { stop = true })
	for !stop && s.Word.Load(p) == 0 {
		p.Yield()
	}
}

var (
	toldStop     = served(play("signal/stop", toldToStop))
	handled      = served(play("signal/handled", handles, sets(5)))
	handledTwo   = served(play("signal/two", handlesTwo))
	relocked     = served(play("signal/relocks", relocks))
	handledSleep = served(play("signal/sleep", sleepsHandled, wakes(1)))
	handledLock  = served(play("signal/lock", locksHandled, locks))
	handledOnce  = served(play("signal/once", handlesOnce))
	handledUrg   = served(play("signal/urg", handlesUrg))
)

// TestSignals: where a signal lands its handler runs, and then the actor stands
// where it stood. Each script has one story, the same on both hosts.
func TestSignals(t *testing.T) {
	for _, test := range []struct {
		name    string
		lab     shmlab.Lab[board]
		inside  bool
		script  string
		verdict trace.Verdict
		message string
		story   string
	}{
		{"lands between two accesses", handled, false, "A usr1(A) A2 A B", trace.Holds, "",
			"A Get Y 0; A Injected usr1; A Handle usr1; A Get X 0; A Set X 1; A Handled usr1; A Set Y 1; A Finish; B Set X 5; B Finish"},
		{"another goes on meanwhile", handled, false, "usr1(A) A B A3", trace.Holds, "",
			"A Injected usr1; A Handle usr1; A Get X 0; B Set X 5; B Finish; A Set X 1; A Handled usr1; A Get Y 0; A Set Y 1; A Finish"},
		{"held back by itself, comes once", handledTwo, false, "usr1(A) usr1(A) usr1(A) A3", trace.Holds, "",
			"A Injected usr1; A Handle usr1; A Injected usr1; A Injected usr1; A Set X 1; A Handled usr1; A Handle usr1; A Set X 1; A Handled usr1; A Set Y 7; A Finish"},
		{"another interrupts it", handledTwo, false, "usr1(A) usr2(A) A3", trace.Holds, "",
			"A Injected usr1; A Handle usr1; A Injected usr2; A Handle usr2; A Set X 2; A Handled usr2; A Set X 1; A Handled usr1; A Set Y 7; A Finish"},
		{"held back while stopped", handledTwo, false, "stop(A) usr2(A) usr1(A) cont(A) A3", trace.Holds, "",
			"A Injected stop; A Injected usr2; A Injected usr1; A Injected cont; A Handle usr1; A Set X 1; A Handled usr1; A Handle usr2; A Set X 2; A Handled usr2; A Set Y 7; A Finish"},
		{"takes the lock that it holds", relocked, false, "A usr1(A)", trace.Deadlock, "deadlock: A waits at Lock Mu",
			"A Lock Mu; A Injected usr1; A Handle usr1; A Blocked Mu Lock"},
		{"nothing without the signal", relocked, false, "A3", trace.Holds, "",
			"A Lock Mu; A Set X 1; A Unlock Mu; A Finish"},
		{"ends a sleep", handledSleep, false, "A usr1(A) A B", trace.Holds, "",
			"A Call wait; B Call wake; A Wait Word 0 asleep; A Injected usr1; A Handle usr1; A Set X 1; A Handled usr1; A Return interrupted by a signal; A Finish; B Wake Word woke nobody; B Return 0; B Finish"},
		{"goes on waiting for a lock", handledLock, false, "B usr1(A) A B3 A4", trace.Holds, "",
			"B Lock Mu; A Injected usr1; A Handle usr1; A Set Y 1; A Handled usr1; B Get X 0; B Set X 1; B Unlock Mu; B Finish; A Lock Mu; A Get X 1; A Set X 2; A Unlock Mu; A Finish"},
		{"goes on waiting inside of a lock", handledLock, true, "B A3 usr1(A) A2 usr1(A) A", trace.Holds, "",
			"B CompareAndSwap Mu.holder 0 2; B Lock Mu; A CompareAndSwap Mu.holder 2 failed; A Load Mu.holder 2; A Add Mu.waiting 0 1; " +
				"A Injected usr1; A Handle usr1; A Set Y 1; A Handled usr1; A Wait Mu.holder 2 asleep; " +
				"A Injected usr1; A Handle usr1; A Set Y 1; A Handled usr1; A Load Mu.holder 2; A Wait Mu.holder 2 asleep; " +
				"B Get X 0; B Set X 1; B Store Mu.holder 0; B Load Mu.waiting 1; B Wake Mu.holder woke A; B Unlock Mu; B Finish; " +
				"A Load Mu.holder 0; A CompareAndSwap Mu.holder 0 1; A Add Mu.waiting 1 0; A Lock Mu; A Get X 1; A Set X 2; A Store Mu.holder 0; A Load Mu.waiting 0; A Unlock Mu; A Finish"},
		{"nobody handles it", handled, false, "A usr1(B) A", trace.Holds, "",
			"A Get Y 0; B Injected usr1; B Died user defined signal 1; A Set Y 1; A Finish"},
		{"nobody handles it while stopped", handled, false, "stop(B) term(B) A2", trace.Holds, "",
			"B Injected stop; B Injected term; A Get Y 0; A Set Y 1; A Finish; B Injected cont; B Died terminated"},
		{"dies of it in the end", handledOnce, false, "usr1(A) usr1(A)", trace.Holds, "",
			"A Injected usr1; A Handle usr1; A Handled usr1; A Injected usr1; A Died user defined signal 1"},
		{"is ignored", handled, false, "chld(B) winch(B) urg(B) B A2", trace.Holds, "",
			"B Injected chld; B Injected winch; B Injected urg; B Set X 5; B Finish; A Get Y 0; A Set Y 1; A Finish"},
		{"lets a spinner go", toldStop, false, "A usr1(A) A", trace.Holds, "",
			"A Load Word 0; A Injected usr1; A Handle usr1; A Handled usr1; A Yield; A Finish"},
		{"Go's own", handledUrg, false, "urg(A) A2", trace.Holds, "",
			"A Injected urg; A Handle urg; A Set X 1; A Handled urg; A Set Y 1; A Finish"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onBoth(t, test.lab, shmlab.Setting{InsideLocks: test.inside}, func(t *testing.T, bench *shmlab.Bench) {
				told := traced(t, bench, script(t, test.script))
				if got := story(told); told.Verdict != test.verdict || told.Message != test.message || got != test.story {
					t.Errorf("%v %q\n%s\nexpected %v %q\n%s", told.Verdict, told.Message, got, test.verdict, test.message, test.story)
				}
			})
		})
	}
}

// TestHandleFree: an actor that nobody steps handles a signal where it yields,
// and as often as it looks, once for each time.
func TestHandleFree(t *testing.T) {
	p := shmlab.NewProc(0)
	came := 0
	p.Handle(trace.Usr2, func() {
		came++
		p.Yield() // held back: does not come again
	})
	defer p.Handle(trace.Usr2, func() {}) // the test must not die of a late one
	for sent := 1; sent <= 3; sent++ {
		if err := unix.Kill(os.Getpid(), unix.SIGUSR2); err != nil {
			t.Fatal(err)
		}
		for end := shmlab.In(10 * time.Second); came < sent && shmlab.In(0) < end; {
			p.Yield()
		}
		if came != sent {
			t.Fatalf("%d of %d signals came", came, sent)
		}
	}
}

// TestHandleWrong: a handler for what is no signal is a mistake.
func TestHandleWrong(t *testing.T) {
	defer func() {
		if r := recover(); r != "shmlab: kill is no signal that can be handled" {
			t.Errorf("it panicked with %v", r)
		}
	}()
	shmlab.NewProc(0).Handle(trace.Kill, func() {})
}
