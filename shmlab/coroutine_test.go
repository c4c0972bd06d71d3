package shmlab_test

import (
	"runtime"
	"testing"
	"time"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// late is a strategy that panics when the run is over.
type late struct{ shmlab.Strategy }

func (late) End(*shmlab.Choice) { panic("too late") }

// quits is an actor that ends its goroutine, as FailNow of a test does, among
// others that stand at points and defer.
var quits = play("coroutine/quits", locks, func(p *shmlab.Proc, s *board) {
	s.Y.Set(p, 1)
	runtime.Goexit()
}, locks, func(p *shmlab.Proc, s *board) {
	defer s.X.Set(p, 7)
	s.Y.Set(p, 2)
	s.Y.Set(p, 3)
})

// noMore fails the test if there are more goroutines than before, and stay.
func noMore(t *testing.T, before int) {
	t.Helper()
	n := runtime.NumGoroutine()
	for begun := time.Now(); n > before && time.Since(begun) < 10*time.Second; n = runtime.NumGoroutine() {
		time.Sleep(time.Millisecond) // one that has done all that it has to do may not have ended yet
	}
	if n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// What ends an actor's coroutine, and not its code alone, ends the goroutine that
// called Run in the same way, whoever has changed places with whom before; and when
// the bench is closed no coroutine is left.
func TestCoroutinesEndTogether(t *testing.T) {
	for _, test := range []struct {
		name string
		lab  shmlab.AnyLab
		play string
		over bool // the strategy panics when the run is over
	}{
		{"Goexit at once", quits, "B", false},
		{"Goexit after others", quits, "D A D A B", false},
		{"Goexit at last", quits, "A D A A D A C C D B", false},
		{"End panics", tidies, "A A A A", true},
		{"End panics after others", play("coroutine/three", locks, locks, locks), "C A B", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			before, strategy := runtime.NumGoroutine(), script(t, test.play)
			if test.over {
				strategy = late{strategy}
			}
			done := make(chan any, 1)
			go func() {
				defer func() { done <- recover() }()
				bench, err := shmlab.Open(test.lab, shmlab.Setting{Host: shmlab.Coroutines})
				if err != nil {
					panic(err)
				}
				defer bench.Close()
				run, err := bench.Run(strategy)
				t.Errorf("Run returns %v: %v, %v", run.Verdict, run.Reason, err)
			}()
			if r := <-done; r != nil != test.over || test.over && r != "too late" {
				t.Errorf("%v comes out of Run", r)
			}
			noMore(t, before)
		})
	}
}

// However those who changed places with each other are seated, all are found again
// when the bench is closed, be it in the middle of everything.
func TestCoroutinesAreClosed(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, test := range []string{"", "A", "C B A", "A B C D D C B A", "D A D A B B C A"} {
		bench, err := shmlab.Open(play("coroutine/four", locks, locks, locks, locks), shmlab.Setting{Host: shmlab.Coroutines, Steps: 20})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if run, err := bench.Run(script(t, test)); err != nil || run.Verdict == trace.Stuck {
				t.Errorf("%q: %v: %v, %v", test, run.Verdict, run.Reason, err)
			}
		}
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	}
	noMore(t, before)
}
