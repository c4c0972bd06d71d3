package workload_test

import (
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A writer that is stopped or killed between the words leaves half a record for
// whoever reads then, with every seed.
func TestTornWithEverySeed(t *testing.T) {
	bench := open(t, workload.TornStopped, shmlab.Setting{Size: shmlab.Size{Actors: 3}}, shmlab.Processes)
	for _, fault := range []trace.Fault{trace.Stop, trace.Kill} {
		schedules := map[string]bool{}
		for seed := range uint64(100) {
			run, err := bench.Run(begun(inject.NewPlay(inject.Scene{Fault: fault, Before: 1, Others: 2}, seed)))
			if err != nil {
				t.Fatal(err)
			}
			s := bench.Schedule(run)
			if schedules[s.String()] = true; run.Verdict != trace.Violated {
				t.Errorf("seed %d: %v: %v", seed, &s, run.Verdict)
			}
		}
		if len(schedules) < 10 {
			t.Errorf("%d schedules with a %v, expected them to differ", len(schedules), fault)
		}
	}
}

// What is torn is healed when the writer goes on, and for ever if it is killed.
func TestTornHeals(t *testing.T) {
	for _, test := range []struct {
		scene    inject.Scene
		schedule string
		saw      string
	}{
		{inject.Scene{Fault: trace.Stop, Before: 1, Pause: 2}, "A stop(A) B2 cont(A) A B2", "the reader sees Hi 1, Lo 0 and later Hi 1, Lo 1"},
		{inject.Scene{Fault: trace.Kill, Before: 1}, "A kill(A) B4", "the reader sees Hi 1, Lo 0 and later Hi 1, Lo 0"},
	} {
		told := traced(t, open(t, workload.TornStopped, shmlab.Setting{}, shmlab.Processes), begun(inject.NewPlay(test.scene, 1)))
		_, steps, _ := strings.Cut(told.Schedule.String(), " : ")
		if told.Message != test.saw || steps != test.schedule {
			t.Errorf("%v: %q, expected %s: %q", &told.Schedule, told.Message, test.schedule, test.saw)
		}
	}
}

// The right ones show no half of a write in 10,000 schedules in which the writer
// is stopped somewhere and goes on, and the mortal ones also if it is killed.
func TestTornNeverWhenRight(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n /= 10
	}
	for _, lab := range workload.Torn {
		d := lab.Describe()
		if d.Why != "" {
			continue
		}
		bench := open(t, lab, shmlab.Setting{Size: shmlab.Size{Actors: 3, Ops: 2}}, shmlab.Coroutines)
		faults := []trace.Fault{trace.Stop}
		if d.Mortal {
			faults = append(faults, trace.Kill)
		}
		for _, fault := range faults {
			hit := 0
			for i := range n {
				scene := inject.Scene{Fault: fault, Before: i % 9, Others: i % 13, Pause: i % 5}
				run, err := bench.Run(begun(inject.NewPlay(scene, uint64(i))))
				if err != nil {
					t.Fatal(err)
				}
				for _, decision := range run.Decisions {
					if decision.Fault == fault {
						hit++
					}
				}
				if run.Verdict != trace.Holds {
					s := bench.Schedule(run)
					t.Fatalf("%v: %v: %v", &s, run.Verdict, run.Reason)
				}
			}
			if hit < n/2 {
				t.Errorf("%s: %d of %d schedules had a %v, expected most", d.Name, hit, n, fault)
			}
			t.Logf("%s: %d schedules, %d with a %v, none is torn", d.Name, n, hit, fault)
		}
	}
}

func begun(s shmlab.Strategy) shmlab.Strategy {
	s.Begin()
	return s
}
