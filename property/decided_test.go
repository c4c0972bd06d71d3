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

// Every failure says what decides, or that and how it was looked for.
func TestEveryFailureSaysWhatDecides(t *testing.T) {
	eachLab(t, true, func(t *testing.T, lab shmlab.AnyLab) {
		text := failed(t, lab, shmlab.Coroutines).String()
		if n := strings.Count(text, "What decides: "); n != 1 {
			t.Errorf("it is said %d times in\n%s", n, text)
		}
	})
}

// What decides is the nearest to what went wrong: data that comes after its index,
// the wake that comes before the sleep, the second lock of a circle, the fault that
// takes a lock along. Where the order of no two accesses does, that is said.
func TestWhatDecides(t *testing.T) {
	for name, want := range map[string]string{
		"ring/publishes-first": `What decides: B reads Queue.Slots[0] (ring.go:0) in step 5, before
              A writes Queue.Slots[0] (ring.go:0), which never comes.
  B held no lock, A held no lock. With that before step 5 it holds.
`,
		"barrier/one-shot": `before
              A changes Phase[0] (barrier.go:0), which never comes.
`,
		"condition/no-sequence": `What decides: B wakes Sleepers (condition.go:0) in step 8, before
              A waits at Sleepers (condition.go:0) in step 9.
`,
		"mutex/never-wakes": `What decides: A waits at Lock (mutexes.go:0) in step 5, before
              B writes Lock (mutexes.go:0) in step 7.
  A held no lock, B held no lock. With step 7 before step 5 it holds.
Lost wake-up: A sleeps for ever on Lock since step 5. It`,
		"philosophers/left-first": `What decides: B locks Forks[1] (philosophers.go:0) in step 2, before
              A locks Forks[1] (philosophers.go:0), which never comes.
  B held no lock, A held Forks[0]. With that before step 2 it holds.
`,
		"robust/plain-mutex":       "What decides: B is KILLED in step 2, after its step 1 (robust.go:0). Without\n  that it holds.\n",
		"rwlock/only-a-mutex":      "What decides: no two accesses. One pair was swapped, and it fails as well.\n",
		"timeout/stays-in-queue":   " pairs were swapped, and it fails as well.\n",
		"semaphore/posts-twice":    "What decides: nothing. One actor has one order of steps, and fails in it.\n",
		"mutex/forgets-sleepers":   "What decides: A waits at Lock",
		"semaphore/wakes-from-0":   "What decides: A waits at Permits",
		"poisoned/handshake":       "What decides: A is KILLED",
		"handler/locks":            "What decides: A gets USR1 in step 2, after its step 1 ",
		"lastwords/unlinked-first": "What decides: A is KILLED",
	} {
		lab, err := workload.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		text := at.ReplaceAllString(failed(t, lab, shmlab.Coroutines).String(), ".go:0")
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", name, want, text)
		}
	}
}

// An impatient waits for a flag, but not for ever, and then is sure that it is set.
var impatient = shmlab.Lab[struct{ Flag shmlab.Uint32 }]{
	Name: "test/impatient", Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(shmlab.Size) []shmlab.Actor[struct{ Flag shmlab.Uint32 }] {
		return []shmlab.Actor[struct{ Flag shmlab.Uint32 }]{
			{Name: "waits", Body: func(p *shmlab.Proc, s *struct{ Flag shmlab.Uint32 }) {
				_ = s.Flag.Wait(p, 0, shmlab.In(1)) // whatever ended it
				p.Assert(s.Flag.Load(p) == 1, "the flag is not set")
			}},
			{Name: "sets", Body: func(p *shmlab.Proc, s *struct{ Flag shmlab.Uint32 }) {
				s.Flag.Store(p, 1)
				s.Flag.Wake(p, 1)
			}},
		}
	},
}

// A deadline that passes early decides as another fault does.
func TestTimeoutDecides(t *testing.T) {
	r := whatever(t, impatient, property.Options{
		Setting: shmlab.Setting{Host: shmlab.Coroutines},
		Inject:  inject.Options{Faults: inject.Faults{Each: []trace.Fault{trace.Timeout}}},
	})
	if r.Failure == nil {
		t.Fatal("it holds")
	}
	if text := r.Failure.String(); !strings.Contains(text, "What decides: the time of A is UP in step 2, after its step 1") {
		t.Error(text)
	}
}

// What was found out stays when a report is written and read.
func TestWhatDecidesIsKept(t *testing.T) {
	for _, lab := range []shmlab.AnyLab{workload.RingPublishesFirst, workload.RobustPlainMutex, workload.RWLockOnlyMutex} {
		f := failed(t, lab, shmlab.Coroutines)
		b, err := f.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var g property.Failure
		if err := g.UnmarshalJSON(b); err != nil {
			t.Fatal(err)
		}
		if f.String() != g.String() {
			t.Errorf("written:\n%s\nread:\n%s", f, &g)
		}
	}
}
