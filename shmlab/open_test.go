package shmlab_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// What cannot be run is refused with one line that says what was expected.
func TestOpenRefuses(t *testing.T) {
	none := shmlab.Lab[board]{Name: "open/none"}
	for _, test := range []struct {
		lab  shmlab.AnyLab
		size shmlab.Size
		want string
	}{
		{tally, shmlab.Size{Actors: 65}, "65 actors: expected 1 to 64"},
		{tally, shmlab.Size{Actors: -1}, "-1 actors: expected 1 to 64"},
		{tally, shmlab.Size{Ops: -1}, "-1 operations of each actor: expected 1 to 1000000000"},
		{tally, shmlab.Size{Ops: shmlab.MaxOps + 1}, "1000000001 operations of each actor: expected 1 to 1000000000"},
		{twoSet, shmlab.Size{Actors: 3}, "lab step/two has 2 actors and cannot have 3"},
		{none, shmlab.Size{}, "lab open/none has no actors: expected a function Actors"},
	} {
		for _, host := range hosts {
			bench, err := shmlab.Open(test.lab, shmlab.Setting{Host: host, Size: test.size})
			if err == nil {
				bench.Close()
			}
			if fmt.Sprint(err) != test.want {
				t.Errorf("%v: %v\nexpected %s", host, err, test.want)
			}
		}
	}
}

func TestDefaults(t *testing.T) {
	bench := open(t, tally, shmlab.Setting{Host: shmlab.Coroutines})
	want := shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 2, Ops: 1}, Steps: shmlab.DefaultSteps, Guard: shmlab.DefaultGuard}
	if !reflect.DeepEqual(bench.Setting(), want) || bench.Lab().Name != "tally/unlocked" {
		t.Errorf("%+v, expected %+v", bench.Setting(), want)
	}
	if d := (shmlab.Lab[board]{}).Describe(); d.Size != (shmlab.Size{Actors: 1, Ops: 1}) || d.CountsLost || d.FreeOnly {
		t.Errorf("%+v", d)
	}
}

func TestParseHost(t *testing.T) {
	for _, host := range hosts {
		if got, err := shmlab.ParseHost(host.String()); err != nil || got != host {
			t.Errorf("%v: %v, %v", host, got, err)
		}
	}
	if _, err := shmlab.ParseHost("threads"); err == nil || err.Error() != `no host is called "threads": expected processes or coroutines` {
		t.Error(err)
	}
}

// An event has the actor's own line, also when the access is deep in a primitive
// and when the actor is another process.
func TestEventLines(t *testing.T) {
	inside := twoLock
	onBoth(t, inside, shmlab.Setting{InsideLocks: true}, func(t *testing.T, bench *shmlab.Bench) {
		for _, e := range traced(t, bench, script(t, "A B A")).Events {
			want := map[trace.Kind]string{
				trace.CompareAndSwap: "s.Mu.Lock(p)", trace.Swap: "s.Mu.Lock(p)", trace.Get: "s.X.Set(p, s.X.Get(p)+1)", trace.Set: "s.X.Set(p, s.X.Get(p)+1)",
			}[e.Kind]
			if e.Kind == trace.Swap && e.Wrote == "0" {
				want = "s.Mu.Unlock(p)"
			}
			if want != "" && (e.Code != want || !strings.HasPrefix(e.At, "scheduler_test.go:")) {
				t.Errorf("%v: expected code %q", &e, want)
			}
		}
	})
}

// A lab that brings its source is told from that, wherever it runs.
func TestEventLinesOfSource(t *testing.T) {
	for _, test := range []struct {
		source fstest.MapFS
		code   string
	}{
		{fstest.MapFS{"main_test.go": {Data: []byte(strings.Repeat("\t its own line \n", 60))}}, "its own line"},
		{fstest.MapFS{"main_test.go": {Data: []byte("too short")}}, ""},
		{fstest.MapFS{}, ""},
	} {
		lab := tally
		lab.Source = test.source
		told := traced(t, open(t, lab, shmlab.Setting{Host: shmlab.Coroutines}), script(t, "A"))
		if e := told.Events[0]; e.Kind != trace.Get || e.Code != test.code || !strings.HasPrefix(e.At, "main_test.go:") {
			t.Errorf("%v: expected code %q", &e, test.code)
		}
	}
}

// A run is from the lab's initial state each time, and State tells what is left.
func TestState(t *testing.T) {
	lab := tally
	lab.Setup = func(s *sum, size shmlab.Size) { s.Count.Init(int64(10 * size.Actors)) }
	onBoth(t, lab, shmlab.Setting{}, func(t *testing.T, bench *shmlab.Bench) {
		hashes := map[string]uint64{}
		for _, test := range [][2]string{{"A A B B", "Count=22"}, {"A B A B", "Count=21"}, {"A A B B", "Count=22"}} {
			if _, err := bench.Run(script(t, test[0])); err != nil {
				t.Fatal(err)
			}
			if bench.State() != test[1] {
				t.Errorf("%s: %s, expected %s", test[0], bench.State(), test[1])
			}
			if h, ok := hashes[test[1]]; ok && h != bench.StateHash() {
				t.Error("equal states have two hashes")
			}
			hashes[test[1]] = bench.StateHash()
		}
		if hashes["Count=21"] == hashes["Count=22"] {
			t.Error("two states have one hash")
		}
	})
}
