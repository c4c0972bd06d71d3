package workload_test

import (
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// ladder are the labs of locks and the like. A right one has no Why.
var ladder = slices.Concat(workload.Mutexes, workload.Software, workload.Conditions, workload.Semaphores,
	workload.Barriers, workload.RWLocks, workload.Rings, workload.Torn, workload.SeqLocks, workload.Philosophers, workload.Polite,
	workload.Handlers, workload.Interrupted, workload.SpuriousWakes, workload.Timeouts)

// tooLarge are the labs whose schedules with points inside of locks are
// too many to try all of: those with up to two preemptions are tried.
var tooLarge = []string{"condition/if", "philosophers/waiter"}

// Each wrong lock is found wrong, each right one is right in all schedules of
// its size: its operations whole, and every access of theirs by itself.
func TestLadder(t *testing.T) {
	for _, lab := range ladder {
		d := lab.Describe()
		if (d.Mortal || len(d.Faults) > 0) && d.Why != "" {
			continue // see TestCrashes and TestFaults
		}
		t.Run(d.Name, func(t *testing.T) {
			for _, inside := range []bool{false, true} {
				var s shmlab.Strategy = inject.NewDPOR()
				if inside && slices.Contains(tooLarge, d.Name) {
					s = inject.NewDFS(inject.Bound{Preemptions: 2, Delays: inject.Unbounded})
				}
				runs, bad := every(t, lab, shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: inside}, s)
				t.Logf("inside %v: %d schedules, %v", inside, runs, bad)
				if wrong := d.Why != ""; wrong != bad.Bad() {
					t.Errorf("inside %v: after %d schedules the verdict is %v, and the lab is wrong: %v", inside, runs, bad, wrong)
				}
			}
		})
	}
}

// every runs a lab until a schedule is bad, or there is none left.
func every(t *testing.T, lab shmlab.AnyLab, set shmlab.Setting, s shmlab.Strategy) (runs int, worst trace.Verdict) {
	t.Helper()
	b, err := shmlab.Open(lab, set)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for s.Begin() {
		run, err := b.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		if runs++; run.Verdict.Bad() {
			tr, err := b.Trace(inject.NewReplay(slices.Clone(run.Decisions)))
			if err != nil {
				t.Fatal(err)
			}
			t.Log(tr.Schedule.String(), tr.Message)
			return runs, run.Verdict
		} else if run.Verdict != trace.Holds && run.Verdict != trace.Undecided {
			t.Fatalf("%v: %v", b.Schedule(run), run.Reason)
		}
		if testing.Short() && runs == 10_000 {
			break
		}
		if runs == 3_000_000 {
			t.Fatalf("%d schedules are not all", runs)
		}
	}
	return runs, trace.Holds
}
