package race_test

import (
	"fmt"
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A log is a detector that remembers what it was told.
type log struct {
	race.Detector
	accesses []trace.Access
}

func (l *log) Take(a *trace.Access) {
	l.accesses = append(l.accesses, *a)
	l.Detector.Take(a)
}

// races runs the lab once and tells what the detector found: who did what to
// which word, and how often that actor had done so before.
func (l *log) races(t *testing.T, bench *shmlab.Bench, run func() error) (told []string) {
	t.Helper()
	setting := bench.Setting()
	l.accesses = l.accesses[:0]
	l.Begin(setting.Size.Actors, setting.InsideLocks)
	bench.Watch(l)
	defer bench.Watch(nil)
	if err := run(); err != nil {
		t.Fatal(err)
	}
	side := func(n int) string {
		times, a := 0, l.accesses[n]
		for _, b := range l.accesses[:n] {
			if b.Actor == a.Actor && b.Kind == a.Kind {
				times++
			}
		}
		return fmt.Sprintf("%v %v number %d", a.Actor, a.Kind, times)
	}
	for _, pair := range l.End() {
		if l.accesses[pair.Access].Word != l.accesses[pair.Previous].Word {
			t.Errorf("a race between two words: %+v", pair)
		}
		told = append(told, side(pair.Previous)+", "+side(pair.Access))
	}
	return told
}

// same fails unless what was told is what the trace says: the same steps of the
// same actors on the same words, whatever they are called.
func (l *log) same(t *testing.T, made *trace.Trace) {
	t.Helper()
	names, words, n := map[uint32]string{}, map[string]uint32{}, 0
	for _, e := range made.Events {
		kind, fails := e.Kind, e.Note == "failed"
		switch {
		case kind == trace.Injected && e.Note == "kill":
			kind = trace.Died
		case kind == trace.Wait:
			fails = e.Note != "asleep"
		case kind == trace.Wake && e.Note == "", !kind.Point() && kind != trace.Died: // it is told of when it has taken effect
			continue
		}
		if n == len(l.accesses) {
			t.Fatalf("not told: %v\n%v", e, made)
		}
		a := l.accesses[n]
		if n++; a.Kind != kind || a.Actor != e.Actor || a.Failed != fails {
			t.Fatalf("told %+v, expected %v\n%v", a, e, made)
		}
		if e.Word == "" {
			continue
		}
		name, known := names[a.Word]
		word, met := words[e.Word]
		if known != met || known && (name != e.Word || word != a.Word) {
			t.Fatalf("%s is called %#x, %#x is called %q\n%v", e.Word, word, a.Word, name, made)
		}
		names[a.Word], words[e.Word] = e.Word, a.Word
	}
	if n != len(l.accesses) {
		t.Fatalf("told %+v, and the trace has no more\n%v", l.accesses[n], made)
	}
}

// found is what Find says of a trace, in the same words.
func found(made *trace.Trace) (told []string) {
	side := func(x *race.Access) string {
		times := 0
		for _, e := range made.Events[:slices.Index(made.Events, x.Event)] {
			if e.Actor == x.Actor && e.Kind == x.Kind {
				times++
			}
		}
		return fmt.Sprintf("%v %v number %d", x.Actor, x.Kind, times)
	}
	for _, r := range race.Find(made) {
		told = append(told, side(&r.Previous)+", "+side(&r.Access))
	}
	return told
}

// TestBothWays: what is told step by step, of a run that is written down and of
// one that is not, gives the races that the written trace gives: in every lab,
// on both hosts, with and without kills, whole primitives and looked into.
func TestBothWays(t *testing.T) {
	with := map[shmlab.Host]int{}
	for _, lab := range workload.Catalog {
		if lab.Describe().FreeOnly {
			continue
		}
		for _, setting := range []shmlab.Setting{
			{Host: shmlab.Coroutines}, {Host: shmlab.Coroutines, InsideLocks: true},
			{Host: shmlab.Processes}, {Host: shmlab.Processes, InsideLocks: true},
		} {
			n := 20
			if setting.Host == shmlab.Processes {
				n = 1
			}
			if testing.Short() {
				n = (n + 3) / 4
			}
			if testing.Short() && setting.Host == shmlab.Processes && !isRacy(lab.Describe()) {
				continue // processes are slow to start under Go's own detector
			}
			with[setting.Host] += bothWays(t, lab, setting, n)
		}
	}
	for _, host := range []shmlab.Host{shmlab.Coroutines, shmlab.Processes} {
		if t.Logf("%v: %d schedules with a race", host, with[host]); with[host] < 10 {
			t.Errorf("%v: a race in %d schedules only", host, with[host])
		}
	}
}

// bothWays returns in how many of n schedules there was a race.
func bothWays(t *testing.T, lab shmlab.AnyLab, setting shmlab.Setting, n int) (with int) {
	t.Helper()
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	l := &log{}
	for i, strategy := range []shmlab.Strategy{
		inject.NewRandom(6), inject.NewCrash(inject.NewRandom(7), 7),
		inject.NewPlay(inject.Scene{Fault: trace.Usr1, Before: 2}, 8), // of which one dies who has no handler
		inject.NewPlay(inject.Scene{Fault: trace.Stop, Before: 1, Actor: trace.Actor(min(1, bench.Setting().Size.Actors-1))}, 9),
	} {
		if i >= 2 && setting.Host == shmlab.Processes {
			break // each time some process is to be started again
		}
		for range n {
			strategy.Begin()
			var made *trace.Trace
			written := l.races(t, bench, func() (err error) {
				made, err = bench.Trace(strategy)
				return err
			})
			want := found(made)
			replay := inject.NewReplay(slices.Clone(made.Schedule.Decisions))
			replay.Begin()
			unwritten := l.races(t, bench, func() error {
				_, err := bench.Run(replay)
				return err
			})
			l.same(t, made)
			if !slices.Equal(written, want) || !slices.Equal(unwritten, want) {
				t.Fatalf("%s on %v: of the run %v, of the run written down %v, of its trace %v\n%v",
					lab.Describe().Name, setting.Host, unwritten, written, want, made)
			}
			if len(want) > 0 {
				with++
			}
		}
	}
	return with
}
