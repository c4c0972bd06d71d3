package shmlab_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// mischief is labs whose actors do what no actor should, by name.
func mischief(name string, deed deed) shmlab.Lab[board] {
	return served(play("mischief/"+name, func(p *shmlab.Proc, s *board) {
		s.X.Set(p, 1)
		deed(p, s)
		s.X.Set(p, 2)
	}, func(p *shmlab.Proc, s *board) { s.Y.Set(p, 1) }))
}

var (
	exits     = mischief("exit", func(*shmlab.Proc, *board) { os.Exit(7) })
	succeeds  = mischief("exit-0", func(*shmlab.Proc, *board) { os.Exit(0) })
	killsSelf = mischief("signal", func(*shmlab.Proc, *board) { syscall.Kill(os.Getpid(), syscall.SIGTERM) })
	faults    = mischief("fault", func(_ *shmlab.Proc, s *board) { *(*int)(unsafe.Add(unsafe.Pointer(s), 1<<40)) = 1 })
	readsNil  = mischief("nil", func(_ *shmlab.Proc, s *board) { s.X.Init(*(*int64)(nil)) })
	throws    = mischief("throw", func(*shmlab.Proc, *board) {
		m := map[int]int{}
		go func() { panic("in the background\nand more") }()
		for {
			m[0]++
			runtime.Gosched()
		}
	})
	panics = mischief("panic", func(*shmlab.Proc, *board) { panic(fmt.Errorf("of its own accord")) })
	sleeps = mischief("sleep", func(*shmlab.Proc, *board) { time.Sleep(time.Hour) })
	blocks = mischief("block", func(*shmlab.Proc, *board) { select {} })
	loops  = mischief("loop", func(*shmlab.Proc, *board) {
		for i := 0; ; i++ {
		}
	})
	babbles = mischief("babble", func(*shmlab.Proc, *board) {
		line := bytes.Repeat([]byte("nonsense "), 1000)
		for range 400 {
			os.Stderr.Write(line)
		}
	})
	babblesThenDies = mischief("babble-die", func(*shmlab.Proc, *board) {
		fmt.Fprintln(os.Stderr, "the last words")
		os.Exit(1)
	})
	asserts = mischief("assert", func(p *shmlab.Proc, s *board) { p.Assert(false, "X is %d", 1) })
	goexits = mischief("goexit", func(*shmlab.Proc, *board) { runtime.Goexit() })
)

// Whatever an actor's process does to itself is a verdict and one line of why,
// and the next run is as good as any.
func TestMischief(t *testing.T) {
	for _, test := range []struct {
		lab     shmlab.Lab[board]
		verdict trace.Verdict
		reason  string
	}{
		{exits, trace.Violated, "A died: exit status 7"},
		{succeeds, trace.Violated, "A died: exit status 0"},
		{killsSelf, trace.Violated, "A died: signal: terminated"},
		{faults, trace.Violated, "A panicked: runtime error: invalid memory address or nil pointer dereference"},
		{readsNil, trace.Violated, "A panicked: runtime error: invalid memory address or nil pointer dereference"},
		{throws, trace.Violated, "A died: exit status 2: panic: in the background"},
		{panics, trace.Violated, "A panicked: of its own accord"},
		{blocks, trace.Stuck, "A has not come back from Set for 300ms: it blocks or loops outside of any point"},
		{sleeps, trace.Stuck, "A has not come back from Set for 300ms: it blocks or loops outside of any point"},
		{loops, trace.Stuck, "A has not come back from Set for 300ms: it blocks or loops outside of any point"},
		{babbles, trace.Holds, "<nil>"},
		{babblesThenDies, trace.Violated, "A died: exit status 1: the last words"},
		{asserts, trace.Violated, "X is 1"},
		{goexits, trace.Stuck, "A has not come back from Set for 300ms: it blocks or loops outside of any point"},
	} {
		t.Run(test.lab.Name, func(t *testing.T) {
			t.Parallel() // some wait most of the time
			set := shmlab.Setting{}
			if test.verdict == trace.Stuck {
				set.Guard = 300 * time.Millisecond
			}
			mischievous(t, open(t, test.lab, set), test.verdict, test.reason)
		})
	}
}

func mischievous(t *testing.T, bench *shmlab.Bench, verdict trace.Verdict, reason string) {
	t.Helper()
	for range 2 {
		run, err := bench.Run(script(t, "A A B"))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(run.Reason); run.Verdict != verdict || got != reason || strings.Contains(got, "\n") {
			t.Errorf("%v: %s\nexpected %v: %s", run.Verdict, got, verdict, reason)
		}
		if run, err := bench.Run(script(t, "kill(A) B")); err != nil || run.Verdict != trace.Holds {
			t.Errorf("the next run: %v: %v, %v", run.Verdict, run.Reason, err)
		}
	}
}

// never comes to no point at all.
var never = served(play("mischief/never", func(*shmlab.Proc, *board) { select {} }))

func TestNoPointAtAll(t *testing.T) {
	run, err := open(t, never, shmlab.Setting{Guard: 300 * time.Millisecond}).Run(script(t, "A"))
	const want = "A has not come to its first point for 300ms: it blocks or loops outside of any point"
	if err != nil || run.Verdict != trace.Stuck || run.Reason.Error() != want {
		t.Errorf("%v: %v, %v, expected %s", run.Verdict, run.Reason, err, want)
	}
}

// On coroutines what can be survived gives the same line.
func TestMischiefOfCoroutines(t *testing.T) {
	for _, test := range []struct {
		lab    shmlab.Lab[board]
		reason string
	}{
		{panics, "A panicked: of its own accord"},
		{readsNil, "A panicked: runtime error: invalid memory address or nil pointer dereference"},
		{faults, "A panicked: runtime error: invalid memory address or nil pointer dereference"},
		{asserts, "X is 1"},
	} {
		mischievous(t, open(t, test.lab, shmlab.Setting{Host: shmlab.Coroutines}), trace.Violated, test.reason)
	}
}

// A program that does not serve a lab cannot run it on processes, and says so.
func TestNotServed(t *testing.T) {
	_, err := shmlab.Open(play("nobody/serves", locks), shmlab.Setting{})
	want := "lab nobody/serves is not served to processes: expected shmlab.Serve(lab) first in main or TestMain"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nexpected %s", err, want)
	}
}

// A worker that cannot be one says why, and Open tells it.
func TestWorkerDoesNotStart(t *testing.T) {
	type other struct{ Z shmlab.Var[int8] }
	changed := shmlab.Lab[other]{Name: "step/two", Size: shmlab.Size{Actors: 1}, Actors: func(size shmlab.Size) []shmlab.Actor[other] {
		return shmlab.Each(size.Actors, "does", func(p *shmlab.Proc, s *other) { s.Z.Set(p, 1) })
	}}
	_, err := shmlab.Open(changed, shmlab.Setting{})
	if err == nil || !strings.HasPrefix(err.Error(), "actors cannot be processes here: worker A did not start: exit status 3: shmlab: worker: the region is for a state of ") {
		t.Errorf("%v, expected the worker's reason", err)
	}
}
