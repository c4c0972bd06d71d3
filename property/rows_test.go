package property_test

import (
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// No step is without a row: whoever counts along misses nothing, be it a
// semaphore's, a queue's or the repair of a lock.
func TestEveryStepHasARow(t *testing.T) {
	seen := map[trace.Kind]bool{}
	for _, lab := range workload.Catalog {
		if lab.Describe().FreeOnly {
			continue
		}
		bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines})
		if err != nil {
			t.Fatal(err)
		}
		random := inject.NewRandom(1)
		for range 5 {
			random.Begin()
			made, err := bench.Trace(random)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range made.Events {
				if e.Kind.Point() && property.Rows(made, e.Step) == "" {
					t.Errorf("%s: step %d has no row: %v", made.Schedule.Lab, e.Step, e)
				}
				seen[e.Kind] = true
			}
		}
		bench.Close()
	}
	for _, kind := range []trace.Kind{trace.RLock, trace.RUnlock, trace.Acquire, trace.Release, trace.ReadCheck, trace.Yield} {
		if !seen[kind] {
			t.Errorf("no lab has a %v: what is not met is not looked at", kind)
		}
	}
}

// Where not all rows have room, those are kept that say what was changed, and how
// it ends.
func TestWhatIsLeftOutWeighsLeast(t *testing.T) {
	for name, wants := range map[string][]string{
		"condition/no-sequence": {" Items := 1\n", "WAITS for Sleepers\n", "\n      ... "},
		"eintr/counts-again":    {" Waiting 1 -> 2\n", " Waiting 2 -> 1\n", "WAITS for Waiting\n", "\n      ... "},
		"barrier/one-shot":      {" Come 0 -> 1\n", " Come 2 -> 3\n", " FAILED\n", "\n      ... "},
	} {
		lab, err := workload.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		text := explored(t, lab, shmlab.Coroutines, 1).Failure.String()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
	}
}

// Who did not get a lock is not said to hold it: it was given up, or its taker
// must wait first.
func TestALockThatIsNotGot(t *testing.T) {
	for name, want := range map[string]string{
		"robustcond/inconsistent": "does not get Mu\n",
		"rwlock/upgrade":          "does not get Lock\n",
	} {
		lab, err := workload.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		text := failed(t, lab, shmlab.Coroutines).String()
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", name, want, text)
		}
	}
}
